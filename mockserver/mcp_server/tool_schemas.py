"""Derives the arguments of each tool from the operation that the control API's document describes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from mockserver.json_pointer import tokens
from mockserver.mcp_server.tool_table import TOOLS

WORLD = "world"
BODY = "body"

_SCHEMAS = "#/components/schemas/"
_DEFINITIONS = "#/$defs/"
_OF_THE_ADDRESS = {
    "type": "string",
    "minLength": 1,
    "description": "The world that is meant, which is made at its first use; without it that of the address.",
}


class ToolPlan(NamedTuple):
    """A tool: `method` and `path` are those of its operation (`/state/{api}`), `places` has its parameters by name,
    each with `path` or `query`; `schema` is that of its arguments (JSON Schema 2020-12).
    """

    name: str
    method: str
    path: str
    places: Mapping[str, str]
    description: str
    schema: Mapping[str, Any]
    reads: bool

    @property
    def destroys(self) -> bool:
        """Whether something may be gone afterwards."""
        return not self.reads and (self.method in ("DELETE", "PUT", "PATCH") or self.name in _LOSES)


_LOSES = frozenset({"reset_world", "restore_world"})


def plan_tools(document: Mapping[str, Any]) -> dict[str, ToolPlan]:
    """Every tool by its name, from the document of the control API."""
    operations = {
        node["operationId"]: (method.upper(), path, item, node)
        for path, item in document["paths"].items()
        for method, node in item.items()
        if isinstance(node, Mapping) and "operationId" in node
    }
    return {
        name: _planned(name, operations[tool.operation], document, reads=tool.reads) for name, tool in TOOLS.items()
    }


def _planned(
    name: str,
    operation: tuple[str, str, Mapping[str, Any], Mapping[str, Any]],
    document: Mapping[str, Any],
    *,
    reads: bool,
) -> ToolPlan:
    method, path, item, node = operation
    parameters = [
        parameter
        for given in (*item.get("parameters", ()), *node.get("parameters", ()))
        if (parameter := _resolved(given, document))["in"] in ("path", "query")
    ]
    properties = {parameter["name"]: _property(parameter) for parameter in parameters}
    required = [parameter["name"] for parameter in parameters if parameter.get("required")]
    body = _resolved(node["requestBody"], document) if "requestBody" in node else None
    if body is not None:
        properties[BODY] = _body(body)
        required += [BODY] if body.get("required") else []
    properties.setdefault(WORLD, _OF_THE_ADDRESS)
    schema = {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
    if definitions := _definitions(schema, document):
        schema["$defs"] = definitions
    return ToolPlan(
        name,
        method,
        path,
        {parameter["name"]: parameter["in"] for parameter in parameters},
        _told(node),
        _moved(schema),
        reads,
    )


def _told(node: Mapping[str, Any]) -> str:
    summary = f"{node['summary']}."
    return f"{summary} {node['description']}" if "description" in node else summary


def _property(parameter: Mapping[str, Any]) -> dict[str, Any]:
    return {**parameter["schema"], **_described(parameter)}


def _body(body: Mapping[str, Any]) -> dict[str, Any]:
    media = body["content"]["application/json"]
    examples = [example["value"] for example in media.get("examples", {}).values()]
    if "example" in media:
        examples.insert(0, media["example"])
    return {**media["schema"], **_described(body), **({"examples": examples[:1]} if examples else {})}


def _described(node: Mapping[str, Any]) -> dict[str, Any]:
    return {"description": node["description"]} if "description" in node else {}


def _resolved(node: Mapping[str, Any], document: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" not in node:
        return node
    found: Any = document
    for token in tokens(node["$ref"][1:]):
        found = found[token]
    resolved: Mapping[str, Any] = found
    return resolved


def _definitions(schema: Any, document: Mapping[str, Any]) -> dict[str, Any]:
    """The schemas of the document that this one refers to, and those that they refer to."""
    found: dict[str, Any] = {}
    waiting = [*_references(schema)]
    while waiting:
        name = waiting.pop().removeprefix(_SCHEMAS)
        if name not in found:
            found[name] = document["components"]["schemas"][name]
            waiting += _references(found[name])
    return dict(sorted(found.items()))


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, Mapping):
        for name, value in node.items():
            if name == "$ref" and isinstance(value, str):
                yield value
            else:
                yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)


def _moved(node: Any) -> Any:
    """The same with its references to the definitions of the schema itself."""
    if isinstance(node, Mapping):
        return {
            name: value.replace(_SCHEMAS, _DEFINITIONS) if name == "$ref" and isinstance(value, str) else _moved(value)
            for name, value in node.items()
        }
    return [_moved(value) for value in node] if isinstance(node, list) else node
