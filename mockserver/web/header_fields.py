"""The header fields of a request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Environ = dict[str, Any]


class HeaderFields(Mapping[str, str]):
    """The header fields of a request, case-insensitive. `by_name` has them by lower-case name.

    A field that was sent several times has its values joined: with `; ` for cookies, else with a comma (RFC 9110,
    section 5.3).
    """

    __slots__ = ("by_name", "size")

    def __init__(self, by_name: dict[str, str]) -> None:
        self.by_name = by_name
        self.size = sum(map(len, by_name.values()))
        """The characters of all values."""

    @classmethod
    def of_pairs(cls, pairs: Iterable[tuple[bytes, bytes]]) -> HeaderFields:
        """The fields as a connection delivers them. Values are UTF-8, else Latin-1."""
        by_name: dict[str, str] = {}
        for raw, value in pairs:
            name = _NAMES.get(raw) or raw.decode("latin-1").lower()
            text = value.decode() if value.isascii() else _text(value)
            if name in by_name:
                text = f"{by_name[name]}{'; ' if name == 'cookie' else ', '}{text}"
            by_name[name] = text
        return cls(by_name)

    @classmethod
    def of_environ(cls, environ: Environ) -> HeaderFields:
        """The fields as WSGI has them: values as Latin-1, underscores for hyphens."""
        by_name = {}
        for key, value in environ.items():
            if key.startswith("HTTP_"):
                name = key[5:]
            elif key in ("CONTENT_TYPE", "CONTENT_LENGTH") and value:
                name = key
            else:
                continue
            by_name[name.replace("_", "-").lower()] = value if value.isascii() else _text(value.encode("latin-1"))
        return cls(by_name)

    def __getitem__(self, name: str) -> str:
        return self.by_name[_KEYS.get(name) or name.lower()]

    def get(self, name: str, default: Any = None) -> Any:
        return self.by_name.get(_KEYS.get(name) or name.lower(), default)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self.by_name

    def __iter__(self) -> Iterator[str]:
        return (name.title() for name in self.by_name)

    def __len__(self) -> int:
        return len(self.by_name)


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


_USUAL = (
    "Accept",
    "Accept-Encoding",
    "Authorization",
    "Connection",
    "Content-Length",
    "Content-Type",
    "Cookie",
    "Host",
    "Idempotency-Key",
    "If-Match",
    "If-None-Match",
    "Mock-World",
    "Origin",
    "Prefer",
    "User-Agent",
)
_KEYS = {name: name.lower() for name in _USUAL}
"""Names as they are asked for most, with those that they are stored under."""
_NAMES = {spelled.encode(): name.lower() for name in _USUAL for spelled in (name, name.lower())}
"""Names as they are sent most, with those that they are stored under."""
