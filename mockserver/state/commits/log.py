"""The undo log of a world: failed transactions are undone by it, and the changes of a request are read from it."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from itertools import count
from types import TracebackType
from typing import Any, Protocol

from mockserver.messages import Exchange

Address = tuple[str, ...]
"""Names a place of a world, in every process the same: `("records", "todo", "tasks")`."""


class Place(Protocol):
    """A part of a world that has values by key, such as a collection."""

    @property
    def address(self) -> Address: ...

    def put_back(self, key: Any, old: Any) -> None:
        """Undoes the latest write of the key, which replaced `old`, as the place has logged it."""

    def current(self, key: Any) -> Any:
        """The value of the key as `receive` takes it; None: there is none."""

    def receive(self, key: Any, value: Any) -> None:
        """Gives the key a value that was written elsewhere, or none; nothing is logged."""


class Recording:
    """The request in progress of a world that is kept outside of this process.

    `before` has values that a handler which fails does not put back, such as counted requests, by address and key, as
    they were before the request; `facts` those that are compared instead. `exchanges` are appended to the journal, and
    `leaving` is called, once the request is committed.
    """

    __slots__ = ("before", "exchanges", "facts", "leaving")

    def __init__(self, facts: Any) -> None:
        self.before: dict[tuple[Address, Hashable], tuple[Place, Any]] = {}
        self.facts = facts
        self.exchanges: list[Exchange] = []
        self.leaving: list[Callable[[], None]] = []

    def keep(self, place: Place, key: Hashable, old: Any) -> None:
        """The key of the place is about to change; it was `old`."""
        self.before.setdefault((place.address, key), (place, old))


class Log(list[tuple[Place, Any, Any]]):
    """The values that each write replaced, oldest first, while they can be undone; `depth` counts open transactions.
    `version` is a number for the content of the world, which no other content of any world has or had.

    In a world of this process alone `recording` is None, and the log is empty after each transaction. Else it is that
    of the request in progress, all of whose writes stay in the log until it is committed.

    `with log` is a transaction that is not nested in another, which costs half as much.
    """

    __slots__ = ("_mark", "depth", "recording", "version")

    def __init__(self) -> None:
        super().__init__()
        self.depth = 0
        self.version = next(versions)
        self.recording: Recording | None = None
        self._mark = 0

    def begin_version(self) -> None:
        """The content is about to change."""
        self.version = next(versions)

    def after(self, action: Callable[[], None]) -> None:
        """Calls what can not be undone: at once, or when the request in progress is committed."""
        if self.recording is None:
            action()
        else:
            self.recording.leaving.append(action)

    def __enter__(self) -> None:
        self.depth = 1
        self._mark = len(self)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.depth = 0
        if kind is not None:
            self.take_back(self._mark)
        elif self and self.recording is None:
            self.clear()

    def take_back(self, mark: int) -> None:
        """Undoes the writes since the log had length `mark`, latest first."""
        while len(self) > mark:
            place, key, old = self.pop()
            place.put_back(key, old)


class Transaction:
    """Undoes the writes since it was entered if it ends with an exception."""

    __slots__ = ("_log", "_start")

    def __init__(self, log: Log) -> None:
        self._log = log

    def __enter__(self) -> None:
        self._start = len(self._log)
        self._log.depth += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        log, start = self._log, self._start
        log.depth -= 1
        if kind is not None:
            log.take_back(start)
        elif not log.depth and log.recording is None:
            log.clear()


versions = count(1)
"""The numbers of contents, of all worlds."""
