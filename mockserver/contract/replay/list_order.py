"""Tells whether two lists have the same items in other orders, by the member that identifies an item."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from mockserver.contract.replay.alignment import Alignment, looks_random, names_chosen_value, time_form
from mockserver.json_pointer import MISSING, value_at
from mockserver.json_text import Json, encode

MOST_CANDIDATES: Final = 20
"""Members of an item that are looked at as what may identify it, where the document does not say which does."""

MemberWay = tuple[str, ...]


class OtherOrder(NamedTuple):
    """Two lists of the same items in other orders: what identifies the items of each, and the index of the right item
    that each left one is.
    """

    left: list[Json]
    right: list[Json]
    partners: list[int]


def other_order(left: list[Json], right: list[Json], alignment: Alignment, identity: MemberWay) -> OtherOrder | None:
    """How the order of two lists of one length differs; None where it does not, or the items are not the same ones.

    Items that are objects are the same where the member at `identity` is: its values were matched before, or are equal.
    Without one, or where an item lacks it, `id` says that, then another member that names an id, then the first text by
    which all items can be told apart.
    """
    if not all(isinstance(item, dict) for item in (*left, *right)):
        return _of_scalars(left, right, alignment)
    for way in _candidates(left, identity):
        one, other = ([value_at(item, way, MISSING) for item in items] for items in (left, right))
        partners = _partners(one, other, alignment)
        if partners is not None:
            if partners == [*range(len(right))]:
                return None
            return OtherOrder(one, other, partners)
    return _by_contents(left, right, alignment)


def _by_contents(left: list[Json], right: list[Json], alignment: Alignment) -> OtherOrder | None:
    """Of objects that nothing identifies: by the members that all of them have and no server chose, if there is more
    among them than numbers.
    """
    items = [item for item in (*left, *right) if isinstance(item, dict)]
    every = set(items[0]).intersection(*items) if items else set()
    names = sorted(name for name in every if not any(_is_chosen(name, item[name]) for item in items))
    one, other = ([encode({name: item[name] for name in names}).decode() for item in items] for items in (left, right))
    has_more = any(not isinstance(item[name], (int, float)) for item in items for name in names)
    partners = _partners([*one], [*other], alignment) if has_more else None
    if partners is None or partners == [*range(len(right))]:
        return None
    return OtherOrder([*one], [*other], partners)


def _of_scalars(left: list[Json], right: list[Json], alignment: Alignment) -> OtherOrder | None:
    """Of texts and numbers that all differ from each other."""
    partners = _partners(left, right, alignment)
    if partners is None or partners == [*range(len(right))]:
        return None
    return OtherOrder(left, right, partners)


def _candidates(items: list[Json], identity: MemberWay) -> Iterator[MemberWay]:
    """The members that may identify an item, the likeliest first."""
    if identity:
        yield identity
    first = items[0] if items else {}
    names = [name for name, value in first.items() if _is_id(value)][:MOST_CANDIDATES]
    ordered = sorted(names, key=lambda name: (name != "id", not names_chosen_value(name)))
    yield from ((name,) for name in ordered if names_chosen_value(name) or isinstance(first[name], str))


def _partners(left: list[Json], right: list[Json], alignment: Alignment) -> list[int] | None:
    """The index of the right item that each left one is; None where they are not the same ones, one by one."""
    if not all(map(_is_id, (*left, *right))) or len(set(left)) < len(left) or len(set(right)) < len(right):
        return None
    at = {value: number for number, value in enumerate(right)}
    found: list[int] = []
    for value in left:
        known = [other for other in alignment.right_of(value) if other in at] or [value]
        if len(known) != 1 or known[0] not in at:
            return None
        found.append(at[known[0]])
    return found if len(set(found)) == len(right) else None


def _is_chosen(name: str, value: Json) -> bool:
    """Whether a server may have chosen the value itself, so that it differs between servers."""
    is_random = isinstance(value, str) and looks_random(value)
    return names_chosen_value(name) or is_random or bool(time_form(value, name))


def _is_id(value: Json) -> bool:
    return isinstance(value, (str, int)) and not isinstance(value, bool)
