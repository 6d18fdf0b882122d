"""The idempotency keys of a run: which of them came more than once, and which with more than one request."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

_MEANT: Final = re.compile(r"idempoten", re.IGNORECASE)


class RepeatedKeys:
    """Remembers of each idempotency key the requests that it was sent with."""

    def __init__(self) -> None:
        self._requests: dict[str, set[int]] = {}
        self._times = Counter[str]()

    def note(self, request: Any) -> None:
        """Remembers a request, as the library `requests` has prepared it."""
        for key in _keys(request.headers):
            self._requests.setdefault(key, set()).add(_identity(request))
            self._times[key] += 1

    def may_be_replayed(self, headers: Mapping[str, object]) -> bool:
        """Whether the answer to a request with these headers may be that to an earlier one, whose record may have been
        changed or deleted since: its key came more than once.
        """
        return any(self._times[key] > 1 for key in _keys(headers))

    def repeats(self, request: Any) -> bool:
        """Whether the request has a key that came with another request too."""
        return any(self._requests.get(key, set()) - {_identity(request)} for key in _keys(request.headers))


def _keys(headers: Mapping[str, object]) -> Iterator[str]:
    for name, value in headers.items():
        if _MEANT.search(name):
            yield str(value)


def _identity(request: Any) -> int:
    """The same for the same request."""
    return hash((request.method, request.url, request.body))
