"""Reads one document, JSON or YAML, within limits: its value, its oddities and the line of each place."""

from __future__ import annotations

import gc
import json
import math
import re
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, NamedTuple

import jiter

from mockserver.json_pointer import escaped, tokens
from mockserver.json_text import Json
from mockserver.openapi.source import yaml12
from mockserver.openapi.source.yaml12 import YamlEvent
from mockserver.problem import Unusable

MAX_BYTES = 64 * 1024 * 1024
MAX_VALUES = 5_000_000

_BOM = b"\xef\xbb\xbf"
_PROSE = (".md", ".markdown", ".txt")
_AT_LINE = re.compile(r"(.*) at line (\d+) column (\d+)", re.DOTALL)
_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\]]|[^\s{}\[\],:"]+')
_LARGE_EXPONENTS = (re.compile(rb"e\+?[0-9]{3,}\s*[,\]}]"), re.compile(rb"E\+?[0-9]{3,}\s*[,\]}]"))
_AS_ZERO = bytes.maketrans(b"123456789", b"0" * 9)


@dataclass(frozen=True, slots=True)
class Finding:
    """An oddity of a document that can still be used; `pointer` is the JSON pointer of its place."""

    name: str
    line: int
    pointer: str
    message: str
    severity: str = "warning"
    """`error` if a part of the document is not served as it is meant, else `warning`."""

    def __str__(self) -> str:
        return f"{self.name}:{self.line}: {self.message} (#{self.pointer})"


@dataclass(frozen=True, slots=True)
class Source:
    """A document that was read. Parts of `value` may be shared, so it is never changed in place."""

    name: str
    path: Path
    value: Json = field(repr=False)
    findings: tuple[Finding, ...] = ()
    is_json: bool = False
    text: bytes = field(default=b"", repr=False)

    def line(self, pointer: str) -> int:
        """The line of the place at `pointer`, or of the last place along it that the text has."""
        return self.lines((pointer,))[pointer]

    def lines(self, pointers: Collection[str]) -> dict[str, int]:
        """The line of each pointer; the text is parsed once more, however many are given."""
        wanted = {step: 0 for pointer in pointers for step in _outwards(pointer)} | {"": 1}
        for place in _places(_marks(self.text, self.is_json)):
            if place.pointer in wanted:
                wanted[place.pointer] = place.line
        return {pointer: next(wanted[step] for step in _outwards(pointer) if wanted[step]) for pointer in pointers}


@dataclass(frozen=True, slots=True)
class _Place:
    """A member or item in text order; `again` if its name occurred in the same mapping before."""

    pointer: str
    line: int
    again: bool


STDIN = Path("-")
"""The path that stands for standard input; its folder is the working directory."""


def read(path: Path, *, strict: bool = False) -> Source:
    """The document in the file at `path`, or from standard input. Raises `Unusable` for what cannot be read."""
    if path == STDIN:
        return parse(from_stdin(), "<stdin>", path=path, strict=strict)
    try:
        with path.open("rb") as file:
            text = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise Unusable(f"cannot be read: {reason}. Expected a JSON or YAML file.", where=str(path)) from None
    return parse(text, str(path), path=path, strict=strict)


def from_stdin() -> bytes:
    """The text of standard input, which may be asked for more than once."""
    return _from_stdin(sys.stdin.buffer)


@lru_cache(maxsize=1)
def _from_stdin(stream: BinaryIO) -> bytes:
    """Reads the stream, which can be done only once."""
    return stream.read(MAX_BYTES + 1)


def parse(text: bytes, name: str, *, path: Path | None = None, strict: bool = False) -> Source:
    """Parses `text`, which messages call `name`. The last of duplicate keys counts; `strict` refuses them.

    A text that begins with `{` or `[` is JSON, or YAML if it is no JSON. Prose (`.md`, `.txt`) is a string.
    """
    text = text.removeprefix(_BOM)
    _refuse_unreadable(text, name)
    path = path or Path(name)
    if path.suffix.lower() in _PROSE:
        return Source(name, path, text.decode(), text=text)
    loaded = _load(text, name)
    findings = _doubled_keys(text, name, loaded.is_json) if loaded.doubled else ()
    if findings and strict:
        raise Unusable(f"{findings[0].message} Remove one.", where=f"{name}:{findings[0].line}")
    if loaded.complaint and (path.suffix.lower() == ".json" or path == STDIN):
        message = f"is no JSON: {loaded.complaint}. Read as YAML, which allows it; not everybody does."
        findings = (Finding(name, loaded.line, "", message), *findings)
    return Source(name, path, loaded.value, findings, loaded.is_json, text)


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """Pauses the garbage collector: reading creates no garbage, and looking for it takes longer than the reading."""
    was_running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_running:
            gc.enable()


def _refuse_unreadable(text: bytes, name: str) -> None:
    if len(text) > MAX_BYTES:
        raise Unusable(f"is larger than {MAX_BYTES // 1024**2} MiB, the most that is read.", where=name)
    if text.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in text[:4]:
        raise Unusable("is not UTF-8; it looks like UTF-16 or UTF-32. Save it as UTF-8.", where=name)
    try:
        text.decode()
    except UnicodeDecodeError as error:
        line = text.count(b"\n", 0, error.start) + 1
        message = f"is not UTF-8: byte 0x{text[error.start]:02X}. Save it as UTF-8."
        raise Unusable(message, where=f"{name}:{line}") from None


class _Loaded(NamedTuple):
    """The result of parsing: the value, whether it has duplicate keys and whether it is JSON; for a text that only
    begins as JSON, the JSON error and its line.
    """

    value: Json
    doubled: bool
    is_json: bool = False
    complaint: str = ""
    line: int = 1


def _load(text: bytes, name: str) -> _Loaded:
    with collector_at_rest():
        if text.lstrip()[:1] not in {b"{", b"["}:
            return _Loaded(*yaml12.load(text, name))
        if sum(map(text.count, (b",", b"[", b"{"))) > MAX_VALUES:
            raise Unusable(f"has more than {MAX_VALUES:,} values, the most that is read.", where=name)
        try:
            value, doubled = _load_json(text)
        except ValueError as error:
            return _load_flow(text, name, str(error))
        _refuse_infinity(text, value, name)
        return _Loaded(value, doubled, is_json=True)


def _load_json(text: bytes) -> tuple[Json, bool]:
    try:
        return jiter.from_json(text, allow_inf_nan=False, catch_duplicate_keys=True), False
    except ValueError as error:
        if not str(error).startswith("Detected duplicate key"):
            raise
    return jiter.from_json(text, allow_inf_nan=False), True


def _load_flow(text: bytes, name: str, complaint: str) -> _Loaded:
    """Reads YAML that begins like JSON; if it is no YAML either, raises the error about the JSON."""
    found = _AT_LINE.fullmatch(complaint)
    complaint, line, column = found.groups() if found else (complaint, "1", "1")
    where = f"{name}:{line}"
    if complaint == "recursion limit exceeded":
        raise Unusable(f"is nested more than {yaml12.MAX_DEPTH} deep, the most that is read.", where=where)
    if _is_json_with_nan(text):
        raise Unusable(f"NaN and Infinity are no numbers in JSON (column {column}).", where=where)
    try:
        return _Loaded(*yaml12.load(text, name), complaint=f"{complaint} (column {column})", line=int(line))
    except Unusable:
        raise Unusable(f"is not JSON: {complaint} (column {column}). It is not YAML either.", where=where) from None


def _is_json_with_nan(text: bytes) -> bool:
    """Whether the text is JSON except for `NaN`, which YAML would read as a string."""
    try:
        jiter.from_json(text)
    except ValueError:
        return False
    return True


def _refuse_infinity(text: bytes, value: Json, name: str) -> None:
    """Refuses a number such as `1e999`, which is valid JSON but no finite float. A quick check settles it for most
    texts.
    """
    at = _first_huge_number(text)
    if at is not None and _has_infinity(value):
        line = text.count(b"\n", 0, at) + 1
        raise Unusable("has a number too large for a float. Write it as text.", where=f"{name}:{line}")


def _first_huge_number(text: bytes) -> int | None:
    for pattern in _LARGE_EXPONENTS:
        for exponent in pattern.finditer(text):
            before = text[max(0, exponent.start() - 400) : exponent.start()]
            mantissa = before[len(before.rstrip(b"0123456789.")) :]
            if _is_huge(mantissa + exponent[0].rstrip(b",]} \t\r\n")):
                return exponent.start()
    at = text.translate(_AS_ZERO).find(b"0" * 300)
    return at if at >= 0 else None


def _is_huge(number: bytes) -> bool:
    try:
        return math.isinf(float(number))
    except ValueError:  # words of a text that end as a number does
        return False


def _has_infinity(value: Json) -> bool:
    waiting = [value]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            waiting.extend(node.values())
        elif isinstance(node, list):
            waiting.extend(node)
        elif isinstance(node, float) and math.isinf(node):
            return True
    return False


def _doubled_keys(text: bytes, name: str, is_json: bool) -> tuple[Finding, ...]:
    return tuple(
        Finding(
            name,
            place.line,
            place.pointer,
            f"the key {tokens(place.pointer)[-1]!r} stands here twice; the last counts.",
        )
        for place in _places(_marks(text, is_json))
        if place.again
    )


def _outwards(pointer: str) -> Iterator[str]:
    """The pointer, then the pointers of everything that contains it."""
    while pointer:
        yield pointer
        pointer = pointer.rpartition("/")[0]
    yield ""


@dataclass(slots=True)
class _Open:
    """A mapping or sequence that is not closed yet; `child` is the pointer of the key whose value comes next."""

    pointer: str
    is_mapping: bool
    child: str | None = None
    keys: set[str] = field(default_factory=set)
    length: int = 0


def _places(marks: Iterator[YamlEvent]) -> Iterator[_Place]:
    stack: list[_Open] = []
    for mark in marks:
        if mark.kind in "}]":
            stack.pop()
            continue
        top = stack[-1] if stack else None
        pointer = ""
        if top and top.is_mapping and top.child is None:
            top.child = f"{top.pointer}/{escaped(mark.text)}"
            yield _Place(top.child, mark.line, mark.text in top.keys and mark.text != "<<")
            top.keys.add(mark.text)
            continue
        if top and top.child is not None:
            pointer, top.child = top.child, None
        elif top:
            pointer = f"{top.pointer}/{top.length}"
            top.length += 1
            yield _Place(pointer, mark.line, again=False)
        if mark.kind in "{[":
            stack.append(_Open(pointer, mark.kind == "{"))


def _marks(text: bytes, is_json: bool) -> Iterator[YamlEvent]:
    return _json_marks(text.decode()) if is_json else yaml12.marks(text)


def _json_marks(text: str) -> Iterator[YamlEvent]:
    """The events of a text that is known to be JSON; commas and colons carry no information then."""
    line, before = 1, 0
    for token in _TOKEN.finditer(text):
        line += text.count("\n", before, token.start())
        before = token.start()
        word = token[0]
        if word in "{}[]":
            yield YamlEvent(word, "", line)
        elif "\\" in word:
            yield YamlEvent("=", json.loads(word), line)
        else:
            yield YamlEvent("=", word.strip('"'), line)
