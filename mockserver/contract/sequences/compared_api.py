"""One API as a comparison sees it: its operations, its collections, and which records the paths of operations name."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Final, NamedTuple

from mockserver.engine.answers.sample_request import opened
from mockserver.engine.service import Service
from mockserver.json_pointer import pointer_of
from mockserver.openapi.model.operation import Operation
from mockserver.openapi.model.path_conditions import bare_name
from mockserver.resources.detect.decisions import CollectionPlan, Role
from mockserver.resources.detect.operation_view import Key, is_parameter, segments_of
from mockserver.resources.detect.plan import plan
from mockserver.spelling import plain, singular


class NamedRecord(NamedTuple):
    """The collection whose record the path of an operation names (empty: none), and the path parameters that name it,
    outermost first; `others` are the further parameters of the path.
    """

    collection: str
    parameters: tuple[str, ...]
    others: tuple[str, ...] = ()


class ComparedApi:
    """The operations of an API at its own address, by the roles that the document's structure gives them."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.name = service.name
        self._plan = plan(service.spec)
        base = service.spec.base_path
        self.operations = tuple(one for one in service.spec.operations if one.servers[0].path == base)
        self._by_id = {operation.id: operation for operation in self.operations}

    @property
    def collections(self) -> Mapping[str, CollectionPlan]:
        return self._plan.collections

    def operation(self, name: str) -> Operation | None:
        return self._by_id.get(name)

    def find(self, method: str, path: str) -> Operation | None:
        """The operation with this method and path template."""
        return next((one for one in self.operations if (one.method, one.path) == (method, path)), None)

    def role(self, operation: Operation) -> Role:
        return self._plan.roles[operation.id]

    def of_kind(self, collection: str, *kinds: str) -> list[Operation]:
        """The operations that have one of these roles in the collection."""
        return [
            one for one in self.operations if self.role(one).collection == collection and self.role(one).kind in kinds
        ]

    @cached_property
    def _items(self) -> Mapping[Key, str]:
        """The collections by the paths of their records, with `{}` for each parameter."""
        return {_key(one.item_path): name for name, one in self.collections.items() if one.item_path}

    @cached_property
    def _ids(self) -> Mapping[str, str]:
        """The collections whose records stand nowhere below others, by the name of their path parameter."""
        tops = ((name, one) for name, one in self.collections.items() if one.item_path and not one.scope)
        return {plain(bare_name(segments_of(one.item_path)[-1])): name for name, one in tops}

    def named_record(self, operation: Operation) -> NamedRecord:
        """The record that the path names: the deepest one, else the one whose path parameter is called the same."""
        segments = segments_of(operation.path)
        key = _key(operation.path)
        names = [(n, segment[1:-1]) for n, segment in enumerate(segments) if is_parameter(segment)]
        for end in range(len(segments), 0, -1):
            if key[:end] in self._items:
                inside = tuple(name for n, name in names if n < end)
                return NamedRecord(self._items[key[:end]], inside, tuple(name for n, name in names if n >= end))
        for _, name in names:
            if plain(bare_name(name)) in self._ids:
                others = tuple(other for _, other in names if other != name)
                return NamedRecord(self._ids[plain(bare_name(name))], (name,), others)
        return NamedRecord("", (), tuple(name for _, name in names))

    def changes_many(self, operation: Operation) -> bool:
        """Whether the operation may change what its path does not name: all of a list, or what there is one of."""
        if operation.method in ("GET", "HEAD", "OPTIONS", "QUERY"):
            return False
        is_many = self.role(operation).kind in ("delete-many", "replace-all", "update-many", "act-many", "mix-many")
        return is_many or (operation.method != "POST" and "{" not in operation.path)

    def nearest(self, operation: Operation) -> str:
        """The collection that an operation is about: that of its role, else the one that it stands below."""
        role = self.role(operation)
        if role.collection in self.collections:
            return role.collection
        named = self.named_record(operation).collection
        if named:
            return named
        key = _key(operation.path)
        above = [(len(at), name) for name, one in self.collections.items() if key[: len(at := _key(one.path))] == at]
        return max(above, default=(0, ""))[1]

    def referred(self, name: str, operation: Operation) -> str:
        """The collection that a member of this name has an id of: `owner_id` one of owners, `ids` one of those that the
        operation is about; empty if it is none.
        """
        spelled = plain(name)
        stem = next((spelled.removesuffix(end) for end in _ENDINGS if spelled.endswith(end)), None)
        if stem is None:
            return ""
        if not stem:
            return self.nearest(operation)
        return next((known for known in self.collections if plain(singular(known)) == stem or plain(known) == stem), "")

    def identities(self, operation: Operation) -> dict[str, tuple[str, ...]]:
        """The way from a record to the member that identifies it, by the place in the operation's answers where a
        record or a list of them stands; none where its answers have no records, or ids only stand in paths.
        """
        role = self.role(operation)
        collection = self.collections.get(role.collection)
        way = tuple(collection.id_spec.member_path) if collection is not None else ()
        return {pointer_of(role.answer): way} if way else {}

    def largest_page(self, operation: Operation) -> dict[str, int]:
        """The query that asks a list for as many records as it gives at once; empty where that cannot be asked."""
        for parameter in operation.parameters:
            if parameter.place == "query" and plain(parameter.name) in LIMITS:
                most = parameter.view.keyword("maximum")
                size = min(int(most), LARGEST_PAGE) if isinstance(most, (int, float)) else LARGEST_PAGE
                return {parameter.name: size} if parameter.validator.accepts(size) else {}
        return {}

    def access(self, operation: Operation) -> tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]]:
        """The headers and query parameters that open the operation on the mock."""
        shown = opened(self.service, operation)
        return tuple(shown.headers), tuple(shown.query)

    def is_made_up(self, operation: Operation) -> bool:
        """Whether the mock makes the operation's answers of the document alone, and remembers nothing of them."""
        return self.service.api.answered_by.get(operation.id) == _MADE_UP

    def is_guarded(self, operation: Operation) -> bool:
        """Whether the operation requires a credential."""
        return bool(operation.security) and all(operation.security)


_MADE_UP: Final = "document"
LIMITS: Final = frozenset({"limit", "perpage", "pagesize", "size", "count", "take", "top", "maxresults", "first"})
"""Names of query parameters that say how many records a page has, without their spelling."""
LARGEST_PAGE: Final = 100
"""Records that a list is asked for at once."""
_ENDINGS = ("ids", "id", "uuids", "uuid")


def _key(path: str) -> Key:
    return tuple("{}" if is_parameter(segment) else segment for segment in segments_of(path))
