"""Words a failed verification: the requests that were made, and the nearest to the expected one."""

from __future__ import annotations

import json
from typing import Final

from mockserver.json_text import Json

LONGEST_VALUE: Final = 200
"""The most characters of one expected or actual value."""


def not_verified(told: Json, expected: Json) -> str:
    """The text of an assertion that failed: what was expected, and the nearest requests with what differs in each."""
    lines = [told["detail"], f"expected: {_shown(expected)}"]
    for near in told["nearest"]:
        lines.append(f"nearest: {near['id']}. {near['method']} {near['url']} -> {near['status']}")
        lines += [
            f"    {one['criterion']}: expected {_shown(one['expected'])}, there was {_shown(one['actual'])}"
            for one in near["differences"]
        ]
    return "\n".join(lines)


def _shown(value: Json) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"
