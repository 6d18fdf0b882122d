"""Operators that compare a member of a record with a value of the query."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from math import isfinite
from typing import Any, Final

from mockserver.json_text import Json

Operator = Callable[[Json, Json], bool]
"""(the member's value, the value in the query) -> whether they match."""

NAMING: Final = (
    "id", "_id", "gid", "uuid", "sid", "name", "key", "login", "slug", "username", "userName", "user_name", "email",
    "code", "title", "handle", "displayName", "display_name", "label", "tag",
)  # fmt: skip
"""Members of an object that a text in the query is compared with."""
NOTHING: Final = ("none", "null")
_WHOLE: Final = re.compile("-?[0-9]{1,100}")
"""Integers beyond the precision of a float: ids."""
_BOUNDS: Final = 2
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d")
_AFTER_DAYS: Final = ("T", "t", " ")
_SECONDS, _MILLISECONDS = 10**8, 10**11
"""A larger number is a moment, in these since 1970."""


def _equals(value: Json, wanted: Json) -> bool:
    """Returns whether both are equal. A text with commas may be a list: all of its items in a list, or one of them."""
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
    if isinstance(value, str) and day_of(value) == wanted:
        return True
    return value is not None and text_of(value) == text_of(wanted)


def day_of(text: str) -> str:
    """Returns the day of a moment, as it is written; empty for other texts."""
    return text[:10] if text[10:11] in _AFTER_DAYS and _MOMENT.match(text) else ""


def _is_among(value: Json, wanted: Json) -> bool:
    return _equals(value, [part.strip() for part in wanted.split(",")] if isinstance(wanted, str) else wanted)


def _not(compare: Operator) -> Operator:
    return lambda value, wanted: not compare(value, wanted)


def text_of(value: Json) -> str:
    """Returns the value as a query writes it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def same_quantity(value: Json, wanted: Json) -> bool:
    """Returns whether both are the same amount or moment, however they are written: `9.90` is `9.9`. A day equals each
    of its moments.
    """
    if isinstance(wanted, str) and "," in wanted:
        wanted = [part.strip() for part in wanted.split(",")]
    if isinstance(wanted, list):
        return any(same_quantity(value, part) for part in wanted)
    found, bound = quantity(value), quantity(wanted)
    if found is None or bound is None or isinstance(found, date) is not isinstance(bound, date):
        return _equals(value, wanted)
    if type(bound) is date and isinstance(found, datetime):
        found = found.date()
    return type(found) is type(bound) and found == bound if isinstance(bound, date) else found == bound


def _is_between(value: Json, wanted: Json) -> bool:
    """Returns whether the value is between two bounds: `5..10`, `5,10` or a list; an empty one and `*` are
    unbounded.
    """
    parts = wanted if isinstance(wanted, list) else re.split(r"\.\.|,", str(wanted))
    if len(parts) != _BOUNDS:
        return True
    low, high = (None if part in ("", "*") else part for part in parts)
    return (low is None or OPERATORS["gte"](value, low)) and (high is None or OPERATORS["lte"](value, high))


def _exists(value: Json, wanted: Json) -> bool:
    """Returns whether there is a value, if the query says true; else whether there is none."""
    return (value not in (None, "", [])) is (text_of(wanted).lower() not in ("false", "0", "no"))


def _text_match(found: Callable[[str, str], bool]) -> Operator:
    """Compares texts without regard to case; a `%` around the query is SQL's wildcard."""

    def compare(value: Json, wanted: Json) -> bool:
        if isinstance(value, list):
            return any(compare(item, wanted) for item in value)
        return isinstance(value, str) and found(value.casefold(), text_of(wanted).strip("%").casefold())

    return compare


def _ordering(holds: Callable[[Any, Any], bool]) -> Operator:
    """Compares numbers and times. A query that is neither matches everything, and so does a time against a number; a
    missing value matches nothing.
    """

    def compare(value: Json, wanted: Json) -> bool:
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

    return compare


def quantity(value: Json) -> float | date | None:
    """Returns a number, a day (`date`) or a moment (`datetime`, in UTC without a zone); None for anything else."""
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


OPERATORS: Final[Mapping[str, Operator]] = {
    "equal": _equals,
    "other": _not(_equals),
    "in": _is_among,
    "none": _not(_is_among),
    "gte": _ordering(operator.ge),
    "lte": _ordering(operator.le),
    "gt": _ordering(operator.gt),
    "lt": _ordering(operator.lt),
    "between": _is_between,
    "part": _text_match(operator.contains),
    "start": _text_match(str.startswith),
    "end": _text_match(str.endswith),
    "there": _exists,
    "missing": _not(_exists),
}
"""The operators by the meanings of `names.COMPARISONS`."""

IN_WORDS: Final[Mapping[str, str]] = {
    "equal": "is",
    "other": "is not",
    "in": "is one of",
    "none": "is none of",
    "gte": "is at least",
    "lte": "is at most",
    "gt": "is more than",
    "lt": "is less than",
    "between": "is between the two of",
    "part": "contains",
    "start": "starts with",
    "end": "ends with",
    "there": "has a value if",
    "missing": "has no value if",
}
"""The operators in words for users."""

BOUNDS: Final = frozenset({"gte", "lte", "gt", "lt", "between"})
"""The operators for numbers and times alone."""
