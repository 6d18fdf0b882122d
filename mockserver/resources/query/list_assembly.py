"""Assembles answers of lists from items that were encoded before, without validating or encoding them again."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from operator import is_
from typing import Final, NamedTuple

import orjson

from mockserver.engine.call import ValidatedBody
from mockserver.json_pointer import escaped, pointer_of
from mockserver.json_text import Json, encode
from mockserver.openapi.source.reference import place as place_of
from mockserver.problem import Unusable
from mockserver.resources.context import ResourceContext
from mockserver.resources.detect.decisions import MemberPath
from mockserver.resources.detect.schema_shape import SchemaPlace, put
from mockserver.state.records.record import Record

MOST_KNOWN: Final = 2_000
"""Cached items of one list."""

_NOTES: Final = frozenset({"title", "description", "example", "examples", "default", "deprecated", "externalDocs"})
_OF_OBJECTS: Final = frozenset({"type", "properties", "required", "additionalProperties"})
_OF_LISTS: Final = frozenset({"type", "items", "maxItems"})
_MOST_REFERENCES: Final = 20


class _Item(NamedTuple):
    """The shown value of a record and its encoded bytes; None where the value does not fit the item schema."""

    record: Record
    value: Json
    content: orjson.Fragment | None


class _Page(NamedTuple):
    """The answer that was assembled last: of which records, in which `rest`."""

    records: Sequence[Record]
    rest: bytes
    proven: ValidatedBody

    def shows(self, records: Sequence[Record], rest: bytes) -> bool:
        """Returns whether the answer is that of these very records."""
        return len(records) == len(self.records) and all(map(is_, records, self.records)) and rest == self.rest


class ListAssembly:
    """Assembles the answers of one list. Its schema holds if each item fits the schema at `items`, there are no more
    than `most`, and the rest fits with an empty list.
    """

    def __init__(
        self, context: ResourceContext, place: SchemaPlace, member_path: MemberPath, items: str, most: int | None
    ) -> None:
        self._pointer = place.pointer
        self._member_path = member_path
        self._most = most
        self._accepts = context.accepts(place.pointer)
        self._accepts_item = context.accepts(items)
        self._known: dict[int, _Item] = {}
        self._where: Hashable = None
        self._latest: _Page | None = None

    def proven(
        self, records: Sequence[Record], rest: Json, show: Callable[[Record], Json], where: Hashable
    ) -> ValidatedBody | None:
        """Returns the records as `show` gives them, in the `rest` of the answer, which has an empty list for them; None
        where that does not fit. The shown value depends only on the record and `where`.
        """
        if where != self._where:
            self._known.clear()
            self._where, self._latest = where, None
        latest, written = self._latest, encode(rest)
        if latest is not None and latest.shows(records, written):
            return latest.proven
        if (self._most is not None and len(records) > self._most) or not self._accepts(rest):
            return None
        known = self._known
        items = [
            item if (item := known.get(id(record))) is not None and item.record is record else self._item(record, show)
            for record in records
        ]
        contents = [item.content for item in items]
        if None in contents:
            return None
        value = put(rest, self._member_path, [item.value for item in items])
        try:
            content = orjson.dumps(put(rest, self._member_path, contents))
        except TypeError:
            content = None  # It has an integer that orjson does not write.
        proven = ValidatedBody(value, self._pointer, content)
        self._latest = _Page(tuple(records), written, proven)
        return proven

    def _item(self, record: Record, show: Callable[[Record], Json]) -> _Item:
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        value = show(record)
        content = orjson.Fragment(encode(value)) if self._accepts_item(value) else None
        item = self._known[id(record)] = _Item(record, value, content)
        return item


def assembly_of(context: ResourceContext, place: SchemaPlace, member_path: MemberPath) -> ListAssembly | None:
    """Returns the assembly of the list at the end of `member_path`; None where the schema at `place` constrains the
    items beyond the schema of one item.
    """
    document = context.spec.views.response.document
    pointer = place.pointer
    for name in member_path:
        found = _single_schema(document, pointer, _OF_OBJECTS)
        if found is None or name not in found[0].get("properties", {}):
            return None
        pointer = f"{found[1]}/properties/{escaped(name)}"
    found = _single_schema(document, pointer, _OF_LISTS)
    if found is None or "items" not in found[0]:
        return None
    return ListAssembly(context, place, member_path, f"{found[1]}/items", found[0].get("maxItems"))


def _single_schema(document: Json, pointer: str, keywords: frozenset[str]) -> tuple[Mapping[str, Json], str] | None:
    """Returns the schema at the pointer, through references, and its location; None where it, or a keyword beside a
    reference, is not among these keywords.
    """
    for _ in range(_MOST_REFERENCES):
        try:
            trail, node = place_of(document, pointer)
        except Unusable:
            return None
        if not isinstance(node, dict):
            return None
        declared = {name for name in node if name not in _NOTES and not name.startswith("x-")}
        if declared != {"$ref"}:
            return (node, pointer_of(trail)) if declared <= keywords else None
        pointer = node["$ref"]
    return None
