"""Generates ids that the schema of records and the path parameters to them accept."""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterator
from functools import cached_property
from hashlib import blake2b
from math import ceil
from typing import Final

from mockserver.json_text import Json
from mockserver.resources.context import ResourceContext
from mockserver.resources.detect.decisions import CollectionPlan
from mockserver.resources.detect.locate import example_of
from mockserver.resources.detect.operation_view import Key, OperationView, segments_of
from mockserver.resources.detect.schema_shape import NOTHING, SchemaPlace, SchemaShape
from mockserver.spelling import singular

_VARIANTS: Final = 3
"""Values of a schema that are tried where the first breaks another schema."""
_MOST_DIGITS: Final = 15
"""Digits of a number that every client reads exactly."""
_MOST_LETTERS: Final = 64
"""Characters of an id whose length is prescribed; a digest has as many bytes."""
_HEX: Final = "0123456789abcdef"
_COUNTABLE: Final = 2**31
_SAYING_NOTHING: Final = frozenset({"title", "description", "example", "examples", "readOnly"})
"""Keywords that refuse no value."""
_NO_SEGMENT: Final = (".", "..")


class Ids:
    """Generates the ids of one collection."""

    def __init__(self, context: ResourceContext, collection: CollectionPlan) -> None:
        self.context = context
        self.collection = collection

    def candidate(self, number: int, where: str, *, again: bool = False) -> Json:
        """Returns the id of this number: one that its schema and every path parameter accept, else one that its own
        path accepts, else the likeliest. `again` follows equal ones, so that the id ends in the number if it may.
        """
        key = f"{self.collection.name}/{where}/id/{number}"
        made = self._first([*self._wanted(number, key)], key)
        if again and isinstance(made, str) and self.fits(f"{made}{number}"):
            return f"{made}{number}"
        return made

    def _first(self, wanted: list[Json], key: str) -> Json:
        """Returns the first fitting id, of those wanted and then of generated values of the schemas."""
        value = next(filter(self.fits, wanted), None)
        if value is not None:
            return value
        believable = [*self._believable(key)]
        known = [*believable, *self._of_lengths(key), *wanted] or [key]
        value = next(filter(self.fits, known), None)
        return max(known, key=self._weight) if value is None else value

    def _weight(self, value: Json) -> tuple[bool, int, bool]:
        """Returns how many of the schemas accept an id that not all of them do; its own paths count most."""
        takes = sum(take(value) for take in self._own)
        return self.is_addressable(value), takes, self._is_of_record(value)

    def fits(self, value: Json) -> bool:
        """Returns whether the record's schema and every path parameter accept the id."""
        if type(value) is int and 0 < value < _COUNTABLE and self._takes_numbers:
            return True
        return self._is_of_record(value) and self.is_addressable(value) and all(take(value) for take in self._below)

    def is_possible(self, value: Json) -> bool:
        """Returns whether the record's schema and the path of the record itself accept the id."""
        return self._is_of_record(value) and all(take(value) for take in self._own)

    def is_addressable(self, value: Json) -> bool:
        """Returns whether the path of the record itself accepts the id."""
        text = str(value)
        return bool(text) and "/" not in text and text not in _NO_SEGMENT and all(take(value) for take in self._own)

    # candidates

    def _wanted(self, number: int, key: str) -> Iterator[Json]:
        """Yields the most readable ids."""
        kind, named = self.collection.id_spec.kind, f"{singular(self._noun)}-{number}".lower().replace("_", "-")
        if kind in ("integer", "digits"):
            value = number + self.least - 1
            yield value if kind == "integer" else str(value)
        if kind == "integer":
            return
        example = self.example_in_path or self.example_in_schema
        if isinstance(example, str) and kind == "text" and "/" not in example:
            yield alike(example, number, key)
        if kind != "uuid" or self.collection.id_spec.place is None:
            yield named
            yield str(number)

    def _believable(self, key: str) -> Iterator[Json]:
        """Yields generated values of the schemas that an id has to fit, in the type of the record's id."""
        places = (self.collection.id_spec.place, self.collection.id_spec.path, *map(self._place, self._passing))
        pointers = [place.pointer for place in places if place is not None]
        for variant in range(_VARIANTS):
            for pointer in dict.fromkeys(pointers):
                value = self._typed(
                    self.context.value(pointer, f"{key}/{variant}" if variant else key, exemplary=False)
                )
                if value is not None:
                    yield value

    def _of_lengths(self, key: str) -> Iterator[Json]:
        """Yields digits and letters of the lengths that the schemas prescribe."""
        if self.collection.id_spec.kind == "integer":
            return
        digest = blake2b(key.encode(), digest_size=64).digest()
        for length in self._lengths:
            for letters in (_HEX, string.digits, string.ascii_lowercase, string.ascii_uppercase):
                yield "".join(letters[byte % len(letters)] for byte in digest[:length])

    @cached_property
    def _lengths(self) -> list[int]:
        """The lengths of texts that the schemas of the id prescribe."""
        places = (self.collection.id_spec.place, self.collection.id_spec.path, *map(self._place, self._passing))
        nodes = [self.context.shapes.at(place).node for place in places if place is not None]
        parts = [part for node in nodes if isinstance(node, dict) for part in (node, *node.get("allOf", ()))]
        declared = [part.get(word) for part in parts if isinstance(part, dict) for word in ("minLength", "maxLength")]
        return sorted({length for length in declared if isinstance(length, int) and 0 < length <= _MOST_LETTERS})

    def _typed(self, value: Json) -> Json:
        """Returns the value as an id; None where it is none."""
        if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
            return None
        if self.collection.id_spec.kind == "integer":
            return int(value) if isinstance(value, int) or _is_number(value) else None
        return str(value)

    @property
    def _noun(self) -> str:
        return self.collection.name.rpartition(".")[2]

    @cached_property
    def least(self) -> int:
        """The least number that is an id: 1, what a schema has as its least, or the first with enough digits."""
        as_id = int if self.collection.id_spec.kind == "integer" else str
        places = [place for place in (self.collection.id_spec.place, self.collection.id_spec.path) if place is not None]
        declared = max((1, *map(self._minimum, places)))
        starts = (declared, *(10**digits for digits in range(1, _MOST_DIGITS)))
        return next((start for start in starts if self.fits(as_id(start))), declared)

    def _minimum(self, place: SchemaPlace) -> int:
        node = self.context.shapes.at(place).node
        keywords = node if isinstance(node, dict) else {}
        declared = (_whole(keywords.get("minimum")), _whole(keywords.get("exclusiveMinimum")) + 1)
        return max(number for number in (0, *declared) if number < 10**_MOST_DIGITS)

    @cached_property
    def example_in_path(self) -> Json:
        """The id in the example of the path parameter; None where there is none of the id's type."""
        if not self.collection.item_path or self.collection.singleton:
            return None
        for view in self.context.views(self.collection.name, "read", "delete", "update", "replace"):
            if view.parameters:
                example = self._typed(example_of(view.path_places.get(view.parameters[-1])))
                if example is not None:
                    return example
        return None

    @cached_property
    def example_in_schema(self) -> Json:
        """The id in the example of its schema; None where there is none."""
        place = self.collection.id_spec.place
        return next(iter(schema_examples(self.context.shapes.at(place))), None) if place is not None else None

    # schemas

    @cached_property
    def _is_of_record(self) -> Callable[[Json], bool]:
        place = self.collection.id_spec.place
        return (
            self.context.accepts(place.pointer)
            if place is not None and self.collection.id_spec.member_path
            else _anything
        )

    @cached_property
    def _takes_numbers(self) -> bool:
        """Whether all of these schemas accept each whole number from 1 on, so that none of them need be asked."""
        own = [self.collection.id_spec.place] if self.collection.id_spec.member_path else []
        return all(place is None or _is_any_number(place.node) for place in (*own, *map(self._place, self._passing)))

    @cached_property
    def _own(self) -> list[Callable[[Json], bool]]:
        """Whether each operation at the record's own path accepts a value."""
        return [take for view in self._passing if len(view.key) == len(self._key) for take in self._take(view)]

    @cached_property
    def _below(self) -> list[Callable[[Json], bool]]:
        """Whether each operation below the record's path accepts a value."""
        return [take for view in self._passing if len(view.key) > len(self._key) for take in self._take(view)]

    @cached_property
    def _key(self) -> Key:
        if not self.collection.item_path or self.collection.singleton:
            return ()
        return tuple("{}" if segment[:1] == "{" else segment for segment in segments_of(self.collection.item_path))

    @cached_property
    def _passing(self) -> list[OperationView]:
        """The operations whose paths contain the id, one for each schema of it."""
        key, found = self._key, dict[str, OperationView]()
        for operation in self.context.spec.operations if key else ():
            view = self.context.view(operation.id)
            if view.plain and view.key[: len(key)] == key:
                place = self._place(view)
                found.setdefault(place.pointer if place is not None else "", view)
        return [*found.values()]

    def _place(self, view: OperationView) -> SchemaPlace | None:
        """Returns the schema of the path parameter that is the id."""
        parameter = view.path_places.get(view.segments[len(self._key) - 1][1:-1])
        schema = parameter.node.get("schema") if parameter is not None else None
        if parameter is None or not isinstance(schema, dict):
            return None
        return SchemaPlace(schema, f"{parameter.pointer}/schema")

    def _take(self, view: OperationView) -> Iterator[Callable[[Json], bool]]:
        place = self._place(view)
        if place is not None:
            yield _taking(self.context.shapes.at(place), self.context.accepts(place.pointer))


def _is_any_number(schema: Json) -> bool:
    """Returns whether a schema, as it is written, accepts each whole number that an id is counted up to."""
    if not isinstance(schema, dict) or schema.keys() - _SAYING_NOTHING - {"type", "format", "minimum"}:
        return False
    least = schema.get("minimum", 1)
    starts = isinstance(least, int | float) and least <= 1
    return schema.get("type") == "integer" and schema.get("format", "int64") in ("int32", "int64") and starts


def _taking(shape: SchemaShape, accepts: Callable[[Json], bool]) -> Callable[[Json], bool]:
    """Returns whether an id is accepted as it is read from a path: as a text, or as the number that it may be."""
    is_number, is_text = bool(shape.types & {"integer", "number"}), not shape.types or "string" in shape.types
    if not is_number and not is_text:
        return _anything

    def take(value: Json) -> bool:
        text = str(value)
        return (is_text and accepts(text)) or (is_number and _is_number(text) and accepts(int(text)))

    return take


def _anything(_value: Json) -> bool:
    return True


def _is_number(text: str) -> bool:
    return text.removeprefix("-").isascii() and text.removeprefix("-").isdecimal() and len(text) < 4000


def _whole(value: Json) -> int:
    """Returns the value as a whole number; 0 where it is none."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return ceil(value) if is_number and abs(value) < 10**_MOST_DIGITS else 0


_PREFIX: Final = re.compile(r"[A-Za-z]+[_-](?=[A-Za-z0-9]{6,}$)")
_CODE: Final = re.compile(r"[A-Za-z0-9]*[0-9][A-Za-z0-9]*")


def alike(example: str, number: int, key: str) -> str:
    """Returns an id of the kind of the example: `cus_9s6XKzkNRiz8i3` has a prefix, `12345` digits; a word is followed
    by the number.
    """
    prefix = _PREFIX.match(example)
    start = prefix[0] if prefix else ""
    rest = example[len(start) :]
    if rest.isdecimal():
        return start + str(int(rest[:18]) + number).zfill(len(rest))
    if not prefix and not (_CODE.fullmatch(rest) and len(rest) > 5):
        return f"{example}-{number}"
    digits = int.from_bytes(blake2b(key.encode(), digest_size=64).digest())
    letters = []
    for letter in rest[:60]:
        digits, letters_of = digits // 62, _class_of(letter, rest)
        letters.append(letters_of[digits % len(letters_of)])
    return start + "".join(letters)


def _class_of(letter: str, text: str) -> str:
    if set(text) <= set("0123456789abcdef"):
        return "0123456789abcdef"
    if letter.isdecimal():
        return "0123456789"
    return string.ascii_uppercase if letter.isupper() else string.ascii_lowercase


def schema_examples(shape: SchemaShape) -> list[Json]:
    """Returns the examples of a schema, `example` last."""
    node = shape.node if shape is not NOTHING else None
    if not isinstance(node, dict):
        return []
    listed = node.get("examples")
    found = [*listed] if isinstance(listed, list) else []
    return [*found, node["example"]] if "example" in node else found
