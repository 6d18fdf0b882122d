"""Decodes bytes to text by the charset of their media type."""

from __future__ import annotations

import codecs
import re

from mockserver.json_text import NotReadHere
from mockserver.openapi.schema.schema_view import SchemaView


def bare_type(media_type: str) -> str:
    """The media type in small letters and without its parameters."""
    return media_type.partition(";")[0].strip().lower()


def parameter(media_type: str, name: str) -> str:
    """A parameter of the media type, such as its `charset`; empty where it has none."""
    found = re.search(rf';\s*{name}\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]*))', media_type, re.IGNORECASE)
    if found is None:
        return ""
    return found[2] if found[1] is None else re.sub(r"\\(.)", r"\1", found[1])


def text_of(content: bytes, media_type: str) -> str:
    """The text in the charset that the media type names, else in UTF-8. Raises NotReadHere."""
    charset = parameter(media_type, "charset") or "utf-8"
    try:
        if codecs.lookup(charset).name in _NO_CHARSETS:
            raise LookupError(charset)
        return content.decode(charset)
    except UnicodeError:
        raise NotReadHere(f"its bytes are not in the charset {charset[:40]}") from None
    except (LookupError, ValueError):
        raise NotReadHere(f"the charset {charset[:40]!r} is not known") from None


_NO_CHARSETS = {
    "idna",
    "punycode",
    "unicode-escape",
    "raw-unicode-escape",
    "unicode_escape",
    "raw_unicode_escape",
    "utf-7",
}
"""What Python can decode, but no media type is written in; some take their time, some make no text."""


def binary_text(content: bytes, kind: SchemaView) -> str:
    """The bytes as a text with one character for each; where the schema asks for text, the text that they are."""
    if kind.keyword("format") == "binary" or kind.is_any:
        return content.decode("latin-1")
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content.decode("latin-1")


def bytes_of(text: str, media_type: str) -> bytes:
    """The bytes of a text: what is no text by its media type has one character for each byte."""
    if not bare_type(media_type).startswith("text/"):
        try:
            return text.encode("latin-1") if _is_binary(bare_type(media_type)) else text.encode("utf-8", "replace")
        except UnicodeError:
            return text.encode("utf-8", "replace")
    return text.encode("utf-8", "replace")


def _is_binary(bare: str) -> bool:
    return bare.partition("/")[0] in ("image", "audio", "video", "font", "model") or bare in _BINARY


_BINARY = {"application/octet-stream", "application/pdf", "application/zip", "application/gzip", "application/x-tar"}
