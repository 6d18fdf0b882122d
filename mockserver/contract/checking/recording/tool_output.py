"""Leaves the final sections out of what Schemathesis prints: `mockserver check` tells the findings itself."""

from __future__ import annotations

import re
import sys
from typing import Any, Final

_SECTION: Final = re.compile(r"(?:\x1b\[[0-9;]*m)*={3,} .* ={3,}")


class _UntilSections:
    """Standard output that ends where the first section (`=== FAILURES ===`) begins."""

    def __init__(self, output: Any) -> None:
        self._output = output
        self._ended = False

    def write(self, text: str) -> int:
        if not self._ended:
            found = _SECTION.search(text)
            self._output.write(text if found is None else text[: found.start()])
            self._ended = found is not None
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._output, name)


def hide_sections() -> None:
    """From now on the sections of a finished run are not printed."""
    sys.stdout = _UntilSections(sys.stdout)
