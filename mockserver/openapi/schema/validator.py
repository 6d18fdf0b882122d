"""Validates by JSON Schema: `jsonschema_rs` decides in microseconds, `jsonschema` explains invalid values."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import cached_property
from itertools import islice
from typing import Any, ClassVar
from urllib.parse import quote, unquote

import jsonschema_rs

from mockserver.json_pointer import tokens, value_at
from mockserver.json_text import Json
from mockserver.openapi.schema.explanation import FORMATS, explainer, violations_of
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


class Schemas:
    """The validators of one document, each compiled at first use. Nothing is ever fetched."""

    def __init__(self, document: Json) -> None:
        self.document = document
        self._validators: dict[str, Validator] = {}
        self._compiled: dict[int, tuple[Json, jsonschema_rs.Validator | None]] = {}

    def validator(self, pointer: str) -> Validator:
        """The validator of the schema at `pointer` (`/components/schemas/Link`)."""
        validator = self._validators.get(pointer)
        if validator is None:
            validator = self._validators[pointer] = Validator(self, pointer)
        return validator

    @cached_property
    def registry(self) -> jsonschema_rs.Registry:
        return jsonschema_rs.Registry([(DOCUMENT, self.document)], draft=jsonschema_rs.Draft202012)

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

    def whole(self, pointer: str) -> Accepts:
        """The schema at `pointer` compiled with everything that it refers to."""
        return jsonschema_rs.validator_for(
            {"$schema": DIALECT, "$ref": f"{DOCUMENT}#{quote(pointer)}"},
            registry=self.registry,
            validate_formats=True,
            formats=FORMATS,
            offline=True,
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
            keywords={ELSEWHERE: self._elsewhere},
            validate_formats=True,
            formats=FORMATS,
            offline=True,
        ).is_valid

    @cached_property
    def _elsewhere(self) -> type[_Elsewhere]:
        return type("Elsewhere", (_Elsewhere,), {"schemas": self})

    def decide(self, schema: Json) -> Accepts | None:
        """A check of this part of the document; None if the part cannot be compiled alone."""
        compiled = self.compiled(schema)
        return None if compiled is None else compiled.is_valid

    def compiled(self, schema: Json) -> jsonschema_rs.Validator | None:
        """The validator of this part of the document, which it contains at `/allOf/0`; None if it cannot be compiled
        alone.
        """
        known = self._compiled.get(id(schema))
        if known is None:
            known = self._compiled[id(schema)] = schema, self._compile(schema)
        return known[1]

    def _compile(self, schema: Json) -> jsonschema_rs.Validator | None:
        try:
            return jsonschema_rs.validator_for(
                {"$schema": DIALECT, "allOf": [_absolute(schema)]},
                registry=self.registry,
                validate_formats=True,
                formats=FORMATS,
                offline=True,
            )
        except (ValueError, jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError):
            return None


class Validator:
    """Validates by one schema: `accepts` decides, `violations` says where and why a value is invalid."""

    __slots__ = ("_explain", "_schemas", "accepts", "pointer")
    accepts: Callable[[Json], bool]

    def __init__(self, schemas: Schemas, pointer: str) -> None:
        self.pointer = pointer
        self._schemas = schemas
        self._explain: Any = None
        self.accepts = self._compile_and_accept

    def _compile_and_accept(self, value: Json) -> bool:
        """Compiles the schema for the first value; later values go to the compiled schema directly."""
        self.accepts = self._compile()
        return self.accepts(value)

    def _compile(self) -> Accepts:
        """A schema that cannot be compiled accepts everything; the linter reports it."""
        schemas = self._schemas
        try:
            part = schemas.part(self.pointer) if schemas.is_large else None
            return part or schemas.whole(self.pointer)
        except (ValueError, jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError) as error:
            why = str(error).partition("\n")[0]
            log.warning("the schema at %s cannot be used, any value is taken for valid: %s", self.pointer, why)
            return lambda _value: True

    def violations(self, value: Json, place: str) -> tuple[Violation, ...]:
        """The violations of an invalid value, at most 100, in the order of the value; none for a valid one."""
        if self.accepts(value):
            return ()
        if self._explain is None:
            schema = {"$ref": f"{DOCUMENT}#{quote(self.pointer)}"}
            self._explain = explainer(schema, self._schemas.explaining_registry, self._schemas.compiled)
        return violations_of(self._explain, value, place)


class _Elsewhere:
    """A reference to another schema, delegated to that schema's validator."""

    schemas: ClassVar[Schemas]

    def __init__(self, _parent: Json, ref: str, _path: Json) -> None:
        self._validator = self.schemas.validator(unquote(ref.removeprefix("#")))

    def validate(self, instance: Json) -> None:
        if not self._validator.accepts(instance):
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
