"""The state, the clock and the outbox of one world, as a test reads and changes them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, overload

from mockserver.json_text import Json
from mockserver.problem import Unusable
from mockserver.state.records.collection import Collection
from mockserver.state.records.record import Id, Record
from mockserver.state.world import World
from mockserver.testing.control_client import ControlClient

SETTLE = 10.0
"""Seconds that `settle` waits for deliveries, unless told otherwise."""

_UNITS = {"w": 604_800.0, "d": 86_400.0, "h": 3_600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_DURATION = re.compile(r"(?:\s*[0-9]+(?:\.[0-9]+)?\s*(?:ms|[wdhms]))+\s*", re.IGNORECASE)
_PART = re.compile(r"([0-9.]+)\s*(ms|[wdhms])", re.IGNORECASE)


class StateView(Mapping[str, "CollectionView"]):
    """The collections of one API in one world, by name: `api.state["orders"]`."""

    def __init__(self, world: World, api: str, control: ControlClient) -> None:
        self._world = world
        self._api = api
        self._control = control

    def __getitem__(self, name: str) -> CollectionView:
        __tracebackhide__ = True
        if not self._world.run(lambda: name in self._world.of(self._api)):
            raise KeyError(f"{self._api} has no collection {name!r}; it has {', '.join(self) or 'none'}")
        return CollectionView(self._world, self._api, name, self._control)

    def __setitem__(self, name: str, records: Iterable[Mapping[str, Json]]) -> None:
        """The collection has these records alone; if one of them cannot be, it stays as it was. Raises Unusable."""
        __tracebackhide__ = True
        collection, given = self[name], [*records]

        def write() -> None:
            with self._world.of(self._api).transaction():
                collection.clear()
                for record in given:
                    collection.insert(record)

        self._world.run(write)

    def __iter__(self) -> Iterator[str]:
        return iter([name for name in self._world.of(self._api).names if not name.startswith("_")])

    def __len__(self) -> int:
        return sum(1 for _ in self)  # a list would ask for the length

    def __repr__(self) -> str:
        return f"<state of {self._api}: {', '.join(f'{len(self[name])} {name}' for name in self) or 'no collections'}>"


class CollectionView:
    """The records of one collection, oldest first, as the mock keeps them. Writes are checked as those of the control
    API are: a record that the API could not work with raises Unusable.
    """

    def __init__(self, world: World, api: str, name: str, control: ControlClient) -> None:
        self.name = name
        self._world = world
        self._api = api
        self._control = control

    def __getitem__(self, record_id: Id) -> Record:
        __tracebackhide__ = True
        found = self.get(record_id)
        if found is None:
            raise KeyError(f"{self.name} has no record with the id {record_id!r}")
        return found

    def __contains__(self, record_id: object) -> bool:
        return record_id in self._kept or (self._kept.place is not None and self.get(record_id) is not None)  # type: ignore[arg-type]

    def __iter__(self) -> Iterator[Record]:
        return iter(self.list())

    def __len__(self) -> int:
        return len(self._kept)

    def __repr__(self) -> str:
        return f"<{self.name}: {self.list()!r}>"[:500]

    def get(self, record_id: Id) -> Record | None:
        """The record, None if there is none."""
        return self._world.run(lambda: self._get(record_id))

    def _get(self, record_id: Id) -> Record | None:
        kept, place = self._kept, self._kept.place
        found = kept.get(record_id)
        if place is None:
            return found
        if found is None:
            found = next((one for one in kept if place.own_id(one) == record_id), None)
        return None if found is None else Record(place.shown(found))

    def list(self) -> list[Record]:
        """All records."""
        place, found = self._world.run(lambda: (self._kept.place, self._kept.list()))
        return found if place is None else [Record(place.shown(record)) for record in found]

    def where(self, **members: Any) -> list[Record]:  # type: ignore[valid-type]
        """The records whose members have these values."""
        if self._kept.place is None:
            return self._world.run(lambda: self._kept.where(**members))
        return [one for one in self.list() if all(one.get(name) == value for name, value in members.items())]

    def insert(self, record: Mapping[str, Json]) -> Record:
        """Adds the record, which needs its id. Raises Unusable."""
        __tracebackhide__ = True
        return self._written(self._control("POST", self._path, _members(record)))

    def update(self, record_id: Id, changes: Mapping[str, Json]) -> Record:
        """Sets these members of the record. Raises Unusable."""
        __tracebackhide__ = True
        return self._written(self._control("PATCH", self._path_of(record_id), _members(changes)))

    def replace(self, record: Mapping[str, Json]) -> Record:
        """Adds the record, or replaces the one with its id. Raises Unusable."""
        __tracebackhide__ = True
        record, place = _members(record), self._kept.place
        member = (place.id_member if place is not None else "") or self._kept.id_member
        if member not in record:
            raise Unusable(f"a record of {self.name} needs its {member!r}")
        return self._written(self._control("PUT", self._path_of(record[member]), {**record}))

    def delete(self, record_id: Id) -> None:
        """Removes the record. Raises Unusable."""
        __tracebackhide__ = True
        self._control("DELETE", self._path_of(record_id))

    def clear(self) -> None:
        """Removes all records."""

        def delete_all() -> None:
            kept = self._kept
            with self._world.of(self._api).transaction():
                for record in kept.list():
                    kept.delete(record[kept.id_member])

        self._world.run(delete_all)

    @property
    def _kept(self) -> Collection:
        return self._world.of(self._api)[self.name]

    @property
    def _path(self) -> str:
        return f"/state/{self._api}/{self.name}"

    def _path_of(self, record_id: Id) -> str:
        return f"{self._path}/{record_id}"

    def _written(self, record: Mapping[str, Json]) -> Record:
        return self[record[self._kept.id_member]] if self._kept.place is None else Record(record)


class WorldClock:
    """The time of one world: `clock.advance("3d")`, `clock.freeze("2026-03-20T09:00:00Z")`."""

    def __init__(self, world: World) -> None:
        self._world = world

    def now(self) -> datetime:
        """The world's time, in UTC."""
        return datetime.fromtimestamp(self._world.clock.now(), UTC)

    def advance(self, duration: str | float | timedelta) -> datetime:
        """Moves time forward: `"3d"`, `"1h 30m"`, seconds, or a timedelta. Webhooks that fall due meanwhile are sent.
        Returns the new time. Raises Unusable.
        """
        seconds = seconds_of(duration)
        if seconds < 0:
            raise Unusable(f"time moves forward only, not by {duration!r}; clock.freeze() sets any time")
        self._world.run(lambda: self._world.clock.advance(seconds))
        return self.now()

    def freeze(self, at: str | float | datetime | None = None) -> datetime:
        """Stops time now, or at this moment: ISO 8601 text, epoch seconds, or a datetime. Raises Unusable."""
        moment = None if at is None else _epoch(at)
        self._world.run(lambda: self._world.clock.freeze(moment))
        return self.now()

    def reset(self) -> None:
        """Returns to the machine's time."""

        def reset() -> None:
            self._world.clock.reset()

        self._world.run(reset)

    @property
    def is_frozen(self) -> bool:
        """Whether time stands still."""
        return self._world.clock.is_frozen


class OutboxView(Sequence[Record]):
    """The webhooks of one API in one world, oldest first: each with its `event`, `url`, `body`, `state` (`due`,
    `delivered`, `failed`) and `attempts`.
    """

    def __init__(self, world: World, api: str) -> None:
        self._world = world
        self._api = api

    @overload
    def __getitem__(self, place: int) -> Record: ...

    @overload
    def __getitem__(self, place: slice) -> list[Record]: ...

    def __getitem__(self, place: int | slice) -> Record | list[Record]:
        return self._found()[place]

    def __len__(self) -> int:
        return len(self._found())

    def __repr__(self) -> str:
        said = ", ".join(f"{delivery['event']} {delivery['state']}" for delivery in self)
        return f"<outbox of {self._api}: {said or 'empty'}>"

    def settle(self, timeout: float = SETTLE) -> list[Record]:
        """Waits until every webhook that is due by now was delivered or has failed, and returns all. Raises
        TimeoutError.
        """
        outbox = self._world.outbox
        with outbox.changed:
            if not outbox.changed.wait_for(outbox.sent(self._world.clock.now()), timeout):
                raise TimeoutError(f"after {timeout:g} s webhooks are still on their way: {self!r}")
        return self._found()

    def _found(self) -> list[Record]:
        return self._world.run(lambda: self._world.outbox.deliveries.where(api=self._api))


def _members(record: Mapping[str, Json]) -> dict[str, Json]:
    """A copy of the record. Raises Unusable for what is none."""
    __tracebackhide__ = True
    if not isinstance(record, Mapping):
        raise Unusable(f"expected a record such as {{'id': 1}}, got {repr(record)[:80]}")
    return {**record}


_NO_DURATION = "{} is no duration; expected one such as '3d', '1h 30m', '250ms', or seconds"


def seconds_of(duration: str | float | timedelta) -> float:
    """The seconds of `"3d"`, `"1h 30m"`, `"250ms"`, of a number, or of a timedelta. Raises Unusable."""
    if isinstance(duration, timedelta):
        return duration.total_seconds()
    if isinstance(duration, (int, float)) and not isinstance(duration, bool):
        return float(duration)
    if not isinstance(duration, str):
        raise Unusable(_NO_DURATION.format(repr(duration)))
    text = duration.removeprefix("P").replace("T", "") if duration.startswith("P") else duration
    if not _DURATION.fullmatch(text):
        raise Unusable(_NO_DURATION.format(repr(duration)))
    return sum(float(number) * _UNITS[unit.lower()] for number, unit in _PART.findall(text))


def _epoch(at: str | float | datetime) -> float:
    try:
        moment = datetime.fromisoformat(at) if isinstance(at, str) else at
        if not isinstance(moment, datetime):
            return float(moment)
    except (TypeError, ValueError):
        raise Unusable(f"{at!r} is no moment; expected one such as '2026-03-20T09:00:00Z'") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
