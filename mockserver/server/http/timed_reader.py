"""Reads from a socket, and bounds the time from the first byte of something to its last."""

from __future__ import annotations

import io
import socket
from time import monotonic
from typing import Any, Final

HEAD_SECONDS: Final = 30.0
"""Seconds from the first byte of an answer's head to its end, and from the last chunk of a body to the end of its
trailers.
"""


class Overdue(TimeoutError):
    """What was begun is not complete within so many seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__("it took too long")
        self.seconds = seconds


class TimedReader(io.RawIOBase):
    """The bytes that a socket receives. `silence` are the seconds without a byte after which reading fails."""

    def __init__(self, sock: socket.socket, silence: float | None) -> None:
        super().__init__()
        self._socket = sock
        self._raw: Any = sock.makefile("rb", buffering=0)
        self._silence = silence
        self._seconds = 0.0
        self._end: float | None = None

    def begin(self, seconds: float, *, has_begun: bool) -> None:
        """From the next byte on, or from now on if it `has_begun`, so many seconds are left until `done`."""
        self._seconds = seconds
        self._end = monotonic() + seconds if has_begun else None

    def done(self) -> None:
        """From now on only silence is bounded."""
        if self._end is not None:
            self._socket.settimeout(self._silence)
        self._seconds, self._end = 0.0, None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Raises TimeoutError after silence, Overdue where what was begun takes too long."""
        if not self._seconds:
            return self._read(buffer)
        if self._end is not None:
            left = self._end - monotonic()
            if left <= 0:
                raise Overdue(self._seconds)
            self._socket.settimeout(left if self._silence is None else min(left, self._silence))
        try:
            count = self._read(buffer)
        except TimeoutError:
            if self._end is not None and self._end <= monotonic():
                raise Overdue(self._seconds) from None
            raise
        if self._end is None:
            self._end = monotonic() + self._seconds
        return count

    def _read(self, buffer: Any) -> int | None:
        count: int | None = self._raw.readinto(buffer)
        return count

    def close(self) -> None:
        if not self.closed:
            self._raw.close()
        super().close()


class TimedSocket:
    """What http.client asks of a socket: a file of what it receives, which is read by a TimedReader."""

    def __init__(self, sock: socket.socket) -> None:
        self.reader = TimedReader(sock, sock.gettimeout())

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(self.reader)
