"""The types of a fault's members, for faults that are made in Python."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from mockserver.engine.expected_values import NUMBER, TEXT, WHOLE, ExpectedValue, are_texts
from mockserver.engine.interventions.matching.matchers import refused

_EXPECTED: Final[Mapping[str, ExpectedValue]] = {
    "status": WHOLE,
    "headers": ExpectedValue(are_texts, 'a mapping of texts such as {"Retry-After": "3"}'),
    "bytes_per_second": NUMBER,
    "connection": TEXT,
    "content_type": TEXT,
    "breaks": TEXT,
    "pointer": TEXT,
    "writes": ExpectedValue(lambda value: value is None or isinstance(value, bool), "True, False or None"),
    "api": TEXT,
    "operation": TEXT,
    "method": TEXT,
    "path": TEXT,
    "request": ExpectedValue(lambda value: isinstance(value, Mapping), "a pattern of WireMock's, as a mapping"),
    "times": WHOLE,
    "after": WHOLE,
    "every": WHOLE,
    "probability": NUMBER,
}


def refuse_wrong_types(fault: Any) -> None:
    """Raises Problem 422 for the first member of a wrong type: what was seen, and what was expected."""
    for name, expected in _EXPECTED.items():
        value = getattr(fault, name)
        if not expected.is_met(value):
            raise refused(f"/{name}", "type", expected.told(value), repr(value))
