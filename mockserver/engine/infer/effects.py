"""What an action would set on a record by its name: `close` a `status` of `closed`, a flag `closed`, a `closed_at`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final

from mockserver.engine.infer.names import named, plain, words
from mockserver.engine.infer.shape import Shape, Shapes
from mockserver.wire import Json

NOW: Final = "\0now"
"""Stands for the moment of the request in what an action sets."""

_STATES: Final = ("status", "state", "phase", "stage", "lifecyclestate")
_MOMENTS: Final = ("at", "on", "date")
_ASIDE: Final = named("mark set make as is to")
"""Words in front of what an action is about: `mark-as-read`."""


def _table(**lines: str) -> Mapping[str, tuple[str, ...]]:
    return {verb: tuple(line.split()) for verb, line in lines.items()}


_CALLED: Final = _table(
    begin="begun started", hide="hidden", hold="held", freeze="frozen", pay="paid", send="sent", win="won", lose="lost",
    withdraw="withdrawn", sell="sold", run="running", start="running", stop="stopped", resume="running", show="visible",
    complete="done finished", finish="done completed", close="resolved", resolve="done closed", publish="live",
    activate="active enabled", enable="active", accept="approved", approve="accepted", favorite="favourite",
    favourite="favorite", star="favorite favourite", reject="declined denied", decline="rejected", deny="rejected",
    reopen="open", trash="deleted", suspend="disabled",
)  # fmt: skip
"""What is called otherwise than by the verb's own participle, the likeliest first."""

_THEN: Final = _table(
    start="inprogress active", begin="inprogress", resume="active", restore="active", unarchive="active open",
    unsuspend="active", reinstate="active", unlock="active", deactivate="inactive", disable="inactive", stop="inactive",
    unpublish="draft", submit="pending inreview", cancel="void",
)  # fmt: skip
"""The state that a record is in afterwards where none is called as the verb is."""

_OPPOSITES: Final = _table(
    deactivate="activate enable", activate="deactivate disable", disable="enable activate", enable="disable deactivate",
    pause="resume start", resume="pause stop", start="stop pause", stop="start run", open="close", close="open",
    reopen="close resolve complete", approve="reject deny decline", reject="approve accept", decline="accept approve",
    deny="approve", hide="show", show="hide", restore="archive delete trash", reinstate="suspend disable",
)  # fmt: skip


def effect_of(shapes: Shapes, record: Shape, action: str, *, undo: bool = False) -> dict[str, Json]:
    """The members that the action sets, with their values; a moment that is NOW is that of the request."""
    verb = _verb(action)
    found: dict[str, Json] = {}
    for member, place in record.members.items() if verb else ():
        for value in _values(member, shapes.at(place), verb, undo=undo):
            found[member] = value
    return found


def told(effect: Mapping[str, Json]) -> str:
    """What an action sets, in words."""
    return ", ".join(f"`{name}` to {_say(value)}" for name, value in effect.items())


def _say(value: Json) -> str:
    if value == NOW:
        return "the moment"
    return {True: "true", False: "false", None: "null"}.get(value) or f"`{value}`"


def _verb(action: str) -> str:
    """What the action is about, and what stands behind that: `read` of `mark-as-read`, `check in` of `checkIn`."""
    spoken = words(action)
    first = next((number for number, word in enumerate(spoken) if word not in _ASIDE), len(spoken) - 1)
    return " ".join(spoken[first:])


def _values(member: str, shape: Shape, verb: str, *, undo: bool) -> Iterator[Json]:
    name = plain(member)
    if shape.enum and name.endswith(_STATES):
        value = None if undo else _state(shape.enum, verb)
        if value is not None:
            yield value
    elif "boolean" in shape.types:
        turns = _turns(name, verb)
        if turns is not None:
            yield turns is not undo
    elif _is_moment(name, shape):
        ends = [end for end in _MOMENTS if name.endswith(end)]
        turns = next((turns for end in ends if (turns := _turns(name.removesuffix(end), verb)) is not None), None)
        if turns is not None and turns is not undo:
            yield NOW
        elif turns is not None and shape.takes_null:
            yield None


def _is_moment(name: str, shape: Shape) -> bool:
    return shape.format in ("date-time", "date") or ("integer" in shape.types and name.endswith("at"))


def _turns(name: str, verb: str) -> bool | None:
    """Whether what is called so is true after the action or false; None where it is about something else."""
    names = {name, *(name.removeprefix(prefix) for prefix in ("is", "has", "was"))}
    if not names.isdisjoint(_forms(verb)):
        return True
    opposites = (*_OPPOSITES.get(verb, ()), *([verb[2:]] if verb.startswith("un") else ()))
    return False if any(not names.isdisjoint(_forms(other)) for other in opposites) else None


def _state(enum: tuple[Json, ...], verb: str) -> Json:
    known = {plain(value): value for value in enum if isinstance(value, str)}
    later = _THEN.get(verb.partition(" ")[0], ())
    return next((known[form] for form in (*_forms(verb), *later) if form in known), None)


@lru_cache(maxsize=1024)
def _forms(verb: str) -> tuple[str, ...]:
    """What is so once the verb is done, the likeliest first: its participle, what it is called else, what goes on."""
    first, _, more = verb.partition(" ")
    last = first[-1:]
    stem = first[:-1] if last in ("e", "y") else first
    past = [stem + "ied", first + "ed"] if last == "y" else [stem + "ed", f"{first}{last}ed", first + "n"]
    going = [first.removesuffix("e") + "ing", f"{first}{last}ing"]
    alone = (*past, *_CALLED.get(first, ()), *going, first)
    return (*(form + more.replace(" ", "") for form in alone), *alone) if more else alone
