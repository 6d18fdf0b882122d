"""A request in a world as a commit: what it changed, taken back whole, or received from elsewhere.

Whoever keeps worlds outside of this process calls `begin`, does the request's work, reads `commit_of`, and calls
`settle` once that is kept, else `take_back_all`. The world's lock is held from one to the other. A commit that was made
elsewhere is received between requests.
"""

from __future__ import annotations

from itertools import compress
from operator import ne
from typing import Any

from mockserver.messages import make
from mockserver.state.commits.beginning import Beginning
from mockserver.state.commits.commit import Change, Commit
from mockserver.state.commits.contents import content_of
from mockserver.state.commits.facts import FACTS, SETTERS, WorldFacts, facts_of
from mockserver.state.commits.log import Address, Log, Place, Recording
from mockserver.state.world import World


def begin(world: World) -> None:
    """From now on everything that changes in the world is of one commit."""
    log = world.log
    if log:
        log.clear()
    log.recording = Recording(facts_of(world))


def is_in_progress(world: World) -> bool:
    """Whether a request is in progress, of which work that is done within it is a part."""
    return world.log.recording is not None


def commit_of(world: World) -> Commit:
    """What the request in progress has done until now."""
    recording = _recording(world)
    changes = _logged(world.log) if world.log else []
    if changes is None:
        return _beginning_of(world, recording)
    for (address, key), (place, _) in recording.before.items():
        changes.append(make(Change, (address, key, place.current(key))))
    changes += _changed_facts(recording.facts, facts_of(world))
    return make(Commit, (tuple(changes), tuple(recording.exchanges), None))


def _logged(log: Log) -> list[Change] | None:
    """What the entries of the log have changed, each place and key once; None: the world began anew."""
    changes: list[Change] = []
    seen: set[tuple[Address, Any]] = set()
    last: Place | None = None
    address: Address = ()
    for place, key, _ in log:
        if place is not last:
            if type(place) is Beginning:
                return None
            address, last = place.address, place
        if (address, key) not in seen:
            seen.add((address, key))
            changes.append(make(Change, (address, key, place.current(key))))
    return changes


def _beginning_of(world: World, recording: Recording) -> Commit:
    """The commit of a request in which the world began anew: all that it has now."""
    events = (Change(place.address, key, place.current(key)) for place, key, _ in world.log if place is world.feed)
    return Commit(tuple(events), tuple(recording.exchanges), content_of(world))


def _changed_facts(before: WorldFacts, now: WorldFacts) -> list[Change]:
    named = zip(WorldFacts._fields, now, strict=True)
    return [make(Change, (FACTS, name, new)) for name, new in compress(named, map(ne, before, now))]


def take_back_all(world: World) -> None:
    """The request in progress has changed nothing, and nothing has left; there is none in progress any more."""
    recording = _recording(world)
    world.log.take_back(0)
    for (_, key), (place, old) in reversed(recording.before.items()):
        place.put_back(key, old)
    for change in _changed_facts(facts_of(world), recording.facts):
        SETTERS[change.key](world, change.value)
    world.log.depth = 0
    world.log.recording = None
    world.log.begin_version()


def settle(world: World) -> None:
    """The request in progress is kept: its exchanges are in the journal, and what leaves has left."""
    log, recording = world.log, _recording(world)
    if log:
        log.clear()
    log.recording = None
    for exchange in recording.exchanges:
        world.journal.append(exchange)
    for leave in recording.leaving:
        leave()


def _recording(world: World) -> Recording:
    recording = world.log.recording
    if recording is None:
        raise ValueError(f"no request is in progress in the world {world.name}")
    return recording
