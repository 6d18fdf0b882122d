"""Reads requests with what was sent of their heads, and keeps bodies that are too large for memory in files."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import suppress
from typing import IO, Final

from mockserver.messages import BodyFailure
from mockserver.problem import TOO_LARGE
from mockserver.server.http.incoming import Arrival, Incoming, SentHead, StopReading, Upload
from mockserver.server.http.known_heads import KnownHeads
from mockserver.web.request import MAX_BODY

MOST_UPLOADED: Final = 2 * 1024 * 1024 * 1024
"""Bytes of a request's body that are forwarded."""


def close_upload(arrival: Arrival) -> None:
    """Closes the file of a request that is not forwarded."""
    if arrival.head is not None and arrival.head.upload is not None:
        arrival.head.upload.file.close()


def _no_room(error: OSError) -> BodyFailure:
    said = error.strerror or str(error)
    return (507, TOO_LARGE, f"The body could not be kept in a temporary file: {said}.")


class KeptRequests(Incoming):
    """Requests with their heads, each of which is parsed. A body of more than MAX_BODY bytes is an upload: it is not in
    the request, whose `unread` says so.
    """

    most = MOST_UPLOADED

    def __init__(self, address: str, proceed: Callable[[], None]) -> None:
        super().__init__(address, proceed)
        self._known_heads = KnownHeads(address, -1)
        self._file: IO[bytes] | None = None

    def on_body(self, part: bytes) -> None:
        if self.size + len(part) <= MAX_BODY:
            super().on_body(part)
            return
        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed when the request was answered
                self._file.write(self._body)
                self._body = b""
            self._file.write(part)
        except OSError as error:
            self._fail(_no_room(error))
            raise StopReading from None
        self.size += len(part)
        self._framing_size = 0
        if self.size > self.most:
            self._fail((413, TOO_LARGE, f"The body has more than {self.most} bytes, which is all that is forwarded."))
            raise StopReading

    def close(self) -> None:
        """Closes the files of bodies that nobody forwards any more."""
        self._forget_file()
        for arrival in self.arrivals:
            close_upload(arrival)

    def _fail(self, unread: BodyFailure) -> None:
        self._forget_file()
        super()._fail(unread)

    def _forget_file(self) -> None:
        if self._file is not None:
            with suppress(OSError):  # Closing writes what is left, for which there may be no room.
                self._file.close()
            self._file = None

    def _arrive(self, body: bytes, unread: BodyFailure | None, *, keep_alive: bool) -> None:
        if self._file is not None:
            try:
                self._file.flush()
            except OSError as error:
                self._forget_file()
                body, unread, keep_alive = b"", _no_room(error), False
        super()._arrive(body, unread, keep_alive=keep_alive)
        file, self._file = self._file, None
        upload = None if file is None else Upload(file, self.size)
        last = self.arrivals.pop()
        self.arrivals.append(last._replace(head=SentHead(self._target, tuple(self._fields), upload)))
