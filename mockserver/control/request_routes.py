"""The journal of a world: requests, responses, and what led to them."""

from __future__ import annotations

from collections.abc import Mapping

from mockserver.control.criteria import Matcher, matcher
from mockserver.control.exchange_view import show
from mockserver.control.scope import ControlScope, Handler
from mockserver.engine.call import Call
from mockserver.json_text import Json
from mockserver.messages import Exchange, Response
from mockserver.problem import NOT_FOUND, Problem


def list_requests(call: Call, scope: ControlScope) -> Json:
    """Returns exchanges, newest first, filtered by the query."""
    criteria = {name: value for name, value in call.query.items() if name != "limit"}
    found = _newest_first(scope, matcher(criteria, scope, "query"))
    entries = _show(found[: call.query.get("limit")], scope)
    return {"requests": entries, "meta": {"total": len(found), "dropped": scope.world.journal.dropped}}


def get_request(call: Call, scope: ControlScope) -> Json:
    """Returns one exchange; it may have been dropped or removed."""
    wanted = call.path["id"]
    found = _newest_first(scope, lambda exchange: exchange.id == wanted)
    if not found:
        raise Problem(404, f"The journal of {scope.world.name} has no request {wanted}.", code=NOT_FOUND)
    return _show(found, scope)[0]


def find_requests(call: Call, scope: ControlScope) -> Json:
    """Returns the exchanges that meet all criteria."""
    return {"requests": _show(_newest_first(scope, matcher(call.body, scope, "body")), scope)}


def count_requests(call: Call, scope: ControlScope) -> Json:
    """Returns the number of exchanges that meet all criteria."""
    return {"count": len(_newest_first(scope, matcher(call.body, scope, "body")))}


def remove_requests(call: Call, scope: ControlScope) -> Json:
    """Removes the exchanges that meet all criteria and returns them."""
    removed = scope.world.journal.remove(matcher(call.body, scope, "body"))
    return {"requests": _show(removed[::-1], scope)}


def remove_all_requests(_call: Call, scope: ControlScope) -> Response:
    """Empties the journal; the records are not changed."""
    scope.world.journal.remove(lambda _: True)
    return Response(204)


def list_unmatched_requests(_call: Call, scope: ControlScope) -> Json:
    """Returns the exchanges whose path or method matched no operation."""
    return {"requests": _show(_newest_first(scope, lambda exchange: not exchange.operation), scope)}


def _newest_first(scope: ControlScope, meets: Matcher) -> list[Exchange]:
    return [exchange for exchange in scope.world.journal if meets(exchange)][::-1]


def _show(exchanges: list[Exchange], scope: ControlScope) -> list[Json]:
    return [show(exchange, scope.services.get(exchange.api)) for exchange in exchanges]


HANDLERS: Mapping[str, Handler] = {
    "listRequests": list_requests,
    "getRequest": get_request,
    "findRequests": find_requests,
    "countRequests": count_requests,
    "removeRequests": remove_requests,
    "removeAllRequests": remove_all_requests,
    "listUnmatchedRequests": list_unmatched_requests,
}
