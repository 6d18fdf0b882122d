"""Converts a document of OpenAPI 2.0 to the structure of 3.0: bodies, media types, components and servers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from mockserver.json_pointer import pointer_of, tokens
from mockserver.json_text import Json
from mockserver.openapi.schema.schema_view import SEPARATOR, separator_of
from mockserver.openapi.source.pointer import DocumentPath, location_of, ref_to, tokens_of
from mockserver.openapi.source.reference import resolve
from mockserver.openapi.standards import METHODS_OF_2_0
from mockserver.problem import Unusable

FORM: Final = "application/x-www-form-urlencoded"
MULTIPART: Final = "multipart/form-data"
JSON_TYPE: Final = "application/json"
_COMPONENTS = {
    "definitions": "schemas", "parameters": "parameters", "responses": "responses",
    "securityDefinitions": "securitySchemes",
}  # fmt: skip
_REPLACED = frozenset({
    "swagger", "host", "basePath", "schemes", "consumes", "produces", *_COMPONENTS,
})  # fmt: skip
_OF_PARAMETER = frozenset({
    "name", "in", "description", "required", "allowEmptyValue", "collectionFormat", "schema", "x-example", "example",
    "examples", "x-examples",
})  # fmt: skip
_SEPARATED = {
    "csv": {"path": "simple", "header": "simple", "query": "form", "cookie": "form"},
    "ssv": dict.fromkeys(("query",), "spaceDelimited"),
    "pipes": dict.fromkeys(("query",), "pipeDelimited"),
}
_DATA = frozenset({"default", "enum", "example", "examples"})
_FLOWS = {"accessCode": "authorizationCode", "application": "clientCredentials"}


def without_swagger(document: Json) -> tuple[Json, Mapping[str, str]]:
    """The document in the structure of OpenAPI 3.0, and the old pointer of each new pointer.

    Invalid parts are carried over, for the normalizer to report.
    """
    move = _Move(document)
    made = move.document()
    back = {old: new for new, old in move.moves.items()}
    return _turned(made, back), move.moves


@dataclass(slots=True)
class _Move:
    source: Json
    moves: dict[str, str] = field(default_factory=dict)

    def document(self) -> Json:
        source = self.source
        kept = {name: value for name, value in source.items() if name not in _REPLACED}
        made: dict[str, Json] = {"openapi": "3.0.3", **kept, "servers": [*_servers(source)]}
        made["paths"] = self.paths(source.get("paths"))
        made["components"] = self.components()
        return made

    def components(self) -> Json:
        made: dict[str, Json] = {}
        for old, new in _COMPONENTS.items():
            if old in self.source:
                self.moved(("components", new), (old,))
                made[new] = self.source[old]
        whole = (JSON_TYPE,)
        if isinstance(made.get("responses"), dict):
            produces = _types(self.source.get("produces")) or whole
            made["responses"] = {
                name: self.response(node, (((), "responses"), name), ("components", "responses", name), produces)
                for name, node in made["responses"].items()
            }
        if isinstance(made.get("parameters"), dict):
            made["parameters"] = {
                name: self.parameter(node, ("components", "parameters", name))
                for name, node in made["parameters"].items()
                if not _is_body(node)
            }
        if isinstance(made.get("securitySchemes"), dict):
            made["securitySchemes"] = {name: _scheme(node) for name, node in made["securitySchemes"].items()}
        return made

    def moved(self, new: Iterable[str], old: Iterable[str]) -> None:
        self.moves[pointer_of([*new])] = pointer_of([*old])

    def paths(self, paths: Json) -> Json:
        if not isinstance(paths, dict):
            return paths
        return {path: self.path_item(item, (((), "paths"), path), ("paths", path)) for path, item in paths.items()}

    def path_item(self, item: Json, old: DocumentPath, new: tuple[str, ...]) -> Json:
        item, old = self.found(item, old)
        if not isinstance(item, dict):
            return item
        shared = self.each(item.get("parameters"), (old, "parameters"))
        made: dict[str, Json] = {name: node for name, node in item.items() if name != "parameters"}
        for method in METHODS_OF_2_0:
            if method in item:
                made[method] = self.operation(item[method], (old, method), (*new, method), shared)
        plain = [(node, at) for node, at in shared if not _is_body(node)]
        if plain:
            made["parameters"] = [
                self.parameter(node, (*new, "parameters", str(n)), at) for n, (node, at) in enumerate(plain)
            ]
        return made

    def each(self, nodes: Json, old: DocumentPath) -> list[tuple[Json, DocumentPath]]:
        """The parameters with their places; referenced ones replace their references."""
        if not isinstance(nodes, list):
            return [] if nodes is None else [(nodes, old)]
        return [self.found(node, (old, str(number))) for number, node in enumerate(nodes)]

    def found(self, node: Json, at: DocumentPath) -> tuple[Json, DocumentPath]:
        ref = node.get("$ref") if isinstance(node, dict) else None
        if not isinstance(ref, str):
            return node, at
        try:
            return resolve(self.source, ref), location_of(tokens(ref.removeprefix("#")))
        except Unusable:
            return node, at

    def operation(
        self, node: Json, old: DocumentPath, new: tuple[str, ...], shared: list[tuple[Json, DocumentPath]]
    ) -> Json:
        if not isinstance(node, dict):
            return node
        left_out = ("consumes", "produces", "schemes", "parameters", "responses")
        made = {name: value for name, value in node.items() if name not in left_out}
        own = self.each(node.get("parameters"), (old, "parameters"))
        names = {_key(parameter) for parameter, _ in own}
        bodies = [(p, at) for p, at in (*shared, *own) if _is_body(p)]
        bodies = [(p, at) for p, at in bodies if (p, at) in own or _key(p) not in names]
        plain = [(p, at) for p, at in own if not _is_body(p)]
        if plain:
            made["parameters"] = [
                self.parameter(p, (*new, "parameters", str(n)), at) for n, (p, at) in enumerate(plain)
            ]
        if bodies:
            consumes = _types(node.get("consumes", self.source.get("consumes")))
            made["requestBody"] = self.body(bodies, consumes, (*new, "requestBody"))
        if "responses" in node:
            produces = _types(node.get("produces", self.source.get("produces"))) or (JSON_TYPE,)
            made["responses"] = self.responses(node["responses"], (old, "responses"), (*new, "responses"), produces)
        return made

    def responses(self, nodes: Json, old: DocumentPath, new: tuple[str, ...], produces: tuple[str, ...]) -> Json:
        if not isinstance(nodes, dict):
            return nodes
        made = {}
        for status, node in nodes.items():
            found, at = self.found(node, (old, status))
            made[status] = self.response(found, at, (*new, status), produces)
        return made

    def response(self, node: Json, old: DocumentPath, new: tuple[str, ...], produces: tuple[str, ...]) -> Json:
        if not isinstance(node, dict) or "$ref" in node:
            return node
        made = {name: value for name, value in node.items() if name not in ("schema", "examples", "headers")}
        at = tokens_of(old)
        self.moved(new, at)
        examples = node.get("examples")
        examples = examples if isinstance(examples, dict) else {}
        if "schema" in node or examples:
            file = isinstance(node.get("schema"), dict) and node["schema"].get("type") == "file"
            types = dict.fromkeys((*produces, *(name for name in examples if "/" in name)))
            if file and produces == (JSON_TYPE,):
                types = {"application/octet-stream": None}
            made["content"] = {name: self.media(node, examples, name, (*new, "content"), at) for name in types}
        if isinstance(node.get("headers"), dict):
            made["headers"] = {name: _header(header) for name, header in node["headers"].items()}
        return made

    def media(
        self, node: dict[str, Json], examples: dict[str, Json], name: str, new: tuple[str, ...], old: list[str]
    ) -> Json:
        made = {}
        if "schema" in node:
            made["schema"] = node["schema"]
            self.moved((*new, name, "schema"), (*old, "schema"))
        example = examples.get(name)
        if name in examples:
            made["example"] = example
            self.moved((*new, name, "example"), (*old, "examples", name))
        return made

    def parameter(self, node: Json, new: tuple[str, ...], old: DocumentPath = ()) -> Json:
        if old:
            self.moved(new, tokens_of(old))
        if not isinstance(node, dict) or "$ref" in node or not isinstance(node.get("in"), str):
            return node
        made = {
            name: node[name] for name in ("name", "in", "description", "required", "allowEmptyValue") if name in node
        }
        made |= {name: value for name, value in node.items() if name.startswith("x-")}
        made["schema"] = _simple(node)
        self.moved((*new, "schema"), tokens(self.moves.get(pointer_of(new), pointer_of(new))))
        for name in ("example", "x-example"):
            if name in node:
                made["example"] = node[name]
        if made["schema"].get("type") == "array":
            made |= _serialized(node.get("collectionFormat", "csv"), node["in"])
        return made

    def body(self, nodes: list[tuple[Json, DocumentPath]], consumes: tuple[str, ...], new: tuple[str, ...]) -> Json:
        """The body parameter, or the fields of the form, as one request body."""
        whole = next(((node, at) for node, at in nodes if node["in"] == "body"), None)
        if whole is None:
            return self.form(nodes, consumes, new)
        node, at = whole
        old = tokens_of(at)
        made: dict[str, Json] = {name: node[name] for name in ("description", "required") if name in node}
        made |= {name: value for name, value in node.items() if name.startswith("x-")}
        self.moved(new, old)
        media = {"schema": node["schema"]} if "schema" in node else {}
        types = tuple(name for name in consumes if name not in (FORM, MULTIPART)) or consumes or (JSON_TYPE,)
        made["content"] = dict.fromkeys(types, media)
        for name in types:
            self.moved((*new, "content", name, "schema"), (*old, "schema"))
        return made

    def form(self, nodes: list[tuple[Json, DocumentPath]], consumes: tuple[str, ...], new: tuple[str, ...]) -> Json:
        files = any(node.get("type") == "file" for node, _ in nodes)
        types = tuple(name for name in consumes if name in (FORM, MULTIPART)) or ((MULTIPART,) if files else (FORM,))
        types = (MULTIPART,) if files else types
        properties, encoding = {}, {}
        for node, at in nodes:
            name = str(node.get("name", ""))
            properties[name] = {**_field(node), **({"description": d} if (d := node.get("description")) else {})}
            for media_type in types:
                self.moved((*new, "content", media_type, "schema", "properties", name), tokens_of(at))
            if properties[name].get("type") == "array":
                encoding[name] = _serialized(node.get("collectionFormat", "csv"), "query")
        required = [str(node.get("name", "")) for node, _ in nodes if node.get("required") is True]
        schema: dict[str, Json] = {"type": "object", "properties": properties}
        if required:
            schema["required"] = required
        media = {"schema": schema, **({"encoding": encoding} if encoding else {})}
        return {"content": dict.fromkeys(types, media), **({"required": True} if required else {})}


def _is_body(node: Json) -> bool:
    return isinstance(node, dict) and node.get("in") in ("body", "formData")


def _key(node: Json) -> tuple[str, str]:
    """The identity of a parameter; an operation has one body."""
    if not isinstance(node, dict):
        return "", ""
    at = str(node.get("in"))
    return ("", "body") if at == "body" else (str(node.get("name")), at)


def _types(value: Json) -> tuple[str, ...]:
    return tuple(name for name in value if isinstance(name, str)) if isinstance(value, list) else ()


def _simple(node: Mapping[str, Json]) -> dict[str, Json]:
    """The schema of a parameter or header that describes itself; a `schema` is used as its base if the author wrote
    one.
    """
    own = node.get("schema")
    base = own if isinstance(own, dict) else {}
    made = {name: value for name, value in node.items() if name not in _OF_PARAMETER and not name.startswith("x-")}
    made |= {"x-nullable": node["x-nullable"]} if "x-nullable" in node else {}
    if isinstance(made.get("items"), dict):
        made["items"] = _nested(made["items"])
    return {**base, **made}


def _nested(node: Mapping[str, Json]) -> dict[str, Json]:
    """The schema of an array's items, which may be arrays with a separator of their own."""
    made = _simple(node)
    return {**made, SEPARATOR: node.get("collectionFormat", "csv")} if made.get("type") == "array" else made


def _field(node: Mapping[str, Json]) -> dict[str, Json]:
    """The schema of a form field. With `allowEmptyValue: true` an empty string is valid; with `false` it is not."""
    made = _simple(node)
    if node.get("allowEmptyValue") is False and made.get("type") == "string":
        return {**made, "minLength": max(1, made.get("minLength", 1))}
    if node.get("allowEmptyValue") is not True or made.get("type") == "array":
        return made
    return {"anyOf": [made, {"type": "string", "maxLength": 0}]}


def _serialized(format_: Json, place: str) -> dict[str, Json]:
    """The serialization of an array's items: `style` and `explode`, or a separator."""
    if format_ == "multi":
        return {"style": "form", "explode": True}
    usual = {"style": _SEPARATED["csv"].get(place, "form"), "explode": False}
    style = _SEPARATED.get(format_ if isinstance(format_, str) else "csv", {}).get(place)
    if style is not None:
        return {**usual, "style": style}
    return {**usual, SEPARATOR: format_} if separator_of({SEPARATOR: format_}) else usual


def _header(node: Json) -> Json:
    if not isinstance(node, dict) or "$ref" in node:
        return node
    made = {name: node[name] for name in ("description", "required") if name in node}
    made |= {name: value for name, value in node.items() if name.startswith("x-") and name != "x-nullable"}
    schema = _simple({name: value for name, value in node.items() if name != "name"})
    return {**made, "schema": schema, **({"example": node["x-example"]} if "x-example" in node else {})}


def _scheme(node: Json) -> Json:
    if not isinstance(node, dict):
        return node
    if node.get("type") == "basic":
        return {**node, "type": "http", "scheme": "basic"}
    if node.get("type") != "oauth2":
        return node
    flow = node.get("flow")
    parts = {name: node[name] for name in ("authorizationUrl", "tokenUrl") if name in node}
    kept = {name: value for name, value in node.items() if name not in ("flow", "scopes", *parts)}
    name = _FLOWS.get(flow, flow) if isinstance(flow, str) else "implicit"
    return {**kept, "flows": {name: {**parts, "scopes": node.get("scopes", {})}}}


def _servers(source: Json) -> Iterable[Json]:
    host, base = source.get("host"), source.get("basePath")
    path = f"/{base.strip('/')}" if isinstance(base, str) and base.strip("/") else ""
    if not isinstance(host, str) or not host:
        yield {"url": path or "/"}
        return
    for scheme in _types(source.get("schemes")) or ("https",):
        yield {"url": f"{scheme}://{host}{path}"}


def _turned(made: Json, back: Mapping[str, str]) -> Json:
    """The document with each reference updated to where its target has moved."""
    known: dict[str, str] = {}

    def new_ref(ref: str) -> str:
        if ref not in known:
            known[ref] = _new_ref(ref, back)
        return known[ref]

    def redirect(node: Json) -> Json:
        if type(node) is dict:
            changes = {}
            for name, child in node.items():
                if type(child) is dict or type(child) is list:
                    kept = child if name in _DATA and not _is_map(node) else redirect(child)
                elif name == "$ref" and type(child) is str:
                    kept = new_ref(child)
                else:
                    continue
                if kept is not child:
                    changes[name] = kept
            return {**node, **changes} if changes else node
        if type(node) is list:
            items = [redirect(item) if type(item) is dict or type(item) is list else item for item in node]
            return items if any(new is not old for new, old in zip(items, node, strict=True)) else node
        return node

    return redirect(made)


def _is_map(node: Mapping[str, Json]) -> bool:
    """Whether `default` or `example` is a schema name chosen by the author: then its neighbours are objects too."""
    return all(type(child) is dict for child in node.values())


def _new_ref(ref: str, back: Mapping[str, str]) -> str:
    if not ref.startswith("#/"):
        return ref
    path = tokens(ref[1:])
    for length in range(len(path), 0, -1):
        start = pointer_of(path[:length])
        if start in back:
            return back_to(back[start], path[length:])
    return ref


def back_to(start: str, rest: list[str]) -> str:
    """The reference to the tokens `rest` below `start`."""
    return ref_to([*tokens(start), *rest])
