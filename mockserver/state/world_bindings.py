"""Credentials that belong to worlds: a client that sends one is in that world, without a header or path of the mock."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple
from urllib.parse import parse_qsl, unquote

from mockserver.problem import Problem

HEADER, QUERY, COOKIE = "header", "query", "cookie"
MAX_BINDINGS = 100_000
_Reader = Callable[[Mapping[str, str], str], str]
"""Reads the value of a credential from headers by lower-case name, and a query."""


class SentCredential(NamedTuple):
    """What a client sends: the `place` (`header`, `query` or `cookie`), the name there, and the whole value."""

    place: str
    name: str
    value: str


class Bindings:
    """World names by the credential that a request carries. Reading takes no lock: a write adds one entry to a table,
    or replaces the tables.
    """

    def __init__(self) -> None:
        self._worlds: dict[SentCredential, str] = {}
        self._places: dict[tuple[str, str], dict[str, str]] = {}
        self._lookups: tuple[tuple[_Reader, dict[str, str]], ...] = ()
        self._lock = threading.Lock()

    def __bool__(self) -> bool:
        return bool(self._worlds)

    def bind(self, sent: SentCredential, world: str) -> None:
        """Requests that carry the credential belong to `world`. Raises Problem 409 if it belongs to another one, 503
        beyond 100,000 credentials.
        """
        key = _key(sent)
        with self._lock:
            if self.is_bound(sent, world):
                return
            self._worlds[key] = world
            table = self._places.get((key.place, key.name))
            if table is None:
                self._index()
            else:
                table[key.value] = world

    def is_bound(self, sent: SentCredential, world: str) -> bool:
        """Whether the credential belongs to the world already; otherwise it may. Raises what `bind` raises."""
        known = self._worlds.get(_key(sent))
        if known not in (None, world):
            raise Problem(409, f"This {sent.place} {sent.name[:80]} belongs to the world {known} already.")
        if known is None and len(self._worlds) >= MAX_BINDINGS:
            raise Problem(503, f"{MAX_BINDINGS} credentials are bound to worlds; delete worlds to make room.")
        return known is not None

    def pairs(self) -> list[tuple[SentCredential, str]]:
        """Each credential with its world, in the order in which they were bound."""
        return [*self._worlds.items()]

    def release(self, world: str) -> None:
        """The credentials of the world belong to none any more."""
        with self._lock:
            self._worlds = {key: name for key, name in self._worlds.items() if name != world}
            self._index()

    def of(self, world: str) -> list[SentCredential]:
        """The credentials of the world, in the order in which they were bound."""
        return [key for key, name in tuple(self._worlds.items()) if name == world]

    def world_of(self, headers: Mapping[str, str], query: str) -> str | None:
        """The world of the request with these headers, by lower-case name, and this query; None if it carries no bound
        credential.
        """
        for read, worlds in self._lookups:
            name = worlds.get(read(headers, query))
            if name is not None:
                return name
        return None

    def _index(self) -> None:
        places = self._places = {}
        for key, world in self._worlds.items():
            places.setdefault((key.place, key.name), {})[key.value] = world
        self._lookups = tuple((_READERS[place](name), worlds) for (place, name), worlds in places.items())


def _key(sent: SentCredential) -> SentCredential:
    """The credential as it is compared: header names in any case, and the word before a token too."""
    if sent.place != HEADER:
        return sent
    name = sent.name.lower()
    value = sent.value.strip()
    return SentCredential(HEADER, name, _authorization(value) if name == "authorization" else value)


def _authorization(value: str) -> str:
    scheme, _, rest = value.strip().partition(" ")
    return f"{scheme.lower()} {rest.strip()}"


def _header(name: str) -> _Reader:
    if name == "authorization":
        return lambda headers, _query: _authorization(headers.get(name, ""))
    return lambda headers, _query: headers.get(name, "").strip()


def _query(name: str) -> _Reader:
    return lambda _headers, query: dict(parse_qsl(query)).get(name, "")


def _cookie(name: str) -> _Reader:
    return lambda headers, _query: dict(_cookies(headers.get("cookie", ""))).get(name, "")


def _cookies(text: str) -> Iterator[tuple[str, str]]:
    for pair in text.split(";"):
        name, _, value = pair.strip().partition("=")
        yield name, unquote(value.strip('"'))


_READERS: Mapping[str, Callable[[str], _Reader]] = {
    HEADER: _header,
    QUERY: _query,
    COOKIE: _cookie,
}


def world_in_baggage(baggage: str) -> str:
    """The value of `mock-world` in a `baggage` header (W3C Baggage); empty if it names none."""
    for member in baggage.split(","):
        name, _, value = member.partition(";")[0].partition("=")
        if name.strip().lower() == "mock-world":
            return unquote(value.strip())
    return ""
