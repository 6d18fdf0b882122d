"""The keys of a collection's records: from path values to the key in the state, to members of a record, and back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final
from urllib.parse import quote, unquote

from mockserver.json_text import Json
from mockserver.resources.context import ResourceContext
from mockserver.resources.detect.decisions import KEY, PARENT, CollectionPlan
from mockserver.resources.detect.operation_view import path_of
from mockserver.resources.detect.schema_shape import SchemaShape
from mockserver.resources.records.projection import public
from mockserver.resources.records.seeds import Scope
from mockserver.state.records.collection import Id

_ALONE: Final = "-"
_LONGEST_NUMBER: Final = 19
_PARAMETER: Final = re.compile(r"\{([^{}]+)\}")


@dataclass
class RecordKeys:
    """Converts between the names of a record of one collection: path values, the key in the state, its members."""

    context: ResourceContext
    collection: CollectionPlan

    @cached_property
    def record(self) -> SchemaShape:
        """The schema of a record."""
        return self.context.shapes.at(self.collection.record)

    @cached_property
    def name(self) -> str:
        return self.collection.name

    @cached_property
    def _has_own_key(self) -> bool:
        return self.collection.natural_key

    @cached_property
    def _is_numbered(self) -> bool:
        """Whether the ids of its records are numbers."""
        return self.collection.id_spec.kind == "integer"

    @cached_property
    def _id_type(self) -> type[Id]:
        """The type of its ids."""
        return int if self._is_numbered else str

    def key(self, values: Scope) -> Id:
        """Returns the storage key of the record that these path values name, outermost first."""
        if not self._has_own_key:
            return written(values) or _ALONE
        value = values[-1]
        return value if type(value) is self._id_type else self.own(value)

    def own(self, value: Json) -> Id:
        """Returns an id in the type that records have it in, whatever the path's type is."""
        if not self._is_numbered:
            return str(value)
        if isinstance(value, int):
            return value
        text = str(value)
        is_number = isinstance(value, str) and text.removeprefix("-").isdecimal() and len(text) < _LONGEST_NUMBER
        return int(text) if is_number else text

    def values(self, record: Mapping[str, Json]) -> Scope:
        """Returns the path values that name this record."""
        if self._has_own_key:
            return (record[self.collection.id_spec.member_path[0]],)
        return tuple(unquote(part) for part in str(record[KEY]).split("/"))

    @cached_property
    def address(self) -> tuple[str, list[str]]:
        """The path template of a record as the document writes it, with a trailing slash or extension, and its
        parameters.
        """
        item_path = self.collection.item_path
        known = _PARAMETER.findall(item_path)
        for view in self.context.views(self.name, "read", "update", "replace", "delete"):
            template = view.operation.path.partition("?")[0].partition("#")[0]
            if path_of(view.segments) == item_path and _PARAMETER.findall(template) == known:
                return template, known
        return item_path, known

    def named(self, values: Scope) -> dict[str, Json]:
        """Returns the id member with its value from the path; empty where the id stands deeper in a record."""
        member_path = self.collection.id_spec.member_path
        return {member_path[0]: self.own(values[-1])} if len(member_path) == 1 and values else {}

    def marked(self, record: Mapping[str, Json], values: Scope) -> dict[str, Json]:
        """Returns the record with the storage key of these path values: the very same one where it needs none."""
        if self._has_own_key and type(record) is dict and KEY not in record and PARENT not in record:
            return record
        result = public(record)
        if self._has_own_key:
            return result
        marks = {KEY: self.key(values)}
        if self.collection.scope:
            marks[PARENT] = written(values if self.collection.singleton else values[:-1])
        return {**result, **marks}


def written(values: Scope) -> str:
    """Returns path values as one text."""
    return "/".join(quote(str(value), safe=" :@") for value in values)
