"""Values for requests: valid ones from the document's examples and schemas, and ids that nothing has."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from mockserver.contract.replay.planned_request import JSON_MEDIA, PlannedValue
from mockserver.contract.replay.player import text_of_value
from mockserver.generate import Generator, Impossible
from mockserver.generate.random_stream import SeedKey
from mockserver.json_text import Json, copied
from mockserver.openapi.model.body_model import Media
from mockserver.openapi.model.document import Document
from mockserver.openapi.model.operation import Operation
from mockserver.openapi.model.parameter import Parameter

UNKNOWN_IDS: Final[tuple[Json, ...]] = (
    "0f0e0d0c-0b0a-4908-8706-050403020100", 987654321, "987654321", "no-such-id", "nosuchid", "zz9zz9zz9zz9",
)  # fmt: skip
"""Ids that no record has, of the usual forms."""
_FORMS: Final[tuple[Json, ...]] = (*UNKNOWN_IDS, "a b", "-1", "0")
"""Ids of forms that some path parameters have not."""


def _as_it_is(value: PlannedValue) -> Json:
    return value


class SampleBody(NamedTuple):
    """A valid body and its media type; `played` gives the value that is sent for a planned one."""

    value: PlannedValue
    media: Media
    played: Callable[[PlannedValue], Json] = _as_it_is

    def accepts(self, value: PlannedValue) -> bool:
        """Whether another value would be valid in its place."""
        return self.media.validator is None or self.media.validator.accepts(self.played(value))

    @property
    def media_type(self) -> str:
        return JSON_MEDIA if "*" in self.media.name else self.media.name


class SampleValues:
    """Makes values for the requests of one document, the same for the same seed."""

    def __init__(self, spec: Document, seed: int) -> None:
        self._generator = Generator(spec.views.request, "request")
        self._seed = seed
        self.least: set[str] = set()
        """The operations of which another server refuses more than the least body."""

    def body(self, operation: Operation, key: str = "") -> SampleBody | None:
        """A valid body: the document's own example without a key, else one that is generated for this key; None where
        none is declared or none can be made.
        """
        media = media_of(operation)
        if media is None:
            return None
        for value in (*([] if key else _examples(operation, media)), *self._made(media, key)):
            if media.validator is None or media.validator.accepts(value):
                return SampleBody(copied(value), media)
        return None

    def _made(self, media: Media, key: str) -> Iterator[Json]:
        if "schema" not in media.node:
            return
        try:
            if not key:
                yield self._generator.example(f"{media.at}/schema")
            yield self._generator.value(f"{media.at}/schema", SeedKey(self._seed, key), exemplary=True)
        except Impossible:
            return

    def minimal(self, body: SampleBody) -> SampleBody:
        """The body without every member that may be left out."""
        if not isinstance(body.value, dict):
            return body
        kept = dict(body.value)
        for name in body.value:
            rest = {other: value for other, value in kept.items() if other != name}
            if body.accepts(rest):
                kept = rest
        return body._replace(value=kept)

    def parameter(self, parameter: Parameter, key: str = "") -> Json:
        """A valid value of a parameter: its example, else a generated one; None where none can be made."""
        named = [*parameter.examples.values()]
        for value in (parameter.example, *named, *self._made_for(parameter, key)):
            if value is not None and parameter.validator.accepts(value):
                return value
        return None

    def in_query(self, parameter: Parameter, key: str = "") -> Json:
        """A valid value as it stands in a query: a list for a parameter that is repeated, else a scalar or its text;
        None where none can be made, or it is an object.
        """
        value = self.parameter(parameter, key)
        if isinstance(value, list) and not parameter.explode:
            between = {"spaceDelimited": " ", "pipeDelimited": "|"}.get(parameter.style, ",")
            return between.join(map(text_of_value, value))
        return None if isinstance(value, dict) else value

    def _made_for(self, parameter: Parameter, key: str) -> Iterator[Json]:
        schema = parameter.view.schema
        if isinstance(schema, dict) and schema.get("enum"):
            yield schema["enum"][len(key) % len(schema["enum"])]
        try:
            yield self._generator.value(parameter.validator.pointer, SeedKey(self._seed, key), exemplary=True)
        except Impossible:
            return

    def unknown_id(self, operation: Operation, name: str) -> Json:
        """An id of the right form that nothing has, for the path parameter of this name."""
        parameter = next((one for one in operation.parameters if (one.place, one.name) == ("path", name)), None)
        if parameter is None:
            return "no-such-id"
        fit = (value for value in UNKNOWN_IDS if parameter.validator.accepts(value))
        return next(fit, None) or self.parameter(parameter, "unknown") or "no-such-id"

    def malformed_id(self, operation: Operation, name: str) -> Json:
        """An id of a form that the path parameter of this name has not, else one that no API gives."""
        parameter = next((one for one in operation.parameters if (one.place, one.name) == ("path", name)), None)
        if parameter is None:
            return "no such id"
        wrong = (one for one in _FORMS if not parameter.validator.accepts(parameter.view.decode(str(one))))
        return next(wrong, "no such id")


def media_of(operation: Operation) -> Media | None:
    """The media type in which bodies are sent: JSON, else a form, else a text; None where the operation has no body or
    one of other types only.
    """
    declared = operation.body.media.values() if operation.body is not None else ()
    for wanted in ("application/json", "json", "*/*", "x-www-form-urlencoded", "form-data", "text/plain"):
        for media in declared:
            if wanted in media.name.lower() and "patch+json" not in media.name.lower():
                return media
    return None


def _examples(operation: Operation, media: Media) -> Iterator[Json]:
    if "example" in media.node:
        yield media.node["example"]
    listed = media.node.get("examples")
    for at, named in listed.items() if isinstance(listed, dict) else ():
        example, _ = operation.document.resolve(named, f"{media.at}/examples/{at}")
        if isinstance(example, dict) and "value" in example:
            yield example["value"]
