"""Sorted ids; insertion, removal and slicing cost about the same for few and for many."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final, NamedTuple

from mockserver.state.records.record import Id

LONGEST: Final = 1000
"""The most ids in one block; a longer block is split. Moving that many takes less than a microsecond."""


class _Block(NamedTuple):
    """Consecutive ids and their ranks."""

    ranks: list[int]
    ids: list[Id]


class Series:
    """Ids sorted by rank, equal ranks in order of insertion."""

    __slots__ = ("_blocks", "_size")

    def __init__(self, ranked: Iterable[tuple[int, Id]] = ()) -> None:
        """Takes ids with their ranks, in any order."""
        pairs = sorted(ranked, key=_rank)
        self._size = len(pairs)
        self._blocks = [
            _Block([rank for rank, _ in part], [record_id for _, record_id in part])
            for part in (pairs[at : at + LONGEST] for at in range(0, len(pairs), LONGEST))
        ]

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[Id]:
        return chain.from_iterable([block.ids for block in self._blocks])

    @property
    def highest(self) -> int | None:
        """The highest rank; None if there is none."""
        return self._blocks[-1].ranks[-1] if self._blocks else None

    def copy(self) -> Series:
        """An independent series of the same ids."""
        copied = Series()
        copied._size = self._size
        copied._blocks = [_Block([*block.ranks], [*block.ids]) for block in self._blocks]
        return copied

    def slice(self, start: int, stop: int) -> list[Id]:
        """The ids from position `start` up to, not including, `stop`, both from 0."""
        found: list[Id] = []
        number, before = self._block_of(start)
        while before < min(stop, self._size) and number < len(self._blocks):
            ids = self._blocks[number].ids
            found += ids[max(0, start - before) : stop - before]
            before += len(ids)
            number += 1
        return found

    def place(self, rank: int, record_id: Id) -> int | None:
        """The position of the id; None if it is not included."""
        number = self._number(rank)
        at = self._at(number, rank, record_id)
        while at is None and number + 1 < len(self._blocks) and self._blocks[number + 1].ranks[0] == rank:
            number += 1
            at = self._at(number, rank, record_id)
        return None if at is None else at + sum(len(block.ids) for block in self._blocks[:number])

    def add(self, rank: int, record_id: Id) -> None:
        """Adds an id after those with the same rank."""
        self._size += 1
        if not self._blocks:
            self._blocks.append(_Block([rank], [record_id]))
            return
        ranks, ids = self._blocks[-1]
        if rank >= ranks[-1] and len(ranks) < LONGEST:  # As that of a new record does.
            ranks.append(rank)
            ids.append(record_id)
            return
        number = min(bisect_right(self._blocks, rank, key=_first), len(self._blocks)) - 1
        ranks, ids = self._blocks[max(0, number)]
        at = len(ranks) if rank >= ranks[-1] else bisect_right(ranks, rank)
        ranks.insert(at, rank)
        ids.insert(at, record_id)
        if len(ranks) > LONGEST:
            half = len(ranks) // 2 if at < len(ranks) - 1 else len(ranks) - 1
            self._blocks.insert(max(0, number) + 1, _Block(ranks[half:], ids[half:]))
            del ranks[half:], ids[half:]

    def remove(self, rank: int, record_id: Id) -> None:
        """Removes the id if it is included with this rank."""
        for number in range(self._number(rank), len(self._blocks)):
            ranks, ids = self._blocks[number]
            if ranks[0] > rank:
                return
            at = self._at(number, rank, record_id)
            if at is not None:
                del ranks[at], ids[at]
                self._size -= 1
                if not ranks:
                    del self._blocks[number]
                return

    def _number(self, rank: int) -> int:
        """The number of the first block that may contain the rank."""
        return bisect_left(self._blocks, rank, key=_last)

    def _at(self, number: int, rank: int, record_id: Id) -> int | None:
        """The position of the id in a block."""
        if number >= len(self._blocks):
            return None
        ranks, ids = self._blocks[number]
        at = bisect_left(ranks, rank)
        while at < len(ranks) and ranks[at] == rank:
            if ids[at] == record_id:
                return at
            at += 1
        return None

    def _block_of(self, place: int) -> tuple[int, int]:
        """The number of the block that contains the position, and the number of ids before that block."""
        blocks, before = self._blocks, 0
        if place * 2 <= self._size:
            for number, block in enumerate(blocks):
                if place < before + len(block.ids):
                    return number, before
                before += len(block.ids)
            return len(blocks), before
        before = self._size
        for number in range(len(blocks) - 1, -1, -1):
            before -= len(blocks[number].ids)
            if before <= place:
                return number, before
        return 0, 0


def _rank(pair: tuple[int, Id]) -> int:
    return pair[0]


def _first(block: _Block) -> int:
    return block.ranks[0]


def _last(block: _Block) -> int:
    return block.ranks[-1]
