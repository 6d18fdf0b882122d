"""The decisions about a document, each with its evidence: collections, and the roles of operations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from mockserver.json_text import Json
from mockserver.resources.detect.schema_shape import SchemaPlace

MemberPath = tuple[str, ...]
"""Names of nested members, outermost first: `("metadata", "name")`."""

ENOUGH: Final = 0.7
"""Confidence below which nothing is remembered: the operation is answered from its schema."""


class Evidence(NamedTuple):
    """One observation in the document, and its weight from 0 to 1."""

    seen: str
    weight: float


def confidence_of(evidence: tuple[Evidence, ...]) -> float:
    """Returns the combined confidence: 0 without evidence, 1 for certainty."""
    doubt = 1.0
    for piece in evidence:
        doubt *= 1 - piece.weight
    return round(1 - doubt, 3)


@dataclass(frozen=True, slots=True)
class IdSpec:
    """The id of a collection's records.

    `member_path` is its path inside a record; empty: it only stands in paths. `kind` is `integer`, `digits` (a text of
    them), `uuid` or `text`; `place` is the schema of the id, `path` that of the path parameter. `given` says that
    clients choose it.
    """

    member_path: MemberPath
    kind: str
    place: SchemaPlace | None
    given: bool
    path: SchemaPlace | None = None


@dataclass(frozen=True, slots=True)
class CollectionPlan:
    """A collection: its records are created at `path` and each stands at `item_path` (empty: nowhere).

    `scope` are the path parameters in front of the id. Their values together are the parent's key: a record of the
    collection `parent`, where there is one. `record` is the schema. `ids_known` says that all records are known;
    elsewhere a record is created when it is read. `singleton` collections have one record a scope, which at first is
    `absent` or not. `seeds` is the number of first records; -1: those of the examples, else a few. Where it `lists`
    another collection, it stores which records of that belong to its scope.
    """

    name: str
    path: str
    item_path: str
    id_spec: IdSpec
    scope: tuple[str, ...]
    parent: str
    record: SchemaPlace
    ids_known: bool
    seeds: int
    singleton: bool = False
    absent: bool = False
    evidence: tuple[Evidence, ...] = ()
    lists: str = ""

    @property
    def confidence(self) -> float:
        return confidence_of(self.evidence)

    @property
    def natural_key(self) -> bool:
        """Whether records are stored by their own id; else by a key made of their path."""
        return len(self.id_spec.member_path) == 1 and not self.scope and not self.singleton

    @property
    def id_member(self) -> str:
        """The member of a stored record that identifies it."""
        return self.id_spec.member_path[0] if self.natural_key else KEY


KEY: Final = "_mock_key"
PARENT: Final = "_mock_parent"
OWN: Final = (KEY, PARENT)
"""Members of stored records that no client sees."""


class OwnedRecords(NamedTuple):
    """The records of a collection that refer to one of `parent` at `member_path`: by its id or, with an `id_member`, by
    an object with the id. The path has the id as its `parameter`.
    """

    parameter: str
    member_path: MemberPath
    id_member: str
    parent: str


def names(record: Mapping[str, Json], owned: OwnedRecords, wanted: Json) -> bool:
    """Returns whether the record refers to this id."""
    nested: Json = record
    for member in owned.member_path:
        nested = nested.get(member) if isinstance(nested, Mapping) else None
    values = nested if isinstance(nested, list) else [nested]
    found = [value.get(owned.id_member) if isinstance(value, Mapping) else value for value in values]
    return any(value is not None and str(value) == str(wanted) for value in found)


@dataclass(frozen=True, slots=True)
class Role:
    """The role of one operation: `kind` is one of `ROLES`, on the records of `collection`.

    `answer` is the path of the record, or of the list, inside its answer; `body_path` that of the record inside its
    body. `keys` are the path parameters that name the record or its parents, outermost first. `inside` names a list
    inside the record and the member that identifies its entries (empty: none does), or is the path of the member that
    refers to other records. `owned` restricts the records of the collection. `delay` is in seconds. `key` is the
    extension that would correct this, with an example value.
    """

    operation: str
    kind: str
    collection: str = ""
    answer: MemberPath = ()
    body_path: MemberPath = ()
    keys: tuple[str, ...] = ()
    all_of_them: bool = False
    paging: str = ""
    delay: float = 0.0
    evidence: tuple[Evidence, ...] = ()
    key: str = ""
    inside: MemberPath = ()
    owned: OwnedRecords | None = None

    @property
    def confidence(self) -> float:
        return confidence_of(self.evidence)

    @property
    def keeps(self) -> bool:
        """Whether the operation is answered from records."""
        return self.kind != "schema"


ROLES: Final[Mapping[str, str]] = {
    "list": "answers a page of {0}",
    "map": "answers all of {0} by their ids",
    "create": "adds to {0}",
    "create-many": "adds several to {0}",
    "upsert-many": "changes several of {0}, and adds those that are not there",
    "mix-many": "adds, changes and takes away several of {0}, as its body says",
    "read": "answers one of {0}",
    "replace": "puts one into {0}, in the place of another or as a new one",
    "replace-all": "puts what was sent in the place of all {0}",
    "update": "lays the body over one of {0}",
    "update-many": "lays what was sent over several of {0}",
    "delete": "takes one from {0}, for good",
    "delete-many": "takes several from {0}, or all",
    "restore": "brings back one of {0} that was deleted",
    "copy": "adds a copy of one of {0}",
    "count": "answers how many of {0} there are",
    "act": "sets what its answer shows on one of {0}",
    "act-many": "sets what its path says on several of {0}",
    "read-related": "answers what one of {0} names",
    "relate": "answers or sets which records one of {0} names",
    "list-entries": "answers the list inside one of {0}",
    "read-entry": "answers an entry of a list inside one of {0}",
    "add-entry": "adds to a list inside one of {0}",
    "change-entry": "changes an entry of a list inside one of {0}",
    "set-entries": "puts what was sent in the place of a list inside one of {0}",
    "remove-entry": "takes one or all from a list inside one of {0}",
    "read-part": "answers an object inside one of {0}",
    "set-part": "sets an object inside one of {0}",
    "remove-part": "takes an object from one of {0}",
    "list-values": "answers a list of values inside one of {0}",
    "add-values": "adds to a list of values inside one of {0}",
    "set-values": "puts what was sent in the place of a list of values inside one of {0}",
    "remove-values": "takes values from a list inside one of {0}",
    "read-value": "answers one value of {0}",
    "set-value": "sets one value of {0}",
    "remove-value": "takes one value from {0}",
    "upload": "keeps the bytes that are sent",
    "download": "answers the bytes that were sent",
    "erase": "takes away the bytes that were sent",
    "schema": "remembers nothing: the answer is made from its examples and schemas",
}
"""Every role with its meaning; the values of `x-mock-role`."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The plan of one API: its collections by name, and the role of each operation by its id."""

    collections: Mapping[str, CollectionPlan] = field(default_factory=dict)
    roles: Mapping[str, Role] = field(default_factory=dict)

    def stateful_roles(self) -> list[Role]:
        """Returns the roles of the operations that are answered from records."""
        return [role for role in self.roles.values() if role.keeps]
