"""Merges requests into records: sent values are stored as they are, members that only the server sets are added."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, NamedTuple

from mockserver.json_text import Json
from mockserver.resources.context import ResourceContext
from mockserver.resources.detect.decisions import OWN
from mockserver.resources.detect.effects import NOW, Within
from mockserver.resources.detect.locate import IDS
from mockserver.resources.detect.names import same_name
from mockserver.resources.detect.schema_shape import NOTHING, SchemaPlace, SchemaShape, is_free
from mockserver.resources.records.initial_values import (
    CHANGED,
    InitialValues,
    ValueGiver,
    default_of,
    is_moment,
    is_revision,
    is_state,
    moment,
)
from mockserver.resources.records.inner_members import NESTED, InnerMembers
from mockserver.resources.relations.consistency import Consistency
from mockserver.spelling import plain, singular, words_of

_NAMED_MOMENT: Final = 2
_FEW: Final = 200
"""Body schemas whose members were matched with those of the record."""


class _Taken(NamedTuple):
    """The analysis of a body schema, made once: members that only the server sets, those that are stored as they are
    sent, those that no server sets, defaults of those that are not sent, and the members of a record, each with what a
    server gives a new one.
    """

    body: SchemaShape
    computed: frozenset[str]
    plain: frozenset[str]
    settled: frozenset[str]
    defaults: Mapping[str, Json]
    members: tuple[tuple[str, SchemaPlace, ValueGiver | None], ...]


@dataclass(frozen=True)
class RecordMerger:
    """Creates and changes the records of one collection. `record` is their schema, `body` that of requests."""

    context: ResourceContext
    place: SchemaPlace
    record: SchemaShape
    sendable: frozenset[str] = frozenset()
    """Members that requests declare."""
    _targets: dict[tuple[str, str], tuple[tuple[str, Callable[[Json], Json]], ...]] = field(default_factory=dict)

    _known: dict[int, _Taken] = field(default_factory=dict)

    @cached_property
    def initial(self) -> InitialValues:
        return InitialValues(self.context)

    @cached_property
    def inner(self) -> InnerMembers:
        return InnerMembers(self.context, self.initial)

    def made(self, key: str, *, exemplary: bool = True) -> dict[str, Json]:
        """Returns a record of which a client sent nothing; an exemplary one has the document's examples of
        its members.
        """
        if not self.place.pointer:
            return {}
        if is_free(self.record):
            return {}
        spoken = self.context.shapes.spoken(self.place).pointer
        value = self.context.value(spoken, key, exemplary=exemplary)
        if spoken != self.place.pointer and not self.context.accepts(self.place.pointer)(value):
            value = self.context.value(self.place.pointer, key, exemplary=exemplary)
        if value is None:
            value = self.context.nearest(self.place.pointer, key)
        return self.consistency.consistent(self._visible(value)) if isinstance(value, dict) else {}

    @cached_property
    def consistency(self) -> Consistency:
        """The constraints among members of a record."""
        return Consistency(self.context, self.record)

    def new(
        self,
        sent: Mapping[str, Json],
        body: SchemaShape,
        key: str,
        at: float,
        decided: Mapping[str, Json] | None = None,
    ) -> dict[str, Json]:
        """Returns a new record at the moment `at`: the members that were sent, those `decided`, and those that the
        server adds.
        """
        taken = self._taken(body)
        return self._filled(decided or {}, self._given(sent, taken), taken, key, at)

    def replaced(
        self, old: Mapping[str, Json], sent: Mapping[str, Json], body: SchemaShape, at: float, key: str = ""
    ) -> dict[str, Json]:
        """Returns the record with the members of a request replaced, those not sent reset, and the server's own
        unchanged.
        """
        sendable = {target for name in body.members for target, _ in self._targets_of(name, body)}
        unchanged = (
            {}
            if is_free(self.record) and is_free(body)
            else {
                name: value
                for name, value in old.items()
                if name not in sendable or name in self.record.required or self.is_computed(name, body)
            }
        )
        taken = self._taken(body)
        given = self._given(sent, taken)
        return self.touched(self._filled(unchanged, given, taken, key, at), at, _changed_members(given, old))

    def changed(
        self, old: Mapping[str, Json], changes: Mapping[str, Json], body: SchemaShape, at: float
    ) -> dict[str, Json]:
        """Returns the record with the changes merged by RFC 7396; but null stays where the schema allows it."""
        given = self._stored(changes, self._taken(body))
        laid = self._laid(dict(old), given, self.record)
        full = {name: self._completed(laid[name], name, str(at), at) for name in given if name in laid}
        sendable = self.sendable | body.members.keys()
        own = {name: value for name, value in laid.items() if name in sendable and not self.is_computed(name, body)}
        return self.touched(self.consistency.sums.with_sums(laid | full, own), at, _changed_members(given, old))

    patched = changed

    def set(
        self, old: Mapping[str, Json], values: Mapping[str, Json], at: float, *, is_news: bool = True
    ) -> dict[str, Json]:
        """Returns the record with these values, where NOW is the moment `at`. With `is_news` false the times of change
        stay.
        """
        set_now = {name: self._set(self.record, name, old.get(name), value, at) for name, value in values.items()}
        return self.touched({**old, **set_now}, at) if is_news else {**old, **set_now}

    def _set(self, shape: SchemaShape, name: str, old: Json, value: Json, at: float) -> Json:
        member = self.context.shapes.member(shape, name)
        if isinstance(value, Within):
            before = old if isinstance(old, dict) else {}
            return {**before, **{key: self._set(member, key, None, inner, at) for key, inner in value.items()}}
        return moment(member, at) if value == NOW else value

    def touched(self, record: dict[str, Json], at: float, given: Container[str] = ()) -> dict[str, Json]:
        """Returns the record with its times of change at `at`, except members in `given`, and its revision numbers
        raised by one.
        """
        changed = [name for name in record if plain(name) in CHANGED and name not in given]
        counted = [name for name in self._revisions if type(record.get(name)) is int]
        if not changed and not counted:
            return record
        moments = {name: self._time(name, at) for name in changed}
        return {**record, **moments, **{name: record[name] + 1 for name in counted}}

    @cached_property
    def _revisions(self) -> tuple[str, ...]:
        """The members that count the changes of a record."""
        member = ((name, self.context.shapes.member(self.record, name)) for name in self.record.members)
        return tuple(
            name
            for name, shape in member
            if (shape.read_only or name not in self.sendable) and is_revision(name, shape)
        )

    def counts_all(self, sent: Mapping[str, Json], body: SchemaShape) -> bool:
        """Returns whether each of these members is one that the server leaves as it was sent."""
        return sent.keys() <= self._taken(body).settled

    def redated(self, sent: Mapping[str, Json], record: Mapping[str, Json]) -> list[str]:
        """Returns the members that were sent and hold the time of the last change, which the server sets."""
        return [name for name, value in sent.items() if plain(name) in CHANGED and record.get(name, value) != value]

    def ignored(self, sent: Mapping[str, Json], body: SchemaShape, old: Mapping[str, Json]) -> list[str]:
        """Returns the members that were sent and did not count, because only the server sets them; those equal to the
        stored value are left out.
        """
        computed = self._taken(body).computed
        return [name for name, value in sent.items() if name in computed and old.get(name) != value]

    def is_computed(self, name: str, body: SchemaShape) -> bool:
        """Returns whether only the server sets this member: the body's schema marks it readOnly, or the record's does
        and no body has it.
        """
        return name in self._taken(body).computed

    def _taken(self, body: SchemaShape) -> _Taken:
        known = self._known.get(id(body))
        return known if known is not None and known.body is body else self._remember(body)

    def _remember(self, body: SchemaShape) -> _Taken:
        if len(self._known) > _FEW:
            self._known.clear()
        known = self._known[id(body)] = self._read(body)
        return known

    def _read(self, body: SchemaShape) -> _Taken:
        shapes, sendable = self.context.shapes, frozenset(map(plain, body.members))
        marked = {**self.record.members, **body.members}
        computed = frozenset(name for name, place in marked.items() if shapes.at(place).read_only)
        defaults = {name: default_of(place, shapes.at(place)) for name, place in body.members.items()}
        return _Taken(
            body,
            computed,
            frozenset(self.record.members) - computed - {*OWN},
            frozenset(name for name in marked if name not in computed and plain(name) not in CHANGED),
            {name: default for name, default in defaults.items() if default is not NOTHING},
            tuple(
                (
                    name,
                    place,
                    self.initial.giver(name, place) if self._is_added(name, place, computed, sendable) else None,
                )
                for name, place in self.record.members.items()
            ),
        )

    # what was sent

    def _given(self, sent: Mapping[str, Json], taken: _Taken) -> Mapping[str, Json]:
        """Returns what was sent as records have it, with the defaults of the body's schema for the rest."""
        return self._stored({**taken.defaults, **sent} if taken.defaults else sent, taken)

    def _stored(self, sent: Mapping[str, Json], taken: _Taken) -> Mapping[str, Json]:
        """Returns the members that were sent, under the names that records have for them, without those that only the
        server sets. Not to be changed: it may be what was sent itself.
        """
        if sent.keys() <= taken.plain:
            return sent
        given: dict[str, Json] = {}
        computed, members, body = taken.computed, self.record.members, taken.body
        for name, value in sent.items():
            if name in computed or name in OWN:
                continue
            if name in members or name not in body.members:
                given[name] = value
                continue
            for target, converted in self._targets_of(name, body):
                given[target] = converted(value)
        return given

    def _targets_of(self, name: str, body: SchemaShape) -> tuple[tuple[str, Callable[[Json], Json]], ...]:
        """Returns the members of a record that a member of the body sets, each with its conversion."""
        if name in self.record.members or name not in body.members:
            return ((name, _as_it_is),)
        known = self._targets.get((body.pointer, name))
        if known is None:
            if len(self._targets) > _FEW:
                self._targets.clear()
            known = self._targets[body.pointer, name] = tuple(self._matched(name))
        return known

    def _matched(self, name: str) -> Iterator[tuple[str, Callable[[Json], Json]]]:
        """Yields the same name in another spelling, `owner` for `owner_id` and the reverse, and always the name itself,
        which an answer of another schema may show.
        """
        other = same_name(name, self.record.members)
        if other is not None:
            yield other, _as_it_is
            return
        yield name, _as_it_is
        for ending in IDS:
            if plain(name).endswith(plain(ending)) and len(plain(name)) > len(plain(ending)):
                noun = same_name(plain(name)[: -len(plain(ending))], self.record.members)
                member = self.context.shapes.member(self.record, noun) if noun is not None else NOTHING
                if noun is not None and ending in member.members:
                    yield noun, _in_an_object(ending)
        referred = same_name(f"{singular(name)}_id", self.record.members)
        if referred is not None:
            yield referred, _its_id

    def _completed(self, value: Json, name: str, key: str, at: float) -> Json:
        """Returns what was sent, with the nested members that the record's schema requires added."""
        place = self.record.members.get(name)
        return value if place is None else self.inner.complete(value, place, f"{key}/{name}", at)

    # what the server adds

    def _filled(
        self, unchanged: Mapping[str, Json], given: Mapping[str, Json], taken: _Taken, key: str, at: float
    ) -> dict[str, Json]:
        """Returns a whole record: the `unchanged` members of an old one, those that were sent, and those that a
        server adds.
        """
        record: dict[str, Json] = {}
        for name, place, giver in taken.members:
            if name in given:
                value = given[name]
                is_open = isinstance(value, NESTED)
                record[name] = self.inner.complete(value, place, f"{key}/{name}", at) if is_open else value
            elif name in unchanged:
                record[name] = unchanged[name]
            elif giver is not None:
                value = giver(f"{key}/{name}", at, 0)
                if value is not NOTHING:
                    record[name] = value
        members = self.record.members.keys()
        if not (unchanged.keys() <= members and given.keys() <= members):
            record |= {name: value for name, value in (*unchanged.items(), *given.items()) if name not in members}
        return self.consistency.sums.with_sums(record, given)

    def _is_added(self, name: str, place: SchemaPlace, computed: frozenset[str], sendable: frozenset[str]) -> bool:
        """Returns whether a server adds this member when the client did not send it: it is required, has a default, or
        only the server may set it.
        """
        shape = self.context.shapes.at(place)
        if shape.write_only:
            return False
        if name in self.record.required or default_of(place, shape) is not NOTHING:
            return True
        if name in computed:
            return not self._tells_of_later(name, shape)
        could_be_sent = plain(name) in sendable
        return self.initial.is_kept(name, shape) and (not could_be_sent or self.initial.is_dated(name))

    def _tells_of_later(self, name: str, shape: SchemaShape) -> bool:
        """Whether a member says when a record came into a state that a new one is not in: `solved_at`."""
        words = words_of(name)
        if len(words) < _NAMED_MOMENT or shape.takes_null or not is_moment(words[-1], shape):
            return False
        shapes = [self.context.shapes.at(place) for called, place in self.record.members.items() if is_state(called)]
        return any(plain(state) == "".join(words[:-1]) for state in _later_states(shapes))

    def _visible(self, record: Mapping[str, Json]) -> dict[str, Json]:
        shapes = self.context.shapes
        return {name: value for name, value in record.items() if not shapes.member(self.record, name).write_only}

    # changes

    def _time(self, name: str, at: float) -> Json:
        return moment(self.context.shapes.member(self.record, name), at)

    def _laid(self, old: dict[str, Json], changes: Mapping[str, Json], shape: SchemaShape) -> dict[str, Json]:
        record = dict(old)
        for name, value in changes.items():
            member = self.context.shapes.member(shape, name)
            if value is None and not member.takes_null:
                record.pop(name, None)
            elif isinstance(value, dict):
                under = record.get(name)
                record[name] = self._laid(under if isinstance(under, dict) else {}, value, member)
            else:
                record[name] = value
        return record


def _changed_members(given: Mapping[str, Json], old: Mapping[str, Json]) -> frozenset[str]:
    """Returns the members that differ from the stored record; one that was sent back unchanged counts as not sent."""
    return frozenset(name for name, value in given.items() if old.get(name) != value)


def _as_it_is(value: Json) -> Json:
    return value


def _in_an_object(name: str) -> Callable[[Json], Json]:
    """Wraps an id in the object that it identifies."""
    return lambda value: {name: value} if isinstance(value, str | int) else value


def _its_id(value: Json) -> Json:
    """Returns the id of an object; anything else is returned as it is."""
    if isinstance(value, dict):
        return next((value[name] for name in IDS if name in value), value)
    return value


def _later_states(shapes: Iterable[SchemaShape]) -> Iterator[str]:
    """The listed states that records do not begin with."""
    for shape in shapes:
        yield from (state for state in shape.enum[1:] if isinstance(state, str))
