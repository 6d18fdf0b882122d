"""Links inside of records: `self`, `href`, `url`, `_links` and JSON:API's `links` lead to records on this mock."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from mockserver.engine.infer.decisions import Way
from mockserver.engine.infer.ground import Ground
from mockserver.engine.infer.names import named, plain
from mockserver.engine.infer.shape import Place, Shape, dig, put
from mockserver.spec.schema import Accepts
from mockserver.wire import Json

_HOLDERS: Final = ("_links", "links")
_OWN: Final = named("self selflink selfhref selfurl selfuri resourceuri resourceurl")
"""Members that say where their record stands, by plain name."""
_PLAIN: Final = named("href url uri link apiurl odataid")
"""Members that say the same where only the server writes them; else they are what the record is about."""
_JSON_LD: Final = "@id"


class _Link(NamedTuple):
    """The way to an address inside of a record; `accepts` says whether its first member may be so. A client may have
    sent one that `is_sendable`.
    """

    way: Way
    is_relative: bool
    accepts: Accepts
    is_sendable: bool


class Links:
    """Fills the links of shown records. `held` is the schema that shows them, `sent` are the members that requests
    write: what a client wrote stays.
    """

    def __init__(self, ground: Ground, held: Shape, sent: frozenset[str]) -> None:
        self._ground = ground
        self._found = tuple(self._own(held, sent))
        self._listed = tuple(self._lists(held, sent))

    def __bool__(self) -> bool:
        return bool(self._found or self._listed)

    def __call__(self, value: Json, record: Mapping[str, Json], address: str, path: str) -> Json:
        """The shown record with its links, as it is kept; `path` is the address without its scheme and host."""
        if not isinstance(value, dict):
            return value
        for link in self._found:
            if not link.is_sendable or dig(record, link.way) is None:
                value = _with(value, link, put(value, link.way, path if link.is_relative else address))
        for link in self._listed:
            if link.is_sendable and dig(record, link.way) is not None:
                continue
            entries = dig(value, link.way)
            rest = [entry for entry in entries if not _is_self(entry)] if isinstance(entries, list) else []
            entry = {"rel": "self", "href": path if link.is_relative else address}
            told = _own_entry(entries, entry)
            value = _with(value, link, put(value, link.way, [told, *rest]))
        return value

    def without(self, record: Mapping[str, Json]) -> dict[str, Json]:
        """A made-up record without the links that a client might have sent."""
        told = dict(record)
        for link in (*self._found, *self._listed):
            holder = dig(told, link.way[:-1]) if link.is_sendable else None
            if isinstance(holder, dict) and link.way[-1] in holder:
                told = put(told, link.way[:-1], {name: held for name, held in holder.items() if name != link.way[-1]})
        return told

    def _own(self, held: Shape, sent: frozenset[str]) -> Iterator[_Link]:
        for name, place in held.members.items():
            shape = self._ground.shapes.at(place)
            is_ours = name not in sent or shape.read_only
            if name in _HOLDERS:
                for inner, held_place in shape.members.items():
                    if plain(inner) in _OWN:
                        yield from self._at((name, inner), held_place, place, is_ours=is_ours)
            elif _names_itself(name, is_ours=is_ours):
                yield from self._at((name,), place, place, is_ours=is_ours)

    def _at(self, way: Way, place: Place, first: Place, *, is_ours: bool) -> Iterator[_Link]:
        """The text at a place, or the `href` of the object there."""
        shape = self._ground.shapes.at(place)
        if "href" in shape.members:
            yield from self._at((*way, "href"), shape.members["href"], first, is_ours=is_ours)
        elif "string" in shape.types and not shape.enum:
            yield _Link(way, _is_relative(shape.node), self._ground.accepts(first.pointer), not is_ours)

    def _lists(self, held: Shape, sent: frozenset[str]) -> Iterator[_Link]:
        """`links: [{rel: self, href: ...}]`."""
        for name in _HOLDERS:
            place = held.members.get(name)
            if place is None:
                continue
            holder = self._ground.shapes.at(place)
            items = self._ground.shapes.items(holder)
            if {"rel", "href"} <= items.members.keys():
                href = self._ground.shapes.member(items, "href")
                is_ours = name not in sent or holder.read_only
                yield _Link((name,), _is_relative(href.node), self._ground.accepts(place.pointer), not is_ours)


def _with(value: dict[str, Json], link: _Link, changed: dict[str, Json]) -> dict[str, Json]:
    """The value as it was changed, if its schema allows that."""
    return changed if link.accepts(changed[link.way[0]]) else value


def _names_itself(name: str, *, is_ours: bool) -> bool:
    return name == _JSON_LD or plain(name) in _OWN or (is_ours and plain(name) in _PLAIN)


def _is_relative(node: Json) -> bool:
    """Whether the example of a link is a path."""
    said = node.get("example") if isinstance(node, dict) else None
    return isinstance(said, str) and said.startswith("/")


def _is_self(entry: Json) -> bool:
    return isinstance(entry, Mapping) and entry.get("rel") == "self"


def _own_entry(entries: Json, entry: dict[str, Json]) -> dict[str, Json]:
    """The entry about the record itself, with what was said besides: its method or its title."""
    found: Mapping[str, Json] = next(filter(_is_self, entries), {}) if isinstance(entries, list) else {}
    return {**found, **entry}
