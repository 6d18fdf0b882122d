"""Assumptions: the choices that an API's documents leave open, read from a YAML file and checked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final, NamedTuple

from mockserver.json_text import Json
from mockserver.openapi.normalize.edits import ABSENT
from mockserver.problem import Unusable, Violation


class RefusedPlace(NamedTuple):
    """A keyword that the document has at a place of requests by assumption only.

    `place` is that of a Violation. `pointer` is a JSON pointer in which the token `*` stands for any one token and `**`
    for any number of them. An empty `keyword` stands for every keyword.
    """

    place: str
    pointer: str
    keyword: str = ""


@dataclass(frozen=True, slots=True)
class Assumption:
    """One choice that the vendor's documents leave open.

    `options` maps each to what it does; `probe` says which request to the real server would settle the question.
    Where an option makes the API's own document read otherwise, `document` maps it to new values by JSON pointer.
    `refuses` are the places for which requests are refused by this assumption and by no page of the vendor.
    """

    name: str
    question: str
    options: Mapping[str, str]
    default: str
    probe: str
    document: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)
    refuses: tuple[RefusedPlace, ...] = ()


class Assumptions:
    """The assumptions of one API in the order of its file, which is read when one of them is first asked for.

    Reading raises Unusable for a file that is missing or not valid.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def __iter__(self) -> Iterator[Assumption]:
        return iter(self._all)

    def refusing(self, violation: Violation) -> str:
        """The name of the assumption without which this would be no violation; empty where the vendor states it."""
        place = violation.place
        candidates = (*self._refusals.get((place, violation.keyword), ()), *self._refusals.get((place, ""), ()))
        return next((name for pattern, name in candidates if pattern.fullmatch(violation.pointer)), "")

    @cached_property
    def _all(self) -> tuple[Assumption, ...]:
        return read_assumptions(self.path)

    @cached_property
    def _refusals(self) -> Mapping[tuple[str, str], list[tuple[re.Pattern[str], str]]]:
        found: dict[tuple[str, str], list[tuple[re.Pattern[str], str]]] = {}
        for assumption in self._all:
            for place, pointer, keyword in assumption.refuses:
                found.setdefault((place, keyword), []).append((_compiled(pointer), assumption.name))
        return found


def _compiled(pointer: str) -> re.Pattern[str]:
    wildcards = {"*": "/[^/]*", "**": "(?:/[^/]*)*"}
    return re.compile("".join(wildcards.get(token, f"/{re.escape(token)}") for token in pointer.split("/")[1:]))


def read_assumptions(path: Path) -> tuple[Assumption, ...]:
    """The assumptions in the file at `path`, in its order.

    The file maps the name of each to `question`, `options`, `default`, `probe` and, where there is something to say,
    `document` (option -> edits: `at` one JSON pointer or a list of them, with `value` or `remove: true`) and `refuses`
    (`at` one place such as `body /ids/*` or a list of them, with one `keyword`, a list of them, or none for all).
    Raises Unusable with the file, its line, the assumption and what is wrong.
    """
    # What reads YAML is imported where it is needed, since it takes its time.
    from mockserver.openapi.source.source import read

    source = read(path, strict=True)
    if not isinstance(source.value, dict):
        raise Unusable("expected a mapping of names to assumptions.", where=str(path))
    found = []
    for name, value in source.value.items():
        try:
            found.append(_assumption(name, value))
        except _Error as error:
            line = source.line(f"/{name.replace('~', '~0').replace('/', '~1')}")
            raise Unusable(f"the assumption {name!r} {error}.", where=f"{path}:{line}") from None
    return tuple(found)


class _Error(Exception):
    """A mistake in one assumption."""


_TEXTS: Final = ("question", "default", "probe")
_PLACES: Final = ("path", "query", "header", "cookie", "body")


def _assumption(name: str, value: Json) -> Assumption:
    _check_members("", value, {*_TEXTS, "options"}, {"document", "refuses"})
    for member in _TEXTS:
        if not isinstance(value[member], str):
            raise _Error(f"has a `{member}` that is no text: {value[member]!r}")
    options = value["options"]
    if not isinstance(options, dict) or len(options) < 2 or not all(isinstance(text, str) for text in options.values()):
        raise _Error("has `options` that are no mapping of two or more names to texts")
    if value["default"] not in options:
        raise _Error(f"has the default {value['default']!r}, which is none of its options: {', '.join(options)}")
    document = value.get("document", {})
    if not isinstance(document, dict) or not document.keys() <= options.keys():
        raise _Error(f"has a `document` that is no mapping of its options ({', '.join(options)}) to edits")
    return Assumption(
        name,
        value["question"],
        options,
        value["default"],
        value["probe"],
        {option: dict(_edits(option, edits)) for option, edits in document.items()},
        tuple(_refused_places(value.get("refuses", []))),
    )


def _check_members(where: str, value: Json, required: set[str], optional: set[str]) -> None:
    if not isinstance(value, dict):
        raise _Error(f"{where or 'has a value that'} is no mapping")
    where = f"{where} " if where else ""
    if missing := required - value.keys():
        raise _Error(f"{where}lacks {', '.join(f'`{member}`' for member in sorted(missing))}")
    if unknown := value.keys() - required - optional:
        known = ", ".join(sorted(required | optional))
        raise _Error(f"{where}has the unknown member {', '.join(sorted(unknown))!r}; known are {known}")


def _edits(option: str, edits: Json) -> Iterator[tuple[str, Json]]:
    where = f"has an edit of the document for {option!r} that"
    if not isinstance(edits, list):
        raise _Error(f"has edits of the document for {option!r} that are no list")
    for edit in edits:
        _check_members(where, edit, {"at"}, {"value", "remove"})
        if ("value" in edit) is ("remove" in edit) or edit.get("remove", True) is not True:
            raise _Error(f"{where} has neither `value` nor `remove: true`, or both")
        for pointer in _texts(where, "at", edit["at"]):
            if not pointer.startswith("/"):
                raise _Error(f"{where} is at {pointer!r}; expected a JSON pointer such as /components/schemas/Pet")
            yield pointer, edit.get("value", ABSENT)


def _refused_places(refuses: Json) -> Iterator[RefusedPlace]:
    where = "has an entry of `refuses` that"
    if not isinstance(refuses, list):
        raise _Error("has a `refuses` that is no list")
    for refusal in refuses:
        _check_members(where, refusal, {"at"}, {"keyword"})
        for at in _texts(where, "at", refusal["at"]):
            place, _, pointer = at.partition(" ")
            if place not in _PLACES or not (pointer == "" or pointer.startswith("/")):
                raise _Error(f"{where} is at {at!r}; expected one of {', '.join(_PLACES)} and a pointer: `body /ids/*`")
            for keyword in _texts(where, "keyword", refusal.get("keyword", "")):
                yield RefusedPlace(place, pointer, keyword)


def _texts(where: str, member: str, value: Json) -> list[str]:
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list) or not texts or not all(isinstance(text, str) for text in texts):
        raise _Error(f"{where} has a `{member}` that is neither a text nor a list of texts: {value!r}")
    return texts
