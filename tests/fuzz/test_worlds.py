"""Worlds do what a model of a few lines says, whatever is done to them in whatever order, over a port."""

from __future__ import annotations

import time
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from mockserver.server import running
from mockserver.vendors import APIS
from tests.figures import Figures

MOST_WORLDS = 5
WORKSPACE = "ws_a1b2c3d4-e5f6-7890-abcd-ef1234567890"
"""Whose links the documented key shows."""
_names = count(1)

Links = dict[str, tuple[bool, int]]


@dataclass
class Modelled:
    """A world as the model has it: whether each link is enabled and its scans, and what was asked for."""

    links: Links
    frozen: int | None = None
    failures: list[int] = field(default_factory=list)
    stubs: int = 0
    requests: int = 0


class WorldsModel(RuleBasedStateMachine):
    """The control API and the bulk operation of one vendor, beside the model of them."""

    root = ""
    figures: Figures
    worlds = Bundle("worlds")
    snapshots = Bundle("snapshots")
    picks = st.lists(st.integers(0, 200), min_size=1, max_size=5, unique=True)

    def __init__(self) -> None:
        super().__init__()
        self.client = httpx.Client(base_url=self.root, timeout=20)
        self.known: dict[str, Modelled] = {}
        self.kept: dict[str, Modelled] = {}
        self.fresh = self._links("default")

    def teardown(self) -> None:
        for name in self.known:
            self._call("DELETE", f"/__admin/worlds/{name}", None, 204)
        for name in self.kept:
            self._call("DELETE", f"/__admin/snapshots/{name}", None, 204)
        self.client.close()

    def _call(self, method: str, path: str, json: object = None, expected: int = 200) -> Any:
        self.figures.count()
        answer = self.client.request(method, path, json=json, headers=dict([APIS["xqr"].credential]))
        assert answer.status_code == expected, (method, path, json, answer.status_code, answer.text)
        is_json = "json" in answer.headers.get("Content-Type", "")
        return answer.json() if is_json else answer.text

    def _admin(self, world: str, method: str, path: str, json: object = None, expected: int = 200) -> Any:
        return self._call(method, f"/~{world}/__admin{path}", json, expected)

    def _links(self, world: str) -> Links:
        records = self._admin(world, "GET", "/state/xqr/links?limit=1000")["records"]
        own = [record for record in records if record["_workspace"] == WORKSPACE]
        return {record["id"]: (record["enabled"], record["scan_count"]) for record in own}

    def _chosen(self, world: str, picks: list[int]) -> list[str]:
        ids = sorted(self.known[world].links)
        return sorted({ids[pick % len(ids)] for pick in picks}) if ids else []

    def _add(self, name: str, modelled: Modelled) -> Any:
        self.known[name] = modelled
        return name

    # Worlds and snapshots

    @rule(target=worlds)
    def make(self) -> Any:
        if len(self.known) == MOST_WORLDS:
            return multiple()
        name = f"m{next(_names)}"
        self._call("POST", "/__admin/worlds", {"name": name}, 201)
        return self._add(name, Modelled(dict(self.fresh)))

    @rule(target=worlds, origin=worlds)
    def fork(self, origin: str) -> Any:
        if len(self.known) == MOST_WORLDS:
            return multiple()
        name = f"m{next(_names)}"
        self._call("POST", f"/__admin/worlds/{origin}/fork", {"name": name}, 201)
        modelled = deepcopy(self.known[origin])
        modelled.requests = 0
        return self._add(name, modelled)

    @rule(target=worlds, snapshot=snapshots)
    def make_from_snapshot(self, snapshot: str) -> Any:
        if len(self.known) == MOST_WORLDS:
            return multiple()
        name = f"m{next(_names)}"
        self._call("POST", "/__admin/worlds", {"name": name, "from": {"snapshot": snapshot}}, 201)
        modelled = deepcopy(self.kept[snapshot])
        modelled.requests = 0
        return self._add(name, modelled)

    @rule(target=snapshots, world=worlds)
    def snapshot(self, world: str) -> str:
        name = f"s{next(_names)}"
        self._call("POST", f"/__admin/worlds/{world}/snapshots", {"name": name}, 201)
        self.kept[name] = deepcopy(self.known[world])
        return name

    @rule(world=worlds, snapshot=snapshots)
    def restore(self, world: str, snapshot: str) -> None:
        self._call("POST", f"/__admin/worlds/{world}/restore", {"snapshot": snapshot}, 204)
        self.known[world].links = dict(self.kept[snapshot].links)

    @rule(world=worlds)
    def reset(self, world: str) -> None:
        self._admin(world, "POST", "/reset", None, 204)
        self.known[world] = Modelled(dict(self.fresh))

    @rule(world=consumes(worlds))
    def delete(self, world: str) -> None:
        self._call("DELETE", f"/__admin/worlds/{world}", None, 204)
        del self.known[world]

    # Records

    @rule(world=worlds, picks=picks, enabled=st.booleans())
    def enable(self, world: str, picks: list[int], enabled: bool) -> None:
        ids = self._chosen(world, picks)
        if not ids:
            return
        told = self._call("PATCH", f"/~{world}/xqr/api/v1/links/bulk/status", {"ids": ids, "enabled": enabled})
        modelled = self.known[world]
        modelled.requests += 1
        modelled.links |= {key: (enabled, modelled.links[key][1]) for key in ids}
        assert told["data"]["updated"] == len(ids)

    @rule(world=worlds, picks=picks, scans=st.integers(0, 99))
    def write(self, world: str, picks: list[int], scans: int) -> None:
        for key in self._chosen(world, picks):
            self._admin(world, "PATCH", f"/state/xqr/links/{key}", {"scan_count": scans})
            self.known[world].links[key] = (self.known[world].links[key][0], scans)

    @rule(world=worlds, picks=picks)
    def remove(self, world: str, picks: list[int]) -> None:
        for key in self._chosen(world, picks):
            self._admin(world, "DELETE", f"/state/xqr/links/{key}", None, 204)
            del self.known[world].links[key]

    @rule(world=worlds)
    def ask(self, world: str) -> None:
        modelled = self.known[world]
        modelled.requests += 1
        if modelled.failures:
            self._call("GET", f"/~{world}/xqr/api/v1/links?limit=200", None, 503)
            modelled.failures[0] -= 1
            modelled.failures = [times for times in modelled.failures if times]
            return
        told = self._call("GET", f"/~{world}/xqr/api/v1/links?limit=200")["data"]
        assert len(told) == min(200, len(modelled.links))
        assert {link["id"]: link["enabled"] for link in told}.items() <= {
            key: enabled for key, (enabled, _) in modelled.links.items()
        }.items()

    # Time, faults, stubs, the journal

    @rule(world=worlds, at=st.integers(1_700_000_000, 1_800_000_000))
    def freeze(self, world: str, at: int) -> None:
        when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))
        self._admin(world, "POST", "/clock/freeze", {"at": when})
        self.known[world].frozen = at

    @rule(world=worlds, seconds=st.integers(0, 10**6))
    def advance(self, world: str, seconds: int) -> None:
        self._admin(world, "POST", "/clock/advance", {"seconds": seconds})
        if (frozen := self.known[world].frozen) is not None:
            self.known[world].frozen = frozen + seconds

    @rule(world=worlds, times=st.integers(1, 3))
    def fail(self, world: str, times: int) -> None:
        self._admin(world, "POST", "/faults", {"operation": "listLinks", "status": 503, "times": times}, 201)
        self.known[world].failures.append(times)

    @rule(world=worlds)
    def mend(self, world: str) -> None:
        self._admin(world, "DELETE", "/faults", None, 204)
        self.known[world].failures = []

    @rule(world=worlds)
    def stub(self, world: str) -> None:
        number = self.known[world].stubs = self.known[world].stubs + 1
        stub = {"request": {"urlPath": "/hello"}, "response": {"status": 200, "body": str(number)}}
        self._admin(world, "POST", "/mappings", stub, 201)

    @rule(world=worlds)
    def unstub(self, world: str) -> None:
        self._admin(world, "DELETE", "/mappings", None)
        self.known[world].stubs = 0

    @rule(world=worlds)
    def ask_stub(self, world: str) -> None:
        stubs = self.known[world].stubs
        told = self._call("GET", f"/~{world}/hello", None, 200 if stubs else 404)
        self.known[world].requests += 1
        assert not stubs or told == str(stubs)

    @rule(world=worlds)
    def forget(self, world: str) -> None:
        self._admin(world, "POST", "/requests/reset", None, 204)
        self.known[world].requests = 0

    @invariant()
    def every_world_is_as_modelled(self) -> None:
        for name, modelled in self.known.items():
            assert self._links(name) == modelled.links
            assert [
                fault["times"] - fault["used"] for fault in self._admin(name, "GET", "/faults")["faults"]
            ] == modelled.failures
            assert len(self._admin(name, "GET", "/mappings")["mappings"]) == modelled.stubs
            assert self._call("GET", f"/__admin/worlds/{name}")["requests"] == modelled.requests
            if modelled.frozen is not None:
                now = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(modelled.frozen))
                assert self._admin(name, "GET", "/clock")["now"] == now


@pytest.fixture(scope="module")
def root() -> Iterator[str]:
    """A server of its own on a port."""
    with running("xqr", enforce_limits=False) as mock:
        yield mock.root


def test_worlds_are_as_their_model(budget, root, figures):
    """Fork, change, snapshot, restore, reset, advance, fault, stub: no difference, in any order."""
    WorldsModel.root, WorldsModel.figures = root, figures
    deadline, turn = time.monotonic() + budget.seconds, 0
    while time.monotonic() < deadline:
        chosen = settings(
            max_examples=2,
            phases=[Phase.generate, Phase.shrink],
            stateful_step_count=30,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        run_state_machine_as_test(seed(budget.seed * 1_000_003 + turn)(WorldsModel), settings=chosen)
        turn += 1
