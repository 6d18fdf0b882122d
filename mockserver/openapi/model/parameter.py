"""Parameters of operations: their place, their deserialization and their schema."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final
from urllib.parse import unquote, unquote_plus

from mockserver.json_pointer import escaped
from mockserver.json_text import Json, read_json
from mockserver.openapi.model.style import ABSENT, Deserializer, ParameterStyle, deserializers
from mockserver.openapi.model.text_pairs import pairs_of
from mockserver.openapi.schema.schema_view import CompileContext, SchemaView, separator_of
from mockserver.openapi.schema.validator import Validator

IGNORED: Final = frozenset({"accept", "content-type", "authorization"})
"""Header names that cannot be parameters: OpenAPI declares these headers elsewhere."""

STYLES: Final[Mapping[str, str]] = {"path": "simple", "query": "form", "header": "simple", "cookie": "form"}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of an operation. `deserialize` reads its value from the texts given at its `place`; if that value
    is invalid, one of `alternatives` may fit: the schema then allows several types.

    `examples` are its named examples. `free`: every non-empty text is valid; `allows_empty`: an empty text is valid
    whatever the schema says; `refuses_empty`: it is not; `takes_one`: it may stand once in a query.
    """

    name: str
    place: str
    required: bool
    validator: Validator
    view: SchemaView = field(repr=False)
    deserialize: Deserializer = field(repr=False)
    alternatives: tuple[Deserializer, ...] = field(default=(), repr=False)
    style: str = ""
    explode: bool = False
    default: Json = None
    has_default: bool = False
    example: Json = None
    examples: Mapping[str, Json] = field(default_factory=dict, repr=False)
    free: bool = False
    allows_empty: bool = False
    refuses_empty: bool = False
    takes_one: bool = False

    @property
    def is_array(self) -> bool:
        return self.view.is_array


def parameters_of(
    document: CompileContext, owners: list[tuple[Json, str]], expressions: Mapping[str, str] = MappingProxyType({})
) -> tuple[Parameter, ...]:
    """The path item's parameters, overridden by the operation's with the same name and place. Path parameters are
    renamed by `expressions` where the path writes their names differently.
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
    """The media types named by header parameters of this name (in lower case). OpenAPI ignores such parameters, but
    some documents say only there what their clients send.
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
    """The media types among a parameter's examples, default and enum."""
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
    view = document.view(node, at)
    place = node["in"]
    style = node.get("style") or STYLES.get(place, "form")
    layout = ParameterStyle(
        name=node["name"],
        place=place,
        style=style,
        explode=node.get("explode", style in ("form", "cookie")),
        reserved=node.get("allowReserved", False),
        others=names - {node["name"]} if view.is_object else frozenset(),
        separator=separator_of(node),
    )
    first, *alternatives = deserializers(layout, view)
    holders = [holder for holder in (node.get("schema"), schema) if isinstance(holder, dict)]
    default = next((holder["default"] for holder in holders if "default" in holder), ABSENT)
    return Parameter(
        name=layout.name,
        place=place,
        required=node.get("required", False),
        validator=document.views.request.validator(f"{at}/schema"),
        view=view,
        deserialize=first,
        alternatives=tuple(alternatives),
        style=style,
        explode=layout.explode,
        default=None if default is ABSENT else default,
        has_default=default is not ABSENT,
        example=_example(node, schema),
        examples=_named(node),
        free=style == "simple" and _is_loose(schema),
        allows_empty=node.get("allowEmptyValue", False) and place == "query",
        refuses_empty=node.get("allowEmptyValue") is False and place == "query",
        takes_one=place == "query" and style != "deepObject" and not (layout.explode and _has_parts(view)),
    )


def _has_parts(view: SchemaView) -> bool:
    return view.is_array or view.is_object


def _with_content(document: CompileContext, node: Json, at: str) -> Parameter:
    """A parameter serialized as a media type; one in `querystring` is the whole query."""
    name, media = next(iter(node["content"].items()))
    media_at = f"{at}/content/{escaped(name)}"
    view = document.view(media, media_at)
    place = node["in"]
    return Parameter(
        name=node["name"],
        place=place,
        required=node.get("required", False),
        validator=document.views.request.validator(f"{media_at}/schema"),
        view=view,
        deserialize=_content_deserializer(node["name"], place, _reader(name.lower(), view), is_form=_is_form(name)),
        example=_example({**media, **node}, view.schema),
        examples=_named({**media, **node}),
        takes_one=place == "query",
    )


def _content_deserializer(name: str, place: str, read: Callable[[str], Json], *, is_form: bool) -> Deserializer:
    unescape = {"query": unquote_plus, "cookie": unquote}.get(place, str)

    def deserialize(given: Mapping[str, str | list[str]]) -> Json:
        text = given.get(name)
        if text is None:
            return ABSENT
        return read(unescape(text if isinstance(text, str) else text[-1]))

    def deserialize_query(query: str) -> Json:
        return read(query if is_form else unquote(query)) if query else ABSENT

    return deserialize_query if place == "querystring" else deserialize


def _reader(name: str, view: SchemaView) -> Callable[[str], Json]:
    if _is_form(name):
        [deserialize, *_] = deserializers(
            ParameterStyle("", "query", "form", explode=True, whole=True), _as_object(view)
        )
        return lambda text: {} if (found := deserialize(pairs_of(text))) is ABSENT else found
    bare = name.partition(";")[0].strip()
    if bare == "application/json" or bare.endswith("+json"):
        return _json
    return view.decode


def _is_form(name: str) -> bool:
    return name.lower().startswith("application/x-www-form-urlencoded")


def _json(text: str) -> Json:
    return read_json(text.encode("utf-8", "replace"))


def _as_object(view: SchemaView) -> SchemaView:
    return view if view.is_object else SchemaView(lambda node, at: (node, at), {"type": "object"}, "")


def _is_loose(schema: Json) -> bool:
    """Whether the schema accepts every non-empty text."""
    if not isinstance(schema, dict) or schema.get("type") not in ("string", ["string"]):
        return False
    return schema.get("minLength", 0) < 2 and schema.keys() - _LOOSE == {"type"}


_LOOSE = {"description", "title", "example", "examples", "default", "minLength", "deprecated"}


def _named(node: Json) -> dict[str, Json]:
    """The parameter's named examples that have values."""
    return {
        name: example[member]
        for name, example in node.get("examples", {}).items()
        for member in ("dataValue", "value")
        if member in example
    }


def _example(node: Json, schema: Json) -> Json:
    """The parameter's example, else its first named example, else its schema's first."""
    if "example" in node:
        return node["example"]
    named = [example.get("value") for example in node.get("examples", {}).values()]
    listed = schema.get("examples", []) if isinstance(schema, dict) else []
    return next(iter([*named, *listed]), None)
