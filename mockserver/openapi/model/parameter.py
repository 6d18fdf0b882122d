"""A value beside the body: where it stands, how its text becomes a value, what it may be."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final
from urllib.parse import unquote, unquote_plus

from mockserver.json_pointer import escaped
from mockserver.json_text import Json, read_json
from mockserver.openapi.model.style import ABSENT, Deserializer, ParameterStyle, takes
from mockserver.openapi.model.text_pairs import pairs_of
from mockserver.openapi.schema.schema_view import CompileContext, SchemaView, separator_of
from mockserver.openapi.schema.validator import Validator

IGNORED: Final = frozenset({"accept", "content-type", "authorization"})
"""Headers that are no parameters, whatever a document says of them: they have their own places in it."""

STYLES: Final[Mapping[str, str]] = {"path": "simple", "query": "form", "header": "simple", "cookie": "form"}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of an operation. `take` reads its value of what was given at its `place`; where that does not fit,
    `more` may: its schema then takes more than one type.

    `examples` are its named ones. `free` says that every text of at least one character is a value of it;
    `allows_empty` that an empty one is, whatever the schema says; `refuses_empty` that an empty one is not.
    """

    name: str
    place: str
    required: bool
    validator: Validator
    kind: SchemaView = field(repr=False)
    take: Deserializer = field(repr=False)
    more: tuple[Deserializer, ...] = field(default=(), repr=False)
    style: str = ""
    explode: bool = False
    default: Json = None
    has_default: bool = False
    example: Json = None
    examples: Mapping[str, Json] = field(default_factory=dict, repr=False)
    free: bool = False
    allows_empty: bool = False
    refuses_empty: bool = False

    @property
    def is_array(self) -> bool:
        return self.kind.is_array


def parameters_of(
    document: CompileContext, owners: list[tuple[Json, str]], expressions: Mapping[str, str] = MappingProxyType({})
) -> tuple[Parameter, ...]:
    """The path item's parameters, overridden by the operation's of the same name and place. Those of a path have the
    names of their `expressions` in it, where these are others.
    """
    nodes: dict[tuple[str, str], tuple[Json, str]] = {}
    for owner, at in owners:
        for number, node in enumerate(owner.get("parameters", ())):
            node, node_at = document.resolve(node, f"{at}/parameters/{number}")
            if node["in"] == "path" and node["name"] in expressions:
                node = {**node, "name": expressions[node["name"]]}
            if node["in"] != "header" or node["name"].lower() not in IGNORED:
                nodes[node["name"], node["in"]] = node, node_at
    names = frozenset(name for name, place in nodes if place == "query")
    return tuple(_parameter(document, *found, names) for found in nodes.values())


def media_types_of(document: CompileContext, owners: list[tuple[Json, str]], header: str) -> tuple[str, ...]:
    """The media types that header parameters of this name (in small letters) name, though they count for nothing else:
    some documents say there alone what their clients send.
    """
    found: dict[str, None] = {}
    for owner, at in owners:
        for number, node in enumerate(owner.get("parameters", ())):
            node, node_at = document.resolve(node, f"{at}/parameters/{number}")
            if node["in"] == "header" and node["name"].lower() == header:
                schema, _ = document.resolve(node.get("schema", {}), f"{node_at}/schema")
                found |= dict.fromkeys(named_media_types(node, schema))
    return tuple(found)


_MEDIA_TYPE: Final = re.compile(r"[\w.+-]+/[\w.+-]+(?:;.*)?")


def named_media_types(node: Json, schema: Json) -> Iterator[str]:
    """The media types that a parameter's value is said to be."""
    holder = schema if isinstance(schema, dict) else {}
    for value in (
        *(node.get("example"), holder.get("default"), holder.get("const"), holder.get("example")),
        *(*holder.get("enum", ()), *holder.get("examples", ()), *_named(node).values()),
    ):
        if isinstance(value, str) and _MEDIA_TYPE.fullmatch(value.strip()):
            yield value.strip()


def _parameter(document: CompileContext, node: Json, at: str, names: frozenset[str]) -> Parameter:
    if node.get("content"):
        return _with_content(document, node, at)
    schema, _ = document.resolve(node.get("schema", {}), f"{at}/schema")
    kind = document.kind(node, at)
    place = node["in"]
    style = node.get("style") or STYLES.get(place, "form")
    written = ParameterStyle(
        name=node["name"],
        place=place,
        style=style,
        explode=node.get("explode", style in ("form", "cookie")),
        reserved=node.get("allowReserved", False),
        others=names - {node["name"]} if kind.is_object else frozenset(),
        separator=separator_of(node),
    )
    first, *more = takes(written, kind)
    holders = [holder for holder in (node.get("schema"), schema) if isinstance(holder, dict)]
    default = next((holder["default"] for holder in holders if "default" in holder), ABSENT)
    return Parameter(
        name=written.name,
        place=place,
        required=node.get("required", False),
        validator=document.views.request.validator(f"{at}/schema"),
        kind=kind,
        take=first,
        more=tuple(more),
        style=style,
        explode=written.explode,
        default=None if default is ABSENT else default,
        has_default=default is not ABSENT,
        example=_example(node, schema),
        examples=_named(node),
        free=style == "simple" and _is_loose(schema),
        allows_empty=node.get("allowEmptyValue", False) and place == "query",
        refuses_empty=node.get("allowEmptyValue") is False and place == "query",
    )


def _with_content(document: CompileContext, node: Json, at: str) -> Parameter:
    """A parameter that is a whole text of some media type; one in the `querystring` is the query itself."""
    name, media = next(iter(node["content"].items()))
    media_at = f"{at}/content/{escaped(name)}"
    kind = document.kind(media, media_at)
    place = node["in"]
    return Parameter(
        name=node["name"],
        place=place,
        required=node.get("required", False),
        validator=document.views.request.validator(f"{media_at}/schema"),
        kind=kind,
        take=_take_content(node["name"], place, _reader(name.lower(), kind), is_form=_is_form(name)),
        example=_example({**media, **node}, kind.schema),
        examples=_named({**media, **node}),
    )


def _take_content(name: str, place: str, read: Callable[[str], Json], *, is_form: bool) -> Deserializer:
    plain = {"query": unquote_plus, "cookie": unquote}.get(place, str)

    def take(given: Mapping[str, str | list[str]]) -> Json:
        text = given.get(name)
        if text is None:
            return ABSENT
        return read(plain(text if isinstance(text, str) else text[-1]))

    def take_all(query: str) -> Json:
        return read(query if is_form else unquote(query)) if query else ABSENT

    return take_all if place == "querystring" else take


def _reader(name: str, kind: SchemaView) -> Callable[[str], Json]:
    if _is_form(name):
        [take, *_] = takes(ParameterStyle("", "query", "form", explode=True, whole=True), _as_object(kind))
        return lambda text: {} if (found := take(pairs_of(text))) is ABSENT else found
    bare = name.partition(";")[0].strip()
    if bare == "application/json" or bare.endswith("+json"):
        return _json
    return kind.decode


def _is_form(name: str) -> bool:
    return name.lower().startswith("application/x-www-form-urlencoded")


def _json(text: str) -> Json:
    return read_json(text.encode("utf-8", "replace"))


def _as_object(kind: SchemaView) -> SchemaView:
    return kind if kind.is_object else SchemaView(lambda node, at: (node, at), {"type": "object"}, "")


def _is_loose(schema: Json) -> bool:
    """Whether the schema takes every text that has a character."""
    if not isinstance(schema, dict) or schema.get("type") not in ("string", ["string"]):
        return False
    return schema.get("minLength", 0) < 2 and schema.keys() - _LOOSE == {"type"}


_LOOSE = {"description", "title", "example", "examples", "default", "minLength", "deprecated"}


def _named(node: Json) -> dict[str, Json]:
    """The parameter's examples by name, those that are values."""
    return {
        name: example[member]
        for name, example in node.get("examples", {}).items()
        for member in ("dataValue", "value")
        if member in example
    }


def _example(node: Json, schema: Json) -> Json:
    """The parameter's example, else the first of its named ones, else its schema's."""
    if "example" in node:
        return node["example"]
    named = [example.get("value") for example in node.get("examples", {}).values()]
    listed = schema.get("examples", []) if isinstance(schema, dict) else []
    return next(iter([*named, *listed]), None)
