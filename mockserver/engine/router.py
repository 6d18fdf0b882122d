"""Which operation? Literal segments beat templated ones; a path without the method is 405."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Generic, TypeVar

from mockserver.problem import NO_METHOD, NO_OPERATION, Problem

_Target = TypeVar("_Target")
_EXPRESSION = re.compile(r"\{([^{}]+)\}")


class _Node(Generic[_Target]):
    """What may follow after some segments: literal segments by text, templated ones in order, and the methods that
    end here.

    `only` is the child of a sole templated segment that takes any text, so that no pattern is asked.
    """

    __slots__ = ("literal", "methods", "only", "templated")

    def __init__(self) -> None:
        self.literal: dict[str, _Node[_Target]] = {}
        self.templated: list[tuple[str, re.Pattern[str], _Node[_Target]]] = []
        self.only: _Node[_Target] | None = None
        self.methods: dict[str, tuple[_Target, tuple[str, ...]]] = {}


class Router(Generic[_Target]):
    """A tree of path segments. `{id}`, `{a}.{b}`, `{id}:copy` and `Users('{id}')` each match within one segment."""

    def __init__(self, routes: Iterable[tuple[str, str, _Target]]) -> None:
        self._root: _Node[_Target] = _Node()
        for method, path, target in routes:
            self._add(method, path, target)

    def match(self, method: str, path: str) -> tuple[_Target, Mapping[str, str]]:
        """The target, and the text of each path parameter. Raises Problem 404, or 405 with `Allow`."""
        segments = path.split("/")
        allowed: set[str] = set()
        target = self._walk(self._root, segments, 1, method, [], allowed)
        if target is not None:
            return target
        if allowed:
            allow = ", ".join(sorted(allowed))
            raise Problem(
                405, f"{path} does not take {method}; it takes {allow}.", code=NO_METHOD, headers=(("Allow", allow),)
            )
        raise Problem(404, f"No operation has the path {path}.", code=NO_OPERATION)

    def has(self, path: str) -> bool:
        """Whether a target has this path, by whatever method."""
        allowed: set[str] = set()
        self._walk(self._root, path.split("/"), 1, "", [], allowed)
        return bool(allowed)

    def _walk(
        self, node: _Node[_Target], segments: list[str], at: int, method: str, values: list[str], allowed: set[str]
    ) -> tuple[_Target, Mapping[str, str]] | None:
        """Goes down as long as there is one way; only where a literal and a templated segment both fit does it
        branch.
        """
        last = len(segments)
        while at < last:
            segment = segments[at]
            at += 1
            literal = node.literal.get(segment)
            if literal is None:
                if not node.templated:
                    return None
                if node.only is None or not segment:
                    return self._branch(node, segment, segments, at, method, values, allowed)
                values.append(segment)
                node = node.only
            else:
                if node.templated:
                    found = self._walk(literal, segments, at, method, [*values], allowed)
                    return found or self._branch(node, segment, segments, at, method, values, allowed)
                node = literal
        ending = node.methods.get(method)
        if ending is None:
            allowed.update(node.methods)
            return None
        target, names = ending
        if len(names) == 1:
            return target, {names[0]: values[0]}
        return target, dict(zip(names, values, strict=True)) if names else _NO_VALUES

    def _branch(
        self,
        node: _Node[_Target],
        segment: str,
        segments: list[str],
        at: int,
        method: str,
        values: list[str],
        allowed: set[str],
    ) -> tuple[_Target, Mapping[str, str]] | None:
        for _, pattern, child in node.templated:
            matched = pattern.fullmatch(segment)
            if matched is not None:
                found = self._walk(child, segments, at, method, [*values, *matched.groups()], allowed)
                if found is not None:
                    return found
        return None

    def _add(self, method: str, path: str, target: _Target) -> None:
        node, names = self._root, []
        for segment in path.split("/")[1:]:
            expressions = _EXPRESSION.findall(segment)
            names += expressions
            node = self._templated(node, segment) if expressions else node.literal.setdefault(segment, _Node())
        node.methods[method] = target, tuple(names)

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


def _pattern(segment: str) -> re.Pattern[str]:
    parts = _EXPRESSION.split(segment)
    return re.compile(
        "".join(re.escape(part) if number % 2 == 0 else "(.+)" for number, part in enumerate(parts)), re.DOTALL
    )


_NO_VALUES: Mapping[str, str] = {}
