"""Keys of `paths` with a query or a fragment: `/bakery?api-version=2024`, `/#Action=AddRole`. The path of a request has
neither, so they become conditions that select the operation.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator
from typing import NamedTuple
from urllib.parse import unquote, unquote_plus

from mockserver.openapi.model.parameter import Parameter

_EXPANSION = re.compile(r"\{[?&][^{}]*\}")
_EXPRESSION = re.compile(r"\{([^{}]+)\}")
_LITERAL = re.compile(r"(\{[^{}]*\})")


class PathCondition(NamedTuple):
    """A query parameter or header that a request must have, with this value unless it is None. `captures` names the
    path parameter that takes its value, if there is one.
    """

    place: str
    name: str
    value: str | None = None
    captures: str = ""

    def __str__(self) -> str:
        value = "" if self.value is None else f"={self.value}"
        return f"{self.place} {self.name}{value}"


def plain_path(key: str) -> str:
    """The request path that the key stands for, with percent-encoded characters decoded."""
    path = _EXPANSION.sub("", key).partition("#")[0].partition("?")[0]
    if "%" not in path:
        return path
    return "".join(part if part[:1] == "{" else unquote(part) for part in _LITERAL.split(path))


def is_greedy(expression: str) -> bool:
    """Whether the expression in braces matches the rest of a path including slashes: `Key+`, `+path`, `path*`,
    `path...`, `path:path`.
    """
    return _GREEDY.fullmatch(expression) is not None


def bare_name(expression: str) -> str:
    """The parameter name in a greedy expression; any other expression is a name itself."""
    found = _GREEDY.fullmatch(expression)
    return expression if found is None else found[1] or found[2]


def with_bare_names(path: str, names: Container[str]) -> str:
    """The path template with greedy expressions replaced by the names of these parameters."""
    return _BRACED.sub(lambda found: f"{{{declared_name(found[1], names)}}}", path)


def declared_name(expression: str, names: Container[str]) -> str:
    """The name of the parameter that a path expression refers to."""
    return expression if expression in names or bare_name(expression) not in names else bare_name(expression)


_BRACED = re.compile(r"\{([^{}]+)\}")
_GREEDY = re.compile(r"\+([^{}+*:.]+)|([^{}+*:.]+)(?:\+|\*|\.\.\.|:path|:\.[*+])")


def has_conditions(key: str) -> bool:
    """Whether the key has a query or fragment; `{?name}` only declares a query parameter."""
    return "#" in key or "?" in _EXPANSION.sub("", key)


def conditions_of(key: str, parameters: Iterable[Parameter]) -> tuple[PathCondition, ...]:
    """The conditions that the key sets for a request. A condition of a fragment counts if it can be sent: as a declared
    parameter, or as a name with a value.
    """
    places = {parameter.name.lower(): parameter.place for parameter in parameters}
    return tuple(condition for condition, counts in _conditions(key, places) if counts)


def unsent(key: str, parameters: Iterable[Parameter]) -> tuple[str, ...]:
    """The names in the key's fragment that no request can have."""
    places = {parameter.name.lower(): parameter.place for parameter in parameters}
    return tuple(condition.name for condition, counts in _conditions(key, places) if not counts)


def _conditions(key: str, places: dict[str, str]) -> Iterator[tuple[PathCondition, bool]]:
    path, _, fragment = _EXPANSION.sub("", key).partition("#")
    for text, is_sent in ((path.partition("?")[2], True), (fragment, False)):
        for pair in filter(None, text.split("&")):
            name, equals, value = pair.partition("=")
            name = unquote_plus(name)
            place = "header" if places.get(name.lower()) == "header" and not is_sent else "query"
            expression = _EXPRESSION.fullmatch(value)
            wanted = None if expression or not equals else unquote_plus(value)
            captures = expression[1] if expression and places.get(expression[1].lower()) == "path" else ""
            counts = is_sent or bool(equals) or places.get(name.lower()) in ("query", "header")
            yield PathCondition(place, name, wanted, captures), counts
