"""Matches the values that two servers chose themselves in the answers to one sequence."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Final
from urllib.parse import urlsplit

from mockserver.contract.replay.planned_request import PlannedRequest
from mockserver.engine.timestamps import epoch_seconds
from mockserver.json_pointer import tokens
from mockserver.json_text import Json
from mockserver.spelling import plain, words_of

ALIKE, DIFFERENT, CONTRADICTION = "alike", "different", "contradiction"
"""Two values may stand for each other; they differ; or one of them was matched with another value before."""

_DATE_TIME: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?\s?([Zz]|[+-]\d\d:?\d\d|GMT|UTC)?")
_HTTP_DATE: Final = re.compile(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT")
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")
_TIME_WORDS: Final = frozenset({
    "at", "on", "time", "timestamp", "date", "datetime", "created", "updated", "modified", "expires", "expiry",
    "expiration", "since", "until", "iat", "exp", "nbf", "seen", "login",
})  # fmt: skip
_EPOCHS: Final = ((100_000_000, 10_000_000_000), (100_000_000_000, 10_000_000_000_000))
"""Numbers that may be seconds or milliseconds since 1970: 1973 to 2286."""

_ID_WORDS: Final = frozenset({
    "id", "ids", "uid", "uuid", "guid", "ulid", "key", "keys", "token", "tokens", "secret", "etag", "cursor", "hash",
    "digest", "checksum", "signature", "nonce", "self", "href", "url", "uri", "link", "next", "prev", "previous", "sha",
})  # fmt: skip
_NUMBER_WORDS: Final = frozenset({"id", "ids", "uid", "revision"})
"""The last words of names under which servers choose texts, and numbers, themselves."""

_RANDOM: Final = (
    re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"),
    re.compile(r"[0-9A-HJKMNP-TV-Z]{26}"),
    re.compile(r"(?=[^0-9]*[0-9])[0-9a-fA-F]{16,}"),
    re.compile(r"[A-Za-z]{1,12}_(?=[^0-9]*[0-9])[A-Za-z0-9]{8,}"),
    re.compile(r"(?=[^0-9]*[0-9])(?=[^a-z]*[a-z])(?=[^A-Z]*[A-Z])[A-Za-z0-9_\-]{16,}={0,2}"),
    re.compile(r"[A-Za-z0-9_\-]{10,}\.[A-Za-z0-9_\-]{10,}\.[A-Za-z0-9_\-]{10,}"),
)
"""Texts that nobody writes by hand: UUID, ULID, hexadecimal digests, prefixed ids, random letters and digits, JWT."""

_WORD: Final = re.compile(r"[A-Za-z0-9_\-]+")
_SHORT: Final = 8
"""Texts of fewer characters, and all numbers, are ids of one collection; longer ones are the same thing everywhere."""

EVERYWHERE: Final = ""


@dataclass
class Alignment:
    """The pairs of values that two servers, left and right, gave at the same places of the answers to one sequence.

    Once matched, values must match everywhere: the renaming of left values to right ones is one to one, that of numbers
    and short texts within one collection. `sides` are the two addresses. `ignored` are names of members, JSON pointers
    (`*` for any one token) and names of headers that are not compared; `volatile` are places (operation, pointer with
    `*` for indexes) that were seen to differ between two runs on the same server: only their types are compared.
    """

    sides: tuple[str, str] = ("", "")
    ignored: Iterable[str] = ()
    volatile: set[tuple[str, str]] = field(default_factory=set)
    _given: set[tuple[str, Json]] = field(default_factory=set)
    _right_of: dict[tuple[str, Json], Json] = field(default_factory=dict)
    _left_of: dict[tuple[str, Json], Json] = field(default_factory=dict)
    _pairs: set[tuple[Json, Json]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._ignored = frozenset(self.ignored)
        self._patterns = [tokens(one) for one in self._ignored if one.startswith("/")]

    def give(self, step: PlannedRequest) -> None:
        """Takes down what the client sends: values that both servers have from it are no choices of theirs."""
        for name, value in step.literals:
            if isinstance(value, (str, int, float)) and not isinstance(value, bool):
                self._given.add((plain(name), value))

    def is_ignored(self, pointer: str) -> bool:
        """Whether the member at this pointer of a body is not compared."""
        way = tokens(pointer)
        if way and (way[-1] in self._ignored or any(token in self._ignored for token in way)):
            return True
        return any(
            len(pattern) <= len(way) and all(a in ("*", b) for a, b in zip(pattern, way, strict=False))
            for pattern in self._patterns
        )

    def is_ignored_header(self, name: str) -> bool:
        return any(name.lower() == known.lower() for known in self._ignored)

    def is_volatile(self, operation: str, pointer: str) -> bool:
        return (operation, general(pointer)) in self.volatile

    def judge(self, left: Json, right: Json, pointer: str, collection: str = EVERYWHERE) -> str:
        """Whether two unlike scalars at one place of two answers may stand for each other: ALIKE, DIFFERENT or
        CONTRADICTION. Values that servers may have chosen are matched from then on.

        `collection` is the scope of ids that are numbers or short texts.
        """
        name = _name_of(pointer)
        if self._is_same_time(left, right, name):
            return ALIKE
        if (plain(name), left) in self._given or (plain(name), right) in self._given:
            return DIFFERENT if left != right else ALIKE
        if not is_chosen(left, right, name):
            return self._judge_text(left, right)
        if isinstance(left, str) and isinstance(right, str) and self._judge_text(left, right) == ALIKE:
            return ALIKE
        return self._match(left, right, _scope(left, right, name, collection))

    def judge_address(self, left: str, right: str, collection: str) -> str:
        """Whether two addresses lead to the same record: they are alike but for what was matched; the last parts of
        their paths, which name a new record, are matched now.
        """
        if self._judge_text(left, right) == ALIKE:
            return ALIKE
        (above, _, one), (beside, _, other) = left.rpartition("/"), right.rpartition("/")
        return (
            self._match(one, other, f"{collection}/Location") if self._judge_text(above, beside) == ALIKE else DIFFERENT
        )

    def judge_id(self, left: Json, right: Json, pointer: str, collection: str = EVERYWHERE) -> str:
        """Whether two values that identify a record may stand for each other, whatever they look like: where no client
        gave one of them, the servers chose both.
        """
        name = _name_of(pointer)
        is_given = (plain(name), left) in self._given or (plain(name), right) in self._given
        if is_given or type(left) is not type(right) or not isinstance(left, (str, int)):
            return self.judge(left, right, pointer, collection)
        return self._match(left, right, _scope(left, right, name, collection))

    def right_of(self, left: Json) -> list[Json]:
        """The right values that a left value was matched with."""
        return [right for known, right in self._pairs if known == left]

    def _match(self, left: Json, right: Json, scope: str) -> str:
        known, back = self._right_of.get((scope, left), _NEW), self._left_of.get((scope, right), _NEW)
        if known is _NEW and back is _NEW:
            if (left, right) not in self._pairs:
                self._right_of[scope, left], self._left_of[scope, right] = right, left
                self._pairs.add((left, right))
            return ALIKE
        if known == right and back == left:
            return ALIKE
        # From now on the new pair counts, so that one contradiction is told once.
        self._right_of[scope, left], self._left_of[scope, right] = right, left
        self._pairs.add((left, right))
        return CONTRADICTION

    def _judge_text(self, left: Json, right: Json) -> str:
        """Whether two texts are the same but for addresses, times and values that were matched."""
        if not (isinstance(left, str) and isinstance(right, str)):
            return DIFFERENT
        left, right = (_without_address(text, side) for text, side in zip((left, right), self.sides, strict=True))
        if left == right:
            return ALIKE
        if _WORD.sub("", left) != _WORD.sub("", right):
            return DIFFERENT
        pairs = zip(_WORD.findall(left), _WORD.findall(right), strict=True)
        return ALIKE if all(a == b or self._are_matched(a, b) for a, b in pairs) else DIFFERENT

    def _are_matched(self, left: str, right: str) -> bool:
        if (left, right) in self._pairs:
            return True
        return left.isdecimal() and right.isdecimal() and (int(left), int(right)) in self._pairs

    def _is_same_time(self, left: Json, right: Json, name: str) -> bool:
        """Whether both are times of one form. Where the client gave one of them, they are the same instant."""
        one, other = time_form(left, name), time_form(right, name)
        if not one or one != other:
            return False
        if (plain(name), left) in self._given or (plain(name), right) in self._given:
            return instant(left) == instant(right)
        return True


_NEW: Final = object()


def _name_of(pointer: str) -> str:
    """The name of the nearest member."""
    return next((token for token in reversed(tokens(pointer)) if not token.isdecimal()), "")


def _scope(left: Json, right: Json, name: str, collection: str) -> str:
    """The scope in which a pair is one to one: everywhere for long texts, else one collection and member."""
    if isinstance(left, str) and isinstance(right, str) and min(len(left), len(right)) >= _SHORT:
        return EVERYWHERE
    return f"{collection}/{name or 'id'}"


def is_chosen(left: Json, right: Json, name: str) -> bool:
    """Whether servers may have chosen these values themselves, so that they may differ: what is called an id and has
    one type, and what looks random.
    """
    if type(left) is not type(right) or isinstance(left, bool) or not isinstance(left, (str, int)):
        return False
    word = _last_word(name)
    if isinstance(left, int):
        return word in _NUMBER_WORDS
    return word in _ID_WORDS or (looks_random(left) and looks_random(right))


def _last_word(name: str) -> str:
    return next(reversed(words_of(name)), "")


def names_chosen_value(name: str) -> bool:
    """Whether servers choose what stands under this name themselves, such as ids."""
    return _last_word(name) in _ID_WORDS | _NUMBER_WORDS


def looks_random(text: str) -> bool:
    """Whether nobody writes such a text by hand."""
    return any(pattern.fullmatch(text) for pattern in _RANDOM)


def time_form(value: Json, name: str) -> str:
    """The form of a point in time: `date-time`, `date`, `http-date`, `seconds`, `milliseconds`; empty if it is none.
    Numbers are times only under a name that says so.
    """
    if isinstance(value, str):
        if _DATE_TIME.fullmatch(value):
            return "date-time"
        if _DATE.fullmatch(value):
            return "date"
        return "http-date" if _HTTP_DATE.fullmatch(value) else ""
    if isinstance(value, (int, float)) and not isinstance(value, bool) and _last_word(name) in _TIME_WORDS:
        forms = zip(("seconds", "milliseconds"), _EPOCHS, strict=True)
        return next((form for form, (least, most) in forms if least <= value < most), "")
    return ""


def instant(value: Json) -> float | None:
    """A time as a number that can be compared; None for what is no time."""
    if isinstance(value, str):
        try:
            text = value.removesuffix("GMT").removesuffix("UTC").strip()
            return float(date.fromisoformat(text).toordinal()) if _DATE.fullmatch(text) else epoch_seconds(text)
        except ValueError:
            return None
    return float(value) if isinstance(value, (int, float)) else None


def general(pointer: str) -> str:
    """The pointer with `*` in the place of indexes."""
    return "".join(f"/{'*' if token.isdecimal() else token}" for token in pointer.split("/")[1:])


def _without_address(text: str, address: str) -> str:
    """The text, without the address of its server where it begins with that or with its path."""
    if not address:
        return text
    text = text.replace(address, "")
    path = urlsplit(address).path.rstrip("/")
    root = address.removesuffix(path)
    text = text.replace(root, "")
    return text.removeprefix(path) if path and text.startswith((f"{path}/", f"{path}?")) else text
