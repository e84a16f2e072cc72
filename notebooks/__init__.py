"""The dashboards: marimo apps, one a question.

Belongs here: the apps alone; rooms below hold what they show (views), how it looks (look), what they ask (client), the
server (server) and the analysts' SQL (analyses). Does not: figures; an app asks the API, explore.py alone reads the lake.
"""
