"""Bounds how much of a body is searched for secrets, and so how much of it is shown."""

from __future__ import annotations

from typing import Final

from mockserver.engine.body.media_families import LINES, XML, family

MOST_JSON: Final = 2 * 1024 * 1024
"""Bytes of a JSON body that are shown; of a larger one nothing is, since its secrets are known by their places."""
MOST_TEXT: Final = 1024 * 1024
"""Bytes of any other body that are shown."""
MOST_MARKUP: Final = 256 * 1024
"""Bytes of an XML body that are shown."""

_LAST: Final = 4096
"""Bytes before the cut in which a place between two words or tags is looked for."""


def shown_bytes(content: bytes, media_type: str) -> tuple[bytes, bytes]:
    """Returns the part of a body that is shown, cut between two words or tags, and a note on the rest; empty: all is
    shown.
    """
    if len(content) <= MOST_MARKUP:
        return content, b""
    start, kind = content[:_LAST].lstrip(), family(media_type)
    is_json, is_markup = start[:1] in (b"{", b"[", b'"') and kind != LINES, start[:1] == b"<" or kind == XML
    most = MOST_JSON if is_json else MOST_MARKUP if is_markup else MOST_TEXT
    if len(content) <= most:
        return content, b""
    if is_json or b"\0" in start:  # a text in UTF-16 cannot be cut anywhere
        return b"", f"({len(content):,} bytes, of which none are shown: more than {most:,})".encode()
    if is_markup:
        kept = content[: max(0, content.rfind(b"<", 0, most))]
    else:
        end = max(content.rfind(mark, most - _LAST, most) for mark in (b" ", b"\n", b"&"))
        kept = content[: end if end > 0 else most]
    return kept, f"\n... ({len(content):,} bytes, of which {len(kept):,} are shown)".encode()
