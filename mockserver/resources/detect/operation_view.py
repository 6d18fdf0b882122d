"""Views of operations as detection reads them: path segments, body and success schemas; and the tree of their paths."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, NamedTuple

from mockserver.json_pointer import escaped
from mockserver.json_text import Json
from mockserver.openapi.model.operation import Operation
from mockserver.openapi.model.path_conditions import bare_name, plain_path
from mockserver.problem import Unusable
from mockserver.resources.detect.example_schema import AT, example_of
from mockserver.resources.detect.names import same_name
from mockserver.resources.detect.schema_shape import NOTHING, SchemaPlace, SchemaShape, SchemaShapes

_PARAMETER: Final = re.compile(r"\{([^{}]+)\}")
_EXTENSION: Final = re.compile(r"(?<=[\w}])\.(?:json|xml|\{format\})$|\{mediaTypeExtension\}$|\{\.format\}$")
_ODATA: Final = re.compile(r"([^(){}]+)\('?(\{[^{}]+\})'?\)")
_CUSTOM: Final = re.compile(r"(\{[^{}]+\}|[^:{}]+):([A-Za-z][\w-]*)")
_LONG: Final = 400
Key = tuple[str, ...]
"""A path as its segments, with `{}` for each parameter."""


class AnswerView(NamedTuple):
    """A declared success: its status and, where it has one in JSON, the schema of its body."""

    status: str
    place: SchemaPlace | None
    bodyless: bool
    node: Json

    def code(self, otherwise: int) -> int:
        """Returns the status as a number; `otherwise` where a range or `default` is declared."""
        return int(self.status) if self.status.isdecimal() else otherwise


def segments_of(path: str) -> tuple[str, ...]:
    """Returns the segments of a path template, without extensions and a trailing slash; `Users('{id}')` and
    `{id}:close` are two segments each.
    """
    path = _EXTENSION.sub("", plain_path(path).rstrip("/"))
    found: list[str] = []
    for segment in path.split("/")[1:]:
        if odata := _ODATA.fullmatch(segment):
            found += [odata[1], odata[2]]
        elif custom := _CUSTOM.fullmatch(segment):
            found += [custom[1], ":" + custom[2]]
        else:
            found.append(segment)
    return tuple(found)


def is_parameter(segment: str) -> bool:
    """Returns whether the segment is a parameter and nothing else."""
    return segment[:1] == "{" and segment[-1:] == "}" and segment.count("{") == 1


class OperationView:
    """One operation; each part is read on first use."""

    def __init__(self, operation: Operation, shapes: SchemaShapes) -> None:
        self.operation = operation
        self.id = operation.id
        self.method = operation.method
        self.node = operation.node
        self.shapes = shapes
        self.segments = segments_of(operation.path)
        self.key: Key = tuple("{}" if is_parameter(segment) else segment for segment in self.segments)
        self.parameters = tuple(name for segment in self.segments for name in _PARAMETER.findall(segment))
        self.plain = all(is_parameter(segment) or "{" not in segment for segment in self.segments)

    @cached_property
    def responses(self) -> Mapping[str, SchemaPlace]:
        """Every declared response by status, with its references followed."""
        found = {}
        responses = self.node.get("responses")
        for status, node in (responses if isinstance(responses, dict) else {}).items():
            try:
                found[str(status).upper()] = SchemaPlace(
                    *self.shapes.resolve(node, f"{self.operation.at}/responses/{escaped(str(status))}")
                )
            except Unusable:
                continue
        return found

    @cached_property
    def good(self) -> tuple[AnswerView, ...]:
        """The declared successes, lowest status first; `default` where no other is declared."""
        names = sorted(status for status in self.responses if status.startswith("2"))
        if not names and not any(status.startswith("3") for status in self.responses):
            names = [status for status in self.responses if status == "DEFAULT"]
        return tuple(self._answered(status) for status in names)

    @cached_property
    def shown(self) -> SchemaPlace | None:
        """The schema of the first success that has a body in JSON."""
        return next((answered.place for answered in self.good if answered.place is not None), None)

    @cached_property
    def shape(self) -> SchemaShape:
        """The shape of that schema."""
        return NOTHING if self.shown is None else self.shapes.at(self.shown)

    @cached_property
    def body_place(self) -> SchemaPlace | None:
        """The schema of the request body, in JSON or else as a form."""
        try:
            body, at = self.shapes.resolve(self.node.get("requestBody", {}), f"{self.operation.at}/requestBody")
        except Unusable:
            return None
        content = body.get("content", {}) if isinstance(body, dict) else {}
        return _schema(content, at, _is_json) or _schema(content, at, _is_form)

    @cached_property
    def body(self) -> SchemaShape:
        """The shape of the request body."""
        return NOTHING if self.body_place is None else self.shapes.at(self.body_place)

    def declares(self, *statuses: str) -> bool:
        """Returns whether one of these statuses is declared, by itself, by its range, or by a `default`
        beside others.
        """
        declared = self.responses
        if any(status in declared or f"{status[0]}XX" in declared for status in statuses):
            return True
        return "DEFAULT" in declared and (len(declared) > 1)

    @cached_property
    def query(self) -> Mapping[str, SchemaPlace]:
        """The query parameters by name: the schema of each."""
        return {
            node["name"]: SchemaPlace(node.get("schema", {}), f"{at}/schema") for node, at in self._parameters("query")
        }

    @cached_property
    def descriptions(self) -> Mapping[str, str]:
        """The descriptions of query parameters and of members of the body, by name."""
        described = {name: place.node.get("description") for name, place in self.body.members.items()}
        described |= {node["name"]: node.get("description") for node, _ in self._parameters("query")}
        return {name: text for name, text in described.items() if isinstance(text, str)}

    @cached_property
    def text(self) -> str:
        """The summary and description of the operation, at most 400 characters."""
        return f"{self.node.get('summary', '')}. {self.node.get('description', '')}"[:_LONG]

    @property
    def verb(self) -> str:
        """The last literal of the path, which names an action on the record."""
        return next((segment.strip(":") for segment in reversed(self.segments) if not is_parameter(segment)), "")

    @cached_property
    def headers(self) -> frozenset[str]:
        """The names of the declared request headers, in lower case."""
        return frozenset(node["name"].lower() for node, _ in self._parameters("header"))

    @cached_property
    def path_places(self) -> Mapping[str, SchemaPlace]:
        """The path parameters by their names in the path: the node of each, with its pointer."""
        found = {node["name"]: SchemaPlace(node, at) for node, at in self._parameters("path")}
        return found | {name: found[bare] for name in self.parameters if (bare := bare_name(name)) in found}

    def extension(self, name: str) -> Json:
        """Returns the value of `x-mock-{name}` at the operation, else at its path; None where there is none."""
        own = self.node.get(f"x-mock-{name}")
        return self.operation.owner[0].get(f"x-mock-{name}") if own is None else own

    def _parameters(self, place: str) -> Iterator[tuple[Json, str]]:
        found = {}
        for owner, at in (self.operation.owner, (self.node, self.operation.at)):
            listed = owner.get("parameters", ())
            for number, node in enumerate(listed if isinstance(listed, list) else ()):
                try:
                    node, node_at = self.shapes.resolve(node, f"{at}/parameters/{number}")
                except Unusable:
                    continue
                if isinstance(node, dict) and node.get("in") == place and isinstance(node.get("name"), str):
                    found[node["name"]] = node, node_at
        yield from found.values()

    def _exemplary(self, content: Mapping[str, Json], at: str) -> SchemaPlace | None:
        """Returns a schema derived from the first example in JSON, where there are examples and no schema."""
        for name, media in content.items():
            is_bare = isinstance(media, dict) and not {"schema", "itemSchema"} & media.keys()
            example = example_of(media) if is_bare and _is_json.search(name) else None
            if example is not None:
                return self.shapes.of_example(example, f"{at}/content/{escaped(name)}/{AT}")
        return None

    def _answered(self, status: str) -> AnswerView:
        node, at = self.responses[status]
        content = node.get("content") or {} if isinstance(node, dict) else {}
        place = _schema(content, at, _is_json) or self._exemplary(content, at)
        return AnswerView(status, place, not content, node)


def query_members(view: OperationView, record: SchemaShape) -> tuple[tuple[str, str], ...]:
    """Returns the query parameters of a write that have names of a record's members, each with its member, where the
    body has no record: `POST /pets/{id}?name=Max`.
    """
    if view.method not in ("POST", "PUT", "PATCH") or (view.body_place is not None and view.body.members):
        return ()
    named = ((name, same_name(name, record.members)) for name in view.query)
    return tuple((name, member) for name, member in named if member is not None)


def _schema(content: Mapping[str, Json], at: str, wanted: re.Pattern[str]) -> SchemaPlace | None:
    for name, media in content.items():
        if wanted.search(name) and isinstance(media, dict) and isinstance(media.get("schema"), dict):
            return SchemaPlace(media["schema"], f"{at}/content/{escaped(name)}/schema")
    return None


_is_json: Final = re.compile(r"^[^;]*\bjson\b|^\*/\*|^application/\*", re.IGNORECASE)
_is_form: Final = re.compile(r"x-www-form-urlencoded|multipart/form-data", re.IGNORECASE)


@dataclass(slots=True)
class PathNode:
    """One path, whatever its parameters are called: its operations by method."""

    key: Key
    methods: dict[str, OperationView] = field(default_factory=dict)

    @property
    def is_item(self) -> bool:
        """Whether the path ends in a parameter."""
        return self.key[-1:] == ("{}",)

    @property
    def first(self) -> OperationView:
        return next(iter(self.methods.values()))

    @property
    def name(self) -> str:
        """The last literal segment: the name of the records here."""
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
        """Returns the nodes that end in the literal, directly below a parameter."""
        return self._below.get(literal, [])

    def near(self, key: Key) -> list[PathNode]:
        """Returns the nodes that are one or two segments below this path."""
        return self._near.get(key, [])

    def __iter__(self) -> Iterator[PathNode]:
        return iter(self.nodes.values())

    def get(self, key: Key) -> PathNode | None:
        return self.nodes.get(key)


def path_of(segments: Iterable[str]) -> str:
    """Returns the path template of some segments."""
    return "".join(segment if segment.startswith(":") else f"/{segment}" for segment in segments)


def parameters_of(segments: Iterable[str]) -> tuple[str, ...]:
    """Returns the names of the parameters among some segments."""
    return tuple(segment[1:-1] for segment in segments if is_parameter(segment))
