"""`$dynamicRef` as plain references: a schema whose dynamic references mean something else to whoever refers to it is
written out once for each meaning, so that all who read schemas need to know `$ref` alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final
from urllib.parse import unquote

from mockserver.json_pointer import pointer_of
from mockserver.json_text import Json
from mockserver.openapi.source.pointer import ref_to
from mockserver.openapi.source.reference import AUTHORS_NAMES, BOUND, FILES, follow, is_value, place, way_to
from mockserver.openapi.source.schema_ids import SchemaResource, SchemaResources, Way, address_of, identity
from mockserver.problem import Unusable

MAX_COPIES: Final = 500

Scope = Mapping[str, Way]
"""Of each dynamic anchor where it leads: to the outermost schema on the way here that has it."""


def bound(document: dict[str, Json]) -> dict[str, str]:
    """Makes plain references of the document's dynamic ones; it is written to. Returns where each schema that was
    written out came from, as JSON pointers of place and source.
    """
    binder = _Binder(document)
    binder.rewrite(document, (), {}, in_place=True)
    for holder, keyword, ref in binder.changes:
        _put(holder, keyword, ref)
    if binder.copies:
        document[BOUND] = binder.copies
    return binder.moves


@dataclass(slots=True, weakref_slot=True)
class _Leads:
    """What a schema asks for itself: the dynamic anchors, and the schemas that it refers to."""

    anchors: set[str] = field(default_factory=set)
    targets: set[Way] = field(default_factory=set)


class _Binder:
    def __init__(self, document: dict[str, Json]) -> None:
        self.document = document
        own = document.get("$self")
        self.resources = SchemaResources(document, own if isinstance(own, str) else "")
        self.changes: list[tuple[dict[str, Json], str, str]] = []
        self.copies: dict[str, Json] = {}
        self.moves: dict[str, str] = {}
        self.named: dict[tuple[Way, tuple[tuple[str, Way], ...]], str] = {}
        self.asked: dict[Way, _Leads] = {}

    @cached_property
    def anchored(self) -> Mapping[str, list[Way]]:
        """The places of each dynamic anchor in the document."""
        found: dict[str, list[Way]] = {}
        for node, way in _schemas(self.document, ()):
            if isinstance(anchor := node.get("$dynamicAnchor"), str):
                found.setdefault(anchor, []).append(way)
        return found

    def rewrite(self, node: Json, way: Way, scope: Scope, *, in_place: bool) -> Json:
        """The node with plain references, as it means them in this scope: a copy, or, `in_place`, itself, with what is
        to be changed in it written down.
        """
        if isinstance(node, list):
            made = [self.rewrite(item, (*way, str(n)), scope, in_place=in_place) for n, item in enumerate(node)]
            return node if in_place else made
        if not isinstance(node, dict):
            return node
        if in_place and identity(node):
            scope = {}
        scope = self.within(node, way, scope)
        kept = node if in_place else {name: value for name, value in node.items() if name != "$id"}
        for keyword in ("$dynamicRef", "$ref"):
            ref = node.get(keyword)
            target = self.target(ref, way, scope, keyword) if isinstance(ref, str) else None
            if target is None:
                continue
            text = self.refer(target, scope)
            if not in_place:
                _put(kept, keyword, text)
            elif keyword == "$dynamicRef" or text.startswith(f"#/{BOUND}/"):
                self.changes.append((node, keyword, text))
        for name, child in node.items():
            if isinstance(child, dict | list) and not is_value(name, child):
                kept[name] = self.members(name, child, (*way, name), scope, in_place=in_place)
        return kept

    def members(self, name: str, child: Json, way: Way, scope: Scope, *, in_place: bool) -> Json:
        """The member, whose own members may be named by the author."""
        if name not in AUTHORS_NAMES or not isinstance(child, dict):
            return self.rewrite(child, way, scope, in_place=in_place)
        made = {key: self.rewrite(one, (*way, key), scope, in_place=in_place) for key, one in child.items()}
        return child if in_place else made

    def within(self, node: Json, way: Way, scope: Scope) -> Scope:
        """The scope in a schema: what it has itself counts where nothing further out does."""
        own = self.own(node, way)
        return {**own, **scope} if own else scope

    def own(self, node: Json, way: Way) -> Scope:
        """The dynamic anchors of a schema and its `$defs`, of one with an `$id` all that are in it."""
        if identity(node) and way:
            return {found["$dynamicAnchor"]: at for found, at in _schemas(node, way, stop=True) if _has_anchor(found)}
        found = {node["$dynamicAnchor"]: way} if _has_anchor(node) else {}
        for name in ("$defs", "definitions"):
            for key, child in node.get(name, {}).items() if isinstance(node.get(name), dict) else ():
                if isinstance(child, dict) and _has_anchor(child) and not identity(child):
                    found.setdefault(child["$dynamicAnchor"], (*way, name, key))
        return found

    def home(self, way: Way) -> Scope:
        """The scope at a place of the document for whoever refers to it from elsewhere, without that of its own."""
        scope: Scope = {}
        node: Json = self.document
        for length, token in enumerate(way):
            if isinstance(node, dict):
                scope = {} if identity(node) and length else scope
                scope = self.within(node, way[:length], scope)
            node = follow(node, [token])[0]
        return {} if isinstance(node, dict) and identity(node) else scope

    def target(self, ref: str, way: Way, scope: Scope, keyword: str) -> Way | None:
        """Where the reference at this place leads in this scope; None where it leads nowhere."""
        path, _, fragment = ref.partition("#")
        around = self.resources.around(way)
        if path:
            known = self.resources.by_address.get(address_of(around, path))
            if known is None:
                return None
            around = known
        elif keyword == "$ref":  # leads into the whole document already, whatever file it came from
            around = self.resources.whole
        elif not around.way and way[:1] == (FILES,):
            around = SchemaResource("", way[:2])
        first = self.first(around, fragment)
        if keyword == "$ref" or first is None or not fragment or fragment.startswith("/"):
            return first
        node = follow(self.document, [*first])[0]
        if isinstance(node, dict) and node.get("$dynamicAnchor") == unquote(fragment):
            return scope.get(node["$dynamicAnchor"], first)
        return first

    def first(self, around: SchemaResource, fragment: str) -> Way | None:
        """Where the fragment leads in the resource, else in the document."""
        for start in dict.fromkeys(((*around.way,), ())):
            inner = follow(self.document, [*start])[0]
            try:
                way = way_to(inner, f"#{fragment}")
                if not follow(inner, way)[1]:
                    return (*start, *way)
                if not start:
                    return tuple(place(self.document, f"#{fragment}")[0])
            except Unusable:
                continue
        return None

    def refer(self, target: Way, scope: Scope) -> str:
        """The reference to what stands there as it is meant in this scope: itself, or one written out for that."""
        asked = self.asks(target)
        node = follow(self.document, [*target])[0]
        if not asked or not isinstance(node, dict):
            return ref_to(target)
        home = self.home(target)
        outer = {**home, **scope}
        meant, alone = self.within(node, target, outer), self.within(node, target, home)
        key = target, tuple((anchor, meant[anchor]) for anchor in sorted(asked) if anchor in meant)
        if all(meant.get(anchor) == alone.get(anchor) for anchor in asked):
            return ref_to(target)
        if key not in self.named:
            if len(self.named) >= MAX_COPIES:
                return ref_to(target)
            name = f"{target[-1]}-{len(self.named) + 1}"
            self.named[key] = name
            self.moves[pointer_of((BOUND, name))] = pointer_of(target)
            self.copies[name] = self.rewrite(node, target, outer, in_place=False)
        return ref_to((BOUND, self.named[key]))

    def asks(self, target: Way) -> set[str]:
        """The dynamic anchors that are asked for in what stands there, and in all that it leads to."""
        found: set[str] = set()
        waiting, seen = [target], {target}
        while waiting:
            leads = self.leads(waiting.pop())
            found |= leads.anchors
            further = leads.targets.union(*(self.anchored.get(anchor, ()) for anchor in leads.anchors)) - seen
            waiting += further
            seen |= further
        return found

    def leads(self, target: Way) -> _Leads:
        known = self.asked.get(target)
        if known is None:
            known = self.asked[target] = _Leads()
            for node, way in _schemas(follow(self.document, [*target])[0], target):
                for keyword in ("$dynamicRef", "$ref"):
                    if isinstance(ref := node.get(keyword), str):
                        found = self.target(ref, way, {}, keyword)
                        known.targets |= {found} if found is not None else set()
                        fragment = unquote(ref.partition("#")[2])
                        if keyword == "$dynamicRef" and fragment in self.anchored:
                            known.anchors.add(fragment)
        return known


def _has_anchor(node: Json) -> bool:
    return isinstance(node, dict) and isinstance(node.get("$dynamicAnchor"), str)


def _schemas(node: Json, way: Way, *, stop: bool = False) -> Iterator[tuple[dict[str, Json], Way]]:
    """Every object there that may be a schema, with its place; `stop` passes over those with an `$id` further in."""
    waiting: list[tuple[Json, Way, bool]] = [(node, way, False)]
    while waiting:
        node, at, is_map = waiting.pop()
        if isinstance(node, list):
            waiting += [(child, (*at, str(number)), False) for number, child in enumerate(node)]
        elif isinstance(node, dict) and not (stop and at != way and not is_map and identity(node)):
            if not is_map:
                yield node, at
            for name, child in node.items():
                if isinstance(child, dict | list) and (is_map or not is_value(name, child)):
                    waiting.append((child, (*at, name), not is_map and name in AUTHORS_NAMES))


def _put(holder: dict[str, Json], keyword: str, ref: str) -> None:
    """The plain reference in the place of this one; where there is another one already, beside it."""
    if keyword == "$ref" or "$ref" not in holder:
        holder.pop(keyword, None)
        holder["$ref"] = ref
    else:
        holder.pop(keyword, None)
        holder["allOf"] = [*holder.get("allOf", ()), {"$ref": ref}]
