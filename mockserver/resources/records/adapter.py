"""Adapts a value that a client sent to another schema, and reports each member that the schema cannot show."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from mockserver.json_pointer import escaped
from mockserver.json_text import Json
from mockserver.openapi.schema.explanation import ExplanationBudget
from mockserver.resources.context import ResourceContext
from mockserver.resources.detect.locate import IDS
from mockserver.resources.detect.names import LISTS
from mockserver.resources.detect.schema_shape import NOTHING, SchemaPlace, SchemaShape
from mockserver.resources.query.comparing import NAMING
from mockserver.spelling import plain

ABSENT: Final = object()
"""Stands for a value that the schema has no equivalent of."""

MOST_STEPS: Final = 3000
"""Values visited for one answer; alternatives inside alternatives are unbounded."""
_ROUNDS: Final = 4
_DEEPEST: Final = 24


class Loss(NamedTuple):
    """A member that the schema cannot show as it is stored: its JSON pointer, and the reason."""

    pointer: str
    reason: str


LEFT_OUT: Final = "does not fit the schema of this answer and is left out"
REPLACED: Final = "does not fit the schema of this answer and another value stands for it"


@dataclass
class Effort:
    """The effort that is left for adapting one value with all its parts: values that are visited, and explanations. A
    value that was made for a schema that nothing fits stands in `unfit`, by the schema's pointer, and is not made
    again.
    """

    steps: Iterator[int] = field(default_factory=lambda: iter(range(MOST_STEPS)))
    explaining: ExplanationBudget = field(default_factory=ExplanationBudget)
    unfit: dict[str, Json] = field(default_factory=dict)


@dataclass
class Adapter:
    """Adapts one value and collects the members that the schema cannot show in `losses`. `key` seeds the values that a
    schema requires and nobody sent.
    """

    context: ResourceContext
    key: str
    losses: list[Loss] = field(default_factory=list)
    effort: Effort = field(default_factory=Effort)

    def adapt(self, value: Json, place: SchemaPlace, at: str = "", depth: int = _DEEPEST) -> Json:
        """Returns the value as the schema at `place` allows it; ABSENT where no equivalent is allowed."""
        accepts = self.context.accepts(place.pointer)
        if accepts(value):
            return value
        best: Json = ABSENT
        found: list[Loss] | None = None
        goes_on = depth and next(self.effort.steps, None) is not None
        for candidate, losses in self._candidates(value, place, at, depth) if goes_on else ():
            if accepts(candidate) and (found is None or len(losses) < len(found)):
                best, found = candidate, losses
                if not losses:
                    break
        if found is not None:
            self.losses += found
        return best

    def _candidates(self, value: Json, place: SchemaPlace, at: str, depth: int) -> Iterator[tuple[Json, list[Loss]]]:
        """Yields candidates for the value with their losses: in each alternative of the schema, then converted."""
        shapes = shapes_of(self.context, value, place)
        stays = isinstance(value, dict) and any(shape.is_object for shape in shapes)
        for shape in shapes:
            if isinstance(value, dict) and (shape.is_object or not shape.types):
                yield from self._objects(value, shape, at, depth)
            elif isinstance(value, list) and shape.is_list:
                inner = Adapter(self.context, self.key, effort=self.effort)
                yield inner._items(value, shape, at, depth), inner.losses
            for converted in () if stays else conversions(value, shape):
                inner = Adapter(self.context, self.key, effort=self.effort)
                adapted = inner.adapt(converted, place, at, depth - 4 if depth > 4 else 0)
                if adapted is not ABSENT:
                    yield adapted, inner.losses

    def _items(self, value: list[Json], shape: SchemaShape, at: str, depth: int) -> list[Json]:
        if shape.items is None:
            return value
        fitting = []
        for number, item in enumerate(value):
            adapted = self.adapt(item, shape.items, f"{at}/{number}", depth - 1)
            if adapted is ABSENT:
                self.losses.append(Loss(f"{at}/{number}", LEFT_OUT))
            else:
                fitting.append(adapted)
        return fitting

    def _objects(
        self, value: Mapping[str, Json], shape: SchemaShape, at: str, depth: int
    ) -> Iterator[tuple[Json, list[Loss]]]:
        """Yields the object with each member adapted and required ones added; then without undeclared members; then
        without those that still break the schema.
        """
        inner = Adapter(self.context, self.key, effort=self.effort)
        whole = inner._members(value, shape, at, depth)
        yield whole, inner.losses
        declared = {name: member for name, member in whole.items() if name in shape.members}
        if len(declared) < len(whole):
            yield declared, inner.losses
        yield from self._without_broken(declared, shape, at, inner.losses)

    def _members(self, value: Mapping[str, Json], shape: SchemaShape, at: str, depth: int) -> dict[str, Json]:
        fitting: dict[str, Json] = {}
        rest = additional(shape)
        for name, member in value.items():
            place = shape.members.get(name, rest)
            if place is None:
                fitting[name] = member
                continue
            here = f"{at}/{escaped(name)}"
            adapted = self.adapt(member, place, here, depth - 1)
            for further in shape.again.get(name, ()) if adapted is not ABSENT else ():
                adapted = self.adapt(adapted, further, here, depth - 1)
                if adapted is ABSENT:
                    break
            if adapted is not ABSENT:
                fitting[name] = adapted
            elif name not in shape.required:
                self.losses.append(Loss(here, LEFT_OUT))
        for name in shape.required:
            if name not in fitting and name in shape.members:
                here = f"{at}/{escaped(name)}"
                if name in value:
                    self.losses.append(Loss(here, REPLACED))
                fitting[name] = self._made(shape.members[name], here)
        return fitting

    def _made(self, place: SchemaPlace, at: str) -> Json:
        """Returns a value for a required member that was not sent."""
        if self.context.shapes.at(place).takes_null and self.context.accepts(place.pointer)(None):
            return None
        pointer, unfit = place.pointer, self.effort.unfit
        if pointer in unfit:
            return unfit[pointer]
        made = self.context.value(pointer, f"{self.key}{at}")
        if not self.context.accepts(pointer)(made):
            unfit[pointer] = made
        return made

    def _without_broken(
        self, value: dict[str, Json], shape: SchemaShape, at: str, losses: list[Loss]
    ) -> Iterator[tuple[Json, list[Loss]]]:
        """Yields the object without the members that break the keywords beside `properties`."""
        validator = self.context.validator(shape.pointer) if shape.pointer else None
        if validator is None:
            return
        made: Json = NOTHING
        for _ in range(_ROUNDS):
            if self.effort.explaining.left <= 0:
                return
            violations = validator.violations(value, "body", self.effort.explaining)
            bad = {violation.location[1] for violation in violations if violation.pointer}
            bad &= value.keys()
            if not bad:
                return
            if made is NOTHING:
                made = self.context.value(shape.pointer, f"{self.key}{at}")
            losses = [*losses, *(Loss(f"{at}/{escaped(str(name))}", REPLACED) for name in sorted(bad))]
            instead = {name: made[name] for name in bad if isinstance(made, dict) and name in made}
            value = {**{name: member for name, member in value.items() if name not in bad}, **instead}
            yield value, losses


def part_at(context: ResourceContext, record: Mapping[str, Json], place: SchemaPlace, key: str) -> Json:
    """Returns the record as the object schema at `place` shows it; ABSENT where nothing fits."""
    shapes = context.shapes
    members = shapes.at(place).members
    shown = {
        name: value for name, value in record.items() if name in members and not shapes.at(members[name]).write_only
    }
    return Adapter(context, key).adapt(shown, place)


def shapes_of(context: ResourceContext, value: Json, place: SchemaPlace) -> list[SchemaShape]:
    """Returns the alternatives of a value: the one that its discriminator announces, else all."""
    variants = context.shapes.variants(place)
    if len(variants) == 1:
        return [variants[0].shape]
    if isinstance(value, dict):
        announced = [
            variant.shape for variant in variants if variant.tag[0] and value.get(variant.tag[0]) == variant.tag[1]
        ]
        if announced:
            return announced
    return [variant.shape for variant in variants]


def additional(shape: SchemaShape) -> SchemaPlace | None:
    """Returns the schema of members that are not named, where there is one."""
    node = shape.node
    if isinstance(node, dict) and isinstance(node.get("additionalProperties"), dict):
        return SchemaPlace(node["additionalProperties"], f"{shape.pointer}/additionalProperties")
    return None


_WHOLE: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,30})(?:\.0{1,30})?")
_DECIMAL: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,15})?")
"""Digits that a float holds, without a leading zero, which would be lost on the way back."""
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MIDNIGHT: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})T00:00:00(?:\.0+)?(?:Z|\+00:00)")
_EXACT: Final = 2**53


def conversions(value: Json, shape: SchemaShape) -> Iterator[Json]:
    """Yields the value in each other type that this shape allows, as far as nothing of it is lost. The caller checks
    them against the schema.
    """
    if isinstance(value, bool):
        yield from _of_flag(value, shape)
    elif isinstance(value, int | float):
        yield from _of_number(value, shape)
    elif isinstance(value, str):
        yield from _of_text(value, shape)
    if isinstance(value, dict):
        yield from (value[name] for name in IDS if name in value and isinstance(value[name], str | int))
    elif type(value) is str or type(value) is int:
        yield from ({name: value} for name in IDS if name in shape.members)
        yield from ({name: value} for name in NAMING if name in shape.members and name not in IDS)
    if isinstance(value, list):
        yield from ({name: value} for name in shape.members if plain(name) in LISTS)
        if len(value) == 1:
            yield value[0]
    elif shape.is_list and value is not None:
        yield [value]


def _of_flag(value: bool, shape: SchemaShape) -> Iterator[Json]:
    if "string" in shape.types:
        yield "true" if value else "false"


def _of_number(value: float, shape: SchemaShape) -> Iterator[Json]:
    if type(value) is float and value.is_integer() and abs(value) < _EXACT:
        yield int(value)
    if "string" in shape.types:
        yield str(value)


def _of_nothing(shape: SchemaShape) -> Iterator[Json]:
    """Yields the values of an empty text, by which a form empties a member of any type."""
    if shape.takes_null:
        yield None
    if shape.is_list:
        yield []
    if shape.is_object:
        yield {}


def _of_text(value: str, shape: SchemaShape) -> Iterator[Json]:
    if shape.types & {"integer", "number"}:
        if _WHOLE.fullmatch(value):
            yield int(value.partition(".")[0])
        elif _DECIMAL.fullmatch(value):
            yield float(value)
    if not value:
        yield from _of_nothing(shape)
    if "boolean" in shape.types and value in ("true", "false"):
        yield value == "true"
    if shape.format == "date-time" and _DAY.fullmatch(value):
        yield f"{value}T00:00:00Z"
    elif shape.format == "date" and (midnight := _MIDNIGHT.fullmatch(value)):
        yield midnight[1]
