"""Holds the upstream's answers to one operation against the document."""

from __future__ import annotations

from dataclasses import replace
from typing import Final, NamedTuple

from mockserver.engine.answers.response_validator import ResponseValidator
from mockserver.engine.body.charset import bare_type
from mockserver.engine.body.content_coding import Undecodable, decoded
from mockserver.engine.body.media_families import FORM, JSON, LINES, MULTIPART, TEXT, XML, YAML, family
from mockserver.engine.body.media_readers import Reader, reader_of
from mockserver.engine.body.part_count import refuse_many_parts
from mockserver.engine.body.reader import held
from mockserver.json_text import Json, Malformed, NotReadHere, read_json
from mockserver.messages import Headers, Response
from mockserver.openapi.model.body_model import Media, covering
from mockserver.openapi.model.operation import Operation
from mockserver.problem import Problem, Violation
from mockserver.proxy.forwarded_headers import value_of

MOST_CHECKED: Final = 2 * 1024 * 1024
"""Bytes of an answer's body that is held against its schema and kept in the journal; of a larger one nothing is."""


class CheckedAnswer(NamedTuple):
    """An answer of the upstream: its `content` without content codings, empty where it was not kept, and how it breaks
    the document.
    """

    status: int
    headers: Headers
    content: bytes = b""
    broken: tuple[Violation, ...] = ()


class NotRead(Exception):
    """A body is not held against its schema; the text says why."""


class AnswerCheck:
    """The checks of one operation's answers: status, headers and media type at their head, the body at its end."""

    def __init__(self, operation: Operation) -> None:
        self._operation = operation
        self._validator = ResponseValidator(operation)
        self._readers: dict[tuple[str, str], Reader] = {}

    def waits(self, status: int, headers: Headers) -> bool:
        """Whether the body of such an answer has a schema that it can be held against, and has an end."""
        return self._schema(status, headers) is not None and family(bare_type(_media_type(headers))) != LINES

    def _schema(self, status: int, headers: Headers) -> Media | None:
        """Returns the media type that such an answer is declared with; None if its body is held against no schema."""
        media_type = _media_type(headers)
        answer = self._operation.answer(status)
        media = None if answer is None else answer.media.get(media_type) or covering(answer.media, media_type)
        if media is None or (media.validator is None and media.each is None):
            return None
        bare = bare_type(media_type)
        return media if family(bare) in _READ and bare != _ENDLESS else None

    def of_head(self, status: int, headers: Headers, *, has_body: bool) -> tuple[Violation, ...]:
        """What is wrong before the body: an undeclared status or media type, a wrong header."""
        body = b"-" if has_body else None
        found = self._validator.check(Response(status, body), self._as_declared(status, headers))
        return found if has_body else tuple(one for one in found if one.keyword != "content")

    def of_whole(self, status: int, headers: Headers, content: bytes, *, is_head: bool) -> tuple[Violation, ...]:
        """Returns how a whole answer breaks the document. Of an answer to HEAD only the head counts. Raises NotRead."""
        if is_head:
            return self.of_head(status, headers, has_body=False)
        media = self._schema(status, headers) if content else None
        if media is not None and (media.each is not None or family(bare_type(_media_type(headers))) != JSON):
            return self.of_head(status, headers, has_body=True) + self._of_body(media, headers, content)
        try:
            body: Json = None if not content else content if media is None else read_json(content)
        except Malformed as error:
            found = self.of_head(status, headers, has_body=True)
            return (*found, Violation("response", "", "json", f"the body is no JSON: {error}"))
        return self._validator.check(Response(status, body), self._as_declared(status, headers))

    def _of_body(self, media: Media, headers: Headers, content: bytes) -> tuple[Violation, ...]:
        """Returns how a body breaks its schema; it is read as a request's is. Raises NotRead."""
        media_type = _media_type(headers)
        kind = family(bare_type(media_type))
        reader = self._readers.get((media.at, kind))
        if reader is None:
            reader = self._readers[media.at, kind] = reader_of(media, kind)
        try:
            refuse_many_parts(content, kind)
            value, found = reader.read(content, media_type)
        except NotReadHere as error:
            raise NotRead(str(error)) from None
        except Malformed as error:
            return (Violation("response", "", kind, f"the body is no {reader.noun}: {error}"),)
        except Problem as problem:
            raise NotRead(problem.detail) from None
        wrong = found or held(media, value, "response", by_item=reader.by_item)
        return tuple(replace(one, place="response") for one in wrong)

    def _as_declared(self, status: int, headers: Headers) -> Headers:
        """The headers as they are compared: the media type first, the others as the document spells them."""
        answer = self._operation.answer(status)
        spelled = {} if answer is None else {name.lower(): name for name in answer.headers}
        others = ((spelled.get(name.lower(), name), value) for name, value in headers if name.lower() != "content-type")
        return (("Content-Type", _media_type(headers)), *others)


def plain_content(content: bytes, headers: Headers) -> tuple[bytes, str]:
    """The content without its codings, and why that could not be done, if it could not."""
    coding = value_of(headers, "content-encoding")
    if not coding or not content:
        return content, ""
    try:
        return decoded(content, coding, MOST_CHECKED), ""
    except Undecodable as error:
        return b"", str(error)


_READ: Final = frozenset({JSON, TEXT, XML, YAML, FORM, MULTIPART, LINES})
"""The families of media types whose bodies are held against a schema."""


_ENDLESS: Final = "multipart/x-mixed-replace"
"""Pictures of a camera, one after the other."""


def _media_type(headers: Headers) -> str:
    return value_of(headers, "content-type")
