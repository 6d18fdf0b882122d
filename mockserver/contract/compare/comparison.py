"""Plays sequences on both servers and compares the answers step by step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from http import HTTPStatus
from time import sleep
from typing import Final

from mockserver.contract.compare.answer_tally import AnswerTally
from mockserver.contract.compare.compared_servers import ComparedServers
from mockserver.contract.compare.divergence import Divergence, DivergenceKey, key_of
from mockserver.contract.compare.played_side import PlayedSide
from mockserver.contract.compare.visible_lists import VisibleLists
from mockserver.contract.replay.alignment import Alignment, general
from mockserver.contract.replay.difference import Difference, DifferenceKind, DifferenceRules, differences
from mockserver.contract.replay.list_order import other_order
from mockserver.contract.replay.planned_request import AnswerReference, PlannedRequest, PlannedValue
from mockserver.contract.replay.player import UNRESOLVED, PlayedAnswer, Player
from mockserver.contract.replay.request_sequence import RequestSequence
from mockserver.contract.sequences.compared_api import ComparedApi
from mockserver.contract.sequences.unusual_values import UNKNOWN_MEMBER
from mockserver.json_pointer import pointer_of, tokens, value_at
from mockserver.json_text import Json
from mockserver.openapi.model.operation import Operation

PAUSE: Final = 0.3
"""Seconds after a write in which servers do what they do beside answering, such as sending webhooks."""

_MAY_VARY: Final = frozenset(
    {
        DifferenceKind.VALUE,
        DifferenceKind.ADDITIONAL,
        DifferenceKind.MISSING_MEMBER,
        DifferenceKind.LENGTH,
        DifferenceKind.ORDER,
        DifferenceKind.TYPE,
    }
)
"""Kinds of differences that two runs on one server may have too."""


_OF_HEADS: Final = frozenset({DifferenceKind.STATUS, DifferenceKind.FAILURE})
"""Kinds that are told of errors of which no document says anything."""


class Comparison:
    """Compares the answers to sequences. `by_value`: what a sequence made is compared by value; else shapes are.

    `known` are the keys of differences that were told already: they are passed over. `volatile` are the places where
    two runs on the same server differed; `unstable` the operations whose status did, `varying` those of the other
    server. `unplayed` are steps that needed
    what no earlier answer had, `unplayed_reason` says what the first of them lacked.
    """

    def __init__(self, api: ComparedApi, servers: ComparedServers, ignore: Sequence[str], *, by_value: bool) -> None:
        self._api = api
        self._servers = servers
        self._ignore = tuple(ignore)
        self._by_value = by_value
        self.known: set[DivergenceKey] = set()
        self.volatile: set[tuple[str, str]] = set()
        self.unstable: set[str] = set()
        self.varying: set[str] = set()
        self.steps = 0
        self.unplayed = 0
        self.unplayed_reason = ""
        self.tally = AnswerTally()

    def divergences(
        self, sequence: RequestSequence, left: Player | None = None, *, known: bool = True, pause: float = 0.0
    ) -> list[Divergence]:
        """The steps whose answers differ, in order, up to the first that leaves the servers in other states. `left`
        plays in the place of the mock. Without `known` also what was told already. `pause` are the seconds that servers
        have after each write for what they do beside answering.
        """
        run = self._servers.new_run()
        with left or self._servers.left(run) as one, self._servers.right(run) as other:
            sides = (
                PlayedSide(self._api, one, sequence.of_run(run), looks=self._looks),
                PlayedSide(self._api, other, sequence.of_run(run), looks=self._looks),
            )
            comparison = _SequenceComparison(self, self._api, sides, by_value=self._by_value)
            try:
                found = comparison.divergences(self.known if known else set(), pause)
            finally:  # Also where the user ends the comparison.
                if self._looks:
                    sides[1].clean_up()
        self.steps += comparison.played
        self.unplayed += comparison.unplayed
        if left is None:
            for operation, answer in comparison.accepted:
                self.tally.add(operation.id, answer.status, is_guarded=self._api.is_guarded(operation))
        return [replace(each, sequence=_first(sequence, len(each.lefts))) for each in found]

    def described_by(self, api: ComparedApi) -> Comparison:
        """The same comparison by another description of the API, which knows all that this one has learned."""
        other = Comparison(api, self._servers, self._ignore, by_value=self._by_value)
        other.volatile, other.unstable, other.varying = self.volatile, self.unstable, self.varying
        return other

    @property
    def _looks(self) -> bool:
        """Whether lists are looked at before a sequence, since the other server keeps what others make of it."""
        return self._by_value and not self._servers.is_mock

    def is_steady(self, divergence: Divergence) -> bool:
        """Whether a divergence is there again when its sequence is played once more, and also when servers have time
        after each write. Where it is not, its places are volatile from now on.
        """
        for pause in (0.0, PAUSE):
            again = self.divergences(divergence.sequence, known=False, pause=pause)
            if not any(len(one.lefts) == len(divergence.lefts) and one.keys & divergence.keys for one in again):
                places = (one for one in divergence.differences if one.kind in _MAY_VARY)
                self.volatile |= {(divergence.step.operation, general(one.place)) for one in places}
                return False
        return True

    def learn(self, divergence: Divergence) -> bool:
        """Whether something of a divergence turned out to differ between two runs on one server too: those places are
        volatile from now on.
        """
        before = len(self.volatile), len(self.unstable)
        runs = [self._servers.new_run() for _ in range(2)]
        with self._servers.left(runs[0]) as one, self._servers.left(runs[1], seed=_OTHER_SEED) as other:
            self._learn(divergence.sequence, (one, other), runs)
        runs = [self._servers.new_run() for _ in range(2)]
        with self._servers.right(runs[0]) as one, self._servers.right(runs[1]) as other:
            self.varying |= self._learn(divergence.sequence, (one, other), runs)
        return (len(self.volatile), len(self.unstable)) != before

    def _learn(self, sequence: RequestSequence, players: tuple[Player, Player], runs: Sequence[str]) -> set[str]:
        """Plays a sequence twice on one server, one after the other, and takes down what differs. Returns the
        operations whose status did.
        """
        varying = set()
        first, second = (
            PlayedSide(self._api, player, sequence.of_run(run), looks=self._looks)
            for player, run in zip(players, runs, strict=True)
        )
        try:
            first.finish()
        finally:
            if self._looks:
                first.clean_up()
        comparison = _SequenceComparison(self, self._api, (first, second), by_value=self._by_value)
        try:
            divergences = comparison.divergences(set())
        finally:
            if self._looks:
                second.clean_up()
        for found in divergences:
            for difference in found.differences:
                if difference.kind in _MAY_VARY:
                    self.volatile.add((found.step.operation, general(difference.place)))
                elif found.left.status != found.right.status:
                    varying.add(found.step.operation)
        self.unstable |= varying
        return varying

    def alignment(self, sides: tuple[str, str]) -> Alignment:
        return Alignment(sides, (*self._ignore, UNKNOWN_MEMBER), self.volatile)


_OTHER_SEED: Final = 1_000_003
"""The seed of the mock whose inventions are held against those of the compared one."""


class _SequenceComparison:
    """One sequence on two servers."""

    def __init__(
        self, comparison: Comparison, api: ComparedApi, sides: tuple[PlayedSide, PlayedSide], *, by_value: bool
    ) -> None:
        self._comparison = comparison
        self._api = api
        self._left, self._right = sides
        self._sequence = self._left.sequence
        self._by_value = by_value
        self._alignment = comparison.alignment((self._left.address, self._right.address))
        self._lists: VisibleLists | None = None
        self.played = 0
        self.unplayed = 0
        self.accepted: list[tuple[Operation, PlayedAnswer]] = []
        """The right answers to what the left server accepted, with their operations."""

    def divergences(self, known: set[DivergenceKey], pause: float = 0.0) -> list[Divergence]:
        known, repeated = set(known), set[str]()
        found = []
        if self._left.looks and self._right.looks:
            self._lists = VisibleLists(self._api, self._left.before, self._right.before)
        for number, step in enumerate(self._sequence.steps):
            left, right = self._left.answer(number), self._right.answer(number)
            if UNRESOLVED in (left.failure, right.failure):
                self.unplayed += 1
                lacks = left if left.failure == UNRESOLVED else right
                self._comparison.unplayed_reason = self._comparison.unplayed_reason or lacks.reason
                continue
            self.played += 1
            self._count(step, left, right)
            if pause and not step.is_read:
                sleep(pause)
            self._alignment.give(step)
            self._alignment.give(self._right.sequence.steps[number])
            told = [one for one in self._differences(step, left, right) if key_of(step, one) not in known]
            self._follow_order(number, step, left, right)
            told = [one for one in told if _repeated(one) not in repeated]
            repeated |= {_repeated(one) for one in told if one.kind == DifferenceKind.VALUE}
            if told and step.operation not in self._comparison.unstable:
                lefts, rights = self._left.first(number + 1), self._right.first(number + 1)
                found.append(Divergence(_first(self._sequence, number + 1), lefts, rights, tuple(told)))
                known |= found[-1].keys
            if left.is_success != right.is_success:
                break
        return found

    def _count(self, step: PlannedRequest, left: PlayedAnswer, right: PlayedAnswer) -> None:
        operation = self._api.operation(step.operation) or self._api.find(step.method, step.path)
        if operation is not None and left.is_success and step.is_authenticated:
            self.accepted.append((operation, right))

    def _differences(self, step: PlannedRequest, left: PlayedAnswer, right: PlayedAnswer) -> tuple[Difference, ...]:
        operation = self._api.operation(step.operation) or self._api.find(step.method, step.path)
        identities = self._api.identities(operation) if operation is not None else {}
        is_made_up = operation is not None and left.is_success and self._api.is_made_up(operation)
        if is_made_up and step.is_read and right.status == HTTPStatus.NOT_FOUND and _names_no_record(step):
            return ()
        by_value = self._by_value and not is_made_up
        rules = DifferenceRules(self._alignment, by_value, self._scope(operation, step), identities)
        if operation is None:
            found = differences(left, right, rules)
            return found if left.is_success else tuple(one for one in found if one.kind in _OF_HEADS)
        if self._lists is None or left.status != right.status or not left.is_success:
            return differences(left, right, rules, operation)
        view = self._lists.view(operation, step, left, right)
        if view is None:
            return differences(left, right, rules, operation)
        shape = differences(left, right, replace(rules, by_value=False), operation)
        if view.left is None or view.right is None:
            return shape
        own = differences(view.left, view.right, replace(rules, identities={"": identities.get(view.at, ())}))
        return (*shape, *(one._replace(place=view.at + one.place) for one in own))

    def _follow_order(self, number: int, step: PlannedRequest, left: PlayedAnswer, right: PlayedAnswer) -> None:
        """Has later steps of the right server refer to the same records, where it lists them in another order."""
        operation = self._api.operation(step.operation)
        if operation is None or self._lists is not None or not self._by_value:
            return
        role = self._api.role(operation)
        lists = [value_at(answer.value, role.answer) for answer in (left, right)]
        if role.kind not in ("list", "create-many") or not all(isinstance(one, list) and one for one in lists):
            return
        at = pointer_of(role.answer)
        other = other_order(lists[0], lists[1], self._alignment, self._api.identities(operation).get(at, ()))
        if other is not None:
            self._right.follow(number, at, other.partners)

    def _scope(self, operation: Operation | None, step: PlannedRequest) -> str:
        """The scope of short ids: a collection, below another one that of one record above."""
        name = self._api.nearest(operation) if operation is not None else ""
        if name not in self._api.collections:
            return name
        above = [*step.path_values.values()][: len(self._api.collections[name].scope)]
        keys = [str(self._shown(value)) for value in above]
        return "/".join([name, *keys])

    def _shown(self, value: PlannedValue) -> Json:
        """The value that the left server was sent."""
        if not isinstance(value, AnswerReference):
            return value
        answer = self._left.answer(self._sequence.position(value.step))
        return value_at(answer.value, tokens(value.pointer))


def _names_no_record(step: PlannedRequest) -> bool:
    """Whether a value in the path was made up, and is no id that the servers gave."""
    return any(not isinstance(value, AnswerReference) for value in step.path_values.values())


def _repeated(difference: Difference) -> str:
    """The same for differences that show the same values of the same member, wherever they stand."""
    name = difference.place.rpartition("/")[2]
    return f"{difference.kind} {name} {difference.left!r} {difference.right!r}"


def _first(sequence: RequestSequence, count: int) -> RequestSequence:
    return replace(sequence, steps=sequence.steps[:count])
