"""The objects of OpenAPI 3.0 to 3.2: what each may hold, and what must hold of it before it can be compiled."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Final

from mockserver.problem import Unusable
from mockserver.spec import extensions
from mockserver.spec.external import with_value
from mockserver.spec.keywords import schema
from mockserver.spec.pointer import Trail
from mockserver.spec.reference import resolve
from mockserver.spec.walk import DROP, WARNING, Part, Shape, Walk, changed, flag, kind_of, many, named, one, text
from mockserver.wire import Json

METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
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


def _schema(walk: Walk, value: Json, trail: Trail) -> Json:
    """The schema as an object, also where it is written as true or false."""
    if type(value) is bool:
        return {} if value else {"not": {}}
    return schema(walk, value, trail)


def _style(walk: Walk, value: Json, trail: Trail) -> Json:
    return value if type(value) is str else walk.refuse(trail, f"expected the name of a style, got {kind_of(value)}")


def _content(walk: Walk, value: Json, trail: Trail) -> Json:
    return _MEDIA_TYPES(walk, value, trail)


def _media_type(walk: Walk, value: Json, trail: Trail) -> Json:
    """The media type object; one that is left empty (`application/json:`) promises nothing, and one that is referred to
    (3.2) stands in place of the reference.
    """
    if value is None:
        return {}
    kept = walk.read(MEDIA, value, trail)
    if isinstance(kept, dict) and type(kept.get("$ref")) is str:
        target = resolve(walk.document, kept["$ref"])
        return walk.read(MEDIA, target, trail)
    return kept


def _examples(walk: Walk, value: Json, trail: Trail) -> Json:
    """Named examples, each where it is used; a list of values, as schemas have it, is named by its order."""
    if type(value) is list:
        walk.flaw(trail, "expected examples by name, each with its `value`; got a list of values", WARNING)
        return {str(number): {"value": example} for number, example in enumerate(value, 1)}
    return named(_example)(walk, value, trail)


def _example(walk: Walk, value: Json, trail: Trail) -> Json:
    if type(value) is not dict:
        walk.flaw(trail, f"expected an object with `value`, got {kind_of(value)}; taken as the value", WARNING)
        return {"value": value}
    if type(value.get("$ref")) is not str:
        return with_value(walk, value, trail)
    try:
        found = resolve(walk.document, value["$ref"])
    except Unusable as error:
        return walk.refuse((trail, "$ref"), error.message)
    return with_value(walk, found, trail) if type(found) is dict else walk.refuse(trail, "leads to no example")


def _described(walk: Walk, node: Json, trail: Trail) -> Json:
    """A parameter or header with `schema` or `content`: exactly one of them."""
    if node.get("content"):
        if "schema" in node:
            walk.flaw(trail, "has both `schema` and `content`; `schema` counts")
            return changed(node, {"content": DROP})
        return node
    node = changed(node, {"content": DROP})
    if "schema" in node:
        return node
    walk.flaw(trail, "has neither `schema` nor `content`; taken as any text", WARNING)
    return {**node, "schema": {}}


def _parameter(walk: Walk, node: Json, trail: Trail) -> Json:
    name, at = node.get("name"), node.get("in")
    if type(name) is not str or not name:
        return walk.refuse(trail, "is a parameter without a name")
    if at not in PLACES:
        hint = "; write it as `requestBody` since OpenAPI 3.0" if at in ("body", "formData") else ""
        return walk.refuse(trail, f"the parameter {name!r} is in {at!r}; expected one of {', '.join(PLACES)}{hint}")
    if at == "path" and node.get("required") is not True:
        walk.flaw(
            trail, f"the path parameter {name!r} must have `required: true`; a path has all of its parts", WARNING
        )
        node = {**node, "required": True}
    style = node.get("style")
    if style is not None and style not in STYLES[at]:
        known = ", ".join(STYLES[at]) or "none"
        walk.flaw((trail, "style"), f"the style {style!r} is none of a parameter in {at}; expected {known}")
        node = changed(node, {"style": DROP})
    return _described(walk, node, trail)


def _header(walk: Walk, node: Json, trail: Trail) -> Json:
    return _described(walk, node, trail)


def _request_body(walk: Walk, node: Json, trail: Trail) -> Json:
    if not node.get("content"):
        walk.flaw(trail, "a request body without `content` takes no media type; taken as no body", WARNING)
        return DROP
    return node


def _responses(walk: Walk, value: Json, trail: Trail) -> Json:
    kept = _RESPONSES(walk, value, trail)
    if not isinstance(kept, dict) or all(map(_STATUS.fullmatch, kept)):
        return kept
    found = {}
    for name, response in kept.items():
        status = name if name == "default" else name.upper()
        if _STATUS.fullmatch(status):
            found[status] = response
        else:
            walk.flaw((trail, name), f"{name!r} is no status; expected such as 200, 4XX or default")
    return found


def _operation(walk: Walk, node: Json, trail: Trail) -> Json:
    node = extensions.sound(walk, node, trail, extensions.OPERATION)
    if walk.old and not node.get("responses"):
        walk.flaw(trail, "has no `responses`; every answer counts as undeclared", WARNING)
    name = node.get("operationId")
    if type(name) is not str:
        return node
    if not name or name in walk.names:
        walk.flaw((trail, "operationId"), f"the operationId {name!r} is taken; called by method and path")
        return changed(node, {"operationId": DROP})
    walk.names.add(name)
    return node


def _path_item(walk: Walk, node: Json, trail: Trail) -> Json:
    """The path item; beside a `$ref` its own members count before those that it leads to."""
    if type(node) is dict and type(node.get("$ref")) is str and len(node) > 1:
        try:
            shared = resolve(walk.document, node["$ref"])
        except Unusable as error:
            walk.flaw((trail, "$ref"), error.message)
            shared = {}
        merged = {**(shared if type(shared) is dict else {}), **changed(node, {"$ref": DROP})}
        return walk.read_new(PATH_ITEM, merged, trail)
    return walk.read(PATH_ITEM, node, trail)


def _settled_item(walk: Walk, node: Json, trail: Trail) -> Json:
    node = extensions.sound(walk, node, trail, extensions.PATH)
    for name, value in node.items():
        if name not in PATH_ITEM.members and name[:2] != "x-":
            _stray(walk, name, value, (trail, name))
    return node


def _stray(walk: Walk, name: str, value: Json, trail: Trail) -> None:
    """Notes a member that a path item does not have: it is not served."""
    near = get_close_matches(name.lower(), PATH_ITEM.members, 1)
    if near:
        walk.flaw(trail, f"a path item has no `{name}`; did you mean `{near[0]}`?")
    elif type(value) is dict and "responses" in value:
        message = f"`{name}` is none of the methods {', '.join(METHODS)}; others stand in `additionalOperations`"
        walk.flaw(trail, message)
    else:
        message = f"a path item has no `{name}`; it has {', '.join(PATH_ITEM.members)}, and names that begin with `x-`"
        walk.flaw(trail, message, WARNING)


def _paths(walk: Walk, value: Json, trail: Trail) -> Json:
    if type(value) is dict:
        value = extensions.sound(walk, value, trail, "`paths`")
    kept = named(_path_item, extensible=True)(walk, value, trail)
    if not isinstance(kept, dict) or all(path.startswith("/") for path in kept):
        return kept
    found: dict[str, Json] = {}
    for path, item in kept.items():
        if not path.startswith("/"):
            walk.flaw((trail, path), f"the path {path!r} does not begin with `/`; read as {'/' + path!r}")
            path = f"/{path}"
        found.setdefault(path, item)
    return found


def _server(walk: Walk, node: Json, trail: Trail) -> Json:
    return node if type(node.get("url")) is str else walk.refuse(trail, "is a server without `url`", WARNING)


def _requirement(walk: Walk, value: Json, trail: Trail) -> Json:
    """One alternative: schemes with the scopes they must have. A scheme that nobody knows cannot be asked for."""
    if type(value) is not dict:
        return walk.refuse(trail, f"expected a mapping of schemes to scopes, got {kind_of(value)}")
    changes: dict[str, Json] = {}
    for name, scopes in value.items():
        if name not in walk.schemes:
            changes[name] = walk.refuse((trail, name), f"{name!r} is none of components/securitySchemes; not asked for")
        elif type(scopes) is not list or not all(type(scope) is str for scope in scopes):
            walk.flaw((trail, name), "expected a list of scopes, which may be empty", WARNING)
            changes[name] = []
    return changed(value, changes) if changes else value


def _scheme(walk: Walk, node: Json, trail: Trail) -> Json:
    kind = node.get("type")
    if not isinstance(kind, str) or kind not in _SCHEME_NEEDS:
        return walk.refuse(trail, f"{kind!r} is no type of security scheme; expected one of {', '.join(_SCHEME_NEEDS)}")
    for member in _SCHEME_NEEDS[kind]:
        if type(node.get(member)) is not str:
            return walk.refuse(trail, f"is a security scheme of type {kind} without `{member}`")
    if kind == "apiKey" and node["in"] not in ("query", "header", "cookie"):
        return walk.refuse((trail, "in"), f"a key is in query, header or cookie, not in {node['in']!r}")
    return node


def _info(walk: Walk, node: Json, trail: Trail) -> Json:
    for member, instead in (("title", "API"), ("version", "0")):
        if member not in node:
            walk.flaw(trail, f"has no `{member}`", WARNING)
            node = {**node, member: instead}
    return node


def _root(walk: Walk, node: Json, trail: Trail) -> Json:
    node = changed(extensions.sound(walk, node, trail, "the document itself"), {"jsonSchemaDialect": DROP})
    return {**node, "info": node.get("info") or {"title": "API", "version": "0"}, "paths": node.get("paths") or {}}


def _any(_walk: Walk, value: Json, trail: Trail) -> Json:
    del trail
    return value


_MEDIA_TYPES = named(_media_type)
_one_parameter, _one_header, _one_body = (one(lambda: PARAMETER), one(lambda: HEADER), one(lambda: REQUEST_BODY))
_one_response, _one_operation, _one_server = (one(lambda: RESPONSE), one(lambda: OPERATION), one(lambda: SERVER))
_one_scheme, _one_callback, _one_link = one(lambda: SCHEME), one(lambda: CALLBACK), one(lambda: LINK)
_headers = named(_one_header)
_RESPONSES = named(_one_response, extensible=True)
_parameters, _servers, _security = many(_one_parameter), many(_one_server), many(_requirement)
_descriptive: dict[str, Part] = {"description": text, "deprecated": flag, "required": flag, "explode": flag}

ENCODING: Shape = Shape("an encoding", {"headers": _headers, "style": _style, "explode": flag, "allowReserved": flag})
MEDIA: Shape = Shape(
    "a media type",
    {
        "schema": _schema, "itemSchema": _schema, "examples": _examples,
        "encoding": named(one(lambda: ENCODING)),
    },
)  # fmt: skip
PARAMETER: Shape = Shape(
    "a parameter",
    {
        **_descriptive, "schema": _schema, "content": _content, "examples": _examples, "style": _style,
        "allowReserved": flag, "allowEmptyValue": flag,
    },
    _parameter,
)  # fmt: skip
HEADER: Shape = Shape(
    "a header",
    {**_descriptive, "schema": _schema, "content": _content, "examples": _examples, "style": _style},
    _header,
)
REQUEST_BODY: Shape = Shape(
    "a request body", {"content": _content, "required": flag, "description": text}, _request_body
)
LINK: Shape = Shape("a link", {})
RESPONSE: Shape = Shape(
    "a response",
    {"description": text, "headers": _headers, "content": _content, "links": named(_one_link)},
)
CALLBACK: Shape = Shape("a callback", {})
SERVER: Shape = Shape("a server", {}, _server, is_inlined=True)
SCHEME: Shape = Shape("a security scheme", {"type": _any}, _scheme)
OPERATION: Shape = Shape(
    "an operation",
    {
        "operationId": text, "summary": text, "description": text, "deprecated": flag,
        "parameters": _parameters, "requestBody": _one_body, "responses": _responses,
        "security": _security, "servers": _servers, "callbacks": named(_one_callback),
    },
    _operation,
    is_inlined=True,
)  # fmt: skip
PATH_ITEM: Shape = Shape(
    "a path item",
    {
        **dict.fromkeys(METHODS, _one_operation), "additionalOperations": named(_one_operation),
        "parameters": _parameters, "servers": _servers, "summary": text, "description": text,
    },
    _settled_item,
)  # fmt: skip
INFO: Shape = Shape("an object with title and version", {"title": text, "version": text}, _info, is_inlined=True)
COMPONENTS: Shape = Shape(
    "a mapping of components",
    {
        "securitySchemes": named(_one_scheme), "schemas": named(_schema), "parameters": named(_one_parameter),
        "headers": _headers, "requestBodies": named(_one_body), "responses": named(_one_response),
        "examples": _examples, "links": named(_one_link), "callbacks": named(_one_callback),
        "pathItems": named(_path_item), "mediaTypes": _content,
    },
    is_inlined=True,
)  # fmt: skip
DOCUMENT: Shape = Shape(
    "a document",
    {
        "info": one(lambda: INFO), "servers": _servers, "security": _security, "paths": _paths,
        "webhooks": named(_path_item, extensible=True), "components": one(lambda: COMPONENTS),
    },
    _root,
    may_refer=False,
)  # fmt: skip
