"""Live updates, heard by a real Socket.IO client."""

import asyncio
import threading

import httpx
import pytest
import socketio

from mockserver.live.live_server import LiveServer
from mockserver.problem import Problem, Unusable
from tests.conftest import free_port
from tests.live.conftest import NAMESPACE, PATH
from tests.support import bearer
from tests.vendors.botsubscription_world import (
    CASHIER,
    ENDED,
    GUILD,
    NEW_TARGET,
    NOBODY,
    OTHER_KEY,
    OTHER_PROJECT,
    OWNER,
    PREMIUM,
    TARGETS,
    VIP,
)

SUBSCRIBE = {"action": "subscribe", "channel": "targets"}
VIP_SNAPSHOT = {
    "target_id": "22222222-2222-2222-2222-222222222222",
    "target_name": "VIP Channel",
    "platform": "telegram",
    "kind": "channel",
    "external_id": "-1001234567890",
    "is_enabled": False,
    "parent_target_id": None,
    "plan_count": 1,
    "participant_count": 45,
}


async def wrote(live, world, method, path, **more):
    """The answer to a request, made beside the loop that the client runs in."""
    with live.api(world) as api:
        return await asyncio.to_thread(api.request, method, path, **more)


def disable(live, world, target_id=VIP):
    """VIP Channel, or another target, lets nobody in any more."""
    return wrote(live, world, "PATCH", f"{TARGETS}/{target_id}", json={"is_enabled": False})


# The handshake


@pytest.mark.parametrize("transport", ["websocket", "polling"])
def test_a_user_connects_and_follows_the_targets(live, world, transport):
    """`ready`, then `subscribed`, then what happens: the documented event, complete."""

    async def scenario():
        async with live.connected(world, transport=transport) as listener:
            subscribed = await listener.ask(SUBSCRIBE)
            await disable(live, world)
            return subscribed, await listener.next()

    subscribed, (event, body) = asyncio.run(scenario())

    assert (subscribed, event, body) == (
        {"type": "subscribed", "channel": "targets"},
        "target.disabled",
        {
            "event_id": body["event_id"],
            "emitted_at": body["emitted_at"],
            "channel": "targets",
            "project_id": "YOUR_PROJECT_ID",
            "platform": "telegram",
            "target": VIP_SNAPSHOT,
        },
    )


REFUSED = {
    "an API key": ({"token": "YOUR_TOKEN", "project_id": "YOUR_PROJECT_ID"}, "API keys are not accepted here"),
    "an unknown token": ({"token": "nobody's", "project_id": "YOUR_PROJECT_ID"}, "Invalid token"),
    "a session that ended": ({"token": ENDED, "project_id": "YOUR_PROJECT_ID"}, "Session revoked"),
    "another project": ({"token": OWNER, "project_id": OTHER_PROJECT}, "Project not found"),
    "no token": ({"project_id": "YOUR_PROJECT_ID"}, "auth.token is required"),
    "no project": ({"token": OWNER}, "auth.project_id is required"),
    "no object": ([OWNER], "auth.token is required"),
}


@pytest.mark.parametrize(("auth", "said"), REFUSED.values(), ids=REFUSED)
def test_who_may_not_listen_is_told_why(live, world, auth, said):
    """`connect_error` with a message; the connection never stands."""

    async def scenario():
        client = socketio.AsyncClient(reconnection=False)
        errors: list[dict[str, str]] = []
        client.on("connect_error", errors.append, namespace=NAMESPACE)
        path = f"/~{world}/botsubscription{PATH}"
        with pytest.raises(socketio.exceptions.ConnectionError):
            await client.connect(live.root, socketio_path=path, namespaces=[NAMESPACE], auth=auth)
        await client.disconnect()
        return errors

    [error] = asyncio.run(scenario())

    assert error["message"].startswith(said)


def test_a_packet_of_more_than_4_kb_ends_the_connection(live, world):
    """Silently."""

    async def scenario():
        async with live.connected(world) as listener:
            ended = asyncio.Event()
            listener.client.on("disconnect", lambda *_: ended.set(), namespace=NAMESPACE)
            await listener.say({"action": "subscribe", "channel": "t" * 4096})
            await asyncio.wait_for(ended.wait(), 10)
            return listener.heard.empty()

    assert asyncio.run(scenario()) is True


# Messages


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"action": "subscribe", "channel": "nothing"}, "UNKNOWN_CHANNEL"),
        ({"action": "subscribe"}, "UNKNOWN_CHANNEL"),
        ({"action": "subscribe", "channel": ["targets"]}, "UNKNOWN_CHANNEL"),
        ({"action": "dance", "channel": "targets"}, "UNKNOWN_ACTION"),
        ({"action": ["subscribe"]}, "UNKNOWN_ACTION"),
        ("subscribe", "UNKNOWN_ACTION"),
        (None, "UNKNOWN_ACTION"),
        (7, "UNKNOWN_ACTION"),
    ],
    ids=str,
)
def test_a_message_that_means_nothing_is_an_error(live, world, message, code):
    """The connection goes on."""

    async def scenario():
        async with live.connected(world) as listener:
            return await listener.ask(message), await listener.ask({"action": "ping"})

    error, after = asyncio.run(scenario())

    assert (error["type"], error["code"], after) == ("error", code, {"type": "pong"})


@pytest.mark.parametrize("channel", ["targets", "payment-requests", "payment-methods"])
def test_every_documented_channel_can_be_followed(live, world, channel):
    """Also those on which nothing happens here."""

    async def scenario():
        async with live.connected(world) as listener:
            return await listener.ask({"action": "subscribe", "channel": channel})

    assert asyncio.run(scenario()) == {"type": "subscribed", "channel": channel}


def test_who_follows_nothing_hears_nothing(live, world):
    """Before `subscribe` and after `unsubscribe`: the next thing that comes is the answer to a ping."""

    async def scenario():
        async with live.connected(world) as listener:
            await disable(live, world)
            before = await listener.ask({"action": "ping"})
            await listener.follow()
            left = await listener.ask({"action": "unsubscribe", "channel": "targets"})
            await disable(live, world, PREMIUM)
            return before, left, await listener.ask({"action": "ping"})

    assert asyncio.run(scenario()) == (
        {"type": "pong"},
        {"type": "unsubscribed", "channel": "targets"},
        {"type": "pong"},
    )


def test_what_was_published_before_is_not_heard_however_late_it_is_sent(live, world):
    """Nobody sends what the world has published until somebody begins to follow it."""

    async def scenario():
        async with live.connected(world) as listener:
            live.mock.worlds[world].feed.listen(lambda: None)
            await disable(live, world)
            await listener.follow()
            async with live.connected(world):  # With a connection more, what is published is sent at once again.
                await disable(live, world, PREMIUM)
                return await listener.next()

    event, body = asyncio.run(scenario())

    assert (event, body["target"]["target_id"]) == ("target.disabled", PREMIUM)


# Events


async def bring(live, world):
    """The bot is connected to a new target."""
    with live.admin(world) as admin:
        await asyncio.to_thread(admin.put, f"/state/botsubscription/targets/{NOBODY}", json=NEW_TARGET)


FOUNDERS = "ca8df523-2ead-4fde-9a3c-b5dc70128ea7"
HAPPENINGS = {
    "enabled": (
        lambda live, world: wrote(live, world, "PATCH", f"{TARGETS}/{FOUNDERS}", json={"is_enabled": True}),
        [("target.enabled", "Founders 2023")],
    ),
    "disabled": (disable, [("target.disabled", "VIP Channel")]),
    "renamed": (
        lambda live, world: wrote(live, world, "PATCH", f"{TARGETS}/{VIP}", json={"target_name": "V"}),
        [("target.renamed", "V")],
    ),
    "removed": (
        lambda live, world: wrote(live, world, "DELETE", f"{TARGETS}/{VIP}"),
        [("target.removed", "VIP Channel")],
    ),
    "added": (bring, [("target.added", "Backstage")]),
    "many": (
        lambda live, world: wrote(
            live,
            world,
            "PATCH",
            TARGETS,
            json=[{"target_id": each, "is_enabled": False, "target_name": "Off"} for each in (VIP, PREMIUM)],
        ),
        [("target.renamed", "Off"), ("target.disabled", "Off")] * 2,
    ),
}


@pytest.mark.parametrize(("happen", "events"), HAPPENINGS.values(), ids=HAPPENINGS)
def test_what_happens_to_a_target_is_heard(live, world, happen, events):
    """Once each, with the target as it is now; then nothing but the answer to a ping."""

    async def scenario():
        async with live.connected(world) as listener:
            await listener.follow()
            await happen(live, world)
            heard = [await listener.next() for _ in events]
            return heard, await listener.ask({"action": "ping"})

    heard, after = asyncio.run(scenario())

    assert ([(event, body["target"]["target_name"]) for event, body in heard], after) == (events, {"type": "pong"})
    assert len({body["event_id"] for _, body in heard}) == len(events)


@pytest.mark.parametrize(
    "patch",
    [
        [{"target_id": VIP, "is_enabled": True}],
        [{"target_id": VIP, "is_enabled": False}, {"target_id": VIP, "is_enabled": 7}],
        [{"target_id": NOBODY, "is_enabled": False}],
    ],
    ids=["as before", "refused", "missing"],
)
def test_where_nothing_happens_nothing_is_heard(live, world, patch):
    """The next thing that comes is the answer to a ping."""

    async def scenario():
        async with live.connected(world) as listener:
            await listener.follow()
            await wrote(live, world, "PATCH", TARGETS, json=patch)
            return await listener.ask({"action": "ping"})

    assert asyncio.run(scenario()) == {"type": "pong"}


def test_what_is_taken_back_is_never_heard(live, world):
    """An event is published inside the transaction, and goes out only when that has succeeded."""

    async def scenario():
        async with live.connected(world) as listener:
            await listener.follow()
            state = live.mock.worlds[world].of("botsubscription")
            follow = live.mock.services["botsubscription"].api.follow
            choices = live.mock.services["botsubscription"].choices
            with state.world.lock, pytest.raises(Problem), state.transaction():
                before = state["targets"][VIP]
                follow(state, "targets", before, state["targets"].update(VIP, {"is_enabled": False}), choices)
                raise Problem(422, "Not this time.")
            return await listener.ask({"action": "ping"}), state["targets"][VIP]["is_enabled"]

    assert asyncio.run(scenario()) == ({"type": "pong"}, True)


def test_a_deleted_guild_is_heard_alone(live, world):
    """What was inside it only lost its parent."""

    async def scenario():
        async with live.connected(world) as listener:
            await listener.follow()
            await wrote(live, world, "DELETE", f"{TARGETS}/{GUILD}")
            return await listener.next(), await listener.ask({"action": "ping"})

    (event, body), after = asyncio.run(scenario())

    assert (event, body["target"]["target_id"], after) == ("target.removed", GUILD, {"type": "pong"})


# Who hears what


def test_another_world_hears_nothing(live, world):
    """What one world does no other is told."""

    async def scenario():
        async with live.connected(world) as here, live.connected(f"{world}-elsewhere") as elsewhere:
            await here.follow()
            await elsewhere.follow()
            await disable(live, world)
            return (await here.next())[0], await elsewhere.ask({"action": "ping"})

    assert asyncio.run(scenario()) == ("target.disabled", {"type": "pong"})


def test_another_project_hears_nothing(live, world):
    """Events belong to the project of the handshake."""

    async def scenario():
        async with live.connected(world) as listener:
            await listener.follow()
            theirs = TARGETS.replace("YOUR_PROJECT_ID", OTHER_PROJECT)
            guild = f"{theirs}/b19b7ed6-756f-4bd6-a514-c398c757d2f4"
            answer = await wrote(live, world, "PATCH", guild, json={"is_enabled": False}, headers=bearer(OTHER_KEY))
            return answer.status_code, await listener.ask({"action": "ping"})

    assert asyncio.run(scenario()) == (200, {"type": "pong"})


def test_everybody_who_follows_hears_the_same(live, world):
    """Two clients, one event, one id."""

    async def scenario():
        async with live.connected(world) as one, live.connected(world, transport="polling") as two:
            await one.follow()
            await two.follow()
            await disable(live, world)
            return await one.next(), await two.next()

    one, two = asyncio.run(scenario())

    assert (one[0], one) == ("target.disabled", two)


def test_where_nobody_is_connected_nothing_is_published(live, world):
    """The feed is listened to from the first client to the last."""
    feed = live.mock.worlds[world].feed

    async def scenario():
        before = feed.has_subscriber
        async with live.connected(world), live.connected(world):
            during = feed.has_subscriber
        return before, during

    heard = asyncio.run(scenario())

    quiet = threading.Event()
    for _ in range(200):
        if not feed.has_subscriber:
            break
        quiet.wait(0.02)
    assert (heard, feed.has_subscriber) == ((False, True), False)


ADDRESSES = {
    "a header names the world": (f"/botsubscription{PATH}", {"Mock-World": "{world}"}),
    "the vendor's own path, as the only one": (f"/~{{world}}{PATH}", {}),
    "the client's usual path": ("/~{world}/socket.io/", {}),
    "the vendor's host": (f"/~{{world}}{PATH}", {"Host": "api.botsubscription.com"}),
}


@pytest.mark.parametrize(("path", "headers"), ADDRESSES.values(), ids=ADDRESSES)
def test_a_world_is_named_as_everywhere(live, world, path, headers):
    """By the path or by a header; the API by the path, by the host, or not at all."""
    given = {name: value.format(world=world) for name, value in headers.items()}

    async def scenario():
        async with live.connected(world, path=path.format(world=world), headers=given) as listener:
            await listener.follow()
            await disable(live, world)
            return (await listener.next())[0]

    assert asyncio.run(scenario()) == "target.disabled"


@pytest.mark.parametrize("path", ["/", "/botsubscription", "/xqr/socket.io/", "/botsubscription/v1/socket.io/"])
def test_what_is_no_channel_is_said(live, path):
    """A 404 that names the addresses that there are."""
    answer = httpx.get(live.root + path, trust_env=False)

    assert (answer.status_code, answer.headers["Content-Type"].split(";")[0]) == (404, "application/problem+json")
    assert f"/botsubscription{PATH}" in answer.json()["detail"]


def test_a_taken_port_is_said(live):
    """With what to do about it."""
    taken = int(live.root.rpartition(":")[2])

    with pytest.raises(Unusable, match=rf"port {taken}: .*choose another with --live-port"):
        LiveServer(live.mock.services, live.mock.worlds).start("127.0.0.1", taken)


def test_a_stopped_server_leaves_its_port(live_with):
    """And its clients."""
    found = live_with()
    server, port = LiveServer(found.mock.services, found.mock.worlds), free_port()
    server.start("127.0.0.1", port)

    server.stop()

    again = LiveServer(found.mock.services, found.mock.worlds)
    for attempt in range(50):
        try:
            again.start("127.0.0.1", port)
            break
        except Unusable:
            assert attempt < 49
            threading.Event().wait(0.05)
    again.stop()


# What the documents leave open


def test_a_target_can_be_updated_by_one_name(live_with, world):
    """`event-names=updated`: renamed and disabled is one event."""
    live = live_with(**{"event-names": "updated"})

    async def scenario():
        async with live.connected(world) as listener:
            await listener.follow()
            await wrote(live, world, "PATCH", f"{TARGETS}/{VIP}", json={"is_enabled": False, "target_name": "V"})
            return (await listener.next())[0], await listener.ask({"action": "ping"})

    assert asyncio.run(scenario()) == ("target.updated", {"type": "pong"})


def test_a_removed_target_can_be_its_id_alone(live_with, world):
    """`removed-targets=id-only`."""
    live = live_with(**{"removed-targets": "id-only"})

    async def scenario():
        async with live.connected(world) as listener:
            await listener.follow()
            await wrote(live, world, "DELETE", f"{TARGETS}/{VIP}")
            return await listener.next()

    event, body = asyncio.run(scenario())

    assert (event, body["target_id"], "target" in body) == ("target.removed", VIP, False)


def test_errors_can_be_ignored(live_with, world):
    """`live-errors=ignore`: the next thing that comes is the answer to a ping."""
    live = live_with(**{"live-errors": "ignore"})

    async def scenario():
        async with live.connected(world) as listener:
            await listener.say({"action": "subscribe", "channel": "nothing"})
            return await listener.ask({"action": "ping"})

    assert asyncio.run(scenario()) == {"type": "pong"}


@pytest.mark.parametrize(("option", "said"), [("free", "subscribed"), ("needed", "error")])
def test_the_permission_can_be_needed(live_with, world, option, said):
    """`live-permission`: whether a user who may only see payments hears of targets."""
    live = live_with(**{"live-permission": option})

    async def scenario():
        auth = {"token": CASHIER, "project_id": "YOUR_PROJECT_ID"}
        async with live.connected(world, auth=auth) as listener:
            return (await listener.ask(SUBSCRIBE))["type"]

    assert asyncio.run(scenario()) == said
