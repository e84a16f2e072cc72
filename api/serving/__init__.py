"""The form of a route: from parameters to an answer, its errors, pages, tables, cache and freshness.

Belongs here: what is alike for all routes. Does not: any route, and who calls (access/), which it only asks for.
"""
