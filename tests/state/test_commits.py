"""A request in a world is one commit: taken back it leaves nothing, and another world that receives it is the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.server.mock import Mock
from mockserver.state.commits.commit import Change, Commit
from mockserver.state.commits.contents import content_of, receive
from tests.state.followed import NAME, Followed, copied, difference, end, sent, state_of, two_mocks
from tests.support import bearer
from tests.vendors.xqr_world import ACME, DOCS, HOOKS, LINKS, PRODUCTION, STATUS, SUMMER

KEY = bearer(PRODUCTION)
NOON = "2026-03-21T14:30:00Z"
ORDER = {"title": "Tea", "total": 4.5}

Step = tuple[Any, ...]
REQUESTS: dict[str, Step] = {
    "a link is read": ("GET", f"/xqr{LINKS}/{SUMMER}", None, KEY),
    "links are listed": ("GET", f"/xqr{LINKS}", None, KEY),
    "a link is made": ("POST", f"/xqr{LINKS}", {"url": "https://example.com/a"}, KEY),
    "a link is made under a key": (
        "POST", f"/xqr{LINKS}", {"url": "https://example.com/b"}, {**KEY, "Idempotency-Key": "k1"},
    ),
    "another link under the same key": (
        "POST", f"/xqr{LINKS}", {"url": "https://example.com/c"}, {**KEY, "Idempotency-Key": "k1"},
    ),
    "a link that cannot be": ("POST", f"/xqr{LINKS}", {"url": "no address"}, KEY),
    "links are switched off": ("PATCH", f"/xqr{STATUS}", {"ids": [SUMMER, DOCS], "enabled": False}, KEY),
    "a link is deleted": ("DELETE", f"/xqr{LINKS}/{DOCS}", None, KEY),
    "a link is followed": ("GET", "/xqr/summer24"),
    "a webhook is made": ("POST", f"/xqr{HOOKS}", {"url": "http://127.0.0.1:9/", "events": ["link.created"]}, KEY),
    "somebody else asks": ("GET", f"/xqr{LINKS}", None, bearer(ACME)),
    "nobody asks": ("GET", f"/xqr{LINKS}"),
    "an order is made": ("POST", "/shop/orders", ORDER),
    "an order is made under a key": ("POST", "/shop/orders", ORDER, {"Idempotency-Key": "k2"}),
    "an order is read": ("GET", "/shop/orders/1"),
    "orders are listed": ("GET", "/shop/orders"),
    "an order is changed": ("PATCH", "/shop/orders/1", {"title": "Tea 茶"}),
    "an order is deleted": ("DELETE", "/shop/orders/1"),
    "an order is not there": ("GET", "/shop/orders/999"),
    "nothing is there": ("GET", "/nowhere"),
    "targets are read": ("GET", "/botsubscription/api/v1/targets"),
}  # fmt: skip
CONTROL: dict[str, Step] = {
    "time goes on": ("POST", "/__admin/clock/advance", {"seconds": 90}),
    "time stands still": ("POST", "/__admin/clock/freeze", {"at": NOON}),
    "time runs": ("POST", "/__admin/clock/reset", {}),
    "a fault": ("POST", "/__admin/faults", {"status": 503, "times": 2, "probability": 0.5}),
    "a delay": ("POST", "/__admin/faults", {"delay": {"lower": 1, "upper": 2}, "api": "shop", "every": 2}),
    "no faults": ("DELETE", "/__admin/faults"),
    "a stub": (
        "POST", "/__admin/mappings", {
            "request": {"method": "GET", "urlPath": "/shop/orders/1"}, "response": {"status": 200, "jsonBody": ORDER},
            "scenarioName": "s", "requiredScenarioState": "Started", "newScenarioState": "over", "check": False,
        },
    ),
    "stubs are kept": ("POST", "/__admin/mappings/save"),
    "no stubs": ("DELETE", "/__admin/mappings"),
    "a next answer": ("POST", "/__admin/next", {"method": "GET", "path": "/orders", "body": [], "api": "shop"}),
    "a record": ("POST", "/__admin/state/shop/orders", {"id": 77, "title": "Own"}),
    "a record that cannot be": ("POST", "/__admin/state/shop/orders", {"id": 78, "title": 5}),
    "a record changed": ("PATCH", f"/__admin/state/xqr/links/{SUMMER}", {"scan_count": 2**70}),
    "a snapshot": ("POST", f"/__admin/worlds/{NAME}/snapshots", {"name": "s"}),
    "the snapshot again": ("POST", f"/__admin/worlds/{NAME}/restore", {"snapshot": "s"}),
    "a credential": ("POST", f"/__admin/worlds/{NAME}/credentials", {"credentials": [{"api": "xqr"}]}),
    "no journal": ("DELETE", "/__admin/requests"),
    "no outbox": ("DELETE", "/__admin/outbox"),
    "all anew": ("POST", "/__admin/reset"),
}  # fmt: skip
STEPS = {**REQUESTS, **CONTROL}


@pytest.fixture(scope="module")
def mocks(tmp_path_factory: pytest.TempPathFactory) -> tuple[Mock, Mock]:
    """Two mocks of the same APIs."""
    return two_mocks(tmp_path_factory.mktemp("followed"))


@pytest.fixture
def pair(mocks: tuple[Mock, Mock]) -> Iterator[Followed]:
    """A mock and its follower, whose time stands still."""
    pair = Followed(*mocks)
    pair.send(*CONTROL["time stands still"])
    yield pair
    end(mocks)
    assert pair.wrong == []


def played(pair: Followed, names: list[str]) -> None:
    """Each step was done, taken back and done again."""
    for name in names:
        pair.send(*STEPS[name])
    pair.settle()


def same(pair: Followed) -> list[Any]:
    """Where the follower differs."""
    with pair.world.lock:
        return difference(state_of(pair.world), state_of(pair.copy))


@pytest.mark.parametrize("name", STEPS)
def test_a_request_is_followed_wherever_it_comes(pair: Followed, name: str):
    """Each kind of request, once in a fresh world and twice in one that was used."""
    played(pair, [name, "an order is made", "a webhook is made", "a link is made", "a fault", "a snapshot", name, name])

    assert same(pair) == []


@settings(max_examples=15, deadline=None)
@given(names=st.lists(st.sampled_from([*STEPS]), min_size=3, max_size=12))
def test_any_sequence_is_followed(mocks: tuple[Mock, Mock], names: list[str]):
    """Whatever is asked, in whatever order."""
    pair = Followed(*mocks)

    played(pair, ["time stands still", *names])

    found = pair.wrong, same(pair)
    end(mocks)
    assert found == ([], [])


@pytest.mark.parametrize("name", REQUESTS)
def test_the_follower_answers_the_next_request_alike(pair: Followed, name: str):
    """With the same ids, the same counts of limits and the same number in the journal."""
    played(pair, ["an order is made", "a link is made under a key", "a fault", "a credential", "a webhook is made"])
    pair.world.runner = None

    first, second = sent(pair.mock, *STEPS[name]), sent(pair.follower, *STEPS[name])

    assert (first.status_code, first.headers, first.content) == (second.status_code, second.headers, second.content)
    assert pair.world.journal.taken == pair.copy.journal.taken


def test_a_world_begins_with_the_written_content_of_another(pair: Followed):
    """With all that is in it, relative to the records that both began with; the journal is not part of it."""
    played(pair, [*REQUESTS, "a snapshot", "a fault", "a stub", "the snapshot again", *REQUESTS])

    with pair.world.lock:
        other = copied(pair.world)
        found = difference(state_of(pair.world), state_of(other))

    assert [one for one, _ in found] == [[exchange.id for exchange in pair.world.journal]]


def test_what_has_no_place_is_told_and_kept(pair: Followed, caplog: pytest.LogCaptureFixture):
    """The rest is received, and whoever writes the whole world writes what has no place here too."""
    commit = Commit((
        Change(("records", "gone", "things"), 1, None),
        Change(("sequences", "shop"), "orders", 9),
    ))  # fmt: skip

    receive(pair.copy, commit)

    assert caplog.messages == ["the world w has gone things, which is not served now: it is kept as it is"]
    assert pair.copy.of("shop").next_number("orders") == 10
    assert commit.changes[0] in content_of(pair.copy).changes


def test_a_failed_request_of_the_control_api_leaves_nothing(pair: Followed):
    """Neither where it was made nor where it is received."""
    pair.send(*STEPS["a record that cannot be"])

    assert (pair.world.of("shop")["orders"].get(78), same(pair)) == (None, [])


def test_a_taken_back_request_has_told_nobody(pair: Followed):
    """Whoever watches requests is told when the commit is kept, once."""
    heard: list[int] = []
    pair.mock.worlds.watch(lambda exchange: heard.append(exchange.id))

    pair.send("GET", "/shop/orders")

    assert heard == [1]
