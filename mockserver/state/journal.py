"""The last exchanges of a world, bounded in count and in bytes."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator

from mockserver.wire import Exchange

MAX_BYTES = 16 * 1024 * 1024


class Journal:
    """Exchanges, oldest first. Beyond `limit` exchanges or 16 MiB the oldest are dropped, and `dropped` counts them."""

    __slots__ = ("_entries", "_size", "_taken", "dropped", "limit")

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.dropped = 0
        self._entries: deque[Exchange] = deque()
        self._size = 0
        self._taken = 0

    def next_id(self) -> int:
        """A number that no exchange of this journal had before."""
        self._taken += 1
        return self._taken

    def append(self, exchange: Exchange) -> None:
        entries = self._entries
        entries.append(exchange)
        size = self._size + exchange.size
        while len(entries) > self.limit or size > MAX_BYTES:
            size -= entries.popleft().size
            self.dropped += 1
        self._size = size

    def remove(self, matches: Callable[[Exchange], bool]) -> list[Exchange]:
        """The exchanges that matched, which are no longer here."""
        removed = [exchange for exchange in self._entries if matches(exchange)]
        self._entries = deque(exchange for exchange in self._entries if not matches(exchange))
        self._size = sum(exchange.size for exchange in self._entries)
        return removed

    def __iter__(self) -> Iterator[Exchange]:
        return iter(tuple(self._entries))

    def __len__(self) -> int:
        return len(self._entries)
