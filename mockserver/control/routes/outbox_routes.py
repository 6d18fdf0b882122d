"""Outgoing deliveries of a world: sent on request, waiting, delivered or failed."""

from __future__ import annotations

from collections.abc import Mapping

from mockserver.control.exchanges.criteria import refuse_unknown_names
from mockserver.control.exchanges.exchange_view import show_body, timestamp
from mockserver.control.scope import ControlScope, Handler
from mockserver.control.waiting import WaitingPlace
from mockserver.engine.api import Send
from mockserver.engine.call import Call
from mockserver.engine.redaction.deliveries import redacted_delivery
from mockserver.engine.redaction.redactor import BY_NAMES
from mockserver.json_text import Json
from mockserver.messages import Response
from mockserver.problem import INVALID, NOT_FOUND, Problem
from mockserver.state.outbox import DUE
from mockserver.state.records.collection import Found
from mockserver.state.records.record import Record


def list_deliveries(call: Call, scope: ControlScope) -> Json:
    """Returns deliveries, newest first, filtered by the query."""
    criteria = {name: value for name, value in call.query.items() if name != "limit"}
    refuse_unknown_names(criteria, scope, "query")
    found = scope.world.outbox.deliveries.where(**criteria)[::-1]
    return {"deliveries": _show_all(found[: call.query.get("limit")], scope), "meta": {"total": len(found)}}


def get_delivery(call: Call, scope: ControlScope) -> Json:
    """Returns one delivery with its attempts; the outbox may have dropped it."""
    return _show(_delivery(call, scope), scope)


def replay_delivery(call: Call, scope: ControlScope) -> Json:
    """Makes the delivery due now, whatever its state; its attempts continue to be counted."""
    return _show(scope.world.outbox.postpone(_delivery(call, scope), scope.world.clock.now()), scope)


def settle_outbox(call: Call, scope: ControlScope) -> Json:
    """Waits, without the world's lock, until the deliveries due at the time of the call are finished, or the time is
    up.
    """
    world, timeout = scope.world, (call.body or {}).get("timeout", _USUAL)
    place = WaitingPlace(timeout, world)
    try:
        with world.outbox.changed:
            settled = world.outbox.changed.wait_for(world.outbox.sent(world.clock.now()), timeout)
            return {"settled": settled, "left": _show_all(world.outbox.deliveries.where(state=DUE), scope)}
    finally:
        place.leave()


def empty_outbox(_call: Call, scope: ControlScope) -> Response:
    """Removes every delivery; waiting ones are not sent."""
    scope.world.outbox.empty()
    return Response(204)


def send_webhook(call: Call, scope: ControlScope) -> Response:
    """Puts the webhook into the outbox, once for each receiver."""
    asked: Mapping[str, Json] = call.body or {}
    name: str = call.path["name"]
    api, send = _sender(name, asked.get("api", ""), scope)
    sent = send(name, scope.world.of(api), asked.get("url", ""), asked.get("body"), str(asked.get("id", "")))
    return Response(202, {"deliveries": [_show(delivery, scope) for delivery in sent]})


def _sender(name: str, api: str, scope: ControlScope) -> tuple[str, Send]:
    """The API that sends the webhook: the requested one, else the only one that declares it."""
    services = [scope.service(api)] if api else [*scope.services.values()]
    declaring = [service for service in services if name in service.spec.document.get("webhooks", {})]
    if len(declaring) > 1:
        names = ", ".join(service.name for service in declaring)
        raise Problem(422, f"{names} declare a webhook {name!r}; say which in `api`.", code=INVALID)
    for service in declaring:
        if service.api.send is not None:
            return service.name, service.api.send
    known = [webhook for service in services for webhook in service.spec.document.get("webhooks", {})]
    said = f"No document that is served declares a webhook {name[:80]!r}; there is {', '.join(known) or 'none'}."
    raise Problem(404, said, code=NOT_FOUND)


def _show(delivery: Record, scope: ControlScope) -> Json:
    """The delivery as JSON, with secrets masked."""
    service = scope.services.get(delivery["api"])
    shown = redacted_delivery(delivery, BY_NAMES if service is None else service.redactor)
    body, encoding = show_body(shown["body"].encode())
    return {
        "id": shown["id"],
        "api": shown["api"],
        "event": shown["event"],
        "endpoint": shown["endpoint"],
        "url": shown["url"],
        "body": body,
        "bodyEncoding": encoding,
        "secret": shown["secret"],
        "about": shown["about"],
        "created": timestamp(delivery["created"]),
        "due": timestamp(delivery["due"]) if delivery["state"] == DUE else None,
        "delays": shown["delays"],
        "timeout": shown["timeout"],
        "state": shown["state"],
        "attempts": [_show_attempt(attempt) for attempt in shown["attempts"]],
    }


def _show_attempt(attempt: Mapping[str, Json]) -> Json:
    return {
        "at": timestamp(attempt["at"]),
        "status": attempt["status"],
        "error": attempt["error"],
        "answer": attempt["answer"],
        "tookMs": round(attempt["took"] * 1000, 3),
    }


def _show_all(deliveries: Found, scope: ControlScope) -> list[Json]:
    return [_show(delivery, scope) for delivery in deliveries]


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
    "sendWebhook": send_webhook,
}

UNLOCKED: Mapping[str, Handler] = {"settleOutbox": settle_outbox}
"""Handlers that wait for other threads and therefore must not hold the world's lock."""
