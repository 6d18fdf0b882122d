"""Looks: the parts of an answer that an option may change."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Final, NamedTuple

from mockserver.contract.probe.signature import signed_text
from mockserver.contract.replay.player import PlayedAnswer
from mockserver.json_pointer import MISSING, child, tokens
from mockserver.json_text import Json

ABSENT: Final = "(absent)"
"""Stands for a part that an answer does not have."""

MOST_TEXT: Final = 200
"""Characters of a text that is looked at as a whole and shown."""


class TimedAnswer(NamedTuple):
    """An answer, and when it came in epoch seconds of the server's own time."""

    played: PlayedAnswer
    at: float


@dataclass(frozen=True, slots=True)
class Look:
    """One part of an answer, or what is said of it: `text` is how it is written, `how` names what is done with the
    `part`. Of two parts, `other` is of the earlier answer of the step `earlier`. `pattern` is a regular expression.
    """

    text: str
    how: str
    part: str
    earlier: str = ""
    other: str = ""
    pattern: str = ""

    def seen(self, answers: Sequence[TimedAnswer], earlier: Mapping[str, TimedAnswer]) -> Json:
        """What is seen in the answers of one step, which has several only where it was sent several times.

        `earlier` are the last answers of named steps. Raises LookupError where the earlier one has not got the part.
        """
        if self.how == "distinct":
            return len({repr(_part(self.part, answer)) for answer in answers})
        if self.how == "varies":
            return len({repr(_part(self.part, answer)) for answer in answers}) > 1
        if self.how == "usual":
            return Counter(_keyed(_part(self.part, answer)) for answer in answers).most_common(1)[0][0]
        if len(answers) > 1:
            return [self._seen(answer, earlier) for answer in answers]
        return self._seen(answers[0], earlier)

    def _seen(self, answer: TimedAnswer, earlier: Mapping[str, TimedAnswer]) -> Json:
        found = _part(self.part, answer)
        if self.how in _COMPARED:
            if self.earlier not in earlier:
                raise LookupError(f"`{self.earlier}` has no answer")
            return _COMPARED[self.how](found, _part(self.other, earlier[self.earlier]))
        if self.how == "age":
            return _age(found, answer.at)
        if self.how == "matches":
            return _matched(self.pattern, found)
        if self.how == "signed":
            return self._signed(found, earlier)
        if self.how == "same":
            if self.earlier not in earlier:
                raise LookupError(f"`{self.earlier}` has no answer")
            other = _part(self.part, earlier[self.earlier])
            return _equal(_matched(self.pattern, found), _matched(self.pattern, other))
        return _TOLD[self.how](found)

    def _signed(self, event: Json, earlier: Mapping[str, TimedAnswer]) -> Json:
        """The name of the text that the event's signature is of."""
        secret = _part(self.other, earlier[self.earlier]) if self.earlier in earlier else ABSENT
        if not isinstance(event, dict) or not isinstance(secret, str):
            return ABSENT
        return signed_text(event["headers"], event["text"], self.pattern, secret)


def look_of(text: str) -> Look:
    """The look that is written so. Raises ValueError with what was expected.

    A part is `status`, `body`, `text`, `header NAME` or a JSON pointer, in which `*` stands for every item. Alone it
    is looked at as it is; `has`, `type`, `count`, `members`, `order`, `age`, `distinct`, `varies` or `usual` before it
    say what of it; `= STEP PART`, `< STEP PART`, `- STEP PART` and `~ REGEX` after it compare it, and
    `same STEP PART ~ REGEX` says whether the expression finds the same in two answers. `signed EVENT HEADER by STEP
    PART` says of what the header of a webhook is the signature, with the secret in an earlier answer.
    """
    if (found := _SIGNED.fullmatch(text)) is not None:
        return Look(text, "signed", found["part"], found["step"], found["other"], found["header"].lower())
    if (found := _SAME.fullmatch(text)) is not None:
        return Look(text, "same", found["part"], found["step"], pattern=_compilable(found["pattern"]))
    if (found := _MATCHES.fullmatch(text)) is not None:
        return Look(text, "matches", found["part"], pattern=_compilable(found["pattern"]))
    if (found := _COMPARES.fullmatch(text)) is not None:
        return Look(text, _SIGNS[found["sign"]], found["part"], found["step"], found["other"])
    if (found := _TELLS.fullmatch(text)) is not None:
        return Look(text, found["how"] or "value", found["part"])
    raise ValueError(
        f"{text!r} is no look; expected status, body, text, `header NAME` or a JSON pointer, one of "
        f"{', '.join(_BEFORE)} before it, or `= STEP PART`, `< STEP PART`, `- STEP PART`, `~ REGEX` after it"
    )


def _matched(pattern: str, value: Json) -> Json:
    """Whether the text matches; what its first group matched, if there is one and the text matches. ABSENT stays so."""
    if value == ABSENT:
        return ABSENT
    found = re.search(pattern, value) if isinstance(value, str) else None
    return found[1] if found is not None and found.re.groups else found is not None


def _keyed(value: Json) -> Json:
    """A scalar itself, as it can be counted; anything else as its text."""
    return value if value is None or isinstance(value, (str, int, float)) else repr(value)


def _part(part: str, answer: TimedAnswer) -> Json:
    """The part of the answer; ABSENT where it has none."""
    played = answer.played
    if part == "status":
        return played.status
    if part == "text":
        return played.content.decode("utf-8", "replace")
    if part.startswith("header "):
        found = played.header(part.removeprefix("header "))
        return ABSENT if found is None else found
    body = played.value
    if body is MISSING:
        return ABSENT
    return body if part == "body" else _at(body, tokens(part))


def _at(node: Json, way: Sequence[str]) -> Json:
    for number, token in enumerate(way):
        if token == "*":  # noqa: S105 - a token of a pointer
            return [_at(item, way[number + 1 :]) for item in node] if isinstance(node, list) else ABSENT
        node = node[-1] if token == "-1" and isinstance(node, list) and node else child(node, token)  # noqa: S105
        if node is MISSING:
            return ABSENT
    return node


def _type(value: Json) -> Json:
    if value == ABSENT:
        return ABSENT
    kinds = {bool: "boolean", int: "number", float: "number", str: "string", list: "array", dict: "object"}
    return "null" if value is None else kinds[type(value)]


def _count(value: Json) -> Json:
    return len(value) if isinstance(value, (list, dict)) else ABSENT


def _members(value: Json) -> Json:
    return sorted(value) if isinstance(value, dict) else ABSENT


def _order(value: Json) -> Json:
    """Whether the items of an array go up or down: `up`, `down`, `level` where all are alike, `neither`."""
    if not isinstance(value, list) or ABSENT in value:
        return ABSENT
    if all(first == second for first, second in pairwise(value)):
        return "level"
    try:
        if all(first <= second for first, second in pairwise(value)):
            return "up"
        return "down" if all(first >= second for first, second in pairwise(value)) else "neither"
    except TypeError:
        return "neither"


def _equal(value: Json, other: Json) -> Json:
    """Whether the values are the same; ABSENT where neither is there, which would be so of any two answers."""
    return ABSENT if value == other == ABSENT else value == other


def _minus(value: Json, other: Json) -> Json:
    """The difference of two numbers, or of two times in seconds."""
    first, second = _number(value), _number(other)
    return ABSENT if first is None or second is None else round(first - second, 6)


def _less(value: Json, other: Json) -> Json:
    """Whether the first of two numbers or times is the smaller one."""
    first, second = _number(value), _number(other)
    return ABSENT if first is None or second is None else first < second


def _age(value: Json, at: float) -> Json:
    """The hours between a time and the answer that has it, to the half hour: 9.0 for one in a zone that is ahead."""
    number = _number(value)
    return ABSENT if number is None else round((number - at) / 1800) / 2


def _number(value: Json) -> float | None:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    if not isinstance(value, str) or value == ABSENT:
        return None
    try:
        return float(value)
    except ValueError:
        pass
    try:
        time = datetime.fromisoformat(value)
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()
    except ValueError:
        return None


_TOLD: Final[Mapping[str, Callable[[Json], Json]]] = {
    "value": lambda value: value,
    "has": lambda value: value != ABSENT,
    "type": _type,
    "count": _count,
    "members": _members,
    "order": _order,
}
_COMPARED: Final[Mapping[str, Callable[[Json, Json], Json]]] = {
    "equals": _equal,
    "less": _less,
    "minus": _minus,
}
_SIGNS: Final = {"=": "equals", "<": "less", "-": "minus"}
_BEFORE: Final = (*(name for name in _TOLD if name != "value"), "age", "distinct", "varies", "usual")

_PART: Final = r"status|body|text|header [A-Za-z0-9-]+|/\S*"
_TELLS: Final = re.compile(rf"(?:(?P<how>{'|'.join(_BEFORE)}) )?(?P<part>{_PART})")
_COMPARES: Final = re.compile(rf"(?P<part>{_PART}) (?P<sign>[=<-]) (?P<step>[a-z][a-z0-9-]*) (?P<other>{_PART})")
_SIGNED: Final = re.compile(
    rf"signed (?P<part>/\S*) (?P<header>[A-Za-z0-9-]+) by (?P<step>[a-z][a-z0-9-]*) (?P<other>{_PART})"
)
_SAME: Final = re.compile(rf"same (?P<step>[a-z][a-z0-9-]*) (?P<part>{_PART}) ~ (?P<pattern>.+)")
_MATCHES: Final = re.compile(rf"(?P<part>{_PART}) ~ (?P<pattern>.+)")


def _compilable(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"{pattern!r} is no regular expression: {error}") from None
    return pattern
