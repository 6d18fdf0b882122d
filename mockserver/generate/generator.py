"""Generates values for the schemas of one document: each is valid, or Impossible is raised."""

from __future__ import annotations

from typing import NamedTuple

from mockserver.generate.build import Build
from mockserver.generate.nearest_value import NearestValue
from mockserver.generate.options import Budget, Impossible, ValueOptions
from mockserver.generate.plans.schema_node import SchemaNode
from mockserver.generate.plans.value_plans import DEEPEST, Plans
from mockserver.generate.random_stream import SeedKey
from mockserver.json_text import Json, copied
from mockserver.openapi.schema.explanation import FEW_STEPS, ExplanationBudget
from mockserver.openapi.schema.validator import Schemas
from mockserver.problem import Violation

LEVELS = 8
"""The nesting depth below which optional members are left out."""

VALUES = 300
"""The number of parts of a value beyond which optional members are left out."""


class Made(NamedTuple):
    """A value, the examples that were not used because they violate their own schemas, and what the value lacks of its
    schema because that requires more than is generated.
    """

    value: Json
    refused: tuple[Violation, ...] = ()
    shortened: tuple[str, ...] = ()


_ATTEMPTS = ((False, False), (True, False), (True, True))
_WHEN_SHORTENED = ((False, True), (True, True))
"""`careful` and `minimal` of each attempt. A value that was shortened is made again without optional members."""


class Generator:
    """Generates values for the schemas of one document, for messages in one direction: a `response` contains no
    optional member that is `writeOnly`, a `request` none that is `readOnly`. Plans are made at first use and kept.
    `shortened` has for each schema by its pointer what a value lacked that was made of it, `unfit` why none fits it.
    """

    def __init__(
        self, schemas: Schemas, direction: str = "response", *, levels: int = LEVELS, values: int = VALUES
    ) -> None:
        self.direction = direction
        self._schemas = schemas
        self._plans = Plans(schemas)
        self._budget = Budget(levels, values)
        self._examples: dict[str, Made | Impossible] = {}
        self.shortened: dict[str, tuple[str, ...]] = {}
        self.unfit: dict[str, str] = {}

    def example(self, pointer: str) -> Json:
        """The value that the document itself gives for the schema at `pointer`: from its examples, defaults and enums,
        static if it has none. The result may be changed. Raises Impossible.
        """
        return copied(self.made(pointer).value)

    def value(self, pointer: str, seed_key: SeedKey = SeedKey(), *, exemplary: bool = False) -> Json:  # noqa: B008 - a frozen value
        """A realistic value of the schema at `pointer`, always the same for the same seed key. If `exemplary`, the
        document's examples of the schema and its parts are used. Raises Impossible.
        """
        return copied(self._make(pointer, static=False, seed_key=seed_key, exemplary=exemplary).value)

    def nearest(self, pointer: str, seed_key: SeedKey | None = None, reason: str = "") -> Json:
        """The value that breaks little of the schema at `pointer`, which none fits for this `reason`; a static one
        without a seed key. The result may be changed.
        """
        options = ValueOptions(seed_key is None, self.direction, careful=True, minimal=False, exemplary=True)
        plan = self._plans.at(pointer)
        if reason:
            self.unfit.setdefault(pointer, reason)
        return copied(NearestValue(self._plans, seed_key or SeedKey(), options, self._budget).value(plan))

    def made(self, pointer: str) -> Made:
        """As `example`, with the refused examples; the result is shared and must not be changed."""
        made = self._examples.get(pointer)
        if made is None:
            try:
                made = self._make(pointer, static=True, seed_key=SeedKey())
            except Impossible as impossible:
                made = impossible
            self._examples[pointer] = made
        if isinstance(made, Impossible):
            raise Impossible(made.pointer, made.reason)
        return made

    def _make(self, pointer: str, *, static: bool, seed_key: SeedKey, exemplary: bool = False) -> Made:
        """The value of the first set of options that gives a valid one, most generous options first; a shortened one
        if the schema requires more than is generated.
        """
        validator = self._schemas.validator(pointer)
        plan = self._plans.at(pointer)
        if self._plans.height(plan) > DEEPEST:
            raise Impossible(*self._plans.why(plan))
        failure: Impossible | None = None
        tried: list[Json] = []
        refused: dict[str, Violation] = {}
        short: Made | None = None
        attempts = [*_ATTEMPTS]
        while attempts:
            careful, minimal = attempts.pop(0)
            build = Build(self._plans, seed_key, ValueOptions(static, self.direction, careful, minimal, exemplary))
            try:
                value = build.value(plan, "", self._budget)
            except Impossible as impossible:
                failure, tried = impossible, []
                continue
            finally:
                if static:
                    self._note(build.refused, refused)
            if validator.accepts(value):
                return Made(value, tuple(refused.values()))
            if not build.size.shortened:
                tried = [value]
            elif short is None:
                short = Made(value, tuple(refused.values()), tuple(build.size.shortened.values()))
                attempts = [*_WHEN_SHORTENED[: 1 + build.chose]]
        if short is not None:
            self.shortened[pointer] = short.shortened
            return short
        if tried:
            broken = validator.violations(tried[0], "value", ExplanationBudget(FEW_STEPS))[0]
            raise Impossible(pointer, f"the values that were tried break it: {broken}")
        raise failure or Impossible(pointer, "nothing was tried")

    def _note(self, suspects: list[tuple[Json, SchemaNode]], refused: dict[str, Violation]) -> None:
        """Adds the violations of examples that violate their own schemas to `refused`, one for each schema."""
        for example, (pointer, _) in suspects:
            if pointer not in refused and not pointer.startswith("!"):
                for violation in self._schemas.validator(pointer).violations(example, pointer)[:1]:
                    refused[pointer] = violation
