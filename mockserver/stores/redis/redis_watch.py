"""Receives by pub/sub what other replicas appended, and reconnects when Redis was away."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from time import monotonic

from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError

from mockserver.stores.redis.redis_connections import ANSWER_SECONDS, LONGEST_PAUSE, PAUSE, RedisConnections
from mockserver.stores.redis.redis_route import RedisConnection

MOST_AT_ONCE = 1_000
"""Messages that are read before anybody is told of them."""

QUIET_SECONDS = 5.0
"""Without a word, after which Redis is asked whether it is still there; an answer may take as long again."""

LOOK_SECONDS = 0.2
"""Between two looks whether this is closed."""

BATCH_SECONDS = 0.01
"""Between two times that messages are read, so that under load many of them wake the threads of a process once."""

CLOSE_SECONDS = 2.0
"""That the thread has to end, which may be connecting; it is a daemon."""

Told = Callable[[str, int], None]


class RedisWatch:
    """Listens from when somebody first wants to be told. `sender` is what messages of this handle begin with, which are
    left out.
    """

    def __init__(self, connections: RedisConnections, channel: str, sender: str) -> None:
        self._connections = connections
        self._channel = channel
        self._sent = f"{sender} ".encode()
        self._lock = threading.Lock()
        self._told: list[Told] = []
        self._thread: threading.Thread | None = None
        self._hears = threading.Event()
        self._closed = threading.Event()

    def add(self, told: Told) -> Callable[[], None]:
        """Calls `told` with a world and its version until the returned function is called; where Redis is there, with
        all that is appended from now on.
        """
        with self._lock:
            self._told = [*self._told, told]
            if self._thread is None and not self._closed.is_set():
                self._thread = threading.Thread(target=self._listen, name="redis-watch", daemon=True)
                self._thread.start()
        self._hears.wait(ANSWER_SECONDS)
        return lambda: self._remove(told)

    def close(self) -> None:
        """Ends the thread, which looks at this soon, or is about to connect."""
        self._closed.set()
        with self._lock:
            thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(CLOSE_SECONDS)

    def _remove(self, told: Told) -> None:
        with self._lock:
            self._told = [one for one in self._told if one != told]

    def _listen(self) -> None:
        pause = 0.0
        while not self._closed.wait(pause):
            pause = min(2 * pause, LONGEST_PAUSE) or PAUSE
            with suppress(RedisError, OSError, ValueError):
                connection = self._connections.connect(QUIET_SECONDS)
                try:
                    connection.send_command("SUBSCRIBE", self._channel)
                    connection.read_response()
                    self._hears.set()
                    pause = PAUSE
                    self._hear(connection)
                finally:
                    self._hears.clear()
                    connection.disconnect()

    def _hear(self, connection: RedisConnection) -> None:
        """Returns once this is closed; raises RedisError where Redis is away."""
        quiet_since, is_asked = monotonic(), False
        while not self._closed.is_set():
            if connection.can_read(LOOK_SECONDS):
                self._tell_all(connection)
                quiet_since, is_asked = monotonic(), False
                self._closed.wait(BATCH_SECONDS)
            elif monotonic() - quiet_since > QUIET_SECONDS:
                if is_asked:
                    raise RedisTimeoutError("no answer in time")
                connection.send_command("PING")
                quiet_since, is_asked = monotonic(), True

    def _tell_all(self, connection: RedisConnection) -> None:
        """Tells the newest version of each world that there are messages of now."""
        heard: dict[str, int] = {}
        for _ in range(MOST_AT_ONCE):
            message = connection.read_response()
            if message[0] == b"message" and not message[2].startswith(self._sent):
                _, version, world = message[2].decode().split(" ", 2)
                heard[world] = int(version)
            if not connection.can_read(0):
                break
        for world, version in heard.items():
            for told in self._told:
                told(world, version)
