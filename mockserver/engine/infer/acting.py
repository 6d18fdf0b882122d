"""Handlers of what is done to one record by name: `POST /things/{id}/close`, `POST /things/{id}/copy`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from mockserver.engine.api import Handler
from mockserver.engine.call import Call
from mockserver.engine.infer.effects import LESS, MORE, NEW, NOW, effect_of
from mockserver.engine.infer.fitting import public
from mockserver.engine.infer.names import named, plain, singular, words
from mockserver.engine.infer.reading import Reading
from mockserver.engine.infer.reply import Reply
from mockserver.engine.infer.seeds import Scope
from mockserver.engine.infer.shape import NOTHING, Shape, Shapes
from mockserver.engine.infer.unremembered import asks_only
from mockserver.problem import Problem
from mockserver.state.record import Record
from mockserver.state.world import Realm
from mockserver.wire import Json, Response

Known = Callable[[Reply, Realm, Scope], Record]
"""The record at these values of a path. A Problem 404 where there is none."""

_COPIES: Final = named("copy duplicate clone fork replicate copies clones")
_NO_NOUNS: Final = named(
    "access address process focus press pass dismiss progress express discuss assess bypass confess status settings"
)

_OF_RECORDS: Final = frozenset({"name", "title"})
"""Members that tell of a file only in a record that is nothing else."""


def copies(action: str) -> bool:
    """Whether an action makes another record like the one it is done to."""
    return bool(words(action)) and words(action)[0] in _COPIES


def is_child(action: str) -> bool:
    """Whether what stands below a record is called as several things are, and so is none that is done to it."""
    spoken = words(action)
    last = spoken[-1] if spoken else ""
    return len(spoken) == 1 and last not in _NO_NOUNS and singular(last) != last


def part_of(shapes: Shapes, record: Shape, body: Shape, action: str) -> str:
    """The member of a record that a noun below it names and that the body is: `PUT /users/{id}/address`. Empty where
    there is none.
    """
    wanted = plain(action)
    name = next((member for member in record.members if plain(member) == wanted), "")
    held = shapes.member(record, name) if name else NOTHING
    is_object = bool(held.members) and not held.is_list and bool(body.members)
    return name if is_object and any(member in held.members for member in body.members) else ""


def actor(reply: Reply, known: Known) -> Handler:
    """Sets on a record what the action says, what its answer shows, and what the body says of it."""
    ground, store = reply.ground, reply.store
    action = reply.reading.segments[-1].strip(":")
    effect = _effect(reply, action)
    taken = _conflict(reply.reading) if effect else 0
    part = part_of(ground.shapes, store.record, reply.body_shape, action)
    asks = asks_only(reply.reading)
    is_noun = not effect and not part and is_child(action)

    def act(call: Call, world: Realm) -> Response:
        values = reply.scope_of(call)
        old = reply.current(world, known(reply, world, values))
        reply.precondition(old, call)
        sent = reply.sent(call)
        if is_noun and sent:
            call.note("not-remembered", f"`{action}` is no list of {store.name} and the record stays as it was")
            return reply.shown(old, call, 200, 201, 202, 204)
        changes = {part: sent} if part else _said(store.record, sent, action)
        if taken and not changes and is_so(old, effect):
            raise Problem(taken, f"{'/'.join(map(str, values))!r} in {store.name} is so already.", code="conflict")
        begun = thawed(store.children.kept_apart(public(old)))
        record = store.composer.changed(begun, changes, reply.body_shape, call.at) if changes else begun
        record = store.composer.set(record, _resolved(reply, effect, old, world), call.at)
        told = reply.attached.keep(call, world, values, changes)
        record |= {
            name: value for name, value in told.items() if plain(name) not in _OF_RECORDS or not record.get(name)
        }
        if not effect and not changes and not asks and not told:
            call.note("not-remembered", f"nothing tells what `{action}` sets; the record stays as it was")
        kept = store.add(world, store.identified(record, values), values, changes)
        return reply.shown(reply.current(world, kept), call, 200, 201, 202, 204)

    return act


def _said(record: Shape, sent: Mapping[str, Json], action: str) -> dict[str, Json]:
    """What a body says of the record: by its members' names, `new_name` as `name`, `reason` as `cancelReason`."""
    members = {plain(member): member for member in record.members}
    said: dict[str, Json] = {}
    for name, value in sent.items():
        wanted = [name] if name in record.members else _meant(members, plain(name), plain(action)[:_STEM])
        if wanted and wanted[0] not in said:
            said[wanted[0]] = value
    return said


def _meant(members: Mapping[str, str], name: str, stem: str) -> list[str]:
    """The members of a record that a member of a body may mean, by plain names; `stem` begins the action's name."""
    spelled = [name, *(name.removeprefix(prefix) for prefix in _PREFIXES if name.startswith(prefix))]
    stemmed = [other for other in members if other.startswith(stem) and other.endswith(name)]
    return [members[other] for other in (*spelled, *stemmed) if other in members]


_PREFIXES: Final = ("new", "target", "to", "next")
_STEM: Final = 5
"""Letters by which a verb and the noun that is made of it begin alike: `cancel`, `cancellation`."""


def _resolved(reply: Reply, effect: Mapping[str, Json], old: Mapping[str, Json], world: Realm) -> dict[str, Json]:
    """What the effect sets on this record: counts go on from what they are, and new values are none that were given."""
    resolved: dict[str, Json] = {}
    for name, value in effect.items():
        before = old.get(name)
        if value in (MORE, LESS):
            count = before if type(before) is int else 0
            resolved[name] = count + 1 if value == MORE else max(0, count - 1)
        elif value == NEW:
            place = reply.store.record.members[name]
            key = f"{reply.store.name}/{name}/{world.next_number(f'{reply.store.name}/{name}')}"
            resolved[name] = reply.ground.value(place.pointer, key)
        else:
            resolved[name] = value
    return resolved


def _effect(reply: Reply, action: str) -> dict[str, Json]:
    """What the action sets by its name, and the members of which its answer shows one value alone."""
    shapes, record = reply.ground.shapes, reply.store.record
    effect = effect_of(shapes, record, action, undo=reply.reading.method == "DELETE")
    shown = shapes.member(reply.reading.shape, *reply.role.answer)
    for name, place in shown.members.items():
        values = shapes.at(place).enum
        if len(values) == 1 and name in record.members and len(shapes.member(record, name).enum) != 1:
            effect[name] = values[0]
    return effect


def _conflict(reading: Reading) -> int:
    """The status by which the document lets the action say that it was done already; 0: none."""
    if "409" in reading.responses:
        return 409
    for status, place in reading.responses.items():
        if status[0] == "4" and status.isdecimal() and "already" in str(place.node.get("description", "")).lower():
            return int(status)
    return 0


def is_so(record: Mapping[str, Json], effect: Mapping[str, Json]) -> bool:
    """Whether a record has all that an action sets; any moment will do where it sets the present one."""
    if any(value in (MORE, LESS, NEW) for value in effect.values()):
        return False
    settled = {name: value for name, value in effect.items() if value != NOW}
    if settled:
        return all(name in record and record[name] == value for name, value in settled.items())
    return all(record.get(name) is not None for name in effect)


def copier(reply: Reply, known: Known) -> Handler:
    """Adds a record like the one in the path, with an id of its own and what the body says otherwise."""
    store, ground = reply.store, reply.ground
    makers = ground.readings(store.name, "create")
    body = _body(reply, makers[0]) if makers else store.record

    def copy(call: Call, world: Realm) -> Response:
        values = reply.scope_of(call)
        old = known(reply, world, values)
        scope = values[:-1]
        record_id = store.new_id(world, scope)
        said = {name: value for name, value in reply.sent(call).items() if name in store.record.members}
        ident = store.kept.ident.way[:1]
        sent = {name: value for name, value in public(old).items() if name not in ident} | said
        there = (*scope, record_id)
        record = store.composer.new(thawed(sent), body, f"{store.name}/{'/'.join(map(str, there))}", call.at)
        kept = store.add(world, store.identified(record, there), there)
        return reply.shown(reply.current(world, kept), call, 201, 200, 202, 204)

    return copy


def _body(reply: Reply, maker: Reading) -> Shape:
    taken = reply.ground.plan.roles[maker.id].taken
    return reply.ground.shapes.member(maker.body, *taken) if taken else maker.body


def thawed(value: Json) -> Json:
    """The value, of which every part may be changed."""
    if isinstance(value, dict):
        return {name: thawed(member) for name, member in value.items()}
    return [*map(thawed, value)] if isinstance(value, list) else value
