"""Words a schema violation: what was seen, and what was expected."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from difflib import get_close_matches
from typing import Any

import orjson

from mockserver.json_pointer import pointer_of
from mockserver.json_text import Json
from mockserver.openapi.schema.patterns import refusal
from mockserver.problem import Violation

_SEEN = 80
_LONGEST = 300
_READABLE = 80


def violation_of(error: Any, place: str) -> Violation:
    """The violation for a `jsonschema` error about a part of the value at `place`."""
    pointer = pointer_of([str(token) for token in error.absolute_path])
    explain = _MESSAGES.get(error.validator)
    expected = error.validator_value
    message = explain(error.instance, expected) if explain else error.message
    seen = "" if error.validator == "required" else seen_as(error.instance)
    return Violation(place, pointer, error.validator, _short(message, _LONGEST), seen, expected)


def undeclared(names: Sequence[str], declared: Collection[str]) -> str:
    """Says that members are not declared, and which declared one each may have been meant to be."""
    verb = "was" if len(names) == 1 else "were"
    text = f"Additional properties are not allowed ({', '.join(map(repr, names[:_MOST_NAMES]))} {verb} unexpected)"
    meant = [near[0] for name in names[:_MOST_NAMES] if (near := get_close_matches(name, declared, 1))]
    if meant:
        return f"{text}; did you mean {' and '.join(map(repr, dict.fromkeys(meant)))}?"
    return f"{text}; declared: {', '.join(declared)}" if 0 < len(declared) <= _MOST_NAMES else text


def none_fits(value: Json, refusals: Sequence[Sequence[Any]]) -> str:
    """Says why a value fits none of several schemas. `refusals` has the `jsonschema` errors of each schema."""
    whole = [
        next((error for error in errors if error.validator == "type" and not error.path), None) for errors in refusals
    ]
    if all(whole):
        kinds = (error.validator_value for error in whole if error is not None)
        names = [name for kind in kinds for name in (kind if isinstance(kind, list) else [kind])]
        return f"expected {_types([*dict.fromkeys(names)])}, got {_kind(value)}"
    reasons = dict.fromkeys(_reason(errors[0]) for errors in refusals)
    listed = "; ".join([*reasons][:_MOST_REASONS])
    return f"{seen_as(value)} fits none of {len(refusals)} alternatives: {listed}"


def _reason(error: Any) -> str:
    found = violation_of(error, "")
    return f"{found.pointer} {found.message}" if error.path else found.message


_MOST_NAMES = 12
_MOST_REASONS = 3
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
    return ", ".join(seen_as(value) for value in values)


def _counted(count: Json, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _mismatch(pattern: str) -> str:
    """Quotes a short pattern; a long one would not be read."""
    return f"does not match {pattern}" if len(pattern) <= _READABLE else "is not of the documented form"


_MESSAGES: dict[str, Callable[[Json, Json], str]] = {
    "type": lambda seen, expected: f"expected {_types(expected)}, got {_kind(seen)}",
    "required": lambda _seen_value, _expected: "is required",
    "enum": lambda seen, expected: f"{seen_as(seen)} is none of {_listed(expected)}",
    "const": lambda seen, expected: f"expected {seen_as(expected)}, got {seen_as(seen)}",
    "format": lambda seen, expected: f"{seen_as(seen)} is no {'base64' if expected == 'byte' else expected}",
    "pattern": lambda seen, expected: f"{seen_as(seen)} {refusal(expected, seen) or _mismatch(expected)}",
    "minItems": lambda seen, expected: f"expected at least {_counted(expected, 'item')}, got {len(seen)}",
    "maxItems": lambda seen, expected: f"expected at most {_counted(expected, 'item')}, got {len(seen)}",
    "minLength": lambda seen, expected: f"expected at least {_counted(expected, 'character')}, got {len(seen)}",
    "maxLength": lambda seen, expected: f"expected at most {_counted(expected, 'character')}, got {len(seen)}",
    "minimum": lambda seen, expected: f"{seen_as(seen)} is less than {expected}",
    "maximum": lambda seen, expected: f"{seen_as(seen)} is more than {expected}",
    "uniqueItems": lambda _seen_value, _expected: "has an item twice",
}


def seen_as(value: Json) -> str:
    """The value as JSON, shortened."""
    if isinstance(value, (dict, list)) and len(value) > 20:
        return f"{_kind(value)} of {len(value)}"
    try:
        return _short(orjson.dumps(value).decode(), _SEEN)
    except TypeError:
        return _short(repr(value), _SEEN)


def _short(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"
