"""Makes answers of a document alone: their bodies and headers, of its examples or faked by its schemas."""

from __future__ import annotations

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final, NamedTuple

from mockserver.engine.answers.declared_answers import acceptable, chosen, is_declared, undeclared, undeclared_text
from mockserver.engine.answers.error_body import agreeing
from mockserver.engine.answers.header_text import examples_of_header, header_text, usual_text
from mockserver.engine.answers.negotiate import best
from mockserver.engine.body.sample_files import sample_file
from mockserver.engine.body.writer import is_json, sent_as, written
from mockserver.engine.call import SHORTENED, UNDECLARED_STATUS, UNFIT, Call
from mockserver.engine.steps.prefer import NONE, Preference
from mockserver.engine.steps.step import Handler, Step
from mockserver.generate import Generator, Impossible, SeedKey
from mockserver.json_text import Json
from mockserver.messages import Headers, Request, Response, make
from mockserver.openapi.model.body_model import Media
from mockserver.openapi.model.header import Header
from mockserver.openapi.model.operation import Operation
from mockserver.openapi.model.response import DeclaredResponse
from mockserver.problem import (
    PROBLEM_JSON,
    problem_members,
)
from mockserver.state.world import ApiState


class MediaContent(NamedTuple):
    """A body in one media type, as a JSON value or as bytes, and the name of that type."""

    media_type: str
    body: Json


class _Form(NamedTuple):
    """How the answers with one status are sent of which a document declares but one, in JSON and with no header that
    has to be there: with this header. `accepted` are values of `Accept` that were found to take it.
    """

    content_type: tuple[str, str]
    accepted: set[str]

    def does(self, request: Request, headers: Headers) -> bool:
        """Whether the client takes it, and the answer's own headers name no other media type."""
        accept = request.headers.get("Accept") or ""
        if accept not in self.accepted:
            if best(accept, (self.content_type[1],)) is None:
                return False
            if len(self.accepted) < _MOST_ACCEPTED:
                self.accepted.add(accept)
        return not headers or "content-type" not in [name.lower() for name, _ in headers]


def _form(operation: Operation, status: int) -> _Form | None:
    answer = None if status in _BODILESS else operation.answer(status)
    if answer is None or len(answer.media) != 1 or answer.required_headers:
        return None
    (media,) = answer.media.values()
    name = sent_as(media)
    return _Form(("Content-Type", name), {"", "*/*"}) if is_json(name) and name == media.name else None


_MOST_ACCEPTED: Final = 32


@dataclass(frozen=True, slots=True)
class ExampleResponder:
    """Makes answers of what a document declares. With `dynamic` values are faked, else they are the document's
    examples; `seed` is that of all that is faked.
    """

    make: Generator
    dynamic: bool = False
    seed: int = 0

    def handler(self, operation: Operation) -> Handler:
        """Answers with the operation's first success, or with what the request prefers."""

        def answer(call: Call, _state: ApiState) -> Response:
            return self.answer(operation, call, call.preference)

        return answer

    def prefer_step(self, operation: Operation) -> Step:
        """The step that answers a request for a certain answer of the document with that one."""

        def prefer(call: Call, _state: ApiState) -> Response | None:
            preference = call.preference
            if preference is NONE or not preference.steers:
                return None
            return self.answer(operation, call, preference)

        return Step("prefer", prefer)

    def negotiation_step(self, operation: Operation) -> Step:
        """The step that puts answers into the media type that the client takes, with the headers that the document
        declares. A Problem 406 where it takes none.
        """
        forms: dict[int, _Form | None] = {}

        def negotiate(call: Call, _state: ApiState, answer: Response) -> Response:
            status, body, headers = answer
            if status not in forms:
                forms[status] = _form(operation, status)
            form, preference = forms[status], call.preference
            if form is None or body is None or preference is not NONE or not form.does(call.request, headers):
                return self.dressed(operation, call, answer, preference)
            return make(Response, (status, body, (form.content_type, *headers)))

        return Step("negotiate", after=negotiate)

    def answer(self, operation: Operation, call: Call, preference: Preference) -> Response:
        """The declared response that is preferred, else the first that is a success. A preferred status that is not
        declared is answered all the same, and marked.
        """
        if preference.code is not None and not is_declared(operation, preference.code):
            return self._undeclared(operation, call, preference, preference.code)
        status, answer = chosen(operation, preference)
        content = None if status in _BODILESS else self._content(status, answer, call, preference)
        own = self.headers(answer, preference, operation.id)
        return _response(status, content, own, preference)

    def exemplified(self, operation: Operation, call: Call, status: int, name: str) -> Response | None:
        """The declared response with its example of this name; None where the media type that the client takes has
        none, or one that breaks its schema.
        """
        answer = operation.answer(status)
        media = None if answer is None or status in _BODILESS else acceptable(answer, call)
        if answer is None or media is None or name not in (examples := examples_of(media)):
            return None
        example = examples[name]
        if not (_is_written(media, example) or _fits(media, example)):
            return None
        content = MediaContent(sent_as(media), written(media, example))
        return _response(status, content, self.headers(answer, NONE, operation.id), NONE)

    def is_free(self, preference: Preference) -> bool:
        """Whether the answer is not that of the document's examples, or of certain ones: values are faked, or the
        client asks for a status or an example.
        """
        return preference.steers or self._is_dynamic(preference)

    def _undeclared(self, operation: Operation, call: Call, preference: Preference, status: int) -> Response:
        """The response that the document declares for any other status, else one of RFC 9457."""
        answer = operation.answer(status)
        call.undeclared = answer is None
        told = undeclared_text(f"status {status}", ", ".join(operation.answers) or "none")
        way = "its default" if answer is not None else PROBLEM_JSON
        call.note(UNDECLARED_STATUS, f"{status} is not declared; answered as {way}")
        if answer is not None:
            content = None if status in _BODILESS else self._content(status, answer, call, preference)
            return _response(status, content, self.headers(answer, preference, operation.id), preference)
        if preference.example:
            raise undeclared(f"example {preference.example!r}", "none")
        body = problem_members(status, told)
        content = None if status in _BODILESS else MediaContent(PROBLEM_JSON, body)
        return _response(status, content, (), preference)

    def dressed(self, operation: Operation, call: Call, response: Response, preference: Preference) -> Response:
        """The response with the media type that the client takes, and the headers that the document declares."""
        answer = operation.answer(response.status)
        if answer is None:
            return response
        given = {name.lower() for name, _ in response.headers}
        own = self.headers(answer, preference, operation.id, given | VALIDATORS, only_required=True)
        if response.body is None or "content-type" in given:
            return response._replace(headers=response.headers + own)
        media = None if response.status in _BODILESS else acceptable(answer, call, prefer_json=True)
        if media is None:
            return response._replace(body=None, headers=response.headers + own)
        content = MediaContent(sent_as(media), written(media, response.body))
        return _response(response.status, content, response.headers + own, NONE)

    def _content(
        self, status: int, answer: DeclaredResponse, call: Call, preference: Preference
    ) -> MediaContent | None:
        media = acceptable(answer, call)
        if media is None and preference.example:
            raise undeclared(f"example {preference.example!r}", "none")
        if media is None:
            return None
        key = call.operation.id if call.operation is not None else ""
        value = self.value(media, preference, key, status)
        if (self.make.shortened or self.make.unfit) and not _fits(media, value):
            self._note_broken(media, call)
        return MediaContent(sent_as(media), written(media, value))

    def _note_broken(self, media: Media, call: Call) -> None:
        """Notes what the value of the media type's schema lacks, or that none fits it."""
        at = _schema_of(media)
        for reason in self.make.shortened.get(at, ())[:1]:
            call.note(SHORTENED, reason)
        if at in self.make.unfit:
            call.note(UNFIT, f"no value was found that fits the schema: {self.make.unfit[at]}")

    def value(self, media: Media, preference: Preference, key: str, status: int = 200) -> Json:
        """The body: the named example, else the first that fits its schema, else one made of the schema; that of an
        error says its `status`.
        """
        if preference.example:
            return _example(media, preference.example)
        examples = examples_of(media)
        has_schema = media.validator is not None or media.each is not None
        if not self._is_dynamic(preference) or not has_schema:
            for example in examples.values():
                if _is_written(media, example) or _fits(media, example):
                    return example
        if (file := sample_file(media, sent_as(media))) is not None:
            return file
        if not has_schema:
            return {} if is_json(sent_as(media)) else ""
        try:
            value = self._of_schema(media, preference, key)
            return value if status < _ERRORS else agreeing(value, status, lambda value: _fits(media, value))
        except Impossible as error:
            return next(iter(examples.values())) if examples else self._nearest(media, preference, key, error.reason)

    def _nearest(self, media: Media, preference: Preference, key: str, reason: str) -> Json:
        """The nearest value of a schema that none fits; of a sequence that declares its items alone, one of those."""
        seed = self.seed if preference.seed is None else preference.seed
        seed_key = SeedKey(seed, key) if self._is_dynamic(preference) else None
        value = self.make.nearest(_schema_of(media), seed_key, reason)
        value = {} if value is None else value
        return value if media.validator is not None else [value]

    def headers(
        self,
        answer: DeclaredResponse,
        preference: Preference,
        key: str,
        given: AbstractSet[str] = frozenset(),
        *,
        only_required: bool = False,
    ) -> Headers:
        """What the document declares, each with its example or a value of its schema, without those `given` already
        (in small letters).
        """
        return self.headers_of(answer.headers, preference, key, given, only_required=only_required)

    def headers_of(
        self,
        declared: Mapping[str, Header],
        preference: Preference,
        key: str,
        given: AbstractSet[str] = frozenset(),
        *,
        only_required: bool = False,
    ) -> Headers:
        """Those of the declared headers, as `headers` has it."""
        return tuple(
            (name, text)
            for name, header in declared.items()
            if (lowered := name.lower()) not in _THE_SERVERS
            and lowered not in given
            and _TOKEN.fullmatch(name)
            and (lowered != "content-length" or header.required)
            and (header.required or not only_required)
            and (text := self._text(header, preference, key)) is not None
        )

    def _text(self, header: Header, preference: Preference, key: str) -> str | None:
        text = next(examples_of_header(header), None) or usual_text(header)
        if text is not None:
            return text
        try:
            return header_text(header, self._made(header.pointer, preference, f"{key} {header.name}"))
        except Impossible:
            return None

    def _of_schema(self, media: Media, preference: Preference, key: str) -> Json:
        """A value of the schema; of a sequence that declares its items alone, some of those. Raises Impossible."""
        if media.validator is not None:
            return self._made(media.validator.pointer, preference, key)
        at = _schema_of(media)
        return [self._made(at, preference, f"{key} {number}") for number in range(SEVERAL)]

    def _made(self, pointer: str, preference: Preference, key: str) -> Json:
        """A value of the schema at `pointer`, not to be changed. Raises Impossible."""
        if self._is_dynamic(preference):
            return self.make.value(pointer, SeedKey(self.seed if preference.seed is None else preference.seed, key))
        return self.make.made(pointer).value

    def _is_dynamic(self, preference: Preference) -> bool:
        return self.dynamic if preference.dynamic is None else preference.dynamic


SEVERAL: Final = 3
"""How many items a sequence has that says only what they are."""

_ERRORS: Final = 400
VALIDATORS: Final = frozenset({"etag", "last-modified"})
"""Headers that say which version an answer is of: an example of one would not change with what is remembered."""

_BODILESS: Final = frozenset({204, 205, 304})
_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_THE_SERVERS: Final = frozenset({"content-type", "connection", "keep-alive", "transfer-encoding", "upgrade"})
"""Headers that say how an answer is sent: an example of one would contradict the bytes."""


def examples_of(media: Media) -> Mapping[str, Json]:
    """The media type's examples by name, the only one without a name under an empty one; those in files as bytes."""
    named = media.node.get("examples", {})
    found = {
        name: example[member]
        for name, example in named.items()
        for member in ("serializedValue", "dataValue", "value")
        if member in example and (member != "serializedValue" or not is_json(media.name))
    }
    return {**({"": media.node["example"]} if "example" in media.node else {}), **found, **media.files}


def _example(media: Media, name: str) -> Json:
    examples = examples_of(media)
    if name not in examples:
        raise undeclared(f"example {name!r}", ", ".join(filter(None, examples)) or "none")
    return examples[name]


def _response(status: int, content: MediaContent | None, headers: Headers, preference: Preference) -> Response:
    if preference.applied:
        headers += (("Preference-Applied", preference.applied),)
    if content is None:
        return Response(status, None, headers)
    return Response(status, content.body, (("Content-Type", content.media_type), *headers))


def _schema_of(media: Media) -> str:
    """The pointer of the schema of the whole, else of each item."""
    return f"{media.at}/itemSchema" if media.validator is None else media.validator.pointer


def _fits(media: Media, value: Json) -> bool:
    """Whether the value fits the schema of the whole and, as a list, that of each item."""
    if media.validator is not None and not media.validator.accepts(value):
        return False
    return media.each is None or not isinstance(value, list) or all(map(media.each.accepts, value))


def _is_written(media: Media, example: Json) -> bool:
    """Whether the example is the text itself, or its bytes, of a value that is written otherwise than as JSON: a whole
    XML document, for an object.
    """
    return isinstance(example, str | bytes) and not is_json(media.name)
