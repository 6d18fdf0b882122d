"""JSON Schema: one library decides, another explains, and both say the same."""

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockserver.openapi.schema.explanation import MAX_VIOLATIONS, explainer
from mockserver.openapi.schema.validator import DOCUMENT, Schemas, Validator


def validator(schema) -> Validator:
    """The validator of one schema."""
    return Schemas({"schema": schema}).validator("/schema")


def messages(schema, value) -> list[str]:
    """What is wrong with the value."""
    return [str(violation) for violation in validator(schema).violations(value, "body")]


ID = {"type": "string", "format": "uuid"}


@pytest.mark.parametrize(
    ("schema", "value", "explained"),
    [
        ({"type": "string"}, 7, ["body: expected a string, got an integer"]),
        ({"type": ["string", "null"]}, True, ["body: expected a string or null, got a boolean"]),
        ({"type": "integer"}, 1.5, ["body: expected an integer, got a number"]),
        ({"type": "object"}, None, ["body: expected an object, got null"]),
        ({"required": ["a", "b"]}, {}, ["body/a: is required", "body/b: is required"]),
        ({"items": {"required": ["a"]}}, [{"a": 1}, {}], ["body/1/a: is required"]),
        ({"enum": ["on", "off"]}, "ON", ['body: "ON" is none of "on", "off"']),
        ({"enum": [1, None]}, True, ["body: true is none of 1, null"]),
        ({"const": {"a": 1}}, 2, ['body: expected {"a":1}, got 2']),
        (ID, "7", ['body: "7" is no uuid']),
        ({"format": "date-time"}, "2026-02-30T00:00:00Z", ['body: "2026-02-30T00:00:00Z" is no date-time']),
        ({"format": "email"}, "a@", ['body: "a@" is no email']),
        ({"pattern": "^[a-z]+$"}, "A1", ['body: "A1" does not match ^[a-z]+$']),
        ({"pattern": f"^({'a|' * 40}b)$"}, "A1", ['body: "A1" is not of the documented form']),
        ({"minItems": 1}, [], ["body: expected at least 1 item, got 0"]),
        ({"maxItems": 2}, [1, 2, 3], ["body: expected at most 2 items, got 3"]),
        ({"minLength": 2}, "ü", ["body: expected at least 2 characters, got 1"]),
        ({"maxLength": 1}, "\U0001f600\U0001f600", ["body: expected at most 1 character, got 2"]),
        ({"minimum": 1}, 0, ["body: 0 is less than 1"]),
        ({"maximum": 1}, 2**70, [f"body: {2**70} is more than 1"]),
        ({"uniqueItems": True}, [1, 2, 1.0], ["body: has an item twice"]),
        ({"properties": {"a/b": {"type": "null"}}}, {"a/b": 1}, ["body/a~1b: expected null, got an integer"]),
        (
            {"items": {"type": "null"}},
            ["x", None, 7],
            ["body/0: expected null, got a string", "body/2: expected null, got an integer"],
        ),
    ],
)  # fmt: skip
def test_a_violation_is_explained(schema, value, explained):
    """By its place, what was seen and what was expected."""
    assert messages(schema, value) == explained


@pytest.mark.parametrize(
    ("schema", "keyword"),
    [
        ({"additionalProperties": False}, "additionalProperties"),
        ({"anyOf": [{"required": ["x"]}, {"required": ["y"]}]}, "required"),
        ({"oneOf": [{"required": ["a"]}, {"type": "object"}]}, "oneOf"),
        ({"not": {"required": ["a"]}}, "not"),
        ({"dependentRequired": {"a": ["b"]}}, "dependentRequired"),
        ({"if": {"required": ["a"]}, "then": {"maxProperties": 0}}, "maxProperties"),
        ({"unevaluatedProperties": False}, "unevaluatedProperties"),
        ({"propertyNames": {"maxLength": 0}}, "maxLength"),
        ({"minProperties": 2}, "minProperties"),
        (False, None),
    ],
)
def test_the_rare_keywords_are_explained_too(schema, keyword):
    """By one keyword, with some text; of alternatives the likeliest one is told."""
    found = validator(schema).violations({"a": 1}, "body")

    assert [(violation.keyword, violation.message != "") for violation in found] == [(keyword, True)]


def test_a_valid_value_has_no_violations():
    """Nothing to explain."""
    assert messages(ID, "d47f2e1a-8c3b-4a5d-9e6f-1234567890ab") == []


def test_references_are_followed_and_may_be_circular():
    """A tree of any depth."""
    schemas = Schemas(
        {"components": {"schemas": {"Tree": {
            "type": "object",
            "properties": {"children": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}}},
        }}}}
    )  # fmt: skip
    tree = schemas.validator("/components/schemas/Tree")

    found = tree.violations({"children": [{"children": [{"children": 7}]}]}, "body")

    assert [str(violation) for violation in found] == [
        "body/children/0/children/0/children: expected an array, got an integer"
    ]


@pytest.mark.parametrize(
    ("schema", "value", "explained"),
    [
        (
            {"patternProperties": {r"^\p{L}+$": {"type": "string"}}},
            {"ä": 1, "7": 1},
            ["body/ä: expected a string, got an integer"],
        ),
        (
            {"patternProperties": {r"^\w$": {}}, "additionalProperties": {"type": "string"}},
            {"ä": 1},
            ["body/ä: expected a string, got an integer"],
        ),
        (
            {"patternProperties": {r"^\d$": {}}, "additionalProperties": False},
            {"\u0661": 1, "1": 1},
            ["body: Additional properties are not allowed ('\u0661' was unexpected)"],
        ),
        (
            {"allOf": [{"patternProperties": {r"^\p{L}$": {}}}], "unevaluatedProperties": False},
            {"ä": 1, "7": 1},
            ["body: Unevaluated properties are not allowed ('7' was unexpected)"],
        ),
    ],
)
def test_a_name_is_matched_as_a_value_is(schema, value, explained):
    """By the rules of ECMA-262, not by those of Python."""
    assert messages(schema, value) == explained


@pytest.mark.parametrize(
    ("schema", "value", "explained"),
    [
        ({"oneOf": [{"type": "number"}, {"type": "object"}]}, "2s", "expected a number or an object, got a string"),
        (
            {"anyOf": [{"maxLength": 2}, {"pattern": "^x"}]},
            "abc",
            '"abc" fits none of 2 alternatives: expected at most 2 characters, got 3; "abc" does not match ^x',
        ),
        (
            {"properties": {"times": {}, "delay": {}}, "additionalProperties": False},
            {"dealy": 1},
            "Additional properties are not allowed ('dealy' was unexpected); did you mean 'delay'?",
        ),
        (
            {"properties": {"times": {}, "delay": {}}, "additionalProperties": False},
            {"count": 1, "x": 2},
            "Additional properties are not allowed ('count', 'x' were unexpected); declared: times, delay",
        ),
    ],
)
def test_a_message_says_what_would_fit(schema, value, explained):
    """Where several schemas refuse a value, and where a member has a name that the schema does not know."""
    assert messages(schema, value) == [f"body: {explained}"]


@pytest.mark.parametrize("name", ["a", "const", "default", "enum", "example", "examples", "unevaluatedItems", "x-a"])
def test_a_member_of_any_name_is_held_to_what_it_refers_to(name):
    """In a document of many schemas too, whatever keyword it is called like."""
    text = {"components": {"schemas": {"Text": {"type": "string"}}}}
    schemas = Schemas({**text, "schema": {"properties": {name: {"$ref": "#/components/schemas/Text"}}}})
    schemas.is_large = True

    verdicts = [schemas.validator("/schema").accepts({name: value}) for value in ("a", 1)]

    assert verdicts == [True, False]


def test_a_value_that_reads_like_a_reference_is_a_value():
    """In a part that is asked by itself too."""
    schema = {"const": {"$ref": "#/a"}}
    decide = Schemas({"schema": schema}).decide(schema)

    assert decide is not None
    assert decide({"$ref": "#/a"})


def test_a_schema_is_compiled_once():
    """Whoever asks for it."""
    schemas = Schemas({"schema": {"type": "string"}})

    assert schemas.validator("/schema") is schemas.validator("/schema")


def test_violations_are_bounded():
    """The first hundred are enough."""
    found = validator({"items": {"type": "string"}}).violations([*range(5_000)], "body")

    assert len(found) == MAX_VIOLATIONS


def test_what_was_seen_is_shortened():
    """A message is never as long as a body."""
    found = validator({"items": {"enum": ["a"]}}).violations(["x" * 100_000, [*range(1000)]], "body")

    assert all(len(violation.message) <= 300 and len(violation.seen) <= 80 for violation in found)


def test_an_integer_of_any_size_can_be_shown():
    """Also one that only exact writers know."""
    found = validator({"type": "string"}).violations([10**4200], "body")

    assert found[0].message == "expected a string, got an array"


SIXTY_KILOBYTES = [f"{n:08x}" for n in range(6_000)]


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"uniqueItems": True}, [*SIXTY_KILOBYTES, SIXTY_KILOBYTES[0]]),
        ({"uniqueItems": True, "items": {"uniqueItems": True}}, [[n, {"a": n}, n] for n in range(5_000)]),
        ({"uniqueItems": True, "type": "object"}, [{"a": text} for text in SIXTY_KILOBYTES]),
        ({"pattern": "^(a+)+$"}, "a" * 60_000 + "!"),
        ({"pattern": "^(a|aa)+$"}, "a" * 60_000 + "b"),
        ({"pattern": "(x+x+)+y"}, "x" * 5_000),
        ({"items": {"format": "uuid"}}, SIXTY_KILOBYTES),
        ({"items": {"anyOf": [{"type": "integer"}, {"minLength": 9}]}}, SIXTY_KILOBYTES),
        ({"items": {"enum": ["a"]}}, SIXTY_KILOBYTES),
        ({"additionalProperties": {"type": "integer"}}, dict.fromkeys(SIXTY_KILOBYTES, "x")),
        ({"additionalProperties": False}, dict.fromkeys(SIXTY_KILOBYTES, 1)),
        ({"contains": {"const": 1}}, SIXTY_KILOBYTES),
        ({"patternProperties": {"^(a+)+$": {}}, "additionalProperties": False}, {"a" * 5_000 + "!": 1}),
        ({"patternProperties": {"^(a+)+$": {}}, "unevaluatedProperties": False}, {"a" * 5_000 + "!": 1}),
    ],
    ids=[
        "unique", "unique items", "objects", "nested plus", "alternatives", "two pluses",
        "format", "anyOf", "enum", "members", "closed", "contains",
        "names by pattern", "names not evaluated",
    ],
)  # fmt: skip
def test_a_hostile_body_is_explained_quickly(schema, value):
    """No request hangs on its own explanation."""
    checked = validator(schema)
    checked.violations([], "body")

    began = time.perf_counter()
    found = checked.violations(value, "body")

    assert (len(found) >= 1, time.perf_counter() - began < 1) == (True, True)


# Two libraries, one verdict

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.sampled_from([0.0, 1.0, 1.5, -2.0, 2**64, 10**30])
    | st.sampled_from(["", "a", "ab", "7", "ü", "2026-01-31", "d47f2e1a-8c3b-4a5d-9e6f-1234567890ab"])
)
NAMES = st.sampled_from(["a", "b", "c"])
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)
SMALL = st.integers(0, 3)
TYPES = st.sampled_from(["null", "boolean", "integer", "number", "string", "array", "object"])


def schemas_of(inner):
    """Schemas whose parts are schemas."""
    return st.fixed_dictionaries(
        {},
        optional={
            "type": TYPES | st.lists(TYPES, min_size=1, max_size=3, unique=True),
            "enum": st.lists(VALUES, min_size=1, max_size=3),
            "const": VALUES,
            "minimum": st.integers(-2, 2),
            "maximum": st.integers(-2, 2),
            "exclusiveMinimum": st.sampled_from([-1, 0, 1.5]),
            "multipleOf": st.sampled_from([1, 2, 0.5]),
            "minLength": SMALL,
            "maxLength": SMALL,
            "pattern": st.sampled_from(["^a", "b$", "^[a-z]*$", "^$"]),
            "format": st.sampled_from(["date", "uuid", "email"]),
            "minItems": SMALL,
            "maxItems": SMALL,
            "uniqueItems": st.booleans(),
            "items": inner,
            "prefixItems": st.lists(inner, min_size=1, max_size=2),
            "contains": inner,
            "properties": st.dictionaries(NAMES, inner, max_size=2),
            "patternProperties": st.dictionaries(st.sampled_from(["^[ab]", "c", r"^\p{L}$"]), inner, max_size=2),
            "additionalProperties": inner,
            "unevaluatedProperties": inner,
            "required": st.lists(NAMES, max_size=2, unique=True),
            "dependentRequired": st.dictionaries(NAMES, st.lists(NAMES, max_size=2, unique=True), max_size=1),
            "propertyNames": inner,
            "minProperties": SMALL,
            "maxProperties": SMALL,
            "allOf": st.lists(inner, min_size=1, max_size=2),
            "anyOf": st.lists(inner, min_size=1, max_size=2),
            "oneOf": st.lists(inner, min_size=1, max_size=2),
            "not": inner,
            "if": inner,
            "then": inner,
            "else": inner,
        },
    )


SCHEMAS = st.recursive(st.booleans() | schemas_of(st.booleans()), schemas_of, max_leaves=4)

PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@PATIENT
@given(SCHEMAS, VALUES)
def test_what_decides_and_what_explains_agree(schema, value):
    """An invalid value is explained, a valid one has nothing to explain."""
    schemas = Schemas({"schema": schema})

    decided = schemas.validator("/schema").accepts(value)
    judge = explainer({"$ref": f"{DOCUMENT}#/schema"}, schemas.explaining_registry, schemas.compiled)
    explained = [*judge.iter_errors(value)]

    assert decided is not bool(explained)


@PATIENT
@given(SCHEMAS, VALUES)
def test_an_invalid_value_always_has_violations(schema, value):
    """With a place and a text each; whatever the schema, nothing is raised."""
    checked = validator(schema)

    found = checked.violations(value, "body")

    assert bool(found) is not checked.accepts(value)
    assert all(violation.message and str(violation) for violation in found)
