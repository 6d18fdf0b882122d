"""What xQR tells the webhooks of a workspace: the events, their signature, what becomes of each delivery."""

from __future__ import annotations

from collections.abc import Mapping

from mockserver.engine.call import Call
from mockserver.engine.webhooks.rules import Webhooks, digest, retry_unless_2xx
from mockserver.json_text import Json, encode
from mockserver.messages import Headers
from mockserver.state.collection import Id
from mockserver.state.record import Record
from mockserver.state.world import ApiState
from mockserver.vendors.xqr.envelope import timestamp

EVENTS = (
    "*",
    "link.created",
    "link.updated",
    "link.deleted",
    "link.scanned",
    "link.threshold",
    "bio.published",
    "bio.unpublished",
    "asset.uploaded",
    "subscription.updated",
    "test.ping",
)
"""What a webhook may listen for; `*` is all of it."""

DELAYS = (5, 30, 5 * 60, 30 * 60, 2 * 60 * 60)
"""Seconds from one attempt to the next."""

TIMEOUT = 10.0
MOST_FAILURES = 100
"""Failures one after another, over all deliveries, until a webhook is disabled."""


def listeners(state: ApiState, workspace: Id, event: str) -> list[Record]:
    """The enabled webhooks of the workspace that listen for the event."""
    return [
        hook
        for hook in state["webhooks"]
        if hook["_workspace"] == workspace and hook["enabled"] and (event in hook["events"] or "*" in hook["events"])
    ]


def announce(call: Call, state: ApiState, workspace: Id, event: str, about: Mapping[str, Json]) -> None:
    """Every webhook that listens is told."""
    for hook in listeners(state, workspace, event):
        send(call, state, hook, event, about)


def send(call: Call, state: ApiState, hook: Record, event: str, about: Mapping[str, Json]) -> Record:
    """The delivery as the log shows it, which waits to be sent."""
    number = state.chance.uuid()
    delivery = state["deliveries"].insert(
        {
            "id": f"del_{number}",
            "status": "pending",
            "event_type": event,
            "created_at": timestamp(call.at),
            "delivered_at": None,
            "failed_at": None,
            "attempts": 0,
            "response_status": None,
            "_webhook": hook["id"],
        }
    )
    state.outbox.put(
        event=event,
        url=hook["url"],
        body=encode({"event": event, "timestamp": timestamp(call.at), "data": about}),
        endpoint=hook["id"],
        secret=hook["_secret"],
        delays=DELAYS,
        timeout=TIMEOUT,
        about={"delivery": number, "counted": call.choices["counted-failures"]},
    )
    return delivery


def sign(delivery: Record, _at: float) -> Headers:
    """The headers of an attempt: the same for each attempt of one delivery."""
    return (
        ("Content-Type", "application/json"),
        ("User-Agent", "xQR-Webhooks/1.0"),
        ("X-XQR-Event", delivery["event"]),
        ("X-XQR-Delivery", delivery["about"]["delivery"]),
        ("X-XQR-Signature", f"sha256={digest(delivery)}"),
    )


def attempted(delivery: Record, state: ApiState) -> None:
    """The log shows the attempt; failures one after another are counted, and disable the webhook in the end."""
    attempt = delivery["attempts"][-1]
    at = timestamp(attempt["at"])
    is_delivered, is_final = delivery["state"] == "delivered", delivery["state"] != "due"
    logged = {"attempts": len(delivery["attempts"]), "response_status": attempt["status"]}
    if is_delivered:
        logged |= {"status": "delivered", "delivered_at": at, "failed_at": None}
    elif is_final:
        logged |= {"status": "failed", "delivered_at": None, "failed_at": at}
    log, number = state["deliveries"], f"del_{delivery['about']['delivery']}"
    if number in log:
        log.update(number, logged)
    hook = state["webhooks"].get(delivery["endpoint"])
    if hook is not None and (is_delivered or is_final or delivery["about"]["counted"] == "attempts"):
        count(state, hook, 0 if is_delivered else hook["failure_count"] + 1, at)


def count(state: ApiState, hook: Record, failures: int, at: str) -> None:
    """The webhook failed so often without a success in between; too often, and it is told nothing more."""
    changes: dict[str, Json] = {"failure_count": failures}
    if failures >= MOST_FAILURES and hook["enabled"]:
        changes |= {"enabled": False, "updated_at": at, "_disabled_at": at}
    if hook["failure_count"] != failures:
        state["webhooks"].update(hook["id"], changes)
    if "_disabled_at" in changes:
        withdraw(state, hook["id"], at)


def withdraw(state: ApiState, hook_id: Id, at: str) -> None:
    """What still waited to be sent to the webhook has failed."""
    for delivery in state.outbox.withdraw(hook_id):
        number = f"del_{delivery['about']['delivery']}"
        if number in state["deliveries"]:
            state["deliveries"].update(number, {"status": "failed", "failed_at": at})


WEBHOOKS = Webhooks(sign=sign, verdict=retry_unless_2xx, attempted=attempted)
