"""Tables of a world that a failed handler does not undo: sequences, counted requests, replies, versions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mockserver.state.commits.log import Address, Log


class Table(dict[Any, Any]):
    """Values by key. A write outlives the transaction that it is made in, but not a request that is taken back whole.
    What stands in the table is replaced, never changed in place, or else `touch` is called before.
    """

    __slots__ = ("_log", "address")
    address: Address

    def __init__(self, kind: str, api: str, log: Log) -> None:
        super().__init__()
        self._log = log
        self.address = (kind, api) if api else (kind,)

    def touch(self, key: Any) -> None:
        """The value of the key is about to change."""
        recording = self._log.recording
        if recording is not None:
            recording.keep(self, key, self.current(key))

    def __setitem__(self, key: Any, value: Any) -> None:
        if self._log.recording is not None:
            self.touch(key)
        dict.__setitem__(self, key, value)

    def __delitem__(self, key: Any) -> None:
        if self._log.recording is not None:
            self.touch(key)
        dict.__delitem__(self, key)

    def pop(self, key: Any, *default: Any) -> Any:
        self.touch(key)
        return dict.pop(self, key, *default)

    def clear(self) -> None:
        for key in self:
            self.touch(key)
        dict.clear(self)

    def setdefault(self, key: Any, default: Any = None) -> Any:
        if key not in self:
            self[key] = default
        return self[key]

    def update(self, *given: Any, **named: Any) -> None:
        for key, value in dict(*given, **named).items():
            self[key] = value

    def current(self, key: Any) -> Any:
        return self.get(key)

    def put_back(self, key: Any, old: Any) -> None:
        if old is None:
            dict.pop(self, key, None)
        else:
            dict.__setitem__(self, key, old)

    def receive(self, key: Any, value: Any) -> None:
        self.put_back(key, value)


class Meters(Table):
    """The numbers of each meter by its name and whose it is. `accounts` are the meters that each caller spends from,
    found once; they have the very lists that stand here.
    """

    __slots__ = ("accounts",)

    def __init__(self, api: str, log: Log) -> None:
        super().__init__("meters", api, log)
        self.accounts: dict[Any, Any] = {}

    def touch_all(self, keys: Iterable[Any]) -> None:
        """The numbers of these meters, which are there, are about to change in place."""
        recording = self._log.recording
        if recording is not None:
            address, before = self.address, recording.before
            for key in keys:
                spot = address, key
                if spot not in before:
                    before[spot] = self, [*self[key]]

    def current(self, key: Any) -> list[float] | None:
        numbers = self.get(key)
        return None if numbers is None else [*numbers]

    def put_back(self, key: Any, old: Any) -> None:
        known: list[float] | None = self.get(key)
        if old is None or known is None:
            self.accounts.clear()
            super().put_back(key, old)
        else:
            known[:] = old
