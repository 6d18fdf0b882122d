"""Explains why a value does not fit its schema: `jsonschema` is asked once `jsonschema_rs` has rejected the value."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from threading import local
from typing import Any

import jsonschema_rs

from mockserver.json_text import Json
from mockserver.openapi.schema.patterns import Unmatchable, pattern_matcher
from mockserver.openapi.schema.verdict import MOST_MATCHING
from mockserver.openapi.schema.wording import none_fits, seen_as, undeclared, violation_of
from mockserver.openapi.standards import DIALECT
from mockserver.problem import Violation

_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
FORMATS: dict[str, Callable[..., bool]] = {"byte": lambda text: _BASE64.fullmatch(text) is not None}
"""Formats that OpenAPI adds to JSON Schema: `byte` is base64 (RFC 4648, section 4)."""

MAX_VIOLATIONS = 100
FEW_ITEMS = 100
MOST_STEPS = 5_000
"""Keywords that ask further schemas, in one explanation: some 0.1 s."""
FEW_STEPS = 500
"""The same where only the first violation of a generated value is told."""
MOST_DEPTH = 80
"""How many of these keywords may lie inside one another; each takes three frames of Python and their native stack."""

log = logging.getLogger(__name__)

Compiled = Callable[[Json], jsonschema_rs.Validator | None]
Explanation = Callable[[Any, Json, Json, Json], Iterator[Any]]


def explainer(schema: Json, registry: Any, compiled: Compiled = lambda _: None) -> Any:
    """A `jsonschema` validator that finds the same violations as `jsonschema_rs`, to which it delegates what Python
    does slowly or differently. In long lists, only items that the `compiled` schema rejects are explained.
    """
    from jsonschema.validators import Draft202012Validator, extend

    delegated = ("format", "uniqueItems", "multipleOf")
    plain: Mapping[str, Any] = Draft202012Validator.VALIDATORS
    keywords: dict[str, Any] = {keyword: _delegate(keyword) for keyword in delegated}
    keywords |= {
        "additionalProperties": _additional(plain["additionalProperties"]),
        "items": _items(compiled, plain["items"]),
        "patternProperties": _pattern_properties,
        "pattern": _pattern,
        "required": _required,
        "unevaluatedProperties": _unevaluated(compiled, plain["unevaluatedProperties"]),
        "anyOf": _alternatives(is_one=False),
        "oneOf": _alternatives(is_one=True),
        "type": _type,
    }
    keywords |= {keyword: _counted(keywords.get(keyword, plain[keyword])) for keyword in _LEADING_ON}
    kind: Any = extend(Draft202012Validator, keywords)  # type: ignore[no-untyped-call]
    return kind(schema, registry=registry)


class ExplanationBudget:
    """The steps that are left for one explanation, or for several that serve one answer."""

    def __init__(self, left: int = MOST_STEPS) -> None:
        self.left = left


def violations_of(
    explain: Any, value: Json, place: str, budget: ExplanationBudget | None = None
) -> tuple[Violation, ...]:
    """The violations of an invalid value, at most 100, in the order of the value; only those that were found before the
    budget was used up, perhaps none.
    """
    budget = budget or ExplanationBudget()
    _WORK.steps = _WORK.depth = _WORK.matching = 0
    _WORK.most = budget.left
    found: list[Any] = []
    try:
        found.extend(_first_violations(explain.iter_errors(value)))
    except (_TooMuch, RecursionError):
        log.debug("a violation %s took too much to explain", place)
    budget.left -= _WORK.steps
    found.sort(key=_position)
    return tuple(violation_of(error, place) for error in found)


def _first_violations(errors: Iterator[Any]) -> Iterator[Any]:
    from jsonschema.exceptions import best_match

    for _, error in zip(range(MAX_VIOLATIONS), errors, strict=False):
        yield best_match([error])


class _Work(local):
    """The work of the explanation that this thread is about."""

    steps = 0
    most = MOST_STEPS
    depth = 0
    matching = 0


class _TooMuch(Exception):
    """An explanation takes more steps, or leads deeper, than anybody would read."""


_WORK = _Work()
_LEADING_ON = (
    "$ref", "$dynamicRef", "additionalProperties", "allOf", "anyOf", "contains", "dependentSchemas", "if", "items",
    "not", "oneOf", "patternProperties", "prefixItems", "properties", "propertyNames",
)  # fmt: skip
"""The keywords that ask further schemas."""


def _counted(explain: Explanation) -> Explanation:
    """Raises _TooMuch where the steps or the depth of an explanation are used up."""

    def check(validator: Any, expected: Json, instance: Json, schema: Json) -> Iterator[Any]:
        if not _WORK.depth:
            _WORK.steps = _WORK.matching = 0
        _WORK.steps += 1
        if _WORK.steps > _WORK.most or _WORK.depth >= MOST_DEPTH:
            raise _TooMuch
        _WORK.depth += 1
        try:
            yield from explain(validator, expected, instance, schema)
        finally:
            _WORK.depth -= 1

    return check


def _type(validator: Any, expected: Json, instance: Json, _schema: Json) -> Iterator[Any]:
    """As the library does it, which writes the whole value into each message."""
    from jsonschema.exceptions import ValidationError

    if not any(validator.is_type(instance, name) for name in ([expected] if isinstance(expected, str) else expected)):
        yield ValidationError("type")


def _alternatives(*, is_one: bool) -> Explanation:
    """As the library does it, which writes the whole value and every schema into each message."""
    from jsonschema.exceptions import ValidationError

    def check(validator: Any, expected: Json, instance: Json, _schema: Json) -> Iterator[Any]:
        refusals: list[list[Any]] = []
        for index, schema in enumerate(expected):
            errors = [*validator.descend(instance, schema, schema_path=index)]
            if not errors:
                break
            refusals.append(errors)
        else:
            context = [error for errors in refusals for error in errors]
            yield ValidationError(none_fits(instance, refusals), context=context)
            return
        fitting = [schema] + [
            other for other in expected[index + 1 :] if is_one and validator.evolve(schema=other).is_valid(instance)
        ]
        if len(fitting) > 1:
            yield ValidationError(f"{seen_as(instance)} is valid under each of {', '.join(map(seen_as, fitting))}")

    return check


def _position(error: Any) -> list[tuple[int, str]]:
    return [(token, "") if isinstance(token, int) else (-1, token) for token in error.absolute_path]


def _delegate(keyword: str) -> Callable[..., Iterator[Any]]:
    from jsonschema.exceptions import ValidationError

    def check(_validator: Any, expected: Json, instance: Json, _schema: Json) -> Iterator[Any]:
        if not _single(keyword, expected)(instance):
            yield ValidationError(keyword)

    return check


@lru_cache(maxsize=512)
def _single(keyword: str, expected: Json) -> Callable[[Json], bool]:
    return jsonschema_rs.validator_for(
        {"$schema": DIALECT, keyword: expected}, validate_formats=True, formats=FORMATS
    ).is_valid


def _items(compiled: Compiled, explain: Explanation) -> Explanation:
    def check(validator: Any, expected: Json, instance: Json, schema: Json) -> Iterator[Any]:
        decided = compiled(expected) if isinstance(instance, list) and len(instance) > FEW_ITEMS else None
        if decided is None:
            yield from explain(validator, expected, instance, schema)
            return
        for index in range(len(schema.get("prefixItems", ())), len(instance)):
            if not decided.is_valid(instance[index]):
                yield from validator.descend(instance[index], expected, path=index)

    return check


def _matching(pattern: str) -> Callable[[str], bool]:
    """Whether a text matches; not where that takes too much."""
    matcher = pattern_matcher(pattern)

    def matches(text: str) -> bool:
        _WORK.matching += matcher.cost(text)
        if _WORK.matching > MOST_MATCHING:
            raise _TooMuch
        try:
            return matcher(text)
        except Unmatchable:
            return False

    return matches


def _pattern(_validator: Any, expected: Json, instance: Json, _schema: Json) -> Iterator[Any]:
    from jsonschema.exceptions import ValidationError

    if isinstance(instance, str) and not _matching(expected)(instance):
        yield ValidationError("pattern")


def _pattern_properties(validator: Any, expected: Json, instance: Json, _schema: Json) -> Iterator[Any]:
    if isinstance(instance, dict):
        for pattern, schema in expected.items():
            for name in filter(_matching(pattern), instance):
                yield from validator.descend(instance[name], schema, path=name, schema_path=pattern)


def _additional(explain: Explanation) -> Explanation:
    """Members that match a pattern are not additional ones."""
    from jsonschema.exceptions import ValidationError

    def check(validator: Any, expected: Json, instance: Json, schema: Json) -> Iterator[Any]:
        patterns = [_matching(pattern) for pattern in schema.get("patternProperties", ())]
        if patterns and isinstance(instance, dict):
            instance = {name: instance[name] for name in instance if not any(fits(name) for fits in patterns)}
            schema = {name: member for name, member in schema.items() if name != "patternProperties"}
        if expected is False and isinstance(instance, dict):
            declared = schema.get("properties", {})
            unknown = [name for name in instance if name not in declared]
            if unknown:
                yield ValidationError(undeclared(unknown, declared))
            return
        yield from explain(validator, expected, instance, schema)

    return check


def _unevaluated(compiled: Compiled, explain: Explanation) -> Explanation:
    """Delegates to the compiled schema, since patterns anywhere in it decide which members are evaluated."""
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
    """Reports each missing member at the place where it should stand."""
    from jsonschema.exceptions import ValidationError

    if isinstance(instance, dict):
        for name in names:
            if name not in instance:
                yield ValidationError("is required", path=[name])
