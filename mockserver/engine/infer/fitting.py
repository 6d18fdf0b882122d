"""A kept record as an answer's schema would have it: what it lacks is made up, what breaks it is left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from mockserver.engine.infer.decisions import OWN, Way
from mockserver.engine.infer.ground import Ground
from mockserver.engine.infer.names import plain
from mockserver.engine.infer.shape import Place, Shape, dig, put
from mockserver.wire import Json

MOST_KNOWN: Final = 500
"""Answers that are remembered, since most records are asked for again and again before they change."""

_ROUNDS: Final = 4
_WENT_WELL: Final = ("success", "ok", "deleted", "succeeded", "acknowledged", "issuccess", "result", "isdeleted")


def public(record: Mapping[str, Json]) -> dict[str, Json]:
    """The record without what is only the mock's own."""
    return {name: value for name, value in record.items() if name not in OWN}


def merged(under: Json, over: Json) -> Json:
    """The one value laid over the other: objects member by member, anything else as a whole."""
    if not isinstance(under, dict) or not isinstance(over, dict):
        return over
    return {**under, **{name: merged(under[name], value) if name in under else value for name, value in over.items()}}


class Fit:
    """Fits records into one answer: that of the schema at `place`, at the end of `way` in it."""

    def __init__(self, ground: Ground, place: Place, way: Way, record: Shape) -> None:
        self.ground = ground
        self.place = place
        self.way = way
        self.shape = ground.shapes.at(place)
        self.held = ground.shapes.member(self.shape, *way)
        self.accepts = ground.accepts(place.pointer)
        self._known: dict[str, tuple[Mapping[str, Json], Json]] = {}
        self._names = names_shown(ground, self.held, record)
        self._bare = not way or (len(way) == 1 and self.shape.members.keys() == {way[0]})

    def __call__(self, record: Mapping[str, Json], key: str) -> Json:
        """The answer that shows the record, not to be changed; `key` tells apart what is made up for it."""
        known = self._known.get(key)
        if known is not None and known[0] is record:
            return known[1]
        value = self._fitted(record, key)
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        self._known[key] = record, value
        return value

    def _fitted(self, record: Mapping[str, Json], key: str) -> Json:
        shown = public(record)
        if self._names is not None:
            shown = {name: value for name, value in shown.items() if name in self._names}
        if self._bare:
            value = put(None, self.way, shown)
            if self.accepts(value):
                return value
        return self._mended(shown, key)

    def _mended(self, shown: dict[str, Json], key: str) -> Json:
        made = self.ground.value(self.place.pointer, key)
        if made is None:
            return put(None, self.way, shown)
        made = well(self.shape, made)
        under = dig(made, self.way)
        value = put(made, self.way, shown)
        if (shown or not self.held.members) and self.accepts(value):
            return value
        for _ in range(_ROUNDS):
            value = put(made, self.way, merged(under, shown))
            if self.accepts(value):
                return value
            shown = self._without_broken(shown, value)
        return made

    def _without_broken(self, shown: dict[str, Json], value: Json) -> dict[str, Json]:
        validator = self.ground.validator(self.place.pointer)
        violations = validator.violations(value, "response") if validator is not None else ()
        depth = len(self.way)
        tokens = [violation.location[1:] for violation in violations]
        bad = {at[depth] for at in tokens if len(at) > depth and tuple(at[:depth]) == self.way}
        return {name: value for name, value in shown.items() if name not in bad} if bad else {}


def names_shown(ground: Ground, held: Shape, record: Shape) -> frozenset[str] | None:
    """The members that an answer shows of a record, where its schema is another than that of the record; None: all."""
    if ground.is_same(held, record) or not held.members or held.free:
        return None
    return frozenset(held.members)


def well(shape: Shape, made: Json) -> Json:
    """The made-up answer of something that went well: it does not say that it failed."""
    if not isinstance(made, dict):
        return made
    return {
        name: True if value is False and plain(name) in _WENT_WELL and name in shape.members else value
        for name, value in made.items()
    }
