"""The lake as a place: connections to it, its tables, its state, its versions, and keeping its files few.

Belongs here: what reads and writes of any table need. Does not: which rows are read (source/) and what is counted
(rollups/).
"""
