"""A mock as a test holds it: one API in one world, on a port of this process."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import cached_property
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from mockserver import loopback
from mockserver.control.world_content import difference
from mockserver.engine.issued_credentials import FreshCredential
from mockserver.messages import Exchange
from mockserver.problem import Unusable
from mockserver.server.in_process import RunningMock
from mockserver.server.in_process import running as serving
from mockserver.server.serve_options import Options
from mockserver.state.journal import Journal
from mockserver.state.world import DEFAULT_WORLD, World
from mockserver.state.world_bindings import COOKIE, QUERY
from mockserver.testing.control_client import ControlClient
from mockserver.testing.exchange_report import exchange_lines
from mockserver.testing.interception import Interception, address_of
from mockserver.testing.steering import (
    add_fault,
    fresh_credential,
    known_criteria,
    known_operation,
    mapping_of,
    operation_of,
)
from mockserver.testing.unused_rules import rule_ids, unused_rules
from mockserver.testing.verification_text import not_verified
from mockserver.testing.world_views import OutboxView, StateView, WorldClock, seconds_of

_numbers = count(1)
_LONGEST_FORK = 48
"""Characters that the name of a fork begins with."""
_MOST_FORKS = 100
"""Forks that ended and are still told of; beyond, they are forgotten."""


class MockApi:
    """One API of a running mock, in a world of its own. `url` is where clients find it, `key` and `headers` are a
    credential that it takes; all else reads and steers the world. Nothing of it is seen in any other world.

    `with` it the world ends with the block; `mock_api` of the pytest plugin ends it with the test.
    """

    def __init__(self, running: RunningMock, name: str, world: str, *, strict: bool = False) -> None:
        self.name = name
        self.world = world
        self.strict = strict
        self.forks: list[MockApi] = []
        self._assumed: dict[str, str] = {}
        self._mark = 0
        self._breaches = running.breaches.of(world)
        self._told = len(self._breaches)
        self._open = ExitStack()
        self._kept: Journal | None = None
        self._running = running
        self._service = running.mock.services[name]
        self._world: World = running.mock.worlds[world]
        self._control = ControlClient(running.mock.app, world)
        self._begun_with = rule_ids(self._world)
        self._forked: list[tuple[frozenset[str], World]] = []
        if self._world.failures is None:
            self._world.failures = []

    def __repr__(self) -> str:
        return f"<MockApi {self.name} at {self.url}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.close()

    def __getitem__(self, name: str) -> MockApi:
        """Another API of the same mock, in the same world. Raises KeyError."""
        if name not in self._running.mock.services:
            raise KeyError(f"no API {name!r} is served; served are {', '.join(self._running.mock.services)}")
        return MockApi(self._running, name, self.world, strict=self.strict)

    # Where it is, and who may call

    @property
    def root(self) -> str:
        """The address of the world: `http://127.0.0.1:49152/~test_refund-1`."""
        return self._running.root if self.world == DEFAULT_WORLD else f"{self._running.root}/~{self.world}"

    @property
    def url(self) -> str:
        """The base URL of the API, which the paths of its document are appended to."""
        return self._running.url_of(self.name, self.world)

    @property
    def hosts(self) -> frozenset[str]:
        """The hosts of the servers of its document."""
        return frozenset(self._service.spec.hosts - loopback.NAMES)

    @property
    def headers(self) -> dict[str, str]:
        """The header of a fresh credential, ready to be sent; empty where the API asks for none in a header. Requests
        that carry it are in this world, with and without `/~world` in their address.
        """
        sent = self._credential and self._credential.sent
        if not sent or sent.place == QUERY:
            return {}
        return {"Cookie": f"{sent.name}={sent.value}"} if sent.place == COOKIE else {sent.name: sent.value}

    @property
    def key(self) -> str:
        """The credential alone: the token after `Bearer`, the API key, or `user:password`; empty where none is asked
        for.
        """
        return self._credential.secret if self._credential else ""

    @cached_property
    def _credential(self) -> FreshCredential | None:
        return fresh_credential(self._service, self._world, self._running.mock.worlds)

    def environ(self, **variables: str) -> dict[str, str]:
        """The environment of a subprocess that is to find the mock: this process's, with `{NAME}_URL` and `{NAME}_KEY`
        of the API, such as `SHOP_URL`. `variables` are further ones in which `{url}`, `{key}` and `{root}` are
        replaced: `environ(PAYMENTS_BASE="{url}/payments")`.
        """
        prefix = self.name.upper().replace("-", "_")
        own = {f"{prefix}_URL": self.url, f"{prefix}_KEY": self.key}
        values = {"url": self.url, "key": self.key, "root": self.root}
        return {**os.environ, **own, **{name: text.format(**values) for name, text in variables.items()}}

    def intercept(self, *urls: str) -> Interception:
        """Sends what this process asks at these addresses to the mock: `https://xqr.co`, `https://gateway.example/pay`
        (then what follows is below the API's base), `xqr.co`; none: the servers of the document. It holds for httpx,
        requests, urllib3, aiohttp and urllib, in every thread, until this mock ends, or the `with` block. Requests for
        other addresses go where they are for. Raises Unusable.
        """
        wanted = urls or tuple(sorted(self.hosts))
        if not wanted:
            raise Unusable(f"the document of {self.name} names no server; say what to intercept: https://…")
        base, port = self._service.spec.base_path, int(self._running.root.rpartition(":")[2])
        addresses = tuple(address_of(url, base, port, self.world) for url in wanted)
        for address in addresses:
            self._running.mock.app.answer_for(address.host, self.name)
        return self._open.enter_context(Interception(addresses))

    # What it remembers

    @property
    def state(self) -> StateView:
        """Its collections by name: `api.state["orders"]`."""
        return StateView(self._world, self.name, self._control)

    @property
    def clock(self) -> WorldClock:
        """The time of the world."""
        return WorldClock(self._world)

    @property
    def outbox(self) -> OutboxView:
        """The webhooks that it sent, or will send."""
        return OutboxView(self._world, self.name)

    @property
    def journal(self) -> list[Exchange]:
        """What was asked and answered in the world, oldest first; requests that reached no API are among it."""
        return [exchange for exchange in self._journal if exchange.api in (self.name, "")]

    @property
    def _journal(self) -> Journal:
        return self._world.journal if self._kept is None else self._kept

    @property
    def failures(self) -> list[Exception]:
        """What handlers raised that is no Problem, oldest first; the answer was a 500. The pytest plugin raises the
        first of them when the test is over, unless it was taken out of the list.
        """
        return [] if self._world.failures is None else self._world.failures

    def report(self) -> str:
        """What was asked and answered in this test, a line each, with violations and the beginnings of bodies;
        credentials are masked.
        """
        return exchange_lines(self.recent, self._service)

    def har(self) -> str:
        """What was asked and answered in the world since `mark`, as an HTTP archive (HAR 1.2), which browsers show.
        Raises Unusable once the world has ended.
        """
        if self.is_closed:
            raise Unusable(f"the world {self.world} has ended")
        recent = sum(exchange.id > self._mark for exchange in self._journal)
        found = self._control("GET", "/requests.har")
        found["log"]["entries"] = found["log"]["entries"][-recent:] if recent else []
        return json.dumps(found, ensure_ascii=False, indent=1)

    @property
    def recent(self) -> list[Exchange]:
        """The exchanges of the journal since `mark` was called; the plugin calls it before each test."""
        return [exchange for exchange in self.journal if exchange.id > self._mark]

    def mark(self) -> None:
        """What is in the journal by now belongs to no test that follows."""
        self.forks = [fork for fork in self.forks if not fork.is_closed]
        self._told = len(self._breaches)
        latest = self._journal.latest
        self._mark = 0 if latest is None else latest.id

    def breaches(self) -> list[str]:
        """How requests in the world broke the documents since `mark`, a line each, also where the world was reset since
        or has ended: a path, a method or a query parameter that is not declared, a value that breaks its schema, a body
        that cannot be read, a missing credential.
        """
        return self._breaches[self._told :]

    def take_breaches(self) -> list[str]:
        """The `breaches` that this has not returned before."""
        found = self.breaches()
        self._told += len(found)
        return found

    def unused(self) -> list[str]:
        """The faults, stubs and next answers that no request met, here or in a fork, a line each; those that the world
        began with are left out.
        """
        met = (begun - rule_ids(world, only_unmet=True) for begun, world in self._forked if world is not self._world)
        return unused_rules(self._world, self._begun_with.union(*met))

    # What was asked

    def verify(self, operation: str = "", *, times: int | None = None, within: str | float = 0, **request: Any) -> None:
        """The client made such requests so often; `times=None` is at least once, and `within` waits so many seconds for
        it. `body={…}` has at least these members, `query={…}`, `headers={…}`, `status=201` are equal; further criteria
        are those of the control API. Raises AssertionError with the nearest requests and what differs in them, Unusable
        for criteria that cannot be.
        """
        __tracebackhide__ = True
        criteria = self._criteria(operation, request)
        count = {"atLeast": 1} if times is None else {"exactly": times}
        self._verified({"request": criteria, "count": count}, within, criteria)

    def verify_order(self, *operations: str, within: str | float = 0) -> None:
        """The client asked for these operations one after the other; others may lie between. Raises as `verify`."""
        __tracebackhide__ = True
        steps = [self._criteria(operation, {}) for operation in operations]
        self._verified({"sequence": steps}, within, [*operations])

    def _criteria(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        __tracebackhide__ = True
        known_criteria(request)
        named = {"operation": operation_of(self._service, operation).id} if operation else {}
        return {"api": self.name, **named, **request}

    def _verified(self, asked: dict[str, Any], within: str | float, expected: Any) -> None:
        __tracebackhide__ = True
        waiting = f"?within={seconds_of(within):g}" if within else ""
        status, told = self._control.ask("POST", f"/verify{waiting}", asked)
        if status == 409:
            raise AssertionError(not_verified(told, expected))
        if status >= 400:
            raise Unusable(told["detail"])

    # What goes wrong, and what is chosen

    def fail_next(self, operation: str = "*", status: int = 0, *, times: int = 1, **how: Any) -> None:
        """The next requests for the operation fail: with a status in the API's own error body, or as the members of a
        fault say: `connection="reset"`, `delay=2000` (milliseconds), `body=…`, `headers=…`, `breaks="missing"`,
        `bytes_per_second=100`, `after=1`, `path="/orders/*"`. An operation is named by its id, or by method and path;
        `*` is any. Raises Unusable.
        """
        __tracebackhide__ = True
        add_fault(self._world, self._service, {"operation": operation, "status": status, "times": times, **how})

    def fail(self, operation: str = "*", status: int = 0, **how: Any) -> None:
        """As `fail_next`, for all requests from now on: `fail(delay=200)`, `fail("getOrder", 503, probability=0.1)`."""
        __tracebackhide__ = True
        self.fail_next(operation, status, times=0, **how)

    def stub(self, operation: str | Mapping[str, Any], status: int = 0, **answer: Any) -> None:
        """Requests for the operation get this answer from now on, in the place of the mock's; the newest comes first:
        `stub("getOrder", body={…}, headers={…})`. With `request={"queryParameters": …}` it holds for requests alone
        that meet a pattern of WireMock's; a whole mapping of WireMock's may stand in the place of all. Unless
        `check=False`, an answer that breaks the document is refused. `fail` answers in the API's own error body. Raises
        Unusable.
        """
        __tracebackhide__ = True
        if not isinstance(operation, Mapping):
            operation = mapping_of(self._service, operation, status, answer)
        self._control("POST", "/mappings", {**operation})

    def answer_next(self, operation: str, status: int = 0, *, times: int = 1, **answer: Any) -> None:
        """The next requests for the operation get this answer, then those that were asked for after it, then the mock's
        again: a `body`, an `example` of the document by name, or what the document shows for the status. Raises
        Unusable.
        """
        __tracebackhide__ = True
        known_operation(self._service, operation)
        said = {"status": status} if status else {}
        self._control("POST", "/next", {"operation": operation, "api": self.name, "times": times, **said, **answer})

    def assume(self, name: str, option: str = "") -> None:
        """Chooses otherwise where the document leaves a choice open, in this world: `assume("unknown-ids", "refuse")`,
        or as the header `Mock-Assumption` has it: `assume("xqr.unknown-ids=refuse")`. Raises Unusable.
        """
        __tracebackhide__ = True
        if {type(name), type(option)} != {str}:
            raise Unusable(f'expected assume("name", "option"), got {name!r} and {option!r}')
        name, _, said = name.removeprefix(f"{self.name}.").partition("=")
        assumed = {**self._assumed, name: option or said}
        self._service = self._running.variant(self.name, assumed)
        self._assumed = assumed
        self._running.mock.app.serve_in(self.world, self._service)

    # The world

    def fork(self) -> MockApi:
        """Another world that begins with all that is in this one; from then on they do not meet. It ends with this."""
        name = fresh_world(self.world[:_LONGEST_FORK])
        worlds = self._running.mock.worlds
        worlds.create(name, self._world)
        other = MockApi(self._running, self.name, name, strict=self.strict)
        self._forked.append((other._begun_with, other._world))
        other._forked = self._forked
        for assumed, option in self._assumed.items():
            other.assume(assumed, option)
        if len(self.forks) >= _MOST_FORKS:
            self._breaches += [said for fork in self.forks if fork.is_closed for said in fork.breaches()]
            self.forks = [fork for fork in self.forks if not fork.is_closed]
        self.forks.append(other)
        return other

    def with_forks(self) -> list[MockApi]:
        """The mock itself and all that were forked from it."""
        return [self, *(api for fork in self.forks for api in fork.with_forks())]

    def changes(self) -> dict[str, Any]:
        """What is otherwise than when the world began, by collection: `{"orders": {"created": […], "changed": […],
        "deleted": […]}}`.
        """
        found: dict[str, Any] = self._world.run(lambda: difference(self._world))["apis"].get(self.name, {})
        return found

    def snapshot(self, name: str) -> None:
        """Keeps the present records under this name, for `restore`; an earlier snapshot of the name is replaced. Raises
        Unusable.
        """
        __tracebackhide__ = True
        self._control("POST", f"/worlds/{self.world}/snapshots", {"name": name})

    def restore(self, name: str) -> None:
        """Has the records of the snapshot again; time and journal go on. Raises Unusable."""
        __tracebackhide__ = True
        self._control("POST", f"/worlds/{self.world}/restore", {"snapshot": name})

    def export(self) -> dict[str, Any]:
        """All records of the world with its time, as JSON that `import_` takes, here or on another server."""
        found: dict[str, Any] = self._control("GET", f"/worlds/{self.world}/export")
        return found

    def import_(self, content: Mapping[str, Any]) -> None:
        """Has the records of an `export`. Raises Unusable for what the API could not work with."""
        __tracebackhide__ = True
        self._control("POST", f"/worlds/{self.world}/import", {**content})

    def coverage(self) -> dict[str, Any]:
        """Which `operations`, statuses and parameters of the document the requests in the journal exercised, and in
        `total` how many of them.
        """
        found: dict[str, Any] = self._control("GET", f"/coverage?api={self.name}")["apis"][0]
        return found

    def reset(self) -> None:
        """Sets the world back to its beginning: records, clock, journal, outbox."""
        self._running.mock.worlds.reset(self.world)
        self._begun_with = rule_ids(self._world)
        self._mark = 0

    @property
    def is_closed(self) -> bool:
        """Whether the world has ended."""
        return self._kept is not None

    def close(self) -> None:
        """Ends the world; a next request to it would begin a new one. The journal can still be read."""
        for fork in self.forks:
            fork.close()
        self._open.close()
        self._kept = self._journal
        self._running.mock.app.forget_world(self.world)
        self._running.breaches.forget(self.world)
        if self.world != DEFAULT_WORLD and self.world in self._running.mock.worlds:
            self._running.mock.worlds.delete(self.world)


@contextmanager
def running(*apis: str | Path | Options, port: int = 0, **options: Any) -> Iterator[MockApi]:
    """Serves these APIs in threads of this process until the block ends, on 127.0.0.1 and a free port if none is given:
    `with running("taskly") as api: httpx.get(api.url + "/tasks")`. Takes the arguments of `create_app`. It is the first
    of the APIs in the default world; `api["other"]` is another one.

    Raises Unusable, also for a port that is taken.
    """
    with serving(*apis, port=port, **options) as served, MockApi(served, first_api(served), DEFAULT_WORLD) as api:
        yield api


def first_api(running: RunningMock) -> str:
    """The name of the API that was named first."""
    return next(iter(running.mock.services))


def fresh_world(name: str) -> str:
    """The name of a world that nobody has used in this process; it begins with `name`."""
    return f"{name or 'world'}-{next(_numbers)}"
