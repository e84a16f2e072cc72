"""Who calls, for which organization, how often, and what a request may use.

Belongs here: identity, the process's parts, the rate limit. Does not: routes, and how an answer is written (serving/).
"""
