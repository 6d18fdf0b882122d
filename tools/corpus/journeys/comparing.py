"""Whether what was sent is what is shown, as far as the answer's schema can show it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Final, NamedTuple

from mockserver.json_text import Json
from mockserver.openapi.model.document import Document, Resolver
from mockserver.problem import Unusable
from mockserver.resources.detect.names import LISTS
from mockserver.resources.detect.schema_shape import SchemaPlace
from mockserver.spelling import plain

ABSENT: Final = "is absent"
ANOTHER: Final = "is another value"
UNSAID: Final = "cannot be shown, and is replaced without a note"
_DEEPEST: Final = 12
_NAMING: Final = (
    *("id", "_id", "uuid", "guid", "gid", "sid", "uid", "key", "identifier", "name", "code", "slug"),
    *("login", "username", "email", "title", "label"),
)
"""What an object is called by where an id or a name was sent for it."""


class Difference(NamedTuple):
    """One sent member that is not shown as it was sent."""

    pointer: str
    why: str


@dataclass(frozen=True)
class Comparison:
    """Compares values that were sent with those that answers show."""

    spec: Document

    def differences(self, sent: Json, shown: Json, places: list[SchemaPlace], *, noted: bool) -> Iterator[Difference]:
        """What is not shown as it was sent; `places` are the schemas of what is shown. What these cannot show may be
        absent, or another value where the answer has `noted` that.
        """
        yield from self._differences(sent, shown, places, "", noted)

    def _differences(
        self, sent: Json, shown: Json, places: list[SchemaPlace], pointer: str, noted: bool
    ) -> Iterator[Difference]:
        if isinstance(sent, dict) and isinstance(shown, dict):
            yield from self._members(sent, shown, places, pointer, noted)
        elif isinstance(sent, list) and isinstance(shown, list) and len(sent) == len(shown):
            items = self.items(places)
            for number, (one, other) in enumerate(zip(sent, shown, strict=True)):
                yield from self._differences(one, other, items, f"{pointer}/{number}", noted)
        elif isinstance(sent, list) and isinstance(shown, dict) and (name := _list_in(shown)):
            yield from self._differences(sent, shown[name], self.member(places, name), f"{pointer}/{name}", noted)
        elif not is_same(sent, shown):
            if not places or self.takes(places, sent):
                yield Difference(pointer, ANOTHER)
            elif not noted:
                yield Difference(pointer, UNSAID)

    def _members(
        self, sent: Mapping[str, Json], shown: Mapping[str, Json], places: list[SchemaPlace], pointer: str, noted: bool
    ) -> Iterator[Difference]:
        for name, value in sent.items():
            here, held = f"{pointer}/{name}", self.member(places, name)
            if name in shown:
                yield from self._differences(value, shown[name], held, here, noted)
            elif (
                held
                and value is not None
                and self._could_be(value, held)
                and self.takes(places, {**shown, name: value})
            ):
                yield Difference(here, ABSENT)

    def _could_be(self, value: Json, held: list[SchemaPlace]) -> bool:
        """Whether a member that is absent could stand there."""
        return self.takes(held, value) and not any(self._is_hidden(place) for place in held)

    def _is_hidden(self, place: SchemaPlace) -> bool:
        return any(node.get("writeOnly") is True for node, _ in self._parts(place, _DEEPEST))

    def takes(self, places: list[SchemaPlace], value: Json) -> bool:
        """Whether a value fits one of the schemas, as answers are held against them."""
        return any(self.spec.views.response.validator(place.pointer).accepts(value) for place in places)

    # schemas

    def is_contradictory(self, places: list[SchemaPlace]) -> bool:
        """Whether a schema takes no record with members: two parts of an `allOf` refuse each other's."""
        return any(self._refuses_itself(place, _DEEPEST) for place in places)

    def _refuses_itself(self, place: SchemaPlace, depth: int) -> bool:
        node, at = self._resolved(place)
        if not isinstance(node, dict) or not depth:
            return False
        parts = [SchemaPlace(part, f"{at}/allOf/{number}") for number, part in enumerate(node.get("allOf") or ())]
        held = [({*(node.get("properties") or ())}, node.get("additionalProperties") is False)]
        for part in parts:
            found = [inner for inner, _ in self._parts(part, depth)]
            names = {name for inner in found for name in inner.get("properties") or ()}
            held.append((names, any(inner.get("additionalProperties") is False for inner in found)))
        if any(
            closed and names - known
            for number, (known, closed) in enumerate(held)
            for other, (names, _) in enumerate(held)
            if number != other
        ):
            return True
        return any(self._refuses_itself(part, depth - 1) for part in parts)

    def _resolved(self, place: SchemaPlace) -> tuple[Json, str]:
        try:
            return Resolver(self.spec.document)(place.node, place.pointer)
        except Unusable:
            return None, place.pointer

    def member(self, places: list[SchemaPlace], name: str) -> list[SchemaPlace]:
        """Every schema that one of these has for the member."""
        found: dict[str, SchemaPlace] = {}
        for place in places:
            for node, at in self._parts(place, _DEEPEST):
                held = node.get("properties")
                if isinstance(held, dict) and name in held:
                    found[f"{at}/properties/{escape(name)}"] = SchemaPlace(
                        held[name], f"{at}/properties/{escape(name)}"
                    )
        return [*found.values()]

    def items(self, places: list[SchemaPlace]) -> list[SchemaPlace]:
        """Every schema that one of these has for the items of a list."""
        parts = (part for place in places for part in self._parts(place, _DEEPEST))
        return [SchemaPlace(node["items"], f"{at}/items") for node, at in parts if isinstance(node.get("items"), dict)]

    def _parts(self, place: SchemaPlace, depth: int) -> Iterator[tuple[dict[str, Json], str]]:
        """The schema, with all that it refers to and every alternative."""
        try:
            node, at = Resolver(self.spec.document)(place.node, place.pointer)
        except Unusable:
            return
        if not isinstance(node, dict) or not depth:
            return
        yield node, at
        for keyword in ("allOf", "oneOf", "anyOf"):
            parts = node.get(keyword)
            for number, part in enumerate(parts if isinstance(parts, list) else ()):
                yield from self._parts(SchemaPlace(part, f"{at}/{keyword}/{number}"), depth - 1)


def _list_in(shown: Mapping[str, Json]) -> str:
    """The member of an envelope that has the list; empty where none has."""
    return next((name for name, held in shown.items() if plain(name) in LISTS and isinstance(held, list)), "")


def escape(name: str) -> str:
    """The name as a JSON pointer has it."""
    return name.replace("~", "~0").replace("/", "~1")


def is_same(sent: Json, shown: Json) -> bool:
    """Whether two values are the same, or one is the other in a neighbouring type, with nothing lost."""
    if (type(sent) is type(shown) and sent == shown) or (sent == "" and shown in (None, [], {})):
        return True  # an empty text is how a form empties a member of any type
    if isinstance(shown, list) != isinstance(sent, list):
        many, one = (shown, sent) if isinstance(shown, list) else (sent, shown)
        return len(many) == 1 and is_same(many[0], one)
    if isinstance(shown, dict) != isinstance(sent, dict):
        whole, part = (shown, sent) if isinstance(shown, dict) else (sent, shown)
        return any(name in whole and is_same(whole[name], part) for name in _NAMING)
    if isinstance(sent, dict | list) or isinstance(shown, dict | list) or sent is None or shown is None:
        return False
    return _is_same_scalar(sent, shown)


def _is_same_scalar(sent: Json, shown: Json) -> bool:
    if isinstance(sent, bool) or isinstance(shown, bool):
        return _text(sent) == _text(shown)
    one, other = _number(sent), _number(shown)
    if one is not None and other is not None:
        return one == other
    moments = _moment(sent), _moment(shown)
    return None not in moments and moments[0] == moments[1]


def _text(value: Json) -> str:
    return str(value).lower()


def _number(value: Json) -> Decimal | None:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def _moment(value: Json) -> datetime | None:
    """The time that a text tells; that of a date is its midnight, and without an offset it is UTC."""
    try:
        told = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return told.replace(tzinfo=UTC) if told is not None and told.tzinfo is None else told
