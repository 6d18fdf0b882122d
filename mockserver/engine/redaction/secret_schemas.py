"""The members of a value that its schema declares as secrets: `format: password`, and `writeOnly` ones by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Final

from mockserver.engine.redaction.secret_names import is_secret, is_secret_when_write_only
from mockserver.json_pointer import escaped
from mockserver.json_text import Json
from mockserver.openapi.schema.schema_view import Resolve, SchemaView

PASSWORD: Final = "password"  # noqa: S105 - the format of that name
_MOST: Final = 400
"""Schemas of one document part in which names of secrets are looked for, for texts that cannot be read as declared."""


class SecretSchema:
    """One place of a value with the schemas that it may have there; the places below it are made at first use, each
    once for the schemas that it has.
    """

    def __init__(
        self, views: Iterable[SchemaView], known: dict[tuple[str, ...], SecretSchema], resolve: Resolve
    ) -> None:
        self._views = tuple(views)
        self._known = known
        self._resolve = resolve
        self._members: dict[str, SecretSchema] = {}
        self._item: SecretSchema | None = None
        self._names: frozenset[str] | None = None

    @cached_property
    def is_password(self) -> bool:
        """Whether the schema itself declares a secret, whatever its name."""
        return any(schema.get("format") == PASSWORD for schema in self._schemas())

    @property
    def is_declared(self) -> bool:
        """Whether any schema speaks of the place."""
        return bool(self._views)

    @cached_property
    def is_write_only(self) -> bool:
        return any(schema.get("writeOnly") is True for schema in self._schemas())

    def holds_secret(self, name: str) -> bool:
        """Whether the member of this name is a secret."""
        if is_secret(name) or not self._views:
            return is_secret(name)
        member = self.member(name)
        return member.is_password or (member.is_write_only and is_secret_when_write_only(name))

    def member(self, name: str) -> SecretSchema:
        """The place of a member, also by the name that it has in XML."""
        place = self._members.get(name)
        if place is None:
            place = self._at([*self._named.get(name, ()), *self._rest]) if name in self._named else self._undeclared
            if len(self._members) < _MOST:
                self._members[name] = place
        return place

    @property
    def item(self) -> SecretSchema:
        """The place of an array's items."""
        if self._item is None:
            self._item = self._at(
                self._view(node, f"{at}/{word}") for schema, at in self._parts() for word, node in _items(schema)
            )
        return self._item

    @property
    def names(self) -> frozenset[str]:
        """The names, at any depth, of members that are declared as secrets."""
        if self._names is None:
            self._names = frozenset(_names(self))
        return self._names

    def _schemas(self) -> Iterator[Json]:
        return (schema for schema, _ in self._parts())

    def _parts(self) -> Iterator[tuple[Json, str]]:
        return (part for view in self._views for part in view.parts)

    @cached_property
    def _named(self) -> dict[str, list[SchemaView]]:
        """The schemas of the declared members, by their names and by those that they have in XML."""
        found: dict[str, list[SchemaView]] = {}
        for schema, at in self._parts():
            for known, node in schema.get("properties", {}).items():
                view = self._view(node, f"{at}/properties/{escaped(known)}")
                for name in {known, _name_in_xml(view) or known}:
                    found.setdefault(name, []).append(view)
        return found

    @cached_property
    def _rest(self) -> list[SchemaView]:
        """The schemas of members by pattern, which any name may match."""
        return [
            self._view(node, f"{at}/patternProperties/{escaped(pattern)}")
            for schema, at in self._parts()
            for pattern, node in schema.get("patternProperties", {}).items()
        ]

    @cached_property
    def _undeclared(self) -> SecretSchema:
        """The place of a member that no schema names."""
        others = [(schema.get("additionalProperties"), at) for schema, at in self._parts()]
        further = [self._view(rest, f"{at}/additionalProperties") for rest, at in others if isinstance(rest, dict)]
        return self._at([*self._rest, *further])

    def _view(self, node: Json, at: str) -> SchemaView:
        return SchemaView(self._resolve, node, at)

    def _at(self, views: Iterable[SchemaView]) -> SecretSchema:
        """The place with these schemas, of which there is one."""
        by_pointer = {_target(view): view for view in views}
        key = (*sorted(by_pointer),)
        place = self._known.get(key)
        if place is None:
            place = self._known[key] = SecretSchema(by_pointer.values(), self._known, self._resolve)
        return place

    def own_names(self) -> Iterator[str]:
        """The names of the declared members."""
        for schema in self._schemas():
            yield from schema.get("properties", {})


def secret_schema(views: Iterable[SchemaView], resolve: Resolve) -> SecretSchema:
    """The place of a whole value that may have these schemas."""
    return SecretSchema(views, {}, resolve)


def nothing_declared() -> SecretSchema:
    """The place of a value without a schema."""
    return secret_schema((), lambda node, at: (node, at))


def _items(schema: Json) -> Iterator[tuple[str, Json]]:
    for word in ("items", "contains", "unevaluatedItems"):
        if isinstance(schema.get(word), dict):
            yield word, schema[word]
    yield from ((f"prefixItems/{number}", node) for number, node in enumerate(schema.get("prefixItems", ())))


def _target(view: SchemaView) -> str:
    """The pointer of the schema itself, so that a recursive one has as many places as it has schemas."""
    parts = view.parts
    has_only_reference = isinstance(view.schema, dict) and view.schema.keys() == {"$ref"} and len(parts) > 1
    return parts[1][1] if has_only_reference else view.pointer


def _name_in_xml(view: SchemaView) -> str:
    said = view.keyword("xml")
    name = said.get("name") if isinstance(said, dict) else ""
    return name if isinstance(name, str) else ""


def _names(place: SecretSchema) -> Iterator[str]:
    waiting, seen = [place], {id(place)}
    while waiting and len(seen) < _MOST:
        one = waiting.pop(0)
        below = [(name, one.member(name)) for name in dict.fromkeys(one.own_names())]
        yield from (name for name, _ in below if one.holds_secret(name))
        for each in (*(member for _, member in below), one.item):
            if id(each) not in seen:
                seen.add(id(each))
                waiting.append(each)
