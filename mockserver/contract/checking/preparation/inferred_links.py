"""Adds links to a document: from what creates a record to what reads, changes or deletes it, for the stateful phase."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from mockserver.contract.checking.checks.checked_api import CheckedApi, Member, is_of_requests, values_for
from mockserver.json_pointer import pointer_of
from mockserver.json_text import Json
from mockserver.openapi.model.operation import Operation
from mockserver.openapi.schema.schema_view import Resolve

_NEXT: Final = ("read", "update", "replace", "delete", "act")


def with_links(document: Json, resolve: Resolve, api: CheckedApi, path_of: Callable[[Operation], str]) -> Json:
    """The document, in which each response of an operation that creates a record leads to the operations on it. The
    document's own links stay, and come first.
    """
    paths = dict(document["paths"])
    for member in api.members.values():
        path, method = path_of(member.operation), member.operation.method.lower()
        node = paths.get(path, {}).get(method) if isinstance(paths.get(path), dict) else None
        if isinstance(node, dict) and (member.role.kind == "create" or _may_create(member)):
            links = _links(api, member, path_of) if member.role.kind == "create" else _links_below(api, member, path_of)
            changed = _linked(node, path, resolve, links)
            paths[path] = {**paths[path], method: changed}
    return {**document, "paths": paths}


def _links(api: CheckedApi, member: Member, path_of: Callable[[Operation], str]) -> dict[str, Json]:
    """The links from the response of an operation, by name."""
    record = api.shown(member)
    path = member.collection.id_spec.member_path
    if path and is_of_requests(path):
        return {}
    if not path or not api.shapes.member(record, *path[:-1]).members.get(path[-1]):
        identifier = _from_location(member)
    else:
        identifier = f"$response.body#{pointer_of([*member.role.answer, *path])}"
    known = {name: f"$request.path.{name}" for name in _path_names(member.operation)}
    found: dict[str, Json] = {}
    for target in api.of_kind(member.collection.name, *_NEXT) if identifier else ():
        values = values_for(target, member, known, identifier)
        if values is None or identifier not in values.values():
            continue
        reference = pointer_of(["paths", path_of(target.operation), target.operation.method.lower()])
        found[f"{target.role.kind} {target.operation.id}"] = {"operationRef": f"#{reference}", "parameters": values}
    return found


def _may_create(member: Member) -> bool:
    """Whether a PUT makes the record at its path, if there is none."""
    return member.role.kind == "replace" and "201" in member.operation.answers


def _links_below(api: CheckedApi, member: Member, path_of: Callable[[Operation], str]) -> dict[str, Json]:
    """The links from the response of a PUT to the operations at its path and below it, which need no other values."""
    names = _path_names(member.operation)
    found: dict[str, Json] = {}
    for target in api.spec.operations:
        is_below = f"{target.path}/".startswith(f"{member.operation.path}/")
        if target is not member.operation and is_below and set(_path_names(target)) == set(names):
            reference = pointer_of(["paths", path_of(target), target.method.lower()])
            values = {name: f"$request.path.{name}" for name in names}
            found[f"below {target.id}"] = {"operationRef": f"#{reference}", "parameters": values}
    return found


def _from_location(member: Member) -> str:
    """The expression for the last part of the Location; empty where the operation declares no such header."""
    headers: set[str] = set()
    for status, answer in member.operation.answers.items():
        headers |= {name.lower() for name in answer.headers} if status.startswith("2") else set()
    return "$response.header.Location#regex:/([^/?#]+)/?(?:[?#].*)?$" if "location" in headers else ""


def _path_names(operation: Operation) -> list[str]:
    return [one.name for one in operation.parameters if one.place == "path"]


def _linked(node: Json, path: str, resolve: Resolve, links: Mapping[str, Json]) -> Json:
    responses = dict(node.get("responses", {}))
    for status, response in responses.items():
        if str(status) in ("200", "201", "204") and links:
            found, _ = resolve(response, path)
            if isinstance(found, dict):
                own = found.get("links", {})
                responses[status] = {**found, "links": {**own, **_new(own, links)}}
    return {**node, "responses": responses}


def _new(own: Json, links: Mapping[str, Json]) -> dict[str, Json]:
    """The links whose operations the document itself leads to by none of its own."""
    told = {str(link.get("operationId", "")) for link in own.values() if isinstance(link, dict)}
    return {name: link for name, link in links.items() if name.partition(" ")[2] not in told}
