"""Whatever the schema, what is made is valid; and where a value is known to exist, one is found."""

import re
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockserver.generate import Generator, Impossible, SeedKey
from mockserver.openapi.schema.explanation import explainer
from mockserver.openapi.schema.validator import DOCUMENT, Schemas

SETTINGS = settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
NAMES = st.sampled_from(["a", "b", "c", "email", "x-1"])
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-1000, 1000),
    st.integers(-400, 400).map(lambda quarters: quarters / 4),
    st.text("abcxyz019 -", max_size=8),
    st.sampled_from(["2026-01-01", "a@b.co", "10.0.0.1", "https://example.com/"]),
)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4), max_leaves=8
)


def wrong(schema, value) -> list[str]:
    """What the library that had no part in the making has against the value."""
    judge = explainer({"$ref": f"{DOCUMENT}#/schema"}, Schemas({"schema": schema}).explaining_registry)
    return [error.message for error in judge.iter_errors(value)]


def around(rng, value, deep=2) -> dict[str, Any]:
    """A schema that `value` fits, of keywords taken at random; `deep` are the levels of schemas in schemas."""
    schema = dict(rng(st.sampled_from([{}, {"type": _type(value)}, {"type": [_type(value), "null"]}])))
    if deep:
        schema |= _combined(rng, value, schema, deep - 1)
    return schema | OWN.get(_type(value), _nothing)(rng, value, deep)


def _combined(rng, value, schema, deep) -> dict[str, Any]:
    keyword = rng(st.sampled_from(["", "enum", "allOf", "anyOf", "oneOf", "not", "if", "const"]))
    if keyword == "enum":
        return {"enum": [value, rng(LEAVES)]}
    if keyword == "const":
        return {"const": value}
    if keyword == "allOf":
        return {"allOf": [around(rng, value, deep), around(rng, value, deep)]}
    if keyword == "anyOf":
        return {"anyOf": rng(st.permutations([around(rng, value, deep), {"type": "boolean"}]))}
    if keyword == "oneOf":
        return {"oneOf": rng(st.permutations([around(rng, value, deep), {"not": dict(schema)}]))}
    if keyword == "not":
        return {"not": rng(st.sampled_from([{"type": _other(value)}, {"const": "nothing"}, False]))}
    if keyword == "if":
        return {"if": around(rng, value, deep), "then": around(rng, value, deep), "else": rng(st.booleans())}
    return {}


def _nothing(_draw, _value, _deep) -> dict[str, Any]:
    return {}


def _object(rng, value, deep) -> dict[str, Any]:
    known = sorted(rng(st.sets(st.sampled_from(sorted(value))))) if value else []
    inner = {name: around(rng, value[name], deep - 1) if deep else {} for name in known}
    keywords = {
        "properties": inner,
        "required": known,
        "additionalProperties": set(known) < value.keys() or rng(st.sampled_from([True, {"type": "string"}, False])),
        "minProperties": rng(st.integers(0, len(value))),
        "maxProperties": rng(st.integers(len(value), 6)),
        "propertyNames": {"pattern": "^[a-z]"},
        "dependentRequired": {name: sorted(value)[:1] for name in sorted(value)[:2]},
        "patternProperties": {"^q": {"type": "null"}},
        "dependentSchemas": {name: {"required": known} for name in sorted(value)[:1]},
        "unevaluatedProperties": set(known) < value.keys(),
    }
    return _some(rng, keywords, {"properties", "additionalProperties", "unevaluatedProperties"})


def _array(rng, value, deep) -> dict[str, Any]:
    inner: list[Any] = [around(rng, item, deep - 1) if deep else {} for item in value]
    keywords = {
        "minItems": rng(st.integers(0, len(value))),
        "maxItems": rng(st.integers(len(value), 5)),
        "prefixItems": inner or [True],
        "contains": inner[0] if inner else True,
        "minContains": 1 if value else 0,
        "uniqueItems": not wrong({"uniqueItems": True}, value),
        "unevaluatedItems": {"type": "integer"},
    }
    if rng(st.booleans()):
        del keywords["contains"], keywords["minContains"]
    else:
        del keywords["prefixItems"], keywords["unevaluatedItems"]
    return _some(rng, keywords, {*keywords} & {"prefixItems", "unevaluatedItems"})


def _text(rng, value, _deep) -> dict[str, Any]:
    keywords = {
        "minLength": rng(st.integers(0, len(value))),
        "maxLength": rng(st.integers(len(value), 40)),
        "pattern": rng(st.sampled_from([f"^{re.escape(value)}$", "^[a-z0-9@./: -]*$", f"^.{{{len(value)}}}", ""])),
    }
    formats = {"2026-01-01": "date", "a@b.co": "email", "10.0.0.1": "ipv4", "https://example.com/": "uri"}
    if value in formats:
        keywords["format"] = formats[value]
    return _some(rng, keywords)


def _number(rng, value, _deep) -> dict[str, Any]:
    keywords = {
        "minimum": value - rng(st.integers(0, 5)),
        "maximum": value + rng(st.integers(0, 5)),
        "exclusiveMinimum": value - rng(st.sampled_from([0.25, 1, 100])),
        "exclusiveMaximum": value + rng(st.sampled_from([0.25, 1, 100])),
        "multipleOf": rng(st.sampled_from([0.25, abs(value) or 3])),
    }
    return _some(rng, keywords)


def _some(rng, keywords, together=frozenset()) -> dict[str, Any]:
    chosen = rng(st.sets(st.sampled_from(sorted(keywords)), max_size=3))
    if chosen & together:
        chosen |= together
    return {name: keywords[name] for name in sorted(chosen)}


OWN = {"object": _object, "array": _array, "string": _text, "integer": _number, "number": _number}
_TYPES = {
    dict: "object",
    list: "array",
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    type(None): "null",
}


def _type(value) -> str:
    return _TYPES.get(type(value), "null")


def _other(value) -> str:
    return "object" if not isinstance(value, dict) else "array"


@st.composite
def cases(rng):
    """A value, and a schema that was made around it."""
    value = rng(VALUES)
    return value, around(rng, value)


SCHEMAS = cases().map(lambda case: case[1])


@SETTINGS
@given(cases())
def test_where_a_value_exists_one_is_found(case):
    """Made around a value, a schema is possible; and what is found fits it."""
    witness, schema = case
    if wrong(schema, witness):
        return
    made = synthesizer(schema)

    plain, believable = made.example("/schema"), made.value("/schema", SeedKey(1))

    assert wrong(schema, plain) == []
    assert wrong(schema, believable) == []


@SETTINGS
@given(SCHEMAS, SCHEMAS, st.sampled_from(["allOf", "oneOf", "anyOf"]))
def test_what_contradicts_itself_is_valid_or_refused(one, other, keyword):
    """Two schemas that know nothing of each other: an answer that is right, or none."""
    schema = {keyword: [one, other]}
    made = synthesizer(schema)

    try:
        values = [made.example("/schema"), made.value("/schema", SeedKey(2))]
    except Impossible:
        return

    assert [wrong(schema, value) for value in values] == [[], []]


def synthesizer(schema) -> Generator:
    """What makes values of one schema, at `/schema`."""
    return Generator(Schemas({"schema": schema}))
