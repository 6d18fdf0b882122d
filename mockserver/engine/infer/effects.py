"""What an action would set on a record by its name: `close` a `status` of `closed`, a flag `closed`, a `closed_at`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mockserver.engine.infer.names import plain, words
from mockserver.engine.infer.shape import Shape, Shapes
from mockserver.wire import Json

NOW: Final = "\0now"
"""Stands for the moment of the request in what an action sets."""

_STATES: Final = ("status", "state", "phase", "stage", "lifecycle_state", "lifecyclestate")
_ODD: Final = {
    "pay": "paid",
    "send": "sent",
    "begin": "begun",
    "start": "running",
    "run": "running",
    "stop": "stopped",
    "hold": "held",
    "reopen": "open",
    "unarchive": "active",
    "submit": "submitted",
    "ship": "shipped",
    "cancel": "canceled",
}
_OPPOSITES: Final = {"deactivate": "activate", "disable": "enable"}
_ENDINGS: Final = ("", "d", "ed", "led", "ted", "ped", "n", "ing", "ting")


def effect_of(shapes: Shapes, record: Shape, verb: str, *, undo: bool = False) -> dict[str, Json]:
    """The members that the action sets, with their values; a date-time that is NOW is that of the request."""
    first = next(iter(words(verb)), "")
    if not first:
        return {}
    found: dict[str, Json] = {}
    for member, place in record.members.items():
        shape = shapes.at(place)
        for value in _values(member, shape, first, undo=undo):
            found[member] = value
    return found


def _values(member: str, shape: Shape, verb: str, *, undo: bool) -> Iterator[Json]:
    name = plain(member)
    if shape.enum and name.endswith(_STATES) and not undo:
        value = _state(shape.enum, verb)
        if value is not None:
            yield value
    elif "boolean" in shape.types:
        value = _flag(name, verb)
        if value is not None:
            yield value is not undo
    elif shape.format == "date-time" and any(
        name == form + end for form in _forms(verb) for end in ("at", "on", "date")
    ):
        yield None if undo and shape.takes_null else NOW


def _forms(verb: str) -> list[str]:
    odd = [_ODD[verb]] if verb in _ODD else []
    stem = verb[:-1] + "i" if verb.endswith("y") else verb
    return [*odd, *(verb + ending for ending in _ENDINGS[1:]), stem + "ed", verb]


def _state(enum: tuple[Json, ...], verb: str) -> Json:
    known = {plain(str(value)): value for value in enum if isinstance(value, str)}
    return next((known[form] for form in _forms(verb) if form in known), None)


def _flag(name: str, verb: str) -> bool | None:
    """True, False, or None where the flag is about something else."""
    name = name.removeprefix("is")
    if name in _forms(verb) or (verb in ("activate", "enable") and name in ("active", "enabled")):
        return True
    opposite = _OPPOSITES.get(verb) or (verb.removeprefix("un") if verb.startswith("un") else "")
    if opposite and (name in _forms(opposite) or (name in ("active", "enabled") and verb in _OPPOSITES)):
        return False
    return None
