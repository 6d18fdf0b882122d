"""The combined requirements of several schemas for one value, in a form from which a value can be generated."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple

from mockserver.generate.plans.schema_node import SchemaNode
from mockserver.json_text import Json

ALL_TYPES = ("object", "array", "string", "number", "integer", "boolean", "null")
MAX_SIZE = 20_000
"""The most characters of one text that are generated because a schema requires them."""

UNBOUNDED = 10**400
"""The most characters, items or members where a schema does not say."""


class MemberGroup(NamedTuple):
    """Alternatives of which one is to be chosen as a further schema. A group with `derived` schemas is optional: an
    object that already has one of those schemas needs no choice.
    """

    id: str
    branches: tuple[SchemaNode, ...]
    derived: frozenset[str] = frozenset()

    @property
    def optional(self) -> bool:
        """Whether no alternative need be chosen."""
        return bool(self.derived)


class Others(NamedTuple):
    """The schema that one `additionalProperties` sets for names that are not in `names` and match none
    of `patterns`.
    """

    names: frozenset[str]
    patterns: tuple[str, ...]
    node: SchemaNode


class Contains(NamedTuple):
    """A requirement that an array has from `few` to `many` items of this schema."""

    node: SchemaNode
    few: int
    many: int


@dataclass(slots=True)
class NumberPlan:
    """The allowed numbers: between the bounds, and multiples of each of `steps`."""

    low: Fraction | None = None
    high: Fraction | None = None
    above_low: bool = False
    below_high: bool = False
    steps: list[Fraction] = field(default_factory=list)


@dataclass(slots=True)
class TextPlan:
    """The allowed strings. `formats` may be unknown names; `encoding` is that of binary content, `content` the schema
    of JSON in the text.
    """

    least: int = 0
    most: int = UNBOUNDED
    patterns: list[str] = field(default_factory=list)
    formats: list[str] = field(default_factory=list)
    encoding: str = ""
    content: SchemaNode | None = None


@dataclass(slots=True)
class ItemPlan:
    """The allowed arrays."""

    least: int = 0
    most: int = UNBOUNDED
    unique: bool = False
    prefix: list[list[SchemaNode]] = field(default_factory=list)
    rest: list[tuple[int, SchemaNode]] = field(default_factory=list)
    contains: list[Contains] = field(default_factory=list)
    unevaluated: list[SchemaNode] = field(default_factory=list)


@dataclass(slots=True)
class MemberPlan:
    """The allowed objects."""

    least: int = 0
    most: int = UNBOUNDED
    named: dict[str, list[SchemaNode]] = field(default_factory=dict)
    patterns: list[tuple[str, SchemaNode]] = field(default_factory=list)
    others: list[Others] = field(default_factory=list)
    required: dict[str, None] = field(default_factory=dict)
    forbidden: set[str] = field(default_factory=set)
    names: list[SchemaNode] = field(default_factory=list)
    needs: dict[str, list[str]] = field(default_factory=dict)
    unevaluated: list[SchemaNode] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class ValuePlan:
    """The combined requirements of `nodes` for one value.

    `types` are the remaining types in order of preference; `impossible` says why there is none. `hard` marks
    requirements that can only be checked on the whole value. `beyond` says by type what is required of a value and is
    more than is generated.
    """

    nodes: tuple[SchemaNode, ...]
    done: frozenset[str] = frozenset()
    types: list[str] = field(default_factory=lambda: [*ALL_TYPES])
    suggested: list[str] = field(default_factory=list)
    enum: list[Json] | None = None
    excluded: list[Json] = field(default_factory=list)
    examples: list[tuple[Json, SchemaNode]] = field(default_factory=list)
    numbers: NumberPlan = field(default_factory=NumberPlan)
    texts: TextPlan = field(default_factory=TextPlan)
    items: ItemPlan = field(default_factory=ItemPlan)
    members: MemberPlan = field(default_factory=MemberPlan)
    groups: list[MemberGroup] = field(default_factory=list)
    nots: list[SchemaNode] = field(default_factory=list)
    tags: dict[str, list[Mapping[str, str]]] = field(default_factory=dict)
    seen: dict[str, Json] = field(default_factory=dict)
    read_only: bool = False
    write_only: bool = False
    hard: bool = False
    impossible: str = ""
    beyond: dict[str, str] = field(default_factory=dict)
    children: dict[str | int, ValuePlan] = field(default_factory=dict)
    reach: dict[int, bool] = field(default_factory=dict)
    check: Callable[[Json], bool] | None = None
    keys: tuple[int, frozenset[Hashable]] | None = None

    @property
    def unwanted(self) -> frozenset[Hashable]:
        """The keys of the excluded values."""
        if self.keys is None or self.keys[0] != len(self.excluded):
            self.keys = len(self.excluded), frozenset(map(equality_key, self.excluded))
        return self.keys[1]

    @property
    def pointer(self) -> str:
        """The place of the first schema that is in the document."""
        return next((node.pointer for node in self.nodes if not node.pointer.startswith("!")), "")

    def without(self, name: str, reason: str) -> None:
        """Excludes values of this type."""
        if name in self.types:
            self.types.remove(name)
            if not self.types:
                self.impossible = reason


def equality_key(value: Json) -> Hashable:
    """A key that is equal for two values if, and only if, JSON Schema considers them equal: 1 equals 1.0, not true."""
    if isinstance(value, bool):
        return "boolean", value
    if isinstance(value, list):
        return "array", tuple(map(equality_key, value))
    if isinstance(value, dict):
        return "object", frozenset((name, equality_key(member)) for name, member in value.items())
    return value if value is None or isinstance(value, str) else ("number", value)


def same(one: Json, other: Json) -> bool:
    """Whether JSON Schema considers the values equal."""
    return equality_key(one) == equality_key(other)


def types_of(value: Json) -> tuple[str, ...]:
    """The names of a value's types; 1.0 is an integer too."""
    if value is None:
        return ("null",)
    if isinstance(value, bool):
        return ("boolean",)
    if isinstance(value, int):
        return ("integer",)
    if isinstance(value, float):
        return ("integer",) if value.is_integer() else ("number",)
    if isinstance(value, str):
        return ("string",)
    return ("array",) if isinstance(value, list) else ("object",)
