"""The options of one attempt to generate a value, its size budget, and its failures."""

from __future__ import annotations

from typing import NamedTuple


class Impossible(Exception):
    """No value of the schema can be generated; `pointer` is the schema's place, `reason` says why."""

    def __init__(self, pointer: str, reason: str) -> None:
        super().__init__(f"{pointer or '/'}: {reason}")
        self.pointer = pointer
        self.reason = reason


class Exhausted(Impossible):
    """The value would be larger, or take more attempts, than allowed."""


class Budget(NamedTuple):
    """The remaining size at a place: levels below it, and values in total."""

    levels: int
    values: int


class ValueOptions(NamedTuple):
    """Options of generation: `static` from examples, else realistic; `exemplary` uses the document's examples of parts
    as well; `careful` validates each part; `minimal` leaves out optional members. `direction` is that of the message.
    """

    static: bool
    direction: str = "response"
    careful: bool = False
    minimal: bool = False
    exemplary: bool = False

    @property
    def by_example(self) -> bool:
        """Whether examples are used in place of the schema that they belong to."""
        return self.static or self.exemplary
