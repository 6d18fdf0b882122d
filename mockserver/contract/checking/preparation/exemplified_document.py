"""Writes known values into what Schemathesis reads: as examples of parameters, and as its dictionaries."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from mockserver.contract.checking.preparation.known_values import KnownValues
from mockserver.json_text import Json
from mockserver.openapi.model.operation import Operation
from mockserver.openapi.schema.schema_view import Resolve

OFTEN: Final = 0.9
"""The share of requests with known values alone in their paths and references, where values are made by chance."""

ANY_VERSION: Final = "*"
"""The value of `If-Match` that fits whatever version a record has (RFC 9110 13.1.1)."""

Given = Mapping[tuple[str, str], list[Json]]
"""The known values of the parameters of one operation, by place and name; of the place `body` the name is the path of
a member, `lines[*].id`.
"""


def given_values(operation: Operation, known: KnownValues) -> Given:
    """The known values of the parameters of an operation that its document accepts; among them a required `If-Match`,
    without which no write of the operation succeeds.
    """
    given = {("path", name): values for name, values in _by_name(known.of_path(operation))}
    given |= {("query", name): values for (id_, name), values in known.queries.items() if id_ == operation.id}
    given |= {
        ("header", one.name): [ANY_VERSION]
        for one in operation.parameters
        if one.place == "header" and one.name.lower() == "if-match" and one.required
    }
    declared = {(one.place, one.name): one for one in operation.parameters}
    fitting = {
        place: [value for value in values if place in declared and declared[place].validator.accepts(value)]
        for place, values in given.items()
    }
    return {place: values for place, values in fitting.items() if values}


def of_body(references: Mapping[str, list[Json]]) -> Given:
    """The known values of members of a body, by their paths."""
    return {("body", path): values for path, values in references.items()}


def _by_name(alternatives: list[dict[str, Json]]) -> Iterator[tuple[str, list[Json]]]:
    for name in alternatives[0] if alternatives else ():
        yield name, [*dict.fromkeys(values[name] for values in alternatives)]


def exemplified(
    document: Json, resolve: Resolve, given: Mapping[Operation, Given], path_of: Callable[[Operation], str]
) -> Json:
    """The document with these values as examples of its parameters. `resolve` follows its references."""
    paths = dict(document["paths"])
    for operation, values in given.items():
        path, method = path_of(operation), operation.method.lower()
        item = paths.get(path)
        if values and isinstance(item, dict) and method in item:
            paths[path] = {**item, method: _exemplified(item, item[method], path, resolve, values)}
    return {**document, "paths": paths}


def _exemplified(item: Json, node: Json, path: str, resolve: Resolve, given: Given) -> Json:
    """The operation, whose parameters have these examples before their own."""
    own: dict[tuple[str, str], Json] = {}
    for parameter in (*item.get("parameters", ()), *node.get("parameters", ())):
        found, _ = resolve(parameter, path)
        place = str(found.get("in")), str(found.get("name"))
        own[place] = _with_examples(found, given[place]) if place in given else parameter
    return {**node, "parameters": [*own.values()]}


def _with_examples(parameter: Json, values: list[Json]) -> Json:
    if "schema" not in parameter:
        return parameter
    examples = {f"known{number}": {"value": value} for number, value in enumerate(values, 1)}
    rest = parameter.get("examples")
    kept = {name: value for name, value in parameter.items() if name != "example"}
    return {**kept, "examples": {**examples, **(rest if isinstance(rest, dict) else {})}}


def dictionaries(given: Mapping[Operation, Given], path_of: Callable[[Operation], str]) -> str:
    """The part of Schemathesis' configuration by which it often sends the known values of path parameters, and those of
    members of bodies that name records.
    """
    lines: list[str] = []
    names: dict[str, str] = {}
    for operation, values in given.items():
        bound = []
        for (place, name), known in values.items():
            if place in ("path", "body") and all(isinstance(value, str | int) for value in known):
                text = json.dumps(known)
                bound.append((f"{place}.{name}", names.setdefault(text, f"known{len(names) + 1}")))
        if bound:
            label = f"{operation.method.upper()} {path_of(operation)}"
            lines += ["[[operations]]", f"include-name = {json.dumps(label)}", "[operations.parameters]"]
            often = round(OFTEN ** (1 / len(bound)), 3)
            lines += [
                f'{json.dumps(place)} = {{ dictionary = "{called}", probability = {often} }}' for place, called in bound
            ]
    for text, called in names.items():
        lines += [f"[dictionaries.{called}]", f"values = {text}"]
    return "\n".join([*lines, ""]) if lines else ""
