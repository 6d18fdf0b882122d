"""One attempt at a value: how it is made, what room it has, and how it fails."""

from __future__ import annotations

from typing import NamedTuple


class Impossible(Exception):
    """No value of this schema can be made; `pointer` is where in the document, `reason` why."""

    def __init__(self, pointer: str, reason: str) -> None:
        super().__init__(f"{pointer or '/'}: {reason}")
        self.pointer = pointer
        self.reason = reason


class Exhausted(Impossible):
    """The value would be larger, or would take more attempts, than is allowed."""


class Budget(NamedTuple):
    """What is left at a place: levels below it, and values in all of it."""

    levels: int
    values: int


class ValueOptions(NamedTuple):
    """How a value is made: a plain one from examples (`static`) or a believable one, which is `exemplary` where it has
    the document's examples of its parts. `careful` looks at each part by itself; `lean` leaves out what is not
    required. `direction` is that of the message.
    """

    static: bool
    direction: str = "response"
    careful: bool = False
    minimal: bool = False
    exemplary: bool = False

    @property
    def by_example(self) -> bool:
        """Whether an example stands for the schema that it belongs to."""
        return self.static or self.exemplary
