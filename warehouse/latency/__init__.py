"""Latency as DDSketches: one of them, and columns of them.

Belongs here: buckets, merging, quantiles. Does not: where the values come from, and how rollups store them (rollups/).
"""
