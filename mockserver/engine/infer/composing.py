"""Records made of what was sent: what a client may say counts, what only the server knows is made up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from mockserver.engine.infer.effects import NOW
from mockserver.engine.infer.finding import IDS
from mockserver.engine.infer.fitting import merged
from mockserver.engine.infer.ground import Ground
from mockserver.engine.infer.names import named, plain, same_name
from mockserver.engine.infer.shape import NOTHING, Place, Shape
from mockserver.spec.views import WRITE_ONLY
from mockserver.wire import Json

_CREATED: Final = named(
    "created createdat createdon createddate datecreated creationtime creationdate createtime creationtimestamp",
    "createdtime insertedat addedat dateadded",
)
_CHANGED: Final = named(
    "updated updatedat updatedon modified modifiedat modifiedon lastmodified lastupdated lastmodifiedat lastupdatedat",
    "updatetime dateupdated datemodified updateddate modifieddate lastmodifieddate modifiedtime",
)
_STATES: Final = ("status", "state", "phase")
_ROUNDS: Final = 4


@dataclass(frozen=True)
class Composer:
    """Makes the records of one collection. `record` is their schema, `body` what a client may send of them."""

    ground: Ground
    place: Place
    record: Shape

    def made(self, key: str) -> dict[str, Json]:
        """A record of which a client said nothing."""
        if not self.place.pointer:
            return {}
        spoken = self.ground.shapes.spoken(self.place).pointer
        value = self.ground.value(spoken, key)
        if spoken != self.place.pointer and not self.ground.accepts(self.place.pointer)(value):
            value = self.ground.value(self.place.pointer, key)
        return self._visible(value) if isinstance(value, dict) else {}

    def new(self, sent: Mapping[str, Json], body: Shape, key: str, at: float) -> dict[str, Json]:
        """A new record: what was sent, and what the server adds to it."""
        made = self.made(key)
        record = self._begun(sent, body, made)
        record |= {name: moment for name in self.record.members if (moment := self._moment(name, at, made)) is not None}
        full = self._visible({**record, **self._said(sent, body)})
        order = [*(name for name in self.record.members if name in full), *full]
        return self._sound({name: full[name] for name in order}, made)

    def replaced(self, old: Mapping[str, Json], sent: Mapping[str, Json], body: Shape, at: float) -> dict[str, Json]:
        """The record with what a client may say as it was sent, and the rest as it was."""
        kept = {
            name: value
            for name, value in old.items()
            if name not in body.members or self._computed(name, body) or name in self.record.required
        }
        return self._sound(self._touched({**kept, **self._said(sent, body)}, at), old)

    def changed(self, old: Mapping[str, Json], changes: Mapping[str, Json], body: Shape, at: float) -> dict[str, Json]:
        """The record with the changes laid over it; what would break its schema stays as it was."""
        return self._sound(self.patched(old, changes, body, at), old)

    def patched(self, old: Mapping[str, Json], changes: Mapping[str, Json], body: Shape, at: float) -> dict[str, Json]:
        """The record with the changes laid over it as RFC 7396 has it; but null stays where the schema allows it."""
        return self._touched(self._laid(dict(old), self._said(changes, body), self.record), at)

    def set(self, old: Mapping[str, Json], values: Mapping[str, Json], at: float) -> dict[str, Json]:
        """The record with these values, where NOW is the moment `at`."""
        moments = {name: self._time(name, at) if value == NOW else value for name, value in values.items()}
        return self._sound(self._touched({**old, **moments}, at), old)

    def _begun(self, sent: Mapping[str, Json], body: Shape, made: Mapping[str, Json]) -> dict[str, Json]:
        """What a new record has beside what was sent."""
        record = {}
        asked, said = {plain(name) for name in body.members}, {plain(name) for name in sent}
        for name, place in self.record.members.items():
            if plain(name) in said:
                continue
            shape = self.ground.shapes.at(place)
            default = _default(place, shape)
            known = plain(name) in asked and not self._computed(name, body)
            if default is not NOTHING:
                record[name] = default
            elif known and name in self.record.required:
                record[name] = None if shape.takes_null else made.get(name)
            elif not known and name in made:
                record[name] = _initial(name, shape, made[name])
        return record

    def _said(self, sent: Mapping[str, Json], body: Shape) -> dict[str, Json]:
        """What counts of what was sent: nothing that only the server says, and nothing that is only for requests."""
        closed = isinstance(self.record.node, dict) and self.record.node.get("additionalProperties") is False
        said = {}
        for name, value in sent.items():
            if self._computed(name, body) or self.ground.shapes.member(self.record, name).write_only:
                continue
            if name in self.record.members:
                said[name] = self._kept(value, self.record.members[name])
            elif name not in body.members and not closed:
                said[name] = value
            elif (other := same_name(name, self.record.members)) is not None and not self._computed(other, body):
                said[other] = self._kept(value, self.record.members[other])
        return said

    def _kept(self, value: Json, place: Place) -> Json:
        """The value as the record shows it: what is only for requests is not in it, and an id that stands for a whole
        object is one in an object.
        """
        shape = self.ground.shapes.at(place)
        if isinstance(value, list) and shape.items is not None:
            return [self._kept(item, shape.items) for item in value]
        if isinstance(value, str | int) and shape.members and not self.ground.accepts(place.pointer)(value):
            return self._referred(value, shape)
        return self._shown(value, shape)

    def _referred(self, value: Json, shape: Shape) -> Json:
        """The object that an id names: with its id alone."""
        for name in IDS:
            if name in shape.members and self.ground.accepts(shape.members[name].pointer)(value):
                return {name: value}
        return value

    def _computed(self, name: str, body: Shape) -> bool:
        shapes = self.ground.shapes
        return shapes.member(self.record, name).read_only or shapes.member(body, name).read_only

    def _visible(self, record: Mapping[str, Json]) -> dict[str, Json]:
        shapes = self.ground.shapes
        return {name: value for name, value in record.items() if not shapes.member(self.record, name).write_only}

    def _shown(self, value: Json, shape: Shape) -> Json:
        """The value without what is only for requests, however deep."""
        if WRITE_ONLY not in self.ground.spec.views.marks:
            return value
        shapes = self.ground.shapes
        if isinstance(value, dict) and shape.members:
            held = {name: (member, shapes.member(shape, name)) for name, member in value.items()}
            return {name: self._shown(member, of) for name, (member, of) in held.items() if not of.write_only}
        if isinstance(value, list) and shape.items is not None:
            return [self._shown(item, shapes.items(shape)) for item in value]
        return value

    def _moment(self, name: str, at: float, made: Mapping[str, Json]) -> Json:
        if name in made and plain(name) in _CREATED | _CHANGED:
            return self._time(name, at)
        return None

    def _touched(self, record: dict[str, Json], at: float) -> dict[str, Json]:
        changed = {name: self._time(name, at) for name in record if plain(name) in _CHANGED}
        return {**record, **{name: value for name, value in changed.items() if value is not None}}

    def _time(self, name: str, at: float) -> Json:
        """The moment as the member would say it; None for one that says no moment."""
        shape = self.ground.shapes.member(self.record, name)
        if shape.format == "date-time":
            return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        if shape.format == "date":
            return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d")
        return int(at) if "integer" in shape.types else None

    def _laid(self, old: dict[str, Json], changes: Mapping[str, Json], shape: Shape) -> dict[str, Json]:
        record = dict(old)
        for name, value in changes.items():
            held = self.ground.shapes.member(shape, name)
            if value is None and not held.takes_null:
                record.pop(name, None)
            elif isinstance(value, dict):
                under = record.get(name)
                record[name] = self._laid(under if isinstance(under, dict) else {}, value, held)
            else:
                record[name] = value
        return record

    def _sound(self, record: dict[str, Json], instead: Mapping[str, Json]) -> dict[str, Json]:
        """The record; where it breaks its schema, with the members of another in the place of those that do."""
        validator = self.ground.validator(self.place.pointer) if self.place.pointer else None
        if validator is None or validator.accepts(record):
            return record
        full = {name: merged(instead.get(name), value) for name, value in record.items()}
        if validator.accepts(full):
            return full
        for _ in range(_ROUNDS):
            bad = {violation.location[1] for violation in validator.violations(record, "body") if violation.pointer}
            if not bad:
                break
            record = {name: value for name, value in record.items() if name not in bad}
            record |= {name: instead[name] for name in bad if name in instead}
            if validator.accepts(record):
                return record
        return record


def _default(place: Place, shape: Shape) -> Json:
    for node in (place.node, shape.node):
        if isinstance(node, dict) and "default" in node:
            return node["default"]
    return NOTHING


def _initial(name: str, shape: Shape, made: Json) -> Json:
    """What only the server says of a new record: it is in its first state, and nothing has happened to it yet."""
    if plain(name).endswith(_STATES):
        example = shape.node.get("example") if isinstance(shape.node, dict) else None
        return shape.enum[0] if shape.enum else example if isinstance(example, str) else made
    if shape.format == "date-time" and shape.takes_null and plain(name) not in _CREATED | _CHANGED:
        return None
    return made
