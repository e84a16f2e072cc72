"""The form of a route: what is asked for, what is answered, and everything in between that is alike for all.

Belongs here: `lake_endpoint` for answers read from the lake, `endpoint` for the others. Both register a route with
Flask and say enough of it for the OpenAPI document (openapi/). Does not: any route.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from flask import Blueprint, Response, current_app, request
from pydantic import BaseModel, ConfigDict

from api.schemas.shared import AnswerParameters, RefreshOut
from api.serving.answers import Listed, Paged, answer, body_of, is_known, kept_answer, not_modified
from api.serving.cache import Computed, Key
from api.serving.errors import ApiError
from api.serving.going_over import Compute
from api.serving.needs import Caller, needs
from api.serving.parameters import read_body, read_parameters
from api.serving.tables import CSV, Table
from warehouse.lake.versions import Version, latest_version
from warehouse.queries.scope import OrganizationLake

View = TypeVar("View", bound=Callable[..., Any])
Tabular = Callable[[Any], Table]


class NoParameters(BaseModel):
    """A route that takes none."""

    model_config = ConfigDict(extra="forbid")


@dataclass(frozen=True)
class Operation:
    """What the OpenAPI document says of a route.

    `answer` is one object's model, or an item's where `is_array`. An `is_open` route asks for no credentials. One that
    `is_platforms` has a path of the platform's own monitoring API, whose clients must work unchanged: parameters that
    it doesn't know mean nothing there, and a body may be a form.
    """

    summary: str
    description: str
    tag: str
    answer: type[BaseModel]
    parameters: type[BaseModel]
    method: str = "GET"
    body: type[BaseModel] | None = None
    is_array: bool = False
    has_table: bool = False
    is_fresh: bool = False
    acts: bool = False
    is_open: bool = False
    is_platforms: bool = False
    needs_organization: bool = True
    statuses: Mapping[int, str] = field(default_factory=dict)


def lake_endpoint(
    blueprint: Blueprint,
    rule: str,
    *,
    parameters: type[AnswerParameters],
    answer: type[BaseModel],
    table: Tabular | None = None,
    is_array: bool = False,
    is_platforms: bool = False,
    statuses: Mapping[int, str] | None = None,
) -> Callable[[View], View]:
    """Registers `view(lake, asked, **path)` as a GET that answers from one lake snapshot of the caller's organization.

    The view returns an `answer` (a Listed of them where `is_array`, a Paged where it is a page); its docstring becomes
    the documentation. It must depend on nothing but its arguments and the organization's alerts: its answer is kept
    until one of them changes.
    """

    def register(view: View) -> View:
        def serve(**path: Any) -> Response:
            who, asked = needs().caller(), read_parameters(parameters, ignore_unknown=is_platforms)
            return _from_lake(who, view, asked, path, table)

        operation = _described(
            view, blueprint.name, answer, parameters,
            is_array=is_array, has_table=table is not None, is_fresh=True, is_platforms=is_platforms,
            statuses=statuses or {},
        )  # fmt: skip
        _register(blueprint, rule, view, serve, operation)
        return view

    return register


def endpoint(
    blueprint: Blueprint,
    rule: str,
    *,
    answer: type[BaseModel],
    method: str = "GET",
    parameters: type[BaseModel] = NoParameters,
    body: type[BaseModel] | None = None,
    is_array: bool = False,
    acts: bool = False,
    is_platforms: bool = False,
    statuses: Mapping[int, str] | None = None,
) -> Callable[[View], View]:
    """Registers `view(caller, asked, **path)`, or `view(caller, asked, body, **path)` where there is a body.

    It returns a model, a Listed, or a Response, and is asked each time. With `acts` only the roles in
    CORBI_ALERT_ACTION_ROLES may; others get 403.
    """

    def register(view: View) -> View:
        def serve(**path: Any) -> Response:
            who = needs().caller()
            if acts:
                _require_action_role(who)
            asked = read_parameters(parameters, ignore_unknown=is_platforms)
            arguments = (who, asked) if body is None else (who, asked, read_body(body, or_form=is_platforms))
            return _answered(view(*arguments, **path))

        operation = _described(
            view,
            blueprint.name,
            answer,
            parameters,
            method=method,
            body=body,
            is_array=is_array,
            acts=acts,
            is_platforms=is_platforms,
            statuses=statuses or {},
        )
        _register(blueprint, rule, view, serve, operation)
        return view

    return register


def describe(
    *,
    answer: type[BaseModel],
    tag: str,
    parameters: type[BaseModel] = NoParameters,
    is_open: bool = False,
    needs_organization: bool = True,
    statuses: Mapping[int, str] | None = None,
) -> Callable[[View], View]:
    """Says what a plain Flask view answers, for the OpenAPI document."""

    def described(view: View) -> View:
        operation = _described(
            view, tag, answer, parameters,
            is_open=is_open, needs_organization=needs_organization, statuses=statuses or {},
        )  # fmt: skip
        view.operation = operation  # type: ignore[attr-defined]
        return view

    return described


def _from_lake(
    who: Caller,
    view: Callable[..., BaseModel | Listed | Paged],
    asked: AnswerParameters,
    path: Mapping[str, object],
    table: Tabular | None,
) -> Response:
    found = needs()
    as_table = table if _wants_csv(asked, table is not None) else None
    found.alerts.prepare()
    # A pass is asked for first: where one is started, what follows is at least not older.
    refresh = RefreshOut(**vars(found.refreshes.ask(who.organization))) if asked.force_refresh else None
    latest = latest_version(found.connections, who.organization.id)
    version = replace(latest, snapshot=found.going_over.snapshot(latest.snapshot, at_once=asked.force_refresh))
    key = Key(str(request.url_rule), who.organization.id, _asked_text(asked, path, as_table is not None), version)

    def compute(lake: OrganizationLake, alerts: int) -> Computed:
        result = view(lake, asked, **path)
        return Computed(*body_of(result, as_table), Version(lake.snapshot, alerts), lake.as_of, _headers(result))

    found.going_over.asked(key, _in_its_request(compute))
    if is_known(key) and not asked.force_refresh:
        return not_modified(key)

    def compute_now() -> Computed:
        with found.lakes.as_held(who.organization) as lake:
            return compute(lake, version.alerts)

    computed, cache = found.cache.get(key, compute_now, anew=asked.force_refresh)
    return kept_answer(computed, Key(key.endpoint, key.organization_id, key.asked, computed.version), cache, refresh)


def _in_its_request(compute: Compute) -> Compute:
    """The same for when the request is over: an answer may name the address that it was asked by."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    place = {"base_url": request.root_url, "path": request.path, "query_string": request.query_string.decode()}

    def computed(lake: OrganizationLake, alerts: int) -> Computed:
        with app.test_request_context(**place):
            return compute(lake, alerts)

    return computed


def _wants_csv(asked: AnswerParameters, has_table: bool) -> bool:
    accepted = request.accept_mimetypes
    prefers = asked.format is None and accepted.quality(CSV) > accepted.quality("application/json")
    if not (asked.format == "csv" or prefers):
        return False
    if not has_table and asked.format == "csv":
        raise ApiError(400, "Parameter 'format': this answer is no table; allowed: json.")
    return has_table


def _asked_text(asked: AnswerParameters, path: Mapping[str, object], as_csv: bool) -> str:
    chosen = asked.model_dump_json(exclude={"force_refresh", "format"}, exclude_defaults=True)
    return f"{sorted(path.items())} {chosen} {'csv' if as_csv else 'json'}"


def _headers(result: BaseModel | Listed | Paged) -> tuple[tuple[str, str], ...]:
    return () if isinstance(result, BaseModel) else result.headers


def _answered(result: BaseModel | Listed | Response) -> Response:
    if isinstance(result, Response):
        return result
    if isinstance(result, Listed):
        content, media_type = body_of(result, None)
        return Response(content, mimetype=media_type, headers=list(result.headers))
    return answer(result)


def _require_action_role(who: Caller) -> None:
    allowed = needs().settings.roles_that_act
    if who.role not in allowed:
        raise ApiError(403, f"The role {who.role!r} may look but not act; allowed: {', '.join(allowed)}.")


def _described(
    view: Callable[..., object], tag: str, answer: type[BaseModel], parameters: type[BaseModel], **more: Any
) -> Operation:
    summary, _, description = (view.__doc__ or "").strip().partition("\n")
    text = "\n".join(line.strip() for line in description.strip().splitlines())
    return Operation(summary.rstrip("."), text, tag, answer, parameters, **more)


def _register(
    blueprint: Blueprint, rule: str, view: Callable[..., object], serve: Callable[..., Response], operation: Operation
) -> None:
    serve.operation = operation  # type: ignore[attr-defined]
    blueprint.add_url_rule(rule, view.__name__, serve, methods=[operation.method])
