"""Events of a workspace, and their deliveries to its webhooks."""

from __future__ import annotations

from collections.abc import Mapping

from mockserver.engine.call import Call
from mockserver.engine.timestamps import utc_seconds
from mockserver.json_text import Json, encode
from mockserver.state.records.collection import Id
from mockserver.state.records.record import Record
from mockserver.state.world import ApiState

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
"""The events that a webhook may listen for; `*` is all of them."""

DELAYS = (5, 30, 5 * 60, 30 * 60, 2 * 60 * 60)
"""Seconds from one attempt to the next."""

TIMEOUT = 10.0


def listeners(state: ApiState, workspace: Id, event: str) -> list[Record]:
    """The enabled webhooks of the workspace that listen for the event."""
    return [
        hook
        for hook in state["webhooks"]
        if hook["_workspace"] == workspace and hook["enabled"] and (event in hook["events"] or "*" in hook["events"])
    ]


def announce(call: Call, state: ApiState, workspace: Id, event: str, about: Mapping[str, Json]) -> None:
    """Sends the event to every webhook that listens for it."""
    for hook in listeners(state, workspace, event):
        send(call, state, hook, event, about)


def send(call: Call, state: ApiState, hook: Record, event: str, about: Mapping[str, Json]) -> Record:
    """Puts one delivery into the outbox and into the log."""
    number = state.chance.uuid()
    delivery = state["deliveries"].insert(
        {
            "id": f"del_{number}",
            "status": "pending",
            "event_type": event,
            "created_at": utc_seconds(call.at),
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
        body=encode({"event": event, "timestamp": utc_seconds(call.at), "data": about}),
        endpoint=hook["id"],
        secret=hook["_secret"],
        delays=DELAYS,
        timeout=TIMEOUT,
        about={"delivery": number, "counted": call.choices["counted-failures"]},
    )
    return delivery


def withdraw(state: ApiState, hook_id: Id, at: str) -> None:
    """Marks the deliveries that still wait to be sent to the webhook as failed."""
    for delivery in state.outbox.withdraw(hook_id):
        number = f"del_{delivery['about']['delivery']}"
        if number in state["deliveries"]:
            state["deliveries"].update(number, {"status": "failed", "failed_at": at})
