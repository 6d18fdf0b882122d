"""The keywords of JSON Schema 2020-12: each value is one that validators take, and what OpenAPI 2.0 and 3.0 wrote
otherwise is written as 2020-12 writes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import jsonschema_rs

from mockserver.spec.pointer import Trail
from mockserver.spec.settling import settled
from mockserver.spec.walk import DROP, WARNING, Part, Shape, Walk, changed, flag, kind_of, named
from mockserver.wire import Json

TYPES = frozenset({"array", "boolean", "integer", "null", "number", "object", "string"})
_LARGEST = 2**53


def schema(walk: Walk, value: Json, trail: Trail) -> Json:
    """The schema as a validator of 2020-12 takes it."""
    return walk.read(SCHEMA, value, trail)


def _type(walk: Walk, value: Json, trail: Trail) -> Json:
    if type(value) is str:
        return value if value in TYPES else _odd_type(walk, value, trail)
    if type(value) is not list:
        return walk.refuse(trail, f"expected the name of a type, got {kind_of(value)}")
    if all(type(name) is str and name in TYPES for name in value) and 0 < len(value) == len(set(value)):
        return value
    names = [_odd_type(walk, name, trail) if name not in TYPES else name for name in map(str, value)]
    kept = [*dict.fromkeys(name for name in names if isinstance(name, str))]
    return kept if kept and len(kept) == len(set(map(str, value))) else walk.refuse(trail, "names no types that exist")


def _odd_type(walk: Walk, name: str, trail: Trail) -> Json:
    if name == "file":
        return name  # settled with its format
    if name.lower() in TYPES:
        walk.flaw(trail, f"{name!r} is no type; {name.lower()!r} is")
        return name.lower()
    return walk.refuse(trail, f"{name!r} is no type; expected one of {', '.join(sorted(TYPES))}. Taken as any type")


def _tuple_or_schema(walk: Walk, value: Json, trail: Trail) -> Json:
    """`items`: a list of schemas, as older drafts had it, is settled with its neighbours."""
    return _tuple(walk, value, trail) if type(value) is list else schema(walk, value, trail)


def _tuple(walk: Walk, value: Json, trail: Trail) -> Json:
    if type(value) is dict:
        walk.flaw(trail, "expected a list of schemas, got one schema")
        value = [value]
    elif type(value) is not list:
        return walk.refuse(trail, f"expected a list of schemas, got {kind_of(value)}")
    elif not value:
        return walk.refuse(trail, "is an empty list; expected at least one schema")
    kept = [schema(walk, child, (trail, str(number))) for number, child in enumerate(value)]
    if all(new is old for new, old in zip(kept, value, strict=True)):
        return value
    return [child for child in kept if child is not DROP] or DROP


def _schemas_by_name(walk: Walk, value: Json, trail: Trail) -> Json:
    if type(value) is dict and type(value.get("$ref")) is str:
        value = _members_elsewhere(walk, value, trail)
    return _NAMED(walk, value, trail)


def _members_elsewhere(walk: Walk, value: dict[str, Json], trail: Trail) -> Json:
    """`properties: {$ref: ...}`, which no validator follows, with the members that it leads to."""
    target = walk.target(value["$ref"])
    if target.problem or type(target.node) is not dict:
        walk.flaw(trail, target.problem or f"{value['$ref']!r} leads to no schemas by name")
        return changed(value, {"$ref": DROP})
    return {**target.node, **changed(value, {"$ref": DROP})}


def _by_pattern(walk: Walk, value: Json, trail: Trail) -> Json:
    kept = _schemas_by_name(walk, value, trail)
    if not isinstance(kept, dict):
        return kept
    broken = {name: DROP for name in kept if _pattern(walk, name, (trail, name)) is DROP}
    return changed(kept, broken) if broken else kept


def _required(walk: Walk, value: Json, trail: Trail) -> Json:
    if type(value) is bool:
        advice = "expected a list of names beside `properties`; a boolean here means nothing"
        return walk.refuse(trail, advice, WARNING)
    return _names(walk, value, trail)


def _names(walk: Walk, value: Json, trail: Trail) -> Json:
    if type(value) is not list:
        return walk.refuse(trail, f"expected a list of names, got {kind_of(value)}")
    kept = [*dict.fromkeys(name for name in value if type(name) is str)]
    if len(kept) == len(value):
        return value
    walk.flaw(trail, "has a name twice, or one that is no text", WARNING)
    return kept


def _names_by_name(walk: Walk, value: Json, trail: Trail) -> Json:
    return named(_names)(walk, value, trail)


def _dependencies(walk: Walk, value: Json, trail: Trail) -> Json:
    """Of each name those that it needs, or a schema; settled with their neighbours."""
    return named(_dependency)(walk, value, trail)


def _dependency(walk: Walk, value: Json, trail: Trail) -> Json:
    return _names(walk, value, trail) if type(value) is list else schema(walk, value, trail)


def _values(walk: Walk, value: Json, trail: Trail) -> Json:
    if type(value) is not list:
        return walk.refuse(trail, f"expected a list of values, got {kind_of(value)}")
    return value or walk.refuse(trail, "is an empty list, which nothing fits. Taken as any value")


def _number(walk: Walk, value: Json, trail: Trail) -> Json:
    if type(value) in (int, float):
        return value
    if type(value) is str:
        for convert in (int, float):
            try:
                number = convert(value)
            except ValueError:
                continue
            if abs(number) < float("inf"):
                walk.flaw(trail, f"expected a number, got the text {value!r}; leave out the quotes", WARNING)
                return number
    return walk.refuse(trail, f"expected a number, got {kind_of(value)}")


def _bound(walk: Walk, value: Json, trail: Trail) -> Json:
    """`exclusiveMinimum` and `exclusiveMaximum`; as booleans they are settled with their neighbours."""
    return value if type(value) is bool else _number(walk, value, trail)


def _step(walk: Walk, value: Json, trail: Trail) -> Json:
    kept = _number(walk, value, trail)
    return kept if kept is DROP or kept > 0 else walk.refuse(trail, f"expected more than 0, got {kept}")


def _count(walk: Walk, value: Json, trail: Trail) -> Json:
    if type(value) is int and 0 <= value <= _LARGEST:
        return value
    kept = _number(walk, value, trail)
    if kept is DROP:
        return DROP
    if kept < 0 or kept != int(kept):
        return walk.refuse(trail, f"expected a whole number from 0 up, got {kept}")
    return min(int(kept), _LARGEST)


def _pattern(walk: Walk, value: Json, trail: Trail) -> Json:
    if type(value) is not str:
        return walk.refuse(trail, f"expected a regular expression, got {kind_of(value)}")
    return (
        value if compiles(value) else walk.refuse(trail, f"{_short(value)} is no regular expression that can be read")
    )


@lru_cache(maxsize=10_000)
def compiles(pattern: str) -> bool:
    """Whether validators can read the regular expression."""
    try:
        jsonschema_rs.validator_for({"$schema": DIALECT, "pattern": pattern})
    except (ValueError, jsonschema_rs.ValidationError):
        return False
    return True


DIALECT = "https://json-schema.org/draft/2020-12/schema"


def _format(walk: Walk, value: Json, trail: Trail) -> Json:
    return value if type(value) is str else walk.refuse(trail, f"expected the name of a format, got {kind_of(value)}")


def _mark(name: str) -> Part:
    def part(walk: Walk, value: Json, trail: Trail) -> Json:
        kept = flag(walk, value, trail)
        if kept is True:
            walk.marks.add(name)
        return kept

    return part


def _ref(walk: Walk, value: Json, trail: Trail) -> Json:
    if type(value) is not str:
        return walk.refuse(trail, f"expected a reference, got {kind_of(value)}")
    target = walk.target(value)
    if target.problem:
        return walk.refuse(trail, f"{target.problem.rstrip('.')}. Taken as any value")
    if type(target.node) not in (dict, bool):
        return walk.refuse(trail, f"{value!r} leads to {kind_of(target.node)}; expected a schema. Taken as any value")
    if target.source[0] == "components" and len(target.source) == 3 and target.source[1] != "schemas":
        return walk.refuse(trail, f"{value!r} leads to no schema. Taken as any value")
    if not walk.want(SCHEMA, target):
        return walk.refuse(trail, f"{value!r} leads to no schema. Taken as any value")
    return target.text


def _discriminator(walk: Walk, value: Json, trail: Trail) -> Json:
    if type(value) is str and walk.old:
        return {"propertyName": value}
    if type(value) is not dict or type(value.get("propertyName")) is not str:
        return walk.refuse(trail, "expected a mapping with `propertyName`", WARNING)
    mapping = value.get("mapping", {})
    if type(mapping) is dict and all(type(ref) is str for ref in mapping.values()):
        return value
    walk.flaw((trail, "mapping"), "expected a mapping of values to names of schemas", WARNING)
    return changed(value, {"mapping": DROP})


def _inner_identity(walk: Walk, value: Json, trail: Trail) -> Json:
    """`$schema` and `$id` would change what the references around mean, which all lead into this document."""
    del walk, value, trail
    return DROP


KEYWORDS: Mapping[str, Part] = {
    "$defs": _schemas_by_name,
    "$dynamicRef": _ref,
    "$id": _inner_identity,
    "$ref": _ref,
    "$schema": _inner_identity,
    "additionalItems": schema,
    "additionalProperties": schema,
    "allOf": _tuple,
    "anyOf": _tuple,
    "contains": schema,
    "contentSchema": schema,
    "definitions": _schemas_by_name,
    "dependencies": _dependencies,
    "dependentRequired": _names_by_name,
    "dependentSchemas": _schemas_by_name,
    "deprecated": flag,
    "discriminator": _discriminator,
    "else": schema,
    "enum": _values,
    "exclusiveMaximum": _bound,
    "exclusiveMinimum": _bound,
    "format": _format,
    "if": schema,
    "items": _tuple_or_schema,
    "maxContains": _count,
    "maxItems": _count,
    "maxLength": _count,
    "maxProperties": _count,
    "maximum": _number,
    "minContains": _count,
    "minItems": _count,
    "minLength": _count,
    "minProperties": _count,
    "minimum": _number,
    "multipleOf": _step,
    "not": schema,
    "oneOf": _tuple,
    "pattern": _pattern,
    "patternProperties": _by_pattern,
    "prefixItems": _tuple,
    "properties": _schemas_by_name,
    "propertyNames": schema,
    "readOnly": _mark("readOnly"),
    "required": _required,
    "then": schema,
    "type": _type,
    "unevaluatedItems": schema,
    "unevaluatedProperties": schema,
    "uniqueItems": flag,
    "writeOnly": _mark("writeOnly"),
}
_NAMED = named(schema)


def _short(value: str) -> str:
    return repr(value) if len(value) <= 80 else f"{value[:79]!r}…"


SCHEMA = Shape("a schema", KEYWORDS, settled(KEYWORDS.keys()), may_refer=False, or_boolean=True)
