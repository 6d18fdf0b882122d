"""Names of errors: the words by which documents name an HTTP status or a violation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from typing import Final


def _table(lines: Mapping[int, str]) -> Mapping[int, tuple[str, ...]]:
    return {status: tuple(name.replace("_", " ") for name in line.split()) for status, line in lines.items()}


NAMES: Final = _table({
    400: "bad_request invalid_request invalid_argument validation_error validation_failed invalid validation "
    "malformed invalid_parameter parameter_invalid invalid_input invalid_request_error badly_formed bad_input",
    401: "unauthorized unauthenticated authentication_required not_authenticated authentication_error "
    "authentication_failed invalid_token invalid_credentials auth_error invalid_api_key token_invalid",
    402: "payment_required",
    403: "forbidden permission_denied access_denied not_allowed insufficient_permissions insufficient_scope "
    "authorization_error",
    404: "not_found resource_not_found missing resource_missing does_not_exist unknown no_such_resource not_exist "
    "entity_not_found notfound_error",
    405: "method_not_allowed",
    406: "not_acceptable",
    408: "request_timeout timeout",
    409: "conflict already_exists duplicate resource_conflict exists taken aborted already_taken duplicate_resource",
    410: "gone deleted not_found",
    412: "precondition_failed failed_precondition",
    413: "payload_too_large content_too_large request_too_large too_large",
    415: "unsupported_media_type unsupported invalid_content_type",
    422: "unprocessable_entity unprocessable_content validation_error validation_failed invalid validation "
    "invalid_request invalid_argument unprocessable invalid_parameter bad_request invalid_input",
    428: "precondition_required",
    429: "too_many_requests rate_limited rate_limit_exceeded rate_limit resource_exhausted throttled quota_exceeded",
    500: "internal_server_error internal_error server_error internal api_error unknown_error error",
    501: "not_implemented unimplemented",
    502: "bad_gateway",
    503: "service_unavailable unavailable temporarily_unavailable",
    504: "gateway_timeout deadline_exceeded timeout",
})  # fmt: skip
"""By status, the likeliest first."""

KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    "required": ("missing", "required", "missing field", "blank", "value error.missing"),
    "type": ("type error", "invalid type", "wrong type", "invalid"),
    "enum": ("enum", "inclusion", "invalid choice", "invalid enum value", "invalid"),
    "format": ("format", "invalid format", "invalid"),
    "pattern": ("pattern", "string pattern mismatch", "invalid format", "invalid"),
    "minLength": ("too short", "string too short", "min length", "invalid"),
    "maxLength": ("too long", "string too long", "max length", "invalid"),
    "minimum": ("too small", "greater than equal", "min value", "out of range", "invalid"),
    "maximum": ("too large", "less than equal", "max value", "out of range", "invalid"),
    "additionalProperties": ("extra forbidden", "unknown field", "unexpected", "invalid"),
}
"""By the JSON Schema keyword of a violation."""

CANONICAL: Final[Mapping[int, str]] = {
    400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND", 409: "ALREADY_EXISTS",
    412: "FAILED_PRECONDITION", 422: "INVALID_ARGUMENT", 429: "RESOURCE_EXHAUSTED", 500: "INTERNAL",
    501: "UNIMPLEMENTED", 503: "UNAVAILABLE", 504: "DEADLINE_EXCEEDED",
}  # fmt: skip
"""What APIs in Google's style call a status beside its number (google.rpc.Code)."""


@lru_cache(maxsize=512)
def names_of(status: int, keyword: str = "") -> tuple[str, ...]:
    """Returns the names that the error may have, the likeliest first, each in the spellings that documents use."""
    words = (*KINDS.get(keyword, ()), *NAMES.get(status, ()))
    return tuple(dict.fromkeys(spelled for word in words for spelled in _spellings(word)))


def spelled_like(known: Collection[str], word: str) -> str:
    """Returns a word such as `not-found` in the spelling that most of the known words have."""
    [((case, mark), _)] = Counter(map(_spelling, known)).most_common(1)
    alike = [one for one in _spellings(word.replace("-", " ")) if _spelling(one)[0] == case]
    wanted = mark if "-" in word else ""
    return next((one for one in alike if _spelling(one)[1] == wanted), alike[0] if alike else word)


def _spelling(word: str) -> tuple[tuple[bool, bool], str]:
    """What tells spellings apart: whether all or the first are capitals, and what separates the words."""
    return (word.isupper(), word[:1].isupper()), next((mark for mark in "_- ." if mark in word), "")


def _spellings(words: str) -> Iterator[str]:
    parts = words.replace(".", " ").split()
    pascal = "".join(part.capitalize() for part in parts)
    yield "_".join(parts)
    yield "_".join(parts).upper()
    yield pascal
    yield pascal[:1].lower() + pascal[1:]
    yield "-".join(parts)
    yield " ".join(parts)
    yield " ".join(parts).capitalize()
    yield " ".join(part.capitalize() for part in parts)
    yield f"{pascal}Error"
    yield f"{pascal}Exception"
    yield f"{'_'.join(parts)}_error"
    yield f"ERR_{'_'.join(parts).upper()}"
