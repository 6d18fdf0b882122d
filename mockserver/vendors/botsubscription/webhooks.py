"""Webhooks of a project: registered here, signed and judged as the vendor documents; the outbox sends them."""

from __future__ import annotations

from mockserver.engine.call import Call
from mockserver.engine.owned_records import public
from mockserver.engine.webhooks.rules import ACCEPTED, DROP, RETRY, Webhooks, digest
from mockserver.json_text import Json
from mockserver.messages import Headers, Response
from mockserver.state.record import Record
from mockserver.state.world import ApiState
from mockserver.vendors.botsubscription.envelope import OWN, succeed

DROPPED = frozenset({400, 401, 403, 405, 406, 422})
"""What sending the same bytes again cannot mend."""

RETRIED = frozenset({404, 408, 410, 429, *range(500, 600)})
"""What may get better."""


def list_webhooks(call: Call, state: ApiState) -> Json:
    """Every webhook of the project, without its secret."""
    hooks = [*map(public, OWN.all(call, state, "webhooks"))]
    return succeed(call, hooks, total=len(hooks), message="Webhooks retrieved successfully")


def create_webhook(call: Call, state: ApiState) -> Json:
    """The project's events go to this address too; the secret that signs them is in this answer and nowhere else."""
    url = call.body["url"]
    if not url.startswith("https:"):
        call.assume("webhook-address")
    hidden = {"_secret": state.chance.hex(64), "_paused": False, "_project": call.owner_id}
    hook = state["webhooks"].insert({"url": url, "id": state.chance.uuid(), **hidden})
    return succeed(call, {**public(hook), "secret": hook["_secret"]}, message="Webhook created successfully")


def delete_webhook(call: Call, state: ApiState) -> Response:
    """The webhook is gone; what was still to be sent to it is not sent."""
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
    """2xx is a delivery; of the rest each status is dropped or retried that the pages list, any other as assumed."""
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
