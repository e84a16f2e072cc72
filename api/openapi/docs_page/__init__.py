"""The files of the page that shows the OpenAPI document.

Belongs here: what the browser loads and flask-swagger-ui does not have. Does not: serving them (routes/docs.py).
"""
