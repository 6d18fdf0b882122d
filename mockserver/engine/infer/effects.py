"""What an action would set on a record by its name: `close` a `status` of `closed`, a flag `closed`, a `closed_at`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final

from mockserver.engine.infer.names import named, plain, words
from mockserver.engine.infer.shape import Shape, Shapes
from mockserver.wire import Json

NOW: Final = "\0now"
"""Stands for the moment of the request in what an action sets."""
MORE: Final = "\0more"
LESS: Final = "\0less"
"""Stand for one more and one less of what an action counts."""
NEW: Final = "\0new"
"""Stands for another value than the present one: that of a token that is rotated."""

_STATES: Final = ("status", "state", "phase", "stage", "lifecyclestate")
_MOMENTS: Final = ("at", "on", "date", "time", "timestamp")
_COUNTS: Final = ("", "s", "count", "scount", "counter", "total", "number")
_RENEWS: Final = named("reset regenerate rotate renew refresh roll recreate")
_LIFE: Final = named(
    "cancel close open reopen archive unarchive publish unpublish activate deactivate enable disable suspend resume "
    "pause start stop complete finish approve reject decline accept deny confirm submit ship deliver refund pay void "
    "expire lock unlock block unblock verify resolve escalate restore terminate schedule assign hold release draft"
)
"""Actions after which a state is called as they are, also where the document lists no states."""
_NEGATIONS: Final = named("not un never partially pending")
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
    unsuspend="active", reinstate="active", unlock="active", deactivate="inactive", disable="inactive off",
    stop="inactive", unpublish="draft", submit="pending inreview", cancel="void", book="confirmed reserved",
    ship="intransit sent", enable="enabled on", pause="onhold suspended", retry="pending queued", lock="frozen",
    boot="running booting", shutdown="offline stopped shuttingdown", reboot="rebooting running", deploy="live active",
    accept="active confirmed", confirm="active", verify="active confirmed valid", revoke="inactive disabled",
    terminate="ended closed", expire="inactive", assign="inprogress", escalate="urgent", mark="marked",
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
    return found or _renewed(shapes, record, verb)


def _renewed(shapes: Shapes, record: Shape, verb: str) -> dict[str, Json]:
    """The text that an action makes anew: `token` of `regenerate-token`."""
    first, _, about = verb.partition(" ")
    wanted = about.replace(" ", "")
    if first not in _RENEWS or not wanted:
        return {}
    held = (name for name in record.members if plain(name).endswith(wanted) or plain(name).startswith(wanted))
    return {name: NEW for name in held if "string" in (shape := shapes.member(record, name)).types and not shape.enum}


def settled(effect: Mapping[str, Json]) -> dict[str, Json]:
    """What an action sets whatever a record has: without what it counts or makes anew."""
    return {name: value for name, value in effect.items() if value not in (MORE, LESS, NEW)}


def told(effect: Mapping[str, Json]) -> str:
    """What an action sets, in words."""
    return ", ".join(f"`{name}` to {_say(value)}" for name, value in effect.items())


def _say(value: Json) -> str:
    known = {NOW: "the moment", MORE: "one more", LESS: "one less", NEW: "another value"}
    if isinstance(value, str) and value in known:
        return known[value]
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
    elif name in _STATES and shape.types <= {"string", "null"} and "string" in shape.types:
        if not undo and verb.partition(" ")[0] in _LIFE:
            yield _spelled(shape, verb)
    elif "boolean" in shape.types:
        turns = _turns(name, verb)
        if turns is not None:
            yield turns is not undo
    elif "integer" in shape.types and not _is_moment(name, shape):
        yield from _counted(name, verb, undo=undo)
    elif _is_moment(name, shape):
        ends = ["", *(end for end in _MOMENTS if name.endswith(end))]
        turns = next((turns for end in ends if (turns := _turns(name.removesuffix(end), verb)) is not None), None)
        if turns is not None and turns is not undo:
            yield NOW
        elif turns is not None and shape.takes_null:
            yield None


def _counted(name: str, verb: str, *, undo: bool) -> Iterator[Json]:
    """One more of what is called as the action is: `likes` of `like`; one less of `unlike`."""
    first, _, more = verb.partition(" ")
    takes_back = first.startswith("un") and len(first) > 4
    stem = first[2:] if takes_back else first
    if more or len(stem) < 3:
        return
    stems = {stem, stem[:-1] + "ie"} if stem.endswith("y") else {stem}
    if any(
        name in (f"{one}{ending}", f"num{one}{ending}", f"total{one}{ending}") for one in stems for ending in _COUNTS
    ):
        yield LESS if takes_back is not undo else MORE


def _spelled(shape: Shape, verb: str) -> str:
    """The state as the document spells it in what it says of the member, else the participle."""
    node = shape.node if isinstance(shape.node, dict) else {}
    said = [str(node.get(key, "")) for key in ("description", "example", "default", "title")]
    spoken = re.findall(r"[A-Za-z][A-Za-z_-]*[A-Za-z]", " ".join(said))
    forms = _forms(verb.partition(" ")[0])
    return next((word for form in forms for word in spoken if plain(word) == form), _participle(verb))


def _participle(verb: str) -> str:
    """What is so once the verb is done, spelled as most do: `cancelled`, `stopped`, `closed`."""
    first = verb.partition(" ")[0]
    if first in _IRREGULAR:
        return _IRREGULAR[first]
    if first[-1:] == "e":
        return f"{first}d"
    if first[-1:] == "y" and first[-2:-1] not in "aeiou":
        return f"{first[:-1]}ied"
    doubles = len(first) > 2 and first[-1] in "pltbgn" and first[-2] in "aeiou" and first[-3] not in "aeiou"
    is_short = len(re.findall("[aeiou]+", first)) == 1
    return f"{first}{first[-1]}ed" if doubles and (is_short or first in ("cancel", "submit")) else f"{first}ed"


_IRREGULAR: Final = {
    "pay": "paid", "hold": "on_hold", "open": "open", "reopen": "open", "resume": "active", "restore": "active",
    "unblock": "active", "unlock": "active", "unarchive": "active", "start": "started", "deactivate": "inactive",
    "activate": "active", "enable": "active", "draft": "draft", "unpublish": "draft",
}  # fmt: skip


def _is_moment(name: str, shape: Shape) -> bool:
    return shape.format in ("date-time", "date") or ("integer" in shape.types and name.endswith("at"))


def _turns(name: str, verb: str) -> bool | None:
    """Whether what is called so is true after the action or false; None where it is about something else."""
    names = {name, *(name.removeprefix(prefix) for prefix in ("is", "has", "was"))}
    if not names.isdisjoint(_forms(verb)) or not names.isdisjoint(_about(verb)):
        return True
    opposites = (*_OPPOSITES.get(verb, ()), *([verb[2:]] if verb.startswith("un") else ()))
    return False if any(not names.isdisjoint(_forms(other)) for other in opposites) else None


def _about(verb: str) -> tuple[str, ...]:
    """What is so of the object of a verb once it is done: `email verified` of `verify email`."""
    first, _, more = verb.partition(" ")
    if not more:
        short = next((known for known in (*_CALLED, *sorted(_LIFE)) if verb.startswith(known) and len(known) > 3), verb)
        first, more = short, verb[len(short) :]
    about = more.replace(" ", "")
    return tuple(about + form for form in _forms(first)) if len(about) > 2 else ()


def _state(enum: tuple[Json, ...], verb: str) -> Json:
    known = {plain(value): value for value in enum if isinstance(value, str)}
    later = _THEN.get(verb.partition(" ")[0], ())
    wanted = (*_forms(verb), *later)
    exact = next((known[form] for form in wanted if form in known), None)
    if exact is not None:
        return exact
    spoken = [(value, words(value.replace("_", " "))) for value in enum if isinstance(value, str)]
    return next((value for form in wanted[:-1] for value, said in spoken if _ends_so(said, form)), None)


def _ends_so(said: tuple[str, ...], form: str) -> bool:
    """Whether a state of several words says that something is so: `buyer accepted`, and not `not accepted`."""
    return len(said) > 1 and said[-1] == form and _NEGATIONS.isdisjoint(said)


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
