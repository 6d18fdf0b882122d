"""Writes the log to standard error from a thread of its own, so that no request waits for whoever reads it."""

from __future__ import annotations

import atexit
import logging
import os
import sys
import threading
from collections import deque

from mockserver.engine.redaction.printable import printable_lines

MOST_WAITING = 1_000
"""Messages that wait to be written; further ones are dropped and counted."""

MOST_CHARACTERS = 4 * 1024 * 1024
"""Characters of all messages that wait."""

LONGEST_MESSAGE = 64 * 1024
"""Characters of one message; what is beyond them is cut off."""

LAST_SECONDS = 0.5
"""Seconds that the end of the process waits for messages to be written."""


class MessageFormatter(logging.Formatter):
    """Formats a record as `ERROR mockserver.engine.service: …`. Whatever steers a terminal is escaped, and lines after
    the first are indented, so that no text of a client looks like a message of its own.
    """

    def format(self, record: logging.LogRecord) -> str:
        lines = [printable_lines(f"{record.levelname} {record.name}: {record.getMessage()}")]
        if record.exc_info:
            lines.append("    " + printable_lines(self.formatException(record.exc_info)))
        return "\n".join(lines)[:LONGEST_MESSAGE]


class LogOutput(logging.Handler):
    """Queues records as text and has a thread write them to a file descriptor. The thread begins with the first record
    of a process. Of what nobody reads the newest messages are dropped, and their number is told once there is room.
    """

    def __init__(self, descriptor: int = 2) -> None:
        super().__init__()
        self.setFormatter(MessageFormatter())
        self.dropped = 0
        self._descriptor = descriptor
        self._begin()
        os.register_at_fork(after_in_child=self._begin)

    def _begin(self) -> None:
        self._waiting: deque[str] = deque()
        self._characters = 0
        self._changed = threading.Condition(threading.Lock())
        self._writer: threading.Thread | None = None
        self._is_writing = False

    def emit(self, record: logging.LogRecord) -> None:
        try:
            text = self.format(record) + "\n"
        except Exception:  # noqa: BLE001 - a record that cannot be written is one that is not there
            self.dropped += 1
            return
        with self._changed:
            if len(self._waiting) >= MOST_WAITING or self._characters + len(text) > MOST_CHARACTERS:
                self.dropped += 1
                return
            self._waiting.append(text)
            self._characters += len(text)
            if self._writer is None:
                self._writer = threading.Thread(target=self._write, name="mockserver-log", daemon=True)
                self._writer.start()
            self._changed.notify_all()

    @property
    def is_busy(self) -> bool:
        """Whether there is more to write."""
        return bool(self._waiting) or self._is_writing

    def flush(self) -> None:
        """Waits for half a second at most until everything is written."""
        with self._changed:
            self._changed.wait_for(lambda: not self.is_busy, LAST_SECONDS)

    def _told_of_dropped(self) -> str:
        count, self.dropped = self.dropped, 0
        what = "1 message was" if count == 1 else f"{count} messages were"
        return f"WARNING mockserver: {what} dropped, since nobody read the log fast enough\n"

    def _write(self) -> None:
        while True:
            with self._changed:
                self._is_writing = False
                self._changed.notify_all()
                self._changed.wait_for(lambda: bool(self._waiting))
                text = self._waiting.popleft()
                self._characters -= len(text)
                if self.dropped and not self._waiting:
                    text += self._told_of_dropped()
                self._is_writing = True
            self._put(text.encode("utf-8", "backslashreplace"))

    def _put(self, content: bytes) -> None:
        try:
            while content:
                content = content[os.write(self._descriptor, content) :]
        except OSError:
            """Standard error is closed, or the disk is full: nobody can be told."""


def log_to_stderr(level: int = logging.WARNING) -> LogOutput:
    """Sends the records of all loggers from this level on to standard error."""
    output = LogOutput(sys.__stderr__.fileno() if sys.__stderr__ is not None else 2)
    root = logging.getLogger()
    root.addHandler(output)
    root.setLevel(level)
    atexit.register(output.flush)
    return output
