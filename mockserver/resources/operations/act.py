"""Handlers of actions on one record: `POST /things/{id}/close`, `POST /things/{id}/copy`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from mockserver.engine.api import Handler
from mockserver.engine.call import Call
from mockserver.json_text import Json, copied
from mockserver.messages import Response
from mockserver.problem import Problem
from mockserver.resources.detect.effects import (
    LESS,
    MORE,
    NEW,
    NOW,
    Action,
    Within,
    effect_of,
    without_sent_moments,
)
from mockserver.resources.detect.names import named
from mockserver.resources.detect.operation_view import OperationView
from mockserver.resources.detect.roles.action_operations import (
    Amount,
    action_of,
    amount_of,
    given_members,
    is_child,
    part_of,
    verb_member,
)
from mockserver.resources.detect.schema_shape import SchemaShape, similarity
from mockserver.resources.operations.reply import Reply
from mockserver.resources.operations.unremembered import asks_only
from mockserver.resources.records.projection import public
from mockserver.resources.records.seeds import Scope
from mockserver.resources.records.store import Store
from mockserver.resources.relations.ownership import Ownership
from mockserver.spelling import plain, words_of
from mockserver.state.records.record import Record
from mockserver.state.world import ApiState

RecordLookup = Callable[[Reply, ApiState, Scope], Record]
"""Returns the record at these values of a path; raises a Problem 404 where there is none."""

_OF_RECORDS: Final = frozenset({"name", "title"})
"""Members that describe a file only in a record that is nothing but a file."""
_AGAIN: Final = named("assign schedule reschedule move transfer rate vote update set book")
"""Actions that may be repeated with another value, and so are never refused as done already."""


def actor(reply: Reply, lookup: RecordLookup) -> Handler:
    """Handles an action: sets what its name means, what its answer shows, and the members that its body has."""
    context, store = reply.context, reply.store
    action = reply.view.verb
    effects = _Effects(reply)
    part = part_of(context.shapes, store.record, reply.body_shape, action)
    asks = asks_only(reply.view)
    amount = amount_of(context.shapes, store.record, reply.body_shape, action)
    refusal = next((int(status) for status in ("409", "422", "400") if status in reply.view.responses), 0)
    owning = Ownership(reply)
    is_noun = not effects.own and not part and not effects.by_body and is_child(action)

    def act(call: Call, state: ApiState) -> Response:
        values = reply.scope_of(call)
        old = reply.current(state, lookup(reply, state, values))
        reply.refusals.precondition(old, call)
        sent = reply.sent(call)
        if is_noun and sent:
            call.note("not-remembered", f"`{action}` is no list of {store.name} and the record stays as it was")
            return reply.shown(old, call, 200, 201, 202, 204)
        effect = effects.of(sent)
        grown = changed_amount(amount, old, sent, refusal) if amount is not None else {}
        told_of = (
            sent if not grown or amount is None else {key: member for key, member in sent.items() if key != amount.sent}
        )
        changes = {part: sent} if part else given_members(context.shapes, store.record, told_of, action)
        if asks and not effect:
            changes = {}
        if grown:
            effect = {}
        effects.expect_news(old, effect, changes, values)
        effect = {name: value for name, value in effect.items() if name not in changes}
        about = _about_the_action(store, sent, changes, reply.body_shape)
        changes, effect = {name: value for name, value in changes.items() if name not in about}, {**effect, **about}
        before = copied(store.children.without_children(public(old)))
        record = store.composer.changed(before, changes, reply.body_shape, call.at) if changes else before
        record = owning.with_references(call, state, record, changes, is_new=False) if changes else record
        resolved = _resolved(reply, effect, old, state) | grown
        record = store.composer.set(record, resolved, call.at, is_news=not changes)
        attached = reply.attached.keep(call, state, values, changes)
        record |= {
            name: value for name, value in attached.items() if plain(name) not in _OF_RECORDS or not record.get(name)
        }
        if not (part or asks or grown) and (effect or changes):
            _note_lost(call, sent, {**changes, **about}, action)
        if not effect and not changes and not grown and not asks and not attached:
            call.note("not-remembered", f"nothing tells what `{action}` sets; the record stays as it was")
        stored = store.add(state, store.identified(record, values), values, changes)
        return reply.shown(reply.current(state, stored), call, 200, 201, 202, 204)

    return act


def _about_the_action(
    store: Store, sent: Mapping[str, Json], changes: Mapping[str, Json], body: SchemaShape
) -> dict[str, Json]:
    """Returns the changes that come under another name than they were sent, of members that only the server sets
    otherwise: `cancelReason`, readOnly, by the `reason` of `cancel`.
    """
    ids = store.collection.id_spec.member_path
    return {
        name: value
        for name, value in changes.items()
        if name not in sent and (name,) != ids and store.composer.is_computed(name, body)
    }


def _note_lost(call: Call, sent: Mapping[str, Json], changes: Mapping[str, Json], action: str) -> None:
    """Notes the members of a body that no member of the record takes."""
    kept = [*changes.values()]
    lost = [name for name, value in sent.items() if name not in changes and value not in kept]
    if lost:
        call.note("not-remembered", f"`{action}` keeps nothing of {' '.join(f'/{name}' for name in sorted(lost))}")


class _Effects:
    """The members that one operation sets on records: by its path, or by the verb in its body."""

    def __init__(self, reply: Reply) -> None:
        self.reply = reply
        shapes, store = reply.context.shapes, reply.store
        self.own = _effect(reply)
        self.by_body = "" if self.own else verb_member(shapes, reply.body_shape, reply.view.verb)
        self.conflict_status = _conflict(reply.view)
        self.is_again = not _AGAIN.isdisjoint(words_of(reply.view.verb)[:1])
        self.name = store.name

    def of(self, sent: dict[str, Json]) -> dict[str, Json]:
        """Returns the members that a request with this body sets; removes the verb from `sent`."""
        verb = sent.pop(self.by_body, None) if self.by_body else None
        if not isinstance(verb, str):
            return self.own
        return effect_of(self.reply.context.shapes, self.reply.store.record, Action(verb[:_LONGEST], "", self.name))

    def expect_news(
        self, old: Mapping[str, Json], effect: Mapping[str, Json], changes: Mapping[str, Json], values: Scope
    ) -> None:
        """Raises a Problem with the declared conflict status where the action was done already."""
        if not self.conflict_status or not effect or (changes and (self.is_again or not _is_settled(effect))):
            return
        if is_so(old, effect):
            raise Problem(
                self.conflict_status, f"{'/'.join(map(str, values))!r} in {self.name} is so already.", code="conflict"
            )


_LONGEST: Final = 80
"""Characters of a verb in a body."""


def _is_settled(effect: Mapping[str, Json]) -> bool:
    return any(value != NOW for value in effect.values())


def _resolved(reply: Reply, effect: Mapping[str, Json], old: Mapping[str, Json], state: ApiState) -> dict[str, Json]:
    """Returns the effect as values for this record: counts go on from the present number, unless a flag says that this
    one was counted, and new values differ from any that were given out.
    """
    resolved: dict[str, Json] = {}
    flags = {name: value for name, value in effect.items() if isinstance(value, bool)}
    counted = bool(flags) and is_so(old, flags)
    for name, value in effect.items():
        before = old.get(name)
        if value in (MORE, LESS) and counted:
            continue
        if value in (MORE, LESS):
            count = before if type(before) is int else 0
            resolved[name] = count + 1 if value == MORE else max(0, count - 1)
        elif value == NEW:
            place = reply.store.record.members[name]
            key = f"{reply.store.name}/{name}/{state.next_number(f'{reply.store.name}/{name}')}"
            resolved[name] = reply.context.value(place.pointer, key)
        else:
            resolved[name] = value
    return resolved


def _effect(reply: Reply) -> dict[str, Json]:
    """Returns the members that the action sets by its name, with those of which its answer allows one value alone."""
    shapes, record, view = reply.context.shapes, reply.store.record, reply.view
    shown = shapes.member(view.shape, *reply.role.answer)
    action = action_of(view, reply.store.name, whole=similarity(shown, record) >= _WHOLE)
    effect = effect_of(shapes, record, action, undo=view.method == "DELETE")
    effect = without_sent_moments(effect, reply.store.sent)
    for name, place in shown.members.items():
        values = shapes.at(place).enum
        if len(values) == 1 and name in record.members and len(shapes.member(record, name).enum) != 1:
            effect[name] = values[0]
    return effect


_WHOLE: Final = 0.9


def _conflict(view: OperationView) -> int:
    """Returns the declared status of an action that was done already; 0 where there is none."""
    if "409" in view.responses:
        return 409
    for status, place in view.responses.items():
        if status[0] == "4" and status.isdecimal() and "already" in str(place.node.get("description", "")).lower():
            return int(status)
    return 0


def is_so(record: Mapping[str, Json], effect: Mapping[str, Json]) -> bool:
    """Returns whether a record has every member as the action sets it. Any moment counts as the present one, and a
    count is met where a flag says so.
    """
    if any(value == NEW for value in effect.values()):
        return False
    settled = {name: value for name, value in effect.items() if value not in (NOW, MORE, LESS)}
    if settled:
        return all(name in record and _has(record[name], value) for name, value in settled.items())
    return NOW in effect.values() and all(record.get(name) is not None for name in effect)


def _has(member: Json, value: Json) -> bool:
    return is_so(member, value) if isinstance(value, Within) and isinstance(member, Mapping) else bool(member == value)


def copier(reply: Reply, lookup: RecordLookup) -> Handler:
    """Handles a copy: adds a record like the one in the path, with a new id and the members that the body has."""
    store, context = reply.store, reply.context
    makers = context.views(store.name, "create")
    body = _body(reply, makers[0]) if makers else store.record

    def copy(call: Call, state: ApiState) -> Response:
        values = reply.scope_of(call)
        old = lookup(reply, state, values)
        scope = values[:-1]
        record_id = store.new_id(state, scope)
        given_members = {name: value for name, value in reply.sent(call).items() if name in store.record.members}
        id_spec = store.collection.id_spec.member_path[:1]
        sent = {name: value for name, value in public(old).items() if name not in id_spec} | given_members
        there = (*scope, record_id)
        record = store.composer.new(copied(sent), body, f"{store.name}/{'/'.join(map(str, there))}", call.at)
        stored = store.add(state, store.identified(record, there), there)
        return reply.shown(reply.current(state, stored), call, 201, 200, 202, 204)

    return copy


def _body(reply: Reply, maker: OperationView) -> SchemaShape:
    body_path = reply.context.plan.roles[maker.id].body_path
    return reply.context.shapes.member(maker.body, *body_path) if body_path else maker.body


def changed_amount(
    amount: Amount, record: Mapping[str, Json], sent: Mapping[str, Json], refusal: int
) -> dict[str, Json]:
    """Returns the number after the action. Raises a Problem of the status `refusal` (0: none) where it would fall below
    zero.
    """
    by, before = _number(sent.get(amount.sent)), _number(record.get(amount.member)) or 0
    if by is None:
        return {}
    after = before + amount.sign * by
    if after < 0 and refusal:
        raise Problem(refusal, f"`{amount.member}` is {before}, which is less than is taken.", code="conflict")
    return {amount.member: round(after, 9) if isinstance(after, float) else after}


def _number(value: Json) -> int | float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None
