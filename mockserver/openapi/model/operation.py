"""Operations: a method and path template with parameters, bodies and responses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from mockserver.json_pointer import escaped
from mockserver.json_text import Json
from mockserver.openapi.model.body_model import Body, body_of
from mockserver.openapi.model.parameter import Parameter, media_types_of, parameters_of
from mockserver.openapi.model.path_conditions import (
    PathCondition,
    bare_name,
    conditions_of,
    has_conditions,
    is_greedy,
    plain_path,
)
from mockserver.openapi.model.response import DeclaredResponse, answers_of
from mockserver.openapi.model.servers import Server, servers_of
from mockserver.openapi.schema.message_schemas import MessageSchemas
from mockserver.openapi.schema.schema_view import CompileContext, Resolve
from mockserver.openapi.standards import METHODS


@dataclass(frozen=True, eq=False)
class Operation:
    """One operation of a document. `id` is its operationId, else built from method and path; `servers` are its own,
    else those of its path, else those of the document.

    Parameters, bodies and responses are compiled at first use, so that a document with thousands of operations loads at
    once. `security` lists alternatives, each a mapping from scheme name to required scopes.
    """

    id: str
    method: str
    path: str
    servers: tuple[Server, ...]
    security: tuple[Mapping[str, tuple[str, ...]], ...]
    node: Json = field(repr=False)
    at: str
    owner: tuple[Json, str] = field(repr=False)
    document: CompileContext = field(repr=False)

    @property
    def summary(self) -> str:
        text: str = self.node.get("summary", "")
        return text

    @property
    def is_deprecated(self) -> bool:
        return self.node.get("deprecated") is True

    @property
    def source(self) -> str:
        """The origin of the rule: `seed`, `docs`, `assumed`; empty if the document does not say."""
        text: str = self.node.get("x-source", "")
        return text

    @property
    def full_path(self) -> str:
        """The path template below the root of the first server: `/api/v1/links/{link_id}`."""
        return self.servers[0].path + self.path

    @property
    def routed_path(self) -> str:
        """As `full_path`, without the query or fragment that some documents append."""
        return self.servers[0].path + plain_path(self.path)

    @cached_property
    def conditions(self) -> tuple[PathCondition, ...]:
        """The conditions that this query or fragment sets for a request."""
        return conditions_of(self.path, self.parameters) if has_conditions(self.path) else ()

    @property
    def other_paths(self) -> tuple[str, ...]:
        """The full path templates of the other servers, and of none where those of the document are not meant by any
        operation of the path.
        """
        every = dict.fromkeys(server.path for server in self.servers)
        item = self.owner[0]
        if "servers" in item or all("servers" in node for name, node in item.items() if name in METHODS):
            every[""] = None
        return tuple(path + plain_path(self.path) for path in every)[1:]

    def base_of(self, path: str) -> str:
        """The base path of the server that a request to this path addresses."""
        if len(self.servers) == 1:
            return self.servers[0].path
        fits = (server.path for server in self.servers if path.startswith(f"{server.path}/"))
        return max(fits, key=len, default=self.servers[0].path)

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        expressions = {bare_name(found): found for found in _EXPRESSION.findall(self.path) if is_greedy(found)}
        return parameters_of(self.document, [self.owner, (self.node, self.at)], expressions)

    @cached_property
    def accepted(self) -> tuple[str, ...]:
        """The media types that a header parameter `Accept` names."""
        return media_types_of(self.document, [self.owner, (self.node, self.at)], "accept")

    @cached_property
    def sent_as(self) -> tuple[str, ...]:
        """The media types that a header parameter `Content-Type` names."""
        return media_types_of(self.document, [self.owner, (self.node, self.at)], "content-type")

    @cached_property
    def body(self) -> Body | None:
        return body_of(self.document, self.node, self.at)

    @cached_property
    def answers(self) -> Mapping[str, DeclaredResponse]:
        return answers_of(self.document, self.node, self.at)

    def answer(self, status: int) -> DeclaredResponse | None:
        """The response declared for this status: its own, that of its range (`4XX`), else `default`."""
        answers = self.answers
        return answers.get(str(status)) or answers.get(f"{status // 100}XX") or answers.get("default")


_EXPRESSION = re.compile(r"\{([^{}]+)\}")
NOTHING: Mapping[str, bytes] = {}


def compile_operations(
    document: Json,
    servers: tuple[Server, ...],
    views: MessageSchemas,
    resolve: Resolve,
    files: Mapping[str, bytes] = NOTHING,
) -> tuple[Operation, ...]:
    """Every operation of the document, in document order. An operation that is referenced from several paths has its
    operationId at the first of them only. `files` has the contents of examples that are files.
    """
    security = document.get("security", [])
    taken: set[str] = set()
    compiled = CompileContext(views, resolve, files)
    operations: list[Operation] = []
    for path, item in document.get("paths", {}).items():
        item, at = resolve(item, f"/paths/{escaped(path)}")
        above = servers_of(item, servers)
        for method, node, node_at in _methods(item, at):
            name = node.get("operationId", "")
            operations.append(
                Operation(
                    id=name if name and name not in taken else f"{method} {path}",
                    method=method,
                    path=path,
                    servers=servers_of(node, above),
                    security=_security(node.get("security", security)),
                    node=node,
                    at=node_at,
                    owner=(item, at),
                    document=compiled,
                )
            )
            taken.add(operations[-1].id)
    return tuple(operations)


def _methods(item: Json, at: str) -> list[tuple[str, Json, str]]:
    """The operations of a path: method, node and pointer."""
    more = item.get("additionalOperations", {})
    return [
        *((method.upper(), item[method], f"{at}/{method}") for method in METHODS if method in item),
        *((method, node, f"{at}/additionalOperations/{escaped(method)}") for method, node in more.items()),
    ]


def _security(alternatives: Json) -> tuple[Mapping[str, tuple[str, ...]], ...]:
    return tuple({scheme: tuple(scopes) for scheme, scopes in needed.items()} for needed in alternatives)
