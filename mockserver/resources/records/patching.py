"""JSON Patch (RFC 6902) and Merge Patch (RFC 7396) on a record."""

from __future__ import annotations

import re
from typing import Final

from mockserver.engine.body.charset import bare_type
from mockserver.json_text import Json
from mockserver.problem import INVALID, MALFORMED, Problem

JSON_PATCH: Final = "application/json-patch+json"
MERGE_PATCH: Final = "application/merge-patch+json"
_PYTHONS: Final = re.compile(r" \(<class '[^']*'>\)")


def is_json_patch(media_type: str, body: Json) -> bool:
    """Returns whether a body is a list of JSON Patch operations."""
    if bare_type(media_type) == JSON_PATCH:
        return True
    return isinstance(body, list) and bool(body) and all(isinstance(step, dict) and "op" in step for step in body)


def is_merge_patch(media_type: str) -> bool:
    """Returns whether the media type says that the body is a merge patch, however little its schema declares."""
    return bare_type(media_type) == MERGE_PATCH


def _spelt(patch: Json) -> Json:
    """Returns the patch with its operations in lower case: some documents declare them as `Add` and `Remove`."""
    if not isinstance(patch, list):
        return patch
    return [
        {**step, "op": step["op"].lower()} if isinstance(step, dict) and isinstance(step.get("op"), str) else step
        for step in patch
    ]


def json_patched(record: Json, patch: Json) -> Json:
    """Returns the record with all operations of the patch done, or none. Raises a Problem 400 for an invalid patch, 409
    for a `test` that fails, 422 for a path that leads nowhere.
    """
    from jsonpatch import InvalidJsonPatch, JsonPatch, JsonPatchConflict, JsonPatchTestFailed
    from jsonpointer import JsonPointerException

    try:
        return JsonPatch(_spelt(patch)).apply(record)
    except JsonPatchTestFailed as error:
        raise Problem(
            409, f"A `test` of the patch fails: {_PYTHONS.sub('', str(error))}.", code="patch-test-failed"
        ) from None
    except (JsonPatchConflict, JsonPointerException) as error:
        raise Problem(422, f"The patch does not fit the record: {error}.", code=INVALID) from None
    except (InvalidJsonPatch, TypeError, KeyError, AttributeError) as error:
        raise Problem(400, f"The body is no JSON Patch: {error}.", code=MALFORMED) from None
