"""Raw rows to rollups: 5 minutes, hours, days, lifetime; only what was touched is computed anew.

Belongs here: the SQL and the code that runs it. Does not: reading the source (source/) and answering questions
(queries/).
"""
