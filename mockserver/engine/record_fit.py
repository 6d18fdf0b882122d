"""The interface by which records that were stored under an earlier document are fitted to the present one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from mockserver.state.records.record import Id, Record


class FittedRecord(NamedTuple):
    """A record as the collection keeps it now, under this id; `members` are None where it was deleted."""

    id: Id
    members: Mapping[str, Any] | None


class RecordFit(Protocol):
    """Fits records that were kept under another document to a collection as it is now."""

    def fitted(self, record_id: Id, members: Mapping[str, Any] | None) -> FittedRecord | None:
        """The record with its id in the type that ids have now, where nothing of that is lost; None: its id is none
        that the collection could have, so that nobody could ask for it.
        """

    def losses(self, record: Record) -> Sequence[str]:
        """The members, as JSON pointers, in whose place answers have to show something else, or nothing."""
