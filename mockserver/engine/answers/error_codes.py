"""The words that a document's errors have for their codes, as the examples of its schemas and responses show them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from mockserver.engine.answers.error_words import names_of, spelled_like
from mockserver.json_text import Json
from mockserver.openapi.model.body_model import Media
from mockserver.openapi.model.document import Resolver
from mockserver.problem import Problem, Unusable
from mockserver.spelling import plain, words_of

_NAMES: Final = frozenset({"code", "errorcode", "error", "type", "kind", "reason"})
"""Plain names of members that may have a code."""
_ALONE: Final = frozenset({"code", "errorcode"})
"""Those that have nothing else."""
_WORD: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{1,60}")
_DEEPEST: Final = 8
_MOST_SCHEMAS: Final = 300
"""Schemas of one error that are looked at."""

_Code = tuple[str, str]
"""The plain name of a member, and a code that it has."""


class ErrorCodes:
    """The codes of one document's errors, read at the first error of each media type."""

    def __init__(self, document: Json) -> None:
        self._resolve = Resolver(document)
        self._known: dict[str, Mapping[str, tuple[str, ...]]] = {}
        self._codes: dict[tuple[str, int, str], Mapping[str, str]] = {}

    def __call__(self, media: Media, problem: Problem, status: int) -> Mapping[str, str]:
        """Returns the document's code for the Problem, by the plain name of the member that says it: one of its own
        words, or the mock's word in its spelling.
        """
        words = self._known.get(media.at)
        if words is None:
            words = self._known[media.at] = self._words(media)
        if not words:
            return {}
        key = media.at, status, problem.code
        codes = self._codes.get(key)
        if codes is None:
            codes = {name: code for name, known in words.items() if (code := _code(name, known, problem, status))}
            self._codes[key] = codes
        return codes

    def _words(self, media: Media) -> Mapping[str, tuple[str, ...]]:
        node = media.node if isinstance(media.node, dict) else {}
        examples = node.get("examples")
        values = [one.get("value") for one in examples.values() if isinstance(one, dict)] if examples else []
        found: dict[str, dict[str, None]] = {}
        for value in (node.get("example"), *values):
            for name, word in _in_value(value, _DEEPEST):
                found.setdefault(name, {})[word] = None
        for name, word in self._in_schema(node.get("schema"), f"{media.at}/schema", "", _DEEPEST, set()):
            found.setdefault(name, {})[word] = None
        return {name: (*words,) for name, words in found.items()}

    def _in_schema(self, node: Json, pointer: str, name: str, depth: int, seen: set[_Code]) -> Iterator[_Code]:
        """Yields the codes among the examples of the member `name` that has this schema, and of those inside of it; not
        of list items, whose codes are those of single violations.
        """
        try:
            node, pointer = self._resolve(node, pointer)
        except Unusable:
            return
        if not isinstance(node, dict) or not depth or (name, pointer) in seen or len(seen) >= _MOST_SCHEMAS:
            return
        seen.add((name, pointer))
        examples = node.get("examples")
        for value in (node.get("example"), *(examples if isinstance(examples, list) else ())):
            yield from _in_value({name: value}, _DEEPEST)
        members = node.get("properties")
        for member, schema in members.items() if isinstance(members, dict) else ():
            yield from self._in_schema(schema, f"{pointer}/properties/{member}", member, depth - 1, seen)
        for keyword in ("allOf", "oneOf", "anyOf"):
            for number, part in enumerate(node.get(keyword, ())):
                yield from self._in_schema(part, f"{pointer}/{keyword}/{number}", name, depth - 1, seen)


def _in_value(value: Json, depth: int) -> Iterator[_Code]:
    """Yields the codes in an example."""
    for name, member in value.items() if isinstance(value, dict) and depth else ():
        if isinstance(member, str) and plain(name) in _NAMES and _WORD.fullmatch(member):
            yield plain(name), member
        yield from _in_value(member, depth - 1)


def _code(name: str, known: tuple[str, ...], problem: Problem, status: int) -> str:
    """Returns the code for a member of this plain name; empty where none of its own fits: a name of the status, or one
    of several words with what it is about in front, such as `book_not_found`.
    """
    names = names_of(status)
    own = next((word for word in names if word in known), "")
    if not own:
        ends = tuple({plain(word) for word in names if len(words_of(word)) > 1})
        more = [word for word in known if plain(word).endswith(ends)]
        own = more[0] if len(more) == 1 else ""
    return own or (spelled_like(known, problem.code) if name in _ALONE else "")
