"""Outgoing deliveries of a world: waiting, delivered or failed."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit

from mockserver.control.criteria import refuse_unknown_names
from mockserver.control.exchange_view import show_body, timestamp
from mockserver.control.redaction import MASK, is_secret, mask, redact, redact_text
from mockserver.control.scope import ControlScope, Handler
from mockserver.engine.call import Call
from mockserver.json_text import Json
from mockserver.messages import Response
from mockserver.problem import NOT_FOUND, Problem
from mockserver.state.collection import Found
from mockserver.state.outbox import DUE
from mockserver.state.record import Record


def list_deliveries(call: Call, scope: ControlScope) -> Json:
    """Returns deliveries, newest first, filtered by the query."""
    criteria = {name: value for name, value in call.query.items() if name != "limit"}
    refuse_unknown_names(criteria, scope, "query")
    found = scope.world.outbox.deliveries.where(**criteria)[::-1]
    return {"deliveries": _show(found[: call.query.get("limit")]), "meta": {"total": len(found)}}


def get_delivery(call: Call, scope: ControlScope) -> Json:
    """Returns one delivery with its attempts; the outbox may have dropped it."""
    return show(_delivery(call, scope))


def replay_delivery(call: Call, scope: ControlScope) -> Json:
    """Makes the delivery due now, whatever its state; its attempts continue to be counted."""
    return show(scope.world.outbox.postpone(_delivery(call, scope), scope.world.clock.now()))


def settle_outbox(call: Call, scope: ControlScope) -> Json:
    """Waits, without the world's lock, until the deliveries due at the time of the call are finished, or the time is
    up.
    """
    world, timeout = scope.world, (call.body or {}).get("timeout", _USUAL)
    with world.outbox.changed:
        settled = world.outbox.changed.wait_for(world.outbox.sent(world.clock.now()), timeout)
        return {"settled": settled, "left": _show(world.outbox.deliveries.where(state=DUE))}


def empty_outbox(_call: Call, scope: ControlScope) -> Response:
    """Removes every delivery; waiting ones are not sent."""
    scope.world.outbox.empty()
    return Response(204)


def show(delivery: Record) -> Json:
    """The delivery as JSON, with secrets masked."""
    body, encoding = show_body(delivery["body"].encode())
    return {
        "id": delivery["id"],
        "api": delivery["api"],
        "event": delivery["event"],
        "endpoint": delivery["endpoint"],
        "url": _show_url(delivery["url"]),
        "body": body,
        "bodyEncoding": encoding,
        "secret": mask(delivery["secret"]) if delivery["secret"] else None,
        "about": redact(delivery["about"]),
        "created": timestamp(delivery["created"]),
        "due": timestamp(delivery["due"]) if delivery["state"] == DUE else None,
        "delays": delivery["delays"],
        "timeout": delivery["timeout"],
        "state": delivery["state"],
        "attempts": [_show_attempt(attempt) for attempt in delivery["attempts"]],
    }


def _show_attempt(attempt: Mapping[str, Json]) -> Json:
    return {
        "at": timestamp(attempt["at"]),
        "status": attempt["status"],
        "error": attempt["error"],
        "answer": redact_text(attempt["answer"]),
        "tookMs": round(attempt["took"] * 1000, 3),
    }


def _show_url(url: str) -> str:
    """The URL with its password, and secrets in its query, masked."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    user, at, host = parts.netloc.rpartition("@")
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    if not at and not any(is_secret(name) for name, _ in pairs):
        return url
    query = urlencode([(name, mask(value) if is_secret(name) else value) for name, value in pairs], safe="*")
    return parts._replace(netloc=f"{user and MASK}{at}{host}", query=query).geturl()


def _show(deliveries: Found) -> list[Json]:
    return [show(delivery) for delivery in deliveries]


def _delivery(call: Call, scope: ControlScope) -> Record:
    delivery = scope.world.outbox.deliveries.get(call.path["id"])
    if delivery is None:
        raise Problem(404, f"The outbox of {scope.world.name} has no delivery {call.path['id']}.", code=NOT_FOUND)
    return delivery


_USUAL = 10
"""The default number of seconds to wait for deliveries."""

HANDLERS: Mapping[str, Handler] = {
    "listDeliveries": list_deliveries,
    "getDelivery": get_delivery,
    "replayDelivery": replay_delivery,
    "emptyOutbox": empty_outbox,
}

UNLOCKED: Mapping[str, Handler] = {"settleOutbox": settle_outbox}
"""Handlers that wait for other threads and therefore must not hold the world's lock."""
