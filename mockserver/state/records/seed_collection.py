"""The records that collections begin with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mockserver.state.records.collection import Placement, Records
from mockserver.state.records.indexes import Lookups
from mockserver.state.records.record import Record


@dataclass(frozen=True, slots=True)
class SeedCollection:
    """The records of one collection at one moment, oldest first, with the id member and the lookups. `place` converts
    between a record as a user writes it and the stored record, where these differ.
    """

    id_member: str
    records: Records
    lookups: Lookups = field(default_factory=Lookups, compare=False, repr=False)
    place: Placement | None = field(default=None, compare=False, repr=False)


IssuedRecord = tuple[str, str, Record]
"""The API, the collection, and a record that was made as a credential of one world."""

Snapshot = Mapping[str, Mapping[str, SeedCollection]]
"""The whole content of a world: API name -> collection name -> seed collection. Shared, never changed."""
