"""What each app shows: answers of the API to parts of a page.

Belongs here: one subject a module. Does not: asking for answers (the apps), charts and colours (look/).
"""
