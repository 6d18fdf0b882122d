"""Converts records between the form that users write and read and the form that is stored under path values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from mockserver.json_text import Json
from mockserver.problem import Unusable
from mockserver.resources.detect.decisions import OWN, MemberPath
from mockserver.resources.detect.schema_shape import dig, put
from mockserver.resources.records.projection import public
from mockserver.resources.records.record_keys import RecordKeys
from mockserver.resources.records.seeds import parent_keys_of


@dataclass
class PathPlacement:
    """The placement of one collection: ids and those of the records above are members of a record, also where its
    schema has none for them and they only stand in its path.
    """

    keys: RecordKeys

    marks = frozenset(OWN)

    @cached_property
    def id_path(self) -> MemberPath:
        """The path of the id; empty for a collection with one record a path."""
        if self.keys.collection.singleton:
            return ()
        return self.keys.collection.id_spec.member_path or tuple(self.keys.address[1][-1:])

    @cached_property
    def id_member(self) -> str:
        """The member that holds the id; empty where it is nested, or there is none."""
        return self.id_path[0] if len(self.id_path) == 1 else ""

    @cached_property
    def _places(self) -> list[MemberPath]:
        """Where the values of a record's path stand in it, outermost first."""
        collection = self.keys.collection
        above = zip(collection.scope, parent_keys_of(self.keys.context, collection, self.keys.record), strict=True)
        return [*(path or (parameter,) for parameter, path in above), *([self.id_path] if self.id_path else [])]

    @cached_property
    def path_members(self) -> tuple[str, ...]:
        """The members that hold the values of a record's path."""
        return tuple(place[0] for place in self._places)

    @cached_property
    def _of_path(self) -> frozenset[str]:
        collection = self.keys.collection
        return frozenset({*collection.scope, *self.keys.address[1]} - self.keys.record.members.keys())

    def stored(self, record: Mapping[str, Json]) -> Mapping[str, Json]:
        """The record as the collection keeps it. Raises Unusable for one that does not name the records that it is
        below, or has no id.
        """
        values = tuple(_id_value(record, place, self.keys.collection.path) for place in self._places)
        return self.keys.marked({name: value for name, value in record.items() if name not in self._of_path}, values)

    def shown(self, record: Mapping[str, Json]) -> dict[str, Json]:
        """The stored record as a user writes it."""
        result = public(record)
        for place, value in zip(self._places, self.keys.values(record), strict=False):
            if dig(result, place) is None:
                result = put(result, place, value)
        return result

    def own_id(self, record: Mapping[str, Json]) -> Json:
        """The id of a stored record; None where it has none."""
        return dig(self.shown(record), self.id_path) if self.id_path else None

    def named(self, text: str) -> dict[str, Json]:
        """The id member of a new record with the id that an address has."""
        return {self.id_member: self.keys.own(text)} if self.id_member else {}


def _id_value(record: Mapping[str, Json], member_path: tuple[str, ...], path: str) -> Json:
    value = dig(record, member_path)
    if isinstance(value, str | int) and not isinstance(value, bool):
        return value
    raise Unusable(f"has no {'.'.join(member_path)!r}, which says where it stands in {path}")
