"""Cuts one page out of a list: by a cursor, by an offset, or by a page number."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Sequence
from operator import gt, lt
from typing import Any, Generic, NamedTuple, TypeVar

from mockserver.json_text import Json, read_json

_Entry = TypeVar("_Entry")
Rank = tuple[Any, ...]


class Page(NamedTuple, Generic[_Entry]):
    """Some neighbours of a sorted list; whether the list begins with them, and whether it ends with them."""

    entries: list[_Entry]
    is_first: bool
    is_last: bool


def page_beside(
    cursor: Rank | None,
    entries: Iterable[_Entry],
    rank: Callable[[_Entry], Rank],
    limit: int,
    *,
    descending: bool = False,
    backwards: bool = False,
) -> Page[_Entry]:
    """Up to `limit` entries that follow the rank `cursor` in the order of their ranks, or with `backwards` precede it.

    None is before the first entry, or with `backwards` behind the last. A negative `limit` is no limit. No entry
    needs to have the rank of the cursor, so pages do not shift where entries come and go.
    """
    ordered = beyond = sorted(entries, key=rank, reverse=descending)
    if cursor is not None:
        is_beyond = gt if descending is backwards else lt
        beyond = [entry for entry in ordered if is_beyond(rank(entry), cursor)]
    size = len(beyond) if limit < 0 else min(limit, len(beyond))
    start = len(beyond) - size if backwards else 0
    place = start if backwards else len(ordered) - len(beyond)
    return Page(beyond[start : start + size], place == 0, place + size == len(ordered))


def write_cursor(value: Json) -> str:
    """The value as a text that is opaque to a client: its JSON in base64url without padding."""
    content = json.dumps(value, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def read_cursor(text: str) -> Json:
    """The value that a cursor was written from; None where the text is no cursor."""
    try:
        return read_json(base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True))
    except ValueError:
        return None


class Cut(NamedTuple, Generic[_Entry]):
    """Some neighbours of a list, of `total` entries on all pages; `limit` and `offset` are those that held."""

    entries: Sequence[_Entry]
    total: int
    limit: int
    offset: int


def page_at(entries: Sequence[_Entry], limit: int, offset: int, most: int) -> Cut[_Entry]:
    """Up to `limit` entries behind the first `offset` of them, in their order. What is out of range (fewer than 1,
    more than `most`, below 0) becomes the nearest value in it; an API that refuses such values never asks with them.
    """
    limit, offset = min(max(limit, 1), most), max(offset, 0)
    return Cut(entries[offset : offset + limit], len(entries), limit, offset)


class Sheet(NamedTuple, Generic[_Entry]):
    """The page with this `number`, from 1, of a list of `total` entries; the `last` page of an empty list is page 1."""

    entries: Sequence[_Entry]
    number: int
    last: int
    total: int

    @property
    def next(self) -> int | None:
        """The number of the page that follows; None where none does."""
        return self.number + 1 if self.number < self.last else None


def numbered_page(entries: Sequence[_Entry], number: int, size: int) -> Sheet[_Entry]:
    """Page `number` (1 or more) of the entries, in their order, `size` (1 or more) a page. Beyond the last page there
    is an empty one with the number that was asked for.
    """
    last = max(1, -(-len(entries) // size))
    begin = (number - 1) * size
    return Sheet(entries[begin : begin + size], number, last, len(entries))
