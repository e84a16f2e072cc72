"""What every request and answer has, whatever the route: the log line, limits of size, headers for browsers.

Belongs here: hooks before and after a request. Does not: who may call (access/), what is answered (serving/).
"""
