"""The ids of a mock's records by the names of path parameters, from the control API of the world that is checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final
from urllib.parse import quote

from mockserver.contract.checking.checks.checked_api import MISSING
from mockserver.contract.checking.preparation.known_values import SAMPLES, Fetch, Key, KnownValues, filled, key_of
from mockserver.json_text import Json
from mockserver.openapi.model.operation import Operation
from mockserver.resources.detect.operation_view import is_parameter, segments_of
from mockserver.spelling import plain, singular

COLLECTIONS: Final = 50
"""Collections that are asked for."""

ASKED: Final = 150
"""Requests by which ids are tried."""

PathOf = Callable[[Operation], str]
"""Where an operation stands on the server."""


class WorldRecords:
    """The first ids of each collection, by its name in the singular, and by the name of the member that has them."""

    def __init__(self, ids: Mapping[str, list[Json]], members: Mapping[str, list[Json]]) -> None:
        self._ids = ids
        self._members = members

    @classmethod
    def read(cls, fetch: Fetch, api: str) -> WorldRecords:
        """Asks the control API of a mock."""
        ids: dict[str, list[Json]] = {}
        members: dict[str, list[Json]] = {}
        state = fetch(f"/state/{quote(api, safe='')}", {})
        collections = state.get("collections", []) if isinstance(state, dict) else []
        for collection in collections[:COLLECTIONS]:
            name, member = str(collection["name"]), str(collection["idMember"])
            answer = fetch(f"/state/{quote(api, safe='')}/{quote(name, safe='')}", {"limit": SAMPLES})
            records = answer.get("records", []) if isinstance(answer, dict) else []
            values = [record[member] for record in records if isinstance(record.get(member), str | int)][:SAMPLES]
            ids[plain(singular(name))] = values
            members.setdefault(plain(member), values)
        return cls(ids, members)

    def of_path(self, operation: Operation) -> dict[str, list[Json]]:
        """The known values of each path parameter of an operation: by its own name, else by the segment before it."""
        found: dict[str, list[Json]] = {}
        before = ""
        for segment in segments_of(operation.path):
            if not is_parameter(segment):
                before = plain(singular(segment))
                continue
            name = plain(segment[1:-1])
            bare = name.removesuffix("id")
            values = self._members.get(name) if name != "id" else None
            found[segment[1:-1]] = values or self._ids.get(before if bare in ("", before) else bare) or []
        return {name: values for name, values in found.items() if values}


def note_records(
    known: KnownValues, records: WorldRecords, operations: Sequence[Operation], fetch: Fetch, path_of: PathOf
) -> None:
    """Adds the values of path parameters that lead somewhere: what reads something with them is asked."""
    reads = [one for one in operations if one.method.upper() == "GET" and not _needs_more(one)]
    left = ASKED
    for operation in sorted(reads, key=lambda one: one.path.count("{")):
        for values in _alternatives(known, records, operation):
            left -= 1
            names = [segment[1:-1] for segment in segments_of(operation.path) if is_parameter(segment)]
            if (
                left >= 0
                and fetch(filled(path_of(operation), dict(zip(names, values, strict=True))), {}) is not MISSING
            ):
                key = _key(operation)
                for length in range(1, len(values) + 1):
                    shorter = known.paths.setdefault(_until(key, length), [])
                    shorter += [values[:length]] if values[:length] not in shorter else []
    for operation in operations:
        for values in _alternatives(known, records, operation):
            known.paths.setdefault(_key(operation), []).append(values)


def _needs_more(operation: Operation) -> bool:
    return any(one.required for one in operation.parameters if one.place != "path")


def _key(operation: Operation) -> Key:
    segments = segments_of(operation.path)
    last = max((number for number, segment in enumerate(segments) if is_parameter(segment)), default=-1)
    return key_of(segments[: last + 1])


def _until(key: Key, parameters: int) -> Key:
    """The beginning of a path that ends with its parameter of this number."""
    ends = [number for number, segment in enumerate(key, 1) if segment == "{}"]
    return key[: ends[parameters - 1]]


def _alternatives(known: KnownValues, records: WorldRecords, operation: Operation) -> list[tuple[Json, ...]]:
    """The values that may lead somewhere, where none that do are known: those of parents that do come first."""
    key = _key(operation)
    if not key or known.paths.get(key):
        return []
    named = records.of_path(operation)
    names = [segment[1:-1] for segment in segments_of(operation.path) if is_parameter(segment)]
    found: list[tuple[Json, ...]] = [()]
    for number, name in enumerate(names, 1):
        parents = known.paths.get(_until(key, number), []) if number < len(names) else []
        found = parents[:1] or [(*values, value) for values in found for value in named.get(name, [])]
    return found[: SAMPLES * SAMPLES]
