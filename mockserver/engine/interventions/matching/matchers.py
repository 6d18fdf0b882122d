"""Matchers of one value of a request, in WireMock's words: `{"equalTo": "b"}`, `{"matchesJsonPath": "$.id"}`."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Callable, Mapping
from typing import Any, Final

from mockserver.engine.interventions.matching.bounded_regex import whole_match
from mockserver.engine.interventions.matching.json_likeness import JsonLikeness
from mockserver.json_text import Json, Malformed, read_json
from mockserver.problem import INVALID, Problem, Violation

Matcher = Callable[[str | None], bool]
"""Whether a text of the request is as asked for; None is one that the request does not have."""


def refused(at: str, keyword: str, message: str, seen: Json = "") -> Problem:
    """The Problem of a rule that cannot be used; `at` is the JSON pointer of the part that is wrong."""
    violation = Violation("body", at, keyword, message, str(seen)[:80])
    return Problem(422, str(violation), code=INVALID, violations=(violation,))


def value_matcher(given: Json, at: str) -> Matcher:
    """The test that a matcher describes. Raises Problem 422 for what it does not know."""
    if isinstance(given, str):
        return _equal_to(given, {}, at)
    if not isinstance(given, dict) or not given:
        raise refused(at, "type", f'expected a matcher such as {{"equalTo": "a"}}, got {json.dumps(given)[:80]}')
    named = [name for name in given if name in OPERATORS]
    if len(named) != 1:
        seen = ", ".join(given)
        known = ", ".join(OPERATORS)
        raise refused(at, "matcher", f"{seen[:200]!r} has {len(named)} matchers; expected one of {known}", seen)
    name = named[0]
    make, options = OPERATORS[name]
    for option in given.keys() - {name}:
        if option not in options:
            known = ", ".join(sorted(options)) or "none"
            raise refused(f"{at}/{option}", "matcher", f"{name} has no option {option[:80]!r}; it has {known}", option)
        if not isinstance(given[option], bool):
            raise refused(f"{at}/{option}", "type", "expected true or false", given[option])
    return make(given[name], given, f"{at}/{name}")


def _text(expected: Json, at: str) -> str:
    if not isinstance(expected, str):
        raise refused(at, "type", f"expected a text, got {json.dumps(expected)[:80]}", expected)
    return expected


def _equal_to(expected: Json, options: Mapping[str, Any], at: str) -> Matcher:
    text = _text(expected, at)
    if options.get("caseInsensitive"):
        folded = text.casefold()
        return lambda value: value is not None and value.casefold() == folded
    return lambda value: value == text


def _contains(expected: Json, _options: Mapping[str, Any], at: str) -> Matcher:
    text = _text(expected, at)
    return lambda value: value is not None and text in value


def _lacks(expected: Json, _options: Mapping[str, Any], at: str) -> Matcher:
    text = _text(expected, at)
    return lambda value: value is None or text not in value


def pattern_test(expected: Json, at: str) -> Callable[[str], bool]:
    """A test for texts that match the whole regular expression. Raises Problem 422 for one that cannot be used."""
    try:
        return whole_match(_text(expected, at))
    except ValueError as error:
        raise refused(at, "format", str(error), expected) from None


def _matches(expected: Json, _options: Mapping[str, Any], at: str) -> Matcher:
    test = pattern_test(expected, at)
    return lambda value: value is not None and test(value)


def _mismatches(expected: Json, _options: Mapping[str, Any], at: str) -> Matcher:
    test = pattern_test(expected, at)
    return lambda value: value is None or not test(value)


def _absent(expected: Json, _options: Mapping[str, Any], at: str) -> Matcher:
    if expected is True or expected == "(absent)":
        return lambda value: value is None
    if expected is False:
        return lambda value: value is not None
    raise refused(at, "type", "expected true", expected)


def _anything(_expected: Json, _options: Mapping[str, Any], _at: str) -> Matcher:
    return lambda _value: True


_NOTHING = object()
"""What is no JSON: like no expected value."""


def _json_of(value: str | None) -> Json:
    if value is None:
        return _NOTHING
    try:
        return read_json(value.encode())
    except (Malformed, UnicodeEncodeError):
        return _NOTHING


def _equal_to_json(expected: Json, options: Mapping[str, Any], at: str) -> Matcher:
    if isinstance(expected, str):
        try:
            expected = read_json(expected.encode())
        except (Malformed, UnicodeEncodeError) as error:
            raise refused(at, "format", f"expected JSON: {error}", expected) from None
    likeness = JsonLikeness(bool(options.get("ignoreArrayOrder")), bool(options.get("ignoreExtraElements")))
    return lambda value: likeness.holds(expected, _json_of(value))


def _matches_json_path(expected: Json, _options: Mapping[str, Any], at: str) -> Matcher:
    # Imported here, since importing it takes time that few need.
    from mockserver.engine.interventions.matching.json_paths import json_path

    if isinstance(expected, dict):
        expression = _text(expected.get("expression"), f"{at}/expression")
        inner = {name: value for name, value in expected.items() if name != "expression"}
        matches = value_matcher(inner, at)
    else:
        expression, matches = _text(expected, at), lambda text: text is not None
    try:
        find = json_path(expression)
    except ValueError as error:
        raise refused(at, "format", f"{expression[:80]!r} is no JSONPath (RFC 9535): {error}", expression) from None

    def test(value: str | None) -> bool:
        document = _json_of(value)
        found = [] if document is _NOTHING else find(document)
        return any(matches(_shown(one)) for one in found) if found else matches(None)

    return test


def _shown(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _equal_to_xml(expected: Json, _options: Mapping[str, Any], at: str) -> Matcher:
    from mockserver.engine.interventions.matching.xml_likeness import canonical

    wanted = canonical(_text(expected, at))
    if wanted is None:
        raise refused(at, "format", "expected an XML document", expected)
    return lambda value: value is not None and canonical(value) == wanted


def _binary_equal_to(expected: Json, _options: Mapping[str, Any], at: str) -> Matcher:
    try:
        content = b64decode(_text(expected, at), validate=True)
    except ValueError:
        raise refused(at, "format", "expected Base64", expected) from None
    return lambda value: value is not None and value.encode("utf-8", "surrogateescape") == content


def _parts(expected: Json, at: str) -> list[Matcher]:
    if not isinstance(expected, list) or not expected:
        raise refused(at, "type", "expected a list of matchers", expected)
    return [value_matcher(part, f"{at}/{index}") for index, part in enumerate(expected)]


def _and(expected: Json, _options: Mapping[str, Any], at: str) -> Matcher:
    parts = _parts(expected, at)
    return lambda value: all(matches(value) for matches in parts)


def _or(expected: Json, _options: Mapping[str, Any], at: str) -> Matcher:
    parts = _parts(expected, at)
    return lambda value: any(matches(value) for matches in parts)


def _not(expected: Json, _options: Mapping[str, Any], at: str) -> Matcher:
    matches = value_matcher(expected, at)
    return lambda value: not matches(value)


_NONE: Final[frozenset[str]] = frozenset()
OPERATORS: Final[Mapping[str, tuple[Callable[[Json, Mapping[str, Any], str], Matcher], frozenset[str]]]] = {
    "equalTo": (_equal_to, frozenset({"caseInsensitive"})),
    "contains": (_contains, _NONE),
    "doesNotContain": (_lacks, _NONE),
    "matches": (_matches, _NONE),
    "doesNotMatch": (_mismatches, _NONE),
    "equalToJson": (_equal_to_json, frozenset({"ignoreArrayOrder", "ignoreExtraElements"})),
    "matchesJsonPath": (_matches_json_path, _NONE),
    "equalToXml": (_equal_to_xml, _NONE),
    "binaryEqualTo": (_binary_equal_to, _NONE),
    "absent": (_absent, _NONE),
    "anything": (_anything, _NONE),
    "and": (_and, _NONE),
    "or": (_or, _NONE),
    "not": (_not, _NONE),
}
"""Each matcher with its options."""
