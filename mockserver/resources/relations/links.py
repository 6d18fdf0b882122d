"""Links inside records: `self`, `href`, `url`, `_links` and JSON:API's `links` lead to records on this mock;
`customer_url`, `_links.customer` and `relationships.customer.links` to those that a record names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

from mockserver.json_text import Json
from mockserver.openapi.schema.validator import Accepts
from mockserver.resources.context import ResourceContext
from mockserver.resources.detect.decisions import CollectionPlan, MemberPath
from mockserver.resources.detect.foreign_keys import ForeignKey
from mockserver.resources.detect.locate import PROVIDERS, is_address, is_resource_path
from mockserver.resources.detect.names import named
from mockserver.resources.detect.operation_view import is_parameter
from mockserver.resources.detect.schema_shape import SchemaPlace, SchemaShape, dig, put
from mockserver.spelling import plain, words_of

_HOLDERS: Final = ("_links", "links")
_OWN: Final = named("self selflink selfhref selfurl selfuri resourceuri resourceurl")
"""Plain names of members that hold the record's own address."""
_PLAIN: Final = named("href url uri link apiurl odataid")
"""Members that hold the record's own address only where the server alone writes them; else they are data of
the record.
"""
_JSON_LD: Final = "@id"
_ENDINGS: Final = ("href", "url", "uri", "link")
"""Endings of members that hold the address of what their name begins with: `customer_url`."""
_RELATIONSHIPS: Final = "relationships"
_RELATED: Final = ("related", "self")

LinkTarget = Callable[[ForeignKey], str]
"""Returns the address of the record that a reference of the shown record names; empty where it names none."""


class _Link(NamedTuple):
    """The path of an address inside a record; `accepts` checks its first member. `is_sendable` says that a client may
    send one.
    """

    member_path: MemberPath
    is_relative: bool
    accepts: Accepts
    is_sendable: bool


class _Fixed(NamedTuple):
    """A member with the same value in all records; a link to what is `below` the record."""

    link: _Link
    text: str


class _Related(NamedTuple):
    """A link to the record that a reference names."""

    link: _Link
    reference: ForeignKey


class Links:
    """Fills the links of shown records. `shape` is the schema that shows them, `sent` are the members that clients may
    write, which stay as they were sent. `references` are those of the records.
    """

    def __init__(
        self,
        context: ResourceContext,
        collection: CollectionPlan,
        shape: SchemaShape,
        sent: frozenset[str],
        references: tuple[ForeignKey, ...],
    ) -> None:
        self._context = context
        self._collection = collection
        segments = collection.item_path.strip("/").split("/")
        below = context.below.get(tuple("{}" if is_parameter(segment) else segment for segment in segments), {})
        self._nouns = {one.noun: one for one in reversed(references) if not one.is_list}
        self._related = tuple(self._to_others(shape, sent)) if self._nouns else ()
        self._below = tuple(self._to_below(shape, sent, below)) if below else ()
        self._fixed = tuple(self._types(shape, sent))
        self._found = tuple(self._own(shape, sent))
        self._listed = tuple(self._lists(shape, sent))

    def __bool__(self) -> bool:
        return bool(self._found or self._listed or self._related or self._below or self._fixed)

    def __call__(self, value: Json, record: Mapping[str, Json], address: str, site: str, lead: LinkTarget) -> Json:
        """Returns the shown record with its links; `site` is the scheme and host of the address."""
        if not isinstance(value, dict):
            return value
        path = address.removeprefix(site)
        for link, reference in self._related:
            if link.is_sendable and dig(record, link.member_path) is not None:
                continue
            there = lead(reference)
            if there:
                value = _with(
                    value, link, put(value, link.member_path, there.removeprefix(site) if link.is_relative else there)
                )
        for link, literal in self._below:
            if not link.is_sendable or dig(record, link.member_path) is None:
                there = f"{(path if link.is_relative else address).rstrip('/')}/{literal}"
                value = _with(value, link, put(value, link.member_path, there))
        for link, text in self._fixed:
            value = _with(value, link, put(value, link.member_path, text))
        for link in self._found:
            if not link.is_sendable or dig(record, link.member_path) is None:
                value = _with(value, link, put(value, link.member_path, path if link.is_relative else address))
        for link in self._listed:
            if link.is_sendable and dig(record, link.member_path) is not None:
                continue
            entries = dig(value, link.member_path)
            rest = [entry for entry in entries if not _is_self(entry)] if isinstance(entries, list) else []
            entry = {"rel": "self", "href": path if link.is_relative else address}
            result = _self_entry(entries, entry)
            value = _with(value, link, put(value, link.member_path, [result, *rest]))
        return value

    def without(self, record: Mapping[str, Json]) -> dict[str, Json]:
        """Returns a generated record without the links that a client might have sent."""
        result = dict(record)
        for link in (*self._found, *self._listed, *(related.link for related in self._related)):
            holder = dig(result, link.member_path[:-1]) if link.is_sendable else None
            if isinstance(holder, dict) and link.member_path[-1] in holder:
                result = put(
                    result,
                    link.member_path[:-1],
                    {name: shape for name, shape in holder.items() if name != link.member_path[-1]},
                )
        return result

    def _own(self, shown_shape: SchemaShape, sent: frozenset[str]) -> Iterator[_Link]:
        for name, place in shown_shape.members.items():
            shape, is_ours = self._context.shapes.at(place), name not in sent
            if name in _HOLDERS:
                for inner, held_place in shape.members.items():
                    if plain(inner) in _OWN:
                        yield from self._at((name, inner), held_place, place, is_ours=is_ours)
            elif _names_itself(name, is_ours=is_ours):
                yield from self._at((name,), place, place, is_ours=is_ours)
            elif name == "id" and is_ours and self._is_address(shape):
                yield from (link._replace(is_relative=True) for link in self._at((name,), place, place, is_ours=True))

    def _is_address(self, shape: SchemaShape) -> bool:
        """Returns whether the `id` of records is their path, while another member identifies them."""
        return self._collection.id_spec.member_path != ("id",) and (
            is_resource_path(self._collection.item_path) or is_address(shape)
        )

    def _types(self, shown_shape: SchemaShape, sent: frozenset[str]) -> Iterator[_Fixed]:
        """Yields `type` of resources below a provider: `Acme.Db/accounts/databases`."""
        place = shown_shape.members.get("type")
        above, _, spoken = self._collection.item_path.rpartition(PROVIDERS)
        if place is None or not above or self._collection.id_spec.member_path == ("type",):
            return
        shape = self._context.shapes.at(place)
        if "type" not in sent or shape.read_only:
            text = "/".join(segment for segment in spoken.split("/") if not is_parameter(segment))
            yield from (_Fixed(link, text) for link in self._at(("type",), place, place, is_ours=True))

    def _to_below(self, shape: SchemaShape, sent: frozenset[str], below: Mapping[str, str]) -> Iterator[_Fixed]:
        """Yields the links to paths below the record: `_links.tasks`, `comments_url`."""
        known = {related.link.member_path for related in self._related}
        for member_path, noun in self._paths_to_others(shape):
            is_linkage = member_path[0] == _RELATIONSHIPS and member_path[-1] == "self"
            literal = below.get(plain(f"relationships/{noun}") if is_linkage else noun)
            first = shape.members[member_path[0]]
            is_ours = member_path[0] not in sent or self._context.shapes.at(first).read_only
            if literal is None or (member_path in known and not is_linkage) or (len(member_path) == 1 and not is_ours):
                continue
            place = self._context.shapes.member(shape, *member_path[:-1]).members[member_path[-1]]
            yield from (_Fixed(link, literal) for link in self._at(member_path, place, first, is_ours=is_ours))

    def _to_others(self, shape: SchemaShape, sent: frozenset[str]) -> Iterator[_Related]:
        for member_path, noun in self._paths_to_others(shape):
            reference = self._nouns.get(noun)
            first = shape.members[member_path[0]]
            is_ours = member_path[0] not in sent
            if reference is None or reference.member_path == member_path or (len(member_path) == 1 and not is_ours):
                continue
            place = self._context.shapes.member(shape, *member_path[:-1]).members[member_path[-1]]
            for link in self._at(member_path, place, first, is_ours=is_ours):
                yield _Related(link, reference)

    def _paths_to_others(self, shape: SchemaShape) -> Iterator[tuple[MemberPath, str]]:
        """Yields the paths where addresses of other records may stand, each with the name of those."""
        shapes = self._context.shapes
        for name in shape.members:
            parts = words_of(name)
            if name in _HOLDERS:
                inner = shapes.member(shape, name).members
                yield from (((name, noun), plain(noun)) for noun in inner if plain(noun) not in _OWN)
            elif name == _RELATIONSHIPS:
                for noun in shapes.member(shape, name).members:
                    links = shapes.member(shape, name, noun, "links").members
                    yield from (((name, noun, "links", each), plain(noun)) for each in _RELATED if each in links)
            elif len(parts) > 1 and parts[-1] in _ENDINGS:
                yield (name,), "".join(parts[:-1])

    def _at(self, member_path: MemberPath, place: SchemaPlace, first: SchemaPlace, *, is_ours: bool) -> Iterator[_Link]:
        """Yields the text at a place, or the `href` of the object there."""
        shape = self._context.shapes.at(place)
        if "href" in shape.members:
            yield from self._at((*member_path, "href"), shape.members["href"], first, is_ours=is_ours)
        elif "string" in shape.types and not shape.enum:
            yield _Link(member_path, _is_relative(shape.node), self._context.accepts(first.pointer), not is_ours)

    def _lists(self, shape: SchemaShape, sent: frozenset[str]) -> Iterator[_Link]:
        """Yields `links: [{rel: self, href: ...}]`."""
        for name in _HOLDERS:
            place = shape.members.get(name)
            if place is None:
                continue
            holder = self._context.shapes.at(place)
            items = self._context.shapes.items(holder)
            if {"rel", "href"} <= items.members.keys():
                href = self._context.shapes.member(items, "href")
                is_ours = name not in sent or holder.read_only
                yield _Link((name,), _is_relative(href.node), self._context.accepts(place.pointer), not is_ours)


def _with(value: dict[str, Json], link: _Link, changed: dict[str, Json]) -> dict[str, Json]:
    """Returns the changed value, if its schema allows it."""
    return changed if link.accepts(changed[link.member_path[0]]) else value


def _names_itself(name: str, *, is_ours: bool) -> bool:
    return name == _JSON_LD or plain(name) in _OWN or (is_ours and plain(name) in _PLAIN)


def _is_relative(node: Json) -> bool:
    """Returns whether the example of a link is a path."""
    example = node.get("example") if isinstance(node, dict) else None
    return isinstance(example, str) and example.startswith("/")


def _is_self(entry: Json) -> bool:
    return isinstance(entry, Mapping) and entry.get("rel") == "self"


def _self_entry(entries: Json, entry: dict[str, Json]) -> dict[str, Json]:
    """Returns the entry of the record itself, with its declared method or title."""
    found: Mapping[str, Json] = next(filter(_is_self, entries), {}) if isinstance(entries, list) else {}
    return {**found, **entry}
