"""Bodies and parameters as clients send them by mistake, or seldom: invalid ones, and valid ones that are odd."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain, combinations, islice
from typing import Final, NamedTuple

from mockserver.contract.replay.alignment import looks_random
from mockserver.contract.replay.planned_request import AnswerReference
from mockserver.contract.sequences.sample_values import UNKNOWN_IDS, SampleBody
from mockserver.json_text import Json, copied
from mockserver.openapi.model.parameter import Parameter
from mockserver.spelling import words_of

_ODD: Final[tuple[tuple[str, Json], ...]] = (
    ("an empty text", ""), ("a blank text", " "), ("letters beyond ASCII", "Zoë 🐾 漢字"),
    ("quotes", "O'Hara \"x\" %s {0}"),
    ("zero", 0), ("a negative number", -1), ("a large number", 2**53 + 1), ("a fraction", 0.1), ("null", None),
    ("an empty object", {}), ("a long text", "x" * 300), ("a line end", "a\nb"),
)  # fmt: skip
_WRONG: Final[tuple[tuple[str, Json], ...]] = (
    ("a text", "not-valid"), ("a number", 12345), ("true", True), ("null", None), ("a list", ["x"]),
    ("an object", {"x": 1}), ("a negative number", -1), ("a huge number", 10**12), ("an empty text", ""),
    ("an empty list", []), ("a blank text", " "), ("a long text", "x" * 300),
)  # fmt: skip
MOST_OF_EACH: Final = 24
"""Invalid bodies, and odd ones, of one operation, by what is unusual in the body itself."""
MOST_INSIDE: Final = 36
"""Those of one operation by what is unusual in the objects and lists within its body."""
MOST_ITEMS: Final = 600
"""Items of a long list."""
_LEVELS: Final = 3
"""Objects and lists in each other that are looked into."""
UNKNOWN_MEMBER: Final = "mockserver_unknown"
"""A member that no API knows. Whether a server keeps it or drops it is no difference; whether it refuses it, is."""
_PARAMETERS: Final[tuple[Json, ...]] = ("not-valid", -1, 0, 10**9, "", "1.5")
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
_LONG_AGO: Final = "2001-02-03"


class UnusualBody(NamedTuple):
    """A body and what is unusual about it."""

    what: str
    value: Json


class _Place(NamedTuple):
    """An object or a list within a body: what it is called there, and the whole body with another in its place."""

    name: str
    value: Json
    whole: Callable[[Json], Json]


def invalid_bodies(body: SampleBody) -> Iterator[UnusualBody]:
    """Bodies that break the schema in one place: a required member is missing, or one has another type or value."""
    return _unusual(body, _invalid, is_valid=False)


def odd_bodies(body: SampleBody) -> Iterator[UnusualBody]:
    """Valid bodies in which one member has a value that servers seldom meet, is not there, or is one too many."""
    return _unusual(body, _odd, is_valid=True)


def long_bodies(body: SampleBody) -> Iterator[UnusualBody]:
    """Bodies with more items in a list than servers usually get, or than their schema allows."""
    for place in _places(body.value):
        if isinstance(place.value, list) and place.value:
            many = place.whole([copied(place.value[0])] * MOST_ITEMS)
            yield UnusualBody(f"{MOST_ITEMS} items" + (f" in `{place.name}`" if place.name else ""), many)


def _unusual(
    body: SampleBody, changed: Callable[[_Place, Callable[[Json], bool]], Iterator[UnusualBody]], *, is_valid: bool
) -> Iterator[UnusualBody]:
    def of(place: _Place) -> Iterator[UnusualBody]:
        found = changed(place, lambda value: body.accepts(place.whole(value)) is is_valid)
        inside = f" in `{place.name}`" if place.name else ""
        return (UnusualBody(what + inside, place.whole(value)) for what, value in found)

    places = [*_places(body.value)]
    yield from islice(chain.from_iterable(map(of, places[:1])), MOST_OF_EACH)
    yield from islice(chain.from_iterable(map(of, places[1:])), MOST_INSIDE)


def _places(value: Json, name: str = "", levels: int = _LEVELS) -> Iterator[_Place]:
    """The body, the objects within it, its lists, and the first item of each."""
    if not isinstance(value, (dict, list)):
        return
    yield _Place(name, value, lambda changed: changed)
    inner = [*value.items()] if isinstance(value, dict) else [*enumerate(value[:1])]
    for key, member in inner if levels else ():
        called = f"{name}[0]" if isinstance(value, list) else f"{name}.{key}" if name else str(key)
        for place in _places(member, called, levels - 1):
            yield place._replace(whole=partial(_within, value, key, place.whole))


def _within(value: Json, key: str | int, whole: Callable[[Json], Json], member: Json) -> Json:
    """The value with the whole of what stands under a key, in which one part is this member."""
    changed = copied(value)
    changed[key] = whole(member)
    return changed


def _invalid(place: _Place, fits: Callable[[Json], bool]) -> Iterator[UnusualBody]:
    value = place.value
    if isinstance(value, list):
        yield from _of_list(value, fits)
        return
    for name in value:
        rest = {other: copied(member) for other, member in value.items() if other != name}
        if fits(rest):
            yield UnusualBody(f"without `{name}`", rest)
    for name, member in value.items():
        wrong = [(what, other) for what, other in _WRONG if fits({**copied(value), name: other})]
        unlike = [pair for pair in wrong if type(pair[1]) is not type(member)]
        alike = [pair for pair in wrong if type(pair[1]) is type(member) and not isinstance(member, list)]
        near = [(what, other) for what, other in _near(name, member) if fits({**copied(value), name: other})]
        for what, other in (*unlike[:2], *alike[:2], *near):
            yield UnusualBody(f"{what} as `{name}`", {**copied(value), name: other})
    if fits(more := {**copied(value), UNKNOWN_MEMBER: "x"}):
        yield UnusualBody("an unknown member", more)


def _odd(place: _Place, fits: Callable[[Json], bool]) -> Iterator[UnusualBody]:
    value = place.value
    if isinstance(value, list):
        yield from _of_list(value, fits)
        return
    if fits(more := {**copied(value), UNKNOWN_MEMBER: "x"}):
        yield UnusualBody("an unknown member", more)
    if len(value) > 1 and fits({}):
        yield UnusualBody("no members", {})
    for name, member in value.items():
        rest = {other: copied(inner) for other, inner in value.items() if other != name}
        if rest and fits(rest):
            yield UnusualBody(f"without `{name}`", rest)
        for what, other in _near(name, member):
            if fits(changed := {**copied(value), name: other}):
                yield UnusualBody(f"{what} as `{name}`", changed)
    yield from _reversed_days(value, fits)
    for name, member in value.items():
        for what, odd in _ODD:
            if odd != member and fits(changed := {**copied(value), name: odd}):
                yield UnusualBody(f"{what} as `{name}`", changed)


def _near(name: str, member: Json) -> Iterator[tuple[str, Json]]:
    """Values that are almost the sent one: another id, with spaces around it, in capitals, long ago, or a number in
    quotes.
    """
    is_reference = isinstance(member, AnswerReference)
    if (is_reference or isinstance(member, (str, int))) and next(reversed(words_of(name)), "") in ("id", "uuid"):
        yield from (("an id that nothing has", one) for one in UNKNOWN_IDS if is_reference or type(one) is type(member))
    if isinstance(member, (int, float)) and not isinstance(member, bool):
        yield "a number in quotes", str(member)
    elif isinstance(member, str) and _DAY.match(member):
        yield "a time long ago", _LONG_AGO + member[len(_LONG_AGO) :]
    elif isinstance(member, str) and member.strip():
        yield "spaces around it", f" {member} "
        if looks_random(member) and member != member.upper():
            yield "capitals", member.upper()


def _reversed_days(value: dict[str, Json], fits: Callable[[Json], bool]) -> Iterator[UnusualBody]:
    """The end before the beginning, where two members are days or times."""
    days = [name for name, member in value.items() if isinstance(member, str) and _DAY.match(member)]
    for one, other in islice(combinations(days, 2), 2):
        earlier, later = sorted((value[one], value[other]))
        later = f"{int(later[:4]) + 1:04}{later[4:]}" if earlier == later else later
        if fits(changed := {**copied(value), one: later, other: earlier}):
            yield UnusualBody(f"`{one}` after `{other}`", changed)


def _of_list(value: list[Json], fits: Callable[[Json], bool]) -> Iterator[UnusualBody]:
    """No items, the first one twice, and null among them."""
    found: list[tuple[str, Json]] = [("no items", [])]
    if value:
        found.append(("the first item twice", [*copied(value[:1]), *copied(value)]))
        found.append(("null among the items", [*copied(value), None]))
    yield from (UnusualBody(what, changed) for what, changed in found if changed != value and fits(changed))


def invalid_value(parameter: Parameter) -> Json:
    """A text that is no value of the parameter; None where every text is one."""
    for text in _PARAMETERS:
        value = parameter.view.decode(str(text)) if not parameter.is_array else [parameter.view.item.decode(str(text))]
        if not parameter.validator.accepts(value):
            return text
    return None
