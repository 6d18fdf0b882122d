"""Values that a server gives a new record: its times, its first state, counts of 0."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import blake2b
from math import floor
from typing import Final

from mockserver.json_text import Json
from mockserver.resources.context import ResourceContext
from mockserver.resources.detect.locate import IDS
from mockserver.resources.detect.names import named
from mockserver.resources.detect.schema_shape import NOTHING, SchemaPlace, SchemaShape
from mockserver.spelling import plain, words_of

CREATED: Final = named(
    "created createdat createdon createddate datecreated creationtime creationdate createtime creationtimestamp",
    "createdtime insertedat addedat dateadded timecreated createdutc registeredat joinedat",
)
CHANGED: Final = named(
    "updated updatedat updatedon modified modifiedat modifiedon lastmodified lastupdated lastmodifiedat lastupdatedat",
    "updatetime dateupdated datemodified updateddate modifieddate lastmodifieddate modifiedtime lastmodifiedtime",
    "timeupdated updatedtime changedat lastchanged",
)
_STATES: Final = ("status", "state", "phase")
_MOMENTS: Final = named("at on date time timestamp until")
_NUMBERED: Final = named("id number no num code key year port seq sequence position index rank")
"""Last words of names of numbers that count nothing."""
_REVISIONS: Final = named("version revision generation")
_COUNTS: Final = named(
    "count counts counter total totals sum balance amount points score likes views visits hits comments replies",
    "followers following stars forks usage used size votes attempts retries quantity downloads shares",
)
_SECRETS: Final = named("token accesstoken authtoken sessiontoken apikey apitoken secret clientsecret secretkey")
"""Names of texts that a server generates and no client sends."""
_HELPFUL: Final = named("active enabled available isactive isenabled isavailable")
"""Flags that an example may set from the start."""
_MILLISECONDS: Final = 10**11


ValueGiver = Callable[[str, float, int], Json]
"""(key of the record, moment in epoch seconds, number in an array) -> the value of one member."""


@dataclass(frozen=True)
class InitialValues:
    """Generates the values that the server gives to members of a new record. `key` identifies the record."""

    context: ResourceContext
    _givers: dict[tuple[str, str], ValueGiver] = field(default_factory=dict)

    def value(self, name: str, place: SchemaPlace, key: str, at: float, *, number: int = 0) -> Json:
        """Returns the value of a member that nobody sent, at the moment `at` in epoch seconds; `number` counts the
        records of one array, and ids in them follow it. NOTHING where no value can be made.
        """
        return self.giver(name, place)(key, at, number)

    def giver(self, name: str, place: SchemaPlace) -> ValueGiver:
        """Returns the function that makes the values of a member that nobody sent."""
        giver = self._givers.get((name, place.pointer))
        if giver is None:
            giver = self._givers[name, place.pointer] = self._giver(name, place)
        return giver

    def _giver(self, name: str, place: SchemaPlace) -> ValueGiver:
        """Returns the function for one member; everything that depends on the schema alone is decided here, once."""
        shape = self.context.shapes.at(place)
        if (default := default_of(place, shape)) is not NOTHING:
            return _always(default)
        accepts = self.context.accepts(place.pointer)
        fixed, varying = self._candidates(name, shape)
        for candidate in fixed:
            if accepts(candidate):
                return _always(candidate)

        known: Json = NOTHING

        def give(key: str, at: float, number: int) -> Json:
            nonlocal known
            candidate = NOTHING if varying is None else varying(key, at, number)
            if candidate is not NOTHING and (candidate is known or accepts(candidate)):
                known = candidate
                return candidate
            made = self.context.value(place.pointer, key)
            return NOTHING if made is None and not shape.takes_null else made

        return give

    def _candidates(self, name: str, shape: SchemaShape) -> tuple[list[Json], ValueGiver | None]:
        """Returns the values that a member may have in every new record, and a function for those of one record. The
        first that the schema accepts counts.
        """
        called, last = plain(name), (words_of(name) or ("",))[-1]
        if len(shape.enum) == 1:
            return [shape.enum[0]], None
        if called.endswith(_STATES) and (shape.enum or shape.is_scalar):
            return [first_state(shape)] if first_state(shape) is not None else [], None
        if called in CREATED | CHANGED:
            return [], lambda _key, at, _number: moment(shape, at)
        if shape.enum:
            return [None] if shape.takes_null else [], None
        if is_moment(last, shape):
            return [None], lambda _key, at, _number: moment(shape, at)
        if "boolean" in shape.types:
            return [called in _HELPFUL and _example(shape) is True, True], None
        if shape.types & {"integer", "number"}:
            return self._number(last, shape)
        if shape.is_list:
            return [[]], None
        if (name in IDS or called in _SECRETS) and "string" in shape.types and not shape.format:
            return [], lambda key, _at, _number: blake2b(key.encode(), digest_size=12).hexdigest()
        if shape.takes_null and last not in _NUMBERED:
            return [None], None
        return [], (lambda key, at, _number: self._object(shape, key, at)) if shape.members else None

    def _number(self, last: str, shape: SchemaShape) -> tuple[list[Json], ValueGiver | None]:
        if last in _REVISIONS:
            return [1, "1"], None
        if last in _NUMBERED:
            return [], (lambda _key, _at, number: number or NOTHING) if last == "id" else None
        node = shape.node if isinstance(shape.node, dict) else {}
        return [0, node.get("minimum")], None

    def _object(self, shape: SchemaShape, key: str, at: float) -> Json:
        members = {name: place for name, place in shape.members.items() if name in shape.required}
        found = {name: self.value(name, place, f"{key}/{name}", at) for name, place in members.items()}
        return {name: value for name, value in found.items() if value is not NOTHING}

    def is_dated(self, name: str) -> bool:
        """Returns whether a member is the time when its record was created or last changed."""
        return plain(name) in CREATED | CHANGED

    def is_kept(self, name: str, shape: SchemaShape) -> bool:
        """Returns whether a server adds this member although no schema requires it and nobody may send it: an id, a
        time, a state, a count, a flag, a list. Other times only where they may be null.
        """
        called, last = plain(name), (words_of(name) or ("",))[-1]
        if name in IDS[:2] or called in CREATED | CHANGED or (called.endswith(_STATES) and shape.is_scalar):
            return True
        if is_moment(last, shape):
            return shape.takes_null
        if called in _SECRETS:
            return "string" in shape.types
        if "boolean" in shape.types:
            return True
        if shape.types & {"integer", "number"}:
            return not _COUNTS.isdisjoint(words_of(name)) or last in _REVISIONS
        return shape.is_list


def _always(value: Json) -> ValueGiver:
    return lambda _key, _at, _number: value


def default_of(place: SchemaPlace, shape: SchemaShape) -> Json:
    """Returns the declared default; NOTHING where there is none."""
    for node in (place.node, shape.node):
        if isinstance(node, dict) and "default" in node:
            return node["default"]
    return NOTHING


def first_state(shape: SchemaShape) -> Json:
    """Returns the state of a new record: the first of the enum, else the example's; None where there is none."""
    if shape.enum:
        return shape.enum[0]
    example = _example(shape)
    return example if isinstance(example, str) else None


def is_revision(name: str, shape: SchemaShape) -> bool:
    """Returns whether a member counts the changes of its record."""
    return "integer" in shape.types and (words_of(name) or ("",))[-1] in _REVISIONS


def is_state(name: str) -> bool:
    """Whether a member of this name says the state of its record."""
    return plain(name).endswith(_STATES)


def is_moment(last: str, shape: SchemaShape) -> bool:
    """Returns whether a member whose name ends in the word `last` is a time."""
    if shape.format in ("date-time", "date"):
        return True
    return last in _MOMENTS and bool(shape.types & {"string", "integer"}) and not shape.enum


def moment(shape: SchemaShape, at: float) -> Json:
    """Returns the moment as a member of this shape has it: a date and time, a date, or seconds or milliseconds since
    1970.
    """
    if shape.format == "date":
        return _written(floor(at), "%Y-%m-%d")
    if shape.types & {"integer", "number"} and "string" not in shape.types:
        example = _example(shape)
        in_milliseconds = isinstance(example, int | float) and example > _MILLISECONDS
        return int(at * 1000) if in_milliseconds else int(at)
    return _written(floor(at), "%Y-%m-%dT%H:%M:%SZ")


@lru_cache(maxsize=64)
def _written(second: int, form: str) -> str:
    """Returns the formatted second; cached, because a record has several times of the same second."""
    return datetime.fromtimestamp(second, UTC).strftime(form)


def _example(shape: SchemaShape) -> Json:
    node: Mapping[str, Json] = shape.node if isinstance(shape.node, dict) else {}
    listed = node.get("examples")
    return listed[0] if isinstance(listed, list) and listed else node.get("example")
