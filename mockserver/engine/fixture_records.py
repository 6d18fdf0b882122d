"""The records that an API's worlds begin with, read from its file of records and the one generated beside it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from mockserver.engine.api import Api
from mockserver.json_text import Json
from mockserver.openapi.source.source import read
from mockserver.problem import Unusable
from mockserver.state.records.collection import keep_all
from mockserver.state.world import SeedCollection

GENERATED = ".generated.json"
"""`fixtures/xqr.yaml` is written by hand; what `fixtures/xqr.generated.json` adds to it was made by a program."""


def read_fixtures(api: Api, path: Path | None) -> Mapping[str, SeedCollection]:
    """Every collection of the API with its records, those of `path` before those of the generated file beside it, if
    there is one; one that neither names has those of `api.seed_collections`, else none. Raises Unusable.
    """
    given: Mapping[str, Json] = {}
    more: Mapping[str, Json] = {}
    beside = None
    if path is not None:
        given, beside = _collections(api, path), path.with_suffix(GENERATED)
        more = _collections(api, beside) if beside.exists() else {}
    seed_collections = dict(api.seed_collections)
    for name, kept in api.collections.items():
        if name in seed_collections and name not in given and name not in more:
            continue
        ids: set[object] = set()
        records = [
            *_records(_placed(given.get(name, []), name, api, path), name, kept.id_member, path, ids),
            *_records(_placed(more.get(name, []), name, api, beside), name, kept.id_member, beside, ids),
        ]
        place = seed_collections[name].place if name in seed_collections else None
        seed_collections[name] = SeedCollection(kept.id_member, keep_all(kept.id_member, records), place=place)
    return seed_collections


def _collections(api: Api, path: Path) -> Mapping[str, Json]:
    given = read(path).value
    if not isinstance(given, dict):
        raise Unusable("expected a mapping of collection names to lists of records", where=str(path))
    if unknown := given.keys() - api.collections.keys():
        known = ", ".join(api.collections)
        raise Unusable(f"{api.name} has no collections {sorted(unknown)}; it has {known}", where=str(path))
    return given


def _placed(records: Json, name: str, api: Api, path: Path | None) -> Json:
    """The records as they are kept, where that is by the path that they stand at."""
    seeds = api.seed_collections.get(name)
    if seeds is None or seeds.place is None or not isinstance(records, list):
        return records
    placed: list[Json] = []
    for number, record in enumerate(records):
        try:
            placed.append({**seeds.place.stored(record)} if isinstance(record, dict) else record)
        except Unusable as unusable:
            raise Unusable(f"{name}: record {number} {unusable.message}", where=str(path)) from None
    return placed


def _records(
    records: object, name: str, id_member: str, path: Path | None, seen: set[object]
) -> list[Mapping[str, object]]:
    """The records of one file; `seen` then has their ids too."""
    if not isinstance(records, list):
        raise Unusable(f"{name}: expected a list of records", where=str(path))
    for number, record in enumerate(records):
        if not isinstance(record, dict) or id_member not in record:
            raise Unusable(f"{name}: record {number} has no {id_member!r}", where=str(path))
        if record[id_member] in seen:
            raise Unusable(f"{name}: the {id_member} {record[id_member]!r} stands twice", where=str(path))
        seen.add(record[id_member])
    return records
