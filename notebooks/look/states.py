"""What stands where figures can't: loading, nothing, not found.

Belongs here: their HTML. Does not: the banners of a whole page (frame.py).
"""

from html import escape

from notebooks.client.api import Answer, Trouble

EXPLANATIONS = {
    Trouble.DOWN: ("Can't be reached", "The API doesn't answer; this page tries again by itself."),
    Trouble.SIGNED_OUT: ("Signed out", "Sign in again to see this."),
    Trouble.FORBIDDEN: ("Not yours to see", "This belongs to an organization you are no member of."),
    Trouble.NOT_FOUND: ("Not there", "It was deleted, or belongs to another organization."),
    Trouble.REFUSED: ("Can't be asked so", ""),
}


def loading(height: int, what: str = "Loading") -> str:
    """A placeholder as high as what will stand there."""
    return f'<div class="corbi-loading" style="height:{height}px" role="status" aria-label="{escape(what)}"></div>'


def empty(title: str, text: str = "", height: int = 120) -> str:
    """There is nothing, and that is an answer."""
    return (
        f'<div class="corbi-empty" style="min-height:{height}px"><strong>{escape(title)}</strong>'
        f"<span>{escape(text)}</span></div>"
    )


def trouble(answer: Answer, height: int = 120) -> str:
    """Why a part of the page has no figures at all."""
    title, text = EXPLANATIONS.get(answer.trouble, ("No figures yet", "The first pass has not come through."))
    return empty(title, text or answer.detail, height)
