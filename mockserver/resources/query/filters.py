"""Filters of a list: query parameters as conditions, filter expressions, and search for words (`q=elm state:open`)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from mockserver.json_text import Json, Malformed, read_json
from mockserver.resources.detect.decisions import MemberPath
from mockserver.resources.detect.names import COMPARISONS, EXPRESSIONS, SEARCHES
from mockserver.resources.detect.roles.batch_operations import state_of
from mockserver.resources.detect.schema_shape import SchemaShape
from mockserver.resources.query.comparing import IN_WORDS, quantity, text_of
from mockserver.resources.query.filter_expressions import (
    CONDITION,
    LONGEST,
    Condition,
    UnreadableFilter,
    condition_of,
    read,
    spoken,
)
from mockserver.resources.query.filter_targets import SPANS, FilterTarget, FilterTargets, reach
from mockserver.resources.query.value_index import having, is_exact
from mockserver.spelling import plain
from mockserver.state.records.record import Record

_CONDITION_OBJECTS: Final = frozenset({"filter", "filters", "where", "q", "query", "search", "conditions", "condition"})
"""Parameters whose value is an object of conditions."""
_PREFIXED: Final = re.compile(
    r"(?:(?P<word>eq|neq|ne|gte|ge|gt|lte|le|lt|between)[.:]|(?P<near>ge|gt|le|lt|ne|eq)(?=-?\d)|(?P<sign>>=|<=|!=|>|<))(?P<rest>.+)"
)
"""Operators in front of a value: `gte:5`, `ge2026-01-01`, `>=5`."""
_SIGNS: Final = {">=": "gte", "<=": "lte", "!=": "other", ">": "gt", "<": "lt"}
_RANGE: Final = re.compile(r"[^.]+\.\.[^.]*|\.\.[^.]+|.*\d\.\.\d.*")


class Filters:
    """The conditions of one list. `parameters` are those of its query, or members of its body, that may be filters,
    each with its shape; `descriptions` are those of the document.
    """

    def __init__(
        self, targets: FilterTargets, parameters: Mapping[str, SchemaShape], descriptions: Mapping[str, str]
    ) -> None:
        self._filter_targets = targets
        self._search = Search(targets)
        self._targets_by_name: dict[str, FilterTarget] = {}
        self._holders: list[str] = []
        self._expressions: list[str] = []
        self._searches: list[str] = []
        self._is_span = not SPANS.isdisjoint(map(plain, parameters))
        for name, shape in parameters.items():
            self._classify(name, shape, descriptions.get(name, ""))

    def _classify(self, name: str, shape: SchemaShape, description: str) -> None:
        """Registers the parameter as a filter, an expression, a search or nothing."""
        called = plain(name)
        target = None if called == "q" else self._filter_targets.of(name, shape, description, is_span=self._is_span)
        if target is not None:
            self._targets_by_name[name] = target._replace(whatever=target.whatever | _default(shape))
        elif called in _CONDITION_OBJECTS and shape.is_object:
            self._holders.append(name)
        elif called in EXPRESSIONS and self._is_expression(shape):
            self._expressions.append(name)
        elif called in SEARCHES and self._search.finds and not shape.is_object:
            self._searches.append(name)

    def _is_expression(self, shape: SchemaShape) -> bool:
        """Returns whether a parameter can be an expression: of its enum one value has to be a state of records."""
        if shape.enum:
            return any(self._state(value) for value in shape.enum)
        return "string" in shape.types or "array" in shape.types or not shape.types

    def _state(self, word: Json) -> Mapping[str, Json]:
        return state_of(self._filter_targets.shapes, self._filter_targets.record, word) if isinstance(word, str) else {}

    def meanings(self) -> Iterator[tuple[str, str]]:
        """Yields each filter parameter with its meaning in words."""
        for name, target in self._targets_by_name.items():
            yield name, f"those whose `{'.'.join(target.member_path)}` {IN_WORDS[target.operator]} this"
        for name in self._holders:
            yield name, "those that have what its members ask for"
        for name in self._expressions:
            yield (
                name,
                "those of which its conditions hold (`member:value`, `member eq 'value'`), or with its words",
            )
        for name in self._searches:
            yield name, "those that have its words in some text"

    def equalities(self) -> Mapping[str, MemberPath]:
        """Returns the parameters that ask for one value of a member, each with the path of the member."""
        plain_ones = (item for item in self._targets_by_name.items() if item[1].operator == "equal")
        return {name: target.member_path for name, target in plain_ones if not target.measured and not target.through}

    def matching(self, given: Mapping[str, Json], sent: frozenset[str], records: Sequence[Record]) -> Sequence[Record]:
        """Returns the records that match the query. Values that no record can have match all, and so do defaults, which
        were not `sent`, for a wildcard.
        """
        for target, wanted in self._conditions(given, sent):
            found = having(records, target.member_path, wanted) if target.is_indexed else None
            if found is not None:
                records = found
                if is_exact(wanted):
                    continue
            records = [record for record in records if target.holds(reach(record, target.member_path), wanted)]
        for name in self._expressions:
            if name in sent and given.get(name) not in (None, "", []):
                records = self._expressed(given[name], records)
        for name in self._searches:
            if name in sent and given.get(name) not in (None, ""):
                records = self._search.matching(given[name], records)
        return records

    def _expressed(self, wanted: Json, records: Sequence[Record]) -> Sequence[Record]:
        """Returns the records that match an expression. Other texts are a state, or words to search for."""
        for text in wanted if isinstance(wanted, list) else [wanted]:
            if not isinstance(text, str):
                continue
            if text.lstrip().startswith("{"):
                records = self._written(text, records)
                continue
            try:
                holds = read(text, self._filter_targets.of)
            except UnreadableFilter:
                records = self._word(text, records)
            else:
                records = [record for record in records if holds(record)]
        return records

    def _written(self, text: str, records: Sequence[Record]) -> Sequence[Record]:
        """Returns the records that match an object in JSON: LoopBack's `{"where": {"state": "open"}}`."""
        try:
            member = read_json(text.encode())
        except Malformed:
            return records
        where = member.get("where") if isinstance(member, dict) and isinstance(member.get("where"), dict) else member
        for target, wanted in self._nested(where):
            records = [record for record in records if target.holds(reach(record, target.member_path), wanted)]
        return records

    def _word(self, text: str, records: Sequence[Record]) -> Sequence[Record]:
        state = self._state(text)
        if state:
            return [record for record in records if all(record.get(name) == value for name, value in state.items())]
        if text.casefold() in ("all", "any", "*"):
            return records
        return (
            self._search.matching(text, records) if self._search.finds and text.replace(" ", "").isalnum() else records
        )

    def _conditions(self, given: Mapping[str, Json], sent: frozenset[str]) -> Iterator[tuple[FilterTarget, Json]]:
        for name, target in self._targets_by_name.items():
            if name in given and (target.values or name in sent):
                yield from self._of(target, given[name])
        for name in self._holders:
            yield from self._nested(given.get(name))

    def _nested(self, member: Json) -> Iterator[tuple[FilterTarget, Json]]:
        for inner, wanted in member.items() if isinstance(member, dict) else ():
            known = self._filter_targets.of(inner)
            if known is not None:
                yield from self._of(known, wanted)

    def _of(self, target: FilterTarget, wanted: Json) -> Iterator[tuple[FilterTarget, Json]]:
        """Yields the conditions of one parameter; an object has an operator or a nested member for each name."""
        if isinstance(wanted, dict):
            member = self._filter_targets.shape_of(target.member_path)
            for name, value in wanted.items():
                operator = COMPARISONS.get(plain(name))
                if name in member.members or (member.is_object and operator is None):
                    yield from self._of(FilterTarget((*target.member_path, name)), value)
                elif operator is not None:
                    yield from self._of(target._replace(operator=operator), value)
        elif wanted not in (None, "", []):
            target, wanted = _prefixed(target, wanted)
            wanted = _listed(target, wanted)
            if self._can_be(target, wanted):
                yield target, wanted

    def _can_be(self, target: FilterTarget, wanted: Json) -> bool:
        if target.operator != "equal":
            return True
        if not target.values:
            return not (isinstance(wanted, str) and wanted.lower() in target.whatever)
        return any(value in target.values for value in (wanted if isinstance(wanted, list) else [wanted]))


def _prefixed(target: FilterTarget, wanted: Json) -> tuple[FilterTarget, Json]:
    """Returns the target and value without an operator in front of the value, or two bounds in one: for amounts and
    times only, since texts may begin so.
    """
    if target.operator != "equal" or not isinstance(wanted, str) or target.values:
        return target, wanted
    match = _PREFIXED.fullmatch(wanted)
    if match is not None and quantity(match["rest"].partition(",")[0]) is not None:
        operator = _SIGNS.get(match["sign"] or "") or COMPARISONS[match["word"] or match["near"]]
        return target._replace(operator=operator), match["rest"]
    if _RANGE.fullmatch(wanted) and all(part in ("", "*") or quantity(part) is not None for part in wanted.split("..")):
        return target._replace(operator="between"), wanted
    return target, wanted


def _listed(target: FilterTarget, wanted: Json) -> Json:
    """Returns a value of the enum in the spelling that the enum has."""
    if not target.values or target.operator not in ("equal", "in", "other", "none"):
        return wanted
    if isinstance(wanted, str) and "," in wanted and wanted not in target.values:
        wanted = [part.strip() for part in wanted.split(",")]
    if isinstance(wanted, list):
        return [_listed(target, part) for part in wanted]
    if wanted in target.values:
        return wanted
    spelt = plain(text_of(wanted))
    return next((value for value in target.values if spelt and plain(text_of(value)) == spelt), wanted)


def _default(shape: SchemaShape) -> frozenset[str]:
    """Returns `none` where it is the default of the parameter."""
    default = shape.node.get("default") if isinstance(shape.node, dict) else None
    return frozenset({"none"}) if default == "none" else frozenset()


_DEEPEST: Final = 3
_NO_TEXTS: Final = frozenset(
    {"date", "date-time", "time", "uuid", "binary", "byte", "password", "uri", "url", "duration"}
)
"""Formats of texts that nobody reads."""
_WORD: Final = re.compile(r'"([^"]+)"|(\S+)')
_JOINTS: Final = frozenset({"and", "or", "not", "*", "+", "&"})


def texts_of(targets: FilterTargets) -> tuple[MemberPath, ...]:
    """Returns the paths of all texts of a record that people read."""
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
    """Finds the records that contain all searched words in some text."""

    def __init__(self, targets: FilterTargets) -> None:
        self._targets = targets
        self._texts = texts_of(targets)

    @property
    def finds(self) -> bool:
        """Whether there is a text to search."""
        return bool(self._texts)

    def matching(self, wanted: Json, records: Sequence[Record]) -> Sequence[Record]:
        """Returns the records that contain all words, and match the conditions among them."""
        text = " ".join(map(text_of, wanted)) if isinstance(wanted, list) else text_of(wanted)
        conditions, rest = self._conditions(text[:LONGEST])
        for condition in conditions:
            records = [record for record in records if condition(record)]
        words = [(quoted or word).strip("*%").casefold() for quoted, word in _WORD.findall(rest)]
        words = [word for word in words if word and (len(words) == 1 or word not in _JOINTS)]
        return [record for record in records if self._has(record, words)] if words else records

    def _conditions(self, text: str) -> tuple[list[Condition], str]:
        """Returns the conditions on members, and the text without them."""
        found: list[Condition] = []

        def collect(match: re.Match[str]) -> str:
            written = spoken(match)
            target = self._targets.of(written.name)
            if target is None:
                return match[0]
            found.append(condition_of(written, target))
            return " "

        return found, CONDITION.sub(collect, text)

    def _has(self, record: Record, words: list[str]) -> bool:
        texts = " \n".join(text for member_path in self._texts for text in _flat(reach(record, member_path))).casefold()
        return all(word in texts for word in words)


def _flat(value: Json) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _flat(item)
    elif isinstance(value, str):
        yield value
