"""Collections and records that are created at first use."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from mockserver.state.records.collection import Id, Records
from mockserver.state.records.record import Record
from mockserver.state.world import SeedCollection


class LazyCollections(Mapping[str, SeedCollection]):
    """Seed collections that are created when one is first used, once for all worlds that share them."""

    def __init__(self, make: Callable[[], Mapping[str, SeedCollection]]) -> None:
        self._make = make
        self._made: Mapping[str, SeedCollection] | None = None
        self._lock = threading.Lock()

    def __getitem__(self, name: str) -> SeedCollection:
        return self._shelves()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._shelves())

    def __len__(self) -> int:
        return len(self._shelves())

    def _shelves(self) -> Mapping[str, SeedCollection]:
        with self._lock:
            if self._made is None:
                self._made = self._make()
            return self._made


class LazyRecords(dict[Id, Record]):
    """Records that are created when one is first read, once for all worlds that share them."""

    __slots__ = ("_lock", "_make")

    def __init__(self, make: Callable[[], Records]) -> None:
        super().__init__()
        self._make: Callable[[], Records] | None = make
        self._lock = threading.RLock()

    def get(self, record_id: Id, default: Any = None) -> Any:
        self._read()
        return super().get(record_id, default)

    def __getitem__(self, record_id: Id) -> Record:
        self._read()
        return super().__getitem__(record_id)

    def __contains__(self, record_id: object) -> bool:
        self._read()
        return super().__contains__(record_id)

    def __iter__(self) -> Iterator[Id]:
        self._read()
        return super().__iter__()

    def __len__(self) -> int:
        self._read()
        return super().__len__()

    def keys(self) -> Any:
        self._read()
        return super().keys()

    def values(self) -> Any:
        self._read()
        return super().values()

    def items(self) -> Any:
        self._read()
        return super().items()

    def copy(self) -> Records:
        self._read()
        return dict(super().items())

    def _read(self) -> None:
        if self._make is None:
            return
        with self._lock:
            if self._make is not None:
                self.update(self._make())
                self._make = None
