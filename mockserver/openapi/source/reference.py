"""Follows references (`$ref`) inside a document, and lists the references of a part of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import unquote

from mockserver.json_pointer import MISSING, pointer_of, tokens
from mockserver.json_pointer import child as child_of
from mockserver.json_text import Json
from mockserver.openapi.source.pointer import DocumentPath, location_of, tokens_of
from mockserver.problem import Unusable

MAX_HOPS = 100

_DATA = frozenset({"example", "default", "enum", "const", "value", "dataValue"})
FILES = "x-mock-files"
"""The document member that contains, by file name, the parts taken from other files."""
BOUND = "x-mock-bound"
"""The document member that contains, by name, the schemas copied to replace dynamic references."""
RELOCATED = "x-mock-lifted"
"""The document member that contains schema parts that other schemas refer to and that had to move."""
_OURS = frozenset({FILES, BOUND, RELOCATED})
AUTHORS_NAMES = _OURS | frozenset({
    "$defs", "additionalOperations", "callbacks", "content", "definitions", "dependencies",
    "dependentSchemas", "encoding", "examples", "headers", "links", "mediaTypes", "parameters", "pathItems",
    "patternProperties", "properties", "requestBodies", "responses", "schemas", "securityDefinitions",
    "securitySchemes", "variables", "webhooks",
})  # fmt: skip
"""Members whose own member names the author chooses: there, `default` or `example` is a name like any other."""
_EXAMPLES = frozenset({"example", "value"})
_FILE_NAME = re.compile(r"\.(?:ya?ml|json)\Z", re.IGNORECASE)


class Reference(NamedTuple):
    """`holder[key]` is the text of a `$ref`, or of a discriminator's reference to a schema.

    With `to_map`, the reference replaces a map of members that the author names (`properties: {$ref: ...}`). With
    `in_data`, it is an example that is only `{$ref: ...}`: a reference if its target exists, else data.
    """

    holder: dict[str, Json]
    key: str
    location: DocumentPath
    to_map: bool = False
    in_data: bool = False

    @property
    def text(self) -> str:
        found: str = self.holder[self.key]["$ref"] if self.in_data else self.holder[self.key]
        return found

    @property
    def pointer(self) -> str:
        """The JSON pointer of the text."""
        return pointer_of(tokens_of((self.location, self.key)))


def resolve(document: Json, pointer_or_ref: str) -> Json:
    """The node that `#/a~1b/0` or `/a~1b/0` leads to, through any number of `$ref`s.

    Raises `Unusable` if it leads nowhere, into another file, or round in a cycle.
    """
    return _arrive(document, pointer_or_ref, past_end=True)[1]


def arrive(document: Json, pointer_or_ref: str) -> tuple[list[str], Json]:
    """As `resolve`, with the tokens of the node that it ends at."""
    return _arrive(document, pointer_or_ref, past_end=True)


def place(document: Json, pointer_or_ref: str) -> tuple[list[str], Json]:
    """The tokens and the node that it leads to. Unlike `resolve`, it follows `$ref`s along the path, but not one at its
    end. Raises `Unusable` as `resolve` does.
    """
    return _arrive(document, pointer_or_ref, past_end=False)


def references(node: Json, pointer: str = "", *, is_map: bool = False) -> Iterator[Reference]:
    """Every reference in the node, in no order, except those in data (examples, defaults, `x-` members)."""
    every = references_below(node, location_of(tokens(pointer)), is_map, set())
    return (reference for reference in every if not reference.in_data)


def references_below(
    node: Json, location: DocumentPath, is_map: bool, seen: set[tuple[int, bool]]
) -> Iterator[Reference]:
    """As `references`, for a node at `location`, without the nodes in `seen`, to which it adds."""
    waiting = [(node, location, is_map)]
    while waiting:
        node, location, is_map = waiting.pop()
        if isinstance(node, list):
            children = enumerate(node)
            waiting += [(child, (location, str(i)), False) for i, child in children if isinstance(child, dict | list)]
            continue
        if not isinstance(node, dict) or (id(node), is_map) in seen:
            continue
        seen.add((id(node), is_map))
        if isinstance(node.get("$ref"), str):
            yield Reference(node, "$ref", location, is_map)
        for name, child in node.items():
            if not isinstance(child, dict | list) or (not is_map and is_value(name, child)):
                if name in _EXAMPLES and isinstance(child, dict) and [*child] == ["$ref"]:
                    yield from _in_data(node, name, location)
                continue
            if name == "discriminator" and isinstance(child, dict) and not is_map:
                yield from _mapped(child, (location, name))
            waiting.append((child, (location, name), not is_map and name in AUTHORS_NAMES))


def is_value(name: str, child: Json) -> bool:
    """Whether the member contains values that only look like parts of a document. Named examples contain them in
    `value`.
    """
    if name == "examples":
        return isinstance(child, list) or any("/" in media_type for media_type in child)
    return name in _DATA or (name.startswith("x-") and name not in _OURS)


def path_to(document: Json, ref: str) -> list[str]:
    """The tokens that a `$ref` leads along. Some documents leave `%20` in their names undecoded; then it is not
    decoded.
    """
    if ref.startswith("/") or not ref:
        return tokens(ref)
    if not ref.startswith("#"):
        raise Unusable(f"{ref!r} leads out of the document; expected `#/...`.")
    fragment = ref[1:]
    if fragment and not fragment.startswith("/"):
        found = _anchored(document, unquote(fragment))
        if found is None:
            raise Unusable(f"{ref!r} leads nowhere: no schema has this `$anchor`.")
        return found
    path = tokens(unquote(fragment))
    if "%" in fragment and follow(document, path)[1]:
        return tokens(fragment)
    return path


def follow(node: Json, path: list[str]) -> tuple[Json, list[str]]:
    """The last existing node along the path, and the tokens that are left."""
    for index, token in enumerate(path):
        found = child_of(node, token)
        if found is MISSING:
            return node, path[index:]
        node = found
    return node, []


def _arrive(document: Json, pointer_or_ref: str, *, past_end: bool) -> tuple[list[str], Json]:
    path = path_to(document, pointer_or_ref)
    for _ in range(MAX_HOPS):
        node, rest = follow(document, path)
        ref = node.get("$ref") if isinstance(node, dict) else None
        if not isinstance(ref, str) or not (rest or past_end):
            if rest:
                stop = pointer_of(path[: -len(rest)]) or "the document"
                raise Unusable(f"{pointer_or_ref!r} leads nowhere: {stop} has no {rest[0]!r}.")
            return path, node
        path = [*path_to(document, ref), *rest]
    raise Unusable(f"{pointer_or_ref!r} leads round in a circle of `$ref`s. Make one of them a value.")


def _anchored(document: Json, anchor: str) -> list[str] | None:
    """The path to the schema with this `$anchor`. Examples that look like schemas are skipped."""
    waiting: list[tuple[Json, list[str], bool]] = [(document, [], False)]
    while waiting:
        node, path, is_map = waiting.pop()
        if isinstance(node, list):
            waiting.extend((child, [*path, str(index)], False) for index, child in enumerate(node))
        elif isinstance(node, dict):
            if not is_map and (
                anchor in (node.get("$anchor"), node.get("$dynamicAnchor")) or node.get("$id") == f"#{anchor}"
            ):
                return path
            for name, child in node.items():
                if isinstance(child, dict | list) and (is_map or name.startswith("x-") or not is_value(name, child)):
                    waiting.append((child, [*path, name], not is_map and name in AUTHORS_NAMES))
    return None


def _in_data(holder: dict[str, Json], name: str, location: DocumentPath) -> Iterator[Reference]:
    if isinstance(holder[name]["$ref"], str):
        yield Reference(holder, name, location, in_data=True)


def _mapped(discriminator: dict[str, Json], location: DocumentPath) -> Iterator[Reference]:
    """The discriminator's values that are references; the others are schema names."""
    mapping = discriminator.get("mapping")
    candidates = [Reference(discriminator, "defaultMapping", location)]
    if isinstance(mapping, dict):
        candidates += [Reference(mapping, value, (location, "mapping")) for value in mapping]
    for candidate in candidates:
        ref = candidate.holder.get(candidate.key)
        if isinstance(ref, str) and "://" not in ref and ("#" in ref or _FILE_NAME.search(ref)):
            yield candidate
