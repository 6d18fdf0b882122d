"""Webhook endpoints of a project; how deliveries are signed and retried."""

from __future__ import annotations

from mockserver.engine.call import Call
from mockserver.engine.owned_records import public
from mockserver.engine.webhooks.rules import ACCEPTED, DROP, RETRY, Webhooks, digest
from mockserver.json_text import Json
from mockserver.messages import Headers, Response
from mockserver.state.records.record import Record
from mockserver.state.world import ApiState
from mockserver.vendors.botsubscription.envelope import OWN, succeed

DROPPED = frozenset({400, 401, 403, 405, 406, 422})
"""Statuses after which a delivery is not sent again."""

RETRIED = frozenset({404, 408, 410, 429, *range(500, 600)})
"""Statuses after which a delivery is sent again."""


def list_webhooks(call: Call, state: ApiState) -> Json:
    """Every webhook of the project, without its secret."""
    hooks = [*map(public, OWN.all(call, state, "webhooks"))]
    return succeed(call, hooks, total=len(hooks), message="Webhooks retrieved successfully")


def create_webhook(call: Call, state: ApiState) -> Json:
    """Creates a webhook; its secret is in this answer and in no other."""
    url = call.body["url"]
    if not url.startswith("https:"):
        call.assume("webhook-address")
    hidden = {"_secret": state.chance.hex(64), "_paused": False, "_project": call.owner_id}
    hook = state["webhooks"].insert({"url": url, "id": state.chance.uuid(), **hidden})
    return succeed(call, {**public(hook), "secret": hook["_secret"]}, message="Webhook created successfully")


def delete_webhook(call: Call, state: ApiState) -> Response:
    """Deletes the webhook and the deliveries that still wait for it."""
    hook = OWN.one(call, state, "webhooks", call.path["webhook_id"].lower(), "Webhook")
    state["webhooks"].delete(hook["id"])
    state.outbox.withdraw(hook["id"])
    return Response(204)


# Outbound


def sign(delivery: Record, at: float) -> Headers:
    """`v1` is the HMAC-SHA256 of the attempt's moment, a dot and the very bytes of the body; `t` is the moment."""
    moment = int(at)
    return (("Content-Type", "application/json"), ("X-Webhook-Signature", f"v1={digest(delivery, moment)},t={moment}"))


def classify(delivery: Record, status: int) -> str:
    """Accepts 2xx; drops or retries the statuses that the pages list, and others as assumed."""
    if 200 <= status < 300:
        return ACCEPTED
    is_dropped = status in DROPPED or (status not in RETRIED and delivery["about"]["unlisted"] == "drop")
    return DROP if is_dropped else RETRY


OUTBOUND = Webhooks(sign=sign, verdict=classify)

HANDLERS = {
    "listWebhooks": list_webhooks,
    "createWebhook": create_webhook,
    "deleteWebhook": delete_webhook,
}
