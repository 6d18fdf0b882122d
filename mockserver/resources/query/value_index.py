"""Finds records by value with an index: the same records that `comparing` finds one by one."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from mockserver.json_text import Json
from mockserver.resources.detect.decisions import MemberPath
from mockserver.resources.detect.schema_shape import dig
from mockserver.resources.query.comparing import NAMING, NOTHING, day_of, quantity, text_of
from mockserver.state.records.collection import View
from mockserver.state.records.record import Record

INDEXED: Final = frozenset({"equal", "in"})
"""The operators that an index answers."""


@dataclass(frozen=True, slots=True)
class ByValue:
    """Finds records, oldest first, by the texts and numbers that a member is, contains or, as an object, is
    named by.
    """

    member_path: MemberPath

    @property
    def members(self) -> tuple[str, ...]:
        return self.member_path[:1]

    def keys(self, record: Record) -> Collection[Hashable]:
        return {*_keys(dig(record, self.member_path))}

    def rank(self, record: Record) -> int:
        return record.birth


def having(records: Sequence[Record], member_path: MemberPath, wanted: Json) -> Sequence[Record] | None:
    """Returns a superset of the records with the wanted value, with few others. None where no index applies."""
    if not isinstance(records, View) or not member_path:
        return None
    keys = _keys_of(wanted)
    return None if keys is None else records.among(ByValue(member_path), keys)


def is_exact(wanted: Json) -> bool:
    """Returns whether all records that `having` finds have the wanted value."""
    is_one = isinstance(wanted, str) and "," not in wanted and wanted == wanted.strip()
    return is_one or isinstance(wanted, int | float)


def _keys(value: Json) -> Iterator[Hashable]:
    if isinstance(value, list):
        for item in value:
            yield from _keys(item)
    elif isinstance(value, Mapping):
        for name in NAMING:
            if name in value:
                yield from _keys(value[name])
    elif isinstance(value, bool | str):
        yield text_of(value)
        if isinstance(value, str) and (day := day_of(value)):
            yield day
    elif value is not None:
        yield value


def _keys_of(wanted: Json) -> list[Hashable] | None:
    """Returns the index keys of the wanted value."""
    if isinstance(wanted, list):
        parts = [_keys_of(part) for part in wanted]
        return None if None in parts else [*dict.fromkeys(key for part in parts for key in part or ())]
    if not isinstance(wanted, str | int | float):
        return None
    texts = [wanted, *(part.strip() for part in wanted.split(","))] if isinstance(wanted, str) else [wanted]
    if any(isinstance(text, str) and text.lower() in NOTHING for text in texts):
        return None
    numbers = [number for text in texts if isinstance(number := quantity(text), int | float)]
    return [*dict.fromkeys([*map(text_of, texts), *numbers])]
