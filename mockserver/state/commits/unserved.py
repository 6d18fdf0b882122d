"""Keeps stored changes of APIs and collections that this process does not serve."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mockserver.state.commits.commit import Change


class Unserved:
    """Changes without a place here, the latest of each key: those of the records that the world began with, and the
    others. Another process, or the next one, may have their place.
    """

    __slots__ = ("_later", "_origin")

    def __init__(self) -> None:
        self._origin: dict[tuple[tuple[str, ...], Any], Any] = {}
        self._later: dict[tuple[tuple[str, ...], Any], Any] = {}

    def keep(self, change: Change, *, is_origin: bool = False) -> None:
        """Keeps the change, in the place of an earlier one of its key. A record that is gone may be one of the fixtures
        where it is served; of anything else nothing is left to keep.
        """
        kept = self._origin if is_origin else self._later
        if change.value is None and change.place[0] != "records":
            kept.pop((change.place, change.key), None)
        else:
            kept[change.place, change.key] = change.value

    def origin(self) -> Iterator[Change]:
        """The records with which the world began."""
        return (Change(place, key, value) for (place, key), value in self._origin.items())

    def later(self) -> Iterator[Change]:
        """What was changed since."""
        return (Change(place, key, value) for (place, key), value in self._later.items())

    @property
    def is_empty(self) -> bool:
        """Whether nothing is kept."""
        return not (self._origin or self._later)

    def latest(self) -> Iterator[tuple[tuple[str, ...], Any]]:
        """The place of each key and its latest value; None: there is none any more."""
        return ((place, value) for (place, _), value in {**self._origin, **self._later}.items())

    def copy(self) -> Unserved:
        copied = Unserved()
        copied._origin, copied._later = {**self._origin}, {**self._later}
        return copied
