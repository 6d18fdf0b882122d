"""The journal of a world: requests, responses, and what led to them."""

from __future__ import annotations

from collections.abc import Mapping

from mockserver.control.exchanges.criteria import Matcher, matcher
from mockserver.control.exchanges.http_archive import archive
from mockserver.control.exchanges.request_stream import EVENT_STREAM, RequestStream
from mockserver.control.exchanges.serve_event import entry_of, logged_entry_of, summary_of
from mockserver.control.routes.clock_routes import moment_of
from mockserver.control.scope import ControlScope, Handler
from mockserver.engine.call import Call
from mockserver.json_text import Json
from mockserver.messages import Exchange, Response
from mockserver.problem import NOT_FOUND, Problem


def list_requests(call: Call, scope: ControlScope) -> Json:
    """Returns exchanges, newest first, filtered by the query."""
    since, unmatched = call.query.get("since"), call.query.get("unmatched")
    criteria = {name: value for name, value in call.query.items() if name not in _NO_CRITERIA}
    found = _newest_first(scope, matcher(criteria, scope, "query"))
    if since is not None:
        moment = moment_of(since, "query", "/since")
        found = [exchange for exchange in found if exchange.at >= moment]
    if unmatched:
        found = [exchange for exchange in found if not exchange.operation]
    show = summary_of if call.query.get("summary") else entry_of
    entries = [show(exchange, scope) for exchange in found[: call.query.get("limit")]]
    return {
        "requests": entries,
        "meta": {"total": len(found), "dropped": scope.world.journal.dropped},
        "requestJournalDisabled": scope.world.journal.limit == 0,
    }


def get_request(call: Call, scope: ControlScope) -> Json:
    """Returns one exchange; it may have been dropped or removed."""
    wanted = int(call.path["id"])
    found = _newest_first(scope, lambda exchange: exchange.id == wanted)
    if not found:
        raise _no_request(call, scope)
    return _show(found, scope)[0]


def archive_requests(_call: Call, scope: ControlScope) -> Response:
    """Returns the journal as an HTTP archive, oldest first."""
    content = archive([entry_of(exchange, scope) for exchange in scope.world.journal])
    return Response(200, content, (("Content-Disposition", f'attachment; filename="{scope.world.name}.har"'),))


def stream_requests(call: Call, scope: ControlScope) -> Response:
    """Returns requests as events from the next one on, or from the one behind `Last-Event-ID`."""
    given = call.request.headers.get("Last-Event-ID") or ""
    last = int(given) if given.isascii() and given.isdecimal() and len(given) < _DIGITS else scope.world.journal.taken
    show = summary_of if call.query.get("summary") else entry_of
    stream = RequestStream(scope.world, last, call.query["seconds"], lambda exchange: show(exchange, scope))
    return Response(200, stream, (("Content-Type", EVENT_STREAM), ("Cache-Control", "no-store")))


_DIGITS = 16


def find_requests(call: Call, scope: ControlScope) -> Json:
    """Returns the exchanges that meet all criteria."""
    return {"requests": _show_logged(_newest_first(scope, matcher(call.body, scope, "body")), scope)}


def count_requests(call: Call, scope: ControlScope) -> Json:
    """Returns the number of exchanges that meet all criteria."""
    return {"count": len(_newest_first(scope, matcher(call.body, scope, "body")))}


def remove_requests(call: Call, scope: ControlScope) -> Json:
    """Removes the exchanges that meet all criteria and returns them."""
    removed = scope.world.journal.remove(matcher(call.body, scope, "body"))
    entries = _show(removed[::-1], scope)
    return {"requests": entries, "serveEvents": entries}


def remove_request(call: Call, scope: ControlScope) -> Response:
    """Removes one exchange from the journal."""
    wanted = int(call.path["id"])
    if not scope.world.journal.remove(lambda exchange: exchange.id == wanted):
        raise _no_request(call, scope)
    return Response(204)


def remove_all_requests(_call: Call, scope: ControlScope) -> Response:
    """Empties the journal; the records are not changed."""
    scope.world.journal.remove(lambda _: True)
    return Response(204)


def list_unmatched_requests(_call: Call, scope: ControlScope) -> Json:
    """Returns the exchanges whose path or method matched no operation."""
    return {"requests": _show_logged(_newest_first(scope, lambda exchange: not exchange.operation), scope)}


def replay_request(call: Call, scope: ControlScope) -> Response:
    """Serves the request of the journal once more. Raises Problem 404, 409 where no API would take it, or 503 where the
    worlds are kept elsewhere and cannot be reached.
    """
    wanted = int(call.path["id"])
    known: list[Exchange] = scope.world.run(lambda: _newest_first(scope, lambda exchange: exchange.id == wanted))
    if not known:
        raise _no_request(call, scope)
    service = scope.services.get(known[0].api)
    if service is None:
        raise Problem(409, f"Request {wanted} reached no API that is served, so there is nothing to make it anew for.")
    if service.is_of_upstream:
        raise Problem(409, "A proxy does not make requests of its own; send it by a client, which curl and httpx are.")
    made = service.serve(known[0].request, scope.world)
    if not made.id:
        raise Problem(503, "The request was not made: the world cannot be reached.", retry_after=1)
    if made.delivery is not None and made.delivery.finish is not None:
        made.delivery.finish()  # No connection waits until the answer's delay is over.
    return Response(201, entry_of(made, scope))


def _newest_first(scope: ControlScope, meets: Matcher) -> list[Exchange]:
    return [exchange for exchange in scope.world.journal if meets(exchange)][::-1]


def _show(exchanges: list[Exchange], scope: ControlScope) -> list[Json]:
    return [entry_of(exchange, scope) for exchange in exchanges]


def _show_logged(exchanges: list[Exchange], scope: ControlScope) -> list[Json]:
    """The entries, with the members of WireMock's logged requests beside their own."""
    return [logged_entry_of(exchange, scope) for exchange in exchanges]


def _no_request(call: Call, scope: ControlScope) -> Problem:
    return Problem(404, f"The journal of {scope.world.name} has no request {call.path['id']}.", code=NOT_FOUND)


_NO_CRITERIA = frozenset({"limit", "since", "unmatched", "summary"})


HANDLERS: Mapping[str, Handler] = {
    "listRequests": list_requests,
    "getRequest": get_request,
    "findRequests": find_requests,
    "archiveRequests": archive_requests,
    "streamRequests": stream_requests,
    "countRequests": count_requests,
    "removeRequests": remove_requests,
    "removeAllRequests": remove_all_requests,
    "resetRequests": remove_all_requests,
    "removeRequest": remove_request,
    "listUnmatchedRequests": list_unmatched_requests,
}

UNLOCKED: Mapping[str, Handler] = {"replayRequest": replay_request}
"""Without a transaction: the request is served in one of its own."""
