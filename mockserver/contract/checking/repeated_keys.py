"""The idempotency keys of a run: which of them came with more than one request."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

_MEANT: Final = re.compile(r"idempoten", re.IGNORECASE)


class RepeatedKeys:
    """Remembers of each idempotency key the requests that it was sent with."""

    def __init__(self) -> None:
        self._requests: dict[str, set[int]] = {}

    def note(self, request: Any) -> None:
        """Remembers a request, as the library `requests` has prepared it."""
        for key in _keys(request):
            self._requests.setdefault(key, set()).add(_identity(request))

    def repeats(self, request: Any) -> bool:
        """Whether the request has a key that came with another request too."""
        return any(self._requests.get(key, set()) - {_identity(request)} for key in _keys(request))


def _keys(request: Any) -> Iterator[str]:
    for name, value in request.headers.items():
        if _MEANT.search(name):
            yield str(value)


def _identity(request: Any) -> int:
    """The same for the same request."""
    return hash((request.method, request.url, request.body))
