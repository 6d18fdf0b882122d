"""Compares a value as it was written with the value as it is read: equal but for what servers rightly normalize."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from mockserver.json_text import Json
from mockserver.spelling import plain

VOLATILE: Final = frozenset(
    {"version", "revision", "etag", "updatedat", "modifiedat", "lastmodified", "changedat", "modified", "updated",
     "password", "secret", "token", "pin", "cvc", "cardnumber"}
)  # fmt: skip
"""Members, by plain name, that servers set themselves or do not show as they were sent."""


def lost(sent: Json, read: Json) -> bool:
    """Whether a value that was written is read as another one, which no normalization explains."""
    if isinstance(sent, dict) and isinstance(read, dict):
        return any(
            name in read and plain(name) not in VOLATILE and lost(value, read[name]) for name, value in sent.items()
        )
    if isinstance(sent, list) and isinstance(read, list):
        return _lost_items(sent, read)
    if isinstance(sent, bool) or isinstance(read, bool):
        return isinstance(sent, bool) and isinstance(read, bool) and sent is not read
    if isinstance(sent, int | float) and isinstance(read, int | float):
        return not _close(sent, read)
    if isinstance(sent, str) and isinstance(read, str):
        return not _alike(sent, read)
    return False  # Of another kind: it is shown in another form.


def is_telling(sent: Json) -> bool:
    """Whether a value that is not kept can be told from one that is: what is empty may be left out, and what is no
    readable text may be cleaned away.
    """
    if isinstance(sent, str):
        return bool(sent.strip()) and _is_readable(sent)
    if isinstance(sent, dict):
        return any(plain(name) not in VOLATILE and is_telling(value) for name, value in sent.items())
    return sent is not None and sent != []


def telling_values(sent: Mapping[str, Json], above: str = "") -> dict[str, Json]:
    """The values that tell something, by the path of their member: `attributes.title`."""
    found: dict[str, Json] = {}
    for name, value in sent.items():
        if plain(name) in VOLATILE:
            continue
        if isinstance(value, dict):
            found |= telling_values(value, f"{above}{name}.")
        elif is_telling(value):
            found[f"{above}{name}"] = value
    return found


def is_uniform(value: Json) -> bool:
    """Whether a text has one character alone: what is read instead may be another length of it, as if shortened."""
    return isinstance(value, str) and len(set(value)) < 2


def _lost_items(sent: list[Json], read: list[Json]) -> bool:
    if any(isinstance(item, dict | list) for item in (*sent, *read)):
        return len(sent) == len(read) and any(map(lost, sent, read))
    if {type(item) for item in sent} & {type(item) for item in read} or not read or not sent:
        return {_plain(item) for item in sent} != {_plain(item) for item in read}
    return False


def _plain(value: Json) -> str:
    return value.strip().casefold() if isinstance(value, str) else str(value)


def _close(sent: float, read: float) -> bool:
    try:
        return sent == read or abs(sent - read) <= 0.01 * max(1.0, abs(sent)) * (isinstance(sent, float))
    except OverflowError:
        return False


def _alike(sent: str, read: str) -> bool:
    if _spelt(sent) == _spelt(read) or _spelt(html.unescape(read)) == _spelt(sent):
        return True
    if any(mask in read for mask in ("***", "•••", "xxxx", "XXXX")):
        return True
    if read and (_spelt(sent).startswith(_spelt(read).rstrip("….")) or sent in read):
        return True  # Shortened, or made a part of something: an address, a file name.
    moments = _moment(sent), _moment(read)
    if all(moments):
        return moments[0] == moments[1] or sent[:10] == read[:10]
    try:
        return float(sent) == float(read)
    except ValueError:
        return not _is_readable(sent)


def is_cut_at_start(text: str, whole: str) -> bool:
    """Whether a text lacks the beginning of another one: who shortens a text does it at its end. What may be an address
    around it, a quotation or markup is none.
    """
    shown, full = _spelt(text).rstrip("…."), _spelt(whole)
    before = full[: max(0, full.find(shown))] if shown else ""
    return bool(before) and not set(before) & set("/\\:=<\"'`([{*_")


def _spelt(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).split()).casefold()


def _is_readable(text: str) -> bool:
    """Whether a text has nothing that servers clean away: control characters, markup, parts of surrogate pairs."""
    return all(character.isprintable() for character in text) and not set(text) & set("<>&\\")


def is_garbled(sent: str, read: Json) -> bool:
    """Whether a text was kept in an encoding that lacks its letters, or was read in another than it was written in."""
    if not isinstance(read, str) or sent.isascii() or sent == read:
        return False
    found = _QUESTIONS.sub("?", read.strip()).replace("\N{REPLACEMENT CHARACTER}", "?")
    lacking = {
        _QUESTIONS.sub("?", sent.encode(name, "replace").decode(name)) for name in ("ascii", "latin-1", "cp1252")
    }
    other = {sent.encode().decode(name, "replace") for name in ("ascii", "latin-1", "cp1252", "cp437")}
    return found in lacking or read.strip() in map(str.strip, other)


_QUESTIONS: Final = re.compile(r"[?\N{REPLACEMENT CHARACTER}]+")


def is_moment(value: Json) -> bool:
    """Whether a value is a date or a time in the form of RFC 3339."""
    return isinstance(value, str) and len(value) >= len("2000-01-01") and _moment(value) is not None


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def differing(one: Mapping[str, Json], other: Mapping[str, Json], names: frozenset[str] | None = None) -> list[str]:
    """The members that two records have in common, of these names if any are given, and whose values differ."""
    return [
        name
        for name, value in one.items()
        if name in other and (names is None or name in names) and plain(name) not in VOLATILE and value != other[name]
    ]
