"""Escapes a client's text for one line of a terminal or a log."""

from __future__ import annotations

import re
from typing import Final

_CONTROL: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff"
    "\U000e0000-\U000e007f]"
)
"""Control characters (C0, DEL, C1), and what reorders or hides text: marks of direction, line and paragraph separators,
characters of no width, lone surrogates, tags.
"""


def printable(text: str) -> str:
    r"""The text in one line, with each character that steers a terminal as an escape: `\x1b`, `\n`, `\u202e`."""
    return text if _CONTROL.search(text) is None else _CONTROL.sub(_escape, text)


def printable_lines(text: str) -> str:
    """The same of a text of several lines, each after the first of which is indented, so that none looks like the
    first line of another message.
    """
    return "\n    ".join(map(printable, text.rstrip("\n").split("\n")))


def _escape(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode("ascii")
