"""The latest exchanges of a world, limited in number and bytes; all worlds together are limited in bytes too."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator

from mockserver.messages import Exchange, Request
from mockserver.state.commits.log import Address, Log

MAX_BYTES = 16 * 1024 * 1024
FIRST_BYTES, MORE_BYTES = 32 * 1024, 256 * 1024
TOGETHER = 512 * 1024 * 1024


EXCHANGE_BYTES = 2_500
"""What an exchange costs besides its texts: the tuples, dictionaries and short texts of one request and its answer,
measured at 2,200 to 3,100 bytes.
"""


def cost_of(request: Request, content: bytes) -> int:
    """The bytes that an exchange with this answer takes in memory, roughly."""
    texts = len(request.path) + len(request.query) + getattr(request.headers, "size", 0)
    return EXCHANGE_BYTES + len(content) + len(request.body) + texts


class Allowance:
    """The bytes that the journals of one server share. When they run out, the journals that have not grown for the
    longest time drop their exchanges, since their worlds are probably unused. `watch` is called with each exchange that
    one of them gets; it must return at once. `dropped` counts the exchanges that journals dropped which have ended.
    `release` is called with the exchanges that a journal gives up, since it ends or they are removed, and with the
    number of those that it dropped before.
    """

    __slots__ = ("_given", "_journals", "_lock", "_total", "dropped", "release", "watch")

    def __init__(self, total: int = TOGETHER) -> None:
        self._total = total
        self._given = 0
        self.dropped = 0
        self._journals: dict[Journal, None] = {}
        self._lock = threading.Lock()
        self.watch: Callable[[Exchange], None] | None = None
        self.release: Callable[[Iterable[Exchange], int], None] | None = None

    def extend(self, journal: Journal) -> None:
        """Gives the journal more bytes, taken from other journals if necessary."""
        with self._lock:
            self._journals.pop(journal, None)
            self._journals[journal] = None
            journal.most += MORE_BYTES
            self._given += MORE_BYTES
            while self._given > self._total and len(self._journals) > 1:
                self._take_back(next(iter(self._journals)))

    def end(self, journal: Journal) -> None:
        """Releases the bytes of a journal that is no longer used."""
        if self.release is not None:
            self.release(journal, journal.dropped)
        with self._lock:
            if journal in self._journals:
                self._take_back(journal)
            self.dropped += journal.dropped

    def _take_back(self, journal: Journal) -> None:
        del self._journals[journal]
        self._given -= journal.most - FIRST_BYTES
        journal.shrink()


class Journal:
    """Exchanges, oldest first. Beyond `limit` exchanges or 16 MiB the oldest are dropped; `dropped` counts them.

    With the `log` of a world that is kept outside of this process, exchanges are appended once they are committed. In a
    commit the key of an exchange is its id, and that of those that are removed is the tuple of their ids.
    """

    address: Address = ("journal",)
    __slots__ = ("_entries", "_log", "_size", "_taken", "allowance", "dropped", "limit", "most")

    def __init__(self, limit: int, allowance: Allowance | None = None, log: Log | None = None) -> None:
        self.limit = limit
        self._log = log if log is not None else Log()
        self.allowance = allowance or Allowance()
        self.most = FIRST_BYTES
        self.dropped = 0
        self._entries: deque[Exchange] = deque()
        self._size = 0
        self._taken = 0

    def next_id(self) -> int:
        """A number that no other exchange of this journal has."""
        self._taken += 1
        return self._taken

    def append(self, exchange: Exchange, *, is_told: bool = True) -> None:
        """Adds the exchange, and has it told."""
        recording = self._log.recording
        if recording is not None:
            recording.exchanges.append(exchange)
            return
        entries = self._entries
        entries.append(exchange)
        size = self._size + exchange.size
        if size > self.most:
            size = self._make_room(size)
        while len(entries) > self.limit:
            size -= entries.popleft().size
            self.dropped += 1
        self._size = size
        if is_told and self.allowance.watch is not None:
            self.allowance.watch(exchange)

    def _make_room(self, size: int) -> int:
        """Drops old exchanges until one of `size` bytes fits, and returns the bytes in use."""
        if self.most < MAX_BYTES:
            # Another world's thread may have made this journal shrink just now.
            size = sum(exchange.size for exchange in self)
        while size > self.most and self.most < MAX_BYTES:
            self.allowance.extend(self)
        return self._drop(size)

    def _drop(self, size: int) -> int:
        entries = self._entries
        while size > self.most and entries:
            size -= entries.popleft().size
            self.dropped += 1
        return size

    def shrink(self) -> None:
        """Drops the oldest exchanges and returns their bytes to the allowance."""
        self.most = FIRST_BYTES
        self._size = self._drop(sum(exchange.size for exchange in self))

    def remove(self, matches: Callable[[Exchange], bool]) -> list[Exchange]:
        """Removes the exchanges that match and returns them."""
        removed = [exchange for exchange in self._entries if matches(exchange)]
        if removed:
            numbers = tuple(exchange.id for exchange in removed)
            if self._log.recording is not None:
                self._log.recording.keep(self, numbers, self._entries)
            self.receive(numbers, None)
            if self.allowance.release is not None:
                self.allowance.release(removed, 0)
        return removed

    def put_back(self, _numbers: tuple[int, ...], old: deque[Exchange]) -> None:
        """Has the exchanges again that it had before some were removed."""
        self._entries = old
        self._size = sum(exchange.size for exchange in old)

    def current(self, _numbers: tuple[int, ...]) -> None:
        """There is nothing where exchanges were removed."""

    def receive(self, key: int | tuple[int, ...], exchange: Exchange | None) -> None:
        """Appends an exchange that was made elsewhere, or removes those with these ids; nobody is told."""
        if exchange is not None:
            self.append(exchange, is_told=False)
        elif isinstance(key, tuple):
            gone = {*key}
            self._entries = deque(kept for kept in self._entries if kept.id not in gone)
            self._size = sum(kept.size for kept in self._entries)

    def number_from(self, taken: int) -> None:
        """So many exchanges were recorded until now."""
        self._taken = taken

    @property
    def size(self) -> int:
        """The bytes that the exchanges take in memory, roughly."""
        return self._size

    @property
    def taken(self) -> int:
        """The number of exchanges that were ever recorded."""
        return self._taken

    @property
    def latest(self) -> Exchange | None:
        """The newest exchange, if there is one."""
        try:
            return self._entries[-1]
        except IndexError:
            return None

    def __iter__(self) -> Iterator[Exchange]:
        return iter(tuple(self._entries))

    def __len__(self) -> int:
        return len(self._entries)
