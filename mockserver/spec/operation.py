"""One method and path template, with its parameters, bodies and responses compiled at load."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import isfinite
from typing import Any, NamedTuple

from mockserver.spec.schema import Schemas, Validator
from mockserver.spec.servers import Server, servers_of
from mockserver.wire import Json

Resolve = Callable[[Json, str], tuple[Json, str]]
"""Follows the `$ref`s of a node: (node, pointer) -> (the node it stands for, that node's pointer)."""


class Document(NamedTuple):
    """What operations are compiled with: the validators of their document, and a way to follow its references."""

    schemas: Schemas
    resolve: Resolve


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value beside the body: where it stands, how its text becomes a value, what it may be.

    `free` says that every text of at least one character is a value of it.
    """

    name: str
    place: str
    required: bool
    validator: Validator
    decode: Callable[[str], Json]
    is_array: bool
    explode: bool
    default: Json = None
    has_default: bool = False
    example: Json = None
    free: bool = False


@dataclass(frozen=True, slots=True)
class Media:
    """A body in one media type: the validator of its schema, if it has one; its node, which has the examples, and
    where that stands.
    """

    name: str
    validator: Validator | None
    node: Json = field(repr=False)
    at: str


@dataclass(frozen=True, slots=True)
class Body:
    """What an operation takes as its body, by media type."""

    required: bool
    media: Mapping[str, Media]


@dataclass(frozen=True, slots=True)
class Header:
    """A response header that the document declares."""

    name: str
    required: bool
    accepts: Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """One declared response: its media types with their validators, and its headers; `required_headers` counts
    those.
    """

    status: str
    media: Mapping[str, Media]
    headers: Mapping[str, Header]
    required_headers: int
    node: Json


@dataclass(frozen=True, eq=False)
class Operation:
    """One operation of a document. `id` is its operationId, else made of method and path; `servers` are its own, else
    those of its path, else those of the document.

    What it takes and what it answers is compiled when it is first asked for, so that a document with thousands of
    operations is there at once. `security` lists the alternatives, each a mapping of scheme name to the scopes it must
    have.
    """

    id: str
    method: str
    path: str
    servers: tuple[Server, ...]
    security: tuple[Mapping[str, tuple[str, ...]], ...]
    node: Json = field(repr=False)
    at: str
    owner: tuple[Json, str] = field(repr=False)
    document: Document = field(repr=False)

    @property
    def summary(self) -> str:
        text: str = self.node.get("summary", "")
        return text

    @property
    def source(self) -> str:
        """Where the rule comes from: `seed`, `docs`, `assumed`; empty where the document does not say."""
        text: str = self.node.get("x-source", "")
        return text

    @property
    def full_path(self) -> str:
        """The path template below the root of the (first) server's host: `/api/v1/links/{link_id}`."""
        return self.servers[0].path + self.path

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        return _parameters(self.document, [self.owner, (self.node, self.at)])

    @cached_property
    def body(self) -> Body | None:
        return _body(self.document, self.node, self.at)

    @cached_property
    def answers(self) -> Mapping[str, Answer]:
        return _answers(self.document, self.node, self.at)

    def answer(self, status: int) -> Answer | None:
        """What the document declares for this status: itself, its range (`4XX`), else `default`."""
        answers = self.answers
        return answers.get(str(status)) or answers.get(f"{status // 100}XX") or answers.get("default")


METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")


def compile_operations(
    document: Json, servers: tuple[Server, ...], schemas: Schemas, resolve: Resolve
) -> tuple[Operation, ...]:
    """Every operation of the document, in its order."""
    security = document.get("security", [])
    operations: list[Operation] = []
    for path, item in document.get("paths", {}).items():
        item, at = resolve(item, f"/paths/{_token(path)}")
        above = servers_of(item, servers)
        for method, node, node_at in _methods(item, at):
            operations.append(
                Operation(
                    id=node.get("operationId") or f"{method} {path}",
                    method=method,
                    path=path,
                    servers=servers_of(node, above),
                    security=_security(node.get("security", security)),
                    node=node,
                    at=node_at,
                    owner=(item, at),
                    document=Document(schemas, resolve),
                )
            )
    return tuple(operations)


def _methods(item: Json, at: str) -> list[tuple[str, Json, str]]:
    """Each operation of a path: its method, its node and where that stands."""
    more = item.get("additionalOperations", {})
    return [
        *((method.upper(), item[method], f"{at}/{method}") for method in METHODS if method in item),
        *((method, node, f"{at}/additionalOperations/{_token(method)}") for method, node in more.items()),
    ]


def _security(alternatives: Json) -> tuple[Mapping[str, tuple[str, ...]], ...]:
    return tuple({scheme: tuple(scopes) for scheme, scopes in needed.items()} for needed in alternatives)


def _parameters(document: Document, owners: list[tuple[Json, str]]) -> tuple[Parameter, ...]:
    """The path item's parameters, overridden by the operation's of the same name and place."""
    found: dict[tuple[str, str], Parameter] = {}
    for owner, at in owners:
        for number, node in enumerate(owner.get("parameters", ())):
            node, node_at = document.resolve(node, f"{at}/parameters/{number}")
            parameter = _parameter(document, node, node_at)
            found[parameter.name, parameter.place] = parameter
    return tuple(found.values())


def _parameter(document: Document, node: Json, at: str) -> Parameter:
    schema, schema_at = document.resolve(node.get("schema", {}), f"{at}/schema")
    place = node["in"]
    item, _ = document.resolve(schema.get("items", {}), f"{schema_at}/items") if isinstance(schema, dict) else ({}, "")
    is_array = "array" in _types_of(schema)
    return Parameter(
        name=node["name"],
        place=place,
        required=node.get("required", False),
        validator=document.schemas.validator(f"{at}/schema"),
        decode=_decoder(item if is_array else schema),
        is_array=is_array,
        explode=node.get("explode", place in ("query", "cookie")),
        default=schema.get("default") if isinstance(schema, dict) else None,
        has_default=isinstance(schema, dict) and "default" in schema,
        example=_example(node, schema),
        free=_types_of(schema) == {"string"} and schema.get("minLength", 0) < 2 and schema.keys() - _LOOSE == {"type"},
    )


def _example(node: Json, schema: Json) -> Json:
    """The parameter's example, else the first of its named ones, else its schema's."""
    if "example" in node:
        return node["example"]
    named = [example.get("value") for example in node.get("examples", {}).values()]
    listed = schema.get("examples", []) if isinstance(schema, dict) else []
    return next(iter([*named, *listed]), None)


def _body(document: Document, node: Json, at: str) -> Body | None:
    if "requestBody" not in node:
        return None
    body, body_at = document.resolve(node["requestBody"], f"{at}/requestBody")
    return Body(required=body.get("required", False), media=_media(document, body, body_at))


def _media(document: Document, owner: Json, at: str) -> dict[str, Media]:
    return {
        name.lower(): _in_one_type(document, name, node, f"{at}/content/{_token(name)}")
        for name, node in owner.get("content", {}).items()
    }


def _in_one_type(document: Document, name: str, node: Json, at: str) -> Media:
    return Media(name, document.schemas.validator(f"{at}/schema") if "schema" in node else None, node, at)


def _answers(document: Document, node: Json, at: str) -> dict[str, Answer]:
    answers = {}
    for status, answer in node.get("responses", {}).items():
        answer, answer_at = document.resolve(answer, f"{at}/responses/{_token(status)}")
        headers = {}
        for name, header in answer.get("headers", {}).items():
            header, header_at = document.resolve(header, f"{answer_at}/headers/{_token(name)}")
            headers[name] = _header(document, name, header, header_at)
        answers[str(status)] = Answer(
            status=str(status),
            media=_media(document, answer, answer_at),
            headers=headers,
            required_headers=sum(header.required for header in headers.values()),
            node=answer,
        )
    return answers


def _header(document: Document, name: str, node: Json, at: str) -> Header:
    schema, _ = document.resolve(node.get("schema", {}), f"{at}/schema")
    return Header(name, node.get("required", False), _text_check(document, schema, f"{at}/schema"))


_LOOSE = {"description", "title", "example", "examples", "default", "minLength", "deprecated"}
_NOTES = {"description", "title", "example", "examples", "default", "minimum"}


def _text_check(document: Document, schema: Json, at: str) -> Callable[[str], Any]:
    """A check of a header's text; whole numbers from zero up, by far the most frequent, cost no validator."""
    if schema.get("type") == "integer" and schema.get("minimum") == 0 and schema.keys() - _NOTES == {"type"}:
        return _is_whole_number
    validator, decode = document.schemas.validator(at), _decoder(schema)
    return lambda text: validator.accepts(decode(text))


_is_whole_number: Callable[[str], Any] = re.compile("[0-9]+").fullmatch
_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_BOOLEANS = {"true": True, "false": False}


def _types_of(schema: Json) -> set[str]:
    types = schema.get("type", ()) if isinstance(schema, dict) else ()
    return {types} if isinstance(types, str) else set(types)


def _decoder(schema: Json) -> Callable[[str], Any]:
    """Text becomes a value of the schema's type; text that is none stays text, for the validator to refuse."""
    types = _types_of(schema)

    def decode(text: str) -> Any:
        if "integer" in types and len(text) < 1000 and _INTEGER.fullmatch(text):
            return int(text)
        if "number" in types and len(text) < 300 and _NUMBER.fullmatch(text):
            number = float(text) if any(mark in text for mark in ".eE") else int(text)
            return number if isfinite(number) else text
        if "boolean" in types and text in _BOOLEANS:
            return _BOOLEANS[text]
        return text

    return str if not types & {"integer", "number", "boolean"} else decode


def _token(text: object) -> str:
    return str(text).replace("~", "~0").replace("/", "~1")
