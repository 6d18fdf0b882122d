"""Routes a request to its operation. Literal segments beat templated ones; a path without the method is 405."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from heapq import nsmallest
from operator import itemgetter
from typing import Generic, TypeVar

from mockserver.openapi.model.path_conditions import is_greedy
from mockserver.problem import NO_METHOD, NO_OPERATION, Problem

_Target = TypeVar("_Target")
_EXPRESSION = re.compile(r"\{([^{}]+)\}")

ENCODED_SLASH = "\udc2f"
"""A slash that was percent-encoded in the path: part of a segment, not between two. No valid UTF-8 decodes to it."""

Match = tuple[_Target, Mapping[str, str]] | str
"""The target with the text of each path parameter; of a path that takes other methods only those, as `Allow` has it."""


class _Node(Generic[_Target]):
    """What may follow after some segments: literal segments by text, templated ones in order, and the methods that
    end here.

    `greedy` is the child of a segment that takes several, as `{path+}` does. `only` is the child of a sole templated
    segment that takes any text, so that no pattern is asked; `reach` says how many segments at most may follow a
    templated one, so that a longer path is not tried there. `literals` has a bit for each literal segment of the path
    that ends here.
    """

    __slots__ = ("greedy", "literal", "literals", "methods", "only", "reach", "templated")

    def __init__(self) -> None:
        self.literal: dict[str, _Node[_Target]] = {}
        self.templated: list[tuple[str, re.Pattern[str], _Node[_Target]]] = []
        self.only: _Node[_Target] | None = None
        self.greedy: _Node[_Target] | None = None
        self.reach = 0
        self.literals = 0
        self.methods: dict[str, tuple[_Target, tuple[str, ...]]] = {}


class Router(Generic[_Target]):
    """A tree of path segments. `{id}`, `{a}.{b}`, `{id}:copy` and `Users('{id}')` each match within one segment. A HEAD
    leads to the GET of its path where there is no other. Where `routes` lead nowhere, those of `otherwise` are tried.
    """

    def __init__(
        self, routes: Iterable[tuple[str, str, _Target]], otherwise: Sequence[tuple[str, str, _Target]] = ()
    ) -> None:
        self._root: _Node[_Target] = _Node()
        self._paths: dict[str, list[str]] = {}
        self._known: dict[tuple[str, str], tuple[_Target, dict[str, str]]] = {}
        for method, path, target in routes:
            self._add(method, path, target)
        self._otherwise: Router[_Target] | None = Router(otherwise) if otherwise else None

    def match(
        self, method: str, path: str, asked: str = "", found: Match[_Target] | None = None
    ) -> tuple[_Target, Mapping[str, str]]:
        """The target, and the text of each path parameter, as they were `found` already or are now. Raises Problem
        404, or 405 with `Allow`, which call the path what the client `asked` for.
        """
        found = found or self.seek(method, path)
        asked = asked or path
        if found is None:
            nearest = self._nearest(path.split("/")[1:])
            raise Problem(404, f"No operation has the path {asked}.{nearest}", code=NO_OPERATION)
        if isinstance(found, str):
            headers = (("Allow", found),)
            raise Problem(405, f"{asked} does not take {method}; it takes {found}.", code=NO_METHOD, headers=headers)
        return found

    def seek(self, method: str, path: str) -> Match[_Target] | None:
        """Returns the operation at the path; None where there is none. One that was found of late is not sought."""
        known = self._known.get((method, path))
        if known is not None:
            target, values = known
            return target, values.copy()
        found = self._sought(method, path)
        if type(found) is tuple and len(path) <= LONGEST_KNOWN:
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            self._known[method, path] = found[0], {**found[1]}
        return found

    def _sought(self, method: str, path: str) -> Match[_Target] | None:
        missed: list[_Node[_Target]] = []
        target = self._walk(self._root, path.split("/"), 1, method, [], missed)
        if target is not None:
            return target
        if missed:
            return _allowed(node for node in missed if not _beaten(node, missed))
        return self._otherwise.seek(method, path) if self._otherwise is not None else None

    def _nearest(self, segments: list[str]) -> str:
        """The paths that come nearest to these segments, and where each of them differs."""
        given = {*segments}
        likely = nsmallest(
            MANY, self._paths.items(), key=lambda item: (-len(given & {*item[1]}), abs(len(item[1]) - len(segments)))
        )
        ranked = sorted(((_distance(known, segments), path) for path, known in likely), key=itemgetter(0))
        told = [f"{path} ({difference})" for (_, difference), path in ranked[:NEAREST] if difference]
        return f" The nearest: {'; '.join(told)}." if told else ""

    def _walk(
        self,
        node: _Node[_Target],
        segments: list[str],
        at: int,
        method: str,
        values: list[str],
        missed: list[_Node[_Target]],
        resumed: int = 0,
    ) -> tuple[_Target, Mapping[str, str]] | None:
        """Goes down as long as there is one way; only where a literal and a templated segment both fit does it
        branch.
        """
        last = len(segments)
        while at < last:
            if node.greedy is not None and at != resumed:
                return self._several(node.greedy, node, segments, at, method, values, missed)
            segment = segments[at]
            at += 1
            literal = node.literal.get(segment)
            if literal is None:
                if not node.templated:
                    return None
                if node.only is None or not segment:
                    return self._branch(node, segment, segments, at, method, values, missed)
                values.append(segment)
                node = node.only
            else:
                if node.templated and last - at <= node.reach:
                    found = self._walk(literal, segments, at, method, [*values], missed)
                    return found or self._branch(node, segment, segments, at, method, values, missed)
                node = literal
        ending = node.methods.get(method)
        if ending is None and method == "HEAD":
            ending = node.methods.get("GET")
        if ending is None:
            if node.methods:
                missed.append(node)
            return None
        if missed and _beaten(node, missed):
            return None
        target, names = ending
        if len(names) == 1:
            return target, {names[0]: values[0]}
        return target, dict(zip(names, values, strict=True)) if names else _NO_VALUES

    def _several(
        self,
        child: _Node[_Target],
        node: _Node[_Target],
        segments: list[str],
        at: int,
        method: str,
        values: list[str],
        missed: list[_Node[_Target]],
    ) -> tuple[_Target, Mapping[str, str]] | None:
        """Returns the nodes that one segment leads to, else those that several together lead to."""
        found = self._walk(node, segments, at, method, [*values], missed, at)
        for end in range(len(segments), at, -1):
            if found is not None:
                return found
            if text := "/".join(segments[at:end]):
                found = self._walk(child, segments, end, method, [*values, text], missed)
        return found

    def _branch(
        self,
        node: _Node[_Target],
        segment: str,
        segments: list[str],
        at: int,
        method: str,
        values: list[str],
        missed: list[_Node[_Target]],
    ) -> tuple[_Target, Mapping[str, str]] | None:
        for _, pattern, child in node.templated:
            matched = pattern.fullmatch(segment)
            if matched is not None:
                found = self._walk(child, segments, at, method, [*values, *matched.groups()], missed)
                if found is not None:
                    return found
        return None

    def _add(self, method: str, path: str, target: _Target) -> None:
        self._paths[path] = path.split("/")[1:]
        node, names = self._root, []
        segments = path.split("/")[1:]
        is_endless = any(map(_is_greedy, segments))
        for number, segment in enumerate(segments, 1):
            expressions = _EXPRESSION.findall(segment)
            names += expressions
            if expressions:
                node.reach = ENDLESS if is_endless else max(node.reach, len(segments) - number)
            if _is_greedy(segment):
                node.greedy = node = node.greedy or _Node()
                continue
            node = self._templated(node, segment) if expressions else node.literal.setdefault(segment, _Node())
        node.methods[method] = target, tuple(names)
        node.literals = sum(1 << number for number, segment in enumerate(segments) if "{" not in segment)

    @staticmethod
    def _templated(node: _Node[_Target], segment: str) -> _Node[_Target]:
        shape = _EXPRESSION.sub("{}", segment)
        for known, _, child in node.templated:
            if known == shape:
                return child
        child = _Node()
        node.templated.append((shape, _pattern(segment), child))
        node.templated.sort(key=lambda entry: -len(entry[0].replace("{}", "")))
        node.only = child if len(node.templated) == 1 and shape == "{}" else None
        return child


def with_slashes(found: Match[_Target] | None) -> Match[_Target] | None:
    """The same operation, with slashes where the values of path parameters have ENCODED_SLASH."""
    if not isinstance(found, tuple):
        return found
    target, values = found
    return target, {name: value.replace(ENCODED_SLASH, "/") for name, value in values.items()}


def _is_greedy(segment: str) -> bool:
    return segment[:1] == "{" and segment[-1:] == "}" and is_greedy(segment[1:-1])


def _pattern(segment: str) -> re.Pattern[str]:
    parts = _EXPRESSION.split(segment)
    # `{id}{extension}`: what follows with nothing between begins at a dot, if there is one.
    follows = {number for number in range(3, len(parts), 2) if not parts[number - 1]}
    values = {
        number: r"(\.[^.]+|.)" if number in follows else "(.+?)" if number + 2 in follows else "(.+)"
        for number in range(1, len(parts), 2)
    }
    return re.compile("".join(values.get(number) or re.escape(part) for number, part in enumerate(parts)), re.DOTALL)


def _allowed(nodes: Iterable[_Node[_Target]]) -> str:
    """The methods that are answered there, and so HEAD where GET is."""
    methods = {method for node in nodes for method in node.methods}
    return ", ".join(sorted(methods | {"HEAD"} if "GET" in methods else methods))


def _beaten(node: _Node[_Target], missed: list[_Node[_Target]]) -> bool:
    """Whether one of the paths that do not take the method is more concrete: literal wherever this one is, and
    somewhere else. Of such two OpenAPI has the more concrete one win, by whatever method.
    """
    return any(node.literals & other.literals == node.literals != other.literals for other in missed)


def _distance(known: list[str], given: list[str]) -> tuple[float, str]:
    """How far a path is from the one that was asked for, and what the first difference is; a path that shares no
    literal segment is none to speak of.
    """
    different = 0.0
    shared = len({*known} & {*given})
    said = "" if len(known) == len(given) else f"it has {_segments(known)}, this {_segments(given)}"
    for template, segment in zip(known, given, strict=False):
        if template != segment and "{" not in template:
            alike = SequenceMatcher(None, template, segment).ratio()
            different += 2 - alike
            shared += alike > _ALIKE
            said = said or f"it has {template!r}, this {segment[:40]!r}"
    if not shared:
        return FAR, ""
    return different + abs(len(known) - len(given)), said


def _segments(path: list[str]) -> str:
    return "1 segment" if len(path) == 1 else f"{len(path)} segments"


ENDLESS = 1_000_000
NEAREST, MANY = 3, 50
MOST_KNOWN, LONGEST_KNOWN = 500, 200
"""Paths of an API that are remembered with the operation that they lead to, and the characters of one."""
FAR = 1e9
_ALIKE = 0.6
_NO_VALUES: Mapping[str, str] = {}
