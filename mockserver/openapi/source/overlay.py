"""Applies OpenAPI Overlays (1.0, 1.1), which add, change and remove parts of a document from separate files."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from mockserver.json_pointer import escaped, tokens
from mockserver.json_text import Json
from mockserver.openapi.source.source import Finding, Source, read
from mockserver.problem import Unusable

_VERSION = re.compile(r"1\.[01](?:\.[0-9]+)?")
_DEEPEST = 400
MOST_MATCHES = 100_000
"""The most places that one action changes."""

MOST_ADDED = 500_000
"""The most members and items that overlays add to a document, each counted at each place: an action that copies what
the one before has copied doubles a document.
"""

Tokens = tuple[str | int, ...]


class _Match(NamedTuple):
    """A node that a JSONPath selects."""

    path: Tokens
    value: Json


class Addition(NamedTuple):
    """A value that an action put into the document; in its overlay it stands at `pointer`."""

    source: Source
    pointer: str
    path: Tokens
    value: Json

    def find(self, path: Sequence[str]) -> str:
        """The pointer in the overlay of what stands at `path` in the document; empty if that came from elsewhere."""
        length = len(self.path)
        if len(path) <= length or [*map(str, self.path)] != [*path[:length]]:
            return ""
        node = self.value
        for token in path[length:]:
            if not isinstance(node, dict) or token not in node:
                return ""
            node = node[token]
        return "/".join((self.pointer, *map(escaped, path[length:])))


class Overlaid(NamedTuple):
    """A document with overlays applied, a finding for each target that matched nothing, and the added values."""

    document: Json
    unmatched: tuple[Finding, ...] = ()
    additions: tuple[Addition, ...] = ()

    def locate(self, pointer: str) -> tuple[str, int, str] | None:
        """The overlay, line and pointer that the part at `pointer` came from; None if it came from no overlay."""
        path = tokens(pointer)
        for addition in reversed(self.additions):
            if found := addition.find(path):
                return addition.source.name, addition.source.line(found), found
        return None


@dataclass(slots=True)
class _Action:
    """One action of an overlay, with what messages need to name its place."""

    source: Source
    number: int
    node: Json = field(repr=False)

    def unusable(self, member: str, message: str) -> Unusable:
        pointer = f"/actions/{self.number}{member and '/' + member}"
        return Unusable(f"{message} (#{pointer})", where=f"{self.source.name}:{self.source.line(pointer)}")

    def finding(self, member: str, message: str) -> Finding:
        pointer = f"/actions/{self.number}/{member}"
        return Finding(self.source.name, self.source.line(pointer), pointer, message)

    def addition(self, path: Tokens) -> Addition:
        return Addition(self.source, f"/actions/{self.number}/update", path, self.node["update"])


def overlaid(document: Json, overlays: Sequence[Path]) -> Overlaid:
    """Applies the actions of each overlay in order.

    The given document is not changed. Raises Unusable with the line for what is no valid overlay.
    """
    findings: list[Finding] = []
    additions: list[Addition] = []
    growth = _Growth()
    for overlay in overlays:
        source = read(overlay)
        for action in _actions(source):
            document = _done(document, action, findings, additions, growth)
    return Overlaid(document, tuple(findings), tuple(additions))


def _actions(source: Source) -> list[_Action]:
    value = source.value
    version = value.get("overlay") if isinstance(value, dict) else None
    if version is None:
        raise Unusable("is no overlay: it has no `overlay: 1.0.0` at its top.", where=source.name)
    if not _VERSION.fullmatch(str(version)):
        message = f"is an overlay of version {version}; expected 1.0 or 1.1."
        raise Unusable(message, where=f"{source.name}:{source.line('/overlay')}")
    actions = value.get("actions")
    if not isinstance(actions, list) or not actions:
        raise Unusable("has no `actions`; expected a list of at least one.", where=source.name)
    made = [_Action(source, number, node) for number, node in enumerate(actions)]
    for action in made:
        _refuse_unclear(action)
    return made


def _refuse_unclear(action: _Action) -> None:
    node = action.node
    if not isinstance(node, dict) or not isinstance(node.get("target"), str):
        raise action.unusable("", "an action needs a `target`, a JSONPath such as $.paths['/pets'].get")
    if not isinstance(node.get("remove", False), bool):
        raise action.unusable("remove", f"expected true or false, got {node['remove']!r}")
    if not ({"update", "copy"} & node.keys() or node.get("remove")):
        raise action.unusable("", "an action needs `update`, `remove: true` or, since 1.1, `copy`")
    if "update" in node and "copy" in node:
        raise action.unusable("", "an action has either `update` or `copy`")


class _Growth:
    """Counts the members and items that actions add."""

    def __init__(self) -> None:
        self._added = 0

    def add(self, addition: Json, places: int, action: _Action) -> None:
        """Counts an addition at so many places. Raises Unusable beyond the bound."""
        self._added += places * _size(addition, {})
        if self._added > MOST_ADDED:
            message = f"the actions up to this one add more than {MOST_ADDED:,} values, the most that are read"
            raise action.unusable("", f"{message}; it changes {places:,} places")


def _size(node: Json, known: dict[int, int]) -> int:
    """The number of values in a value, its shared parts counted at each place."""
    if not isinstance(node, (dict, list)):
        return 1
    size = known.get(id(node))
    if size is None:
        size = 1 + sum(_size(child, known) for child in (node.values() if isinstance(node, dict) else node))
        known[id(node)] = size
    return size


def _done(document: Json, action: _Action, findings: list[Finding], additions: list[Addition], growth: _Growth) -> Json:
    matches = _matches(document, action, "target")
    if not matches:
        message = f"{action.node['target']} matches nothing in the document; the action does nothing"
        findings.append(action.finding("target", message))
        return document
    if action.node.get("remove"):
        return _removed(document, matches, action)
    if "copy" in action.node:
        sources = _matches(document, action, "copy")
        if len(sources) != 1:
            raise action.unusable("copy", f"expected exactly one place to copy from, got {len(sources)}")
        addition = sources[0].value
    else:
        addition = action.node["update"]
    growth.add(addition, len(matches), action)
    if "copy" not in action.node:
        additions += [action.addition(match.path) for match in matches]
    fresh: dict[int, Json] = {}
    for match in matches:
        document = _put(document, match.path, _merged(match.value, addition, action), fresh)
    return document


def _matches(document: Json, action: _Action, member: str) -> list[_Match]:
    from jsonpath_rfc9535 import JSONPathEnvironment, JSONPathError

    class Environment(JSONPathEnvironment):
        max_recursion_depth = _DEEPEST

    query = action.node[member]
    if not isinstance(query, str):
        raise action.unusable(member, f"expected a JSONPath, got {query!r}")
    try:
        found = islice(Environment().finditer(query, document), MOST_MATCHES + 1)
        matches = [_Match(tuple(node.location), node.value) for node in found]
    except (JSONPathError, RecursionError) as error:
        advice = "Names with other signs than letters, digits and _ are written such as $['x-name']"
        message = f"{query!r} is no JSONPath that can be followed: {_first_line(error)}. {advice}"
        raise action.unusable(member, message) from None
    if len(matches) > MOST_MATCHES:
        raise action.unusable(member, f"{query!r} matches more than {MOST_MATCHES:,} places, the most that are changed")
    return matches


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]


def _merged(seen: Json, addition: Json, action: _Action) -> Json:
    """Merges an update: objects are merged at any depth, a list gains an item or the items of a list, other values are
    replaced.
    """
    if isinstance(seen, list):
        return [*seen, *(addition if isinstance(addition, list) else [addition])]
    if isinstance(seen, dict) != isinstance(addition, dict):
        raise action.unusable("update", f"cannot merge {_kind(addition)} into {_kind(seen)}")
    return _deep(seen, addition)


def _deep(seen: Json, addition: Json) -> Json:
    if isinstance(seen, dict) and isinstance(addition, dict):
        return {**seen, **{name: _deep(seen[name], new) if name in seen else new for name, new in addition.items()}}
    if isinstance(seen, list) and isinstance(addition, list):
        return [*seen, *addition]
    return addition


def _kind(value: Json) -> str:
    return "an object" if isinstance(value, dict) else "a list" if isinstance(value, list) else "a value"


def _removed(document: Json, matches: list[_Match], action: _Action) -> Json:
    """Removes the matches; those later in a list first, so that the positions of the others stay valid."""
    paths = {match.path for match in matches}
    if () in paths:
        raise action.unusable("target", "the document itself cannot be removed")
    for path in sorted(paths, key=_order, reverse=True):
        if not any(path[:length] in paths for length in range(1, len(path))):
            document = _without(document, path)
    return document


def _order(path: Tokens) -> list[tuple[int, str]]:
    return [(token, "") if isinstance(token, int) else (-1, token) for token in path]


def _without(node: Any, path: Tokens) -> Json:
    token, *rest = path
    if rest:
        return _replaced(node, token, _without(node[token], tuple(rest)))
    if isinstance(node, list):
        return [child for index, child in enumerate(node) if index != token]
    return {name: child for name, child in node.items() if name != token}


def _put(node: Any, path: Tokens, value: Json, fresh: dict[int, Json]) -> Json:
    """Copies each object and list along the path, unless it is a `fresh` copy; everything beside it is shared."""
    if not path:
        return value
    if id(node) not in fresh:
        node = node.copy()
        fresh[id(node)] = node
    node[path[0]] = _put(node[path[0]], path[1:], value, fresh)
    return node


def _replaced(node: Any, token: str | int, value: Json) -> Json:
    copy = node.copy()
    copy[token] = value
    return copy
