"""Values for the schemas of one document: always valid, or Impossible."""

from __future__ import annotations

from typing import NamedTuple

from mockserver.generate.build import Build
from mockserver.generate.options import Budget, Impossible, ValueOptions
from mockserver.generate.random_stream import SeedKey
from mockserver.generate.schema_node import SchemaNode
from mockserver.generate.value_plans import DEEPEST, Plans
from mockserver.json_text import Json, copied
from mockserver.openapi.schema.validator import Schemas
from mockserver.problem import Violation

LEVELS = 8
"""Members of members: what is not required is left out below as many levels."""

VALUES = 300
"""What is not required is left out of a value that has as many parts."""


class Made(NamedTuple):
    """A value, and the examples that were not used for it since they break their own schemas."""

    value: Json
    refused: tuple[Violation, ...] = ()


class Generator:
    """Makes values for the schemas of one document, as they are held against messages in one direction: in a
    `response` no member is sent that is `writeOnly` and not required, in a `request` none that is `readOnly`.
    Plans are made on first use and kept.
    """

    def __init__(
        self, schemas: Schemas, direction: str = "response", *, levels: int = LEVELS, values: int = VALUES
    ) -> None:
        self.direction = direction
        self._schemas = schemas
        self._plans = Plans(schemas)
        self._room = Budget(levels, values)
        self._examples: dict[str, Made | Impossible] = {}

    def example(self, pointer: str) -> Json:
        """The value that the document itself gives for the schema at `pointer`: from its examples, defaults and
        enums, plain where it has none. The caller's own to change. Raises Impossible.
        """
        return copied(self.made(pointer).value)

    def value(self, pointer: str, stream: SeedKey = SeedKey(), *, exemplary: bool = False) -> Json:  # noqa: B008 - a frozen value
        """A believable value of the schema at `pointer`: the same for the same stream, whatever was made before. An
        `exemplary` one has the document's examples of the schema and of its parts, where there are any. Raises
        Impossible.
        """
        return copied(self._make(pointer, static=False, stream=stream, exemplary=exemplary).value)

    def made(self, pointer: str) -> Made:
        """As `example`, with the examples that were refused; shared, so not to be changed."""
        made = self._examples.get(pointer)
        if made is None:
            try:
                made = self._make(pointer, static=True, stream=SeedKey())
            except Impossible as impossible:
                made = impossible
            self._examples[pointer] = made
        if isinstance(made, Impossible):
            raise Impossible(made.pointer, made.reason)
        return made

    def _make(self, pointer: str, *, static: bool, stream: SeedKey, exemplary: bool = False) -> Made:
        """The first manner that leads to a valid value, the most generous first."""
        validator = self._schemas.validator(pointer)
        plan = self._plans.at(pointer)
        if self._plans.height(plan) > DEEPEST:
            raise Impossible(*self._plans.why(plan))
        failure: Impossible | None = None
        refused: dict[str, Violation] = {}
        for careful, minimal in ((False, False), (True, False), (True, True)):
            build = Build(self._plans, stream, ValueOptions(static, self.direction, careful, minimal, exemplary))
            try:
                value = build.value(plan, "", self._room)
            except Impossible as impossible:
                failure = impossible
                continue
            finally:
                if static:
                    self._note(build.refused, refused)
            if validator.accepts(value):
                return Made(value, tuple(refused.values()))
            broken = validator.violations(value, "value")[0]
            failure = Impossible(pointer, f"the values that were tried break it: {broken}")
        raise failure or Impossible(pointer, "nothing was tried")

    def _note(self, suspects: list[tuple[Json, SchemaNode]], refused: dict[str, Violation]) -> None:
        """Adds to `refused` what is wrong with those examples that break their own schemas, one for each schema."""
        for example, (pointer, _) in suspects:
            if pointer not in refused and not pointer.startswith("!"):
                for violation in self._schemas.validator(pointer).violations(example, pointer)[:1]:
                    refused[pointer] = violation
