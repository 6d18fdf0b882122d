"""Runs a check on inputs that Hypothesis makes, for a number of seconds, and mutates bytes and JSON values."""

from __future__ import annotations

import copy
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

BATCH = 20
"""Examples between two looks at the watch."""

HOSTILE_BYTES = [
    b"\x00", b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\r\n", b"\n", b"\r", b"\t", b" ", b"\x1b[2J",
    b"%00", b"%2F", b"--", b"{", b"}", b"[", b"]", b'"', b"'", b"\\u0000", b"\\ud800", b":", b",", b"&", b"=", b"<",
    b">", b"<!--", b"]]>", b"<![CDATA[", b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"&b;", b"&#0;", b"&#x110000;", b"null",
    b"true", b"NaN", b"-0", b"1e999", b"9" * 40, b"0.1", b"- ", b"? ", b"!!python/object:os.system ", b"&a ", b"*a",
    b"<<: ", b"---\n", b"...", b"%YAML 1.3\n", b"|\n", b"[" * 120,
]  # fmt: skip

HOSTILE_VALUES: list[Any] = [
    None, True, False, 0, -1, 1, 2.5, 1e300, -(2**63), 2**64, 10**30, "", " ", "a", "/", "~", "~2", "#", "#/",
    "#/components/schemas/Nobody", "{", "{}", "{a}", "/{a}{b}", "//", "%", "%2F", "é☃\U0001f600", "\x00", "\ud7ff",
    "^(a+)+$", "(?<=x)y", "[", "\\", "*/*", "application/json; charset=x", "text/*", "http://[", "//host", "${x}",
    "$request.body#/x", "default", "2XX", "1999-99-99", "string", "object", "array", "x" * 3000, [], [[]], [None],
    [0, 0], ["a", "a"], ["string", "null"], {}, {"": {}}, {"$ref": "#"}, {"$ref": "#/"}, {"$ref": "other.yaml#/a"},
    {"$ref": 1}, {"$ref": "#/components"}, {"$ref": "#/paths"}, {"type": "object"}, {"type": []}, {"type": ["null"]},
    {"enum": []}, {"const": {}}, {"not": {}}, {"allOf": []}, {"anyOf": [{}]}, {"items": []}, {"pattern": "["},
    {"multipleOf": 0}, {"minimum": 5, "maximum": 1}, {"minItems": 10**9}, {"minLength": 10**9}, {"required": ["a", 1]},
    {"properties": []}, {"properties": {"a": True}}, {"format": 7}, {"$dynamicRef": "#node"}, {"$id": "::"},
    {"in": "query", "name": "q"}, {"name": "x", "in": "path", "required": True, "schema": {}},
    {"200": {"description": ""}}, {"application/json": None},
]  # fmt: skip

HOSTILE_NAMES = [
    "", "$ref", "type", "items", "properties", "allOf", "oneOf", "anyOf", "not", "enum", "const", "default", "example",
    "examples", "required", "additionalProperties", "patternProperties", "discriminator", "nullable", "readOnly",
    "writeOnly", "xml", "format", "pattern", "minimum", "parameters", "requestBody", "responses", "content", "schema",
    "headers", "links", "callbacks", "security", "servers", "get", "post", "query", "trace", "head", "operationId",
    "tags", "name", "in", "style", "explode", "encoding", "200", "default", "4XX", "x-mock-collection", "x-mock-id",
    "x-mock-seeds", "x-mock-delay", "x-mock-page", "/{x}", "/animals/{other}", "$id", "$anchor", "$defs",
    "$dynamicRef", "if", "unevaluatedProperties", "__proto__", "é",
]  # fmt: skip

Edit = tuple[str, int, int, int]


@dataclass(frozen=True)
class Budget:
    """How long to search, and where to begin: the same seed makes the same inputs in the same order. A search that
    `is_short` ends after its first inputs, so that a fast machine tries no others than a slow one.
    """

    seconds: float
    seed: int
    is_short: bool = False


class TookTooLong(AssertionError):
    """An input cost more processor time than it may."""


def search(budget: Budget, inputs: st.SearchStrategy[Any], check: Callable[[Any], None], batches: int) -> int:
    """Checks inputs until the time is over, in a short search at most so many `batches`; how many there were. The first
    that fails is made small and raised.
    """
    deadline, count = time.monotonic() + budget.seconds, 0

    def counted(value: Any) -> None:
        nonlocal count
        count += 1
        check(value)

    batch = 0
    while time.monotonic() < deadline and not (budget.is_short and batch >= batches):
        one = settings(
            max_examples=BATCH,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate, Phase.shrink],
            print_blob=False,
        )
        seed(budget.seed * 1_000_003 + batch)(one(given(inputs)(counted)))()
        batch += 1
    return count


@contextmanager
def processor_seconds(limit: float) -> Iterator[None]:
    """Ends what takes longer, by the time of this process, however busy the machine is."""

    def stop(*_: object) -> None:
        raise TookTooLong(f"it took more than {limit} s of processor time")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, limit)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def edits(most: int) -> st.SearchStrategy[list[Edit]]:
    """What is done to an input, where (taken modulo its size), to how much of it, and with which hostile piece."""
    kinds = st.sampled_from(["insert", "replace", "remove", "repeat", "move", "rename"])
    return st.lists(st.tuples(kinds, st.integers(0, 9_999), st.integers(0, 40), st.integers(0, 999)), max_size=most)


def mutated_bytes(content: bytes, todo: Sequence[Edit], pieces: Sequence[bytes] = HOSTILE_BYTES) -> bytes:
    """The bytes after these edits."""
    for kind, place, size, number in todo:
        at, piece = place % (len(content) + 1), pieces[number % len(pieces)]
        before, middle, after = content[:at], content[at : at + size], content[at + size :]
        content = {
            "insert": before + piece + middle + after,
            "replace": before + piece + after,
            "remove": before + after,
            "repeat": before + middle * 3 + after,
            "move": before + after + middle,
            "rename": before + middle.swapcase() + after,
        }[kind]
    return content


def mutated_value(value: Any, todo: Sequence[Edit]) -> Any:
    """The JSON value after these edits of its members and items."""
    value = copy.deepcopy(value)
    for kind, place, size, number in todo:
        places = [*_places(value)]
        if not places:
            return value
        holder, key = places[place % len(places)]
        other, other_key = places[(place + 1 + size * 7) % len(places)]
        if kind == "replace":
            holder[key] = copy.deepcopy(HOSTILE_VALUES[number % len(HOSTILE_VALUES)])
        elif kind in {"repeat", "move"}:
            holder[key] = copy.deepcopy(other[other_key])
        elif kind == "remove":
            del holder[key]
        elif isinstance(holder, dict):
            name = HOSTILE_NAMES[number % len(HOSTILE_NAMES)]
            new = holder.pop(key) if kind == "rename" else HOSTILE_VALUES[(number + size) % len(HOSTILE_VALUES)]
            holder[name] = copy.deepcopy(new)
        else:
            holder.insert(key, copy.deepcopy(HOSTILE_VALUES[number % len(HOSTILE_VALUES)]))
    return value


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Each member and item: what holds it, and its name or index there."""
    if isinstance(value, dict):
        for name in value:
            yield value, name
            yield from _places(value[name])
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield value, index
            yield from _places(item)


def finds(folder: str) -> list[Path]:
    """What was found before, each in a file whose name says what it was."""
    return sorted((Path(__file__).parent / "finds" / folder).iterdir())
