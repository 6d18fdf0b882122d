"""The ids of a mock's records by the names of path parameters, from the control API of the world that is checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

from mockserver.contract.checking.known_values import SAMPLES, Fetch
from mockserver.json_text import Json
from mockserver.openapi.model.operation import Operation
from mockserver.resources.detect.operation_view import is_parameter, segments_of
from mockserver.spelling import plain, singular

COLLECTIONS: Final = 50
"""Collections that are asked for."""


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


NOTHING: Final = WorldRecords({}, {})
"""Of a server that is no mock."""
