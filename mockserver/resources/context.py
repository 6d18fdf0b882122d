"""The shared context of a document's handlers: its schemas, its plan, and the generator of values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, Protocol

import jsonschema_rs

from mockserver.generate import MOST_PARTS, Impossible
from mockserver.json_text import Json, copied
from mockserver.openapi.model.document import Document
from mockserver.openapi.schema.validator import Accepts, Validator
from mockserver.resources.detect.decisions import Plan
from mockserver.resources.detect.foreign_keys import neighbours_of
from mockserver.resources.detect.operation_view import Key, OperationView, is_parameter
from mockserver.resources.detect.resource import SEEDS
from mockserver.resources.detect.schema_shape import SchemaShape, SchemaShapes
from mockserver.spelling import plain

_SIZES: Final = frozenset(
    {"minItems", "minLength", "minProperties", "minContains", "contains", "required", "pattern", "dependentRequired"}
)
"""Keywords that a value breaks which is smaller than its schema requires."""


class MakeValue(Protocol):
    """`make(pointer, key, exemplary)`: a generated value of the response schema at the pointer, the same for the same
    key; an exemplary one has the document's examples of its parts. It may raise Impossible. The caller owns the value.
    """

    @property
    def shortened(self) -> Mapping[str, tuple[str, ...]]:
        """What generated values lack of their schemas, by the pointers of these."""

    def __call__(self, pointer: str, key: str, exemplary: bool) -> Json: ...

    def nearest(self, pointer: str, key: str) -> Json:
        """The nearest value of a schema that no value fits."""


@dataclass
class ResourceContext:
    """One document with its plan; everything is read on first use. `seeds` is the number of first records of
    collections for which the document says none.
    """

    spec: Document
    plan: Plan
    make: MakeValue
    seeds: int = SEEDS
    shapes: SchemaShapes = field(init=False)
    _views: dict[str, OperationView] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.shapes = SchemaShapes(self.spec.document)
        self._operations = {operation.id: operation for operation in self.spec.operations}

    def view(self, operation_id: str) -> OperationView:
        """Returns the view of the operation."""
        known = self._views.get(operation_id)
        if known is None:
            known = self._views[operation_id] = OperationView(self._operations[operation_id], self.shapes)
        return known

    def views(self, collection: str, *kinds: str) -> list[OperationView]:
        """Returns the views of the operations that have one of these roles in a collection."""
        return [self.view(name) for name, kind in self._roles.get(collection, ()) if kind in kinds]

    @cached_property
    def _roles(self) -> Mapping[str, list[tuple[str, str]]]:
        """The operations of each collection, each with the kind of its role."""
        found: dict[str, list[tuple[str, str]]] = {}
        for name, role in self.plan.roles.items():
            found.setdefault(role.collection, []).append((name, role.kind))
        return found

    @cached_property
    def neighbours(self) -> frozenset[tuple[str, str]]:
        """The names that stand directly below each name in paths."""
        return neighbours_of(operation.path for operation in self.spec.operations)

    @cached_property
    def below(self) -> Mapping[Key, Mapping[str, str]]:
        """The readable paths below each path, by plain names, as the document writes them: one literal, or two behind
        `relationships`.
        """
        found: dict[Key, dict[str, str]] = {}
        for operation in self.spec.operations:
            if operation.method != "GET":
                continue
            *above, last = operation.path.partition("?")[0].strip("/").split("/")
            named = f"{above.pop()}/{last}" if above[-1:] == ["relationships"] else last
            key = tuple("{}" if is_parameter(segment) else segment for segment in above)
            if not is_parameter(last):
                found.setdefault(key, {}).setdefault(plain(named), named)
        return found

    def value(self, pointer: str, key: str, *, exemplary: bool = True) -> Json:
        """Returns a value of the schema at the pointer, with the document's examples of its parts if `exemplary`; None
        where none can be made.
        """
        if pointer in self.shapes.examples:
            return copied(self.shapes.examples[pointer])
        try:
            return self.make(pointer, key, exemplary)
        except Impossible:
            return None

    def nearest(self, pointer: str, key: str) -> Json:
        """Returns the nearest value of the schema at the pointer, which no value fits."""
        return self.make.nearest(pointer, key)

    def shortened(self, pointer: str, value: Json) -> str:
        """Returns which keyword an invalid value breaks only because generated values are bounded in size; empty if
        that is not the reason.
        """
        validator = self.validator(pointer) if self.make.shortened else None
        broken = validator.violations(value, "response") if validator is not None else ()
        if not broken or any(violation.keyword not in _SIZES for violation in broken):
            return ""
        at, keyword = broken[0].pointer or "the value", broken[0].keyword
        return f"{at} breaks {keyword}; at most {MOST_PARTS:,} parts of one value are made"

    def validator(self, pointer: str) -> Validator | None:
        """Returns the validator of the response schema at the pointer; None where the schema is unusable."""
        if pointer in self.shapes.examples:
            return None
        try:
            return self.spec.views.response.validator(pointer)
        except (ValueError, jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError):
            return None

    def accepts(self, pointer: str) -> Accepts:
        """Returns a check of values against the response schema at the pointer; it accepts everything where the schema
        is unusable.
        """
        validator = self.validator(pointer)
        if validator is None:
            return _anything

        def accepts(value: Json) -> bool:
            """Returns whether the validator accepts the value; it is looked up anew, because compiling replaces it."""
            return validator.accepts(value)

        return accepts

    def is_same(self, one: SchemaShape, other: SchemaShape) -> bool:
        """Returns whether two shapes are of one schema."""
        return bool(one.pointer) and one.pointer == other.pointer


def _anything(_value: Json) -> bool:
    return True
