"""What goes in and what comes out, as pydantic models: validation, documentation and types in one place.

Belongs here: parameters and answers, a module a subject. Does not: reading figures (warehouse/queries/) and routes.
"""
