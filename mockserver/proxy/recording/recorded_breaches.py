"""Lists the exchanges of a recorded session that a mock of it answers otherwise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final, NamedTuple

from mockserver.json_text import Json
from mockserver.messages import Exchange
from mockserver.openapi.model.operation import Operation

NOT_REPLAYED: Final = "x-not-replayed"
"""The member of a recorded document that lists these."""
MOST_LISTED: Final = 100
"""Exchanges that are listed, the same ones counted together; of the others only the number is told."""
LONGEST_REASON: Final = 200
"""Characters of what broke the document."""

_FAILURES: Final = 400
_GIVEN_ALL_THE_SAME: Final = frozenset({"status", "content"})


class RecordedBreach(NamedTuple):
    """Exchanges that are the same but for their values: method and path, status, and why a mock answers otherwise."""

    request: str
    status: int
    because: str


class RecordedBreaches:
    """The exchanges of a session that a mock of it answers otherwise."""

    def __init__(self) -> None:
        self._counts: Counter[RecordedBreach] = Counter()
        self._others = 0

    def add(self, operation: Operation | None, exchange: Exchange, difference: str = "") -> None:
        """Takes down an exchange whose secrets are masked, if it broke the document, or is known to be answered with a
        `difference`.
        """
        if not difference and not is_unfaithful(exchange):
            return
        path = exchange.request.path if operation is None else operation.path
        broke = next(map(str, (*exchange.violations, *exchange.broken)), "").partition(". ")[0]
        because = "; ".join(filter(None, (difference, broke)))[:LONGEST_REASON]
        breach = RecordedBreach(f"{exchange.request.method} {path}", exchange.status, because)
        if breach in self._counts or len(self._counts) < MOST_LISTED:
            self._counts[breach] += 1
        else:
            self._others += 1

    def actions(self) -> list[Json]:
        """The action of an overlay that lists them in the document; none where there are none."""
        listed: list[Json] = [{**breach._asdict(), "times": count} for breach, count in self._counts.items()]
        if self._others:
            listed.append({"request": "others", "times": self._others})
        return [{"target": "$", "update": {NOT_REPLAYED: listed}}] if listed else []


def is_unfaithful(exchange: Exchange) -> bool:
    """Whether a mock of the document answers otherwise. It gives refusals that only their status or media type makes
    undeclared as they were.
    """
    if not exchange.operation:
        return bool(exchange.violations)
    if exchange.status >= _FAILURES:
        return any(one.keyword not in _GIVEN_ALL_THE_SAME for one in exchange.broken)
    return bool(exchange.broken or exchange.violations)


def lines_of(document: Json, most: int) -> Iterator[str]:
    """What a recorded document says of exchanges that a mock of it answers otherwise, at most so many lines and one
    before them; none of a document that was not recorded, or has none.
    """
    listed = document.get(NOT_REPLAYED) if isinstance(document, dict) else None
    known = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    if not known:
        return
    count = sum(one["times"] for one in known if isinstance(one.get("times"), int))
    yield f"{'1 exchange is' if count == 1 else f'{count} exchanges are'} not replayed as recorded:"
    for one in known[:most]:
        times = f" ({one.get('times')} times)" if one.get("times") != 1 else ""
        answered = f" answered {one.get('status')}" if one.get("status") else ""
        because = f": {one.get('because')}" if one.get("because") else ""
        yield f"  {one.get('request')}{answered}{because}{times}"
    if len(known) > most:
        yield f"  and {len(known) - most} more, in `{NOT_REPLAYED}` of the document"
