"""How errors are answered: always {"detail", "request_id"} with the status that says whose fault it was.

Belongs here: the one error routes raise, and the handlers. Does not: the errors of the warehouse (warehouse/errors.py).
"""

import logging
from typing import Any

from flask import Flask, Response, g, jsonify, request
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

from alerts.database import unavailable
from api.serving.exact_numbers import exact_texts
from warehouse.errors import BadRequestError, CorbiError, WarehouseEmptyError, WarehouseUnavailableError

logger = logging.getLogger("api")

_STATUSES: tuple[tuple[type[CorbiError], int], ...] = (
    (BadRequestError, 400),
    (WarehouseEmptyError, 503),
    (WarehouseUnavailableError, 503),
)


class ApiError(Exception):
    """A request that can't be answered; `detail` is what the client reads, `more` are keys beside it."""

    def __init__(self, status: int, detail: str, **more: Any) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.more = more


def register_error_handlers(app: Flask) -> None:
    """Answers every error in the one form."""
    app.register_error_handler(ApiError, lambda error: error_answer(error.status, error.detail, **error.more))
    app.register_error_handler(OperationalError, lambda error: _corbi_error(unavailable(error)))
    app.register_error_handler(CorbiError, _corbi_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected)


def error_answer(status: int, detail: str, **more: Any) -> tuple[Response, int]:
    """An error as it is answered; the log line takes its reason from here."""
    g.reason = detail
    response = jsonify(exact_texts({"detail": detail, "request_id": g.get("request_id"), **more}))
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="corbi"'
    if status == 503:
        response.headers["Retry-After"] = "30"
    return response, status


def _corbi_error(error: CorbiError) -> tuple[Response, int]:
    return error_answer(next((status for kind, status in _STATUSES if isinstance(error, kind)), 500), str(error))


def _http_error(error: HTTPException) -> tuple[Response, int]:
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        allowed = ", ".join(sorted(error.valid_methods))
        response, status = error_answer(405, f"This path takes {allowed}; given: {request.method}.")
        response.headers["Allow"] = allowed
        return response, status
    if isinstance(error, NotFound) and request.routing_exception is error:
        return error_answer(404, "There is nothing at this path; /api/docs/ shows what there is.")
    return error_answer(error.code or 500, error.description or error.name)


def _unexpected(error: Exception) -> tuple[Response, int]:
    logger.error("unexpected error in request %s", g.get("request_id"), exc_info=error)
    return error_answer(500, "Something went wrong on our side. Please report it with the request_id.")
