"""The keywords of JSON Schema 2020-12, each with a reader that returns a value validators accept; keywords of OpenAPI
2.0 and 3.0 are upgraded.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import jsonschema_rs

from mockserver.json_text import Json
from mockserver.openapi.normalize.keyword_upgrade import keyword_upgrader
from mockserver.openapi.normalize.normalizer import (
    REMOVED,
    WARNING,
    Normalizer,
    ObjectShape,
    Part,
    changed,
    flag,
    kind_of,
    named,
)
from mockserver.openapi.schema.patterns import is_plain
from mockserver.openapi.source.pointer import DocumentPath
from mockserver.openapi.standards import DIALECT

TYPES = frozenset({"array", "boolean", "integer", "null", "number", "object", "string"})
_LARGEST = 2**53


def schema(normalizer: Normalizer, value: Json, location: DocumentPath) -> Json:
    """The schema as a validator of 2020-12 accepts it."""
    return normalizer.read(SCHEMA, value, location)


def _type(normalizer: Normalizer, value: Json, location: DocumentPath) -> Json:
    if type(value) is str:
        return value if value in TYPES else _odd_type(normalizer, value, location)
    if type(value) is not list:
        return normalizer.refuse(location, f"expected the name of a type, got {kind_of(value)}")
    if all(type(name) is str and name in TYPES for name in value) and 0 < len(value) == len(set(value)):
        return value
    names = [_odd_type(normalizer, name, location) if name not in TYPES else name for name in map(str, value)]
    kept = [*dict.fromkeys(name for name in names if isinstance(name, str))]
    return (
        kept
        if kept and len(kept) == len(set(map(str, value)))
        else normalizer.refuse(location, "names no types that exist")
    )


def _odd_type(normalizer: Normalizer, name: str, location: DocumentPath) -> Json:
    if name == "file":
        return name  # settled with its format
    if name.lower() in TYPES:
        normalizer.diagnostic(location, f"{name!r} is no type; {name.lower()!r} is")
        return name.lower()
    return normalizer.refuse(
        location, f"{name!r} is no type; expected one of {', '.join(sorted(TYPES))}. Taken as any type"
    )


def _tuple_or_schema(normalizer: Normalizer, value: Json, location: DocumentPath) -> Json:
    """`items`; a list of schemas, as in older drafts, is upgraded later together with its neighbours."""
    return _tuple(normalizer, value, location) if type(value) is list else schema(normalizer, value, location)


def _tuple(normalizer: Normalizer, value: Json, location: DocumentPath) -> Json:
    if type(value) is dict:
        normalizer.diagnostic(location, "expected a list of schemas, got one schema")
        value = [value]
    elif type(value) is not list:
        return normalizer.refuse(location, f"expected a list of schemas, got {kind_of(value)}")
    elif not value:
        return normalizer.refuse(location, "is an empty list; expected at least one schema")
    kept = [schema(normalizer, child, (location, str(number))) for number, child in enumerate(value)]
    if all(new is old for new, old in zip(kept, value, strict=True)):
        return value
    return [child for child in kept if child is not REMOVED] or REMOVED


def _schemas_by_name(normalizer: Normalizer, value: Json, location: DocumentPath) -> Json:
    if type(value) is dict and type(value.get("$ref")) is str:
        value = _members_elsewhere(normalizer, value, location)
    return _NAMED(normalizer, value, location)


def _members_elsewhere(normalizer: Normalizer, value: dict[str, Json], location: DocumentPath) -> Json:
    """Replaces `properties: {$ref: ...}`, which no validator follows, by the referenced members."""
    target = normalizer.target(value["$ref"])
    if target.problem or type(target.node) is not dict:
        normalizer.diagnostic(location, target.problem or f"{value['$ref']!r} leads to no schemas by name")
        return changed(value, {"$ref": REMOVED})
    return {**target.node, **changed(value, {"$ref": REMOVED})}


def _by_pattern(normalizer: Normalizer, value: Json, location: DocumentPath) -> Json:
    kept = _schemas_by_name(normalizer, value, location)
    if not isinstance(kept, dict):
        return kept
    broken = {name: REMOVED for name in kept if _pattern(normalizer, name, (location, name)) is REMOVED}
    return changed(kept, broken) if broken else kept


def _required(normalizer: Normalizer, value: Json, location: DocumentPath) -> Json:
    if type(value) is bool:
        advice = "expected a list of names beside `properties`; a boolean here means nothing"
        return normalizer.refuse(location, advice, WARNING)
    return _names(normalizer, value, location)


def _names(normalizer: Normalizer, value: Json, location: DocumentPath) -> Json:
    if type(value) is not list:
        return normalizer.refuse(location, f"expected a list of names, got {kind_of(value)}")
    kept = [*dict.fromkeys(name for name in value if type(name) is str)]
    if len(kept) == len(value):
        return value
    normalizer.diagnostic(location, "has a name twice, or one that is no text", WARNING)
    return kept


def _names_by_name(normalizer: Normalizer, value: Json, location: DocumentPath) -> Json:
    return named(_names)(normalizer, value, location)


def _dependencies(normalizer: Normalizer, value: Json, location: DocumentPath) -> Json:
    """For each name the names it requires, or a schema; upgraded later together with its neighbours."""
    return named(_dependency)(normalizer, value, location)


def _dependency(normalizer: Normalizer, value: Json, location: DocumentPath) -> Json:
    return _names(normalizer, value, location) if type(value) is list else schema(normalizer, value, location)


def _values(normalizer: Normalizer, value: Json, location: DocumentPath) -> Json:
    if type(value) is not list:
        return normalizer.refuse(location, f"expected a list of values, got {kind_of(value)}")
    return value or normalizer.refuse(location, "is an empty list, which nothing fits. Taken as any value")


def _number(normalizer: Normalizer, value: Json, location: DocumentPath) -> Json:
    if type(value) in (int, float):
        return value
    if type(value) is str:
        for convert in (int, float):
            try:
                number = convert(value)
            except ValueError:
                continue
            if abs(number) < float("inf"):
                normalizer.diagnostic(
                    location, f"expected a number, got the text {value!r}; leave out the quotes", WARNING
                )
                return number
    return normalizer.refuse(location, f"expected a number, got {kind_of(value)}")


def _bound(normalizer: Normalizer, value: Json, location: DocumentPath) -> Json:
    """`exclusiveMinimum` and `exclusiveMaximum`; booleans are upgraded later together with their neighbours."""
    return value if type(value) is bool else _number(normalizer, value, location)


def _step(normalizer: Normalizer, value: Json, location: DocumentPath) -> Json:
    kept = _number(normalizer, value, location)
    return kept if kept is REMOVED or kept > 0 else normalizer.refuse(location, f"expected more than 0, got {kept}")


def _count(normalizer: Normalizer, value: Json, location: DocumentPath) -> Json:
    if type(value) is int and 0 <= value <= _LARGEST:
        return value
    kept = _number(normalizer, value, location)
    if kept is REMOVED:
        return REMOVED
    if kept < 0 or kept != int(kept):
        return normalizer.refuse(location, f"expected a whole number from 0 up, got {kept}")
    return min(int(kept), _LARGEST)


def _pattern(normalizer: Normalizer, value: Json, location: DocumentPath) -> Json:
    if type(value) is not str:
        return normalizer.refuse(location, f"expected a regular expression, got {kind_of(value)}")
    if not compiles(value):
        return normalizer.refuse(location, f"{_short(value)} is no regular expression that can be read")
    if not is_plain(value):
        normalizer.marks.add("pattern" if location[-1:] == ("pattern",) else "patternProperties")
    return value


@lru_cache(maxsize=10_000)
def compiles(pattern: str) -> bool:
    """Whether validators can compile the regular expression."""
    try:
        jsonschema_rs.validator_for({"$schema": DIALECT, "pattern": pattern})
    except (ValueError, jsonschema_rs.ValidationError):
        return False
    return True


def _format(normalizer: Normalizer, value: Json, location: DocumentPath) -> Json:
    return (
        value
        if type(value) is str
        else normalizer.refuse(location, f"expected the name of a format, got {kind_of(value)}")
    )


def _mark(name: str) -> Part:
    def part(normalizer: Normalizer, value: Json, location: DocumentPath) -> Json:
        kept = flag(normalizer, value, location)
        if kept is True:
            normalizer.marks.add(name)
        return kept

    return part


def _ref(normalizer: Normalizer, value: Json, location: DocumentPath) -> Json:
    if type(value) is not str:
        return normalizer.refuse(location, f"expected a reference, got {kind_of(value)}")
    target = normalizer.target(value)
    if target.problem:
        return normalizer.refuse(location, f"{target.problem.rstrip('.')}. Taken as any value")
    if type(target.node) not in (dict, bool):
        return normalizer.refuse(
            location, f"{value!r} leads to {kind_of(target.node)}; expected a schema. Taken as any value"
        )
    if target.source[0] == "components" and len(target.source) == 3 and target.source[1] != "schemas":
        return normalizer.refuse(location, f"{value!r} leads to no schema. Taken as any value")
    if not normalizer.want(SCHEMA, target):
        return normalizer.refuse(location, f"{value!r} leads to no schema. Taken as any value")
    return target.text


def _discriminator(normalizer: Normalizer, value: Json, location: DocumentPath) -> Json:
    if type(value) is str and normalizer.old:
        return {"propertyName": value}
    if type(value) is not dict or type(value.get("propertyName")) is not str:
        return normalizer.refuse(location, "expected a mapping with `propertyName`", WARNING)
    mapping = value.get("mapping", {})
    if type(mapping) is dict and all(type(ref) is str for ref in mapping.values()):
        return value
    normalizer.diagnostic((location, "mapping"), "expected a mapping of values to names of schemas", WARNING)
    return changed(value, {"mapping": REMOVED})


def _inner_identity(normalizer: Normalizer, value: Json, location: DocumentPath) -> Json:
    """Removes `$schema` and `$id`, which would change the meaning of the references around them; all of those lead into
    this document.
    """
    del normalizer, value, location
    return REMOVED


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


SCHEMA = ObjectShape("a schema", KEYWORDS, keyword_upgrader(KEYWORDS.keys()), may_refer=False, or_boolean=True)
