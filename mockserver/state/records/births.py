"""The numbers that order the records of a collection by when they were inserted."""

from __future__ import annotations

import threading
from itertools import count
from typing import Final

FIRST: Final = 2**32
"""The number of the first record that is inserted; those that a world begins with are numbered from 1."""


class Births:
    """Numbers that grow: `take()` is the next one."""

    __slots__ = ("_lock", "take")

    def __init__(self) -> None:
        self.take = count(FIRST).__next__
        self._lock = threading.Lock()

    def pass_by(self, birth: int) -> None:
        """From now on numbers are greater than this one, which a record from elsewhere has."""
        with self._lock:
            if birth >= self.take():
                self.take = count(birth + 1).__next__


births: Final = Births()
"""The numbers of this process."""
