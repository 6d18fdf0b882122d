"""Which part of a document an answer keeps to: its declared response, media type and alternatives."""

from __future__ import annotations

from typing import NamedTuple

from mockserver.contract.replay.player import PlayedAnswer
from mockserver.json_pointer import MISSING
from mockserver.openapi.model.body_model import Media, covering
from mockserver.openapi.model.operation import Operation
from mockserver.problem import Unusable, Violation


class SchemaBranch(NamedTuple):
    """The declared response (`201`, `4XX`, `default`; empty: none), its media type, and the alternatives of its schema
    that accept the body, as `oneOf 1`. `violations` say how the body breaks its schema.
    """

    response: str = ""
    media_type: str = ""
    alternatives: tuple[str, ...] = ()
    violations: tuple[Violation, ...] = ()

    @property
    def is_declared(self) -> bool:
        return bool(self.response)

    def __str__(self) -> str:
        parts = [f"response {self.response}" if self.response else "a response that is not declared"]
        parts += [self.media_type] if self.media_type else []
        parts += [", ".join(self.alternatives)] if self.alternatives else []
        parts += [f"broken: {self.violations[0]}"] if self.violations else []
        return " · ".join(parts)


def branch_of(operation: Operation | None, answer: PlayedAnswer) -> SchemaBranch:
    """The part of the operation's responses that the answer keeps to; an empty one for a failure."""
    declared = operation.answer(answer.status) if operation is not None and not answer.failure else None
    if operation is None or declared is None:
        return SchemaBranch()
    media = covering(declared.media, answer.media_type) if answer.media_type and declared.media else None
    if media is None:
        return SchemaBranch(declared.status)
    if media.validator is None or answer.value is MISSING:
        return SchemaBranch(declared.status, media.name)
    violations = media.validator.violations(answer.value, "response")
    return SchemaBranch(declared.status, media.name, _alternatives(operation, media, answer), violations[:1])


def _alternatives(operation: Operation, media: Media, answer: PlayedAnswer) -> tuple[str, ...]:
    """The alternatives that accept the body, where the schema consists of such."""
    try:
        schema, at = operation.document.resolve(media.node.get("schema", {}), f"{media.at}/schema")
    except Unusable:
        return ()
    if not isinstance(schema, dict):
        return ()
    validator = operation.document.views.response.validator
    return tuple(
        f"{word} {number + 1}"
        for word in ("oneOf", "anyOf")
        for number in range(len(schema.get(word, ())))
        if validator(f"{at}/{word}/{number}").accepts(answer.value)
    )
