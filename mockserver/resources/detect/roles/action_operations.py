"""Detects actions on one record by their names: `POST /things/{id}/close`, `POST /things/{id}/copy`, `POST
/accounts/{id}/deposit`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from mockserver.json_text import Json
from mockserver.resources.detect.decisions import Evidence, MemberPath, Role
from mockserver.resources.detect.effects import KNOWN, Action, effect_of, in_words
from mockserver.resources.detect.names import named
from mockserver.resources.detect.operation_view import OperationView
from mockserver.resources.detect.resource import Resource
from mockserver.resources.detect.schema_shape import NOTHING, SchemaShape, SchemaShapes
from mockserver.spelling import plain, singular, words_of

ACTING: Final = named("action actions command commands do ops operations")
"""Segments in front of an action's name."""
PLACES: Final = named("trash trashed deleted bin recyclebin")
"""Names of lists of deleted records."""
_RESTORES: Final = named("restore undelete untrash recover undestroy unremove reinstate")
_COPIES: Final = named("copy duplicate clone fork replicate copies clones")
_NO_NOUNS: Final = named(
    "access address process focus press pass dismiss progress express discuss assess bypass confess status settings"
)
_SETS: Final = KNOWN | named(
    "rename move transfer update edit change set reschedule adjust resize rate tag label mark attach prioritize reorder"
)
"""Verbs of actions whose bodies set members of a record."""
_VERBS_IN_BODIES: Final = named("action type event operation op command transition")
_PREFIXES: Final = ("new", "target", "to", "next", "destination", "dest")
_STEM: Final = 5
"""Letters that a verb and its noun share: `cancel`, `cancellation`."""


def copies(action: str) -> bool:
    """Returns whether an action creates another record like its own."""
    return bool(words_of(action)) and words_of(action)[0] in _COPIES


def restores(action: str) -> bool:
    """Returns whether an action brings back a deleted record."""
    return bool(words_of(action)) and words_of(action)[0] in _RESTORES


def is_child(action: str) -> bool:
    """Returns whether the name below a record is a plural, and so a list rather than an action."""
    spoken = words_of(action)
    last = spoken[-1] if spoken else ""
    return len(spoken) == 1 and last not in _NO_NOUNS and singular(last) != last


def part_of(shapes: SchemaShapes, record: SchemaShape, body: SchemaShape, action: str) -> str:
    """Returns the member of a record that a noun below it names and that is the body: `PUT /users/{id}/address`. Empty
    where there is none.
    """
    name = _member_named(record, action)
    nested = shapes.member(record, name) if name else NOTHING
    is_object = bool(nested.members) and not nested.is_list and bool(body.members)
    return name if is_object and any(member in nested.members for member in body.members) else ""


def _member_named(record: SchemaShape, action: str) -> str:
    wanted = plain(action)
    return next((member for member in record.members if plain(member) == wanted), "")


def verb_member(shapes: SchemaShapes, body: SchemaShape, action: str) -> str:
    """Returns the member of a body that names the action, where the path only says that there is one: `POST
    /servers/{id}/action {type: reboot}`. Empty where there is none.
    """
    if plain(action) not in ACTING | {"events", "event", "transitions", "transition"}:
        return ""
    named_so = (name for name in body.members if plain(name) in _VERBS_IN_BODIES)
    return next((name for name in named_so if "string" in shapes.member(body, name).types), "")


def action_of(view: OperationView, collection: str, *, whole: bool) -> Action:
    """Returns the action of an operation by its name, and by its description where the answer is the record or has no
    body.
    """
    text = view.text if whole or not view.shape.members else ""
    return Action(view.verb, text, collection)


def given_members(shapes: SchemaShapes, record: SchemaShape, sent: Mapping[str, Json], action: str) -> dict[str, Json]:
    """Returns the members of the record that a body sets: by their names, `new_name` as `name`, `reason` as
    `cancelReason`, and the single value of `assign` as the assignee.
    """
    members = {plain(member): member for member in record.members}
    stem = plain(action)[:_STEM]
    found: dict[str, Json] = {}
    rest: dict[str, Json] = {}
    for name, value in sent.items():
        own = amount_member(record.members, name, stem)
        said = [name] if name in record.members else _meant(members, plain(name), stem)
        wanted = [own] if own else [*_of_the_action(members, plain(name), stem), *said]
        if wanted and wanted[0] not in found:
            found[wanted[0]] = value
        elif not wanted and not isinstance(value, dict | list | bool):
            rest[name] = value
    if not found and len(rest) == 1:
        name, value = next(iter(rest.items()))
        target = _object_of(shapes, record, stem, action, name)
        found = {target: value} if target else {}
    return found


def _object_of(shapes: SchemaShapes, record: SchemaShape, stem: str, action: str, name: str) -> str:
    """Returns the member that an action's single value sets: `assignee_id` of `assign`, `status` of `PUT .../status
    {value}`.
    """
    if plain(name) == "value" and (member := _member_named(record, action)):
        return member
    nested = ((other, shapes.member(record, other)) for other in record.members if plain(other).startswith(stem))
    able = [
        other
        for other, shape in nested
        if "boolean" not in shape.types and not shape.format.startswith("date") and not shape.is_list
    ]
    ids = plain(name).endswith(("id", "user", "username", "assignee", "login"))
    return able[0] if len(able) == 1 and ids and len(stem) >= _STEM else ""


def _of_the_action(members: Mapping[str, str], name: str, stem: str) -> list[str]:
    """Returns the member that is about the action: `cancellation_reason` for the `reason` of `cancel`."""
    if len(stem) < _LEAST:
        return []
    return [
        member for other, member in members.items() if other.startswith(stem) and other.endswith(name) and other != name
    ]


def _meant(members: Mapping[str, str], name: str, stem: str) -> list[str]:
    """Returns the members of a record that a member of a body may mean, by plain names; `stem` begins the action's
    name.
    """
    spelled = [name, *(name.removeprefix(prefix) for prefix in _PREFIXES if name.startswith(prefix))]
    spelled += [f"{one}id" for one in spelled] + [one.removesuffix("id") for one in spelled if one.endswith("id")]
    stemmed = [other for other in members if other.startswith(stem) and "".join(words_of(members[other])[1:]) == name]
    if len(stem) >= _LEAST and stem in name:
        stemmed += [other for other in members if other.endswith(name)]
    return [members[other] for other in (*spelled, *stemmed) if other in members]


_LEAST: Final = 4


@dataclass(frozen=True, slots=True)
class ActionOperation:
    """An operation below a record of a collection: `member_path` is the path of the record in its answer, `body_path`
    that in its body; `whole` says that it answers the record.
    """

    shapes: SchemaShapes
    resource: Resource
    view: OperationView
    member_path: MemberPath
    body_path: MemberPath
    whole: bool

    def role(self) -> Role | None:
        """Returns the role of an operation that acts on the record; None where it does not seem to."""
        view, verb = self.view, self.view.verb
        name = self.resource.collection.name
        if view.method in ("POST", "PUT") and copies(verb) and (self.whole or not view.shape.members):
            return self._made("copy", Evidence(f"`{verb}` makes another of {name}", 0.5))
        if restores(verb) and self.resource.item is not None and self.resource.item.get("DELETE") is not None:
            return self._made("restore", Evidence(f"`{verb}` brings back what DELETE took away", 0.5))
        if view.method == "DELETE" and plain(verb) in PLACES:
            return None
        why = self._why(verb)
        return self._made("act", *why) if why else None

    def _why(self, verb: str) -> list[Evidence]:
        """Returns the evidence for an action on the record; empty where there is too little."""
        view, shapes, record = self.view, self.shapes, self.resource.record
        effect = effect_of(
            shapes,
            record,
            action_of(view, self.resource.collection.name, whole=self.whole),
            undo=view.method == "DELETE",
        )
        if view.method == "DELETE" and not effect:
            return []
        body = shapes.member(view.body, *self.body_path) if self.body_path else view.body
        part, amount = part_of(shapes, record, body, verb), amount_of(shapes, record, body, verb)
        by_body = verb_member(shapes, body, verb)
        says = given_members(shapes, record, dict.fromkeys(body.members), verb)
        if not self.whole and ((not by_body and is_child(verb)) or view.shape.is_list):
            return []
        sets = bool(says) and len(says) == len(body.members) and self._sets(verb)
        if not (self.whole or effect or sets or amount or (by_body and not view.shape.members)):
            return []
        why = [Evidence(f"`{view.segments[-1]}` below a record answers that record", 0.5)] if self.whole else []
        why += [Evidence(f"`{verb}` sets {in_words(effect)}", 0.5)] if effect else []
        why += [Evidence(f"`{amount.sent}` of its body changes `{amount.member}`", 0.5)] if amount else []
        why += [Evidence(f"`{by_body}` of its body says what is done", 0.3)] if by_body else []
        why += [Evidence(f"its body is `{part}` of the record", 0.3)] if part else []
        why += [Evidence(f"its body says {', '.join(f'`{name}`' for name in says)} of the record", 0.1)] if says else []
        return why

    def _sets(self, verb: str) -> bool:
        """Returns whether an action with this name sets the members of its body, whatever it answers."""
        first = (words_of(verb) or ("",))[0]
        is_member = bool(_member_named(self.resource.record, verb))
        return "201" not in self.view.responses and (is_member or first in _SETS)

    def _made(self, kind: str, *why: Evidence) -> Role:
        collection, view = self.resource.collection, self.view
        evidence = (*collection.evidence, *why)
        return Role(
            view.id, kind, collection.name, self.member_path, self.body_path, view.parameters, evidence=evidence
        )


_RAISES: Final = named("deposit credit topup top add restock replenish receive increment increase refill recharge")
_LOWERS: Final = named("withdraw debit spend decrement decrease reduce consume redeem deduct sell")
_SIGNED: Final = named("adjust")
_AMOUNTS: Final = named("amount quantity qty value delta count points units by change adjustment number credits")
_BALANCES: Final = named(
    "balance stock quantity inventory stocklevel credits points stockquantity quantityonhand onhand availablequantity "
    "instock currentbalance accountbalance walletbalance currentstock stockcount pointsbalance"
)
_AMOUNT_MEMBERS: Final = ("amount", "quantity", "total")
"""Members that hold the amount of a record itself, and that no action with another amount changes."""
_SHORTEST: Final = 3


class Amount(NamedTuple):
    """The number of a record that an action changes by the member `sent` of its body; `sign` is 1 or -1."""

    sent: str
    member: str
    sign: int


def amount_of(shapes: SchemaShapes, record: SchemaShape, body: SchemaShape, action: str) -> Amount | None:
    """Returns the amount that an action with this name adds or subtracts; None where that is ambiguous."""
    first = (words_of(action) or ("",))[0]
    if first not in _RAISES | _LOWERS | _SIGNED:
        return None
    sent = [name for name in body.members if plain(name) in _AMOUNTS and shapes.member(body, name).is_counted]
    member = [name for name in record.members if plain(name) in _BALANCES and _is_number(shapes.member(record, name))]
    if len(sent) != 1 or len(member) != 1:
        return None
    return Amount(sent[0], member[0], -1 if first in _LOWERS else 1)


def _is_number(shape: SchemaShape) -> bool:
    return bool(shape.types & {"integer", "number"})


def amount_member(members: Iterable[str], name: str, stem: str) -> str:
    """Returns the member that holds how much was refunded, paid or captured: `amount_refunded` beside the `amount` of a
    `refund`. Empty where there is none.
    """
    if plain(name) not in _AMOUNT_MEMBERS or len(stem) < _SHORTEST:
        return ""
    return next((other for other in members if stem in plain(other) and plain(name) in plain(other)), "")
