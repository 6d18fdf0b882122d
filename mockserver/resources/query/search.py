"""Looks for words in the texts of records, and for the conditions that stand among them: `q=elm state:open`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from mockserver.json_text import Json
from mockserver.resources.detect.decisions import MemberPath
from mockserver.resources.detect.schema_shape import SchemaShape
from mockserver.resources.query.comparing import text_of
from mockserver.resources.query.filter_expressions import CONDITION, LONGEST, Condition, condition_of, spoken
from mockserver.resources.query.filter_targets import FilterTargets, reach
from mockserver.state.record import Record

_DEEPEST: Final = 3
_NO_TEXTS: Final = frozenset(
    {"date", "date-time", "time", "uuid", "binary", "byte", "password", "uri", "url", "duration"}
)
"""Formats of texts that nobody reads."""
_WORD: Final = re.compile(r'"([^"]+)"|(\S+)')
_JOINTS: Final = frozenset({"and", "or", "not", "*", "+", "&"})


def texts_of(targets: FilterTargets) -> tuple[MemberPath, ...]:
    """The ways to all texts of a record that people read."""
    return tuple(_texts(targets, targets.record, (), _DEEPEST))


def _texts(targets: FilterTargets, shape: SchemaShape, member_path: MemberPath, depth: int) -> Iterator[MemberPath]:
    if shape.is_list and not shape.members:
        shape = targets.shapes.items(shape)
        if _is_text(shape):
            yield member_path
    for name in shape.members if depth else ():
        member = targets.shapes.member(shape, name)
        if member.write_only:
            continue
        if _is_text(member):
            yield (*member_path, name)
        else:
            yield from _texts(targets, member, (*member_path, name), depth - 1)


def _is_text(shape: SchemaShape) -> bool:
    return "string" in shape.types and shape.format not in _NO_TEXTS


class Search:
    """Finds the records of which all words that are asked for stand in some text."""

    def __init__(self, targets: FilterTargets) -> None:
        self._targets = targets
        self._texts = texts_of(targets)

    @property
    def finds(self) -> bool:
        """Whether there is a text to look into."""
        return bool(self._texts)

    def passing(self, wanted: Json, records: Sequence[Record]) -> Sequence[Record]:
        """The records that have all the words, and are as the conditions among them say."""
        text = " ".join(map(text_of, wanted)) if isinstance(wanted, list) else text_of(wanted)
        conditions, rest = self._conditions(text[:LONGEST])
        for condition in conditions:
            records = [record for record in records if condition(record)]
        words = [(quoted or word).strip("*%").casefold() for quoted, word in _WORD.findall(rest)]
        words = [word for word in words if word and (len(words) == 1 or word not in _JOINTS)]
        return [record for record in records if self._has(record, words)] if words else records

    def _conditions(self, text: str) -> tuple[list[Condition], str]:
        """The conditions that are about members, and the text without them."""
        found: list[Condition] = []

        def taken(match: re.Match[str]) -> str:
            written = spoken(match)
            target = self._targets.of(written.name)
            if target is None:
                return match[0]
            found.append(condition_of(written, target))
            return " "

        return found, CONDITION.sub(taken, text)

    def _has(self, record: Record, words: list[str]) -> bool:
        texts = " \n".join(text for member_path in self._texts for text in _flat(reach(record, member_path))).casefold()
        return all(word in texts for word in words)


def _flat(value: Json) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _flat(item)
    elif isinstance(value, str):
        yield value
