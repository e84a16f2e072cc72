"""What alert rules judge: the last minutes of all organizations at once, one set-based statement a kind of fact.

Belongs here: reads over all organizations at a moment given. Does not: limits and judgement (alerts/), and anything
the API serves: it reads through warehouse.queries, which knows one organization only.
"""
