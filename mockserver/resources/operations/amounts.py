"""Actions that add to a number of a record or take from it: `POST /accounts/{id}/deposit {amount: 5}`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from mockserver.json_text import Json
from mockserver.problem import Problem
from mockserver.resources.detect.names import named
from mockserver.resources.detect.schema_shape import SchemaShape, SchemaShapes
from mockserver.spelling import plain, words_of

_RAISES: Final = named("deposit credit topup top add restock replenish receive increment increase refill recharge")
_LOWERS: Final = named("withdraw debit spend decrement decrease reduce consume redeem deduct sell")
_SIGNED: Final = named("adjust")
_AMOUNTS: Final = named("amount quantity qty value delta count points units by change adjustment number credits")
_HELD: Final = named(
    "balance stock quantity inventory stocklevel credits points stockquantity quantityonhand onhand availablequantity "
    "instock currentbalance accountbalance walletbalance currentstock stockcount pointsbalance"
)
_TAKEN: Final = ("amount", "quantity", "total")
"""Members that say how much a record is about, and that no action of another amount changes."""
_SHORTEST: Final = 3


class Amount(NamedTuple):
    """The number of a record that an action changes by what a member of its body says; `sign` is 1 or -1."""

    sent: str
    member: str
    sign: int


def amount_of(shapes: SchemaShapes, record: SchemaShape, body: SchemaShape, action: str) -> Amount | None:
    """What an action by this name adds or takes; None where that is not clear."""
    first = (words_of(action) or ("",))[0]
    if first not in _RAISES | _LOWERS | _SIGNED:
        return None
    sent = [name for name in body.members if plain(name) in _AMOUNTS and shapes.member(body, name).is_counted]
    member = [name for name in record.members if plain(name) in _HELD and _is_number(shapes.member(record, name))]
    if len(sent) != 1 or len(member) != 1:
        return None
    return Amount(sent[0], member[0], -1 if first in _LOWERS else 1)


def _is_number(shape: SchemaShape) -> bool:
    return bool(shape.types & {"integer", "number"})


def moved(amount: Amount, record: Mapping[str, Json], sent: Mapping[str, Json], refusal: int) -> dict[str, Json]:
    """The number as it is after the action. A Problem of the status `refusal` (0: none) where less is there than is
    taken.
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


def own_amount(members: Iterable[str], name: str, stem: str) -> str:
    """The member of a record that says how much was refunded, paid or captured: `amount_refunded` of the `amount` that
    an action takes. Empty where there is none.
    """
    if plain(name) not in _TAKEN or len(stem) < _SHORTEST:
        return ""
    return next((other for other in members if stem in plain(other) and plain(name) in plain(other)), "")
