"""Judges the failures of Schemathesis: undeclared refusals are reclassified, misjudgements discarded.

Each rule covers one kind of misjudgement, with the standard or the document that contradicts it. Rules use the request
as sent and the document, never what the mock made of them, so that a defect of the mock remains a finding.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from mockserver.contract.checking.repeated_keys import RepeatedKeys
from mockserver.contract.checking.sent_request import SentRequest
from mockserver.contract.checking.shown_cursors import ShownCursors
from mockserver.openapi.model.operation import Operation
from mockserver.openapi.model.path_conditions import plain_path

Failure = Any
"""A failure of Schemathesis: `code` is its kind, the other members depend on it."""

SERVER_ERROR: Final = "ST101"
UNDECLARED: Final = "ST103"
MISSING_TYPE: Final = "ST104"
NOT_JSON: Final = "ST109"
INVALID_TAKEN: Final = "ST201"
VALID_REFUSED: Final = "ST202"
HEADER_NOT_MISSED: Final = "ST203"
ANOTHER_METHOD: Final = "ST204"
ALLOW: Final = "ST205"
CREATED_IS_MISSING: Final = "ST302"

OBVIOUS: Final = ""
"""The reason of a misjudgement that need not be reported: the standard leaves no doubt."""

INVALID: Final = (HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY)
OF_STATE: Final = (HTTPStatus.BAD_REQUEST, HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY)
"""How a server refuses what contradicts its records, whatever schema the request fits: an idempotency key that came
with another request before (draft-ietf-httpapi-idempotency-key-header 2.7), an id of no record.
"""
PRECONDITIONS: Final = frozenset({"if-match", "if-none-match", "if-unmodified-since", "if-modified-since", "if-range"})
"""Headers that make a request conditional (RFC 9110 13.1)."""


class Judgement(NamedTuple):
    """A failure that is not the server's fault. `status` is that of an undeclared refusal, else 0; `reason` is the
    misjudgement of Schemathesis, empty if it need not be reported.
    """

    method: str
    path: str
    code: str
    status: int = 0
    reason: str = OBVIOUS


class Judge:
    """Judges failures. `operations` are those of the document, by method and path; `keys` has those of idempotency."""

    def __init__(self, operations: Mapping[tuple[str, str], Operation]) -> None:
        self.keys = RepeatedKeys()
        self._cursors = ShownCursors()
        self._operations = operations

    def note(self, response: Any) -> None:
        """Remembers an exchange, as Schemathesis has it, for the judgement of later ones."""
        self.keys.note(response.request)
        self._cursors.note(response)

    def __call__(self, failure: Failure, case: Any, response: Any) -> Judgement | None:
        """The judgement of a failure; None if it remains a failure."""
        key = case.operation.method.upper(), case.operation.path
        if failure.code == UNDECLARED and 400 <= response.status_code < 500:
            return Judgement(*key, failure.code, status=response.status_code)
        if failure.code in (ANOTHER_METHOD, ALLOW):
            return Judgement(*key, failure.code) if self._is_declared_elsewhere(failure, case, response) else None
        if failure.code == VALID_REFUSED and response.status_code in OF_STATE and self.keys.repeats(response.request):
            return Judgement(*key, failure.code)
        operation = self._operations.get(key)
        if operation is None:
            return None
        sent = SentRequest(case, response, operation)
        if failure.code == VALID_REFUSED and response.status_code in INVALID:
            cursor = self._cursors.made_up(operation, case.query)
            if cursor:
                why = f"the document lets {cursor} be any text, and this one was made by chance: no answer had it"
                return Judgement(*key, failure.code, reason=why)
        for rule in RULES.get(failure.code, ()):
            reason = rule(sent, failure)
            if reason is not None:
                return Judgement(*key, failure.code, reason=reason)
        return None

    def _is_declared_elsewhere(self, failure: Failure, case: Any, response: Any) -> bool:
        """OpenAPI 3.2 declares further methods in `additionalOperations`, and another template that matches the address
        may declare the method.
        """
        address = urlsplit(response.request.url).path
        found: dict[str, set[str]] = {}
        for method, path in self._operations:
            if path == case.operation.path or _fits(path, address):
                found.setdefault(path, set()).add(method)
        every: set[str] = set().union(*found.values())
        if failure.code == ANOTHER_METHOD:
            return response.request.method in every
        allowed = {method.strip().upper() for method in failure.allow_header.split(",")} - _IMPLICIT
        others = [methods - _IMPLICIT for path, methods in found.items() if path != case.operation.path]
        return allowed == every - _IMPLICIT or allowed in others


_IMPLICIT = frozenset({"HEAD", "OPTIONS"})


def _fits(template: str, address: str) -> bool:
    """Whether an address ends with a path that matches the template."""
    parts = re.split(r"\{[^{}]*\}", plain_path(template))
    return re.search("[^/]+".join(map(re.escape, parts)) + r"\Z", address) is not None


def _has_no_content(sent: SentRequest, _: Failure) -> str | None:
    """RFC 9110 6.4.1: responses to HEAD, and 1xx, 204 and 304, have no content, whatever the document declares."""
    status = sent.response.status_code
    bare = sent.case.method.upper() == "HEAD" or status < 200 or status in (204, 205, 304)
    return OBVIOUS if bare and not sent.response.content else None


def _state_refuses(sent: SentRequest, _: Failure) -> str | None:
    """The refusal depends on the record, not on the request: the record is missing, has changed, or ends before the
    range.
    """
    status = sent.response.status_code
    is_conditional = not sent.headers.isdisjoint(PRECONDITIONS)
    reasons = {
        HTTPStatus.GONE: True,
        HTTPStatus.PRECONDITION_FAILED: is_conditional,
        HTTPStatus.PRECONDITION_REQUIRED: not is_conditional,
        HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE: "range" in sent.headers,
    }
    return OBVIOUS if reasons.get(status, False) else None


def _is_a_refusal(sent: SentRequest, _: Failure) -> str | None:
    """Invalid data that is refused for another reason is still refused."""
    return OBVIOUS if 400 <= sent.response.status_code < 500 else None


def _asks_for_a_condition(sent: SentRequest, failure: Failure) -> str | None:
    """RFC 6585 3: the response to a request without a required condition."""
    is_condition = failure.header_name.lower() in PRECONDITIONS
    return OBVIOUS if is_condition and sent.response.status_code == HTTPStatus.PRECONDITION_REQUIRED else None


def _cannot_be_applied(sent: SentRequest, _: Failure) -> str | None:
    """RFC 6902 5: whether an operation can be applied depends on the record, which no schema describes."""
    status = sent.response.status_code
    if sent.media_type != "application/json-patch+json" or status not in (*INVALID, HTTPStatus.CONFLICT):
        return None
    if not isinstance(sent.case.body, list):
        return "the document takes what is no list for a JSON Patch, which is a list of operations (RFC 6902 3)"
    if not sent.case.body:
        return None
    return "the document says how the operations of a JSON Patch look, not that the record can take them"


def _breaks_a_format(sent: SentRequest, _: Failure) -> str | None:
    """Schemathesis ignores the format of a string that may be `null`."""
    if sent.response.status_code not in INVALID:
        return None
    found = sent.violations()
    if not found or any(violation.keyword != "format" for violation in found):
        return None
    first = found[0]
    return f"the document gives {first.place} {first.pointer} the format {first.expected}, which the sent value lacks"


def _was_filled_wrongly(sent: SentRequest, _: Failure) -> str | None:
    """Links give parameters what earlier answers had, whether it fits their schemas or not."""
    if sent.response.status_code not in INVALID or not sent.is_linked:
        return None
    found = sent.violations()
    if not found or any(violation.place == "body" for violation in found):
        return None
    first = found[0]
    return f"the value of {first.place} {first.pointer} was taken from an answer, and the document does not let it in"


def _lost_its_quotes(sent: SentRequest, _: Failure) -> str | None:
    """Schemathesis takes quotes and spaces off the values of headers, after it looked at their pattern."""
    if sent.response.status_code not in INVALID:
        return None
    found = sent.violations()
    if not found or any((violation.place, violation.keyword) != ("header", "pattern") for violation in found):
        return None
    first = found[0]
    return f"the document gives the header {first.pointer[1:]} a pattern, which the sent value does not match"


def _leaves_nothing(sent: SentRequest, _: Failure) -> str | None:
    """An empty list or object has no representation in a form."""
    if sent.response.status_code not in INVALID or not sent.is_form:
        return None
    empty = [name for name, value in sent.body.items() if value in ([], {})]
    lost = [name for name in empty if name in sent.required and name not in sent.fields]
    return f"the document requires {lost[0]}, and an empty list is not there when a form arrives" if lost else None


def _has_a_decimal_point(sent: SentRequest, _: Failure) -> str | None:
    """JSON accepts `2368.0` as an integer; a form contains text, in which an integer has only digits."""
    if sent.response.status_code not in INVALID or not sent.is_form:
        return None
    for name, texts in sent.fields.items():
        is_integer = "integer" in sent.types(name) and "number" not in sent.types(name)
        if is_integer and any(text and _WHOLE.fullmatch(text) for text in texts):
            return f"the document says that {name} is an integer, which the text of a form writes in digits alone"
    return None


_WHOLE = re.compile(r"[+-]?\d+(?:\.0*(?:[eE][+-]?\d+)?|(?:\.\d+)?[eE]\+?\d+)")


def _is_whole_with_a_fraction(sent: SentRequest, _: Failure) -> str | None:
    """OpenAPI 3.0 calls a number without a fraction or exponent an integer, JSON Schema 2020-12 also `177.0`, which
    readers of JSON with integers of their own refuse.
    """
    if sent.response.status_code not in INVALID:
        return None
    place = sent.whole_with_a_fraction()
    return f"the document says that {place} is an integer, and it was sent with a fraction of .0" if place else None


def _sends_null_as_text(sent: SentRequest, _: Failure) -> str | None:
    """A parameter that may be `null` has no text for it; Schemathesis sends the text `null`, or an empty one."""
    if sent.response.status_code not in INVALID:
        return None
    name = sent.null_as_text()
    return (
        f"the document lets the {name} be null, for which a parameter has no text, and one was sent" if name else None
    )


def _has_a_part_without_a_name(sent: SentRequest, _: Failure) -> str | None:
    """RFC 7578 4.2: each part has a name."""
    if sent.response.status_code not in INVALID or not sent.is_multipart or "" not in sent.fields:
        return None
    return "the document says that the members of a form are named, and one was sent without a name"


def _arrives_valid(sent: SentRequest, _: Failure) -> str | None:
    """In a form, one value and a list of it are the same, and any text is a file."""
    if not sent.is_form or sent.negated_beside_the_body or not sent.body:
        return None
    if not any(map(sent.is_list, sent.fields)) or not sent.fits(sent.arrived()):
        return None
    return "the document has nothing against what arrived: in a form a value is a list of one, and any text is a file"


Rule = Callable[[SentRequest, Failure], str | None]

RULES: Final[Mapping[str, Sequence[Rule]]] = {
    MISSING_TYPE: (_has_no_content,),
    NOT_JSON: (_has_no_content,),
    INVALID_TAKEN: (_is_a_refusal, _arrives_valid),
    VALID_REFUSED: (
        _state_refuses,
        _cannot_be_applied,
        _breaks_a_format,
        _was_filled_wrongly,
        _lost_its_quotes,
        _leaves_nothing,
        _has_a_decimal_point,
        _is_whole_with_a_fraction,
        _sends_null_as_text,
        _has_a_part_without_a_name,
    ),
    HEADER_NOT_MISSED: (_asks_for_a_condition,),
}
