"""Plays a recorded session on a mock of what was recorded, to tell which of its exchanges are answered otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Final

from mockserver.engine.body.charset import bare_type
from mockserver.engine.body.media_families import EVENTS, JSON, LINES, family
from mockserver.engine.fixture_records import read_fixtures
from mockserver.engine.redaction.exchanges import redacted
from mockserver.engine.service import Service
from mockserver.json_pointer import escaped
from mockserver.json_text import Json, Malformed, read_json
from mockserver.messages import Exchange
from mockserver.proxy.forwarded_headers import value_of
from mockserver.server import Options, load_services
from mockserver.state.clock import stopwatch
from mockserver.state.world import DEFAULT_WORLD
from mockserver.state.worlds import Worlds
from mockserver.web.door import Door
from mockserver.web.header_fields import Environ, HeaderFields
from mockserver.web.request import Received

MOST_REPLAYED: Final = 2_000
"""Exchanges of a session that are played at its end."""
MOST_REPLAYED_BYTES: Final = 32 * 1024 * 1024
"""Bytes of the bodies of these."""
REPLAY_SECONDS: Final = 5.0
"""Seconds that this may take."""

_FAILURES: Final = 400


@dataclass(frozen=True, slots=True)
class ReplayOutcome:
    """The number of exchanges that were seen and of those that were played, each one that was answered otherwise, with
    what differs, and the kept ones that were not played.
    """

    seen: int
    played: int
    differing: tuple[tuple[Exchange, str], ...]
    unplayed: tuple[Exchange, ...] = ()


class SessionReplay:
    """The exchanges of a session in their order, as long as they are few and small enough to be played again."""

    def __init__(self) -> None:
        self._kept: list[Exchange] = []
        self._size = 0
        self.seen = 0

    def keep(self, exchange: Exchange) -> bool:
        """Keeps an exchange with its secrets, in memory alone; whether there was room for it."""
        self.seen += 1
        self._size += len(exchange.content) + len(exchange.request.body)
        if self.seen <= MOST_REPLAYED and self._size <= MOST_REPLAYED_BYTES:
            self._kept.append(exchange)
            return True
        return False

    def play(self, folder: Path, service: Service) -> ReplayOutcome:
        """Plays them on a mock of the folder. Raises Unusable for a folder that cannot be served."""
        end = stopwatch() + REPLAY_SECONDS
        [mock] = load_services(Options(apis=(str(folder),))).values()
        worlds = Worlds({mock.name: read_fixtures(mock.api, mock.api.records)}, journal_limit=1)
        door = Door({mock.name: mock}, worlds, _no_control)
        played, differing = 0, []
        for exchange in self._kept:
            if stopwatch() > end:
                break
            played += 1
            if difference := _difference(exchange, door, service, mock):
                differing.append((exchange, difference))
        return ReplayOutcome(self.seen, played, tuple(differing), tuple(self._kept[played:]))


def _difference(exchange: Exchange, door: Door, service: Service, mock: Service) -> str:
    """What the mock answers otherwise; empty where it answers the same. Of refusals the status alone is compared."""
    request = exchange.request
    world = "" if exchange.world == DEFAULT_WORLD else f"/~{exchange.world}"
    headers = HeaderFields({name.lower(): value for name, value in request.headers.items()})
    visit = door.locate(
        Received(request.method, world + request.path, request.query, headers, request.body, None, request.address)
    )
    if visit.service is None:
        return "the mock has its own page there"
    answer = door.respond(visit)
    if answer.status != exchange.status:
        return f"the mock answers {answer.status}"
    if request.method == "HEAD" or exchange.status >= _FAILURES:
        return ""
    seen, got = _body(redacted(exchange, service)), _body(redacted(answer, mock))
    for pointer in _differing(seen, got, ""):
        return f"the mock's body differs at {pointer}" if pointer else "the mock has another body"
    return ""


def _body(exchange: Exchange) -> Json:
    """The value of an answer's body: of JSON and lines of it what they mean, else its bytes."""
    kind, content = family(bare_type(value_of(exchange.headers, "content-type"))), exchange.content
    try:
        if kind == JSON:
            return read_json(content)
        if kind == LINES:
            return [read_json(line) for line in content.splitlines() if line.strip()]
    except Malformed:
        return content
    return content.rstrip() if kind == EVENTS else content


def _differing(one: Json, other: Json, at: str) -> Iterator[str]:
    """The pointers of what differs."""
    if isinstance(one, dict) and isinstance(other, dict):
        names = dict.fromkeys(chain(one, other))
        for name in names:
            if name in one and name in other:
                yield from _differing(one[name], other[name], f"{at}/{escaped(name)}")
            else:
                yield f"{at}/{escaped(name)}"
    elif isinstance(one, list) and isinstance(other, list):
        for number, (item, same) in enumerate(zip(one, other, strict=False)):
            yield from _differing(item, same, f"{at}/{number}")
        if len(one) != len(other):
            yield f"{at}/{min(len(one), len(other))}"
    elif one != other or isinstance(one, bool) != isinstance(other, bool):
        yield at


def _no_control(_environ: Environ, _start_response: object) -> list[bytes]:
    return []
