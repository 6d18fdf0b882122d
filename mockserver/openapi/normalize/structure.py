"""The objects of OpenAPI 3.0 to 3.2: what each may contain, and the conditions it must meet to be compiled."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Final

from mockserver.json_text import Json
from mockserver.openapi.normalize import extensions
from mockserver.openapi.normalize.keywords import schema
from mockserver.openapi.normalize.normalizer import (
    REMOVED,
    WARNING,
    Normalizer,
    ObjectShape,
    Part,
    changed,
    flag,
    kind_of,
    many,
    named,
    one,
    text,
)
from mockserver.openapi.source.external_values import with_value
from mockserver.openapi.source.pointer import DocumentPath
from mockserver.openapi.source.reference import resolve
from mockserver.openapi.standards import METHODS
from mockserver.problem import Unusable

PLACES: Final = ("path", "query", "header", "cookie", "querystring")
STYLES: Final[Mapping[str, tuple[str, ...]]] = {
    "path": ("simple", "label", "matrix"),
    "query": ("form", "spaceDelimited", "pipeDelimited", "deepObject"),
    "header": ("simple",),
    "cookie": ("form", "cookie"),
    "querystring": (),
}
_STATUS = re.compile(r"[1-5](?:[0-9][0-9]|XX)|default")
_SCHEME_NEEDS = {"apiKey": ("name", "in"), "http": ("scheme",), "oauth2": (), "openIdConnect": (), "mutualTLS": ()}


def _schema(normalizer: Normalizer, value: Json, location: DocumentPath) -> Json:
    """The schema as an object, also if it is written as true or false."""
    if type(value) is bool:
        return {} if value else {"not": {}}
    return schema(normalizer, value, location)


def _style(normalizer: Normalizer, value: Json, location: DocumentPath) -> Json:
    return (
        value
        if type(value) is str
        else normalizer.refuse(location, f"expected the name of a style, got {kind_of(value)}")
    )


def _content(normalizer: Normalizer, value: Json, location: DocumentPath) -> Json:
    return _MEDIA_TYPES(normalizer, value, location)


def _media_type(normalizer: Normalizer, value: Json, location: DocumentPath) -> Json:
    """The media type object. An empty one (`application/json:`) declares nothing; a referenced one (3.2) replaces its
    reference.
    """
    if value is None:
        return {}
    kept = normalizer.read(MEDIA, value, location)
    if isinstance(kept, dict) and type(kept.get("$ref")) is str:
        target = resolve(normalizer.document, kept["$ref"])
        return normalizer.read(MEDIA, target, location)
    return kept


def _examples(normalizer: Normalizer, value: Json, location: DocumentPath) -> Json:
    """Named examples, each read where it is used; a list of values, as schemas have it, is named by position."""
    if type(value) is list:
        normalizer.diagnostic(
            location, "expected examples by name, each with its `value`; got a list of values", WARNING
        )
        return {str(number): {"value": example} for number, example in enumerate(value, 1)}
    return named(_example)(normalizer, value, location)


def _example(normalizer: Normalizer, value: Json, location: DocumentPath) -> Json:
    if type(value) is not dict:
        normalizer.diagnostic(
            location, f"expected an object with `value`, got {kind_of(value)}; taken as the value", WARNING
        )
        return {"value": value}
    if type(value.get("$ref")) is not str:
        return with_value(normalizer, value, location)
    try:
        found = resolve(normalizer.document, value["$ref"])
    except Unusable as error:
        return normalizer.refuse((location, "$ref"), error.message)
    return (
        with_value(normalizer, found, location)
        if type(found) is dict
        else normalizer.refuse(location, "leads to no example")
    )


def _described(normalizer: Normalizer, node: Json, location: DocumentPath) -> Json:
    """A parameter or header with exactly one of `schema` and `content`."""
    if node.get("content"):
        if "schema" in node:
            normalizer.diagnostic(location, "has both `schema` and `content`; `schema` counts")
            return changed(node, {"content": REMOVED})
        return node
    node = changed(node, {"content": REMOVED})
    if "schema" in node:
        return node
    normalizer.diagnostic(location, "has neither `schema` nor `content`; taken as any text", WARNING)
    return {**node, "schema": {}}


def _parameter(normalizer: Normalizer, node: Json, location: DocumentPath) -> Json:
    name, at = node.get("name"), node.get("in")
    if type(name) is not str or not name:
        return normalizer.refuse(location, "is a parameter without a name")
    if at not in PLACES:
        hint = "; write it as `requestBody` since OpenAPI 3.0" if at in ("body", "formData") else ""
        return normalizer.refuse(
            location, f"the parameter {name!r} is in {at!r}; expected one of {', '.join(PLACES)}{hint}"
        )
    if at == "path" and node.get("required") is not True:
        normalizer.diagnostic(
            location, f"the path parameter {name!r} must have `required: true`; a path has all of its parts", WARNING
        )
        node = {**node, "required": True}
    style = node.get("style")
    if style is not None and style not in STYLES[at]:
        known = ", ".join(STYLES[at]) or "none"
        normalizer.diagnostic(
            (location, "style"), f"the style {style!r} is none of a parameter in {at}; expected {known}"
        )
        node = changed(node, {"style": REMOVED})
    return _described(normalizer, node, location)


def _header(normalizer: Normalizer, node: Json, location: DocumentPath) -> Json:
    return _described(normalizer, node, location)


def _request_body(normalizer: Normalizer, node: Json, location: DocumentPath) -> Json:
    if not node.get("content"):
        normalizer.diagnostic(
            location, "a request body without `content` takes no media type; taken as no body", WARNING
        )
        return REMOVED
    return node


def _responses(normalizer: Normalizer, value: Json, location: DocumentPath) -> Json:
    kept = _RESPONSES(normalizer, value, location)
    if not isinstance(kept, dict) or all(map(_STATUS.fullmatch, kept)):
        return kept
    found = {}
    for name, response in kept.items():
        status = name if name == "default" else name.upper()
        if _STATUS.fullmatch(status):
            found[status] = response
        else:
            normalizer.diagnostic((location, name), f"{name!r} is no status; expected such as 200, 4XX or default")
    return found


def _operation(normalizer: Normalizer, node: Json, location: DocumentPath) -> Json:
    node = extensions.sound(normalizer, node, location, extensions.OPERATION)
    if normalizer.old and not node.get("responses"):
        normalizer.diagnostic(location, "has no `responses`; every answer counts as undeclared", WARNING)
    name = node.get("operationId")
    if type(name) is not str:
        return node
    if not name or name in normalizer.names:
        normalizer.diagnostic(
            (location, "operationId"), f"the operationId {name!r} is taken; called by method and path"
        )
        return changed(node, {"operationId": REMOVED})
    normalizer.names.add(name)
    return node


def _path_item(normalizer: Normalizer, node: Json, location: DocumentPath) -> Json:
    """The path item; members beside a `$ref` override those of its target."""
    if type(node) is dict and type(node.get("$ref")) is str and len(node) > 1:
        try:
            shared = resolve(normalizer.document, node["$ref"])
        except Unusable as error:
            normalizer.diagnostic((location, "$ref"), error.message)
            shared = {}
        merged = {**(shared if type(shared) is dict else {}), **changed(node, {"$ref": REMOVED})}
        return normalizer.read_new(PATH_ITEM, merged, location)
    return normalizer.read(PATH_ITEM, node, location)


def _finished_item(normalizer: Normalizer, node: Json, location: DocumentPath) -> Json:
    node = extensions.sound(normalizer, node, location, extensions.PATH)
    for name, value in node.items():
        if name not in PATH_ITEM.members and name[:2] != "x-":
            _stray(normalizer, name, value, (location, name))
    return node


def _stray(normalizer: Normalizer, name: str, value: Json, location: DocumentPath) -> None:
    """Reports a member that a path item does not have and that is therefore not served."""
    near = get_close_matches(name.lower(), PATH_ITEM.members, 1)
    if near:
        normalizer.diagnostic(location, f"a path item has no `{name}`; did you mean `{near[0]}`?")
    elif type(value) is dict and "responses" in value:
        message = f"`{name}` is none of the methods {', '.join(METHODS)}; others stand in `additionalOperations`"
        normalizer.diagnostic(location, message)
    else:
        message = f"a path item has no `{name}`; it has {', '.join(PATH_ITEM.members)}, and names that begin with `x-`"
        normalizer.diagnostic(location, message, WARNING)


def _paths(normalizer: Normalizer, value: Json, location: DocumentPath) -> Json:
    if type(value) is dict:
        value = extensions.sound(normalizer, value, location, "`paths`")
    kept = named(_path_item, extensible=True)(normalizer, value, location)
    if not isinstance(kept, dict) or all(path.startswith("/") for path in kept):
        return kept
    found: dict[str, Json] = {}
    for path, item in kept.items():
        if not path.startswith("/"):
            normalizer.diagnostic(
                (location, path), f"the path {path!r} does not begin with `/`; read as {'/' + path!r}"
            )
            path = f"/{path}"
        found.setdefault(path, item)
    return found


def _server(normalizer: Normalizer, node: Json, location: DocumentPath) -> Json:
    return node if type(node.get("url")) is str else normalizer.refuse(location, "is a server without `url`", WARNING)


def _requirement(normalizer: Normalizer, value: Json, location: DocumentPath) -> Json:
    """One alternative: security schemes with their required scopes. An undeclared scheme cannot be required."""
    if type(value) is not dict:
        return normalizer.refuse(location, f"expected a mapping of schemes to scopes, got {kind_of(value)}")
    changes: dict[str, Json] = {}
    for name, scopes in value.items():
        if name not in normalizer.schemes:
            changes[name] = normalizer.refuse(
                (location, name), f"{name!r} is none of components/securitySchemes; not asked for"
            )
        elif type(scopes) is not list or not all(type(scope) is str for scope in scopes):
            normalizer.diagnostic((location, name), "expected a list of scopes, which may be empty", WARNING)
            changes[name] = []
    return changed(value, changes) if changes else value


def _scheme(normalizer: Normalizer, node: Json, location: DocumentPath) -> Json:
    kind = node.get("type")
    if not isinstance(kind, str) or kind not in _SCHEME_NEEDS:
        return normalizer.refuse(
            location, f"{kind!r} is no type of security scheme; expected one of {', '.join(_SCHEME_NEEDS)}"
        )
    for member in _SCHEME_NEEDS[kind]:
        if type(node.get(member)) is not str:
            return normalizer.refuse(location, f"is a security scheme of type {kind} without `{member}`")
    if kind == "apiKey" and node["in"] not in ("query", "header", "cookie"):
        return normalizer.refuse((location, "in"), f"a key is in query, header or cookie, not in {node['in']!r}")
    return node


def _info(normalizer: Normalizer, node: Json, location: DocumentPath) -> Json:
    for member, replacement in (("title", "API"), ("version", "0")):
        if member not in node:
            normalizer.diagnostic(location, f"has no `{member}`", WARNING)
            node = {**node, member: replacement}
    return node


def _root(normalizer: Normalizer, node: Json, location: DocumentPath) -> Json:
    node = changed(extensions.sound(normalizer, node, location, "the document itself"), {"jsonSchemaDialect": REMOVED})
    return {**node, "info": node.get("info") or {"title": "API", "version": "0"}, "paths": node.get("paths") or {}}


def _any(_normalizer: Normalizer, value: Json, location: DocumentPath) -> Json:
    del location
    return value


_MEDIA_TYPES = named(_media_type)
_one_parameter, _one_header, _one_body = (one(lambda: PARAMETER), one(lambda: HEADER), one(lambda: REQUEST_BODY))
_one_response, _one_operation, _one_server = (one(lambda: RESPONSE), one(lambda: OPERATION), one(lambda: SERVER))
_one_scheme, _one_callback, _one_link = one(lambda: SCHEME), one(lambda: CALLBACK), one(lambda: LINK)
_headers = named(_one_header)
_RESPONSES = named(_one_response, extensible=True)
_parameters, _servers, _security = many(_one_parameter), many(_one_server), many(_requirement)
_descriptive: dict[str, Part] = {"description": text, "deprecated": flag, "required": flag, "explode": flag}

ENCODING: ObjectShape = ObjectShape(
    "an encoding", {"headers": _headers, "style": _style, "explode": flag, "allowReserved": flag}
)
MEDIA: ObjectShape = ObjectShape(
    "a media type",
    {
        "schema": _schema, "itemSchema": _schema, "examples": _examples,
        "encoding": named(one(lambda: ENCODING)),
    },
)  # fmt: skip
PARAMETER: ObjectShape = ObjectShape(
    "a parameter",
    {
        **_descriptive, "schema": _schema, "content": _content, "examples": _examples, "style": _style,
        "allowReserved": flag, "allowEmptyValue": flag,
    },
    _parameter,
)  # fmt: skip
HEADER: ObjectShape = ObjectShape(
    "a header",
    {**_descriptive, "schema": _schema, "content": _content, "examples": _examples, "style": _style},
    _header,
)
REQUEST_BODY: ObjectShape = ObjectShape(
    "a request body", {"content": _content, "required": flag, "description": text}, _request_body
)
LINK: ObjectShape = ObjectShape("a link", {})
RESPONSE: ObjectShape = ObjectShape(
    "a response",
    {"description": text, "headers": _headers, "content": _content, "links": named(_one_link)},
)
CALLBACK: ObjectShape = ObjectShape("a callback", {})
SERVER: ObjectShape = ObjectShape("a server", {}, _server, is_inlined=True)
SCHEME: ObjectShape = ObjectShape("a security scheme", {"type": _any}, _scheme)
OPERATION: ObjectShape = ObjectShape(
    "an operation",
    {
        "operationId": text, "summary": text, "description": text, "deprecated": flag,
        "parameters": _parameters, "requestBody": _one_body, "responses": _responses,
        "security": _security, "servers": _servers, "callbacks": named(_one_callback),
    },
    _operation,
    is_inlined=True,
)  # fmt: skip
PATH_ITEM: ObjectShape = ObjectShape(
    "a path item",
    {
        **dict.fromkeys(METHODS, _one_operation), "additionalOperations": named(_one_operation),
        "parameters": _parameters, "servers": _servers, "summary": text, "description": text,
    },
    _finished_item,
)  # fmt: skip
INFO: ObjectShape = ObjectShape(
    "an object with title and version", {"title": text, "version": text}, _info, is_inlined=True
)
COMPONENTS: ObjectShape = ObjectShape(
    "a mapping of components",
    {
        "securitySchemes": named(_one_scheme), "schemas": named(_schema), "parameters": named(_one_parameter),
        "headers": _headers, "requestBodies": named(_one_body), "responses": named(_one_response),
        "examples": _examples, "links": named(_one_link), "callbacks": named(_one_callback),
        "pathItems": named(_path_item), "mediaTypes": _content,
    },
    is_inlined=True,
)  # fmt: skip
DOCUMENT: ObjectShape = ObjectShape(
    "a document",
    {
        "info": one(lambda: INFO), "servers": _servers, "security": _security, "paths": _paths,
        "webhooks": named(_path_item, extensible=True), "components": one(lambda: COMPONENTS),
    },
    _root,
    may_refer=False,
)  # fmt: skip
