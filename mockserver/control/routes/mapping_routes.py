"""Stubs of a world, in WireMock's shapes: answers of a test's own, next answers, and scenarios."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from mockserver.control.routes.fault_routes import refuse_unknown_operation
from mockserver.control.scope import ControlScope, Handler
from mockserver.engine.call import Call
from mockserver.engine.interventions.matchers import refused, value_matcher
from mockserver.engine.interventions.next_answer import NextAnswer
from mockserver.engine.interventions.stub import USUAL_PRIORITY, Stub
from mockserver.engine.interventions.stub_check import StubTarget, refuse_wrong_answer, refuse_wrong_stub, targets_of
from mockserver.json_text import Json, encode
from mockserver.messages import Response
from mockserver.problem import NOT_FOUND, Problem
from mockserver.state.interventions import STARTED, Rule

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
    return _listed(rules[offset : offset + limit], len(rules))


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
        rule.value = replace(rule.value, persistent=True)
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


# Next answers


def list_next_answers(_call: Call, scope: ControlScope) -> Json:
    """Returns the answers that wait for requests, the next ones first."""
    return {"answers": [_show_next(rule) for rule in scope.world.answers]}


def add_next_answer(call: Call, scope: ControlScope) -> Response:
    """Lets one operation answer so, next."""
    given = dict(call.body)
    method, path = given.pop("method", "").upper(), given.pop("path", "")
    if ("operation" in given) is bool(method or path) or bool(method) is not bool(path):
        raise refused("", "answer", "expected either operation, or method and path")
    operation = given.pop("operation", "") or f"{method} {path}"
    refuse_unknown_operation(operation, scope)
    answer = NextAnswer(operation=operation, **given)
    found = [
        one
        for one in targets_of(scope.services.values())
        if operation in (one.operation.id, f"{one.operation.method} {one.operation.path}")
        and answer.api in ("", one.api)
    ]
    if len(found) != 1:
        apis = ", ".join(target.api for target in found) or "no API of this name"
        raise refused("/api", "answer", f"{operation} is an operation of {apis}; expected the api of one", answer.api)
    if answer.check and answer.body is not None:
        for target in found:
            refuse_wrong_answer(answer.answer, target, "")
    if answer.example and not any(_has_example(one, answer) for one in found):
        raise refused(
            "/example", "answer", f"{operation} declares no example of this name for that status", answer.example
        )
    return Response(201, _show_next(scope.world.answers.add(answer)))


def _has_example(target: StubTarget, answer: NextAnswer) -> bool:
    answers = target.operation.answers
    successes = [one for status, one in answers.items() if status.startswith("2")]
    declared = [target.operation.answer(answer.status)] if answer.status else successes
    return any(
        answer.example in media.node.get("examples", {})
        for one in declared
        if one is not None
        for media in one.media.values()
    )


def delete_next_answers(_call: Call, scope: ControlScope) -> Response:
    """Removes the answers that wait."""
    scope.world.answers.clear()
    return Response(204)


def _show_next(rule: Rule) -> Json:
    answer: NextAnswer = rule.value
    optional = {
        "api": answer.api,
        "status": answer.status,
        "example": answer.example,
        "headers": dict(answer.headers),
    }
    said = {name: value for name, value in optional.items() if value}
    if answer.body is not None:
        said["body"] = answer.body
    return {"operation": answer.operation, **said, "times": answer.times, "used": rule.used}


# Scenarios


def list_scenarios(_call: Call, scope: ControlScope) -> Json:
    """Returns the scenarios of all stubs with their states."""
    return {
        "scenarios": [
            {"id": name, "name": name, "state": scope.world.scenarios.get(name, STARTED), "possibleStates": states}
            for name, states in _scenarios(scope).items()
        ]
    }


def _scenarios(scope: ControlScope) -> dict[str, list[str]]:
    """The states of each scenario that stubs name."""
    found: dict[str, list[str]] = {}
    for rule in scope.world.stubs:
        stub: Stub = rule.value
        if stub.scenario:
            states = found.setdefault(stub.scenario, [STARTED])
            states += [one for one in (stub.required_state, stub.new_state) if one and one not in states]
    return found


def reset_scenarios(_call: Call, scope: ControlScope) -> Json:
    """Moves all scenarios to their start."""
    scope.world.scenarios.clear()
    return {}


def put_scenario_state(call: Call, scope: ControlScope) -> Json:
    """Moves a scenario to a state that one of its stubs names; without a state to its start."""
    name = call.path["name"]
    states = _scenarios(scope).get(name)
    if states is None:
        raise Problem(404, f"No stub of this world is of a scenario {name[:80]!r}.", code=NOT_FOUND)
    state = (call.body or {}).get("state", STARTED)
    if state not in states:
        raise refused("/state", "enum", f"{name} has no state {state[:80]!r}; it has {', '.join(states)}", state)
    scope.world.scenarios[name] = state
    return {}


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
    "listNextAnswers": list_next_answers,
    "addNextAnswer": add_next_answer,
    "deleteNextAnswers": delete_next_answers,
    "listScenarios": list_scenarios,
    "resetScenarios": reset_scenarios,
    "putScenarioState": put_scenario_state,
}
