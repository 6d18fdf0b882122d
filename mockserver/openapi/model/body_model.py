"""Request and response bodies: their media types with schema, encoding and validators."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from mockserver.json_pointer import escaped
from mockserver.json_text import Json
from mockserver.openapi.model.header import Header, headers_of
from mockserver.openapi.model.media_type import MediaType, distinguishing, media_type
from mockserver.openapi.schema.schema_view import CompileContext, SchemaView, separator_of
from mockserver.openapi.schema.validator import Schemas, Validator
from mockserver.openapi.source.external_values import contents_of


@dataclass(frozen=True, slots=True)
class Encoding:
    """The serialization of one member of a form or multipart body: as a part of one of these media types, or, if
    `styled`, like a query parameter of this style. `separator` separates items where no style does; `headers` belong to
    the part.
    """

    media_types: tuple[str, ...] = ()
    styled: bool = False
    style: str = "form"
    explode: bool = True
    reserved: bool = False
    separator: str = ""
    headers: Mapping[str, Header] = field(default_factory=dict)


PLAIN: Final = Encoding()
ANY: Final = "*/*"


@dataclass(frozen=True, slots=True)
class Media:
    """A body in one media type. `validator` checks the whole value, `each` the items of a sequence (`itemSchema`);
    `node` contains the examples and stands at pointer `at`; `view` describes the schema; `files` has the contents of
    examples that are files.
    """

    name: str
    validator: Validator | None
    node: Json = field(repr=False)
    at: str
    view: SchemaView = field(repr=False)
    each: Validator | None = None
    encoding: Mapping[str, Encoding] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Body:
    """The request body of an operation, by media type."""

    required: bool
    media: Mapping[str, Media]


def body_of(document: CompileContext, node: Json, at: str) -> Body | None:
    """The request body of the operation, None if it has none."""
    if "requestBody" not in node:
        return None
    body, body_at = document.resolve(node["requestBody"], f"{at}/requestBody")
    media = media_of(document, document.views.request, body, body_at)
    return Body(required=body.get("required", False), media=media)


def media_of(document: CompileContext, schemas: Schemas, owner: Json, at: str) -> dict[str, Media]:
    """The media types of a request body or response, by lower-case name. An empty name stands for any media type."""
    return {
        (name.strip() or ANY).lower(): _in_one_type(
            document, schemas, name.strip() or ANY, node, f"{at}/content/{escaped(name)}"
        )
        for name, node in owner.get("content", {}).items()
    }


def _in_one_type(document: CompileContext, schemas: Schemas, name: str, node: Json, at: str) -> Media:
    return Media(
        name=name,
        validator=schemas.validator(f"{at}/schema") if "schema" in node else None,
        node=node,
        at=at,
        view=document.view(node, at),
        each=schemas.validator(f"{at}/itemSchema") if "itemSchema" in node else None,
        encoding=_encodings(document, schemas, node, at) if "encoding" in node else {},
        files=contents_of(node, document.contents),
    )


def _encodings(document: CompileContext, schemas: Schemas, node: Json, at: str) -> dict[str, Encoding]:
    found = {}
    for name, encoding in node["encoding"].items():
        encoding, encoding_at = document.resolve(encoding, f"{at}/encoding/{escaped(name)}")
        types = encoding.get("contentType", "")
        style = encoding.get("style", "form")
        found[name] = Encoding(
            media_types=tuple(filter(None, map(str.strip, types.lower().split(",")))) if isinstance(types, str) else (),
            styled=not encoding.keys().isdisjoint(("style", "explode", "allowReserved")),
            style=style,
            explode=encoding.get("explode", style == "form"),
            reserved=encoding.get("allowReserved", False),
            separator=separator_of(encoding),
            headers=headers_of(document, schemas, encoding, encoding_at),
        )
    return found


def covering(media: Mapping[str, Media], name: str) -> Media | None:
    """The declared media type that applies to `name`: the same, one of the same name whose parameters agree, or a
    range.

    Where several of that name differ by a parameter, one with another value of it does not apply.
    """
    lowered = name.lower()
    if lowered in media:
        return media[lowered]
    bare = lowered.partition(";")[0].strip()
    same = [found for found in media.values() if media_type(found.name).name == bare]
    if len(same) > 1:
        return _agreeing(same, media_type(name))
    return next(iter(same), None) or media.get(f"{bare.partition('/')[0]}/*") or media.get(ANY)


def _agreeing(same: list[Media], given: MediaType) -> Media | None:
    """Of several media types with the same name, the one whose parameters are all given."""
    names = distinguishing(media_type(found.name) for found in same)
    found = [each for each in same if media_type(each.name).agrees(given.parameters, names)]
    return min(found, key=lambda each: len(media_type(each.name).parameters.keys() - given.parameters), default=None)
