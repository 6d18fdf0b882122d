"""Every documented error code, and which one each Problem becomes."""

from __future__ import annotations

from collections.abc import Mapping

from mockserver.problem import (
    ALREADY_EXISTS,
    FORBIDDEN,
    IN_PROGRESS,
    KEY_INVALID,
    KEY_MISMATCH,
    MALFORMED,
    MEDIA_TYPE,
    NO_METHOD,
    NO_OPERATION,
    NOT_FOUND,
    RATE_LIMITED,
    TOO_LARGE,
    UNAUTHENTICATED,
)

RELEASE = "2026-04-28"
MISSING = "resource_missing"
TAKEN = "resource_already_exists"
ARCHIVED = "archived_user_conflict"
CONFLICT = "state_conflict"
NAMELESS = "Either external_id or anonymous_id must be present"
IDENTITIES = ("external_id", "anonymous_id")

CATALOGUE = {
    "parameter_missing": (400, "Parameter missing"),
    "parameter_invalid_empty": (400, "Parameter empty"),
    "parameter_invalid_format": (400, "Invalid format"),
    "parameter_unknown": (400, "Parameter unknown"),
    "idempotency_key_invalid": (400, "Idempotency key invalid"),
    "version_unsupported": (400, "Version not supported"),
    "version_required": (400, "Version required"),
    "webhook_signature_invalid": (400, "Webhook signature invalid"),
    "authentication_required": (401, "Authentication required"),
    "quota_exceeded": (402, "Quota exceeded"),
    "permission_denied": (403, "Permission denied"),
    "resource_missing": (404, "Resource missing"),
    "resource_already_exists": (409, "Resource already exists"),
    "state_conflict": (409, "State conflict"),
    "archived_user_conflict": (409, "Contact archived"),
    "user_capacity_exhausted": (409, "No room for another contact"),
    "idempotency_key_mismatch": (409, "Idempotency key mismatch"),
    "idempotency_in_progress": (409, "Request in progress"),
    "validation_failed": (422, "Request validation failed"),
    "rate_limited": (429, "Rate limit exceeded"),
    "internal_error": (500, "Internal error"),
    "service_unavailable": (503, "Service unavailable"),
}
"""The documented codes: status and title."""

REASONS: Mapping[str, tuple[str, str | None]] = {
    UNAUTHENTICATED: ("authentication_required", None),
    FORBIDDEN: ("permission_denied", None),
    NO_OPERATION: (MISSING, None),
    NO_METHOD: ("parameter_invalid_format", None),
    NOT_FOUND: (MISSING, ""),
    ALREADY_EXISTS: (TAKEN, ""),
    RATE_LIMITED: ("rate_limited", None),
    MALFORMED: ("parameter_invalid_format", "body"),
    TOO_LARGE: ("parameter_invalid_format", "body"),
    MEDIA_TYPE: ("parameter_invalid_format", "Content-Type"),
    KEY_INVALID: ("idempotency_key_invalid", "Idempotency-Key"),
    KEY_MISMATCH: ("idempotency_key_mismatch", "Idempotency-Key"),
    IN_PROGRESS: ("idempotency_in_progress", "Idempotency-Key"),
}
"""The code and the `param` of the engine's Problems; an empty `param` is what the Problem is about, None is none."""

FIELD_CODES = {
    "required": "parameter_missing",
    "minItems": "parameter_invalid_empty",
    "minLength": "parameter_invalid_empty",
    "additionalProperties": "parameter_unknown",
}
"""The code of a field by the keyword of JSON Schema that it breaks; any other is parameter_invalid_format."""
