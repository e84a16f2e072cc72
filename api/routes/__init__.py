"""What can be asked: one blueprint a subject.

Belongs here: a route parses, calls one query, serialises. Does not: what is alike for all routes (serving/).
"""
