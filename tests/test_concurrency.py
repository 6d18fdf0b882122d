"""Many clients at once: every bulk change is whole, none is lost, and the journal has them all."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import httpx
import pytest

from mockserver.vendors import APIS
from tests.conftest import free_port, started

CLIENTS = 8
ROUNDS = 12
LINKS = "/api/v1/links"
STATUS = "/api/v1/links/bulk/status"


@pytest.fixture(scope="module")
def root() -> Iterator[str]:
    """A server of its own that refuses nobody for coming too often."""
    port = free_port()
    command = [sys.executable, "-m", "mockserver", "serve", "xqr", "--port", str(port), "--limits", "off"]
    with started([*command, "--journal", "10000"], port, env={**os.environ, "PYTHONUNBUFFERED": "1"}) as address:
        yield address


def client_of(root: str, world: str) -> httpx.Client:
    """Somebody with the documented key, in this world."""
    return httpx.Client(base_url=f"{root}/~{world}/xqr", headers=dict([APIS["xqr"].credential]), timeout=30)


def links_of(client: httpx.Client) -> dict[str, bool]:
    """All links of the workspace: whether each is enabled."""
    page = client.get(LINKS, params={"limit": 200}).json()["data"]
    return {link["id"]: link["enabled"] for link in page}


def run(root: str, world: str) -> tuple[list[str], list[list[str]], list[tuple[int, bool, int, dict[str, bool]]]]:
    """Every client changes what all of them change and a few links of its own, again and again, and looks.

    The common links; each client's own; and for every change who made it, what was wanted, how many were said to be
    updated, and what the links looked like right after it.
    """
    with client_of(root, world) as client:
        ids = [*links_of(client)]
        client.patch(STATUS, json={"ids": ids, "enabled": True})
    common, rest = ids[:10], ids[10:]
    share = len(rest) // CLIENTS
    own = [rest[number * share : (number + 1) * share] for number in range(CLIENTS)]
    together = Barrier(CLIENTS)

    def work(number: int) -> list[tuple[int, bool, int, dict[str, bool]]]:
        seen = []
        with client_of(root, world) as client:
            together.wait()
            for turn in range(ROUNDS):
                enabled = (turn + number) % 2 == 0
                answer = client.patch(STATUS, json={"ids": common + own[number], "enabled": enabled})
                seen.append((number, enabled, answer.json()["data"]["updated"], links_of(client)))
        return seen

    with ThreadPoolExecutor(CLIENTS) as pool:
        looks = [look for looks in pool.map(work, range(CLIENTS)) for look in looks]
    return common, own, looks


def test_every_look_shows_whole_changes(root):
    """The links that all clients change are all on or all off, and so are each client's own."""
    common, own, looks = run(root, "whole")

    torn = [
        part for _, _, _, links in looks for part in (common, *own) if len({links[link_id] for link_id in part}) != 1
    ]

    assert (len(looks), torn) == (CLIENTS * ROUNDS, [])


def test_no_change_is_lost(root):
    """Each client finds its own links as it left them, however many others write."""
    common, own, looks = run(root, "kept")

    lost = [
        number
        for number, enabled, updated, links in looks
        if updated != len(common + own[number]) or {links[link_id] for link_id in own[number]} != {enabled}
    ]

    assert lost == []


def test_the_journal_has_every_request_once(root):
    """Under a number of its own, in the order in which they were served."""
    run(root, "noted")

    with httpx.Client(base_url=f"{root}/~noted/__admin", timeout=30) as admin:
        changes = admin.post("/requests/count", json={"operation": "bulkUpdateLinkStatus"}).json()["count"]
        ids = [request["id"] for request in admin.get("/requests").json()["requests"]]

    assert changes == CLIENTS * ROUNDS + 1
    assert ids == [*range(2 * (CLIENTS * ROUNDS + 1), 0, -1)]


def test_worlds_do_not_disturb_each_other(root):
    """Eight clients in eight worlds, each sees only its own changes."""
    together = Barrier(CLIENTS)

    def work(number: int) -> list[set[bool]]:
        seen = []
        with client_of(root, f"own{number}") as client:
            ids = [*links_of(client)]
            together.wait()
            for turn in range(4):
                client.patch(STATUS, json={"ids": ids, "enabled": (turn + number) % 2 == 0})
                seen.append({*links_of(client).values()})
        return seen

    with ThreadPoolExecutor(CLIENTS) as pool:
        seen = [*pool.map(work, range(CLIENTS))]

    assert seen == [[{(turn + number) % 2 == 0} for turn in range(4)] for number in range(CLIENTS)]
