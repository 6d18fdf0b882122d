"""Records that a user's file gives, of a collection whose records are kept by the path they stand at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from mockserver.json_text import Json
from mockserver.problem import Unusable
from mockserver.resources.detect.schema_shape import dig

if TYPE_CHECKING:
    from mockserver.resources.records.store import Store

Placing = Callable[[Mapping[str, Json]], Mapping[str, Json]]


def placing(store: Store) -> Placing:
    """A function that takes a record of a file to the record as the collection keeps it. It raises Unusable for one
    that does not name the records that it is below, or has no id.
    """

    def place(record: Mapping[str, Json]) -> Mapping[str, Json]:
        above = zip(store.collection.scope, store.seeds.parent_keys, strict=True)
        values = tuple(
            _id_value(record, member_path or (parameter,), store.collection.path) for parameter, member_path in above
        )
        if not store.collection.singleton:
            id_path = store.collection.id_spec.member_path or tuple(store.address[1][-1:])
            values = (*values, _id_value(record, id_path, store.collection.path))
        of_path = {*store.collection.scope, *store.address[1]} - store.record.members.keys()
        return store.marked({name: value for name, value in record.items() if name not in of_path}, values)

    return place


def _id_value(record: Mapping[str, Json], member_path: tuple[str, ...], path: str) -> Json:
    value = dig(record, member_path)
    if isinstance(value, str | int) and not isinstance(value, bool):
        return value
    raise Unusable(f"has no {'.'.join(member_path)!r}, which says where it stands in {path}")
