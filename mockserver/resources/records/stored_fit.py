"""Fits records that were kept while the document was another one to a collection as it is described now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from mockserver.engine.record_fit import FittedRecord
from mockserver.resources.detect.decisions import KEY
from mockserver.resources.detect.schema_shape import dig, put
from mockserver.resources.records.adapter import ABSENT, Adapter
from mockserver.resources.records.projection import VisibleMembers
from mockserver.resources.records.store import Store
from mockserver.state.records.record import Id, Record


@dataclass
class StoredRecordFit:
    """The fit of one collection."""

    store: Store

    def fitted(self, record_id: Id, members: Mapping[str, Any] | None) -> FittedRecord | None:
        """The record with its id in the type that ids have now; None: it can be none of this collection."""
        collection = self.store.collection
        if collection.natural_key:
            return self._of_own_id(record_id, members)
        levels = max(len(collection.scope) + (not collection.singleton), 1)
        if not isinstance(record_id, str) or record_id.count("/") + 1 != levels:
            return None
        if members is None or collection.singleton or collection.lists:
            return FittedRecord(record_id, members)
        return self._of_path(record_id, members)

    def _of_own_id(self, record_id: Id, members: Mapping[str, Any] | None) -> FittedRecord | None:
        if members is not None and KEY in members:
            return None
        own = self._own(record_id)
        if members is None:
            return FittedRecord(record_id if own is None else own, None)
        return None if own is None else FittedRecord(own, {**members, self.store.collection.id_member: own})

    def _of_path(self, record_id: str, members: Mapping[str, Any]) -> FittedRecord | None:
        if KEY not in members:
            return None
        member_path = self.store.collection.id_spec.member_path
        seen = dig({**members}, member_path) if member_path else None
        if not isinstance(seen, str | int) or isinstance(seen, bool):
            return FittedRecord(record_id, members)
        own = self._own(seen)
        return None if own is None else FittedRecord(record_id, put({**members}, member_path, own))

    def _own(self, seen: Id) -> Id | None:
        """The id in the type that ids have now; None where that loses something, or is no id here."""
        own = self.store.own(seen)
        return own if str(own) == str(seen) and self.store.seeds.ids.is_possible(own) else None

    def losses(self, record: Record) -> list[str]:
        """The members in whose place answers have to show something else, or nothing."""
        context, place = self.store.context, self.store.collection.record
        if self.store.collection.lists:
            return []
        shown = self._shown(record)
        if context.accepts(place.pointer)(shown):
            return []
        adapter = Adapter(context, "")
        return [""] if adapter.adapt(shown, place) is ABSENT else [loss.pointer for loss in adapter.losses]

    @cached_property
    def _shown(self) -> VisibleMembers:
        return VisibleMembers(self.store.context, self.store.record, self.store.record, self.store.hidden)
