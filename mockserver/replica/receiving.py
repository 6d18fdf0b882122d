"""Receives what a store has of a world beyond what is known of it here."""

from __future__ import annotations

from mockserver.codec.commit_codec import commit_of_bytes, content_of_bytes
from mockserver.codec.packed import told
from mockserver.replica.kept_records import KeptRecords
from mockserver.replica.known_world import KnownWorld
from mockserver.state.commits.commit import Commit
from mockserver.state.world import DEFAULT_WORLD, World
from mockserver.stores.world_store import Since


def receive_since(world: World, known: KnownWorld, since: Since, records: KeptRecords) -> None:
    """The world is as the store has it. Raises whatever content that no mock wrote may raise; `known.version` is that
    of the last part that was received then.
    """
    if since.is_whole:
        if known.version:
            begin_anew(world, known)
        else:
            known.begin_anew()
    at = 0
    if since.snapshot is not None:
        records.begin_from(world, content_of_bytes(since.snapshot.content))
        at = known.version = since.snapshot.version
        known.snapshot_bytes = len(since.snapshot.content)
    for version, content in since.numbered():
        commit = commit_of_bytes(content)
        if version <= at:
            _receive_journal(world, known, commit)
        else:
            records.receive(world, commit)
        if commit.content is not None:
            known.exchanges.clear()
        known.note(version, len(content), len(commit.exchanges))
        if version <= at:
            known.commits = known.bytes = 0
    known.version = since.version


def begin_anew(world: World, known: KnownWorld) -> None:
    """The world is as one that was never used: whatever was known of it is of another that had its name."""
    world.issued = ()
    world.expire = known.expire
    world.reset(world.fixtures)
    known.begin_anew()


def _receive_journal(world: World, known: KnownWorld, commit: Commit) -> None:
    """Receives what a snapshot does not have of a commit that is in it: its exchanges, and the removal of others."""
    journal = world.journal
    if commit.content is not None and known.exchanges:
        journal.remove(lambda _: True)
    for place, key, value in commit.changes:
        if place == journal.address:
            journal.receive(key, value)
    for exchange in commit.exchanges:
        journal.receive(exchange.id, exchange)


def damage(world: World, known: KnownWorld, since: Since, error: Exception) -> str:
    """What is damaged of the world, and how it is given up."""
    version = max(known.version, since.version - len(since.commits)) + 1
    is_snapshot = since.snapshot is not None and not known.version
    part = "its snapshot" if is_snapshot else f"its commit {version} of {since.version}"
    given_up = "POST /__admin/reset" if world.name == DEFAULT_WORLD else f"DELETE /__admin/worlds/{world.name}"
    return (
        f"The world {world.name} cannot be read from the store: {part} is damaged: {told(error)}. Other worlds are "
        f"served. {given_up} gives it up, and the next request finds a new one."
    )
