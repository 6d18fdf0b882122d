"""Bounds the number of members and items in a body, since these cost more than its bytes."""

from __future__ import annotations

import re
from typing import Final

from mockserver.engine.body.media_families import FORM, JSON, LINES, XML
from mockserver.json_text import Json
from mockserver.problem import TOO_LARGE, Problem

MOST_BODY_PARTS: Final = 300_000
"""The most parts of a body: names, members and items in JSON, tags and attributes in XML. A body of fewer bytes has
fewer, so that it is not looked at.
"""

_TEXT: Final = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_COMMAS: Final = (b",", b"%2C", b"%2c")
_KINDS: Final = {JSON: "names, members and items", LINES: "names, members and items", XML: "tags and attributes"}


def refuse_many_parts(content: bytes, family: str) -> None:
    """Raises a Problem 413 for a body of this family of media types that has more parts than are read."""
    if len(content) > MOST_BODY_PARTS and (parts := _parts(content, family)) > MOST_BODY_PARTS:
        raise _refusal(parts, _KINDS.get(family, "values"))


def refuse_many_values(value: Json) -> None:
    """Raises a Problem 413 for a value with more members and items than are read: the aliases of YAML may stand for
    any number of them.
    """
    waiting, parts = [value], 0
    while waiting:
        node = waiting.pop()
        if isinstance(node, (dict, list)):
            parts += len(node)
            waiting += node.values() if isinstance(node, dict) else node
        if parts > MOST_BODY_PARTS:
            raise _refusal(parts, "members and items", least=True)


def _parts(content: bytes, family: str) -> int:
    if family == XML:
        return content.count(b"<") + content.count(b'="') + content.count(b"='")
    if family == FORM:
        return sum(map(content.count, _COMMAS))
    if family in (JSON, LINES):
        parts = content.count(b",") + content.count(b":") + content.count(b"\n")
        parts += content.count(b"\x1e") if family == LINES else 0
        return parts if parts <= MOST_BODY_PARTS else _outside_texts(_TEXT.sub(b"", content), family)
    return 0


def _outside_texts(content: bytes, family: str) -> int:
    lines = max(content.count(b"\n"), content.count(b"\x1e")) if family == LINES else content.count(b"\n{")
    return content.count(b",") + content.count(b":") + lines


def _refusal(parts: int, kind: str, *, least: bool = False) -> Problem:
    seen = f"more than {MOST_BODY_PARTS:,}" if least else f"about {parts:,}"
    message = f"The body has {seen} {kind}; at most {MOST_BODY_PARTS:,} are read. Send it in several requests."
    return Problem(413, message, code=TOO_LARGE)
