"""Holds JSON that is sent as another media type against the schema of the declared one: a wrong label hides nothing."""

from __future__ import annotations

import json
from typing import Any, Final

from schemathesis.core.failures import FailureGroup

from mockserver.contract.checking.checks.checked_api import MISSING, CheckedApi
from mockserver.contract.checking.checks.own_failure import MislabelledJson
from mockserver.contract.checking.recording.recorded_exchange import content_type_of, media_type_of
from mockserver.json_text import Json
from mockserver.openapi.model.body_model import Media, covering
from mockserver.openapi.model.operation import Operation
from mockserver.problem import Violation

MOST_VIOLATIONS: Final = 5
"""Violations of one answer that are reported."""


def mislabelled_json_fits_schema(api: CheckedApi, response: Any, case: Any) -> bool:
    """Looks at an answer whose media type is not declared, where all declared ones of its status are JSON. True: there
    was nothing to see. Raises a failure for each place that breaks the schema.
    """
    method = case.method.upper()
    operation = api.operations.get((method, case.operation.path)) if method == case.operation.method.upper() else None
    media = _only_json(operation, response) if operation is not None else None
    body = _body(response) if media is not None else MISSING
    if operation is None or media is None or media.validator is None or body is MISSING:
        return True
    failures: dict[str, MislabelledJson] = {}
    for violation in media.validator.violations(body, "response")[:MOST_VIOLATIONS]:
        failure = _failure(case.operation.label, media, response, violation)
        failures.setdefault(failure.aspect, failure)
    if failures:
        raise FailureGroup(list(failures.values()))
    return False


def _only_json(operation: Operation, response: Any) -> Media | None:
    """The first declared media type of an answer, if all are JSON and none applies to what was sent."""
    answer = operation.answer(response.status_code)
    if answer is None or not answer.media or covering(answer.media, content_type_of(response)) is not None:
        return None
    return next(iter(answer.media.values())) if all(map(_is_json, answer.media)) else None


def _is_json(media_type: str) -> bool:
    bare = media_type.partition(";")[0].strip().lower()
    return bare == "application/json" or bare.endswith("+json")


def _body(response: Any) -> Json:
    """The object or list that an answer is; MISSING where it cannot be read as JSON."""
    content = (response.content or b"").lstrip()
    if content[:1] not in (b"{", b"["):
        return MISSING
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return MISSING


def _failure(label: str, media: Media, response: Any, violation: Violation) -> MislabelledJson:
    came = media_type_of(response)
    claim = f"says that it is {came}" if came else "has no media type"
    said = f"The answer {claim}, and reads as JSON. Taken as {media.name}, it breaks the schema:"
    place = "/".join("*" if token.isdigit() else token for token in violation.pointer.split("/"))
    return MislabelledJson(
        operation=label, message=f"{said}\n{violation}", aspect=f"{place} {violation.keyword}".strip(), steps=()
    )
