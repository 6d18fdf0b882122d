"""Answers that a test has written, as WireMock's `response`; each is read once and sent often."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from mockserver.engine.body.writer import is_json
from mockserver.engine.interventions.fault import Delay
from mockserver.engine.interventions.matching.matchers import refused
from mockserver.json_text import Json, Malformed, encode, read_json
from mockserver.messages import BROKEN_CHUNK, EMPTY, GARBAGE, RESET, Delivery, Headers, Response
from mockserver.openapi.model.operation import Operation
from mockserver.state.clock import LONGEST_DELAY
from mockserver.state.random_source import Random

FAULTS: Final[Mapping[str, str]] = {
    "CONNECTION_RESET_BY_PEER": RESET,
    "EMPTY_RESPONSE": EMPTY,
    "MALFORMED_RESPONSE_CHUNK": BROKEN_CHUNK,
    "RANDOM_DATA_THEN_CLOSE": GARBAGE,
}
BODIES: Final = ("jsonBody", "body", "base64Body")
LEFT_OUT: Final[Mapping[str, str]] = {
    "transformers": "response templating is left out: answers that depend on the request are a handler's, in Python "
    "(docs/your-own-api.md)",
    "transformerParameters": "response templating is left out",
    "bodyFileName": "files are not read over the control API; send the body itself",
    "proxyBaseUrl": "a stub forwards nothing",
    "statusMessage": "the reason phrase is always that of the status",
}
"""Members of WireMock's that are refused, each with the reason."""

NULL: Final = b"null"
"""The body of an answer whose JSON value is null, since None is no body."""

_TEMPLATE = re.compile(r"\{\{\s*[#{]?\s*(?:request|now|randomValue|jsonPath|parameters)\b")
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[\t -~\x80-\xff]*")


@dataclass(frozen=True, slots=True)
class CannedAnswer:
    """An answer that a test has written: `body` is a JSON value, or bytes; None is no body. Nothing is sent before the
    `delay` (milliseconds), and the body takes `dribble` seconds; `fault` is how the connection ends in its place.
    """

    status: int = 200
    body: Json = None
    headers: Headers = ()
    delay: float | Delay = 0.0
    dribble: float = 0.0
    fault: str = ""

    def response(self, operation: Operation | None) -> Response:
        """The response, with a media type that the operation declares where the test names none."""
        headers = self.headers
        if self.body is not None and not (headers and headers[0][0] == "Content-Type"):
            headers = (("Content-Type", self._media_type(operation)), *headers)
        return Response(self.status, self.body, headers)

    def _media_type(self, operation: Operation | None) -> str:
        declared = operation.answer(self.status) if operation is not None else None
        names = [name for name in (declared.media if declared is not None else ()) if "*" not in name]
        if isinstance(self.body, bytes) and self.body is not NULL:
            return names[0] if names else "text/plain; charset=utf-8"
        return next(filter(is_json, names), "application/json")

    def value(self, media_type: str) -> Json:
        """The body as the document sees it: a text that is said to be JSON is a JSON value."""
        if isinstance(self.body, bytes) and is_json(media_type):
            try:
                return read_json(self.body) if self.body is not NULL else self.body
            except Malformed:
                return self.body.decode("utf-8", "replace")
        return self.body

    def delivery(self, chance: Random) -> Delivery | None:
        """The way in which the answer is sent; None: whole and at once."""
        if not (self.delay or self.dribble or self.fault):
            return None
        delay = self.delay.seconds(chance) if isinstance(self.delay, Delay) else min(self.delay / 1000, LONGEST_DELAY)
        rate = max(len(encode(self.body)) / self.dribble, 1) if self.dribble else 0.0
        return Delivery(delay, rate, self.fault)


def read_answer(given: Json, at: str) -> CannedAnswer:
    """The answer that WireMock's `response` describes. Raises Problem 422 for members that it does not know."""
    if not isinstance(given, dict):
        raise refused(at, "type", 'expected an object such as {"status": 200, "jsonBody": {}}')
    is_null = [name for name in BODIES if name in given] == ["jsonBody"] and given["jsonBody"] is None
    given = {name: value for name, value in given.items() if value is not None and (value != [] or name == "jsonBody")}
    if is_null:
        given["jsonBody"] = None
    for name in given:
        if name in LEFT_OUT:
            raise refused(f"{at}/{name}", "response", f"{name}: {LEFT_OUT[name]}", name)
        if name not in _MEMBERS:
            raise refused(f"{at}/{name}", "response", f"{name[:80]!r} is not known here; known are {_KNOWN}", name)
    bodies = [name for name in BODIES if name in given]
    if len(bodies) > 1:
        raise refused(at, "response", f"has {' and '.join(bodies)}; expected one of them", bodies)
    if "fixedDelayMilliseconds" in given and "delayDistribution" in given:
        raise refused(at, "response", "has fixedDelayMilliseconds and delayDistribution; expected one of them")
    return CannedAnswer(
        status=_status(given.get("status", 200), f"{at}/status"),
        body=_body(given, at),
        headers=_headers(given.get("headers", {}), f"{at}/headers"),
        delay=_delay(given, at),
        dribble=_dribble(given.get("chunkedDribbleDelay"), f"{at}/chunkedDribbleDelay"),
        fault=_fault(given.get("fault"), f"{at}/fault"),
    )


_MEMBERS: Final = frozenset({
    "status", *BODIES, "headers", "fixedDelayMilliseconds", "delayDistribution", "chunkedDribbleDelay", "fault",
})  # fmt: skip
_KNOWN: Final = ", ".join(sorted(_MEMBERS))


def _status(given: Json, at: str) -> int:
    if not isinstance(given, int) or isinstance(given, bool) or not 200 <= given <= 599:
        raise refused(at, "range", "expected a status from 200 to 599", given)
    return given


def _body(given: Mapping[str, Json], at: str) -> Json:
    if "jsonBody" in given:
        _refuse_template(encode(given["jsonBody"]).decode("utf-8", "replace"), f"{at}/jsonBody")
        return NULL if given["jsonBody"] is None else given["jsonBody"]
    if "base64Body" in given:
        try:
            return b64decode(given["base64Body"], validate=True)
        except (ValueError, TypeError):
            raise refused(f"{at}/base64Body", "format", "expected Base64") from None
    if "body" not in given:
        return None
    text = given["body"]
    if not isinstance(text, str):
        raise refused(f"{at}/body", "type", "expected a text; a JSON value is a jsonBody", text)
    _refuse_template(text, f"{at}/body")
    return text.encode("utf-8", "replace")


def _refuse_template(text: str, at: str) -> None:
    if _TEMPLATE.search(text):
        raise refused(at, "response", f"looks like a template; {LEFT_OUT['transformers']}", text)


def _headers(given: Json, at: str) -> Headers:
    if not isinstance(given, dict):
        raise refused(at, "type", "expected an object of names with their values", given)
    pairs: list[tuple[str, str]] = []
    for name, value in given.items():
        for text in value if isinstance(value, list) else [value]:
            if not isinstance(text, str) or not _HEADER_VALUE.fullmatch(text) or not _HEADER_NAME.fullmatch(name):
                raise refused(
                    f"{at}/{name}", "header", "expected a header's name with a text, or a list of texts", text
                )
            if name.lower() in _OF_THE_SERVER:
                raise refused(f"{at}/{name}", "header", f"{name} is what the server itself says", text)
            _refuse_template(text, f"{at}/{name}")
            pairs.append(("Content-Type" if name.lower() == "content-type" else name, text))
    return tuple(sorted(pairs, key=lambda pair: pair[0] != "Content-Type"))


_OF_THE_SERVER: Final = frozenset({"content-length", "transfer-encoding", "connection", "keep-alive", "upgrade"})


def _milliseconds(given: Json, at: str) -> float:
    if not isinstance(given, (int, float)) or isinstance(given, bool) or not 0 <= given <= LONGEST_DELAY * 1000:
        raise refused(at, "range", f"expected milliseconds, at most {LONGEST_DELAY * 1000:.0f}", given)
    return float(given)


_DISTRIBUTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "fixed": ("milliseconds",),
    "uniform": ("lower", "upper"),
    "lognormal": ("median", "sigma"),
}


def _delay(given: Mapping[str, Json], at: str) -> float | Delay:
    if "delayDistribution" not in given:
        return _milliseconds(given.get("fixedDelayMilliseconds", 0), f"{at}/fixedDelayMilliseconds")
    at, told = f"{at}/delayDistribution", given["delayDistribution"]
    members = _DISTRIBUTIONS.get(str(told.get("type"))) if isinstance(told, dict) else None
    if members is None or told.keys() != {"type", *members}:
        expected = "; ".join(f"{kind} with {' and '.join(names)}" for kind, names in _DISTRIBUTIONS.items())
        raise refused(at, "response", f"expected an object with a type: {expected}", told)
    values = [_milliseconds(told[name], f"{at}/{name}") for name in members]
    if told["type"] == "fixed":
        return values[0]
    if told["type"] == "uniform":
        return Delay(lower=min(values), upper=max(values))
    return Delay(median=values[0], sigma=values[1])


def _dribble(given: Json, at: str) -> float:
    if given is None:
        return 0.0
    if not isinstance(given, dict) or given.keys() != {"numberOfChunks", "totalDuration"}:
        raise refused(at, "type", "expected an object with numberOfChunks and totalDuration", given)
    return _milliseconds(given["totalDuration"], f"{at}/totalDuration") / 1000


def _fault(given: Json, at: str) -> str:
    if given is None:
        return ""
    if given not in FAULTS:
        raise refused(at, "enum", f"expected one of {', '.join(FAULTS)}", given)
    return FAULTS[given]
