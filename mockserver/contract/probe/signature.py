"""Finds what a webhook's signature was computed of."""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections.abc import Iterator, Mapping
from typing import Final

UNKNOWN_TEXT: Final = "nothing known"


def signed_text(headers: Mapping[str, str], body: str, header: str, secret: str) -> str:
    """The text of which the header is the HMAC-SHA256 with this secret, in hexadecimal or Base64: `body`, or the name
    of the header that stands before it, as in `x-timestamp.body`; UNKNOWN_TEXT where it is of none of these.
    """
    signature = headers.get(header, "")
    return next((name for name, text in _candidates(headers, body) if _is_of(signature, text, secret)), UNKNOWN_TEXT)


def _candidates(headers: Mapping[str, str], body: str) -> Iterator[tuple[str, str]]:
    """Texts that may have been signed, by name."""
    yield "body", body
    for name, value in headers.items():
        for between in (".", "", ":", "\n"):
            yield f"{name}{between}body", f"{value}{between}{body}"


def _is_of(signature: str, text: str, secret: str) -> bool:
    """Whether the signature has the digest of the text in it."""
    digest = hmac.digest(secret.encode(), text.encode(), "sha256")
    return digest.hex() in signature.lower() or b64encode(digest).decode() in signature
