"""The pages that are no notebooks: start, sign-in, and why nothing can be shown.

Belongs here: rendering the templates. Does not: who may see them (sign_in.py, gate.py).
"""

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from notebooks.look.palette import style_sheet
from notebooks.server.people import Refusal

FOLDER = Path(__file__).parent / "templates"


REFUSALS = {
    "api_down": ("The figures can't be reached", "The monitoring API doesn't answer. This page tries again by itself."),
    "no_organization": ("No organization", "You are signed in, but belong to no organization that is watched here."),
}


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def page(template: str, base_path: str, status: int = 200, **values: Any) -> HTMLResponse:
    """A template as a page of ours; `base_path` stands before each of its links."""
    text = _templates().get_template(template).render(styles=style_sheet(), base_path=base_path, **values)
    return HTMLResponse(text, status)


def refusal_page(refusal: Refusal, base_path: str) -> HTMLResponse:
    """Why a signed-in person sees nothing; where the API is down the page loads itself again."""
    title, explanation = REFUSALS[refusal.kind]
    is_down = refusal.kind == "api_down"
    return page(
        "refusal.html", base_path, 503 if is_down else 403, title=title, explanation=explanation,
        retry_seconds=5 if is_down else 0,
    )  # fmt: skip
