"""How a member of a record compares with a value of the query."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from math import isfinite
from typing import Any, Final

from mockserver.wire import Json

Test = Callable[[Json, Json], bool]
"""(the member's value, what was asked for) -> whether the record is one of those asked for."""

NAMING: Final = ("id", "gid", "name", "key", "login", "slug")
"""What an object is called by where a text is looked for."""
NOTHING: Final = ("none", "null")
_WHOLE: Final = re.compile("-?[0-9]{1,100}")
"""Larger than a float can tell apart: ids."""
_SECONDS, _MILLISECONDS = 10**8, 10**11
"""A larger number is a moment, in these since 1970."""


def _equals(value: Json, wanted: Json) -> bool:
    """What has a comma in it may be a list of such: each of them in a list, or one of them."""
    if isinstance(wanted, list):
        return any(_equals(value, one) for one in wanted)
    if isinstance(wanted, str) and wanted.lower() in NOTHING:
        return value in (None, "", []) or _is(value, wanted)
    if _is(value, wanted) or not isinstance(wanted, str) or "," not in wanted:
        return _is(value, wanted)
    parts = [_is(value, part.strip()) for part in wanted.split(",")]
    return all(parts) if isinstance(value, list) else any(parts)


def _is(value: Json, wanted: Json) -> bool:
    if isinstance(value, list):
        return any(_is(item, wanted) for item in value)
    if isinstance(value, dict):
        return any(_is(value[name], wanted) for name in NAMING if name in value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value == quantity(wanted)
    return value is not None and text_of(value) == text_of(wanted)


def _is_among(value: Json, wanted: Json) -> bool:
    return _equals(value, [part.strip() for part in wanted.split(",")] if isinstance(wanted, str) else wanted)


def _not(test: Test) -> Test:
    return lambda value, wanted: not test(value, wanted)


def text_of(value: Json) -> str:
    """The value as a query writes it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _within(found: Callable[[str, str], bool]) -> Test:
    """Texts, whatever their case; a `%` around what is asked for is SQL's."""

    def test(value: Json, wanted: Json) -> bool:
        if isinstance(value, list):
            return any(test(item, wanted) for item in value)
        return isinstance(value, str) and found(value.casefold(), text_of(wanted).strip("%").casefold())

    return test


def _beside(holds: Callable[[Any, Any], bool]) -> Test:
    """Numbers and times. What is neither has no bounds and is none, and a time is no bound of a number: none of these
    leaves anything out. What is not there is left out.
    """

    def test(value: Json, wanted: Json) -> bool:
        bound = quantity(wanted)
        if bound is None:
            return True
        found = quantity(value)
        if found is None:
            return value is not None
        if type(bound) is date and isinstance(found, datetime):
            found = found.date()
        elif type(found) is date and isinstance(bound, datetime):
            bound = bound.date()
        if isinstance(bound, date) and not isinstance(found, date) and found > _SECONDS:
            bound = _since_1970(bound) * (1000 if found > _MILLISECONDS else 1)
        return isinstance(found, date) is not isinstance(bound, date) or bool(holds(found, bound))

    return test


def quantity(value: Json) -> float | date | None:
    """A number, a day (`date`) or a moment (`datetime`, in UTC where it names no zone); None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value
    if not isinstance(value, str):
        return None
    for read in (_number, date.fromisoformat, _moment):
        try:
            return read(value)
        except (ValueError, OverflowError):
            continue
    return None


def _number(text: str) -> float:
    if _WHOLE.fullmatch(text):
        return int(text)
    number = float(text)
    if isfinite(number):
        return number
    raise ValueError(text)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = parsedate_to_datetime(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _since_1970(day: date) -> float:
    moment = day if isinstance(day, datetime) else datetime(day.year, day.month, day.day, tzinfo=UTC)
    return moment.timestamp()


TESTS: Final[Mapping[str, Test]] = {
    "equal": _equals,
    "other": _not(_equals),
    "among": _is_among,
    "none": _not(_is_among),
    "least": _beside(operator.ge),
    "most": _beside(operator.le),
    "more": _beside(operator.gt),
    "less": _beside(operator.lt),
    "part": _within(operator.contains),
    "start": _within(str.startswith),
}
"""By the meanings of `names.COMPARISONS`."""

IN_WORDS: Final[Mapping[str, str]] = {
    "equal": "is",
    "other": "is not",
    "among": "is one of",
    "none": "is none of",
    "least": "is at least",
    "most": "is at most",
    "more": "is more than",
    "less": "is less than",
    "part": "contains",
    "start": "starts with",
}
"""The same, as users read them."""

BOUNDS: Final = frozenset({"least", "most", "more", "less"})
"""Those that are of numbers and times alone."""
