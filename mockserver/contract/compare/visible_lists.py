"""The part of lists that a sequence made: servers may have other records at its beginning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from mockserver.contract.replay.planned_request import PlannedRequest
from mockserver.contract.replay.player import PlayedAnswer, Player
from mockserver.contract.replay.request_sequence import RequestSequence
from mockserver.contract.sequences.compared_api import ComparedApi
from mockserver.json_pointer import pointer_of, value_at
from mockserver.json_text import Json, encode
from mockserver.openapi.model.operation import Operation
from mockserver.resources.detect.decisions import Role

MANY: Final = 10
"""Records at the beginning with which a list may have further pages, so that what a sequence makes may not be seen."""


class ListView(NamedTuple):
    """What is compared by value of a list, as answers whose body is that part; None: nothing is. `at` is its place."""

    left: PlayedAnswer | None
    right: PlayedAnswer | None
    at: str = ""


ListsBefore = Mapping[str, Sequence[Json]]
"""The ids that each list has before a sequence begins, by the id of the operation that lists."""


def lists_before(api: ComparedApi, player: Player, sequence: RequestSequence) -> ListsBefore:
    """What the lists of a sequence have, as far as they stand below no record of its own."""
    before: dict[str, Sequence[Json]] = {}
    for step in sequence.steps:
        operation = api.operation(step.operation)
        if operation is None or step.path_values or step.operation in before:
            continue
        if api.role(operation).kind in ("list", "map", "count"):
            plain = PlannedRequest("GET", step.path, operation=step.operation, query=api.largest_page(operation))
            answer = player.play(plain)
            role = api.role(operation)
            items = value_at(answer.value, role.answer)
            if role.kind == "list" and isinstance(items, list):
                before[step.operation] = [_id(api, role, item) for item in items]
            else:
                before[step.operation] = [answer.value if answer.is_success else None]
    return before


class VisibleLists:
    """The parts of lists that a sequence made: the records of `left` and `right` were there before it began."""

    def __init__(self, api: ComparedApi, left: ListsBefore, right: ListsBefore) -> None:
        self._api = api
        self._before = {name: (list(ids), list(right[name])) for name, ids in left.items() if name in right}

    def view(
        self, operation: Operation, step: PlannedRequest, left: PlayedAnswer, right: PlayedAnswer
    ) -> ListView | None:
        """The part of a list that the sequence made; None where the whole answers are compared: they are no lists, or
        both lists were the same at the beginning.
        """
        before = self._before.get(operation.id)
        if before is None or step.path_values or (not before[0] and not before[1]):
            return None
        page = self._api.largest_page(operation)
        is_largest = bool(page) and step.query == page
        most = max(page.values()) - MANY if is_largest else MANY
        if before[0] == before[1] and len(before[0]) < most:
            return None
        role = self._api.role(operation)
        is_part = not is_largest and any(_is_page(name) for name in step.query)
        if role.kind != "list" or max(map(len, before)) >= most or is_part:
            return ListView(None, None)
        one, other = (self._own(role, answer, known) for answer, known in ((left, before[0]), (right, before[1])))
        return ListView(one, other, pointer_of(role.answer))

    def _own(self, role: Role, answer: PlayedAnswer, before: list[Json]) -> PlayedAnswer:
        items = value_at(answer.value, role.answer)
        own = [item for item in items if _id(self._api, role, item) not in before] if isinstance(items, list) else []
        return PlayedAnswer(answer.sent, answer.status, answer.headers, encode(own))


def _id(api: ComparedApi, role: Role, item: Json) -> Json:
    collection = api.collections.get(role.collection)
    return value_at(item, collection.id_spec.member_path) if collection is not None else None


_PAGES: Final = ("page", "limit", "offset", "cursor", "size", "per", "skip", "take", "after", "before", "first", "last")


def _is_page(name: str) -> bool:
    return any(word in name.lower() for word in _PAGES)
