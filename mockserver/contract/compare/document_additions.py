"""Additions to a document that a divergence suggests, as actions of an OpenAPI Overlay."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from mockserver.contract.compare.divergence import Divergence
from mockserver.contract.replay.alignment import looks_random, names_chosen_value
from mockserver.contract.replay.difference import Difference, DifferenceKind
from mockserver.json_pointer import tokens
from mockserver.json_text import Json
from mockserver.openapi.model.body_model import covering
from mockserver.openapi.model.operation import Operation
from mockserver.openapi.schema.schema_view import SchemaView
from mockserver.problem import phrase


class DocumentAddition(NamedTuple):
    """An update of the document at a JSON pointer, and what it says."""

    text: str
    pointer: str
    update: Json

    @property
    def is_default(self) -> bool:
        """Whether it gives a member a default, which is only of use where the mock then answers so."""
        return isinstance(self.update, dict) and "default" in self.update


def addition_of(operation: Operation, difference: Difference, divergence: Divergence) -> DocumentAddition | None:
    """The addition that would tell of what the other server does; None if the document tells of it already."""
    right = divergence.right
    if (
        difference.kind == DifferenceKind.STATUS
        and 0 < right.status < 500
        and str(right.status) not in operation.answers
    ):
        update = {"responses": {str(right.status): {"description": f"{phrase(right.status)}."}}}
        return DocumentAddition(f"declares the response {right.status} of {operation.id}", operation.at, update)
    declared = operation.answer(right.status) if right.status else None
    media = covering(declared.media, right.media_type) if declared is not None and right.media_type else None
    way = tokens(difference.place)
    if media is None or not way or way[-1].isdecimal():
        return None
    holder, name = _holder(media.view, way[:-1]), way[-1]
    if difference.kind == DifferenceKind.ADDITIONAL and name not in holder.properties:
        at = _own(holder)
        member = {"properties": {name: {"type": _type(difference.right)}}}
        return DocumentAddition(f"declares the member `{name}`", at, member)
    is_new = divergence.step.method == "POST" and difference.kind in (DifferenceKind.VALUE, DifferenceKind.TYPE)
    is_id = names_chosen_value(name) or (isinstance(difference.right, str) and looks_random(difference.right))
    is_scalar = isinstance(difference.right, (str, int, float, bool))
    if is_new and is_scalar and name in holder.properties and name not in str(divergence.step.body) and not is_id:
        at = _own(holder.properties[name])
        text = f"says that `{name}` is {difference.right!r} where nothing else is sent"
        return DocumentAddition(text, at, {"default": difference.right})
    return None


def _holder(view: SchemaView, way: list[str]) -> SchemaView:
    for token in way:
        view = view.item if token.isdecimal() and view.is_array else view.member(token)
    return view


def _own(view: SchemaView) -> str:
    """The pointer of the schema itself, where the view's only refers to it."""
    parts = [(schema, at) for schema, at in view.parts if "$ref" not in schema]
    with_members = (at for schema, at in parts if "properties" in schema)
    return next(with_members, parts[0][1] if parts else view.pointer)


def _type(value: Json) -> str:
    for kind, name in ((bool, "boolean"), (int, "integer"), (float, "number"), (str, "string"), (list, "array")):
        if isinstance(value, kind):
            return name
    return "object" if isinstance(value, dict) else "null"


def action_of(addition: DocumentAddition) -> Json:
    """The addition as an action of an OpenAPI Overlay."""
    return {"target": _json_path(addition.pointer), "update": addition.update}


def overlay_of(api: str, actions: Sequence[Json]) -> Json:
    """An OpenAPI Overlay with these actions."""
    info = {"title": f"What another server of {api} does", "version": "1.0.0"}
    return {"overlay": "1.0.0", "info": info, "actions": [*actions]}


def _json_path(pointer: str) -> str:
    quoted = (token.replace("\\", "\\\\").replace("'", "\\'") for token in tokens(pointer))
    return "$" + "".join(f"['{token}']" for token in quoted)
