"""JSON pointers (RFC 6901): their tokens, and the value that they lead to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any


def escaped(token: str) -> str:
    """The token as it stands in a JSON pointer."""
    return token.replace("~", "~0").replace("/", "~1")


def unescaped(token: str) -> str:
    """The token that a part of a JSON pointer stands for."""
    return token.replace("~1", "/").replace("~0", "~")


def tokens(pointer: str) -> list[str]:
    """The tokens of a JSON pointer: `/a~1b/0` leads to `a/b`, then to `0`."""
    return [unescaped(token) for token in pointer.split("/")[1:]]


def pointer_of(way: Sequence[str]) -> str:
    """The JSON pointer of these tokens."""
    return "".join(f"/{escaped(token)}" for token in way)


def child(node: Any, token: str) -> Any:
    """The member or the item of this name; MISSING where there is none."""
    if isinstance(node, Mapping):
        return node.get(token, MISSING)
    if isinstance(node, list) and token.isascii() and token.isdecimal() and len(token) < 10 and int(token) < len(node):
        return node[int(token)]
    return MISSING


def value_at(node: Any, way: Iterable[str], default: Any = None) -> Any:
    """The value at the end of these tokens; `default` where they lead nowhere."""
    for token in way:
        node = child(node, token)
        if node is MISSING:
            return default
    return node


MISSING = object()
"""Stands where there is no value."""
