"""Commits: the changes of a request in a world, as a value."""

from __future__ import annotations

from typing import Any, NamedTuple

from mockserver.messages import Exchange
from mockserver.state.commits.log import Address


class Change(NamedTuple):
    """The value that a key of a place has now; None: it has none any more."""

    place: Address
    key: Any
    value: Any


class Content(NamedTuple):
    """A whole world but its journal: how the records with which it began differ from the fixtures, and how everything
    differs from what it began with.
    """

    origin: tuple[Change, ...]
    changes: tuple[Change, ...]


class Commit(NamedTuple):
    """The changes of one request in a world, and its exchanges. Where the world began anew in it, `content` is all that
    it has now.
    """

    changes: tuple[Change, ...]
    exchanges: tuple[Exchange, ...] = ()
    content: Content | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing was done."""
        return not (self.changes or self.exchanges or self.content)
