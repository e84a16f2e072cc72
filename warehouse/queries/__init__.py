"""Typed reads of one organization's figures, as the API serves them.

Belongs here: windows, buckets, figures. Does not: all organizations at once (facts/), and how an answer is written
(api/).
"""
