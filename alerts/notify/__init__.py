"""Telling people: what a message says, and one module for each way to send it.

Belongs here: the parts that make and send one message. Does not: which messages there are and when they are tried
(alerts/delivery/).
"""
