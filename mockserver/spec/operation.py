"""One method and path template, with its parameters, bodies and responses compiled at load."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

from mockserver.spec.schema import Schemas, Validator
from mockserver.spec.servers import Server, servers_of
from mockserver.wire import Json

Resolve = Callable[[Json, str], tuple[Json, str]]
"""Follows the `$ref`s of a node: (node, pointer) -> (the node it stands for, that node's pointer)."""


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
class Body:
    """What an operation takes as its body, by media type."""

    required: bool
    media: Mapping[str, Validator | None]


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
    media: Mapping[str, Validator | None]
    headers: Mapping[str, Header]
    required_headers: int
    node: Json


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a document. `id` is its operationId, else made of method and path; `servers` are its own, else
    those of its path, else those of the document.

    `security` lists the alternatives, each a mapping of scheme name to the scopes it must have.
    """

    id: str
    method: str
    path: str
    servers: tuple[Server, ...]
    parameters: tuple[Parameter, ...]
    body: Body | None
    answers: Mapping[str, Answer]
    security: tuple[Mapping[str, tuple[str, ...]], ...]
    summary: str
    source: str
    node: Json = field(repr=False)

    @property
    def full_path(self) -> str:
        """The path template below the root of the (first) server's host: `/api/v1/links/{link_id}`."""
        return self.servers[0].path + self.path

    def answer(self, status: int) -> Answer | None:
        """What the document declares for this status: itself, its range (`4XX`), else `default`."""
        answers = self.answers
        return answers.get(str(status)) or answers.get(f"{status // 100}XX") or answers.get("default")


METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


def compile_operations(
    document: Json, servers: tuple[Server, ...], schemas: Schemas, resolve: Resolve
) -> tuple[Operation, ...]:
    """Every operation of the document, in its order."""
    security = document.get("security", [])
    operations: list[Operation] = []
    for path, item in document.get("paths", {}).items():
        item, at = resolve(item, f"/paths/{_token(path)}")
        above = servers_of(item, servers), security
        operations += [
            _compile(schemas, resolve, (path, method), (item, at), above) for method in METHODS if method in item
        ]
    return tuple(operations)


def _compile(
    schemas: Schemas,
    resolve: Resolve,
    where: tuple[str, str],
    owner: tuple[Json, str],
    above: tuple[tuple[Server, ...], Json],
) -> Operation:
    """The operation at `where`, a path and a method; `owner` is the path item with its pointer, `above` the servers
    and the security that hold where it names none.
    """
    path, method = where
    item, item_at = owner
    servers, security = above
    node, at = item[method], f"{item_at}/{method}"
    return Operation(
        id=node.get("operationId") or f"{method.upper()} {path}",
        method=method.upper(),
        path=path,
        servers=servers_of(node, servers),
        parameters=_parameters(schemas, resolve, [(item, item_at), (node, at)]),
        body=_body(schemas, resolve, node, at),
        answers=_answers(schemas, resolve, node, at),
        security=_security(node.get("security", security)),
        summary=node.get("summary", ""),
        source=node.get("x-source", ""),
        node=node,
    )


def _security(alternatives: Json) -> tuple[Mapping[str, tuple[str, ...]], ...]:
    return tuple({scheme: tuple(scopes) for scheme, scopes in needed.items()} for needed in alternatives)


def _parameters(schemas: Schemas, resolve: Resolve, owners: list[tuple[Json, str]]) -> tuple[Parameter, ...]:
    """The path item's parameters, overridden by the operation's of the same name and place."""
    found: dict[tuple[str, str], Parameter] = {}
    for owner, at in owners:
        for number, node in enumerate(owner.get("parameters", ())):
            node, node_at = resolve(node, f"{at}/parameters/{number}")
            parameter = _parameter(schemas, resolve, node, node_at)
            found[parameter.name, parameter.place] = parameter
    return tuple(found.values())


def _parameter(schemas: Schemas, resolve: Resolve, node: Json, at: str) -> Parameter:
    schema, schema_at = resolve(node.get("schema", {}), f"{at}/schema")
    place = node["in"]
    item, _ = resolve(schema.get("items", {}), f"{schema_at}/items") if isinstance(schema, dict) else ({}, "")
    is_array = "array" in _types_of(schema)
    return Parameter(
        name=node["name"],
        place=place,
        required=node.get("required", False),
        validator=schemas.validator(f"{at}/schema"),
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


def _body(schemas: Schemas, resolve: Resolve, node: Json, at: str) -> Body | None:
    if "requestBody" not in node:
        return None
    body, body_at = resolve(node["requestBody"], f"{at}/requestBody")
    return Body(required=body.get("required", False), media=_media(schemas, body, body_at))


def _media(schemas: Schemas, owner: Json, at: str) -> dict[str, Validator | None]:
    return {
        media_type.lower(): schemas.validator(f"{at}/content/{_token(media_type)}/schema")
        if "schema" in media
        else None
        for media_type, media in owner.get("content", {}).items()
    }


def _answers(schemas: Schemas, resolve: Resolve, node: Json, at: str) -> dict[str, Answer]:
    answers = {}
    for status, answer in node.get("responses", {}).items():
        answer, answer_at = resolve(answer, f"{at}/responses/{_token(status)}")
        headers = {}
        for name, header in answer.get("headers", {}).items():
            header, header_at = resolve(header, f"{answer_at}/headers/{_token(name)}")
            headers[name] = _header(schemas, resolve, name, header, header_at)
        answers[str(status)] = Answer(
            status=str(status),
            media=_media(schemas, answer, answer_at),
            headers=headers,
            required_headers=sum(header.required for header in headers.values()),
            node=answer,
        )
    return answers


def _header(schemas: Schemas, resolve: Resolve, name: str, node: Json, at: str) -> Header:
    schema, _ = resolve(node.get("schema", {}), f"{at}/schema")
    return Header(name, node.get("required", False), _text_check(schemas, schema, f"{at}/schema"))


_LOOSE = {"description", "title", "example", "examples", "default", "minLength", "deprecated"}
_NOTES = {"description", "title", "example", "examples", "default", "minimum"}


def _text_check(schemas: Schemas, schema: Json, at: str) -> Callable[[str], Any]:
    """A check of a header's text; whole numbers from zero up, by far the most frequent, cost no validator."""
    if schema.get("type") == "integer" and schema.get("minimum") == 0 and schema.keys() - _NOTES == {"type"}:
        return _is_whole_number
    validator, decode = schemas.validator(at), _decoder(schema)
    if _types_of(schema) == {"string"}:
        return validator.accepts
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
