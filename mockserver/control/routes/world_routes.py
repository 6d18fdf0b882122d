"""Worlds: create, fork, snapshot, restore, compare, export, import, delete, and the credentials that belong to them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial

from mockserver.control.exchanges.exchange_view import timestamp
from mockserver.control.scope import ControlScope, Handler
from mockserver.control.world_content import difference, exported, imported
from mockserver.engine.call import Call
from mockserver.engine.issued_credentials import admit, issue
from mockserver.engine.redaction.secret_text import mask_credential
from mockserver.engine.service import Service
from mockserver.json_text import Json
from mockserver.messages import Response
from mockserver.problem import NOT_FOUND, WORLD_UNREADABLE, Problem
from mockserver.state.world import DEFAULT_WORLD, World
from mockserver.state.world_bindings import SentCredential
from mockserver.state.worlds import Worlds


def list_worlds(_call: Call, scope: ControlScope) -> Json:
    """Returns every world used so far, also one that cannot be read."""
    return {"worlds": [_readable(partial(_summary, world), world) for world in scope.worlds.every()]}


def create_world(call: Call, scope: ControlScope) -> Response:
    """Adds a world: new, or a fork of another world or of a snapshot. Raises Problem 409 if its name is taken."""
    asked: Mapping[str, Json] = call.body or {}
    origin = asked.get("from", {})
    source = None
    if "world" in origin:
        source = scope.worlds.find(origin["world"])
    elif "snapshot" in origin:
        source = _snapshot(scope.worlds, origin["snapshot"])
    return _create(asked, source, f"snapshot:{origin['snapshot']}" if "snapshot" in origin else "", scope)


def fork_world(call: Call, scope: ControlScope) -> Response:
    """Adds a fork of the world in the path."""
    return _create(call.body or {}, scope.worlds.find(call.path["world"]), "", scope)


def get_world(call: Call, scope: ControlScope) -> Json:
    """Returns one world, its credentials masked."""
    world = scope.worlds.find(call.path["world"])
    return _readable(partial(_detail, world, scope), world)


def delete_world(call: Call, scope: ControlScope) -> Response:
    """Removes the world; its name starts a new one at next use."""
    scope.worlds.delete(call.path["world"])
    return Response(204)


def bind_credentials(call: Call, scope: ControlScope) -> Response:
    """Binds credentials to the world, and returns them as clients send them."""
    world = scope.worlds.find(call.path["world"])
    return Response(201, {"credentials": _bind(call.body["credentials"], world, scope)})


def list_snapshots(_call: Call, scope: ControlScope) -> Json:
    """Returns the names of the snapshots, oldest first."""
    return {"snapshots": [{"name": name} for name in tuple(scope.worlds.snapshots)]}


def take_snapshot(call: Call, scope: ControlScope) -> Response:
    """Keeps the present content of the world under a name, in the place of an earlier snapshot of this name."""
    scope.worlds.keep(call.body["name"], scope.worlds.find(call.path["world"]))
    return Response(201, {"name": call.body["name"]})


def delete_snapshot(call: Call, scope: ControlScope) -> Response:
    """Forgets the snapshot; worlds that were made from it stay."""
    try:
        del scope.worlds.snapshots[call.path["snapshot"]]
    except KeyError:
        raise _no_snapshot(call.path["snapshot"], scope.worlds) from None
    return Response(204)


def restore_world(call: Call, scope: ControlScope) -> Response:
    """Gives the world the records of a snapshot; its clock and journal continue."""
    kept = _snapshot(scope.worlds, call.body["snapshot"])
    world = scope.worlds.find(call.path["world"])
    with kept.lock:
        content, sequences, unserved = kept.snapshot(), kept.sequences(), kept.unserved
    world.run(lambda: world.restore(content, f"snapshot:{kept.name}", sequences, unserved))
    return Response(204)


def compare_world(call: Call, scope: ControlScope) -> Json:
    """Returns what changed in the world since it began."""
    world = scope.worlds.find(call.path["world"])
    return world.run(lambda: difference(world))


def export_world(call: Call, scope: ControlScope) -> Json:
    """Returns everything in the world."""
    world = scope.worlds.find(call.path["world"])
    return world.run(lambda: exported(world))


def import_world(call: Call, scope: ControlScope) -> Response:
    """Gives the world, which is made if need be, the records of an export."""
    content = imported(call.body, scope)
    world = scope.worlds[call.path["world"]]
    clock = call.body.get("clock", {})

    def restore() -> None:
        world.restore(content, "import", call.body.get("sequences"))
        if clock.get("frozen") is not None:
            world.clock.freeze(clock["frozen"])

    world.run(restore)
    return Response(204)


def _create(asked: Mapping[str, Json], source: World | None, began: str, scope: ControlScope) -> Response:
    world = scope.worlds.create(asked.get("name", ""), source, asked.get("expire"), began)
    try:
        bound = _bind(asked.get("credentials", ()), world, scope)
    except Problem:
        _take_back(world, scope)
        raise
    return Response(201, {**_detail(world, scope), "credentials": bound})


def _take_back(world: World, scope: ControlScope) -> None:
    """Deletes the world that was just made. Raises Problem 503 that says that it is there, where that cannot be."""
    try:
        scope.worlds.delete(world.name)
    except Problem as problem:
        detail = f"The world {world.name} was made, and not all of its credentials. Delete it before you make it anew."
        raise Problem(problem.status, detail, code=problem.code, retry_after=problem.retry_after) from None


def _bind(asked: Iterable[Mapping[str, Json]], world: World, scope: ControlScope) -> list[Json]:
    """Binds the credentials that are given, makes those of which only the API is, and returns them unmasked."""
    bound: list[Json] = []
    for one in asked:
        api = one.get("api")
        service = None if api is None else scope.service(api)
        fresh = world.run(partial(_fresh, one, service, world, scope, len(bound)))
        bound += [_credential(sent, api, secret or None) for sent, secret in fresh]
    return bound


def _fresh(
    one: Mapping[str, Json], service: Service | None, world: World, scope: ControlScope, before: int
) -> list[tuple[SentCredential, str]]:
    """Binds one credential that is given, or those that are made, each with its secret where it was made."""
    fresh: list[tuple[SentCredential, str]] = []
    if "value" in one:
        place = next(place for place in ("header", "query", "cookie") if place in one)
        fresh = [(SentCredential(place, one[place], one["value"]), "")]
    elif service is not None:
        fresh = [(made.sent, made.secret) for made in issue(service, world, len(world.issued) + before + 1)]
    for sent, _ in fresh:
        scope.worlds.bind().bind(sent, world.name)
    if "value" in one and service is not None:
        admit(service, world, fresh[0][0])
    return fresh


def _credential(sent: SentCredential, api: str | None, secret: str | None) -> Json:
    return {"api": api, "in": sent.place, "name": sent.name, "value": sent.value, "secret": secret}


def _snapshot(worlds: Worlds, name: str) -> World:
    kept = worlds.snapshots.get(name)
    if kept is None:
        raise _no_snapshot(name, worlds)
    return kept


def _no_snapshot(name: str, worlds: Worlds) -> Problem:
    known = ", ".join([*worlds.snapshots][:20]) or "none"
    return Problem(404, f"No snapshot {name[:80]!r} was taken; there is {known}.", code=NOT_FOUND)


def _readable(shown: Callable[[], Json], world: World) -> Json:
    """What is shown of the world; of one that is damaged, what is known without reading it."""
    try:
        return world.look(shown)
    except Problem as problem:
        if problem.code != WORLD_UNREADABLE:
            raise
        return {**shown(), "problem": problem.detail}


def _summary(world: World) -> Json:
    latest = world.journal.latest
    return {
        "name": world.name,
        "requests": len(world.journal),
        "lastRequest": None if latest is None else timestamp(latest.at),
        "problem": None,
    }


def _detail(world: World, scope: ControlScope) -> Json:
    bindings = scope.worlds.bindings
    bound = [] if bindings is None else bindings.of(world.name)
    return {
        **_summary(world),
        "url": scope.site if world.name == DEFAULT_WORLD else f"{scope.site}/~{world.name}",
        "began": world.began,
        "expire": world.expire,
        "credentials": [_credential(sent._replace(value=mask_credential(sent.value)), None, None) for sent in bound],
        "findings": [] if scope.worlds.keeper is None else [*scope.worlds.keeper.findings(world)],
    }


OF_ANY_WORLD: Mapping[str, Handler] = {"listWorlds": list_worlds, "getWorld": get_world, "deleteWorld": delete_world}
"""Handlers that need no world that can be read: by them a damaged one is found and given up."""

UNLOCKED: Mapping[str, Handler] = {
    **OF_ANY_WORLD,
    "listSnapshots": list_snapshots,
    "createWorld": create_world,
    "forkWorld": fork_world,
    "bindCredentials": bind_credentials,
    "takeSnapshot": take_snapshot,
    "deleteSnapshot": delete_snapshot,
    "restoreWorld": restore_world,
    "compareWorld": compare_world,
    "exportWorld": export_world,
    "importWorld": import_world,
}
"""Handlers without the lock of the request's world, which a slow request may hold: two requests that each hold a world
and wait for the other's would deadlock.
"""
