"""Reads the preferences of a request: `Prefer: code=404, example=dog, seed=7`, or `__code` in the query."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from mockserver.messages import Request
from mockserver.problem import INVALID, Problem, Violation


class Preference(NamedTuple):
    """The preferences of one request; None and empty where unsaid. `applied` says it as `Preference-Applied` does."""

    code: int | None = None
    example: str = ""
    dynamic: bool | None = None
    seed: int | None = None
    applied: str = ""

    @property
    def steers(self) -> bool:
        """Whether a certain answer of the document is asked for, whatever the mock remembers."""
        return self.code is not None or bool(self.example)


NONE = Preference()


def preference_of(request: Request) -> Preference:
    """Returns the preferences of the request; the query beats the header. A Problem 422 for a wrong value."""
    given = request.headers.get("Prefer")
    if not given and "__" not in request.query:
        return NONE
    found = {name.lower(): value for name, value in _PREFERENCE.findall(given or "")}
    texts = {name: value.strip('"') for name, value in found.items() if name in _READ}
    texts |= {name[2:]: value for name, value in parse_qsl(request.query) if name[:2] == "__" and name[2:] in _READ}
    values: dict[str, Any] = {}
    wrong: list[Violation] = []
    for name, text in texts.items():
        try:
            values[name] = _READ[name](text)
        except (ValueError, KeyError):
            where = "query" if f"__{name}=" in request.query else "header"
            pointer = f"/__{name}" if where == "query" else "/Prefer"
            wrong.append(Violation(where, pointer, "prefer", f"{name}={text[:40]!r}: expected {_EXPECTED[name]}"))
    if wrong:
        raise Problem(422, "; ".join(map(str, wrong)), code=INVALID, violations=tuple(wrong))
    return Preference(**values, applied=", ".join(f"{name}={text}" for name, text in texts.items()))


_PREFERENCE = re.compile(r'([A-Za-z-]+)\s*=\s*("[^"]*"|[^,;\s]+)')


def _code(text: str) -> int:
    if not re.fullmatch("[1-5][0-9][0-9]", text):
        raise ValueError(text)
    return int(text)


_READ: Mapping[str, Callable[[str], Any]] = {
    "code": _code,
    "example": str,
    "dynamic": {"true": True, "false": False}.__getitem__,
    "seed": int,
}
_EXPECTED = {
    "code": "a status from 100 to 599",
    "example": "the name of an example",
    "dynamic": "true or false",
    "seed": "an integer",
}
