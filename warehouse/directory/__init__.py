"""Who belongs to which organization, as what, and by which keys: a copy in the warehouse's PostgreSQL.

Belongs here: copying it and looking people up. Does not: tokens, and what a role may do (api/access/).
"""
