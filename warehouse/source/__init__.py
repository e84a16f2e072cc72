"""What is read of the operational database, and how: one snapshot a pass, rows that changed, little of each.

Belongs here: the tables and columns read, planning and reading, merging into raw tables. Does not: counting (rollups/).
"""
