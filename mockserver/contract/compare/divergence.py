"""A step of a sequence to which two servers answered differently."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from mockserver.contract.replay.alignment import general, is_chosen
from mockserver.contract.replay.difference import Difference, DifferenceKind
from mockserver.contract.replay.planned_request import PlannedRequest
from mockserver.contract.replay.player import PlayedAnswer
from mockserver.contract.replay.request_sequence import RequestSequence
from mockserver.json_pointer import MISSING, escaped, tokens, value_at
from mockserver.json_text import Json

STATE_KINDS: Final = frozenset({DifferenceKind.VALUE, DifferenceKind.LENGTH, DifferenceKind.ORDER})
"""Kinds that tell of what servers remember, rather than of the shape of their answers."""


class DivergenceKey(NamedTuple):
    """The same for divergences that are one: an operation, a kind, a place, and for statuses these."""

    operation: str
    kind: str
    place: str
    statuses: str = ""


class SeenDifference(NamedTuple):
    """The same for differences that are one, at whichever operation they were seen."""

    kind: str
    member: str
    left: str
    right: str


@dataclass(frozen=True)
class Divergence:
    """The last step of a sequence, to which the answers differ. `lefts` and `rights` are those to all of its steps."""

    sequence: RequestSequence
    lefts: tuple[PlayedAnswer, ...]
    rights: tuple[PlayedAnswer, ...]
    differences: tuple[Difference, ...]

    @property
    def step(self) -> PlannedRequest:
        return self.sequence.steps[-1]

    @property
    def left(self) -> PlayedAnswer:
        return self.lefts[-1]

    @property
    def right(self) -> PlayedAnswer:
        return self.rights[-1]

    @property
    def keys(self) -> frozenset[DivergenceKey]:
        return frozenset(key_of(self.step, difference) for difference in self.differences)

    @property
    def seen(self) -> frozenset[SeenDifference]:
        is_refusal = self.left.status >= 400
        return frozenset(_seen(difference, self.sequence, is_refusal=is_refusal) for difference in self.differences)

    @property
    def writes(self) -> tuple[tuple[str, Json], ...]:
        """The steps that change something: their operations and what they sent."""
        return tuple((step.operation, step.headers) for step in self.sequence.steps if not step.is_read)

    @property
    def lost(self) -> tuple[str, frozenset[str]] | None:
        """The operation that wrote last and the members that a read after it has not alike, whether one of them lacks
        them or has another value; None where the divergence tells of anything else.
        """
        last = next((step.operation for step in reversed(self.sequence.steps) if not step.is_read), "")
        if not self.step.is_read or not last or not all(map(_is_of_a_member, self.differences)):
            return None
        return last, frozenset(_member(difference.place) for difference in self.differences)

    @property
    def is_about_memory(self) -> bool:
        """Whether what one of the servers remembers differs, rather than the shape of its answers."""
        return any(difference.kind in {*STATE_KINDS, DifferenceKind.STATUS} for difference in self.differences)

    @property
    def has_other_status(self) -> bool:
        """Whether the answers differ in their status, or one of them is none."""
        return any(one.kind in (DifferenceKind.STATUS, DifferenceKind.FAILURE) for one in self.differences)

    def resembles(self, key: DivergenceKey) -> bool:
        """Whether it is the divergence of this key, or one in the same values of the same operation."""
        if key in self.keys:
            return True
        return any(
            (own.operation, own.place.split("/")[1:2]) == (key.operation, key.place.split("/")[1:2])
            and {own.kind, key.kind} <= STATE_KINDS
            for own in self.keys
        )

    @property
    def is_about_state(self) -> bool:
        """Whether one server did what the other one refused, so that their states differ from here on."""
        return self.left.is_success != self.right.is_success


class GivenAgain(NamedTuple):
    """A value that a server chose for one record had stood for another one before: that one was `other_value` on the
    other side. `is_mocks`: the mock gave it again, else the other server.
    """

    is_mocks: bool
    other_value: Json


def given_again(divergence: Divergence, difference: Difference) -> GivenAgain | None:
    """Where one server gave an id again that the other one gave once; None for all other differences."""
    kind, place, left, right = difference
    name = _member(place)
    if kind != DifferenceKind.VALUE or not is_chosen(left, right, name):
        return None
    rows = zip(divergence.sequence.steps, divergence.lefts, divergence.rights, strict=False)
    for step, one, other in rows:
        if _list_path(step.path) != _list_path(divergence.step.path):
            continue
        for pointer, before in _members_called(name, one.value):
            beside = value_at(other.value, tokens(pointer), MISSING)
            if beside == right and before != left:
                return GivenAgain(is_mocks=False, other_value=before)
            if before == left and beside not in (right, MISSING):
                return GivenAgain(is_mocks=True, other_value=beside)
    return None


def _list_path(path: str) -> str:
    return re.sub(r"(/\{[^{}]*\})+$", "", path)


def _members_called(name: str, value: Json) -> Iterator[tuple[str, Json]]:
    """The scalars of this name in objects, however deep but not within arrays, with their pointers."""
    waiting = [("", value)]
    while waiting:
        at, holder = waiting.pop()
        for member, inner in holder.items() if isinstance(holder, dict) else ():
            if member == name and isinstance(inner, (str, int)):
                yield f"{at}/{escaped(member)}", inner
            waiting.append((f"{at}/{escaped(member)}", inner))


def _member(place: str) -> str:
    return next((token for token in reversed(tokens(place)) if not token.isdecimal()), "")


def _is_of_a_member(difference: Difference) -> bool:
    has_kind = difference.kind in (DifferenceKind.VALUE, DifferenceKind.MISSING_MEMBER, DifferenceKind.ADDITIONAL)
    is_null = difference.kind == DifferenceKind.TYPE and None in difference[2:]
    return (has_kind or is_null) and bool(_member(difference.place))


def key_of(step: PlannedRequest, difference: Difference) -> DivergenceKey:
    """The key of one difference in the answers to this step."""
    is_status = difference.kind in (DifferenceKind.STATUS, DifferenceKind.FAILURE)
    statuses = f"{difference.left} {difference.right}" if is_status else ""
    place = difference.place if difference.kind == DifferenceKind.HEADER else general(difference.place)
    return DivergenceKey(step.operation or f"{step.method} {step.path}", difference.kind, place, statuses)


def _seen(difference: Difference, sequence: RequestSequence, *, is_refusal: bool) -> SeenDifference:
    kind, place = difference.kind, difference.place
    if is_refusal and kind == DifferenceKind.VALUE:
        return SeenDifference(kind, _member(place), f"{difference.left!r}", f"{difference.right!r}")
    if kind in (DifferenceKind.STATUS, DifferenceKind.FAILURE, DifferenceKind.HEADER):
        return SeenDifference(kind, place, *(_presence(kind, value) for value in difference[2:]))
    member = _member(place)
    if kind == DifferenceKind.BRANCH:
        return SeenDifference(
            kind, "", str(difference.left).partition(": ")[2], str(difference.right).partition(": ")[2]
        )
    writes = " ".join(step.operation for step in sequence.steps if not step.is_read)
    detail = f" {writes}" if kind in STATE_KINDS else ""
    return SeenDifference(kind, member, _type(difference.left), _type(difference.right) + detail)


def _presence(kind: str, value: Json) -> str:
    if kind == DifferenceKind.HEADER:
        return "" if value is MISSING else "present"
    return str(value)


def _type(value: Json) -> str:
    return "" if value is MISSING else type(value).__name__
