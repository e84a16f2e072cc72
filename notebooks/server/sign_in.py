"""Signing in and out, and the start page.

Belongs here: the forms and the cookie. Does not: judging a token (people.py). A token comes in the body of a POST of our
own page, goes into an HttpOnly cookie, and is nowhere else.
"""

import re

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from notebooks.client.visit import Person
from notebooks.look.navigation import APPS
from notebooks.server.gate import is_own_origin
from notebooks.server.options import DEMO_USERS, Options
from notebooks.server.pages import page, refusal_page
from notebooks.server.people import Doorkeeper, Refusal, token_of

TOKEN_LENGTH = 8_000
OWN_PATH = re.compile(r"/(?![/\\])[^\\\x00-\x1f]*")


class SignIn:
    """The routes around the apps."""

    def __init__(self, options: Options, doorkeeper: Doorkeeper) -> None:
        self._options = options
        self._doorkeeper = doorkeeper
        self._base_path = options.base_path

    @property
    def routes(self) -> list[Route]:
        """What is served beside the apps."""
        return [
            Route("/", self._start, methods=["GET"]),
            Route("/sign-in", self._form, methods=["GET"]),
            Route("/sign-in", self._sign_in, methods=["POST"]),
            Route("/sign-out", self._sign_out, methods=["POST"]),
        ]

    async def _start(self, request: Request) -> Response:
        person = await self._doorkeeper.identify(token_of(request, self._options.token_cookie))
        if isinstance(person, Person):
            return page(
                "start.html", self._base_path, apps=APPS, person=person, frontend_url=self._options.frontend_url
            )
        if person.kind in ("api_down", "no_organization"):
            return refusal_page(person, self._base_path)
        return RedirectResponse(f"{self._base_path}/sign-in", 303)

    async def _form(self, request: Request) -> Response:
        reason = "Your sign-in has expired." if "expired" in request.query_params else ""
        return self._show_form(self._next(request.query_params.get("next")), reason, 200)

    async def _sign_in(self, request: Request) -> Response:
        if not is_own_origin(request, self._options):
            return JSONResponse({"detail": "Requests from other sites are refused."}, 403)
        form = await request.form()
        wanted = self._next(_text(form, "next"))
        token = self._token(form)
        person = await self._doorkeeper.identify(token)
        if token is None or isinstance(person, Refusal):
            return self._show_form(wanted, _why(person), 503 if _is_down(person) else 401)
        response = RedirectResponse(wanted, 303)
        response.set_cookie(
            self._options.token_cookie, token, httponly=True, samesite="lax", secure=self._options.is_https,
            path=f"{self._base_path}/",
        )  # fmt: skip
        return response

    async def _sign_out(self, request: Request) -> Response:
        if not is_own_origin(request, self._options):
            return JSONResponse({"detail": "Requests from other sites are refused."}, 403)
        response = RedirectResponse(f"{self._base_path}/sign-in", 303)
        response.delete_cookie(self._options.token_cookie, path=f"{self._base_path}/")
        return response

    def _token(self, form: FormData) -> str | None:
        user = _text(form, "demo_user")
        if user and self._options.demo_token is not None and user in DEMO_USERS:
            return self._options.demo_token(user)
        return _text(form, "token").removeprefix("Bearer ").strip()[:TOKEN_LENGTH] or None

    def _next(self, wanted: str | None) -> str:
        """Where to go after signing in: a path of ours, never another site."""
        is_ours = wanted and OWN_PATH.fullmatch(wanted) and wanted.startswith(f"{self._base_path}/")
        return wanted if wanted and is_ours else f"{self._base_path}/dashboard/"

    def _show_form(self, wanted: str, reason: str, status: int) -> Response:
        users = DEMO_USERS if self._options.demo_token is not None else {}
        return page("sign_in.html", self._base_path, status, wanted=wanted, reason=reason, demo_users=users)


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value.strip() if isinstance(value, str) else ""


def _is_down(person: Person | Refusal) -> bool:
    return isinstance(person, Refusal) and person.kind == "api_down"


def _why(person: Person | Refusal) -> str:
    if not isinstance(person, Refusal):
        return ""
    return {
        "no_token": "Paste a token first.",
        "bad_token": f"The platform's token was not accepted. {person.detail}".strip(),
        "no_organization": "This person belongs to no organization that is watched here.",
        "api_down": "The monitoring API doesn't answer; nobody can be signed in now.",
    }[person.kind]
