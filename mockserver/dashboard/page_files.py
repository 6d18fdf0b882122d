"""The files of the page by name, and the headers that they are served with."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

FOLDER: Final = Path(__file__).with_name("static")
INDEX: Final = "index.html"
MAX_BYTES: Final = 300_000
"""The most bytes of all files of the page together, which a test holds."""

_TYPES: Final[Mapping[str, str]] = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
"""No script and no style but those of the page's own files, and no text that becomes markup."""


def headers_of(media_type: str, policy: str = POLICY, cache: str = "no-store") -> tuple[tuple[str, str], ...]:
    """The headers of a file of the page, the media type first."""
    return (
        ("Content-Type", media_type),
        ("Content-Security-Policy", policy),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "no-referrer"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Cache-Control", cache),
    )


class PageFile(NamedTuple):
    """A file of the page with the headers of its answer, the media type first."""

    content: bytes
    headers: tuple[tuple[str, str], ...]


def page_file(name: str) -> PageFile | None:
    """The file of this name, such as `views/requests.js`; None where there is none."""
    return _files().get(name)


@cache
def _files() -> Mapping[str, PageFile]:
    """All files, read once; a name that is not among them reaches no file."""
    found = sorted(path for path in FOLDER.rglob("*") if path.suffix in _TYPES)
    return {path.relative_to(FOLDER).as_posix(): _read(path) for path in found}


def _read(path: Path) -> PageFile:
    return PageFile(path.read_bytes(), headers_of(_TYPES[path.suffix]))
