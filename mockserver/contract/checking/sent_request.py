"""A generated request as the server received it, compared with the document."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from email.parser import BytesParser
from email.policy import HTTP
from functools import cached_property
from itertools import islice
from typing import Any, Final
from urllib.parse import parse_qs

from mockserver.json_pointer import MISSING, pointer_of
from mockserver.json_text import Json
from mockserver.openapi.model.body_model import Media, covering
from mockserver.openapi.model.document import Document
from mockserver.openapi.model.operation import Operation
from mockserver.problem import Violation

Fields = Mapping[str, list[str | None]]
"""The texts of a form by field name; None for the content of a file."""


@dataclass(frozen=True)
class SentRequest:
    """One request of Schemathesis (`case`, with its `response`) and its operation in the document."""

    case: Any
    response: Any
    operation: Operation

    @property
    def headers(self) -> frozenset[str]:
        """The names of the headers that were sent, in lower case."""
        return frozenset(name.lower() for name in self.response.request.headers)

    @property
    def is_linked(self) -> bool:
        """Whether the request is one of a sequence, in which links fill in parameters."""
        phase = getattr(self.case.meta, "phase", None)
        return phase is not None and str(phase.name) == "stateful"

    @property
    def media_type(self) -> str:
        """The media type of the generated body, in lower case; empty if there is none."""
        return str(self.case.media_type or "").partition(";")[0].strip().lower()

    @property
    def is_multipart(self) -> bool:
        return self.media_type == "multipart/form-data"

    @property
    def is_form(self) -> bool:
        return self.is_multipart or self.media_type == "application/x-www-form-urlencoded"

    @property
    def body(self) -> Mapping[str, Json]:
        """The generated body if it is an object; else empty."""
        return self.case.body if isinstance(self.case.body, dict) else {}

    @cached_property
    def media(self) -> Media | None:
        """The declared body of this media type."""
        body = self.operation.body
        return covering(body.media, self.media_type) if body is not None and self.media_type else None

    @property
    def required(self) -> frozenset[str]:
        """The required members of the body."""
        parts = self.media.view.parts if self.media is not None else ()
        return frozenset(name for schema, _ in parts for name in schema.get("required", ()))

    def is_list(self, name: str) -> bool:
        """Whether a member of the body may be a list."""
        return "array" in self._types(name)

    def types(self, name: str) -> frozenset[str]:
        """The types of a member of the body, or of its items if it may be a list."""
        if self.media is None or name not in self.media.view.properties:
            return frozenset()
        member = self.media.view.properties[name]
        return member.item.types if "array" in member.types else member.types

    def _types(self, name: str) -> frozenset[str]:
        known = self.media.view.properties if self.media is not None else {}
        return known[name].types if name in known else frozenset()

    @cached_property
    def fields(self) -> Fields:
        """The form that was sent."""
        content = self.response.request.body
        if isinstance(content, str):
            content = content.encode()
        if not isinstance(content, bytes):
            return {}
        if not self.is_multipart:
            pairs = parse_qs(content.decode("utf-8", "replace"), keep_blank_values=True)
            return {name: [*texts] for name, texts in pairs.items()}
        return _parts(content, self.response.request.headers.get("Content-Type", ""))

    @property
    def negated_beside_the_body(self) -> bool:
        """Whether a parameter was generated as invalid as well."""
        meta = self.case.meta
        return meta is None or any(
            component.mode.is_negative for place, component in meta.components.items() if place.name != "BODY"
        )

    def arrived(self) -> Json:
        """The form as a value: a field has its member's type if its text can be read as that; a list has its texts."""
        return {name: self._arrived(name, texts) for name, texts in self.fields.items()}

    def _arrived(self, name: str, texts: list[str | None]) -> Json:
        values = [_value(text, self.types(name)) for text in texts]
        return values if self.is_list(name) or len(values) > 1 else values[0]

    def fits(self, value: Json) -> bool:
        """Whether the document accepts this value as the body."""
        return self.media is not None and (self.media.validator is None or self.media.validator.accepts(value))

    def whole_with_a_fraction(self) -> str:
        """The place of a number such as `177.0` where the document wants an integer; empty where none was sent."""
        if self.media is not None and self.media.validator is not None and not self.is_form:
            for pointer, others in islice(_with_fractions(self.case.body, ()), _MOST_FRACTIONS):
                if not any(map(self.fits, others)):
                    return re.sub(r"/\d+(?=/|$)", "/*", f"body {pointer}".strip())
        given = {"path": self.case.path_parameters, "query": self.case.query, "header": self.case.headers}
        for parameter in self.operation.parameters:
            value = (given.get(parameter.place) or {}).get(parameter.name)
            others = _fractions(value) if isinstance(value, float) and value.is_integer() else []
            if others and not any(map(parameter.validator.accepts, others)):
                return f"{parameter.place} {parameter.name}"
        return ""

    def null_as_text(self) -> str:
        """The parameter that was `null`, sent as a text that the document does not accept; empty where none was."""
        given = {"query": self.case.query, "header": self.case.headers, "cookie": self.case.cookies}
        for parameter in self.operation.parameters:
            value = (given.get(parameter.place) or {}).get(parameter.name, MISSING)
            accepts = parameter.validator.accepts
            text = "null" if value is None else value
            if text in ("null", "") and accepts(None) and not accepts(text):
                return f"{parameter.place} {parameter.name}"
        return ""

    def violations(self) -> tuple[Violation, ...]:
        """The violations of generated values that are sent unchanged, not in a form."""
        found: list[Violation] = []
        if self.media is not None and self.media.validator is not None and not self.is_form:
            found += self.media.validator.violations(self.case.body, "body")
        given = {
            "path": self.case.path_parameters,
            "query": self.case.query,
            "header": self.case.headers,
            "cookie": self.case.cookies,
        }
        for parameter in self.operation.parameters:
            values = given.get(parameter.place) or {}
            if parameter.name in values and not parameter.is_array:
                value = values[parameter.name]
                seen = parameter.validator.violations(str(value) if isinstance(value, str) else value, parameter.place)
                found += [replace(violation, pointer=f"/{parameter.name}{violation.pointer}") for violation in seen]
        return tuple(found)


def operations_of(spec: Document) -> Mapping[tuple[str, str], Operation]:
    """The operations of a document by method and path."""
    return {(operation.method.upper(), operation.path): operation for operation in spec.operations}


_MOST_FRACTIONS: Final = 20
"""Numbers of a body that are looked at for fractions."""


def _with_fractions(value: Json, at: tuple[str, ...]) -> Iterator[tuple[str, list[Json]]]:
    """The body with other fractions for each number such as `177.0`, and the pointer to that."""
    if isinstance(value, float) and value.is_integer():
        yield pointer_of(at), _fractions(value)
    elif isinstance(value, dict):
        for name, member in value.items():
            for pointer, others in _with_fractions(member, (*at, name)):
                yield pointer, [{**value, name: other} for other in others]
    elif isinstance(value, list):
        for number, item in enumerate(value):
            for pointer, others in _with_fractions(item, (*at, str(number))):
                yield pointer, [[*value[:number], other, *value[number + 1 :]] for other in others]


def _fractions(value: float) -> list[Json]:
    """Numbers that are none of integers: near the value, and one that is near whatever the value is."""
    return [other for other in (0.5, value - 0.5, value + 0.5) if not other.is_integer()]


_INTEGER = re.compile(r"[+-]?\d{1,300}")


def _value(text: str | None, types: frozenset[str]) -> Json:
    """A text as a value of one of these types if possible; the content of a file is a text."""
    if text is None:
        return ""
    if "integer" in types and _INTEGER.fullmatch(text):
        return int(text)
    if "boolean" in types and text in ("true", "false"):
        return text == "true"
    if types & {"number", "object", "null"} and "string" not in types:
        try:
            return json.loads(text)
        except ValueError:
            return text
    return text


def _parts(content: bytes, content_type: str) -> Fields:
    message = BytesParser(policy=HTTP).parsebytes(f"Content-Type: {content_type}\r\n\r\n".encode() + content)
    fields: dict[str, list[str | None]] = {}
    for part in message.iter_parts():
        payload = part.get_payload(decode=True)
        text = payload.decode("utf-8", "replace") if isinstance(payload, bytes) and not part.get_filename() else None
        fields.setdefault(str(part.get_param("name", "", header="content-disposition")), []).append(text)
    return fields
