"""The records that a session began with, as far as it showed them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from mockserver.json_text import Json, Malformed, read_json
from mockserver.messages import Exchange
from mockserver.openapi.model.document import Document
from mockserver.openapi.model.operation import Operation
from mockserver.resources.detect.decisions import CollectionPlan, Plan, Role
from mockserver.resources.detect.plan import plan
from mockserver.resources.detect.schema_shape import dig

MOST_RECORDS: Final = 10_000
"""Records of one collection that are kept."""

_READS: Final = frozenset({"read", "list"})
_CHANGES: Final = frozenset({"update", "replace", "act", "restore"})
_MAKING: Final = frozenset({"create", "create-many", "copy", "upsert-many", "mix-many", "replace-all"})
_MADE: Final = 201
_Key = tuple[str, ...]


class RecordedRecords:
    """Records by collection, each as it was before the session changed it. What the session made itself is none of
    them: replaying its requests makes it again.
    """

    def __init__(self, spec: Document) -> None:
        self._plan: Plan = plan(spec)
        self._first: dict[str, dict[_Key, dict[str, Json]]] = {}
        self._made: dict[str, set[_Key]] = {}
        self._touched: set[str] = set()
        self._listed: set[str] = set()

    def add(self, operation: Operation, exchange: Exchange, path: Mapping[str, str]) -> None:
        """Learns from one exchange whose secrets are masked."""
        role = self._plan.roles.get(operation.id)
        collection = self._plan.collections.get(role.collection) if role is not None else None
        if role is None or collection is None or collection.lists:
            return
        self._touched.add(collection.name)
        if not _SUCCESS <= exchange.status < _REDIRECTS:
            return
        scope = tuple(path.get(name, "") for name in role.keys)[: len(collection.scope)]
        if role.kind == "delete":
            self._deleted(collection, scope, role, path)
            return
        shown = _shown(exchange, role)
        records = shown if isinstance(shown, list) else [shown]
        for record in records:
            if isinstance(record, dict):
                self._seen(collection, scope, role, exchange.status, record)
        if role.kind == "list":
            self._listed.add(collection.name)

    def collections(self) -> dict[str, list[Json]]:
        """The file of records: collections that were asked for, each with what it began with."""
        names = [name for name in self._plan.collections if name in self._touched]
        return {name: [*self._first.get(name, {}).values()] for name in names}

    def _seen(
        self, collection: CollectionPlan, scope: _Key, role: Role, status: int, record: Mapping[str, Json]
    ) -> None:
        own = dig(record, collection.id_spec.member_path) if collection.id_spec.member_path else None
        if own is None and not collection.singleton:
            return
        key = (*scope, str(own))
        made = self._made.setdefault(collection.name, set())
        first = self._first.setdefault(collection.name, {})
        if role.kind in _MAKING or (role.kind == "replace" and status == _MADE):
            if key not in first:
                made.add(key)
        elif role.kind in _READS | _CHANGES and key not in made:
            if key in first:
                if role.kind in _READS:
                    first[key] |= {name: value for name, value in record.items() if name not in first[key]}
            elif len(first) < MOST_RECORDS:
                first[key] = {**record, **dict(zip(collection.scope, scope, strict=False))}

    def _deleted(self, collection: CollectionPlan, scope: _Key, role: Role, path: Mapping[str, str]) -> None:
        """A record that was there, though nobody had seen it; no list was to show it."""
        member_path = collection.id_spec.member_path
        if len(member_path) != 1 or not role.keys or collection.name in self._listed:
            return
        text = path.get(role.keys[-1], "")
        key = (*scope, text)
        first = self._first.setdefault(collection.name, {})
        if key in first or key in self._made.get(collection.name, ()):
            return
        own: Json = int(text) if collection.id_spec.kind == "integer" and text.isdecimal() else text
        first[key] = {member_path[0]: own, **dict(zip(collection.scope, scope, strict=False))}


def _shown(exchange: Exchange, role: Role) -> Json:
    """The record or the list in an answer; None where there is none."""
    try:
        body = read_json(exchange.content) if exchange.content else None
    except Malformed:
        return None
    return dig(body, role.answer) if role.answer else body


_SUCCESS, _REDIRECTS = 200, 300
