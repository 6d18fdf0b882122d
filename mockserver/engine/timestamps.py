"""Points in time as text."""

from __future__ import annotations

from datetime import UTC, datetime


def utc_seconds(at: float) -> str:
    """Epoch seconds as an ISO 8601 date and time in UTC, to the second: `2026-03-20T09:12:44Z`.

    Raises ValueError or OverflowError for a year that is not among 1 to 9999.
    """
    return _utc(at, "seconds")


def utc_milliseconds(at: float) -> str:
    """Epoch seconds as an ISO 8601 date and time in UTC, to the millisecond: `2026-03-20T09:12:44.000Z`."""
    return _utc(at, "milliseconds")


def _utc(at: float, precision: str) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec=precision).replace("+00:00", "Z")


def epoch_seconds(text: str) -> float:
    """Epoch seconds of an ISO 8601 date and time, in UTC where it names no zone. Raises ValueError."""
    at = datetime.fromisoformat(text.upper())
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
