"""Tells which refused requests name a record that may not be there: no document says which records a server has."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from mockserver.contract.checking.checks.checked_api import CheckedApi, Member
from mockserver.contract.checking.preparation.body_references import reference_places
from mockserver.contract.checking.recording.refused_values import SentValue
from mockserver.openapi.model.operation import Operation
from mockserver.spelling import words_of

_IDS: Final = frozenset({"id", "ids", "uuid", "uuids", "guid", "guids"})
_CREATES: Final = ("create", "create-many", "upsert-many", "replace-all")


class NamedRecords:
    """The members of bodies that name records: those that the structure of the document tells, and those that are
    called an id.
    """

    def __init__(self, api: CheckedApi) -> None:
        self._places = {operation: frozenset(places) for operation, places in reference_places(api).items()}
        self._own = {member.operation.id: _own_id(member) for member in api.members.values()}

    def first(self, operation: Operation, values: Iterable[SentValue]) -> str:
        """The path of the first of these values that names a record, as `lines[*].item_id`; empty where none does."""
        known: frozenset[str] = self._places.get(operation.id, frozenset())
        own = self._own.get(operation.id, frozenset())
        for value in values:
            path = _path_of(value.way)
            if value.place == "body" and path not in own and (path in known or _is_called_an_id(value.way)):
                return path
        return ""


def _own_id(member: Member) -> frozenset[str]:
    """The paths of the id that a request gives the record that it creates."""
    if member.role.kind not in _CREATES:
        return frozenset()
    above, own = ".".join(member.role.body_path), ".".join(member.collection.id_spec.member_path)
    return frozenset({f"{above}.{own}".strip("."), f"{above}[*].{own}"})


def _path_of(way: tuple[str, ...]) -> str:
    return "".join("[*]" if token.isdecimal() else f".{token}" for token in way).removeprefix(".")


def _is_called_an_id(way: tuple[str, ...]) -> bool:
    names = [token for token in way if not token.isdecimal()]
    words = words_of(names[-1]) if names else ()
    return bool(words) and words[-1] in _IDS
