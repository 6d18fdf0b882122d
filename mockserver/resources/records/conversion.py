"""Values of neighbouring types that say the same: `3.5` and `"3.5"`, a value and a list of it, an id and its object."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from mockserver.json_text import Json
from mockserver.resources.detect.locate import IDS
from mockserver.resources.detect.names import LISTS
from mockserver.resources.detect.schema_shape import SchemaShape
from mockserver.resources.query.comparing import NAMING
from mockserver.spelling import plain

_WHOLE: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,30})(?:\.0{1,30})?")
_DECIMAL: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,15})?")
"""No more digits than a float tells apart, and no leading zero: that would be lost on the way back."""
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MIDNIGHT: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})T00:00:00(?:\.0+)?(?:Z|\+00:00)")
_EXACT: Final = 2**53


def conversions(value: Json, shape: SchemaShape) -> Iterator[Json]:
    """The value in each of the other types that this shape may have, as far as nothing of it is lost. Whether one of
    them is allowed is for the schema to say.
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
    """An empty text, which is how a form empties a member of any type."""
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
