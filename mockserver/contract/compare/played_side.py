"""One server while it plays a sequence: its answers so far, the lists that it had before, and what it has to delete."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

from mockserver.contract.compare.visible_lists import ListsBefore, lists_before
from mockserver.contract.replay.planned_request import AnswerReference, PlannedRequest, PlannedValue, replaced
from mockserver.contract.replay.player import PlayedAnswer, Player
from mockserver.contract.replay.request_sequence import RequestSequence
from mockserver.contract.sequences.compared_api import ComparedApi
from mockserver.json_pointer import MISSING, pointer_of, value_at
from mockserver.resources.detect.decisions import Role


class PlayedSide:
    """Plays a sequence step by step, as its answers are asked for; with `looks` its lists are looked at before."""

    def __init__(self, api: ComparedApi, player: Player, sequence: RequestSequence, *, looks: bool) -> None:
        self.sequence = sequence
        self.address = player.address
        self.looks = looks
        self._api = api
        self._player = player
        self._answers: list[PlayedAnswer] = []
        self._orders: dict[int, tuple[str, list[int]]] = {}

    def follow(self, number: int, at: str, partners: list[int]) -> None:
        """Has later steps that refer to an item of a list of this answer refer to another one: to that at the index
        which `partners` has in its place.
        """
        self._orders[number] = at, partners

    def _followed(self, step: PlannedRequest) -> PlannedRequest:
        if not any(isinstance(one.step, int) and one.step - 1 in self._orders for one in step.references):
            return step

        def moved(value: PlannedValue) -> PlannedValue:
            if not isinstance(value, AnswerReference) or not isinstance(value.step, int):
                return value
            at, partners = self._orders.get(value.step - 1, ("", []))
            index, slash, rest = value.pointer.removeprefix(f"{at}/").partition("/")
            if not value.pointer.startswith(f"{at}/") or not index.isdecimal() or int(index) >= len(partners):
                return value
            return value._replace(pointer=f"{at}/{partners[int(index)]}{slash}{rest}")

        parts = (replaced(part, moved) for part in (step.path_values, step.query, step.headers, step.body))
        path_values, query, headers, body = parts
        return replace(step, path_values=path_values, query=query, headers=headers, body=body)

    @cached_property
    def before(self) -> ListsBefore:
        """The lists before the first step, looked at when they are first asked for."""
        return lists_before(self._api, self._player, self.sequence)

    def answer(self, number: int) -> PlayedAnswer:
        """The answer to the step at this index; the steps up to it are played if they were not."""
        while len(self._answers) <= number:
            step = self.sequence.steps[len(self._answers)]
            self._answers.append(self._player.play(self._followed(step), self.sequence, self._answers))
        return self._answers[number]

    def first(self, count: int) -> tuple[PlayedAnswer, ...]:
        """The first answers."""
        return tuple(self._answers[:count])

    def finish(self) -> None:
        """Plays all steps."""
        if self.looks:
            _ = self.before
        if self.sequence.steps:
            self.answer(len(self.sequence.steps) - 1)

    def clean_up(self) -> None:
        """Deletes what the sequence created, latest first; it may fail."""
        for number in range(len(self._answers) - 1, -1, -1):
            step = self.sequence.steps[number]
            operation = self._api.operation(step.operation)
            if operation is None or not self._answers[number].is_success:
                continue
            role = self._api.role(operation)
            for delete in self._api.of_kind(role.collection, "delete"):
                names = self._api.named_record(delete).parameters
                for own in self._created(role, number):
                    values = dict(zip(names, (*step.path_values.values(), own), strict=False))
                    request = PlannedRequest("DELETE", delete.path, operation=delete.id, path_values=values)
                    self._player.play(request, self.sequence, self._answers)

    def _created(self, role: Role, number: int) -> list[AnswerReference]:
        """References to the ids of the records that a step created."""
        member = self._api.collections[role.collection].id_spec.member_path if role.collection else ()
        if role.kind == "create":
            shown = value_at(self._answers[number].value, (*role.answer, *member), MISSING)
            if not member or shown is MISSING:
                return [AnswerReference(number + 1, header="Location")]
            return [AnswerReference(number + 1, pointer_of((*role.answer, *member)))]
        items = value_at(self._answers[number].value, role.answer) if role.kind == "create-many" else []
        count = len(items) if isinstance(items, list) else 0
        return [AnswerReference(number + 1, pointer_of((*role.answer, str(n), *member))) for n in range(count)]
