"""Tells whether a recorded history is linearizable: whether all of it could have happened one after the other.

Each operation takes effect at one instant between its call and its answer; one whose outcome is not known does so at
any time after its call, or never. The search is that of Wing and Gong, which remembers (as Lowe's does) what it found
to lead nowhere.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

State = TypeVar("State", bound=Hashable)

NEVER = math.inf


@dataclass(frozen=True)
class Operation:
    """What a client asked for, when (seconds of any clock that does not go back), and when it was answered what. An
    operation that was `answered` at NEVER has an outcome that nobody knows.
    """

    asked: float
    answered: float
    request: Any
    answer: Any = None

    @property
    def is_known(self) -> bool:
        return self.answered != NEVER


Apply = Callable[[State, Any], tuple[Any, State]]
"""What is answered to a request in a state, and the state after it."""


@dataclass(frozen=True)
class Found:
    """The longest order that was found. `left` are the operations whose outcome is known and that fit nowhere behind
    it; where there is none, the history is linearizable.
    """

    order: tuple[Operation, ...]
    left: tuple[Operation, ...]

    @property
    def is_linearizable(self) -> bool:
        return not self.left


def linearization(history: Sequence[Operation], begin: State, apply: Apply[State]) -> Found:
    """An order of the operations in which each is answered as it was."""
    operations = sorted(history, key=lambda one: one.asked)
    known = sum(1 << at for at, one in enumerate(operations) if one.is_known)
    seen = {(0, begin)}
    path: list[tuple[int, State, list[int]]] = [(0, begin, _next(operations, 0))]
    best: tuple[int, ...] = ()
    taken: list[int] = []
    while path:
        done, state, waiting = path[-1]
        if done & known == known:
            return Found(tuple(operations[at] for at in taken), ())
        if not waiting:
            path.pop()
            if taken:
                taken.pop()
            continue
        at = waiting.pop()
        one = operations[at]
        answer, after = apply(state, one.request)
        reached = done | 1 << at
        if (one.is_known and answer != one.answer) or (reached, after) in seen:
            continue
        seen.add((reached, after))
        taken.append(at)
        path.append((reached, after, _next(operations, reached)))
        if len(taken) > len(best):
            best = tuple(taken)
    left = [one for at, one in enumerate(operations) if one.is_known and at not in best]
    return Found(tuple(operations[at] for at in best), tuple(left))


def _next(operations: Sequence[Operation], done: int) -> list[int]:
    """The operations that may take effect next: those that were asked for before any other that has not was answered.
    The last of them is tried first: it was answered soonest.
    """
    first_answered = NEVER
    found = []
    first_left = (~done & (done + 1)).bit_length() - 1
    for at in range(first_left, len(operations)):
        one = operations[at]
        if one.asked > first_answered:
            break
        if not done >> at & 1:
            found.append(at)
            first_answered = min(first_answered, one.answered)
    within = [at for at in found if operations[at].asked <= first_answered]
    return sorted(within, key=lambda at: operations[at].answered, reverse=True)
