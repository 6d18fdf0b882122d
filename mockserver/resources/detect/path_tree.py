"""The paths of a document as a tree of resources."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from mockserver.resources.detect.operation_view import Key, OperationView, is_parameter


@dataclass(slots=True)
class PathNode:
    """One path, whatever its parameters are called: its operations by method."""

    key: Key
    methods: dict[str, OperationView] = field(default_factory=dict)

    @property
    def is_item(self) -> bool:
        """Whether it ends in a parameter."""
        return self.key[-1:] == ("{}",)

    @property
    def first(self) -> OperationView:
        return next(iter(self.methods.values()))

    @property
    def name(self) -> str:
        """The last literal segment: what the records here are called."""
        return next((segment for segment in reversed(self.key) if segment != "{}"), "")

    def get(self, *methods: str) -> OperationView | None:
        return next((self.methods[method] for method in methods if method in self.methods), None)


class PathTree:
    """Every node by its key. Paths with something beside a parameter in a segment have no node."""

    def __init__(self, views: Iterable[OperationView]) -> None:
        self.nodes: dict[Key, PathNode] = {}
        for view in views:
            if view.plain:
                node = self.nodes.setdefault(view.key, PathNode(view.key))
                node.methods.setdefault(view.method, view)
        self._below: dict[str, list[PathNode]] = {}
        self._near: dict[Key, list[PathNode]] = {}
        for node in self.nodes.values():
            for segments in range(1, min(len(node.key), 2) + 1):
                self._near.setdefault(node.key[:-segments], []).append(node)
            if node.key[-2:-1] == ("{}",) and not node.is_item:
                self._below.setdefault(node.key[-1], []).append(node)

    def below_records(self, literal: str) -> list[PathNode]:
        """The nodes that end in the literal, directly below a parameter."""
        return self._below.get(literal, [])

    def near(self, key: Key) -> list[PathNode]:
        """The nodes that are one or two segments below this path."""
        return self._near.get(key, [])

    def __iter__(self) -> Iterator[PathNode]:
        return iter(self.nodes.values())

    def get(self, key: Key) -> PathNode | None:
        return self.nodes.get(key)


def path_of(segments: Iterable[str]) -> str:
    """The path template of some segments."""
    return "".join(segment if segment.startswith(":") else f"/{segment}" for segment in segments)


def parameters_of(segments: Iterable[str]) -> tuple[str, ...]:
    """The names of the parameters among some segments."""
    return tuple(segment[1:-1] for segment in segments if is_parameter(segment))
