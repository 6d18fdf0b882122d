"""A step of a sequence to which two servers answered differently."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

from mockserver.contract.replay.alignment import general
from mockserver.contract.replay.difference import BRANCH, FAILURE, HEADER, LENGTH, ORDER, STATUS, VALUE, Difference
from mockserver.contract.replay.planned_request import PlannedRequest
from mockserver.contract.replay.player import PlayedAnswer
from mockserver.contract.replay.request_sequence import RequestSequence
from mockserver.json_pointer import MISSING, tokens
from mockserver.json_text import Json

STATE_KINDS: Final = frozenset({VALUE, LENGTH, ORDER})
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
        return frozenset(_seen(difference, self.sequence) for difference in self.differences)

    @property
    def writes(self) -> tuple[tuple[str, Json], ...]:
        """The steps that change something: their operations and what they sent."""
        return tuple((step.operation, step.headers) for step in self.sequence.steps if not step.is_read)

    @property
    def is_about_memory(self) -> bool:
        """Whether what one of the servers remembers differs, rather than the shape of its answers."""
        return any(difference.kind in {*STATE_KINDS, STATUS} for difference in self.differences)

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


def key_of(step: PlannedRequest, difference: Difference) -> DivergenceKey:
    """The key of one difference in the answers to this step."""
    is_status = difference.kind in (STATUS, FAILURE)
    statuses = f"{difference.left} {difference.right}" if is_status else ""
    place = difference.place if difference.kind == HEADER else general(difference.place)
    return DivergenceKey(step.operation or f"{step.method} {step.path}", difference.kind, place, statuses)


def _seen(difference: Difference, sequence: RequestSequence) -> SeenDifference:
    kind, place = difference.kind, difference.place
    if kind in (STATUS, FAILURE, HEADER):
        return SeenDifference(kind, place, *(_presence(kind, value) for value in difference[2:]))
    member = next((token for token in reversed(tokens(place)) if not token.isdecimal()), "")
    if kind == BRANCH:
        return SeenDifference(
            kind, "", str(difference.left).partition(": ")[2], str(difference.right).partition(": ")[2]
        )
    writes = " ".join(step.operation for step in sequence.steps if not step.is_read)
    detail = f" {writes}" if kind in STATE_KINDS else ""
    return SeenDifference(kind, member, _type(difference.left), _type(difference.right) + detail)


def _presence(kind: str, value: Json) -> str:
    if kind == HEADER:
        return "" if value is MISSING else "present"
    return str(value)


def _type(value: Json) -> str:
    return "" if value is MISSING else type(value).__name__
