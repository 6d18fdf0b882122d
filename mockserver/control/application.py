"""The Flask application of the control API: each operation of its document at its path, each error as a problem."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qsl

import flask
from werkzeug.exceptions import HTTPException
from werkzeug.routing import BaseConverter

from mockserver.control.access import Access
from mockserver.control.exchanges.exchange_view import show_violation
from mockserver.control.exchanges.request_stream import RequestStream
from mockserver.control.routes import (
    api_routes,
    clock_routes,
    coverage_routes,
    document_routes,
    mcp_routes,
    near_miss_routes,
    outbox_routes,
    page_routes,
    readiness_routes,
    request_routes,
    server_routes,
    state_routes,
    verification_routes,
    world_routes,
)
from mockserver.control.routes.interventions import (
    fault_routes,
    mapping_routes,
    next_routes,
    scenario_routes,
    settings_routes,
)
from mockserver.control.scope import CONTROLLED, PREFIX, ControlScope, Handler, RecordExpectations, known_names
from mockserver.control.server_status import ServerStatus
from mockserver.engine.call import Call
from mockserver.engine.redaction.printable import printable
from mockserver.engine.service import Service
from mockserver.engine.steps.validate import JSON_TYPE, RequestValidator
from mockserver.json_text import Json, encode
from mockserver.messages import Request, Response
from mockserver.openapi.model.document import Document, load
from mockserver.openapi.model.operation import Operation
from mockserver.problem import INVALID, NO_METHOD, NO_OPERATION, PROBLEM_JSON, Problem, Unusable, Violation
from mockserver.state.commits.log import Transaction
from mockserver.state.worlds import Worlds

log = logging.getLogger(__name__)

DOCUMENT = Path(__file__).with_name("openapi.yaml")
UNLOCKED: Mapping[str, Handler] = {
    **api_routes.UNLOCKED,
    **mcp_routes.UNLOCKED,
    **outbox_routes.UNLOCKED,
    **readiness_routes.UNLOCKED,
    **server_routes.UNLOCKED,
    **request_routes.UNLOCKED,
    **world_routes.UNLOCKED,
    **document_routes.UNLOCKED,
    **verification_routes.UNLOCKED,
}
OF_NO_WORLD = {
    *mcp_routes.UNLOCKED,
    *readiness_routes.UNLOCKED,
    *world_routes.OF_ANY_WORLD,
    *server_routes.UNLOCKED,
}
"""What is answered whether or not a world can be read; a tool for agents, which needs one, says so itself."""

HANDLERS: Mapping[str, Handler] = {
    **server_routes.HANDLERS,
    **page_routes.HANDLERS,
    **request_routes.HANDLERS,
    **api_routes.HANDLERS,
    **state_routes.HANDLERS,
    **clock_routes.HANDLERS,
    **fault_routes.HANDLERS,
    **mapping_routes.HANDLERS,
    **next_routes.HANDLERS,
    **scenario_routes.HANDLERS,
    **outbox_routes.HANDLERS,
    **near_miss_routes.HANDLERS,
    **coverage_routes.HANDLERS,
    **settings_routes.HANDLERS,
    **UNLOCKED,
}


class ControlledMock(NamedTuple):
    """The mock that requests of its control API are about. `names` lists the served names by criterion; `expected` are
    the expectations for the records of a collection; `shutdown` ends the server, where that may be asked for; `status`
    is that of the process.
    """

    services: Mapping[str, Service]
    worlds: Worlds
    access: Access
    shutdown: Callable[[], None] | None
    status: ServerStatus
    names: Mapping[str, list[str]]
    expected: Mapping[tuple[str, str], RecordExpectations]


def controlled_mock(
    services: Mapping[str, Service],
    worlds: Worlds,
    access: Access,
    shutdown: Callable[[], None] | None,
    status: ServerStatus,
) -> ControlledMock:
    """The mock of these parts."""
    expected = _Expectations(services, worlds)
    return ControlledMock(services, worlds, access, shutdown, status, known_names(services), expected)


@cache
def control_app() -> flask.Flask:
    """The application, which is one for all mocks of the process: each request says in its environ (CONTROLLED) which
    of them it is about. Requests are validated like those to any API.
    """
    spec = load(DOCUMENT, "control")
    _refuse_loose_ends(spec)
    app = flask.Flask("mockserver.control", static_folder=None)
    app.url_map.merge_slashes = False
    app.url_map.converters.update(number=_Number, uuid_text=_Uuid, rest=_Rest)
    for operation in spec.operations:
        app.add_url_rule(
            PREFIX + _rule(operation),
            endpoint=operation.id,
            view_func=_view(operation, HANDLERS[operation.id], partial(_scope, spec)),
            methods=[operation.method],
            provide_automatic_options=False,
        )
    is_open = frozenset(operation.id for operation in spec.operations if not operation.security)

    def check_access() -> None:
        asked, endpoint = _request(), flask.request.endpoint or ""
        is_page = page_routes.is_page(endpoint, asked)
        access = _controlled().access
        access.check(asked.headers, is_open=endpoint in is_open and not is_page, is_page=is_page)
        problem: Problem | None = flask.request.environ.get("mockserver.problem")
        if problem is not None:
            raise problem

    def note(answer: flask.Response) -> flask.Response:
        _controlled().status.control.add(flask.request.endpoint or "", answer.status_code)
        answer.headers.setdefault("X-Content-Type-Options", "nosniff")
        return answer

    app.before_request(check_access)
    app.after_request(note)
    app.register_error_handler(Problem, _problem)
    app.register_error_handler(HTTPException, _no_such_route)
    app.register_error_handler(Exception, _failure)
    return app


def _view(
    operation: Operation, handler: Handler, scope_of: Callable[[], ControlScope]
) -> Callable[..., flask.Response]:
    """The view of one operation: validates the request, and runs the handler in a transaction unless it has to wait for
    other threads.
    """
    contract = RequestValidator(operation, any_media_type="")
    is_current = operation.id in UNLOCKED and operation.id not in OF_NO_WORLD
    handle = _current(handler) if is_current else handler if operation.id in UNLOCKED else _transaction(handler)

    def view(**path: str) -> flask.Response:
        scope = scope_of()
        call = Call(_request(), {}, scope.world.clock.now(), "")
        call.operation, call.path = operation, path
        contract.validate_request(call)
        _refuse_undeclared_query(operation, call.request.query)
        answer = (handler if page_routes.needs_no_world(call.request) else handle)(call, scope)
        return _answer(answer if isinstance(answer, Response) else Response(200, answer))

    return view


def _refuse_undeclared_query(operation: Operation, query: str) -> None:
    """Raises Problem 422 for a query parameter that the operation does not have, since it would change nothing."""
    declared = [parameter.name for parameter in operation.parameters if parameter.place == "query"]
    unknown = [name for name, _ in parse_qsl(query, keep_blank_values=True) if name not in declared]
    if unknown:
        near = get_close_matches(unknown[0], declared, 1)
        takes = f"did you mean {near[0]!r}?" if near else f"it takes {', '.join(declared) or 'none'}"
        violation = Violation("query", f"/{unknown[0]}", "name", f"is no parameter of this operation; {takes}")
        raise Problem(422, str(violation), code=INVALID, violations=(violation,))


def _current(handler: Handler) -> Handler:
    """Runs the handler, which takes locks as it needs them, on what other processes did until now."""

    def handle(call: Call, scope: ControlScope) -> Response | Json:
        scope.world.look(_nothing)
        return handler(call, scope)

    return handle


def _nothing() -> None:
    """Does nothing in a world."""


def _transaction(handler: Handler) -> Handler:
    """Runs the handler under the world's lock, and undoes its writes if it raises a Problem."""

    def handle(call: Call, scope: ControlScope) -> Response | Json:
        world = scope.world

        def work() -> Response | Json:
            with Transaction(world.log):
                return handler(call, scope)

        return world.run(work)

    return handle


def _request() -> Request:
    request: Request = flask.request.environ["mockserver.request"]
    return request


class _Expectations(dict[tuple[str, str], RecordExpectations]):
    """The members that handlers rely on, for each collection, determined at first use, since that may
    create records.
    """

    def __init__(self, services: Mapping[str, Service], worlds: Worlds) -> None:
        super().__init__()
        self._services = services
        self._worlds = worlds

    def __missing__(self, key: tuple[str, str]) -> RecordExpectations:
        api, name = key
        records = self._worlds.fixtures[api][name].records.values()
        found = self[key] = state_routes.expect(self._services[api].api.collections[name], records)
        return found


def _controlled() -> ControlledMock:
    controlled: ControlledMock = flask.request.environ[CONTROLLED]
    return controlled


def _scope(spec: Document) -> ControlScope:
    """The scope of the current request."""
    environ, mock = flask.request.environ, _controlled()
    host = environ.get("HTTP_HOST") or f"{environ['SERVER_NAME']}:{environ['SERVER_PORT']}"
    asked: Request = environ["mockserver.request"]
    world = mock.worlds[environ["mockserver.world"]]
    world.looks += 1
    return ControlScope(
        services=environ.get("mockserver.services", mock.services),
        worlds=mock.worlds,
        world=world,
        site=asked.origin or f"{environ['wsgi.url_scheme']}://{host}",
        spec=spec,
        is_guarded=bool(mock.access.token),
        names=mock.names,
        expected=mock.expected,
        status=mock.status,
        door=environ["mockserver.door"],
        shutdown=mock.shutdown,
        assume=environ.get("mockserver.assume"),
    )


class _Number(BaseConverter):
    """A number as text; other text matches no path of the control API."""

    regex = "[0-9]{1,18}"


class _Uuid(BaseConverter):
    """A UUID as text; other text matches no path of the control API."""

    regex = "[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"


class _Rest(BaseConverter):
    """The rest of the path: an id or a name may contain slashes."""

    regex = r"[\s\S]+"
    part_isolating = False


_FREE_NAMES = frozenset({"id", "name"})
"""Parameters of what clients and documents name as they like: records, scenarios, webhooks, assumptions."""

_EXPRESSION = re.compile(r"\{(\w+)\}")


def _rule(operation: Operation) -> str:
    """The Flask rule for a path such as `/state/{api}/{id}`: numbers match digits only, UUIDs such, a free name
    matches slashes too.
    """
    nodes = [*operation.owner[0].get("parameters", ()), *operation.node.get("parameters", ())]
    schemas = {node["name"]: node.get("schema", {}) for node in nodes if "name" in node}
    numbers = {name for name, schema in schemas.items() if schema.get("type") == "integer"}
    uuids = {name for name, schema in schemas.items() if schema.get("format") == "uuid"}

    def converted(found: re.Match[str]) -> str:
        name = found[1]
        if name in numbers:
            return f"<number:{name}>"
        if name in uuids:
            return f"<uuid_text:{name}>"
        return f"<rest:{name}>" if name in _FREE_NAMES else f"<{name}>"

    return _EXPRESSION.sub(converted, operation.path)


def _answer(response: Response) -> flask.Response:
    headers = [(name, value) for name, value in response.headers if name != "Content-Type"]
    media_type = next((value for name, value in response.headers if name == "Content-Type"), JSON_TYPE)
    content = response.body if isinstance(response.body, RequestStream) else encode(response.body)
    answer = flask.Response(content, response.status, content_type=media_type)
    if response.body is None:
        del answer.headers["Content-Type"]
    answer.headers.extend(headers)
    return answer


def _problem(problem: Problem) -> flask.Response:
    """RFC 9457, with violations if there are any."""
    body = problem.members()
    if problem.violations:
        body["violations"] = [show_violation(violation) for violation in problem.violations]
    answer = flask.Response(encode(body), problem.status, content_type=PROBLEM_JSON)
    answer.headers.extend(problem.headers)
    if problem.retry_after is not None:
        answer.headers["Retry-After"] = str(problem.retry_after)
    return answer


def _no_such_route(error: HTTPException) -> flask.Response:
    """Responds to a path or method that the control API does not have."""
    request = flask.request
    headers = tuple((name, value) for name, value in error.get_headers() if name == "Allow")
    if error.code == 405:
        allow = headers[0][1] if headers else ""
        detail = f"{request.path[:200]} does not take {request.method[:20]}; it takes {allow}."
        return _problem(Problem(405, detail, code=NO_METHOD, headers=headers))
    if error.code == 404:
        detail = f"The control API has no {request.path[:200]}; its document is at {PREFIX}/openapi.json."
        return _problem(Problem(404, detail, code=NO_OPERATION))
    return _problem(Problem(error.code or 500, error.description or error.name, headers=headers))


def _failure(error: Exception) -> flask.Response:
    log.error(
        "%s %s failed inside the control API",
        printable(flask.request.method),
        printable(flask.request.path),
        exc_info=error,
    )
    return _problem(Problem(500, "The mock itself failed; its log tells why."))


def _refuse_loose_ends(spec: Document) -> None:
    operations = {operation.id for operation in spec.operations}
    if loose := operations ^ HANDLERS.keys():
        message = f"operations without handlers, or handlers without operations: {sorted(loose)}"
        raise Unusable(message, where=str(DOCUMENT))
