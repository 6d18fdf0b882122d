"""Exports the content of a world as JSON, whole or as its difference, and imports it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mockserver import __version__
from mockserver.control.exchanges.exchange_view import timestamp
from mockserver.control.routes.state_routes import record_violations, shown
from mockserver.control.scope import ControlScope
from mockserver.engine.redaction.secret_bodies import masked_value
from mockserver.engine.redaction.secret_names import is_secret
from mockserver.engine.redaction.secret_schemas import nothing_declared
from mockserver.engine.redaction.secret_text import SecretTexts
from mockserver.json_text import Json
from mockserver.problem import INVALID, Problem, Violation
from mockserver.resources.records.store import MEMORY
from mockserver.state.records.collection import Collection, Records, keep_all
from mockserver.state.world import SeedCollection, Snapshot, World

MAX_SHOWN = 1_000
"""The most records of each sort that a difference shows for one collection; `counts` says how many there are."""


def difference(world: World) -> Json:
    """The records created, changed and deleted since the world began, by API and collection; those of credentials that
    were made for it are left out. Records that are shared with the origin are not looked at.
    """
    own = {(api, name, record[world.of(api)[name].id_member]) for api, name, record in world.issued}
    apis: dict[str, Json] = {}
    total = {"created": 0, "changed": 0, "deleted": 0}
    for api, before in world.origin.items():
        for name, collection in _touched(world, api):
            found = _compared(before.get(name), collection, lambda key, at=(api, name): (*at, key) in own)
            if any(found.values()):
                apis.setdefault(api, {})[name] = {sort: _masked(records[:MAX_SHOWN]) for sort, records in found.items()}
                for sort, records in found.items():
                    total[sort] += len(records)
    return {"world": world.name, "since": world.began, "counts": total, "apis": apis}


def _masked(records: list[Json]) -> Json:
    return masked_value(records, nothing_declared(), SecretTexts(is_secret))


def _touched(world: World, api: str) -> Iterator[tuple[str, Collection]]:
    state = world.of(api)
    return ((name, state[name]) for name in state.names if name[0] != "_" and not state[name].is_untouched)


def _compared(before: SeedCollection | None, collection: Collection, is_own: object) -> dict[str, list[Json]]:
    old: Records = before.records if before is not None else {}
    found: dict[str, list[Json]] = {"created": [], "changed": [], "deleted": []}
    seen = set()
    for record in collection:
        record_id = record[collection.id_member]
        seen.add(record_id)
        known = old.get(record_id)
        if known is record or (callable(is_own) and is_own(record_id)):
            continue
        if known is None:
            found["created"].append(shown(collection, record))
        elif known != record:
            found["changed"].append(_change(record_id, shown(collection, known), shown(collection, record)))
    found["deleted"] = [shown(collection, record) for record_id, record in old.items() if record_id not in seen]
    return found


def _change(record_id: Json, old: Mapping[str, Json], new: Mapping[str, Json]) -> Json:
    """The members that differ, as they were and as they are; one that is missing on a side is left out there."""
    names = [name for name in {**old, **new} if (name in old) != (name in new) or old.get(name) != new.get(name)]
    return {
        "id": record_id,
        "before": {name: old[name] for name in names if name in old},
        "after": {name: new[name] for name in names if name in new},
    }


def exported(world: World) -> Json:
    """Every record of the world, with its time and the last number of each sequence."""
    clock = world.clock
    return {
        "mockserver": __version__,
        "world": world.name,
        "now": timestamp(clock.now()),
        "clock": {"frozen": clock.now() if clock.is_frozen else None, "offset": clock.offset},
        "sequences": world.sequences(),
        "apis": {
            api: {name: [_portable(name, record) for record in world.of(api)[name]] for name in world.of(api).names}
            for api in world.origin
        },
    }


def _portable(collection: str, record: Mapping[str, Json]) -> Mapping[str, Json]:
    """A record as any world takes it: the numbers that order records are those of one world."""
    if collection == MEMORY and "birth" in record:
        return {name: value for name, value in record.items() if name != "birth"}
    return record


def imported(content: Mapping[str, Json], scope: ControlScope) -> Snapshot:
    """The records of an export for a world of this server: a collection that it does not name is as in the fixtures.
    Raises Problem 422 with what does not fit.
    """
    found: dict[str, Mapping[str, SeedCollection]] = {**scope.worlds.fixtures}
    violations: list[Violation] = []
    for api, collections in content["apis"].items():
        initial = scope.worlds.fixtures.get(api)
        if initial is None:
            violations.append(_unknown(f"/apis/{api}", f"no API {api[:80]} is served", scope.services))
            continue
        taken: dict[str, SeedCollection] = {**initial}
        for name, records in collections.items():
            at = f"/apis/{api}/{name}"
            if name not in initial:
                violations.append(_unknown(at, f"{api} has no collection {name[:80]}", initial))
            else:
                kept = initial[name]
                violations += _broken(records, kept.id_member, (api, name), scope)
                taken[name] = SeedCollection(kept.id_member, {}, place=kept.place)
                if not violations:
                    taken[name] = _shelf(kept, records)
        found[api] = taken
    if violations:
        shown = tuple(violations[:20])
        raise Problem(422, "; ".join(map(str, shown[:3])), code=INVALID, violations=shown)
    return found


def _shelf(kept: SeedCollection, records: list[Mapping[str, Json]]) -> SeedCollection:
    found: Records = keep_all(kept.id_member, records)
    return SeedCollection(kept.id_member, found, place=kept.place)


def _broken(
    records: list[Mapping[str, Json]], member: str, at: tuple[str, str], scope: ControlScope
) -> Iterator[Violation]:
    is_described = at[1] in scope.service(at[0]).api.collections  # Else it is what the mock notes beside them.
    seen = set()
    for number, record in enumerate(records):
        pointer = f"/apis/{at[0]}/{at[1]}/{number}"
        record_id = record.get(member)
        if not isinstance(record_id, str | int) or isinstance(record_id, bool):
            yield Violation(
                "body", f"{pointer}/{member}", "required", "expected the record's id, a string or an integer"
            )
            continue
        if record_id in seen:
            yield Violation("body", f"{pointer}/{member}", "uniqueItems", f"another record has the id {record_id!r}")
        seen.add(record_id)
        for violation in record_violations(record, *at, scope) if is_described else ():
            yield Violation("body", pointer + violation.pointer, violation.keyword, violation.message, violation.seen)


def _unknown(pointer: str, said: str, known: Mapping[str, object]) -> Violation:
    return Violation("body", pointer, "enum", f"{said}; there is {', '.join(known)}")
