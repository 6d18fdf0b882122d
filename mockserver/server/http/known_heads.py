"""Caches the parsed headers of a connection's requests by their bytes."""

from __future__ import annotations

import re
from typing import Final

from mockserver.messages import make
from mockserver.web.header_fields import HeaderFields
from mockserver.web.request import Received

MOST_HEADS: Final = 8
"""Headers of one connection that are kept."""
MOST_LINES: Final = 64
"""Request lines of one connection that are kept, with what they ask for."""


class KnownHeads:
    """Headers that a parser took from the connection with this address at its other end. Those that decide how the
    connection goes on, or how a body is framed other than by its length, are not to be kept.
    """

    __slots__ = ("_address", "_heads", "_lines", "_longest")

    def __init__(self, address: str, longest: int) -> None:
        self._address = address
        self._longest = longest
        self._heads: dict[bytes, tuple[HeaderFields, int]] = {}
        self._lines: dict[bytes, tuple[str, ...]] = {}

    def __len__(self) -> int:
        return len(self._heads)

    def request(self, data: bytes) -> Received | None:
        """The request that these bytes are, if they are one whole request whose headers are kept."""
        line_end, end = data.find(b"\r\n"), data.find(b"\r\n\r\n")
        known = self._heads.get(data[line_end:end])
        if known is None or end > self._longest:
            return None
        headers, size = known
        line = data[:line_end]
        asked = self._lines.get(line) or self._read(line)
        if asked is None or len(data) - end - 4 != size:
            return None
        method, path, query = asked
        return make(Received, (method, path, query, headers, data[end + 4 :], None, self._address))

    def _read(self, line: bytes) -> tuple[str, ...] | None:
        """Method, path and query of a request line; None for one that the parser has to read."""
        plain = _PLAIN_LINE.fullmatch(line.decode("latin-1"))
        if plain is None:
            return None
        asked = plain.groups("")
        if len(line) <= _LONGEST_LINE:
            if len(self._lines) >= MOST_LINES:
                self._lines.clear()
            self._lines[line] = asked
        return asked

    def keep(self, data: bytes, headers: HeaderFields, fields: int, size: int) -> None:
        """Keeps the headers of the request that these bytes begin with, which has so many header fields and bytes of a
        body. Headers with other line ends than CRLF, or of several lines, are not kept.
        """
        head, _, _ = data.partition(b"\r\n\r\n")
        lines = head[head.find(b"\r\n") :]
        if lines.count(b"\r") == lines.count(b"\n") == lines.count(b"\r\n") == fields:
            if len(self._heads) >= MOST_HEADS:
                self._heads.clear()
            self._heads[lines] = headers, size


_LONGEST_LINE: Final = 200
_PLAIN_LINE: Final = re.compile(
    r"(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) (/[\w./~!$&'()*+,;=:@-]*)(?:\?([\w./~!$&'()*+,;=:@?-]*))? HTTP/1\.1",
    re.ASCII,
)
"""Request lines without percent-encoding, which llhttp takes as they are."""
