"""Webhook endpoints, their deliveries and their secrets; how deliveries are signed and logged."""

from __future__ import annotations

from mockserver.engine.answers.pages import page_at
from mockserver.engine.call import Call
from mockserver.engine.owned_records import public
from mockserver.engine.timestamps import utc_seconds
from mockserver.engine.webhooks.rules import Webhooks, digest, retry_unless_2xx
from mockserver.json_text import Json
from mockserver.messages import Headers, Response
from mockserver.state.records.record import Record
from mockserver.state.world import ApiState
from mockserver.vendors.xqr import access
from mockserver.vendors.xqr.envelope import OWN, limit_hit, record_unknown_members, success
from mockserver.vendors.xqr.events import send, withdraw

MOST_DELIVERIES = 200
MOST_FAILURES = 100
"""Failures one after another, over all deliveries, until a webhook is disabled."""

CREATED = frozenset({"url", "events", "description"})
UPDATED = CREATED | {"enabled"}


def list_webhooks(call: Call, state: ApiState) -> Json:
    """All of the workspace's webhooks."""
    hooks = OWN.all(call, state, "webhooks")
    if len(hooks) > 1 and call.assume("webhook-order") == "newest-first":
        hooks.reverse()
    return success(call, [public(hook) for hook in hooks])


def create_webhook(call: Call, state: ApiState) -> Response:
    """Creates an enabled webhook; its secret is not in the answer."""
    body = call.body
    record_unknown_members(call, CREATED)
    check_url(call, body["url"])
    check_events(call, body["events"])
    most = access.MAX_WEBHOOKS.get(call.owner["plan"])
    if most is not None and len(OWN.all(call, state, "webhooks")) >= most:
        refuse_one_more(call, most)
    at = utc_seconds(call.at)
    hook = state["webhooks"].insert(
        {
            "id": f"wh_{state.chance.uuid()}",
            "url": body["url"],
            "events": body["events"],
            "description": body["description"] if "description" in body else no_description(call),
            "enabled": True,
            "failure_count": 0,
            "created_at": at,
            "updated_at": at,
            "_workspace": call.owner_id,
            "_secret": new_secret(call, state),
            "_disabled_at": None,
        }
    )
    return Response(201, success(call, public(hook)))


def refuse_one_more(call: Call, most: int) -> None:
    """Raises a Problem 403 where the plan allows no more webhooks, unless so assumed."""
    if call.assume("webhook-allowance") == "enforce":
        raise limit_hit(most, "webhooks")


def new_secret(call: Call, state: ApiState) -> str:
    """A new secret for signing deliveries."""
    return f"whsec_{state.chance.hex(48)}" if call.assume("webhook-secret") == "prefixed" else state.chance.hex(64)


def check_url(call: Call, url: str) -> None:
    """Records the assumption by which an address on this machine is accepted without https."""
    if not url.startswith("https:"):
        call.assume("webhook-address")


def check_events(call: Call, events: list[str]) -> None:
    """Records the assumption by which a webhook may listen for no event."""
    if not events:
        call.assume("empty-events")


def no_description(call: Call) -> str | None:
    """The description of a webhook that was created without one."""
    return None if call.assume("webhook-description") == "null" else ""


def get_webhook(call: Call, state: ApiState) -> Json:
    """One webhook of the workspace."""
    return success(call, public(own_webhook(call, state)))


def own_webhook(call: Call, state: ApiState) -> Record:
    """The webhook of the caller's workspace that the path names. A Problem 404 where there is none."""
    return OWN.one(call, state, "webhooks", call.path["webhook_id"], "Webhook")


def update_webhook(call: Call, state: ApiState) -> Json:
    """Updates the members that were sent; a webhook that is enabled again starts without failures."""
    hook = own_webhook(call, state)
    record_unknown_members(call, UPDATED)
    changes = {name: call.body[name] for name in sorted(UPDATED) if name in call.body}
    if not changes:
        call.assume("empty-update")
        return success(call, public(hook))
    check_url(call, changes.get("url", hook["url"]))
    check_events(call, changes.get("events", hook["events"]))
    if changes.get("enabled"):
        changes |= {"failure_count": 0, "_disabled_at": None}
    hook = state["webhooks"].update(hook["id"], {**changes, "updated_at": utc_seconds(call.at)})
    if not hook["enabled"] and call.assume("paused-retries") == "withdrawn":
        withdraw(state, hook["id"], utc_seconds(call.at))
    return success(call, public(hook))


def delete_webhook(call: Call, state: ApiState) -> Response:
    """Deletes the webhook with its deliveries."""
    hook = own_webhook(call, state)
    withdraw(state, hook["id"], utc_seconds(call.at))
    for delivery in state["deliveries"].where(_webhook=hook["id"]):
        state["deliveries"].delete(delivery["id"])
    state["webhooks"].delete(hook["id"])
    return Response(204)


def list_deliveries(call: Call, state: ApiState) -> Json:
    """One page of the webhook's deliveries, newest first."""
    hook, query = own_webhook(call, state), call.query
    deliveries = state["deliveries"].where(_webhook=hook["id"])
    deliveries.reverse()
    deliveries.sort(key=lambda delivery: delivery["created_at"], reverse=True)
    page = page_at(deliveries, query["limit"], query["offset"], MOST_DELIVERIES)
    if (page.limit, page.offset) != (query["limit"], query["offset"]):
        call.assume("paging-bounds")
    return success(call, [public(delivery) for delivery in page.entries])


# The dashboard


def get_webhook_secret(call: Call, state: ApiState) -> Json:
    """The secret that signs the webhook's deliveries."""
    access.check_session(call)
    return success(call, {"secret": own_webhook(call, state)["_secret"]})


def send_webhook_test(call: Call, state: ApiState) -> Json:
    """Sends a `test.ping`, whatever the webhook listens for, even to one that is paused."""
    access.check_session(call)
    hook = own_webhook(call, state)
    return success(call, public(send(call, state, hook, "test.ping", {"webhook_id": hook["id"]})))


# Outbound


def sign(delivery: Record, _at: float) -> Headers:
    """The headers of an attempt: the same for each attempt of one delivery."""
    return (
        ("Content-Type", "application/json"),
        ("User-Agent", "xQR-Webhooks/1.0"),
        ("X-XQR-Event", delivery["event"]),
        ("X-XQR-Delivery", delivery["about"]["delivery"]),
        ("X-XQR-Signature", f"sha256={digest(delivery)}"),
    )


def log_attempt(delivery: Record, state: ApiState) -> None:
    """Logs the attempt and counts consecutive failures, which disable the webhook in the end."""
    attempt = delivery["attempts"][-1]
    at = utc_seconds(attempt["at"])
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
        count_failures(state, hook, 0 if is_delivered else hook["failure_count"] + 1, at)


def count_failures(state: ApiState, hook: Record, failures: int, at: str) -> None:
    """Stores the number of consecutive failures; at MOST_FAILURES the webhook is disabled and its deliveries fail."""
    changes: dict[str, Json] = {"failure_count": failures}
    if failures >= MOST_FAILURES and hook["enabled"]:
        changes |= {"enabled": False, "updated_at": at, "_disabled_at": at}
    if hook["failure_count"] != failures:
        state["webhooks"].update(hook["id"], changes)
    if "_disabled_at" in changes:
        withdraw(state, hook["id"], at)


OUTBOUND = Webhooks(sign=sign, verdict=retry_unless_2xx, attempted=log_attempt)

HANDLERS = {
    "listWebhooks": list_webhooks,
    "createWebhook": create_webhook,
    "getWebhook": get_webhook,
    "updateWebhook": update_webhook,
    "deleteWebhook": delete_webhook,
    "listWebhookDeliveries": list_deliveries,
    "getWebhookSecret": get_webhook_secret,
    "sendWebhookTest": send_webhook_test,
}
