"""Reads and writes JSON exactly: integers of any size, no NaN, no infinities, no duplicate keys."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterable
from typing import Any

import jiter
import orjson

Json = Any

MAX_DEPTH = 100
_MARK = codecs.BOM_UTF8


class Malformed(ValueError):
    """These bytes are no JSON value that can be read exactly."""


class NotReadHere(Malformed):
    """These bytes may be right, but pass a limit, or are written in a way that is not read."""


def read_json(content: bytes) -> Json:
    """The JSON value of `content`, exact: integers of any size, no NaN, no infinities, no duplicate keys, at most
    100 levels deep. A byte order mark in front is ignored, as RFC 8259 allows. Raises Malformed.
    """
    try:
        value = jiter.from_json(content, allow_inf_nan=False, catch_duplicate_keys=True)
    except ValueError as error:
        if content.startswith(_MARK) and not content.startswith(_MARK, len(_MARK)):
            return read_json(content[len(_MARK) :])
        raise Malformed(_of_other_encoding(content) or _teach(str(error))) from None
    _expect_exact((value,), MAX_DEPTH)
    return value


def _of_other_encoding(content: bytes) -> str:
    """What is wrong with JSON in UTF-16 or UTF-32; empty for other bytes."""
    encoding = json.detect_encoding(content)
    if encoding.startswith("utf-8"):
        return ""
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return ""
    return f"its bytes are {encoding[:6].upper()}; JSON is sent in UTF-8 (RFC 8259, 8.1)"


def _teach(message: str) -> str:
    if message.startswith("recursion limit exceeded"):
        return f"nested deeper than {MAX_DEPTH} levels"
    if message.startswith("EOF"):
        return message.replace("EOF", "it ended", 1)
    return message[0].lower() + message[1:]


def _expect_exact(items: Iterable[Json], levels: int) -> None:
    """Raises Malformed for a number that became infinite, and for arrays and objects in more than so many levels."""
    for item in items:
        kind = type(item)
        if kind is str or kind is int:
            continue
        if kind is dict or kind is list:
            if not levels:
                raise Malformed(f"nested deeper than {MAX_DEPTH} levels")
            _expect_exact(item.values() if kind is dict else item, levels - 1)
        elif kind is float and item in _INFINITIES:
            raise Malformed("a number is too large to be represented")


_INFINITIES = (float("inf"), float("-inf"))


def encode(body: Json) -> bytes:
    """The bytes of a response body; integers of any size stay exact."""
    if isinstance(body, bytes):
        return body
    if body is None:
        return b""
    try:
        # orjson leaves the buffer that it wrote into behind the bytes, 4 KB for 100 of them; a copy has none.
        return bytes(memoryview(orjson.dumps(body)))
    except TypeError:
        return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def copied(value: Json) -> Json:
    """The value, of which every part may be changed and none is shared with another."""
    if isinstance(value, dict):
        return {name: copied(member) for name, member in value.items()}
    if isinstance(value, list):
        return [*map(copied, value)]
    return value
