"""The directory: what belongs to no single world, as entries that the store keeps in one order for all replicas."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from typing import Any

from mockserver.codec.packed import packed, told, unpacked
from mockserver.problem import WORLD_UNREADABLE, Problem
from mockserver.replica.answering_store import AnsweringStore
from mockserver.stores.world_store import (
    DIRECTORY,
    Behind,
    Busy,
    CommitRequest,
    Committed,
    LeaseLost,
    Since,
    StoredSnapshot,
)

DIRECTORY_COMMITS = 1_000
"""Commits after which the whole directory is kept as a snapshot."""

Entry = list[Any]
"""What one commit says: a word, and what it is about."""


class WorldDirectory:
    """Entries that are appended in one order for all replicas, and received by each.

    `receive` makes an entry so in this process; `whole` gives the entries that say all that is so now; `forget` undoes
    all of them.
    """

    def __init__(
        self,
        store: AnsweringStore,
        receive: Callable[[Entry], None],
        whole: Callable[[], Iterable[Entry]],
        forget: Callable[[], None],
    ) -> None:
        self._store = store
        self._receive = receive
        self._whole = whole
        self._forget = forget
        self._lock = threading.RLock()
        self._commits = 0
        self.version = 0

    def catch_up(self) -> None:
        """Receives what others appended. Raises Problem 503."""
        with self._lock:
            self._take(self._store.since(DIRECTORY, self.version))

    def refresh(self) -> None:
        """The same, where there are others."""
        if self._store.is_shared:
            self.catch_up()

    def add(self, entry: Callable[[], Entry | None]) -> None:
        """Appends what `entry` gives, which is asked once all that others appended is known, and again where they were
        faster; None: there is nothing to say. It may raise what forbids it. Raises Problem 503.
        """
        with self._lock:
            self.refresh()
            while (said := entry()) is not None:
                commit = CommitRequest(DIRECTORY, self.version, os.urandom(16), packed(said))
                answer: Committed | Behind | Busy | LeaseLost = self._store.append(commit)
                if isinstance(answer, Committed):
                    self.version = answer.version
                    self._receive(said)
                    self._keep()
                    return
                self.catch_up()

    def take(self, since: Since) -> None:
        """Receives what came first, if it begins where this stands; else all that there is. Raises Problem 503."""
        with self._lock:
            starts = since.version - len(since.commits)
            if since.is_whole or starts == self.version:
                self._take(since)
            else:
                self.catch_up()

    def _take(self, since: Since) -> None:
        try:
            self._receive_all(since)
        except Problem:
            raise
        except Exception as error:
            detail = (
                f"The directory of worlds cannot be read from the store: {told(error)}. It has bound credentials and "
                "the names of snapshots. Put a backup of the store in its place, or begin with an empty one."
            )
            raise Problem(503, detail, code=WORLD_UNREADABLE) from error

    def _receive_all(self, since: Since) -> None:
        if since.is_whole:
            self._forget()
            self._commits = 0
        at = 0
        if since.snapshot is not None:
            at = since.snapshot.version
            for entry in unpacked(since.snapshot.content):
                self._receive(entry)
        for version, content in since.numbered():
            if version > at:
                self._receive(unpacked(content))
                self._commits += 1
        self.version = since.version

    def _keep(self) -> None:
        self._commits += 1
        if self._commits >= DIRECTORY_COMMITS:
            snapshot = StoredSnapshot(self.version, packed([*self._whole()]))
            self._store.compact(DIRECTORY, snapshot, self.version + 1)
            self._commits = 0
