"""Resolves the name of a query parameter to a member of records and an operator."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Final, NamedTuple

from mockserver.json_text import Json
from mockserver.resources.detect.decisions import MemberPath
from mockserver.resources.detect.names import COMPARISONS, same_name
from mockserver.resources.detect.schema_shape import NOTHING, SchemaShape, SchemaShapes
from mockserver.resources.query.comparing import BOUNDS, NAMING, OPERATORS, quantity, same_quantity
from mockserver.resources.query.value_index import INDEXED
from mockserver.spelling import plain, singular, words_of

Members = Mapping[str, MemberPath]
"""The names that records can be filtered and sorted by, each with its path in a record."""

_HOLDERS: Final = ((), ("attributes",), ("metadata",))
_LONGEST: Final = 200
"""Characters of a name that is resolved; clients may send longer ones."""
_DEEPEST: Final = 4
_INSIDE: Final = re.compile(r"(?:filters?|where|q|query|search|conditions?)\[([^\[\]]+)\](.*)")
_BESIDE: Final = re.compile(r"([^\[\]]+?)(?:\[\$?|__|[.:])(\w+)\]?")
_OF_THE_ANSWER: Final = frozenset(
    map(plain, (
        "accept_language", "access_token", "alt", "api_key", "api_version", "callback", "embed", "embedded", "exclude",
        "excludes", "expand", "expands", "field_mask", "fields", "format", "include", "included", "includes", "lang",
        "locale", "pretty", "pretty_print", "projection", "select",
    ))
)  # fmt: skip
"""Names of parameters that shape the answer, whatever members records have."""
_SIGNED: Final = {"<": "lte", ">": "gte", "!": "other"}
"""`EndTime<` is sent as `EndTime<=2026-01-01`, so that the bound itself is included."""
_DATED: Final = frozenset({"at", "on", "date", "time", "timestamp"})
"""Words that names of times end with."""
_WHATEVER: Final = frozenset({"all", "any", "*"})
_ONLY_BESIDE: Final = frozenset({"in", "not", "notin", "exact", "empty", "present", "blank", "includes", "range"})
"""Words that end the names of many parameters without being operators."""
_ENDS: Final = {"start": "gte", "end": "lte"}
"""The bounds that these words mean for a time or an amount."""
_ONLY_TIMES: Final = {
    **dict.fromkeys(("from", "since", "after", "start", "begin", "min", "gte", "ge", "newerthan"), "gte"),
    **dict.fromkeys(("to", "until", "till", "before", "end", "max", "lte", "le", "olderthan"), "lte"),
    "gt": "gt",
    "lt": "lt",
}
"""Words that bound the time of a record, in names that only say that it is a time."""
SPANS: Final = frozenset({"since", "until", "till"})
"""Words that bound only times."""
_TIMES: Final = frozenset({"date", "time", "day", "datetime", "timestamp", "at", "on", "ts"})
_INNER_TIMES: Final = ("datetime", "timestamp", "time", "date")
"""What a time is called inside of an object that is one."""
_MADE: Final = (
    "created",
    "date",
    "timestamp",
    "time",
    "occurred",
    "published",
    "inserted",
    "started",
    "start",
    "updated",
)
"""The times that records are filtered by, the likeliest first."""
_SAYS_TIME: Final = re.compile(
    r"\b(?:dates?|times?|timestamps?|datetime|iso.?8601|epoch|yyyy|rfc.?3339)\b", re.IGNORECASE
)
_SAYS_PART: Final = re.compile(
    r"\b(?:contain(?:s|ing)?|partial(?:ly)?|substring|fuzzy|search(?:es)?|like|part of|case.insensitive)\b",
    re.IGNORECASE,
)
_SAYS_START: Final = re.compile(r"\b(?:starts?|starting|begins?|beginning) with\b|\bprefix", re.IGNORECASE)
_AMOUNT_FORMATS: Final = frozenset(
    {"decimal", "number", "numeric", "money", "currency", "double", "float", "bigdecimal"}
)
_AMOUNT_PATTERN: Final = re.compile(r"(?=.*(?:\\\.|\[\.))[\^$?+*(){}\[\],.|:!=\\d0-9-]{2,200}")
"""Patterns of digits with a decimal point."""
_AMOUNT: Final = re.compile(r"-?\d+\.\d+")


class FilterTarget(NamedTuple):
    """The member that a name means, the operator (`names.COMPARISONS`), and the member's enum, if it has one. Values in
    `whatever` match all records. `measured` members match by amount or time; `through` says that the path leads through
    lists.
    """

    member_path: MemberPath
    operator: str = "equal"
    values: tuple[Json, ...] = ()
    whatever: frozenset[str] = _WHATEVER
    measured: bool = False
    through: bool = False

    @property
    def is_indexed(self) -> bool:
        """Whether an index finds the matching records."""
        return self.operator in INDEXED and not self.measured and not self.through

    def holds(self, value: Json, wanted: Json) -> bool:
        """Returns whether a record with this value at the path matches the query."""
        if self.measured and self.operator in ("equal", "in"):
            return same_quantity(value, wanted)
        if self.measured and self.operator in ("other", "none"):
            return not same_quantity(value, wanted)
        return OPERATORS[self.operator](value, wanted)


def reach(value: Json, member_path: MemberPath) -> Json:
    """Returns the value at the path; a list of values where the path leads through a list. None where it is missing."""
    for number, name in enumerate(member_path):
        if isinstance(value, list):
            return [reach(item, member_path[number:]) for item in value]
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def members_of(shapes: SchemaShapes, record: SchemaShape) -> Members:
    """Returns the members by which records are filtered and sorted; of equal names the least deep."""
    found: dict[str, MemberPath] = {}
    for holder in _HOLDERS:
        for name in shapes.member(record, *holder).members:
            found.setdefault(name, (*holder, name))
    for name in shapes.member(record, "relationships").members:
        if shapes.member(record, "relationships", name, "data").types:
            found.setdefault(name, ("relationships", name, "data"))
    return found


def member_named(name: str, members: Members) -> str | None:
    """Returns the member that a name means: `created` may mean `created_at`."""
    for wanted in (name, *(f"{name}_{ending}" for ending in ("at", "on", "date", "time"))):
        member = same_name(wanted, members)
        if member is not None:
            return member
    return None


def is_amount(shape: SchemaShape) -> bool:
    """Returns whether texts of this shape are numbers: `9.90`."""
    node = shape.node
    if "string" not in shape.types or shape.enum or not isinstance(node, dict):
        return False
    if plain(shape.format) in _AMOUNT_FORMATS:
        return True
    patterns = [node.get("pattern")]
    patterns += [
        part.get("pattern") for word in ("anyOf", "oneOf") for part in node.get(word, ()) if isinstance(part, dict)
    ]
    if any(
        isinstance(pattern, str) and len(pattern) > 1 and _AMOUNT_PATTERN.fullmatch(pattern) for pattern in patterns
    ):
        return True
    example = node.get("example", next(iter(node.get("examples") or ()), None))
    return not shape.format and isinstance(example, str) and _AMOUNT.fullmatch(example) is not None


def is_moment(shape: SchemaShape, name: str) -> bool:
    """Returns whether a member is a time: by its format, or as a text or number by its name."""
    if shape.format in ("date", "date-time"):
        return True
    named = not shape.enum and not _DATED.isdisjoint(words_of(name)[-1:])
    return named and bool(shape.types & {"string", "integer", "number"} or not shape.types)


class FilterTargets:
    """Resolves names among the members of one record shape."""

    def __init__(self, shapes: SchemaShapes, record: SchemaShape, members: Members) -> None:
        self.shapes = shapes
        self.record = record
        self.members = members

    def of(
        self, name: str, shape: SchemaShape = NOTHING, description: str = "", *, is_span: bool = False
    ) -> FilterTarget | None:
        """Returns the target of a parameter with this name, shape and description; None where it filters nothing.
        `is_span` says that another parameter beside it bounds a time.
        """
        if len(name) > _LONGEST:
            return None
        inside = _INSIDE.fullmatch(name)
        if inside:
            name = inside[1] + inside[2]
        if plain(name) in _OF_THE_ANSWER:
            return None
        target = self._meant(name, shape)
        if target is not None:
            return self._as_described(target, description)
        return self._only_time(name, shape, description, is_span=is_span)

    def shape_of(self, member_path: MemberPath) -> SchemaShape:
        """Returns the shape at the path, through lists as well."""
        shape = self.record
        for name in member_path:
            shape = self.shapes.member(self._one(shape), name)
        return shape

    # what a name means

    def _meant(self, name: str, shape: SchemaShape) -> FilterTarget | None:
        if name[-1:] in _SIGNED:
            return self._compared(name[:-1], _SIGNED[name[-1:]], shape)
        member = same_name(name, self.members) or self._list_of(name)
        if member is not None:
            return self._at(self.members[member])
        if (one := self._one_of(name)) is not None:
            return self._at(self.members[one], "in")
        if beside := _BESIDE.fullmatch(name):
            target = self._compared(beside[1], COMPARISONS.get(plain(beside[2])), shape)
            if target is not None:
                return target
        return self._by_words(name, shape) or self._nested(name) or self._by_id(name)

    def _by_words(self, name: str, shape: SchemaShape) -> FilterTarget | None:
        """Resolves `price_min`, `max_price`, `name_contains`."""
        words = words_of(name)
        for size in range(min(4, len(words) - 1), 0, -1):
            ending = "".join(words[-size:])
            operator = COMPARISONS.get(ending) if ending not in _ONLY_BESIDE else None
            if target := self._compared("_".join(words[:-size]), operator, shape):
                return target
        if len(words) < 2:
            return None
        first = _ENDS.get(words[0]) or COMPARISONS.get(words[0])
        return self._compared("_".join(words[1:]), first, shape, BOUNDS)

    def _list_of(self, name: str) -> str | None:
        """Resolves the singular of a list: `tag` of `tags` and of `tagList`."""
        wanted = plain(name)
        for member, member_path in self.members.items():
            words = words_of(member)
            called = words[:-1] if words[-1:] == ("list",) and len(words) > 1 else words
            one = "".join((*called[:-1], singular(called[-1]))) if called else ""
            if (
                wanted in (one, f"{one}s", "".join(called))
                and self.shape_of(member_path).is_list
                and wanted != plain(member)
            ):
                return member
        return None

    def _one_of(self, name: str) -> str | None:
        """Resolves the plural of a member: `ids` of `id`."""
        one = singular(name.lower())
        member = same_name(one, self.members) if plain(one) != plain(name) else None
        return member if member is not None and self.shape_of(self.members[member]).is_scalar else None

    def _nested(self, name: str) -> FilterTarget | None:
        """Resolves a member of a member: `author.name`, `author__name`, `author_id`, `tags.name`."""
        parts = tuple(part for part in re.split(r"\.|__|/|\[|\]", name) if part)
        if len(parts) > 1:
            return self._at_way(self._inner(self.record, parts, _DEEPEST))
        words = words_of(name)
        for size in range(1, len(words)):
            member_path = self._inner(self.record, ("_".join(words[:-size]), "_".join(words[-size:])), 2)
            if member_path and plain(member_path[-1]) in map(plain, NAMING):
                return self._at_way(member_path)
        return None

    def _inner(self, shape: SchemaShape, parts: tuple[str, ...], depth: int) -> MemberPath:
        if not parts or not depth:
            return ()
        own = self._one(shape)
        member = same_name(parts[0], own.members) or (
            same_name(f"{parts[0]}s", own.members) if len(parts) > 1 else None
        )
        if member is None:
            return ()
        if len(parts) == 1:
            return (member,)
        rest = self._inner(self.shapes.member(own, member), parts[1:], depth - 1)
        return (member, *rest) if rest else ()

    def _by_id(self, name: str) -> FilterTarget | None:
        """Resolves a name to the member with its id, and the reverse: `author` and `author_id`."""
        words = words_of(name)
        other = "_".join(words[:-1]) if len(words) > 1 and words[-1] in ("id", "uuid", "name") else f"{name}_id"
        member = same_name(other, self.members)
        if member is None or self.shape_of(self.members[member]).is_list:
            return None
        is_linkage = self.members[member][0] == "relationships"  # which has an id, and no name
        return None if is_linkage and words[-1:] == ("name",) else self._at(self.members[member])

    def _compared(
        self, name: str, operator: str | None, shape: SchemaShape, operators: frozenset[str] = frozenset(OPERATORS)
    ) -> FilterTarget | None:
        member = member_named(name, self.members) if operator in operators else None
        if operator is None:
            return None
        member_path = self.members[member] if member is not None else self._deep(name)
        if not member_path:
            return None
        bounded = self._has_bounds(member_path, shape)
        operator = _ENDS.get(operator, operator) if bounded else operator
        return (
            None
            if operator in BOUNDS and not bounded
            else self._at(member_path, operator, measured=operator in BOUNDS and bounded)
        )

    def _deep(self, name: str) -> MemberPath:
        parts = tuple(part for part in re.split(r"\.|__", name) if part)
        return self._inner(self.record, parts, _DEEPEST) if len(parts) > 1 else ()

    def _has_bounds(self, member_path: MemberPath, asked_shape: SchemaShape) -> bool:
        """Returns whether the member is a number or a time, or a text that is compared with a number."""
        shape = self.shape_of(member_path)
        if shape.types & {"integer", "number"} or is_moment(shape, member_path[-1]) or is_amount(shape):
            return True
        return bool(asked_shape.types & {"integer", "number"}) and "string" in shape.types and not shape.enum

    def _at_way(self, member_path: MemberPath) -> FilterTarget | None:
        return self._at(member_path) if member_path else None

    def _at(self, member_path: MemberPath, operator: str = "equal", *, measured: bool = False) -> FilterTarget:
        shape = self.shape_of(member_path)
        through = any(self.shape_of(member_path[:end]).is_list for end in range(1, len(member_path)))
        measured = measured or is_amount(shape) or shape.format == "date-time"
        return FilterTarget(member_path, operator, shape.enum, measured=measured, through=through)

    def _one(self, shape: SchemaShape) -> SchemaShape:
        return self.shapes.items(shape) if shape.is_list and not shape.members else shape

    # what is said beside a name

    def _as_described(self, target: FilterTarget, description: str) -> FilterTarget:
        """Returns the target with the operator that the description names: contains or starts with."""
        shape = self.shape_of(target.member_path)
        if target.operator != "equal" or target.measured or "string" not in shape.types or shape.enum or shape.format:
            return target
        if target.member_path[-1] == "id" or plain(target.member_path[-1]).endswith("id"):
            return target
        if _SAYS_START.search(description):
            return target._replace(operator="start")
        return target._replace(operator="part") if _SAYS_PART.search(description) else target

    def _only_time(self, name: str, shape: SchemaShape, description: str, *, is_span: bool) -> FilterTarget | None:
        """Resolves `from`, `until`, `start_date`, `date_to` to bounds of the time of a record."""
        words = words_of(name)
        rest = [word for word in words if word not in _TIMES]
        operator = _ONLY_TIMES.get("".join(rest))
        if operator is None:
            return None
        is_time = is_span or shape.format in ("date", "date-time") or len(rest) < len(words) or rest[0] in SPANS
        example = shape.node.get("example") if isinstance(shape.node, dict) else None
        is_time = (
            is_time
            or (isinstance(example, str) and quantity(example) is not None)
            or bool(_SAYS_TIME.search(description))
        )
        member_path = next(self.times(description), None) if is_time else None
        return None if member_path is None else self._at(member_path, operator, measured=True)

    @cached_property
    def _moments_inside(self) -> dict[str, MemberPath]:
        """The times that stand in objects of their own: `start: {dateTime}`."""
        found: dict[str, MemberPath] = {}
        for member, member_path in self.members.items():
            inner = self.shape_of(member_path).members
            moment = next((name for name in inner if plain(name) in _INNER_TIMES), None)
            if moment is not None and is_moment(self.shape_of((*member_path, moment)), moment):
                found[member] = (*member_path, moment)
        return found

    def times(self, description: str) -> Iterator[MemberPath]:
        """Yields the times of a record, those that the description names first."""
        times = {
            member: member_path
            for member, member_path in self.members.items()
            if is_moment(self.shape_of(member_path), member)
        } | self._moments_inside
        spoken = {*words_of(description)}
        named = (
            member_path
            for member, member_path in times.items()
            if (own := {*words_of(member)} - _TIMES) and own <= spoken
        )
        yield from named
        for wanted in _MADE:
            yield from (member_path for member, member_path in times.items() if wanted in words_of(member))
        yield from times.values()
