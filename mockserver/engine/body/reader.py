"""Decodes the body of a request, in any media type, to a value that fits its schema."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from mockserver.engine.answers.negotiate import best
from mockserver.engine.body.content_coding import CODINGS
from mockserver.engine.body.media_families import BINARY, FORM, JSON, TEXT, family
from mockserver.engine.body.media_readers import Reader, bare_type, reader_of
from mockserver.engine.body.part_count import MOST_BODY_PARTS, refuse_many_parts
from mockserver.engine.call import IGNORED_BODY, Call
from mockserver.json_text import Json, Malformed, read_json
from mockserver.openapi.model.body_model import Body, Media, covering
from mockserver.openapi.schema.explanation import MAX_VIOLATIONS, ExplanationBudget
from mockserver.problem import MALFORMED, MEDIA_TYPE, Problem, Violation

JSON_TYPE: Final = "application/json"
OCTETS: Final = "application/octet-stream"
"""What a body is taken for that does not say what it is."""


class BodyReader:
    """Reads the body of one operation's requests. `any_media_type` names the assumption whose option `ignore` reads it
    as JSON, whatever it says to be; `named` are media types that only a header parameter names.
    """

    __slots__ = ("_any_media_type", "_body", "_is_json", "_named", "_readers", "_schema")

    def __init__(self, body: Body, any_media_type: str, named: Sequence[str] = ()) -> None:
        self._body = body
        self._named = named
        self._any_media_type = any_media_type
        self._readers: dict[tuple[str, str], Reader] = {}
        self._is_json = covering(body.media, JSON_TYPE) is not None
        media = covering(body.media, JSON_TYPE)
        self._schema = None if media is None else media.validator

    def read(self, call: Call, violations: list[Violation]) -> None:
        """`call.body` is the value. Raises a Problem for a body that cannot be read."""
        request = call.request
        if request.unread is not None:
            raise unreadable(request.unread)
        media_type = request.headers.get("Content-Type") or ""
        if not request.body and not self._body.required and family(bare_type(media_type)) != FORM:
            return
        if media_type == JSON_TYPE and self._is_json and request.body:
            self._read_json(call, violations)
            return
        media = self._take(call, media_type)
        if media is None:
            self._read_json(call, violations)
            return
        bare = bare_type(media_type) or OCTETS
        refuse_many_parts(request.body, _parsed_as(media, family(bare)))
        reader = self._reader(media, bare)
        if not request.body and not (reader.takes_empty and media_type):
            raise Problem(400, "A body is required, and none was sent.", code=MALFORMED)
        try:
            call.body, found = reader.read(request.body, media_type)
        except Malformed as error:
            raise Problem(400, f"The body is no {reader.noun}: {error}.", code=MALFORMED) from None
        violations += found or held(media, call.body, "body", by_item=reader.by_item)

    def _read_json(self, call: Call, violations: list[Violation]) -> None:
        if not call.request.body:
            raise Problem(400, "A body is required, and none was sent.", code=MALFORMED)
        content = call.request.body
        if len(content) > MOST_BODY_PARTS:
            refuse_many_parts(content, JSON)
        try:
            value = read_json(content)
        except Malformed as error:
            raise Problem(400, f"The body is no JSON: {error}.", code=MALFORMED) from None
        call.body = value
        schema = self._schema
        if schema is not None and not schema.accepts(value):
            violations += schema.violations(value, "body")

    def _take(self, call: Call, media_type: str) -> Media | None:
        """Returns the declared media type object; None where the media type does not matter. A Problem 415 where it is
        not one that the operation takes.
        """
        media = covering(self._body.media, media_type or OCTETS)
        if media is None and self._named and best(media_type, self._named) is not None:
            media = next(filter(_of_family(family(bare_type(media_type))), self._body.media.values()), None)
        if media is not None:
            return media
        if self._any_media_type and call.assume(self._any_media_type) == "ignore":
            return None
        if not call.request.body:
            raise Problem(400, "A body is required, and none was sent.", code=MALFORMED)
        taken = ", ".join(self._body.media)
        bare = bare_type(media_type)
        seen = f"Content-Type {bare!r}" if bare else "no Content-Type"
        raise Problem(415, f"The body has {seen}; expected {taken}.", code=MEDIA_TYPE)

    def _reader(self, media: Media, bare: str) -> Reader:
        key = media.at, family(bare)
        reader = self._readers.get(key)
        if reader is None:
            reader = self._readers[key] = reader_of(media, key[1])
        return reader


def _parsed_as(media: Media, name: str) -> str:
    """The family of the values in a body: a text that is declared as no text is read as JSON."""
    is_text = media.validator is None or not media.view.types - {"string", "null"} or media.view.is_any
    return JSON if name in (TEXT, BINARY) and not is_text else name


def _of_family(name: str) -> Callable[[Media], bool]:
    return lambda media: family(bare_type(media.name)) == name


def unreadable(unread: tuple[int, str, str]) -> Problem:
    """Why a body was not read; where that is its coding, with those that are."""
    status, code, detail = unread
    return Problem(status, detail, code=code, headers=(("Accept-Encoding", CODINGS),) if status == 415 else ())


def meet_body(call: Call, *, refuses: bool) -> None:
    """A body that was sent to an operation which declares none is noted. Raises a Problem for one that could not be
    read, and where the operation `refuses` it with a 415.
    """
    request = call.request
    if request.unread is not None:
        raise unreadable(request.unread)
    if refuses:
        raise Problem(415, "A body was sent, and this operation takes none.", code=MEDIA_TYPE)
    call.note(IGNORED_BODY, f"{request.method} {_path(call)} declares no body; the one that was sent is passed over")


def _path(call: Call) -> str:
    return call.operation.path if call.operation is not None else ""


def held(media: Media, value: Json, place: str, *, by_item: bool) -> list[Violation]:
    """Returns the violations of the value: by the schema of the whole, and by that of each item of a sequence. Items
    are looked at until MAX_VIOLATIONS were found, and share one budget of explanations.
    """
    whole, each = (None, media.validator) if by_item else (media.validator, media.each)
    found: list[Violation] = []
    if whole is not None and not whole.accepts(value):
        found += whole.violations(value, place)
    if each is not None and isinstance(value, list):
        budget = ExplanationBudget()
        for number, item in enumerate(value):
            if not each.accepts(item):
                wrong = each.violations(item, place, budget)
                found += (replace(violation, pointer=f"/{number}{violation.pointer}") for violation in wrong)
                if len(found) >= MAX_VIOLATIONS:
                    return found[:MAX_VIOLATIONS]
    return found
