"""The analysts' questions as SQL over the lake, and reading them as frames.

Belongs here: one `.sql` file a question, and the connection they are asked over. Does not: pictures (explore.py).
The lake is opened read only; values are bound, so an analysis is safe to give to others.
"""
