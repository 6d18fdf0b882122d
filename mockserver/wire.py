"""What goes over the wire, as values that know no framework: Request, Response, Exchange; and exact JSON reading."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import jiter

from mockserver.problem import Violation

Json = Any
Headers = tuple[tuple[str, str], ...]
Unread = tuple[int, str, str]
"""Why a body was not read: a Problem's status, code and text."""

MAX_DEPTH = 100


class Request(NamedTuple):
    """What came in. `path` is percent-decoded and begins at the API's own root; header names are looked up in any case.

    `body` is what was read; where it could not be read whole, `unread` says why (a Problem's code and text). `root` is
    what stood before `path` in the address that was asked for: `/~world/xqr`, or nothing; `asked` is the path of that
    address as the client wrote it, decoded, where `path` may have been completed with that of the document's server.
    `origin` is what stood before all that, as a trusted proxy tells it: `https://api.example.com`, or nothing.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    address: str
    unread: Unread | None = None
    root: str = ""
    asked: str = ""
    origin: str = ""

    @property
    def host(self) -> str:
        """The host that was asked for, with its port; empty where none was named."""
        return self.origin.partition("://")[2].partition("/")[0] or self.headers.get("Host") or ""

    @property
    def site(self) -> str:
        """The address that the API's paths begin at, as the client wrote it; empty where it named no host."""
        if self.origin:
            return self.origin + self.root
        host = self.headers.get("Host")
        return f"http://{host}{self.root}" if host else ""


class Response(NamedTuple):
    """What goes out: a JSON value, or bytes; `None` is no body. A `Content-Type` other than JSON stands
    first among the headers.
    """

    status: int
    body: Json = None
    headers: Headers = ()


class Exchange(NamedTuple):
    """One request and its answer, as the journal keeps them. `at` is world time in epoch seconds, `took` in seconds,
    `size` the bytes that keeping it costs, roughly; `assumptions` are `api.name=option` or `api.name=text`.
    """

    id: int
    at: float
    world: str
    api: str
    operation: str
    request: Request
    status: int
    headers: Headers
    content: bytes
    violations: tuple[Violation, ...]
    broken: tuple[Violation, ...]
    assumptions: tuple[str, ...]
    answered_by: str
    took: float
    size: int


make = tuple.__new__
"""`make(Response, (200, body, ()))`: a value of all its members, at a third of what the call by name costs."""


class Malformed(ValueError):
    """These bytes are no JSON value that can be read exactly."""


def read_json(content: bytes) -> Json:
    """The JSON value of `content`, exact: integers of any size, no NaN, no infinities, no duplicate keys, at most
    100 levels deep. Raises Malformed.
    """
    try:
        value = jiter.from_json(content, allow_inf_nan=False, catch_duplicate_keys=True)
    except ValueError as error:
        raise Malformed(_teach(str(error))) from None
    _expect_exact((value,), MAX_DEPTH)
    return value


def _teach(message: str) -> str:
    if message.startswith("recursion limit exceeded"):
        return f"nested deeper than {MAX_DEPTH} levels"
    if message.startswith("EOF"):
        return message.replace("EOF", "it ended", 1)
    return message[0].lower() + message[1:]


def _expect_exact(items: Iterable[Json], levels: int) -> None:
    """Raises Malformed for a number that became infinite, and for arrays and objects in more than so many levels."""
    for item in items:
        kind = type(item)
        if kind is str or kind is int:
            continue
        if kind is dict or kind is list:
            if not levels:
                raise Malformed(f"nested deeper than {MAX_DEPTH} levels")
            _expect_exact(item.values() if kind is dict else item, levels - 1)
        elif kind is float and item in _INFINITIES:
            raise Malformed("a number is too large to be represented")


_INFINITIES = (float("inf"), float("-inf"))
