"""Shrinks a divergence to a minimal sequence that still shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from mockserver.contract.compare.comparison import Comparison
from mockserver.contract.compare.divergence import Divergence
from mockserver.contract.replay.planned_request import PlannedRequest
from mockserver.contract.replay.request_sequence import RequestSequence

MOST_TRIES: Final = 80
"""Smaller sequences that are tried for one divergence; each is played on both servers."""


class Shrinker:
    """Makes sequences smaller as long as their last step diverges in the same way; `is_over` ends it early."""

    def __init__(self, comparison: Comparison, is_over: Callable[[], bool]) -> None:
        self._comparison = comparison
        self._is_over = is_over
        self._tries = 0

    def shrunk(self, divergence: Divergence) -> Divergence:
        """The divergence at the end of the smallest sequence that was found."""
        self._tries = 0
        self._keys = divergence.keys
        smallest = self._tried(divergence, _needed(divergence.sequence)) or divergence
        smallest = self._repeated(smallest, _with_fewer_steps)
        smallest = self._repeated(smallest, _with_fewer_members)
        smallest = self._repeated(smallest, _with_fewer_steps)
        return self._repeated(smallest, _with_plain_texts)

    def _repeated(
        self, smallest: Divergence, smaller: Callable[[RequestSequence], Iterator[RequestSequence]]
    ) -> Divergence:
        """Tries smaller sequences, from the beginning again after each that diverges, until none of them does."""
        goes_on = True
        while goes_on:
            goes_on = False
            for sequence in smaller(smallest.sequence):
                found = self._tried(smallest, sequence)
                if found is not None:
                    smallest, goes_on = found, True
                    break
        return smallest

    def _tried(self, divergence: Divergence, sequence: RequestSequence | None) -> Divergence | None:
        """The divergence of this sequence, if it is the same one in its last step."""
        if sequence is None or sequence == divergence.sequence or self._tries >= MOST_TRIES or self._is_over():
            return None
        self._tries += 1
        for found in self._comparison.divergences(sequence, known=False):
            if len(found.lefts) == len(sequence.steps) and any(map(found.resembles, self._keys)):
                single = (replace(found, differences=(one,)) for one in found.differences)
                kept = [one.differences[0] for one in single if any(map(one.resembles, self._keys))]
                return replace(found, differences=tuple(kept))
        return None


def _needed(sequence: RequestSequence) -> RequestSequence | None:
    """The last step with those that it refers to, directly or not."""
    needed, waiting = {len(sequence.steps) - 1}, [len(sequence.steps) - 1]
    while waiting:
        for reference in sequence.steps[waiting.pop()].references:
            position = sequence.position(reference.step)
            if position not in needed:
                needed.add(position)
                waiting.append(position)
    return sequence.without({*range(len(sequence.steps))} - needed)


def _with_fewer_steps(sequence: RequestSequence) -> Iterator[RequestSequence]:
    last = len(sequence.steps) - 1
    for size in (8, 4, 2, 1):
        if size > last:
            continue
        for start in range(last - size, -1, -size):
            gone: set[int] = set()
            for index in range(start, start + size):
                gone |= sequence.users_of(index)
            smaller = sequence.without(gone) if last not in gone else None
            if smaller is not None:
                yield smaller


def _with_fewer_members(sequence: RequestSequence) -> Iterator[RequestSequence]:
    """Sequences in which one step has a header, a parameter or a member of its body less."""
    for number, step in enumerate(sequence.steps):
        for smaller in _smaller_steps(step):
            yield _with_step(sequence, number, smaller)


def _smaller_steps(step: PlannedRequest) -> Iterator[PlannedRequest]:
    for name in step.headers:
        yield replace(step, headers=_less(step.headers, name))
    for name in step.query:
        yield replace(step, query=_less(step.query, name))
    for name, value in step.query.items():
        if isinstance(value, int) and value > 1:
            yield replace(step, query={**step.query, name: value - 1})
    if isinstance(step.body, Mapping):
        for name in step.body:
            yield replace(step, body=_less(step.body, name))
        for name, member in step.body.items():
            if isinstance(member, list) and len(member) > 1:
                for index in range(len(member)):
                    yield replace(step, body={**step.body, name: member[:index] + member[index + 1 :]})


def _with_plain_texts(sequence: RequestSequence) -> Iterator[RequestSequence]:
    """Sequences in which one body has a short text in the place of a long one."""
    for number, step in enumerate(sequence.steps):
        if isinstance(step.body, Mapping):
            for name, member in step.body.items():
                if isinstance(member, str) and len(member) > _SHORT:
                    yield _with_step(sequence, number, replace(step, body={**step.body, name: "a"}))


_SHORT: Final = 12


def _with_step(sequence: RequestSequence, number: int, step: PlannedRequest) -> RequestSequence:
    return replace(sequence, steps=(*sequence.steps[:number], step, *sequence.steps[number + 1 :]))


def _less(members: Mapping[str, object], name: str) -> dict[str, object]:
    return {other: value for other, value in members.items() if other != name}
