"""Replaces `$dynamicRef` by plain references: a schema whose dynamic references differ by referrer is copied once for
each meaning, so that readers of schemas need to know `$ref` only.
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
from mockserver.openapi.source.reference import AUTHORS_NAMES, BOUND, FILES, follow, is_value, path_to, place
from mockserver.openapi.source.schema_ids import SchemaResource, SchemaResources, Tokens, address_of, identity
from mockserver.problem import Unusable

MAX_COPIES: Final = 500

Scope = Mapping[str, Tokens]
"""Maps each dynamic anchor to its target: the outermost schema along the evaluation path that has it."""


def bound(document: dict[str, Json]) -> dict[str, str]:
    """Replaces the document's dynamic references in place. Returns the pointer of each copied schema with the pointer
    of its source.
    """
    binder = _Binder(document)
    binder.rewrite(document, (), {}, in_place=True)
    for holder, keyword, ref in binder.changes:
        _put(holder, keyword, ref)
    if binder.copies:
        document[BOUND] = binder.copies
    return binder.moves


@dataclass(slots=True, weakref_slot=True)
class _Needs:
    """The dynamic anchors that a schema uses directly, and the schemas that it refers to."""

    anchors: set[str] = field(default_factory=set)
    targets: set[Tokens] = field(default_factory=set)


class _Binder:
    def __init__(self, document: dict[str, Json]) -> None:
        self.document = document
        own = document.get("$self")
        self.resources = SchemaResources(document, own if isinstance(own, str) else "")
        self.changes: list[tuple[dict[str, Json], str, str]] = []
        self.copies: dict[str, Json] = {}
        self.moves: dict[str, str] = {}
        self.named: dict[tuple[Tokens, tuple[tuple[str, Tokens], ...]], str] = {}
        self.asked: dict[Tokens, _Needs] = {}

    @cached_property
    def anchored(self) -> Mapping[str, list[Tokens]]:
        """The places of each dynamic anchor in the document."""
        found: dict[str, list[Tokens]] = {}
        for node, path in _schemas(self.document, ()):
            if isinstance(anchor := node.get("$dynamicAnchor"), str):
                found.setdefault(anchor, []).append(path)
        return found

    def rewrite(self, node: Json, path: Tokens, scope: Scope, *, in_place: bool) -> Json:
        """The node with plain references for this scope: a copy, or, if `in_place`, the node itself, with the changes
        collected to be made later.
        """
        if isinstance(node, list):
            made = [self.rewrite(item, (*path, str(n)), scope, in_place=in_place) for n, item in enumerate(node)]
            return node if in_place else made
        if not isinstance(node, dict):
            return node
        if in_place and identity(node):
            scope = {}
        scope = self.within(node, path, scope)
        kept = node if in_place else {name: value for name, value in node.items() if name != "$id"}
        for keyword in ("$dynamicRef", "$ref"):
            ref = node.get(keyword)
            target = self.target(ref, path, scope, keyword) if isinstance(ref, str) else None
            if target is None:
                continue
            text = self.refer(target, scope)
            if not in_place:
                _put(kept, keyword, text)
            elif keyword == "$dynamicRef" or text.startswith(f"#/{BOUND}/"):
                self.changes.append((node, keyword, text))
        for name, child in node.items():
            if isinstance(child, dict | list) and not is_value(name, child):
                kept[name] = self.members(name, child, (*path, name), scope, in_place=in_place)
        return kept

    def members(self, name: str, child: Json, path: Tokens, scope: Scope, *, in_place: bool) -> Json:
        """The rewritten member, whose own member names may be the author's."""
        if name not in AUTHORS_NAMES or not isinstance(child, dict):
            return self.rewrite(child, path, scope, in_place=in_place)
        made = {key: self.rewrite(one, (*path, key), scope, in_place=in_place) for key, one in child.items()}
        return child if in_place else made

    def within(self, node: Json, path: Tokens, scope: Scope) -> Scope:
        """The scope inside a schema: its own anchors count unless an outer schema has them."""
        own = self.own(node, path)
        return {**own, **scope} if own else scope

    def own(self, node: Json, path: Tokens) -> Scope:
        """The dynamic anchors of a schema and its `$defs`; of a schema with an `$id` all anchors in it."""
        if identity(node) and path:
            return {found["$dynamicAnchor"]: at for found, at in _schemas(node, path, stop=True) if _has_anchor(found)}
        found = {node["$dynamicAnchor"]: path} if _has_anchor(node) else {}
        for name in ("$defs", "definitions"):
            for key, child in node.get(name, {}).items() if isinstance(node.get(name), dict) else ():
                if isinstance(child, dict) and _has_anchor(child) and not identity(child):
                    found.setdefault(child["$dynamicAnchor"], (*path, name, key))
        return found

    def home(self, path: Tokens) -> Scope:
        """The scope that a place provides for referrers from elsewhere, without the anchors of the schema itself."""
        scope: Scope = {}
        node: Json = self.document
        for length, token in enumerate(path):
            if isinstance(node, dict):
                scope = {} if identity(node) and length else scope
                scope = self.within(node, path[:length], scope)
            node = follow(node, [token])[0]
        return {} if isinstance(node, dict) and identity(node) else scope

    def target(self, ref: str, path: Tokens, scope: Scope, keyword: str) -> Tokens | None:
        """The path that the reference at this place leads to in this scope; None if it leads nowhere."""
        address, _, fragment = ref.partition("#")
        around = self.resources.around(path)
        if address:
            known = self.resources.by_address.get(address_of(around, address))
            if known is None:
                return None
            around = known
        elif keyword == "$ref":  # leads into the whole document already, whatever file it came from
            around = self.resources.whole
        elif not around.path and path[:1] == (FILES,):
            around = SchemaResource("", path[:2])
        first = self.first(around, fragment)
        if keyword == "$ref" or first is None or not fragment or fragment.startswith("/"):
            return first
        node = follow(self.document, [*first])[0]
        if isinstance(node, dict) and node.get("$dynamicAnchor") == unquote(fragment):
            return scope.get(node["$dynamicAnchor"], first)
        return first

    def first(self, around: SchemaResource, fragment: str) -> Tokens | None:
        """The path that the fragment leads to in the resource, else in the document."""
        for start in dict.fromkeys(((*around.path,), ())):
            inner = follow(self.document, [*start])[0]
            try:
                path = path_to(inner, f"#{fragment}")
                if not follow(inner, path)[1]:
                    return (*start, *path)
                if not start:
                    return tuple(place(self.document, f"#{fragment}")[0])
            except Unusable:
                continue
        return None

    def refer(self, target: Tokens, scope: Scope) -> str:
        """The reference to the target as this scope means it: to the target itself, or to a copy made for the scope."""
        asked = self.asks(target)
        node = follow(self.document, [*target])[0]
        if not asked or not isinstance(node, dict):
            return ref_to(target)
        home = self.home(target)
        outer = {**home, **scope}
        nearest, alone = self.within(node, target, outer), self.within(node, target, home)
        key = target, tuple((anchor, nearest[anchor]) for anchor in sorted(asked) if anchor in nearest)
        if all(nearest.get(anchor) == alone.get(anchor) for anchor in asked):
            return ref_to(target)
        if key not in self.named:
            if len(self.named) >= MAX_COPIES:
                return ref_to(target)
            name = f"{target[-1]}-{len(self.named) + 1}"
            self.named[key] = name
            self.moves[pointer_of((BOUND, name))] = pointer_of(target)
            self.copies[name] = self.rewrite(node, target, outer, in_place=False)
        return ref_to((BOUND, self.named[key]))

    def asks(self, target: Tokens) -> set[str]:
        """The dynamic anchors used in the target and in everything that it refers to."""
        found: set[str] = set()
        waiting, seen = [target], {target}
        while waiting:
            needs = self.needs(waiting.pop())
            found |= needs.anchors
            further = needs.targets.union(*(self.anchored.get(anchor, ()) for anchor in needs.anchors)) - seen
            waiting += further
            seen |= further
        return found

    def needs(self, target: Tokens) -> _Needs:
        known = self.asked.get(target)
        if known is None:
            known = self.asked[target] = _Needs()
            for node, path in _schemas(follow(self.document, [*target])[0], target):
                for keyword in ("$dynamicRef", "$ref"):
                    if isinstance(ref := node.get(keyword), str):
                        found = self.target(ref, path, {}, keyword)
                        known.targets |= {found} if found is not None else set()
                        fragment = unquote(ref.partition("#")[2])
                        if keyword == "$dynamicRef" and fragment in self.anchored:
                            known.anchors.add(fragment)
        return known


def _has_anchor(node: Json) -> bool:
    return isinstance(node, dict) and isinstance(node.get("$dynamicAnchor"), str)


def _schemas(node: Json, path: Tokens, *, stop: bool = False) -> Iterator[tuple[dict[str, Json], Tokens]]:
    """Every object that may be a schema, with its path; with `stop`, nested schemas with an `$id` are skipped."""
    waiting: list[tuple[Json, Tokens, bool]] = [(node, path, False)]
    while waiting:
        node, at, is_map = waiting.pop()
        if isinstance(node, list):
            waiting += [(child, (*at, str(number)), False) for number, child in enumerate(node)]
        elif isinstance(node, dict) and not (stop and at != path and not is_map and identity(node)):
            if not is_map:
                yield node, at
            for name, child in node.items():
                if isinstance(child, dict | list) and (is_map or not is_value(name, child)):
                    waiting.append((child, (*at, name), not is_map and name in AUTHORS_NAMES))


def _put(holder: dict[str, Json], keyword: str, ref: str) -> None:
    """Puts the plain reference in place of this one, or beside another reference that is already there."""
    if keyword == "$ref" or "$ref" not in holder:
        holder.pop(keyword, None)
        holder["$ref"] = ref
    else:
        holder.pop(keyword, None)
        holder["allOf"] = [*holder.get("allOf", ()), {"$ref": ref}]
