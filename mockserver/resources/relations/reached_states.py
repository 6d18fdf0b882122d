"""Times at which a record came into a state, and the members that tell whether it did: `completedAt` beside `done`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from mockserver.json_text import Json
from mockserver.resources.detect.names import named
from mockserver.resources.detect.schema_shape import SchemaShape, SchemaShapes
from mockserver.resources.records.initial_values import CREATED, is_moment, is_state
from mockserver.spelling import plain, words_of

_DONE: Final = named("done complete completed finished")
_PREFIXES: Final = ("", "is", "has", "was")
Unreached = tuple[str, Json]
"""A member, and its value in a record that is not in the state yet."""


def unreached_states(shapes: SchemaShapes, record: SchemaShape) -> Mapping[str, tuple[Unreached, ...]]:
    """Returns by the names of times that may be missing what a record says that has not come that far: a flag that is
    false, or the first of several states where the time is that of another one.
    """
    found = {}
    for name in record.members:
        shape, words = shapes.member(record, name), words_of(name)
        if len(words) < 2 or plain(name) in CREATED or not is_moment(words[-1], shape):
            continue
        if shape.takes_null or name not in record.required:
            stem = "".join(words[:-1])
            found[name] = (*_signs(shapes, record, _DONE if stem in _DONE else frozenset({stem})),)
    return {name: signs for name, signs in found.items() if signs}


def _signs(shapes: SchemaShapes, record: SchemaShape, stems: frozenset[str]) -> Iterator[Unreached]:
    flags = {prefix + stem for prefix in _PREFIXES for stem in stems}
    for name in record.members:
        shape = shapes.member(record, name)
        if "boolean" in shape.types and plain(name) in flags:
            yield name, False
        if is_state(name) and shape.enum:
            called = [plain(str(value)) for value in shape.enum]
            if called[0] not in stems and not stems.isdisjoint(called):
                yield name, shape.enum[0]
