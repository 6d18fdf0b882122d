"""Bodies and parameters as clients send them by mistake, or seldom: invalid ones, and valid ones that are odd."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final, NamedTuple

from mockserver.contract.sequences.sample_values import SampleBody
from mockserver.json_text import Json, copied
from mockserver.openapi.model.parameter import Parameter

_ODD: Final[tuple[tuple[str, Json], ...]] = (
    ("an empty text", ""), ("a blank text", " "), ("letters beyond ASCII", "Zoë 🐾 漢字"),
    ("quotes", "O'Hara \"x\" %s {0}"),
    ("zero", 0), ("a negative number", -1), ("a large number", 2**53 + 1), ("a fraction", 0.1), ("null", None),
    ("an empty list", []), ("an empty object", {}), ("a long text", "x" * 300), ("a line end", "a\nb"),
)  # fmt: skip
_WRONG: Final[tuple[tuple[str, Json], ...]] = (
    ("a text", "not-valid"), ("a number", 12345), ("true", True), ("null", None), ("a list", ["x"]),
    ("an object", {"x": 1}), ("a negative number", -1), ("a huge number", 10**12), ("an empty text", ""),
    ("an empty list", []),
)  # fmt: skip
MOST_OF_EACH: Final = 24
"""Invalid bodies, and odd ones, of one operation."""
_PARAMETERS: Final[tuple[Json, ...]] = ("not-valid", -1, 0, 10**9, "", "1.5")


class UnusualBody(NamedTuple):
    """A body and what is unusual about it."""

    what: str
    value: Json


def invalid_bodies(body: SampleBody) -> Iterator[UnusualBody]:
    """Bodies that break the schema in one place: a required member is missing, or one has another type or value."""
    if isinstance(body.value, dict):
        yield from islice(_invalid(body, body.value), MOST_OF_EACH)


def _invalid(body: SampleBody, value: dict[str, Json]) -> Iterator[UnusualBody]:
    accepts = body.accepts
    for name in value:
        rest = {other: copied(member) for other, member in value.items() if other != name}
        if not accepts(rest):
            yield UnusualBody(f"without `{name}`", rest)
    for name in value:
        wrong = ((what, {**copied(value), name: other}) for what, other in _WRONG)
        yield from islice((UnusualBody(f"{what} as `{name}`", one) for what, one in wrong if not accepts(one)), 2)
    for name, member in value.items():
        if isinstance(member, list) and member:
            mixed = {**copied(value), name: [*copied(member), None]}
            if not accepts(mixed):
                yield UnusualBody(f"null among the items of `{name}`", mixed)


def odd_bodies(body: SampleBody) -> Iterator[UnusualBody]:
    """Valid bodies in which one member has a value that servers seldom meet."""
    if isinstance(body.value, dict):
        found = (
            UnusualBody(f"{what} as `{name}`", changed)
            for name, member in body.value.items()
            for what, odd in _ODD
            if odd != member and body.accepts(changed := {**copied(body.value), name: odd})
        )
        yield from islice(found, MOST_OF_EACH)


def invalid_value(parameter: Parameter) -> Json:
    """A text that is no value of the parameter; None where every text is one."""
    for text in _PARAMETERS:
        value = parameter.view.decode(str(text)) if not parameter.is_array else [parameter.view.item.decode(str(text))]
        if not parameter.validator.accepts(value):
            return text
    return None
