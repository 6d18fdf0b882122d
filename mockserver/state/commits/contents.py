"""The whole content of a world, relative to the fixtures, and what is received from elsewhere."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from mockserver.state.commits.commit import Change, Commit, Content
from mockserver.state.commits.facts import FACTS, SETTERS, USED_AT, WorldFacts, facts_of
from mockserver.state.commits.log import Address
from mockserver.state.commits.unserved import Unserved
from mockserver.state.journal import Journal
from mockserver.state.records.births import births
from mockserver.state.records.collection import Collection, KeptRecord, Records, changed
from mockserver.state.records.record import Record, freeze
from mockserver.state.records.seed_collection import SeedCollection, Snapshot
from mockserver.state.world import World

log = logging.getLogger(__name__)

Receiver = Callable[[World, Address, Any, Any], None]
"""Gives a key of a place in a world its value. Raises KeyError for a place that the world does not have."""


def content_of(world: World) -> Content:
    """All that is in the world but its journal."""
    unserved = world.unserved
    origin = (*_origin_changes(world.origin, world.fixtures), *unserved.origin())
    records = (Change(collection.address, *change) for collection in _written(world) for change in collection.changes())
    return Content(origin, (*records, *_other_changes(world), *unserved.later()))


def content_view(world: World) -> Callable[[], Content]:
    """A function that gives all that is in the world now but its journal, whatever is written to it meanwhile: records
    are shared until then, as with a fork.
    """
    records = [(collection.address, *collection.view()) for collection in _written(world)]
    first, fixtures, first_unserved = world.origin, world.fixtures, tuple(world.unserved.origin())
    others = (*_other_changes(world), *world.unserved.later())

    def content() -> Content:
        changes = (Change(address, *change) for address, initial, now in records for change in changed(initial, now))
        return Content((*_origin_changes(first, fixtures), *first_unserved), (*changes, *others))

    return content


def _written(world: World) -> Iterator[Collection]:
    """The collections that something was written to."""
    for state in world.states.values():
        yield from (state[name] for name in state.names if not state[name].is_untouched)


def _origin_changes(origin: Snapshot, fixtures: Snapshot) -> Iterator[Change]:
    for api, seeds in origin.items():
        known = fixtures.get(api, {})
        if seeds is known:
            continue
        for name, seed in seeds.items():
            before = known[name].records if name in known else {}
            for record_id, kept in changed(before, seed.records):
                yield Change(("records", api, name), record_id, kept)


def _other_changes(world: World) -> Iterator[Change]:
    for state in world.states.values():
        for table in (state.meters, state.replies, state.versions):
            yield from (Change(table.address, key, table.current(key)) for key in table)
    for api, numbers in world.sequences().items():
        yield from (Change(("sequences", api), name, number) for name, number in numbers.items())
    deliveries = world.outbox.deliveries
    yield from (Change(deliveries.address, *change) for change in deliveries.changes())
    if world.interventions is not None:
        for rules in (world.faults, world.stubs, world.answers):
            yield from (Change(rules.address, rule.id, rule.state) for rule in rules)
        yield from (Change(world.scenarios.address, *moved) for moved in world.scenarios.items())
    yield from (Change(FACTS, name, fact) for name, fact in zip(WorldFacts._fields, facts_of(world), strict=True))
    if world.used_at:
        yield Change(FACTS, USED_AT, world.used_at)


def begin_from(world: World, content: Content) -> None:
    """The world has this content, and nothing else but its journal, which begins anew if it did there. What has no
    place, since other APIs are served, is kept as it is and told in the log.
    """
    taken = next((change.value for change in content.changes if change[:2] == (FACTS, "exchanges")), 0)
    with world.lock:
        if taken < world.journal.taken:
            world.journal.allowance.end(world.journal)
            world.journal = Journal(world.journal.limit, world.journal.allowance, world.log)
        world.issued, world.interventions, world.unserved = (), None, Unserved()
        world.begin_anew(_origin(world, content.origin))
        _receive_all(world, content.changes)


def _origin(world: World, changes: Iterable[Change]) -> Snapshot:
    """The records with which the world began."""
    grouped: dict[tuple[str, str], list[tuple[Any, KeptRecord | None]]] = {}
    for (_, api, name), key, kept in changes:
        grouped.setdefault((api, name), []).append((key, kept))
    found: dict[str, Mapping[str, SeedCollection]] = {**world.fixtures}
    lost = []
    for (api, name), changed_records in grouped.items():
        known = found.get(api, {}).get(name)
        if known is None:
            lost.append(f"{api} {name}")
            for key, kept in changed_records:
                world.unserved.keep(Change(("records", api, name), key, kept), is_origin=True)
            continue
        records = _with_changes(known.records, changed_records)
        found[api] = {**found[api], name: SeedCollection(known.id_member, records, place=known.place)}
    _tell_lost(world, lost)
    return found if grouped else world.fixtures


def _with_changes(initial: Records, changes: Iterable[tuple[Any, KeptRecord | None]]) -> Records:
    records = {**initial}
    for record_id, kept in changes:
        if kept is None:
            records.pop(record_id, None)
        else:
            record: Record = freeze(dict(kept.members))
            record.birth = kept.birth
            births.pass_by(kept.birth)
            records[record_id] = record
    return dict(sorted(records.items(), key=lambda item: item[1].birth))


def receive(world: World, commit: Commit) -> None:
    """The world is as it was where the commit was made, right after it. Subscribers of live events are told; whoever
    watches requests is not, since these were asked elsewhere.
    """
    with world.lock:
        if commit.content is not None:
            begin_from(world, commit.content)
        _receive_all(world, commit.changes)
        for exchange in commit.exchanges:
            world.journal.receive(exchange.id, exchange)


def _receive_all(world: World, changes: Iterable[Change]) -> None:
    lost: list[str] = []
    for change in changes:
        place, key, value = change
        try:
            _RECEIVERS[place[0]](world, place, key, value)
        except KeyError:
            lost.append(" ".join(place[1:]))
            world.unserved.keep(change)
    world.log.begin_version()
    _tell_lost(world, lost)


def _tell_lost(world: World, lost: Iterable[str]) -> None:
    for name in dict.fromkeys(lost):
        log.warning("the world %s has %s, which is not served now: it is kept as it is", world.name, name)


def _table(member: str) -> Receiver:
    def receive_key(world: World, place: Address, key: Any, value: Any) -> None:
        if place[1] not in world.origin:
            raise KeyError(place[1])
        getattr(world.of(place[1]), member).receive(key, value)

    return receive_key


def _collection(world: World, place: Address, key: Any, value: Any) -> None:
    if place[1] not in world.origin:
        raise KeyError(place[1])
    world.of(place[1])[place[2]].receive(key, value)


def _rules(world: World, place: Address, key: Any, value: Any) -> None:
    {"fault": world.faults, "stub": world.stubs, "next answer": world.answers}[place[1]].receive(key, value)


_RECEIVERS: Final[Mapping[str, Receiver]] = {
    "records": _collection,
    "sequences": _table("sequences"),
    "meters": _table("meters"),
    "replies": _table("replies"),
    "versions": _table("versions"),
    "outbox": lambda world, _place, key, value: world.outbox.receive(key, value, world.clock),
    "rules": _rules,
    "scenarios": lambda world, _place, key, value: world.scenarios.receive(key, value),
    "feed": lambda world, _place, key, value: world.feed.receive(key, value),
    "journal": lambda world, _place, key, value: world.journal.receive(key, value),
    FACTS[0]: lambda world, _place, key, value: SETTERS[key](world, value),
}
"""What receives a change, by the first part of its place."""
