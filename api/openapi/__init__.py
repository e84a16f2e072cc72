"""The OpenAPI 3.1 document, made of the models that validate requests and answers.

Belongs here: what each route's `Operation` becomes in the document, and what all routes have in common. Does not: the
models (schemas/), how a route is registered (serving/), and serving the page that shows it (routes/docs.py).
"""
