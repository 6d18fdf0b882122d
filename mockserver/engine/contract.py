"""Does the request keep the contract (`admit`), and did the mock keep its promise (`check`)?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from urllib.parse import unquote_plus

from mockserver.engine.call import Call
from mockserver.problem import INVALID, MALFORMED, MEDIA_TYPE, Problem, Violation
from mockserver.spec.operation import Answer, Body, Operation, Parameter
from mockserver.spec.schema import Validator
from mockserver.state.world import Realm
from mockserver.wire import Headers, Json, Malformed, Response, read_json

JSON_TYPE = "application/json"
FORM_TYPE = "application/x-www-form-urlencoded"
Find = Callable[[str], list[str] | None]
"""All texts given for a parameter's name; None where there are none."""


class Contract:
    """What one operation asks of a request and promises for its answers, taken apart at load."""

    __slots__ = (
        "_answers",
        "_any_media_type",
        "_body",
        "_by_place",
        "_defaults",
        "_header",
        "_needs",
        "_operation",
        "_path",
        "_schema",
    )

    def __init__(self, operation: Operation, any_media_type: str) -> None:
        self._operation = operation
        self._answers: dict[int, tuple[Answer, dict[tuple[str, str], int]]] = {}
        self._any_media_type = any_media_type
        self._by_place: dict[str, tuple[Parameter, ...]] = {
            place: tuple(parameter for parameter in operation.parameters if parameter.place == place)
            for place in ("path", "query", "header")
        }
        self._defaults = {
            place: {parameter.name: parameter.default for parameter in parameters if parameter.has_default}
            for place, parameters in self._by_place.items()
        }
        self._path = not all(parameter.free for parameter in self._by_place["path"])
        self._header = bool(self._by_place["header"])
        self._needs = any(parameter.required for parameter in self._by_place["query"])
        self._body = operation.body
        self._schema = _json_validator(operation.body)

    def admit(self, call: Call, _realm: Realm | None = None) -> None:
        """`call.path`, `query`, `header` and `body` hold decoded values that kept their schemas.

        Raises a Problem: 400 and 413 for a body that cannot be read, 415 for a media type that is not taken, else one
        with every violation at once.
        """
        request = call.request
        violations: list[Violation] = []
        if self._path:
            call.path = self._decode("path", _each(call.path), violations)
        if request.query or self._needs:
            call.query = self._decode("query", _pairs(request.query).get, violations)
        else:
            call.query = self._defaults["query"]
        if self._header:
            call.header = self._decode("header", _each(request.headers), violations)
        if self._body is not None:
            self._read(call, self._body, violations)
        if violations:
            raise Problem(422, "; ".join(map(str, violations[:3])), code=INVALID, violations=tuple(violations))

    def _decode(self, place: str, find: Find, violations: list[Violation]) -> Mapping[str, Json]:
        values: dict[str, Json] = {**self._defaults[place]}
        for parameter in self._by_place[place]:
            given = find(parameter.name)
            if given is None:
                if parameter.required:
                    violations.append(Violation(place, f"/{parameter.name}", "required", "is required"))
                continue
            value = _value(parameter, given)
            if parameter.validator.accepts(value):
                values[parameter.name] = value
            else:
                violations += _named(parameter.name, parameter.validator.violations(value, place))
        return values

    def _read(self, call: Call, body: Body, violations: list[Violation]) -> None:
        request = call.request
        if request.unread is not None:
            status, code, detail = request.unread
            raise Problem(status, detail, code=code)
        if not request.body and not body.required:
            return
        if not request.body:
            raise Problem(400, "A body is required, and none was sent.", code=MALFORMED)
        media_type = request.headers.get("Content-Type", "")
        if media_type != JSON_TYPE and self._take(call, media_type, body) == FORM_TYPE:
            call.body = _form(request.body)
            form = body.media[FORM_TYPE].validator
            if form is not None and not form.accepts(call.body):
                violations += form.violations(call.body, "body")
            return
        try:
            value = read_json(request.body)
        except Malformed as error:
            raise Problem(400, f"The body is no JSON: {error}.", code=MALFORMED) from None
        call.body = value
        schema = self._schema
        if schema is not None and not schema.accepts(value):
            violations += schema.violations(value, "body")

    def _take(self, call: Call, media_type: str, body: Body) -> str:
        """The media type to read the body as. A Problem 415 where it is not one that the operation takes."""
        bare = media_type.partition(";")[0].strip().lower()
        if bare in body.media:
            return bare
        if self._any_media_type and call.assume(self._any_media_type) == "ignore":
            return JSON_TYPE
        taken = ", ".join(body.media)
        seen = f"Content-Type {bare!r}" if bare else "no Content-Type"
        raise Problem(415, f"The body has {seen}; expected {taken}.", code=MEDIA_TYPE)

    def check(self, response: Response, headers: Headers) -> tuple[Violation, ...]:
        """How this answer breaks the document; nothing where it keeps it."""
        status, body = response.status, response.body
        known = self._answers.get(status)
        if known is None:
            answer = self._operation.answer(status)
            if answer is None:
                return (self._undeclared(status),)
            known = self._answers[status] = answer, {}
        answer, good = known
        broken = _check_headers(answer, headers, good) if answer.headers else ()
        if body is None:
            return (*broken, _BODYLESS) if answer.media else broken
        media_type = headers[0][1]
        if isinstance(body, bytes):
            media_type = media_type.partition(";")[0]
            if media_type in answer.media:
                return broken
        if media_type not in answer.media:
            declared = ", ".join(answer.media) or "no body"
            return (
                *broken,
                Violation("response", "", "content", f"{media_type} is not declared; declared: {declared}"),
            )
        validator = answer.media[media_type].validator
        if validator is not None and not validator.accepts(body):
            return (*broken, *validator.violations(body, "response"))
        return broken

    def _undeclared(self, status: int) -> Violation:
        declared = ", ".join(self._operation.answers)
        return Violation("response", "", "status", f"status {status} is not declared; declared are {declared}")


_BODYLESS = Violation("response", "", "content", "a body is declared, and none was sent")


def _check_headers(answer: Answer, headers: Headers, good: dict[tuple[str, str], int]) -> tuple[Violation, ...]:
    """What is wrong with the headers. `good` remembers those that were found to be fine, with 1 for a required one:
    most are sent again and again.
    """
    missing = answer.required_headers
    broken: tuple[Violation, ...] = ()
    for sent in headers:
        known = good.get(sent)
        if known is not None:
            missing -= known
            continue
        name, value = sent
        header = answer.headers.get(name)
        if header is None:
            continue
        missing -= header.required
        if not header.accepts(value):
            message = f"the header {name} may not be {value!r}"
            broken += (Violation("response", f"/{name}", "header", message, value),)
        elif len(good) < MOST_GOOD and len(value) < SHORT:
            good[sent] = int(header.required)
    return broken + _absent(answer, headers) if missing else broken


def _absent(answer: Answer, headers: Headers) -> tuple[Violation, ...]:
    sent = {name.lower() for name, _ in headers}
    return tuple(
        Violation("response", f"/{name}", "required", f"the header {name} is required")
        for name, header in answer.headers.items()
        if header.required and name.lower() not in sent
    )


MOST_GOOD, SHORT = 4096, 16


def _json_validator(body: Body | None) -> Validator | None:
    media = None if body is None else body.media.get(JSON_TYPE)
    return None if media is None else media.validator


def _value(parameter: Parameter, given: list[str]) -> Json:
    """The parameter's value from its texts: the last one counts, unless it is an array."""
    if not parameter.is_array:
        return parameter.decode(given[-1])
    texts = given if parameter.explode and parameter.place == "query" else given[-1].split(",")
    return [parameter.decode(text) for text in texts]


def _named(name: str, violations: tuple[Violation, ...]) -> list[Violation]:
    return [replace(violation, pointer=f"/{name}{violation.pointer}") for violation in violations]


def _form(body: bytes) -> Json:
    """The fields of a form by name; of those given twice the last one counts."""
    return {name: texts[-1] for name, texts in _pairs(body.decode("utf-8", "replace")).items()}


def _pairs(query: str) -> dict[str, list[str]]:
    pairs: dict[str, list[str]] = {}
    for pair in query.split("&"):
        if pair:
            name, _, text = pair.partition("=")
            pairs.setdefault(unquote_plus(name), []).append(unquote_plus(text))
    return pairs


def _each(texts: Mapping[str, str]) -> Find:
    def find(name: str) -> list[str] | None:
        text = texts.get(name)
        return None if text is None else [text]

    return find
