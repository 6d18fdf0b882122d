"""Stubs of a world, in WireMock's shapes: answers of a test's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from mockserver.control.scope import ControlScope, Handler
from mockserver.engine.call import Call
from mockserver.engine.interventions.matching.matchers import refused, value_matcher
from mockserver.engine.interventions.stub import USUAL_PRIORITY, Stub
from mockserver.engine.interventions.stub_check import refuse_wrong_stub, targets_of
from mockserver.json_text import Json, encode
from mockserver.messages import Response
from mockserver.problem import NOT_FOUND, Problem
from mockserver.state.interventions import Rule

LEFT_OUT: Mapping[str, str] = {
    "postServeActions": "a stub sends nothing; webhooks are those of the document",
    "serveEventListeners": "a stub sends nothing; webhooks are those of the document",
}
_MEMBERS = frozenset({
    "id", "uuid", "name", "request", "response", "priority", "scenarioName", "requiredScenarioState",
    "newScenarioState", "persistent", "metadata", "check", "times", "insertionIndex",
})  # fmt: skip


_NO_STUB = (
    'has neither a request nor a response; expected a stub such as {"request": {"urlPath": "/pets"}, "response": '
    '{"jsonBody": []}}; a list of them goes to POST /__admin/mappings/import'
)


def list_mappings(call: Call, scope: ControlScope) -> Json:
    """Returns the stubs in the order in which they look at a request."""
    rules = scope.world.stubs.ranked()
    offset, limit = call.query["offset"], call.query.get("limit", len(rules))
    shown = rules[offset : offset + limit]
    listed = _listed(shown, len(rules))
    if call.query["counts"]:
        for mapping, rule in zip(listed["mappings"], shown, strict=True):
            mapping |= {"seen": rule.seen, "used": rule.used}
    return listed


def add_mapping(call: Call, scope: ControlScope) -> Response:
    """Adds a stub, or replaces the one with its id."""
    stub, id = _new_stub(call.body)
    known = refuse_wrong_stub(stub, targets_of(scope.services.values()))
    rule = scope.world.stubs.add(stub, id)
    return Response(201, show_mapping(rule), () if known is not False else (_UNDOCUMENTED,))


_UNDOCUMENTED = ("Mock-Assumption", "stub=no operation of what is served takes this request; the answer is not checked")


def get_mapping(call: Call, scope: ControlScope) -> Json:
    """Returns the stub."""
    return show_mapping(scope.world.stubs[_uuid(call.path["id"])])


def put_mapping(call: Call, scope: ControlScope) -> Json:
    """Replaces the stub."""
    id = _uuid(call.path["id"])
    stub, own = _new_stub(call.body)
    if own not in ("", id):
        raise refused("/id", "id", f"is {own}, and the address says {id}", own)
    if id not in scope.world.stubs:
        return show_mapping(scope.world.stubs[id])
    refuse_wrong_stub(stub, targets_of(scope.services.values()))
    return show_mapping(scope.world.stubs.add(stub, id))


def delete_mapping(call: Call, scope: ControlScope) -> Json:
    """Removes the stub."""
    scope.world.stubs.remove(_uuid(call.path["id"]))
    return {}


def delete_mappings(_call: Call, scope: ControlScope) -> Json:
    """Removes all stubs, and moves all scenarios to their start."""
    scope.world.stubs.clear()
    scope.world.scenarios.clear()
    return {}


def reset_mappings(_call: Call, scope: ControlScope) -> Json:
    """Removes all stubs but the persistent ones, and moves all scenarios to their start."""
    for rule in scope.world.stubs:
        if not rule.value.persistent:
            scope.world.stubs.remove(rule.id)
    scope.world.scenarios.clear()
    return {}


def save_mappings(_call: Call, scope: ControlScope) -> Json:
    """Makes all stubs persistent, so that they survive a reset of the stubs; no file is written."""
    for rule in scope.world.stubs:
        scope.world.stubs.change(rule.id, replace(rule.value, persistent=True))
    return {}


def remove_mapping(call: Call, scope: ControlScope) -> Json:
    """Removes the stub with this id, or without one those with this very request."""
    stub, id = read_mapping(call.body)
    stubs = scope.world.stubs
    if id:
        stubs.remove(id)
        return {}
    found = [rule.id for rule in stubs if rule.value.request == stub.request]
    if not found:
        raise Problem(404, "This world has no stub with this request.", code=NOT_FOUND)
    for known in found:
        stubs.remove(known)
    return {}


def list_unused_mappings(_call: Call, scope: ControlScope) -> Json:
    """Returns the stubs that have answered nothing."""
    unused = tuple(rule for rule in scope.world.stubs.ranked() if not rule.used)
    return _listed(unused, len(unused))


def import_mappings(call: Call, scope: ControlScope) -> Json:
    """Adds stubs; one with an id that is there is replaced, or left as it is."""
    options = call.body.get("importOptions") or {}
    keeps = options.get("duplicatePolicy") == "IGNORE"
    stubs = scope.world.stubs
    read = [_new_stub(mapping, f"/mappings/{index}") for index, mapping in enumerate(call.body["mappings"])]
    known = targets_of(scope.services.values())
    for stub, _ in read:
        refuse_wrong_stub(stub, known)
    if options.get("deleteAllNotInImport"):
        named = {id for _, id in read}
        for rule in stubs:
            if rule.id not in named:
                stubs.remove(rule.id)
    for stub, id in reversed(read):
        if not (keeps and id in stubs):
            stubs.add(stub, id)
    return {}


def find_mappings(call: Call, scope: ControlScope) -> Json:
    """Returns the stubs whose metadata match."""
    found = _by_metadata(call, scope)
    return _listed(found, len(found))


def remove_mappings(call: Call, scope: ControlScope) -> Json:
    """Removes the stubs whose metadata match, and returns them."""
    found = _by_metadata(call, scope)
    for rule in found:
        scope.world.stubs.remove(rule.id)
    return _listed(found, len(found))


def _by_metadata(call: Call, scope: ControlScope) -> tuple[Rule, ...]:
    matches = value_matcher(call.body, "")
    return tuple(rule for rule in scope.world.stubs.ranked() if matches(encode(dict(rule.value.metadata)).decode()))


def _listed(rules: tuple[Rule, ...], total: int) -> Json:
    return {"mappings": [show_mapping(rule) for rule in rules], "meta": {"total": total}}


def _uuid(text: str) -> str:
    return text.lower()


def _new_stub(given: Json, at: str = "") -> tuple[Stub, str]:
    """The stub of a mapping that is to be added. Raises Problem 422 for one that would answer everything with nothing,
    such as the listing of stubs of a server that has none.
    """
    found = read_mapping(given, at)
    if given.get("request") is None and given.get("response") is None:
        raise refused(at, "required", _NO_STUB)
    return found


def read_mapping(given: Json, at: str = "") -> tuple[Stub, str]:
    """The stub of a mapping of WireMock's, and its id, empty where it has none. Raises Problem 422 for a member that is
    not known.
    """
    given = {name: value for name, value in given.items() if value is not None and value != []}
    for name in given:
        if name in LEFT_OUT:
            raise refused(f"{at}/{name}", "mapping", f"{name}: {LEFT_OUT[name]}", name)
        if name not in _MEMBERS:
            known = ", ".join(sorted(_MEMBERS))
            raise refused(f"{at}/{name}", "mapping", f"{name[:80]!r} is not known here; known are {known}", name)
    metadata = given.get("metadata", {})
    own = metadata.get("mockserver", {})
    check = given.get("check", own.get("check", True) if isinstance(own, dict) else True)
    if not isinstance(check, bool):
        raise refused(f"{at}/check", "type", "expected true or false", check)
    stub = Stub(
        request=_present(given.get("request", {})),
        response=given.get("response", {}),
        priority=given.get("priority", USUAL_PRIORITY),
        name=given.get("name", ""),
        scenario=given.get("scenarioName", ""),
        required_state=given.get("requiredScenarioState", ""),
        new_state=given.get("newScenarioState", ""),
        persistent=given.get("persistent", False),
        metadata=metadata,
        check=check,
        times=given.get("times", 0),
    )
    if (stub.required_state or stub.new_state) and not stub.scenario:
        raise refused(f"{at}/scenarioName", "mapping", "a state is one of a scenario, and scenarioName is missing")
    return stub, _id_of(given, at)


def _present(members: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


def _id_of(given: Mapping[str, Json], at: str) -> str:
    id = given.get("id") or given.get("uuid") or ""
    if not id:
        return ""
    try:
        return str(UUID(id))
    except ValueError:
        raise refused(f"{at}/id", "format", "expected a UUID", id) from None


def show_mapping(rule: Rule) -> Json:
    """The stub as a mapping of WireMock's."""
    stub: Stub = rule.value
    optional = {
        "name": stub.name,
        "scenarioName": stub.scenario,
        "requiredScenarioState": stub.required_state,
        "newScenarioState": stub.new_state,
        "metadata": dict(stub.metadata),
        "times": stub.times,
    }
    return {
        "id": rule.id,
        "uuid": rule.id,
        **{name: value for name, value in optional.items() if value},
        "request": dict(stub.request),
        "response": dict(stub.response),
        "priority": stub.priority,
        "persistent": stub.persistent,
        **({} if stub.check else {"check": False}),
    }


HANDLERS: Mapping[str, Handler] = {
    "listMappings": list_mappings,
    "addMapping": add_mapping,
    "getMapping": get_mapping,
    "putMapping": put_mapping,
    "deleteMapping": delete_mapping,
    "deleteMappings": delete_mappings,
    "resetMappings": reset_mappings,
    "saveMappings": save_mappings,
    "removeMapping": remove_mapping,
    "listUnusedMappings": list_unused_mappings,
    "importMappings": import_mappings,
    "findMappings": find_mappings,
    "removeMappings": remove_mappings,
}
