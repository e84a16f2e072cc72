"""The JSON API under Flask: figures, lists and alerts of one organization a request.

Belongs here: the application (app.py) and its server (server.py); what they are made of in rooms below, each knowing
only those under it: routes, access, serving, schemas. Does not: figures (warehouse/), judgement (alerts/).
"""
