"""Makes the body of a callback or webhook: a value of its schema, filled from the record that it is about."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from mockserver.json_text import Json
from mockserver.openapi.model.body_model import Media
from mockserver.openapi.schema.schema_view import SchemaView
from mockserver.spelling import plain
from mockserver.state.world import ApiState

_EVENT: Final = frozenset({"event", "eventtype", "eventname", "type", "action", "topic", "kind", "trigger"})
"""Members that say what happened, which no record does."""

_STATE: Final = frozenset({"status", "state"})
_NOW: Final = frozenset({
    "timestamp", "time", "sentat", "occurredat", "eventtime", "eventdate", "triggeredat", "firedat", "deliveredat",
})  # fmt: skip
_FEW: Final = 2

Known = Sequence[Mapping[str, Json]]
"""Objects whose members are known, the best first."""


def told(media: Media, value: Json, known: Known, one: str, state: ApiState, *, is_example: bool) -> Json:
    """The value with what is known at the members of the same name, as far as it still fits its schema. `one` names
    what the records are: `order` for `orderId`.
    """
    accepts = media.validator.accepts if media.validator is not None else _anything
    if not isinstance(value, dict):
        return _instead(value, known, accepts)
    root = _copied(value)
    _Telling(root, accepts, one, known, state, is_example=is_example).tell(root, media.view, [_flat(known), *known])
    return root


class _Telling:
    """Changes one value in place, and takes back what does not fit."""

    def __init__(
        self, root: Json, accepts: Callable[[Json], bool], one: str, whole: Known, state: ApiState, *, is_example: bool
    ) -> None:
        self._root = root
        self._accepts = accepts
        self._one = plain(one)
        self._whole = whole
        self._state = state
        self._is_example = is_example
        self._now = datetime.fromtimestamp(state.clock.now(), UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"

    def tell(self, node: dict[str, Json], kind: SchemaView, known: Known) -> None:
        """The members of one object."""
        for name in (*node, *(name for name in kind.properties if name not in node)):
            found = self._found(name, kind.member(name), known)
            if found is not None and self._put(node, name, found):
                continue
            child = node.get(name)
            if isinstance(child, dict) and (nearest := _nearest(child, name, self._one, known)):
                self.tell(child, kind.member(name), nearest)

    def _found(self, name: str, kind: SchemaView, known: Known) -> Json:
        bare = plain(name)
        if bare in _EVENT or (bare in _STATE and self._is_example):
            return None
        for record in known:
            if name in record:
                return record[name]
        if self._one and bare == f"{self._one}id":
            return next((record["id"] for record in known if "id" in record), None)
        if bare == self._one:
            return next((record for record in self._whole if "id" in record), None)
        if bare in _NOW and kind.keyword("format") == "date-time":
            return self._now
        if bare in ("id", "eventid", "deliveryid", "messageid") and kind.keyword("format") == "uuid":
            return self._state.chance.uuid()
        return None

    def _put(self, node: dict[str, Json], name: str, value: Json) -> bool:
        before, had = node.get(name), name in node
        node[name] = _copied(value)
        if self._accepts(self._root):
            return True
        if had:
            node[name] = before
        else:
            del node[name]
        return False


def _flat(known: Known) -> Mapping[str, Json]:
    """The members of all of them and of those inside an envelope; of one name the first."""
    found: dict[str, Json] = {}
    for record in known:
        inner = [member for member in record.values() if isinstance(member, Mapping)]
        for each in (record, *(inner if len(record) <= _FEW else ())):
            for name, value in each.items():
                found.setdefault(name, value)
    return found


def _nearest(child: Mapping[str, Json], name: str, one: str, known: Known) -> Known:
    """Returns the record that the object looks like; none where it is about something else."""
    if plain(name) in (one, "data", "object", "resource", "payload", "record", "entity", "item"):
        return known
    return [record for record in known if len(child.keys() & record.keys()) >= min(_FEW, len(child))]


def _instead(value: Json, known: Known, accepts: Callable[[Json], bool]) -> Json:
    """A list of one record, where it is a list of such."""
    if isinstance(value, list) and known and accepts([dict(known[0])]):
        return [dict(known[0])]
    return value


def _copied(value: Json) -> Json:
    if isinstance(value, Mapping):
        return {name: _copied(member) for name, member in value.items()}
    return [_copied(item) for item in value] if isinstance(value, (list, tuple)) else value


def _anything(_value: Json) -> bool:
    return True
