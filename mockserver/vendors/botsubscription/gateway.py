"""Live updates: the authentication of clients, and their system messages."""

from __future__ import annotations

from dataclasses import replace

from mockserver.engine.live_channels import Choices, LiveChannels, LiveClient, Spoken
from mockserver.json_text import Json
from mockserver.problem import FORBIDDEN, UNAUTHENTICATED, Problem
from mockserver.state.world import ApiState
from mockserver.vendors.botsubscription.envelope import REVOKED, UNSEEN

CHANNELS = ("targets", "payment-requests", "payment-methods")
MAX_PACKET = 4 * 1024


def admit(auth: Json, state: ApiState, _choices: Choices) -> LiveClient:
    """The client of a user's token for the project. A Problem for a missing, unknown or revoked token, an API key, and
    another project.
    """
    auth = auth if isinstance(auth, dict) else {}
    token, project = auth.get("token"), auth.get("project_id")
    if not isinstance(token, str) or not token:
        raise Problem(401, "auth.token is required: a user's JWT", code=UNAUTHENTICATED)
    if not isinstance(project, str) or not project:
        raise Problem(401, "auth.project_id is required: the project's id", code=UNAUTHENTICATED)
    key = state["keys"].get(token)
    if key is None:
        raise Problem(401, "Invalid token", code=UNAUTHENTICATED)
    if key["kind"] != "jwt":
        raise Problem(401, "API keys are not accepted here; expected a user's JWT", code=UNAUTHENTICATED)
    if key["revoked_at"] is not None:
        raise Problem(401, "Session revoked", code=REVOKED)
    if key["project_id"] != project:
        raise Problem(404, "Project not found", code=UNSEEN)
    return LiveClient(project, token)


def greet(client: LiveClient, connection_id: str) -> tuple[Json, ...]:
    """The message `ready` to a client that has connected."""
    return ({"type": "ready", "connection_id": connection_id, "project_id": client.audience},)


def handle_message(client: LiveClient, message: Json, state: ApiState, choices: Choices) -> Spoken:
    """Subscribes or unsubscribes the client, or answers with an `error`."""
    try:
        return ACTIONS[action_of(message)](client, message, state, choices)
    except Problem as problem:
        if choices["live-errors"] == "ignore":
            return client, ()
        return client, ({"type": "error", "code": problem.code, "message": problem.detail},)


def action_of(message: Json) -> str:
    """The action of the message. A Problem 422 where there is none."""
    action = message.get("action") if isinstance(message, dict) else None
    if not isinstance(action, str) or action not in ACTIONS:
        expected = 'expected an object such as {"action": "subscribe", "channel": "targets"}'
        raise Problem(422, f"Unknown action: {expected}", code="UNKNOWN_ACTION")
    return action


def channel_of(message: Json) -> str:
    """The channel of the message. A Problem 422 where there is none of this name."""
    channel = message.get("channel")
    if channel not in CHANNELS:
        raise Problem(422, f"Unknown channel: expected one of {', '.join(CHANNELS)}", code="UNKNOWN_CHANNEL")
    return str(channel)


def subscribe(client: LiveClient, message: Json, state: ApiState, choices: Choices) -> Spoken:
    """Subscribes the client to the channel for as long as it is connected."""
    channel = channel_of(message)
    if choices["live-permission"] == "needed" and channel == "targets":
        held = state["keys"][client.secret]["permissions"]
        if not {"targets:read", "all"} & {*held}:
            raise Problem(403, "The permission targets:read is missing.", code=FORBIDDEN.upper())
    joined = replace(client, channels=client.channels | {channel})
    return joined, ({"type": "subscribed", "channel": channel},)


def unsubscribe(client: LiveClient, message: Json, _state: ApiState, _choices: Choices) -> Spoken:
    """Unsubscribes the client from the channel."""
    channel = channel_of(message)
    left = replace(client, channels=client.channels - {channel})
    return left, ({"type": "unsubscribed", "channel": channel},)


def ping(client: LiveClient, _message: Json, _state: ApiState, _choices: Choices) -> Spoken:
    """Answers a `ping` with `pong`."""
    return client, ({"type": "pong"},)


ACTIONS = {"subscribe": subscribe, "unsubscribe": unsubscribe, "ping": ping}

LIVE = LiveChannels(
    path="/v2/live-updates/socket.io/",
    namespace="/v2/live-updates",
    longest=MAX_PACKET,
    admit=admit,
    greet=greet,
    hear=handle_message,
)
