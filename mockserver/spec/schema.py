"""JSON Schema: `jsonschema_rs` decides in microseconds; only for an invalid value does `jsonschema` explain."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property, lru_cache
from typing import Any, ClassVar
from urllib.parse import quote, unquote

import jsonschema_rs

from mockserver.problem import Violation
from mockserver.spec.bundle import AUTHORS_NAMES
from mockserver.spec.source import tokens
from mockserver.wire import Json

log = logging.getLogger(__name__)

Accepts = Callable[[Json], bool]
DOCUMENT = "mock:document"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
MANY_SCHEMAS = 200
ELSEWHERE = "x-mock-elsewhere"
MAX_VIOLATIONS = 100
FEW_ITEMS = 100
_SEEN = 80
_READABLE = 80


class Schemas:
    """The validators of one document, each compiled on first use. Nothing is ever fetched."""

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
        """Whether each schema is compiled by itself, and asks those that it refers to. Compiled whole, a schema takes
        with it all that can be reached from it, which in a document of many schemas is nearly all of them, each time.
        """
        components = self.document.get("components") if isinstance(self.document, dict) else None
        schemas = components.get("schemas") if isinstance(components, dict) else None
        return isinstance(schemas, dict) and len(schemas) > MANY_SCHEMAS

    def whole(self, pointer: str) -> Accepts:
        """The schema at `pointer` compiled with all that it refers to."""
        return jsonschema_rs.validator_for(
            {"$schema": DIALECT, "$ref": f"{DOCUMENT}#{quote(pointer)}"},
            registry=self.registry,
            validate_formats=True,
            offline=True,
        ).is_valid

    def part(self, pointer: str) -> Accepts | None:
        """The schema at `pointer` compiled by itself; None where it looks at what those that it refers to have looked
        at, as `unevaluatedProperties` does.
        """
        node = self.document
        for token in tokens(pointer):
            node = node[int(token)] if isinstance(node, list) else node[token]
        parted = _parted(node)
        if parted is None:
            return None
        return jsonschema_rs.validator_for(
            {"$schema": DIALECT, "allOf": [parted]},
            keywords={ELSEWHERE: self._elsewhere},
            validate_formats=True,
            offline=True,
        ).is_valid

    @cached_property
    def _elsewhere(self) -> type[_Elsewhere]:
        return type("Elsewhere", (_Elsewhere,), {"schemas": self})

    def decide(self, schema: Json) -> Accepts | None:
        """Whether a value fits this part of the document; None for a part that cannot be asked by itself."""
        compiled = self.compiled(schema)
        return None if compiled is None else compiled.is_valid

    def compiled(self, schema: Json) -> jsonschema_rs.Validator | None:
        """The validator of this part of the document, which has it at `/allOf/0`; None where it cannot be asked by
        itself.
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
                offline=True,
            )
        except (ValueError, jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError):
            return None


class Validator:
    """Says whether a value fits one schema (`accepts`), and if not, where and why (`violations`)."""

    __slots__ = ("_explain", "_schemas", "accepts", "pointer")
    accepts: Callable[[Json], bool]

    def __init__(self, schemas: Schemas, pointer: str) -> None:
        self.pointer = pointer
        self._schemas = schemas
        self._explain: Any = None
        self.accepts = self._compile_and_accept

    def _compile_and_accept(self, value: Json) -> bool:
        """From the second value on, the compiled schema is asked at once."""
        self.accepts = self._compile()
        return self.accepts(value)

    def _compile(self) -> Accepts:
        """A schema that cannot be compiled takes everything; the linter says what is wrong with it."""
        schemas = self._schemas
        try:
            part = schemas.part(self.pointer) if schemas.is_large else None
            return part or schemas.whole(self.pointer)
        except (ValueError, jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError) as error:
            why = str(error).partition("\n")[0]
            log.warning("the schema at %s cannot be used, any value is taken for valid: %s", self.pointer, why)
            return lambda _value: True

    def violations(self, value: Json, place: str) -> tuple[Violation, ...]:
        """Every violation of an invalid value, at most 100, in the order of the value; none for a valid one."""
        if self.accepts(value):
            return ()
        if self._explain is None:
            schema = {"$ref": f"{DOCUMENT}#{quote(self.pointer)}"}
            self._explain = explainer(schema, self._schemas.explaining_registry, self._schemas.compiled)
        found = sorted(_take(self._explain.iter_errors(value)), key=_position)
        return tuple(_violation(error, place) for error in found) or (
            Violation(place, "", "schema", "does not fit its schema", _seen(value)),
        )


class _Elsewhere:
    """A reference from one part to another: the other's validator is asked."""

    schemas: ClassVar[Schemas]

    def __init__(self, _parent: Json, ref: str, _path: Json) -> None:
        self._validator = self.schemas.validator(unquote(ref.removeprefix("#")))

    def validate(self, instance: Json) -> None:
        if not self._validator.accepts(instance):
            raise ValueError("does not fit the schema that is referred to")


def _parted(schema: Json, *, is_map: bool = False) -> Json | None:
    """The schema with its references as calls of other validators; None where that would mean something else. Of a map
    the members are named by the author.
    """
    if isinstance(schema, list):
        items = [*map(_parted, schema)]
        return None if any(new is None and old is not None for new, old in zip(items, schema, strict=True)) else items
    if not isinstance(schema, dict):
        return schema
    parted: dict[str, Json] = {}
    for name, member in schema.items():
        if name in _LOOKING_BACK and not is_map:
            return None
        if name == "$ref" and isinstance(member, str) and member.startswith("#"):
            parted[ELSEWHERE] = member
        elif name in _VALUES and not is_map:
            parted[name] = member
        else:
            parted[name] = _parted(member, is_map=name in AUTHORS_NAMES and not is_map)
            if parted[name] is None and member is not None:
                return None
    return parted


_LOOKING_BACK = {"unevaluatedProperties", "unevaluatedItems"}
_VALUES = {"const", "enum", "default", "example", "examples"}


def _take(errors: Iterator[Any]) -> Iterator[Any]:
    from jsonschema.exceptions import best_match

    for _, error in zip(range(MAX_VIOLATIONS), errors, strict=False):
        yield best_match([error])


def _position(error: Any) -> list[tuple[int, str]]:
    return [(token, "") if isinstance(token, int) else (-1, token) for token in error.absolute_path]


def _absolute(schema: Json, *, is_map: bool = False) -> Json:
    """The schema with its references into the document written out, so that it means the same anywhere. Of a map the
    members are named by the author.
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


Compiled = Callable[[Json], jsonschema_rs.Validator | None]
Explain = Callable[[Any, Json, Json, Json], Iterator[Any]]


def explainer(schema: Json, registry: Any, compiled: Compiled = lambda _: None) -> Any:
    """A `jsonschema` validator that finds what `jsonschema_rs` finds: what Python does slowly or otherwise is asked
    of it. Of many items only those are explained that the `compiled` schema has something against.
    """
    from jsonschema.validators import Draft202012Validator, extend

    delegated = ("pattern", "format", "uniqueItems", "multipleOf")
    plain: Mapping[str, Any] = Draft202012Validator.VALIDATORS
    keywords: dict[str, Any] = {keyword: _delegate(keyword) for keyword in delegated}
    keywords |= {
        "additionalProperties": _additional(plain["additionalProperties"]),
        "items": _items(compiled, plain["items"]),
        "patternProperties": _pattern_properties,
        "required": _required,
        "unevaluatedProperties": _unevaluated(compiled, plain["unevaluatedProperties"]),
    }
    kind: Any = extend(Draft202012Validator, keywords)  # type: ignore[no-untyped-call]
    return kind(schema, registry=registry)


def _delegate(keyword: str) -> Callable[..., Iterator[Any]]:
    from jsonschema.exceptions import ValidationError

    def check(_validator: Any, expected: Json, instance: Json, _schema: Json) -> Iterator[Any]:
        if not _single(keyword, expected)(instance):
            yield ValidationError(keyword)

    return check


@lru_cache(maxsize=512)
def _single(keyword: str, expected: Json) -> Callable[[Json], bool]:
    return jsonschema_rs.validator_for({"$schema": DIALECT, keyword: expected}, validate_formats=True).is_valid


def _items(compiled: Compiled, explain: Explain) -> Explain:
    def check(validator: Any, expected: Json, instance: Json, schema: Json) -> Iterator[Any]:
        decided = compiled(expected) if isinstance(instance, list) and len(instance) > FEW_ITEMS else None
        if decided is None:
            yield from explain(validator, expected, instance, schema)
            return
        for index in range(len(schema.get("prefixItems", ())), len(instance)):
            if not decided.is_valid(instance[index]):
                yield from validator.descend(instance[index], expected, path=index)

    return check


def _pattern_properties(validator: Any, expected: Json, instance: Json, _schema: Json) -> Iterator[Any]:
    if isinstance(instance, dict):
        for pattern, schema in expected.items():
            matches = _single("pattern", pattern)
            for name in filter(matches, instance):
                yield from validator.descend(instance[name], schema, path=name, schema_path=pattern)


def _additional(explain: Explain) -> Explain:
    """Members that a pattern takes are no additional ones."""

    def check(validator: Any, expected: Json, instance: Json, schema: Json) -> Iterator[Any]:
        patterns = [_single("pattern", pattern) for pattern in schema.get("patternProperties", ())]
        if patterns and isinstance(instance, dict):
            instance = {name: instance[name] for name in instance if not any(fits(name) for fits in patterns)}
            schema = {name: member for name, member in schema.items() if name != "patternProperties"}
        yield from explain(validator, expected, instance, schema)

    return check


def _unevaluated(compiled: Compiled, explain: Explain) -> Explain:
    """Which members are evaluated depends on patterns anywhere in the schema, so the whole of it is asked."""
    from jsonschema.exceptions import ValidationError

    def check(validator: Any, expected: Json, instance: Json, schema: Json) -> Iterator[Any]:
        decided = compiled(schema)
        if decided is None:
            yield from explain(validator, expected, instance, schema)
            return
        for error in decided.iter_errors(instance):
            if error.schema_path == ["allOf", 0, "unevaluatedProperties"]:
                yield ValidationError(error.message)

    return check


def _required(_validator: Any, names: Json, instance: Json, _schema: Json) -> Iterator[Any]:
    """Each missing member is a violation at the place where it should stand."""
    from jsonschema.exceptions import ValidationError

    if isinstance(instance, dict):
        for name in names:
            if name not in instance:
                yield ValidationError("is required", path=[name])


def _violation(error: Any, place: str) -> Violation:
    tokens = (str(token).replace("~", "~0").replace("/", "~1") for token in error.absolute_path)
    pointer = "".join("/" + token for token in tokens)
    explain = _MESSAGES.get(error.validator)
    expected = error.validator_value
    message = explain(error.instance, expected) if explain else error.message
    seen = "" if error.validator == "required" else _seen(error.instance)
    return Violation(place, pointer, error.validator, _short(message, 300), seen, expected)


_KINDS = {dict: "an object", list: "an array", str: "a string", bool: "a boolean", int: "an integer", float: "a number"}
_TYPES = {
    "object": "an object",
    "array": "an array",
    "string": "a string",
    "boolean": "a boolean",
    "integer": "an integer",
    "number": "a number",
    "null": "null",
}


def _kind(value: Json) -> str:
    return "null" if value is None else _KINDS.get(type(value), "a value")


def _types(expected: Json) -> str:
    names = expected if isinstance(expected, list) else [expected]
    return " or ".join(_TYPES.get(name, str(name)) for name in names)


def _listed(values: Json) -> str:
    return ", ".join(_seen(value) for value in values)


def _counted(count: Json, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _mismatch(pattern: str) -> str:
    """A short pattern says what is expected; a long one nobody reads."""
    return f"does not match {pattern}" if len(pattern) <= _READABLE else "is not of the documented form"


_MESSAGES: dict[str, Callable[[Json, Json], str]] = {
    "type": lambda seen, expected: f"expected {_types(expected)}, got {_kind(seen)}",
    "required": lambda _seen_value, _expected: "is required",
    "enum": lambda seen, expected: f"{_seen(seen)} is none of {_listed(expected)}",
    "const": lambda seen, expected: f"expected {_seen(expected)}, got {_seen(seen)}",
    "format": lambda seen, expected: f"{_seen(seen)} is no {expected}",
    "pattern": lambda seen, expected: f"{_seen(seen)} {_mismatch(expected)}",
    "minItems": lambda seen, expected: f"expected at least {_counted(expected, 'item')}, got {len(seen)}",
    "maxItems": lambda seen, expected: f"expected at most {_counted(expected, 'item')}, got {len(seen)}",
    "minLength": lambda seen, expected: f"expected at least {_counted(expected, 'character')}, got {len(seen)}",
    "maxLength": lambda seen, expected: f"expected at most {_counted(expected, 'character')}, got {len(seen)}",
    "minimum": lambda seen, expected: f"{_seen(seen)} is less than {expected}",
    "maximum": lambda seen, expected: f"{_seen(seen)} is more than {expected}",
    "uniqueItems": lambda _seen_value, _expected: "has an item twice",
}


def _seen(value: Json) -> str:
    """The value as JSON, shortened."""
    import orjson

    if isinstance(value, (dict, list)) and len(value) > 20:
        return f"{_kind(value)} of {len(value)}"
    try:
        return _short(orjson.dumps(value).decode(), _SEEN)
    except TypeError:
        return _short(repr(value), _SEEN)


def _short(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"
