"""Reads YAML as JSON values, by the core schema of YAML 1.2 and within limits.

Only the event parser of PyYAML's C extension is used. Its composer recurses in C and crashes the process on deep
nesting, its resolver reads YAML 1.1 (`no`, dates, `12:30` become other values), and it has no limits.
"""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from yaml import YAMLError
from yaml._yaml import CParser
from yaml.error import MarkedYAMLError
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)
from yaml.reader import ReaderError

from mockserver.json_text import Json
from mockserver.problem import Unusable

MAX_DEPTH = 200
MAX_EVENTS = 10_000_000
MAX_ALIASED = 16 * 1024 * 1024
"""The most characters that the aliases of one document may expand to, counted at each use."""

_CORE = "tag:yaml.org,2002:"
_WORDS = dict.fromkeys(("", "~", "null", "Null", "NULL"), None) | {
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_FIRST = frozenset("-+.0123456789~nNtTfF")
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_IN_JSON = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_TYPES: dict[str, tuple[type, ...]] = {
    "int": (int,),
    "float": (int, float),
    "bool": (bool,),
    "null": (type(None),),
}
_FOREIGN_TAG = "has the tag {}; only YAML's own types are read. Remove the tag."
_BASES = {"0o": 8, "0x": 16}
_KINDS: dict[type[Event], str] = {
    MappingStartEvent: "{",
    MappingEndEvent: "}",
    SequenceStartEvent: "[",
    SequenceEndEvent: "]",
    ScalarEvent: "=",
    AliasEvent: "=",
}


@dataclass(frozen=True, slots=True)
class YamlEvent:
    """One event of a text: `{`, `}`, `[`, `]` or `=` (a scalar or alias, with its text), and its line."""

    kind: str
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class _Anchored:
    """A finished node that aliases can refer to: `height` levels of nesting in `weight` characters."""

    value: Any
    height: int
    weight: int


def load(text: bytes, name: str) -> tuple[Json, bool]:
    """The value of the only document in `text` (UTF-8), and whether a mapping in it has a duplicate key.

    Values of aliases are shared, not copied, so the value must not be changed in place. Raises `Unusable` for a text
    that is not YAML, has several documents, exceeds a limit, or has no equivalent in JSON.
    """
    if text.startswith(b"%TAG") or b"\n%TAG" in text:
        # The C parser compares each with all before it: a file of them takes hours.
        raise Unusable("declares tags with %TAG; only YAML's own types are read. Remove the directive.", where=name)
    composer = _Composer(text, name)
    try:
        return composer.document(), composer.doubled
    except YAMLError as error:
        raise _not_yaml(error, text, name) from None


def marks(text: bytes) -> Iterator[YamlEvent]:
    """The events of a text that `load` has read."""
    event: Any
    for event in iter(CParser(text).get_event, None):
        kind = type(event)
        if kind in _KINDS:
            name = f"*{event.anchor}" if kind is AliasEvent else getattr(event, "value", "")
            yield YamlEvent(_KINDS[kind], name, event.start_mark.line + 1)


class _Composer:
    """Builds one value from the events of one text."""

    def __init__(self, text: bytes, name: str) -> None:
        self.name = name
        self.events = islice(iter(CParser(text).get_event, None), MAX_EVENTS)
        self.anchors: dict[str, _Anchored | None] = {}
        self.aliased = 0
        self.deepest = 0
        self.doubled = False

    def document(self) -> Any:
        try:
            next(self.events)
            event = next(self.events)
            if not isinstance(event, DocumentStartEvent):
                raise Unusable("is empty; expected a document.", where=self.name)
            value = self.node(next(self.events), 0)
            next(self.events)
            event = next(self.events)
        except StopIteration:
            raise Unusable(f"has more than {MAX_EVENTS:,} parts, the most that is read.", where=self.name) from None
        if not isinstance(event, StreamEndEvent):
            raise self.refusal(event, "a second document begins here; expected one a file. Split the file at `---`.")
        return value

    def node(self, event: Event, depth: int) -> Any:
        """The value that begins with `event`, at nesting level `depth`."""
        kind = type(event)
        if kind is ScalarEvent:
            return self.scalar(event)
        if kind is AliasEvent:
            return self.alias(event, depth)
        return self.collection(event, depth + 1)

    def collection(self, event: Any, depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise self.refusal(event, f"is nested more than {MAX_DEPTH} deep, the most that is read.")
        name: str | None = event.anchor
        value: Any
        outer, before = self.deepest, self.aliased
        self.deepest = depth
        if name is not None:
            self.anchors[name] = None
        if type(event) is MappingStartEvent:
            self.expect_tag(event, "map")
            value, end = self.mapping(depth)
        else:
            self.expect_tag(event, "seq")
            value, end = self.sequence(depth)
        if name is not None:
            weight = end.end_mark.index - event.start_mark.index + self.aliased - before
            self.anchors[name] = _Anchored(value, self.deepest - depth + 1, weight)
        self.deepest = max(self.deepest, outer)
        return value

    def sequence(self, depth: int) -> tuple[list[Any], Any]:
        items: list[Any] = []
        while type(event := next(self.events)) is not SequenceEndEvent:
            items.append(self.scalar(event) if type(event) is ScalarEvent else self.node(event, depth))
        return items, event

    def mapping(self, depth: int) -> tuple[dict[str, Any], Any]:
        """The last of duplicate keys counts; merged keys (`<<`) are overridden by the mapping's own, earlier merges
        override later ones.
        """
        members: dict[str, Any] = {}
        merged: list[dict[str, Any]] = []
        while type(event := next(self.events)) is not MappingEndEvent:
            key = self.key(event, depth)
            child = next(self.events)
            value = self.scalar(child) if type(child) is ScalarEvent else self.node(child, depth)
            if key == "<<" and _is_plain(event):
                merged += self.merge_sources(child, value)
            else:
                self.doubled = self.doubled or key in members
                members[key] = value
        if not merged:
            return members, event
        combined: dict[str, Any] = {}
        for source in (*reversed(merged), members):
            combined.update(source)
        return combined, event

    def merge_sources(self, event: Event, value: Any) -> list[dict[str, Any]]:
        sources = value if isinstance(value, list) else [value]
        if not all(isinstance(source, dict) for source in sources):
            raise self.refusal(event, "`<<` takes in mappings; this is none. Quote the key if it is meant as a name.")
        return sources

    def key(self, event: Any, depth: int) -> str:
        """The text of a key: `200:` is a name, as everywhere in OpenAPI."""
        if type(event) is ScalarEvent:
            if event.tag is not None or event.anchor is not None:
                self.scalar(event)
            return sys.intern(event.value)
        if type(event) is AliasEvent and isinstance(value := self.alias(event, depth), str):
            return value
        raise self.refusal(event, "a key is a list or mapping here; expected a name.")

    def scalar(self, event: Any) -> Any:
        text, tag = event.value, event.tag
        if tag is not None:
            value = self.tagged(event)
        elif text[:1] not in _FIRST and text:
            value = text
        elif event.implicit[0]:
            value = self.resolved(event)
        else:
            value = text
        if event.anchor is not None:
            self.anchors[event.anchor] = _Anchored(value, 0, len(text))
        return value

    def resolved(self, event: Any) -> Any:
        """The value of a plain scalar by the core schema: null, boolean, integer, float, else its text."""
        text: str = event.value
        if text in _WORDS:
            return _WORDS[text]
        if _INTEGER.fullmatch(text):
            if len(text) > sys.int_info.default_max_str_digits:
                raise self.refusal(event, f"is an integer of {len(text)} digits; quote it if it is meant as text.")
            return int(text[2:], _BASES[text[:2]]) if text[:2] in _BASES else int(text)
        if _FLOAT.fullmatch(text) and math.isfinite(number := float(text)):
            return number
        if _FLOAT.fullmatch(text) or _NOT_IN_JSON.fullmatch(text):
            raise self.refusal(event, f"{text[:40]} is no number in JSON; quote it if it is meant as text.")
        return text

    def tagged(self, event: Any) -> Any:
        """The value that a tag of the core schema requires."""
        tag, text = event.tag, event.value
        if tag in {"!", _CORE + "str"}:
            return text
        expected = _TYPES.get(tag.removeprefix(_CORE))
        if expected is None:
            raise self.refusal(event, _FOREIGN_TAG.format(_short(tag)))
        value = self.resolved(event)
        if type(value) not in expected:
            raise self.refusal(event, f"{text[:40]!r} is not what its tag {_short(tag)} says.")
        return float(value) if tag == _CORE + "float" else value

    def expect_tag(self, event: Any, kind: str) -> None:
        if event.tag not in {None, "!", _CORE + kind}:
            raise self.refusal(event, _FOREIGN_TAG.format(_short(event.tag)))

    def alias(self, event: Any, depth: int) -> Any:
        if event.anchor not in self.anchors:
            raise self.refusal(event, f"*{event.anchor} stands for nothing: no &{event.anchor} before it.")
        anchored = self.anchors[event.anchor]
        if anchored is None:
            raise self.refusal(
                event, f"*{event.anchor} stands for a value that it is part of. Use `$ref` for recursion."
            )
        self.aliased += anchored.weight
        self.deepest = max(self.deepest, depth + anchored.height)
        if self.aliased > MAX_ALIASED:
            raise self.refusal(
                event, f"the aliases stand for more than {MAX_ALIASED:,} characters. Use `$ref` instead."
            )
        if self.deepest > MAX_DEPTH:
            raise self.refusal(event, f"the aliases nest more than {MAX_DEPTH} deep, the most that is read.")
        return anchored.value

    def refusal(self, event: Any, message: str) -> Unusable:
        return Unusable(message, where=f"{self.name}:{event.start_mark.line + 1}")


def _is_plain(event: Any) -> bool:
    return type(event) is ScalarEvent and event.tag is None and event.implicit[0]


def _short(tag: str) -> str:
    return tag.replace(_CORE, "!!", 1)[:60]


def _not_yaml(error: YAMLError, text: bytes, name: str) -> Unusable:
    """The parser's error with its line, and advice if the error alone gives none."""
    if isinstance(error, ReaderError):
        line = text.count(b"\n", 0, error.position) + 1
        character = error.character if isinstance(error.character, int) else ord(error.character)
        return Unusable(f"holds the character U+{character:04X}, which YAML forbids.", where=f"{name}:{line}")
    if not isinstance(error, MarkedYAMLError) or error.problem_mark is None:
        return Unusable(f"is not YAML: {error}.", where=name)
    number = error.problem_mark.line
    line_text = text.split(b"\n", number + 1)[number] if text.count(b"\n") >= number else b""
    indentation = line_text[: len(line_text) - len(line_text.lstrip())]
    advice = " A tab stands in the indentation; use spaces." if b"\t" in indentation else ""
    complaint = " ".join(part for part in (error.context, error.problem) if part)
    column = error.problem_mark.column + 1
    return Unusable(f"is not YAML: {complaint} (column {column}).{advice}", where=f"{name}:{number + 1}")
