"""What an open page knows: its visitor, its address, and the API.

Belongs here: asking, and what came of it. Does not: drawing (look/), signing in (server/).
"""
