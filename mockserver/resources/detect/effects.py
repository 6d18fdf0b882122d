"""The members that an action sets by its name: `close` a `status` of `closed`, a flag `closed`, a `closed_at`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from mockserver.json_text import Json
from mockserver.resources.detect.names import named
from mockserver.resources.detect.schema_shape import SchemaShape, SchemaShapes
from mockserver.spelling import plain, singular, words_of

NOW: Final = "\0now"
"""Stands for the moment of the request."""
MORE: Final = "\0more"
LESS: Final = "\0less"
"""Stand for one more and one less of a count."""
NEW: Final = "\0new"
"""Stands for a value other than the present one: that of a token that is rotated."""

_STATES: Final = ("status", "state", "phase", "stage", "lifecyclestate")
_MOMENTS: Final = ("at", "on", "date", "time", "timestamp")
_COUNTS: Final = ("s", "count", "scount", "counter", "total", "number", "ers", "ercount", "erscount", "gazerscount")
_RENEWS: Final = named("reset regenerate rotate renew refresh roll recreate")
_LIFE: Final = named(
    "cancel close open reopen archive unarchive publish unpublish activate deactivate enable disable suspend resume "
    "pause start stop complete finish approve reject decline accept deny confirm submit ship deliver refund pay void "
    "expire lock unlock block unblock dismiss verify resolve escalate restore terminate schedule assign hold release "
    "draft"
)
"""Actions whose participle is a state, also where the document lists no states."""
_BESIDE: Final = named(
    "archive unarchive assign block unblock disable enable hold lock unlock mute unmute pin unpin verify"
)
"""Actions that leave the state as it is where a flag records them."""
_NEGATIONS: Final = named("not un never partially pending warning")
_CHANGED: Final = named("updatedat updatedon updated modifiedat modifiedon modified updatetime changedat")
"""Times that every change sets."""
_ASIDE: Final = named("mark set make as is to")
"""Words in front of an action's object: `mark-as-read`."""


def _table(**lines: str) -> Mapping[str, tuple[str, ...]]:
    return {verb: tuple(line.split()) for verb, line in lines.items()}


_CALLED: Final = _table(
    begin="begun started", hide="hidden", hold="held", freeze="frozen", pay="paid", send="sent", win="won", lose="lost",
    withdraw="withdrawn", sell="sold", run="running", start="running", stop="stopped", resume="running", show="visible",
    complete="done finished", finish="done completed", close="resolved", resolve="done closed", publish="live",
    activate="active enabled", enable="active", accept="approved", approve="accepted", favorite="favourite",
    favourite="favorite", star="favorite favourite", reject="declined denied", decline="rejected", deny="rejected",
    reopen="open", trash="deleted", suspend="disabled", finalize="final", redact="redacted",
    reboot="rebooting", restart="running", revert="reverted", checkout="checkedout", checkin="checkedin",
    signoff="signedoff", deactivate="deactivated inactive",
)  # fmt: skip
"""Names other than the verb's own participle, the likeliest first."""

_THEN: Final = _table(
    start="inprogress active", begin="inprogress", resume="active", restore="active", unarchive="active open",
    unsuspend="active", reinstate="active", unlock="active", deactivate="inactive", disable="inactive off",
    stop="inactive", unpublish="draft", submit="pending inreview", cancel="void", book="confirmed reserved",
    ship="intransit sent", enable="enabled on", pause="onhold suspended", retry="pending queued", lock="frozen",
    boot="running booting", shutdown="offline stopped shuttingdown", reboot="rebooting running", deploy="live active",
    accept="active confirmed", confirm="active", verify="active confirmed valid", revoke="inactive disabled",
    terminate="ended closed", expire="inactive", assign="inprogress", escalate="urgent", mark="marked",
    approve="active live published", finalize="open", restart="active restarting starting", revert="draft",
    unpause="active running", unhold="active open", unsubscribe="inactive", subscribe="active", publish="active public",
    discard="cancelled canceled deleted", abort="cancelled canceled stopped", fulfill="complete completed delivered",
    checkout="completed ordered placed", merge="closed",
    dispatch="shipped intransit", deliver="complete completed", withdraw="cancelled canceled",
)  # fmt: skip
"""The state after an action whose verb names none."""

_OPPOSITES: Final = _table(
    deactivate="activate enable", activate="deactivate disable", disable="enable activate", enable="disable deactivate",
    pause="resume start", resume="pause stop", start="stop pause", stop="start run", open="close", close="open",
    reopen="close resolve complete", approve="reject deny decline", reject="approve accept", decline="accept approve",
    deny="approve", hide="show", show="hide", restore="archive delete trash", reinstate="suspend disable",
    publish="draft", cancel="active", archive="active", suspend="active",
)  # fmt: skip

_NOUNS: Final = _table(
    cancel="cancellation cancelation cancellations", approve="approval approvals", activate="activation",
    deactivate="deactivation", confirm="confirmation", complete="completion", publish="publication",
    verify="verification", suspend="suspension", dismiss="dismissal dismissals", reject="rejection",
    accept="acceptance", archive="archival", terminate="termination", submit="submission", close="closure",
    resolve="resolution", pause="suspense", start="begin",
)  # fmt: skip
_VERB_OF: Final = {noun: verb for verb, nouns in _NOUNS.items() for noun in nouns}
"""The action that a noun below a record means: `POST /orders/{id}/cancellation`."""
_EMPTIES: Final = named("clear remove unset delete detach unassign unlink disconnect reset drop empty cancel")
_HOLDERS: Final = ("attributes", "properties", "data", "fields")
"""Members that hold all data of a record in some documents."""
_TOLD: Final = re.compile(
    r"\b(?:to|as|into|becomes?)\s+(?:be |an? |the )?(?:state |status )?[`'\"“*]*([A-Za-z][A-Za-z_-]*)", re.IGNORECASE
)
"""Wordings by which descriptions name the state after an action."""
_FROM: Final = re.compile(r"\bfrom (?:an? |the |its )(\w+)", re.IGNORECASE)


class Action(NamedTuple):
    """An action on a record: its name in the path, its description, and the collection's name."""

    name: str
    text: str = ""
    collection: str = ""


class Within(dict[str, Json]):
    """The members that an action sets inside an object of the record; the others stay."""


def effect_of(
    shapes: SchemaShapes, record: SchemaShape, action: Action | str, *, undo: bool = False, levels: int = 4
) -> dict[str, Json]:
    """Returns the members that the action sets, with their values; NOW stands for the moment of the request. Objects of
    the record are looked into down to so many `levels`, since one may contain its own kind.
    """
    action = Action(action) if isinstance(action, str) else action
    verb = _verb(action)
    if not verb:
        return {}
    found = _named_so(shapes, record, verb, undo=undo) or _emptied(shapes, record, verb, action.text)
    found = (
        found
        or _renewed(shapes, record, verb)
        or ({} if _is_about(record, verb) else _described_state(shapes, record, action.text))
    )
    for holder in _HOLDERS if levels and not found else ():
        inner = shapes.member(record, holder)
        if not inner.members or inner.is_list:
            continue
        within = fixed_members(effect_of(shapes, inner, action, undo=undo, levels=levels - 1))
        if within:
            return {holder: Within(within)}
    return found


def _named_so(shapes: SchemaShapes, record: SchemaShape, verb: str, *, undo: bool) -> dict[str, Json]:
    """Returns the members that have the verb's name."""
    first, _, about = verb.partition(" ")
    if about and _is_about(record, about):
        verb = first + about.replace(" ", "")
    found: dict[str, Json] = {}
    for member, place in record.members.items():
        for value in _values(member, shapes.at(place), verb, undo=undo):
            found[member] = value
    return _without_twins(shapes, record, found, verb)


def _is_about(record: SchemaShape, about: str) -> bool:
    """Returns whether the words behind a verb name a member: `cancel-action` leaves the record itself as it is."""
    wanted = about.replace(" ", "")
    return any(plain(member) in (wanted, f"{wanted}s") for member in record.members)


def _without_twins(shapes: SchemaShapes, record: SchemaShape, found: dict[str, Json], verb: str) -> dict[str, Json]:
    """Returns the effect without a state beside a flag that leaves the state alone, and with one moment where a client
    may send several.
    """
    member = {name: shapes.member(record, name) for name in found}
    if verb in _BESIDE and any("boolean" in shape.types for shape in member.values()):
        found = {name: value for name, value in found.items() if plain(name) not in _STATES or member[name].enum}
    moments = [name for name, value in found.items() if value == NOW]
    if len(moments) > 1:
        own = [name for name in moments if member[name].read_only] or [min(moments, key=_rank)]
        found = {name: value for name, value in found.items() if name not in moments or name in own}
    return found


def _rank(member: str) -> int:
    """Returns the rank of a moment by its name, the likeliest of a server first."""
    return next((number for number, end in enumerate(_MOMENTS) if plain(member).endswith(end)), len(_MOMENTS))


def _emptied(shapes: SchemaShapes, record: SchemaShape, verb: str, text: str) -> dict[str, Json]:
    """Returns the members that an action clears: `avatar` of `remove-avatar`, `assignee` of `unassign`, `customer` of
    what is detached `from a customer`.
    """
    first, _, about = verb.partition(" ")
    wanted = about.replace(" ", "")
    if not wanted and (words := _FROM.search(text)) is not None:
        wanted = words[1].lower()
    found: dict[str, Json] = {}
    for name in record.members if first in _EMPTIES else ():
        shape = shapes.member(record, name)
        called = plain(name)
        is_meant = called in (wanted, f"{wanted}s", f"{wanted}id") if wanted else called.startswith(first[2:6])
        if is_meant and (wanted or first == "unassign") and (shape.takes_null or shape.is_list):
            found[name] = [] if shape.is_list and not shape.takes_null else None
    return found


def _described_state(shapes: SchemaShapes, record: SchemaShape, text: str) -> dict[str, Json]:
    """Returns the single state that a description names: `reverts a post to draft`."""
    words = {plain(word) for word in _TOLD.findall(text)}
    for member in record.members if words else ():
        shape = shapes.member(record, member)
        if shape.enum and plain(member).endswith(_STATES):
            meant = [value for value in shape.enum if isinstance(value, str) and plain(value) in words]
            if len(meant) == 1:
                return {member: meant[0]}
    return {}


def without_sent_moments(effect: Mapping[str, Json], sent: frozenset[str]) -> dict[str, Json]:
    """Returns the effect without moments in `sent`, which clients set, where another moment is set only by
    the server.
    """
    moments = [name for name, value in effect.items() if value == NOW]
    if sent.issuperset(moments):
        return {**effect}
    return {name: value for name, value in effect.items() if value != NOW or name not in sent}


def _renewed(shapes: SchemaShapes, record: SchemaShape, verb: str) -> dict[str, Json]:
    """Returns the text that an action regenerates: `token` of `regenerate-token`."""
    first, _, about = verb.partition(" ")
    wanted = about.replace(" ", "")
    if first not in _RENEWS or not wanted:
        return {}
    member = (name for name in record.members if plain(name).endswith(wanted) or plain(name).startswith(wanted))
    return {name: NEW for name in member if "string" in (shape := shapes.member(record, name)).types and not shape.enum}


def fixed_members(effect: Mapping[str, Json]) -> dict[str, Json]:
    """Returns the part of the effect that is independent of the record: without counts and new values."""
    return {name: value for name, value in effect.items() if value not in (MORE, LESS, NEW)}


def in_words(effect: Mapping[str, Json]) -> str:
    """Returns the effect in words."""
    return ", ".join(f"`{name}` to {_say(value)}" for name, value in effect.items())


def _say(value: Json) -> str:
    known = {NOW: "the moment", MORE: "one more", LESS: "one less", NEW: "another value"}
    if isinstance(value, Within):
        return f"an object with {in_words(value)}"
    if isinstance(value, str) and value in known:
        return known[value]
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else f"`{value}`"


def _verb(action: Action) -> str:
    """Returns the verb of the action, and the words behind it: `read` of `mark-as-read`, `check in` of `checkIn`. The
    collection's own name is dropped: `cancel` of `cancel-order`.
    """
    spoken = words_of(action.name)
    noun = {word for name in (action.collection, singular(action.collection)) for word in words_of(name)}
    rest = [word for number, word in enumerate(spoken) if word not in noun or not number] or [*spoken]
    first = next((number for number, word in enumerate(rest) if word not in _ASIDE), len(rest) - 1)
    rest = rest[first:]
    return " ".join([_VERB_OF.get(rest[0], rest[0]), *rest[1:]]) if rest else ""


def _values(member: str, shape: SchemaShape, verb: str, *, undo: bool) -> Iterator[Json]:
    name = plain(member)
    if shape.enum and name.endswith(_STATES):
        value = None if undo else _state(shape.enum, verb)
        if value is not None:
            yield value
    elif name in _STATES and shape.types <= {"string", "null"} and "string" in shape.types:
        if not undo and verb in _LIFE:
            yield _spelled(shape, verb)
    elif "boolean" in shape.types:
        turns = _turns(name, verb)
        if turns is not None:
            yield turns is not undo
    elif "integer" in shape.types and not _is_moment(name, shape):
        yield from _counted(name, verb, undo=undo)
    elif _is_moment(name, shape) and name not in _CHANGED:
        ends = ["", *(end for end in _MOMENTS if name.endswith(end))]
        turns = next((turns for end in ends if (turns := _turns(name.removesuffix(end), verb)) is not None), None)
        if turns is not None and turns is not undo:
            yield NOW
        elif turns is not None and shape.takes_null:
            yield None


def _counted(name: str, verb: str, *, undo: bool) -> Iterator[Json]:
    """Yields one more of the count with the action's name: `likes` of `like`; one less of `unlike`."""
    first, _, more = verb.partition(" ")
    takes_back = first.startswith("un") and len(first) > 4
    stem = first[2:] if takes_back else first
    if more or len(stem) < 3:
        return
    stems = {stem, stem[:-1] + "ie"} if stem.endswith("y") else {stem, stem.removesuffix("e")}
    if any(
        name in (f"{one}{ending}", f"num{one}{ending}", f"total{one}{ending}") for one in stems for ending in _COUNTS
    ):
        yield LESS if takes_back is not undo else MORE


def _spelled(shape: SchemaShape, verb: str) -> str:
    """Returns the state in the spelling of the member's description or examples, else the participle."""
    node = shape.node if isinstance(shape.node, dict) else {}
    words = [str(node.get(key, "")) for key in ("description", "example", "default", "title")]
    spoken = re.findall(r"[A-Za-z][A-Za-z_-]*[A-Za-z]", " ".join(words))
    forms = _forms(verb.partition(" ")[0])
    participle = _participle(verb)
    example = node.get("example")
    shouts = isinstance(example, str) and example.isupper()
    in_words = (word for form in forms for word in spoken if plain(word) == form)
    return next(in_words, participle.upper() if shouts else participle)


def _participle(verb: str) -> str:
    """Returns the regular past participle of the verb: `cancelled`, `stopped`, `closed`."""
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


def _is_moment(name: str, shape: SchemaShape) -> bool:
    return shape.format in ("date-time", "date") or ("integer" in shape.types and name.endswith("at"))


def _turns(name: str, verb: str) -> bool | None:
    """Returns whether a flag of this name is true after the action or false; None where it is about something else."""
    names = {name, *(name.removeprefix(prefix) for prefix in ("is", "has", "was"))}
    if not names.isdisjoint(_forms(verb)) or any(_says(name, *about) for name in names for about in _about(verb)):
        return True
    opposites = (*_OPPOSITES.get(verb, ()), *([verb[2:]] if verb.startswith("un") else ()))
    return False if any(not names.isdisjoint(_forms(other)) for other in opposites) else None


def _says(name: str, about: str, form: str) -> bool:
    """Returns whether a member's name is an object followed by its state: `return path domain verified`."""
    return name.endswith(form) and name.startswith(about) and (name == about + form or len(about) > 7)


def _about(verb: str) -> tuple[tuple[str, str], ...]:
    """Returns the object of a verb with each form of its state afterwards: `email`, `verified` of `verify email`."""
    first, _, more = verb.partition(" ")
    if not more:
        short = next((known for known in (*_CALLED, *sorted(_LIFE)) if verb.startswith(known) and len(known) > 3), verb)
        first, more = short, verb[len(short) :]
    about = more.replace(" ", "")
    return tuple((about, form) for form in _forms(first)) if len(about) > 2 else ()


def _state(enum: tuple[Json, ...], verb: str) -> Json:
    known = {plain(value): value for value in enum if isinstance(value, str)}
    forms = _forms(verb)
    going = [form for form in forms if form.endswith("ing")]
    wanted = (*(form for form in forms if form not in going), *_THEN.get(verb.partition(" ")[0], ()), *going)
    exact = next((known[form] for form in wanted if form in known), None)
    if exact is not None:
        return exact
    spoken = [(value, words_of(value.replace("_", " "))) for value in enum if isinstance(value, str)]
    return next((value for form in forms[:-1] for value, words in spoken if _ends_so(words, form)), None)


def _ends_so(words: tuple[str, ...], form: str) -> bool:
    """Returns whether a state of several words ends with the form: `buyer accepted`, and not `not accepted`."""
    return len(words) > 1 and words[-1] == form and _NEGATIONS.isdisjoint(words)


@lru_cache(maxsize=1024)
def _forms(verb: str) -> tuple[str, ...]:
    """Returns the names of the state after the verb, the likeliest first: its participle, other names, the ongoing
    state.
    """
    first, _, more = verb.partition(" ")
    last = first[-1:]
    stem = first[:-1] if last in ("e", "y") else first
    past = [stem + "ied", first + "ed"] if last == "y" else [stem + "ed", f"{first}{last}ed", first + "n"]
    going = [first.removesuffix("e") + "ing", f"{first}{last}ing"]
    alone = (*past, *_CALLED.get(first, ()), *going, first)
    together = tuple(form + more.replace(" ", "") for form in alone)
    return alone if not more else (*together, *alone) if first in KNOWN else together


KNOWN: Final = frozenset((*_LIFE, *_CALLED, *_THEN, *_OPPOSITES))
"""Verbs whose state afterwards is known."""
