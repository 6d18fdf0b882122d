"""Validates by JSON Schema: `jsonschema_rs` decides in microseconds, `jsonschema` explains invalid values."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import cached_property, partial
from itertools import islice
from typing import Any, ClassVar
from urllib.parse import quote, unquote

import jsonschema_rs

from mockserver.json_pointer import tokens, value_at
from mockserver.json_text import Json
from mockserver.openapi.schema.bounded_patterns import BOUNDED, with_bounded_patterns
from mockserver.openapi.schema.explanation import FORMATS, ExplanationBudget, explainer, violations_of
from mockserver.openapi.schema.first_violation import first_violation
from mockserver.openapi.schema.nested_alternatives import NestedAlternatives
from mockserver.openapi.schema.patterns import long_names, pattern_matcher
from mockserver.openapi.schema.verdict import MOST_EVALUATIONS, VERDICT
from mockserver.openapi.source.reference import AUTHORS_NAMES
from mockserver.openapi.standards import DIALECT
from mockserver.problem import Violation

log = logging.getLogger(__name__)

Accepts = Callable[[Json], bool]
DOCUMENT = "mock:document"
MANY_SCHEMAS = 200
MANY_PARTS = 20_000
"""Members and items of the schemas of a document; more of them count as many schemas."""

ELSEWHERE = "x-mock-elsewhere"
_UNUSABLE = (ValueError, jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError)
SLOW_PATTERNS = "pattern"
SLOW_NAMES = "patternProperties"
"""The marks of a document with regular expressions that validators must not match by themselves, and with such for
names.
"""
MOST_NAME_BACKTRACKS = 10_000

_DEEP_ONES = 8
"""How many schemas of a large document are kept compiled whole, for values nested deep in it."""
_ENDLESS = 1_000_000
"""Evaluations of one part of a value that nobody waits for."""


class Schemas:
    """The validators of one document, each compiled at first use. Nothing is ever fetched. `marks` says what the
    document has that takes more than ordinary validators do.
    """

    def __init__(self, document: Json, marks: frozenset[str] = frozenset()) -> None:
        self.document = document
        self.marks = marks
        self._validators: dict[str, Validator] = {}
        self._compiled: dict[int, tuple[Json, jsonschema_rs.Validator | None]] = {}
        self._deep: dict[str, Accepts] = {}

    def validator(self, pointer: str) -> Validator:
        """The validator of the schema at `pointer` (`/components/schemas/Link`)."""
        validator = self._validators.get(pointer)
        if validator is None:
            validator = self._validators[pointer] = Validator(self, pointer)
        return validator

    @cached_property
    def registry(self) -> jsonschema_rs.Registry:
        document = with_bounded_patterns(self.document) if SLOW_PATTERNS in self.marks else self.document
        return jsonschema_rs.Registry([(DOCUMENT, document)], draft=jsonschema_rs.Draft202012)

    @cached_property
    def explaining_registry(self) -> Any:
        from referencing import Registry
        from referencing.jsonschema import DRAFT202012

        return Registry().with_resource(DOCUMENT, DRAFT202012.create_resource(self.document))

    @cached_property
    def is_large(self) -> bool:
        """Whether each schema is compiled alone and delegates its references. Compiled whole, a schema includes
        everything that can be reached from it, which in a large document is nearly every schema, each time.
        """
        components = self.document.get("components") if isinstance(self.document, dict) else None
        schemas = components.get("schemas") if isinstance(components, dict) else None
        return isinstance(schemas, dict) and (len(schemas) > MANY_SCHEMAS or _has_many_parts(schemas))

    @cached_property
    def _nested(self) -> NestedAlternatives:
        return NestedAlternatives(lambda ref: value_at(self.document, tokens(unquote(ref.removeprefix("#")))))

    def evaluations(self, pointer: str) -> int:
        """How often the schema at `pointer` looks at one part of a value, at most, where it is compiled whole."""
        return self._nested.evaluations("#" + quote(pointer))

    def is_nested(self, pointer: str) -> bool:
        """Whether the alternatives of the schema at `pointer` multiply so that it must not be compiled whole."""
        return self.evaluations(pointer) > MOST_EVALUATIONS

    def deep(self, pointer: str, value: Json) -> bool | None:
        """The verdict of the schema at `pointer` compiled whole; None where its alternatives multiply."""
        accepts = self._deep.get(pointer)
        if accepts is None:
            if self.is_nested(pointer):
                return None
            if len(self._deep) >= _DEEP_ONES:
                self._deep.clear()
            accepts = self._deep[pointer] = self.whole(pointer)
        return accepts(value)

    def end_of_chain(self, ref: str) -> str:
        """The pointer of the schema that a reference leads to, past schemas that are nothing but references."""
        pointer = unquote(ref.removeprefix("#"))
        seen = {pointer}
        while True:
            schema = value_at(self.document, tokens(pointer))
            if not isinstance(schema, dict) or not isinstance(schema.get("$ref"), str):
                return pointer
            if any(name not in _NOTES and not name.startswith("x-") for name in schema if name != "$ref"):
                return pointer
            further = unquote(schema["$ref"].removeprefix("#"))
            if further in seen:
                return pointer
            seen.add(further)
            pointer = further

    def whole(self, pointer: str) -> Accepts:
        """The schema at `pointer` compiled with everything that it refers to, which is looked up in the registry."""
        return jsonschema_rs.validator_for(
            {"$schema": DIALECT, "$ref": f"{DOCUMENT}#{quote(pointer)}"},
            registry=self.registry,
            **{**self._engine, "keywords": {BOUNDED: _Pattern}},
        ).is_valid

    def part(self, pointer: str) -> Accepts | None:
        """The schema at `pointer` compiled alone; None if it depends on what referenced schemas evaluate, as
        `unevaluatedProperties` does.
        """
        parted = _with_delegated_references(value_at(self.document, tokens(pointer)))
        if parted is None:
            return None
        return jsonschema_rs.validator_for(
            {"$schema": DIALECT, "allOf": [parted]},
            **{**self._engine, "keywords": {**self._engine["keywords"], ELSEWHERE: self._elsewhere}},
        ).is_valid

    @cached_property
    def _engine(self) -> dict[str, Any]:
        """How schemas are compiled as they are written. All regular expressions are bounded where the document has some
        that need it; those of the registry, which has these under another keyword, only where they need it themselves.
        """
        options: dict[str, Any] = {"validate_formats": True, "formats": FORMATS, "offline": True}
        options["keywords"] = {"pattern": _Pattern, BOUNDED: _Pattern} if SLOW_PATTERNS in self.marks else {}
        if SLOW_NAMES in self.marks:
            options["pattern_options"] = jsonschema_rs.FancyRegexOptions(backtrack_limit=MOST_NAME_BACKTRACKS)
        return options

    def watched(self, accepts: Accepts) -> Accepts:
        """The check of a whole value, with the work counted that its regular expressions take."""
        if SLOW_NAMES in self.marks:
            return partial(VERDICT.whole, lambda value: not VERDICT.refuse(long_names(value)) and accepts(value))
        return partial(VERDICT.whole, accepts) if SLOW_PATTERNS in self.marks else accepts

    @cached_property
    def _elsewhere(self) -> type[_Elsewhere]:
        return type("Elsewhere", (_Elsewhere,), {"schemas": self})

    def decide(self, schema: Json) -> Accepts | None:
        """A check of this part of the document; None if the part cannot be compiled alone."""
        compiled = self.compiled(schema)
        return None if compiled is None else compiled.is_valid

    def compiled(self, schema: Json) -> jsonschema_rs.Validator | None:
        """The validator of this part of the document, which it contains at `/allOf/0`; None if it cannot be compiled
        alone, or must not be, since its alternatives multiply.
        """
        known = self._compiled.get(id(schema))
        if known is None:
            known = self._compiled[id(schema)] = schema, self._compile(schema)
        return known[1]

    def _compile(self, schema: Json) -> jsonschema_rs.Validator | None:
        if self._nested.evaluations_of(schema) > MOST_EVALUATIONS:
            return None
        try:
            return jsonschema_rs.validator_for(
                {"$schema": DIALECT, "allOf": [_absolute(schema)]},
                registry=self.registry,
                **self._engine,
            )
        except _UNUSABLE:
            return None


class Validator:
    """Validates by one schema: `accepts` decides, `violations` says where and why a value is invalid."""

    __slots__ = ("_explain", "_inner", "_schemas", "accepts", "pointer")
    accepts: Callable[[Json], bool]

    def __init__(self, schemas: Schemas, pointer: str) -> None:
        self.pointer = pointer
        self._schemas = schemas
        self._explain: Any = None
        self._inner: Accepts | None = None
        self.accepts = self._compile_and_accept

    def _compile_and_accept(self, value: Json) -> bool:
        """Compiles the schema for the first value; later values go to the compiled schema directly."""
        self._prepare()
        return self.accepts(value)

    def _prepare(self) -> Accepts:
        """Compiles the schema. A schema that cannot be compiled accepts everything; the linter reports it."""
        schemas = self._schemas
        try:
            is_nested = not schemas.is_large and schemas.is_nested(self.pointer)
            part = schemas.part(self.pointer) if schemas.is_large or is_nested else None
            if part is not None:
                self.accepts = schemas.watched(partial(VERDICT.whole, part))
            elif is_nested and schemas.evaluations(self.pointer) > _ENDLESS:
                part = self.accepts = lambda _value: VERDICT.limit("its nested alternatives multiply")
            else:
                part = schemas.whole(self.pointer)
                self.accepts = schemas.watched(part)
        except _UNUSABLE as error:
            why = str(error).partition("\n")[0]
            log.warning("the schema at %s cannot be used, any value is taken for valid: %s", self.pointer, why)
            part = self.accepts = lambda _value: True
        self._inner = part
        return part

    def accepts_part(self, value: Json) -> bool:
        """Whether this schema, which another one refers to, accepts a part of the value that the other is asked
        about.
        """
        return VERDICT.part(self.pointer, self._inner or self._prepare(), self._accepts_deep, value)

    def _accepts_deep(self, value: Json) -> bool | None:
        return self._schemas.deep(self.pointer, value)

    def violations(self, value: Json, place: str, budget: ExplanationBudget | None = None) -> tuple[Violation, ...]:
        """The violations of an invalid value, at most 100, in the order of the value; none for a valid one. Where
        explaining takes more than the budget, which several explanations may share, the first one alone.
        """
        if self.accepts(value):
            return ()
        schemas = self._schemas
        if self._explain is None:
            schema = {"$ref": f"{DOCUMENT}#{quote(self.pointer)}"}
            self._explain = explainer(schema, schemas.explaining_registry, schemas.compiled)
        refused = VERDICT.refused
        found = violations_of(self._explain, value, place, budget)
        if refused and not found:
            return (Violation(place, "", "pattern", refused),)
        return found or (first_violation(schemas, self._explain, self.pointer, value, place),)


class _Pattern:
    """A regular expression whose matches are bounded."""

    def __init__(self, _parent: Json, pattern: str, _path: Json) -> None:
        self._matcher = pattern_matcher(pattern)
        self._good = self._matcher.good

    def validate(self, instance: Json) -> None:
        if isinstance(instance, str) and not (instance in self._good or VERDICT.matches(self._matcher, instance)):
            raise ValueError("does not match")


class _Elsewhere:
    """A reference to another schema, delegated to that schema's validator."""

    schemas: ClassVar[Schemas]

    def __init__(self, _parent: Json, ref: str, _path: Json) -> None:
        self._accepts = self.schemas.validator(self.schemas.end_of_chain(ref)).accepts_part

    def validate(self, instance: Json) -> None:
        if not self._accepts(instance):
            raise ValueError("does not fit the schema that is referred to")


def _has_many_parts(schemas: Json) -> bool:
    waiting, parts = [schemas], 0
    while waiting and parts <= MANY_PARTS:
        node = waiting.pop()
        parts += len(node)
        inner = node.values() if isinstance(node, dict) else node
        waiting += [child for child in islice(inner, MANY_PARTS) if isinstance(child, (dict, list))]
    return parts > MANY_PARTS


def _with_delegated_references(schema: Json, *, is_map: bool = False) -> Json | None:
    """The schema with references delegated to other validators, and without annotations, which the compiled one would
    keep; None if that would change its meaning. If `is_map`, the author names the members.
    """
    if isinstance(schema, list):
        items = [*map(_with_delegated_references, schema)]
        return None if any(new is None and old is not None for new, old in zip(items, schema, strict=True)) else items
    if not isinstance(schema, dict):
        return schema
    parted: dict[str, Json] = {}
    for name, member in schema.items():
        if name in _LOOKING_BACK and not is_map:
            return None
        if not is_map and (name in _NOTES or name.startswith("x-")):
            continue
        if name == "$ref" and isinstance(member, str) and member.startswith("#"):
            parted[ELSEWHERE] = member
        elif name in _VALUES and not is_map:
            parted[name] = member
        else:
            parted[name] = _with_delegated_references(member, is_map=name in AUTHORS_NAMES and not is_map)
            if parted[name] is None and member is not None:
                return None
    return parted


_LOOKING_BACK = {"unevaluatedProperties", "unevaluatedItems"}
_VALUES = {"const", "enum", "default", "example", "examples"}
_NOTES = {"default", "description", "example", "examples", "externalDocs", "summary", "title", "xml"}


def _absolute(schema: Json, *, is_map: bool = False) -> Json:
    """The schema with references into the document made absolute, so that it means the same anywhere. If `is_map`, the
    author names the members.
    """
    if isinstance(schema, list):
        return [*map(_absolute, schema)]
    if not isinstance(schema, dict):
        return schema
    absolute = {}
    for name, member in schema.items():
        if name == "$ref" and str(member).startswith("#"):
            absolute[name] = DOCUMENT + member
        elif name in _VALUES and not is_map:
            absolute[name] = member
        else:
            absolute[name] = _absolute(member, is_map=name in AUTHORS_NAMES and not is_map)
    return absolute
