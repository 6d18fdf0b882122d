"""Webhook endpoints of a project and their test event; how it is signed and retried.

No page lists an event for contacts or subscriptions, so nothing but the test is ever sent.
"""

from __future__ import annotations

import json

from mockserver.engine.call import Call
from mockserver.engine.owned_records import public
from mockserver.engine.timestamps import utc_milliseconds
from mockserver.engine.webhooks.rules import ACCEPTED, DROP, RETRY, Webhooks, digest
from mockserver.json_text import Json
from mockserver.messages import Headers, Response
from mockserver.problem import NOT_FOUND, Problem
from mockserver.state.records.record import Record
from mockserver.state.world import ApiState
from mockserver.vendors.spotzee.envelope import OWN
from mockserver.vendors.spotzee.pages import list_page
from mockserver.vendors.spotzee.records import deleted, new_members, revise

FIELDS = ("name", "description", "url", "status", "event_types")
RETRIES = (30, 270, 1_500, 5_400, 14_400, 64_800)
"""Seconds between the attempts that are announced: 30 s, 5 and 30 min, 2, 6 and 24 h after the first."""


def list_webhooks(call: Call, state: ApiState) -> Response:
    """One page of the project's endpoints."""
    return list_page(call, [endpoint_view(endpoint) for endpoint in OWN.all(call, state, "webhooks")], "id")


def create_webhook(call: Call, state: ApiState) -> Json:
    """Creates an endpoint; its secret is in this answer and in no other."""
    body = call.body
    record_address(call)
    secret = body.get("signing_secret") or mint_secret(state)
    given = {name: body[name] for name in FIELDS if name in body}
    blank = {"description": None, "status": "active"}
    endpoint = {**new_members(call, state, "webhooks"), **blank, **given, "_signing_secret": secret}
    return {**endpoint_view(state["webhooks"].insert(endpoint)), "signing_secret": secret}


def get_webhook(call: Call, state: ApiState) -> Json:
    """The endpoint with this id."""
    return endpoint_view(find(call, state))


def update_webhook(call: Call, state: ApiState) -> Json:
    """Updates the members of the endpoint that were sent."""
    endpoint = find(call, state)
    record_address(call)
    changes = {name: call.body[name] for name in FIELDS if name in call.body}
    return endpoint_view(revise(call, state["webhooks"], endpoint["id"], changes))


def delete_webhook(call: Call, state: ApiState) -> Response | Json:
    """Deletes the endpoint."""
    endpoint = find(call, state)
    state["webhooks"].delete(endpoint["id"])
    return deleted(call, endpoint_view(endpoint))


def rotate_webhook_secret(call: Call, state: ApiState) -> Json:
    """Replaces the endpoint's secret, which is in this answer and in no other."""
    endpoint, secret = find(call, state), mint_secret(state)
    changes = {"_signing_secret": secret, "updated_at": utc_milliseconds(call.at)}
    return {**endpoint_view(state["webhooks"].update(endpoint["id"], changes)), "signing_secret": secret}


def send_test(call: Call, state: ApiState) -> Response:
    """Sends a test event to the endpoint."""
    if call.assume("test-sends") == "missing":
        raise Problem(404, f"No operation has the path {call.request.path}.", code=NOT_FOUND)
    endpoint, scheme = find(call, state), call.assume("webhook-signature")
    message = {
        "event_type": "test.webhook-test",
        "timestamp": utc_milliseconds(call.at),
        "project_id": call.owner_id,
        "data": {
            "message": "This is a test of your webhook endpoint.",
            "webhook_id": endpoint["id"],
            "webhook_name": endpoint["name"],
        },
    }
    state.outbox.put(
        event="test.webhook-test",
        url=endpoint["url"],
        body=json.dumps(message, separators=(",", ":")).encode(),
        endpoint=endpoint["id"],
        secret=endpoint["_signing_secret"],
        delays=RETRIES if scheme == "announced" else (),
        about={"scheme": scheme},
    )
    return Response(204)


def record_address(call: Call) -> None:
    """Records the assumption by which an address without https is accepted."""
    if call.body.get("url", "").startswith("http:"):
        call.assume("webhook-address")


def find(call: Call, state: ApiState) -> Record:
    """The endpoint that the path names. A Problem 404 where the project has none of that id."""
    return OWN.one(call, state, "webhooks", call.path["endpointId"], "webhook endpoint")


def endpoint_view(endpoint: Record) -> dict[str, Json]:
    """The endpoint without its secret, but with whether it has one."""
    return {**public(endpoint), "has_secret": bool(endpoint["_signing_secret"])}


def mint_secret(state: ApiState) -> str:
    """The prefix and 64 hexadecimal digits."""
    return "whsec_" + state.chance.hex(64)


def sign(delivery: Record, at: float) -> Headers:
    """The signature of one attempt over the bytes of its body, as it is done now or as it is announced."""
    if delivery["about"]["scheme"] == "announced":
        moment = int(at)
        return (("Spotzee-Signature", f"t={moment},v1={digest(delivery, moment)}"),)
    return (("X-Spotzee-Signature", f"sha256={digest(delivery)}"),)


def classify(_delivery: Record, status: int) -> str:
    """Accepts 2xx, drops 4xx, and retries anything else."""
    if 200 <= status < 300:
        return ACCEPTED
    return DROP if 400 <= status < 500 else RETRY


def disable(delivery: Record, state: ApiState) -> None:
    """Disables an endpoint whose delivery failed."""
    endpoint = state["webhooks"].get(delivery["endpoint"])
    if endpoint is not None and delivery["state"] == "failed":
        at = utc_milliseconds(delivery["attempts"][-1]["at"])
        state["webhooks"].update(endpoint["id"], {"status": "disabled", "updated_at": at})


OUTBOUND = Webhooks(sign=sign, verdict=classify, attempted=disable)

HANDLERS = {
    "listWebhooks": list_webhooks,
    "createWebhook": create_webhook,
    "getWebhook": get_webhook,
    "updateWebhook": update_webhook,
    "deleteWebhook": delete_webhook,
    "rotateWebhookSecret": rotate_webhook_secret,
    "testWebhook": send_test,
}
