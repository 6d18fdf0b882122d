"""Keeps worlds as snapshots in the store, large ones in a thread of its own, so that no request waits for that."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from functools import partial
from queue import SimpleQueue
from typing import Final

from mockserver.codec.commit_codec import content_to_bytes
from mockserver.replica.known_world import KnownWorld
from mockserver.state.commits.commit import Content
from mockserver.state.commits.contents import content_of, content_view
from mockserver.state.world import World
from mockserver.stores.world_store import StoredSnapshot, StoreUnavailable, WorldStore

log = logging.getLogger(__name__)

SMALL_BYTES: Final = 1024 * 1024
"""Bytes of a world, at most, for which a snapshot is made within the request: a few milliseconds."""

CLOSE_SECONDS: Final = 5.0
"""Seconds that the end waits for a snapshot that is made just now."""


class KeptSnapshots:
    """Snapshots of worlds as they are, by which a replica that loads one repeats few of its commits."""

    def __init__(self, store: WorldStore) -> None:
        self._store = store
        self._waiting: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def keep(self, world: World, known: KnownWorld) -> None:
        """Keeps the world as it is, at once or soon; its lock is held. Where that fails, it is tried again after the
        next commit.
        """
        write = partial(self._write, world, known, known.version, known.kept_from(len(world.journal)))
        if known.snapshot_bytes + known.bytes <= SMALL_BYTES:
            write(known.commits, known.bytes, partial(content_of, world))
            return
        known.is_being_kept = True
        self._waiting.put(partial(write, known.commits, known.bytes, content_view(world)))
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="snapshots", daemon=True)
                self._thread.start()

    def close(self) -> None:
        """Waits for the snapshot that is made just now."""
        self._waiting.put(None)
        if self._thread is not None:
            self._thread.join(CLOSE_SECONDS)

    def _run(self) -> None:
        while (write := self._waiting.get()) is not None:
            write()

    def _write(
        self,
        world: World,
        known: KnownWorld,
        version: int,
        kept_from: int,
        commits: int,
        size: int,
        read: Callable[[], Content],
    ) -> None:
        try:
            content = content_to_bytes(read())
            self._store.compact(world.name, StoredSnapshot(version, content), kept_from)
        except StoreUnavailable as error:
            log.warning("no snapshot of the world %s could be kept: %s", world.name, error.reason)
        except Exception:
            log.exception("no snapshot of the world %s could be made", world.name)
            known.is_kept(commits, size, known.snapshot_bytes)  # So it is not tried again at once.
        else:
            with world.lock:
                if known.version >= version:  # Else the world began anew meanwhile.
                    known.is_kept(commits, size, len(content))
        finally:
            known.is_being_kept = False
