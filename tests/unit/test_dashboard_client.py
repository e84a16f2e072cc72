"""What can come of a call to the API, against a real HTTP server."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest

from notebooks.client.api import Api, Trouble

AS_OF = "2026-11-25T12:00:00.000Z"


class Answers(BaseHTTPRequestHandler):
    """Answers each path as it is told to, and remembers what it was asked with."""

    told: ClassVar[dict[str, tuple[int, Any, dict[str, str]]]] = {}
    asked: ClassVar[list[dict[str, str]]] = []

    def do_GET(self) -> None:
        """One answer; without JSON where None is told."""
        status, body, headers = self.told[self.path.partition("?")[0]]
        self.asked.append({**self.headers, "path": self.path})
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(b"<html>" if body is None else json.dumps(body).encode())

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    found = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=found.serve_forever)
    thread.start()
    Answers.told, Answers.asked = {}, []
    yield found
    found.shutdown()
    thread.join()
    found.server_close()


@pytest.fixture
def api(server: ThreadingHTTPServer) -> Api:
    return Api(f"http://127.0.0.1:{server.server_port}", lambda: "a.b.c", 7)


def test_each_status_is_a_trouble_of_its_own_and_shows_nothing(api: Api) -> None:
    troubles = {401: Trouble.SIGNED_OUT, 403: Trouble.FORBIDDEN, 404: Trouble.NOT_FOUND, 400: Trouble.REFUSED,
                429: Trouble.DOWN, 503: Trouble.DOWN}  # fmt: skip
    for status, trouble in troubles.items():
        Answers.told["/x/"] = (status, {"detail": "so it is"}, {})
        answer = api.get("/x/")
        assert (answer.trouble, answer.body, answer.detail) == (trouble, None, "so it is")


def test_while_the_api_is_down_the_last_good_answer_stays_and_is_stale(api: Api) -> None:
    Answers.told["/x/"] = (200, {"n": 1, "as_of": AS_OF, "age_seconds": 2.0}, {})
    assert not api.get("/x/", {"range": "7d"}).is_stale
    Answers.told["/x/"] = (502, None, {})
    answer = api.get("/x/", {"range": "7d"})
    assert (answer.trouble, answer.body["n"], answer.is_stale) == (Trouble.DOWN, 1, True)
    assert api.get("/x/", {"range": "24h"}).body is None


def test_a_signed_out_person_keeps_no_figures(api: Api) -> None:
    Answers.told["/x/"] = (200, {"n": 1, "as_of": AS_OF, "age_seconds": 2.0}, {})
    api.get("/x/")
    Answers.told["/x/"] = (401, {"detail": "The token has expired."}, {})
    assert api.get("/x/").body is None


def test_figures_of_an_old_pass_are_stale_though_the_api_answers(api: Api) -> None:
    Answers.told["/x/"] = (200, {"as_of": AS_OF, "age_seconds": 301.0}, {})
    assert api.get("/x/").is_stale


def test_a_bare_array_carries_its_freshness_and_total_in_headers(api: Api) -> None:
    Answers.told["/x/"] = (200, [1], {"X-As-Of": AS_OF, "X-Age-Seconds": "3.5", "X-Total-Count": "12"})
    answer = api.get("/x/")
    assert (answer.body, answer.age_seconds, answer.total) == ([1], 3.5, 12)
    assert answer.as_of is not None


def test_the_token_and_the_organization_go_into_headers_and_never_into_the_address(api: Api) -> None:
    Answers.told["/x/"] = (200, {}, {})
    api.get_all({"one": ("/x/", {"range": "7d", "channel": None}), "two": ("/x/", {})})
    assert {asked["path"] for asked in Answers.asked} == {"/x/?range=7d", "/x/"}
    assert {asked["Authorization"] for asked in Answers.asked} == {"Bearer a.b.c"}
    assert {asked["X-Org-ID"] for asked in Answers.asked} == {"7"}


def test_answers_that_differ_in_freshness_alone_show_the_same(api: Api) -> None:
    Answers.told["/x/"] = (200, {"n": 1, "as_of": AS_OF, "age_seconds": 2.0, "snapshot": 4, "cache": "miss"}, {})
    before = api.get("/x/")
    Answers.told["/x/"] = (200, {"n": 1, "as_of": AS_OF, "age_seconds": 9.0, "snapshot": 5, "cache": "hit"}, {})
    assert api.get("/x/").has_same_figures(before)
    Answers.told["/x/"] = (200, {"n": 2, "as_of": AS_OF, "age_seconds": 9.0}, {})
    assert not api.get("/x/").has_same_figures(before)
