"""Additions to a document that a divergence suggests, as actions of an OpenAPI Overlay."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from mockserver.contract.compare.divergence import Divergence
from mockserver.contract.replay.alignment import looks_random, names_chosen_value
from mockserver.contract.replay.difference import Difference, DifferenceKind
from mockserver.engine.redaction.secret_names import is_secret
from mockserver.json_pointer import MISSING, tokens, value_at
from mockserver.json_text import Json
from mockserver.openapi.model.body_model import covering
from mockserver.openapi.model.document import Document, read_document
from mockserver.openapi.model.operation import Operation
from mockserver.openapi.normalize.document_normalizer import version_of
from mockserver.openapi.schema.schema_view import SchemaView
from mockserver.problem import Violation, phrase

LONGEST_VALUE: Final = 60
"""Characters of a value that is proposed for an enum."""


class DocumentAddition(NamedTuple):
    """An update of the document at a JSON pointer, and what it says."""

    text: str
    pointer: str
    update: Json

    @property
    def is_default(self) -> bool:
        """Whether it gives a member a default, which is only of use where the mock then answers so."""
        return isinstance(self.update, dict) and "default" in self.update


def additions_of(
    operation: Operation, difference: Difference, divergence: Divergence, version: str
) -> Iterator[DocumentAddition]:
    """The additions that would tell of what the other server does; none if the document tells of it already. `version`
    is that of the document as it was written.
    """
    right = divergence.right
    if difference.kind == DifferenceKind.STATUS:
        if 0 < right.status < 500 and str(right.status) not in operation.answers:
            update = {"responses": {str(right.status): {"description": f"{phrase(right.status)}."}}}
            text = f"declares the response {right.status} of {operation.id}"
            yield DocumentAddition(text, operation.at, update)
        return
    declared = operation.answer(right.status) if right.status else None
    media = covering(declared.media, right.media_type) if declared is not None and right.media_type else None
    if media is None:
        return
    if difference.kind == DifferenceKind.BRANCH:
        found = media.validator.violations(right.value, "response") if media.validator is not None else ()
        for violation in found if right.value is not MISSING else ():
            yield from _of_violation(media.view, violation, right.value, version)
        return
    way = tokens(difference.place)
    if not way or way[-1].isdecimal():
        return
    if difference.kind == DifferenceKind.TYPE and difference.right is None:
        yield from _nullable(_holder(media.view, way), way[-1], version)
        return
    addition = _of_member(_holder(media.view, way[:-1]), way[-1], difference, divergence)
    if addition is not None:
        yield addition


def _of_member(
    holder: SchemaView, name: str, difference: Difference, divergence: Divergence
) -> DocumentAddition | None:
    if difference.kind == DifferenceKind.ADDITIONAL and name not in holder.properties:
        at = _own(holder)
        member = {"properties": {name: {"type": _type(difference.right)}}}
        return DocumentAddition(f"declares the member `{name}`", at, member)
    is_new = divergence.step.method == "POST" and difference.kind in (DifferenceKind.VALUE, DifferenceKind.TYPE)
    is_id = names_chosen_value(name) or (isinstance(difference.right, str) and looks_random(difference.right))
    is_scalar = isinstance(difference.right, (str, int, float, bool)) and not is_secret(name)
    if is_new and is_scalar and name in holder.properties and name not in str(divergence.step.body) and not is_id:
        at = _own(holder.properties[name])
        text = f"says that `{name}` is {difference.right!r} where nothing else is sent"
        return DocumentAddition(text, at, {"default": difference.right})
    return None


def _of_violation(view: SchemaView, violation: Violation, body: Json, version: str) -> Iterator[DocumentAddition]:
    """What lets a value in that breaks the document: null, or one more value of an enum."""
    way = tokens(violation.pointer)
    name, value = (way[-1] if way else ""), value_at(body, way, MISSING)
    if not name or is_secret(name):
        return
    held = _holder(view, way)
    if violation.keyword in ("type", "enum") and value is None:
        yield from _nullable(held, name, version)
    elif violation.keyword == "enum" and isinstance(value, (str, int, float)) and len(str(value)) <= LONGEST_VALUE:
        for schema, at in held.parts:
            if "enum" in schema and value not in schema["enum"]:
                yield DocumentAddition(f"adds {value!r} to the values of `{name}`", at, {"enum": [value]})
                return


def _nullable(view: SchemaView, name: str, version: str) -> Iterator[DocumentAddition]:
    """The addition that lets a member be null, in the words of the document's version."""
    text = f"says that `{name}` may be null"
    if "null" in view.types and not view.is_any:
        return
    if version.startswith(("2.", "3.0")):
        yield DocumentAddition(text, _own(view), {"x-nullable" if version.startswith("2.") else "nullable": True})
        return
    for schema, at in view.parts:
        kind = schema.get("type")
        if kind:
            update: dict[str, Json] = {"type": ["null"] if isinstance(kind, list) else [kind, "null"]}
            yield DocumentAddition(text, at, {**update, "enum": [None]} if "enum" in schema else update)
            return


def parameter_addition(operation: Operation, name: str, kind: str, version: str) -> DocumentAddition:
    """The addition of a query parameter that the document does not declare; `kind` is the type of its value."""
    schema = {"type": kind} if version.startswith("2.") else {"schema": {"type": kind}}
    text = f"declares the parameter `{name}` of {operation.id}"
    return DocumentAddition(text, operation.at, {"parameters": [{"name": name, "in": "query", **schema}]})


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


class WrittenDocument:
    """A document as it was written, before it was brought to one version: overlays are about that."""

    def __init__(self, spec: Document, root: str = "") -> None:
        self._reading = read_document(spec.files[0], None, spec.overlays, Path(root) if root else None)

    @property
    def version(self) -> str:
        """`2.0`, or `3.0.3` and the like."""
        return version_of(self._reading.overlaid.document)

    def action_of(self, addition: DocumentAddition) -> Json:
        """The addition as an action of an OpenAPI Overlay."""
        return {"target": _json_path(self._reading.normalized.origin(addition.pointer)), "update": addition.update}


def overlay_of(api: str, actions: Sequence[Json]) -> Json:
    """An OpenAPI Overlay with these actions."""
    info = {"title": f"What another server of {api} does", "version": "1.0.0"}
    return {"overlay": "1.0.0", "info": info, "actions": [*actions]}


def _json_path(pointer: str) -> str:
    quoted = (token.replace("\\", "\\\\").replace("'", "\\'") for token in tokens(pointer))
    return "$" + "".join(f"['{token}']" for token in quoted)
