"""A document and the files it refers to, as one document whose every `$ref` stays inside it.

Nothing is fetched, and nothing outside the document's own folder is opened.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from mockserver.problem import Unusable
from mockserver.spec.pointer import Trail, escaped, pointer_of, ref_to, tokens, trail_of
from mockserver.spec.reference import Reference, follow, references, references_below, resolve, way_to
from mockserver.spec.source import Finding, Source, read
from mockserver.wire import Json

FILES = "x-mock-files"
"""The member of the document that holds, by file name, what was taken from other files."""
MAX_FILES = 20_000
MAX_BYTES = 256 * 1024 * 1024

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:|//")
_INSIDE = re.compile(rb"""\$ref(?<!/\$ref)["']?\s*:\s*["']#""")
_ESCAPED = re.compile(rb"\\(?:u00|x|U000000)(?:24|72|65|66)|\\\r?\n")
_ANY_MAPPING = re.compile(rb"""apping(?:(?<=\bmapping)|(?<=\bdefaultMapping))["']?\s*:""")
_MAPPING = re.compile(rb'"mapping"\s*:\s*\{([^{}]*)\}')
_MAYBE_FILE = re.compile(rb':\s*"(?!#|[\w-]*")')


@dataclass(frozen=True, slots=True)
class Bundle:
    """One document that needs no other; `sources` are the files it was made of, by their name in it (the first: "")."""

    document: Json = field(repr=False)
    sources: Mapping[str, Source] = field(repr=False)
    left_alone: tuple[Finding, ...] = ()
    astray: Mapping[str, str] = field(default_factory=dict)
    """Each `$ref` that a forgiving reader left as it was, and why it cannot be followed."""

    @property
    def files(self) -> tuple[Path, ...]:
        return tuple(source.path for source in self.sources.values())

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was odd in the texts, and discriminators that name no file that can be read.

        References that lead nowhere take a walk through the whole document: see `dangling`.
        """
        in_texts = (finding for source in self.sources.values() for finding in source.findings)
        return (*in_texts, *self.left_alone)

    def origin(self, pointer: str) -> tuple[Source, str]:
        """The file that the place was read from, and the pointer of the place in that file."""
        way = tokens(pointer)
        if way[:1] == [FILES] and len(way) > 1 and way[1] in self.sources:
            return self.sources[way[1]], pointer_of(way[2:])
        return self.sources[""], pointer

    def locate(self, pointers: Collection[str]) -> dict[str, tuple[str, int]]:
        """The file's name and the line of each place. Costs one reading of each file, whatever the number of places."""
        by_source = defaultdict(list)
        for pointer in pointers:
            source, own = self.origin(pointer)
            by_source[source.name].append((source, pointer, own))
        found = {}
        for name, places in by_source.items():
            lines = places[0][0].lines([own for _, _, own in places])
            found.update({pointer: (name, lines[own]) for _, pointer, own in places})
        return found


def bundle(path: Path, strict: bool = False, *, forgiving: bool = False) -> Bundle:
    """The document at `path` with all that it refers to inside it; one that refers to no file is left as it was read.

    Raises `Unusable` for a file that is missing, unreadable or elsewhere than in the folder of `path` or below. If it
    is `forgiving`, a reference to a file that is missing or elsewhere stays as it is, for others to report.
    """
    entry = read(path, strict=strict)
    if not isinstance(entry.value, dict):
        seen = type(entry.value).__name__
        raise Unusable(f"is no OpenAPI document: expected a mapping at the top, not {seen}.", where=entry.name)
    if _stands_alone(entry.text):
        return Bundle(entry.value, {"": entry})
    return _Bundler(entry, strict, forgiving).run()


def dangling(bundled: Bundle) -> tuple[Finding, ...]:
    """The references of the document that lead nowhere or round in a circle, each with its line."""
    reasons: dict[str, str] = {}
    verdicts: dict[str, str] = {}
    moved = bundled.document.get(FILES, {})
    parts = [("", bundled.document), *((f"/{FILES}/{escaped(name)}", part) for name, part in moved.items())]
    for start, part in parts:
        for reference in references(part, start):
            ref = reference.holder[reference.key]
            if reference.key != "$ref" and not ref.startswith("#"):
                continue
            if ref not in verdicts:
                verdicts[ref] = _verdict(bundled.document, ref)
            if verdicts[ref]:
                reasons[reference.pointer] = verdicts[ref]
    lines = bundled.locate(reasons)
    return tuple(Finding(*lines[pointer], pointer, reason) for pointer, reason in reasons.items())


def _verdict(document: Json, ref: str) -> str:
    try:
        resolve(document, ref)
    except Unusable as error:
        return error.message
    return ""


def _stands_alone(text: bytes) -> bool:
    """True only if no reference in the text can lead to a file. Discriminators are understood in JSON alone."""
    refs = text.count(b"$ref") - text.count(b"/$ref")  # some paths end so
    if _ESCAPED.search(text) or refs != len(_INSIDE.findall(text)):
        return False
    mappings = _MAPPING.findall(text)
    return len(_ANY_MAPPING.findall(text)) == len(mappings) and not any(map(_MAYBE_FILE.search, mappings))


class _Astray(Unusable):
    """One reference leads to no file that may be read; others may."""


class _Lead(NamedTuple):
    """Where a reference leads: its text in the bundled document, and the node to look through next."""

    text: str
    name: str
    node: Json
    trail: Trail
    is_map: bool


class _Bundler:
    """Follows the references of one document from file to file and turns each of them inwards.

    The values are written to: they were read for this, and nobody else has them yet.
    """

    def __init__(self, entry: Source, strict: bool, forgiving: bool) -> None:
        self.strict = strict
        self.forgiving = forgiving
        self.address = entry.value.get("$self")
        self.folder = entry.path.parent
        self.root = Path(os.path.realpath(self.folder))
        self.names = {Path(os.path.realpath(entry.path)): ""}
        self.sources = {"": entry}
        self.size = len(entry.text)
        self.reached: dict[str, set[tuple[str, ...]]] = defaultdict(set)
        self.leads: dict[tuple[str, str, bool], _Lead] = {}
        self.left_alone: list[tuple[str, str, str]] = []
        self.astray: dict[str, str] = {}
        schemas, missing = follow(entry.value, ["components", "schemas"])
        self.schemas = {} if missing else schemas

    def run(self) -> Bundle:
        document = self.sources[""].value
        waiting = [_Lead("", "", document, (), is_map=False)]
        seen: set[tuple[int, bool]] = set()
        turned: set[tuple[int, str]] = set()
        while waiting:
            lead = waiting.pop()
            for reference in references_below(lead.node, lead.trail, lead.is_map, seen):
                place = (id(reference.holder), reference.key)
                if place not in turned:
                    turned.add(place)
                    waiting += self.turn(lead.name, reference)
        if len(self.sources) > 1:
            if FILES in document:
                message = f"has a member {FILES!r}, where the parts from other files would go. Rename it."
                raise Unusable(message, where=self.sources[""].name)
            document[FILES] = {
                name: _kept(self.sources[name].value, ways) for name, ways in self.reached.items() if name
            }
        return Bundle(document, self.sources, tuple(self.findings()), self.astray)

    def turn(self, name: str, reference: Reference) -> list[_Lead]:
        """The reference leads inwards now; what it leads to for the first time is where to look next."""
        ref = reference.holder[reference.key]
        known = self.leads.get((name, ref, reference.to_map))
        if known:
            reference.holder[reference.key] = known.text
            return []
        if reference.key != "$ref" and ref in self.schemas:
            return []
        try:
            lead = self.lead(name, ref, reference.to_map)
        except Unusable as error:
            if reference.key != "$ref":  # some bundlers forget these: the file they name is not there any more
                self.left_alone.append((name, reference.pointer, str(error)))
                return []
            if self.forgiving and isinstance(error, _Astray):
                self.astray[ref] = error.message
                return []
            source = self.sources[name]
            where = error.where or f"{source.name}:{source.line(reference.pointer)}"
            raise Unusable(error.message, where=where) from None
        self.leads[name, ref, reference.to_map] = lead
        reference.holder[reference.key] = lead.text
        return [lead]

    def lead(self, name: str, ref: str, to_map: bool) -> _Lead:
        path, _, fragment = ref.partition("#")
        target = "" if path and path == self.address else self.file(name, ref, path) if path else name
        value = self.sources[target].value
        way = self.way(value, "" if path and fragment == "/" else fragment)
        node, rest = follow(value, way)
        prefix = [FILES, target] if target else []
        inwards = ref_to((*prefix, *way))
        text = inwards if target or path else ref
        if rest:  # past another `$ref` or nowhere: the whole file is there to be looked through
            node, way = value, []
        self.reached[target].add(tuple(way))
        return _Lead(text, target, node, trail_of(way), to_map and not rest)

    def way(self, value: Json, fragment: str) -> list[str]:
        try:
            return way_to(value, f"#{fragment}")
        except Unusable:  # an anchor that nothing has
            return [unquote(fragment)]

    def file(self, name: str, ref: str, path: str) -> str:
        """The name of the file that the reference leads to, read at its first mention."""
        if _SCHEME.match(path):
            advice = "only files in the document's own folder are read. Save a copy there, refer to that."
            raise _Astray(f"{ref!r} is an address; {advice}")
        target = Path(os.path.normpath(self.sources[name].path.parent / unquote(path.partition("?")[0])))
        try:
            real = Path(os.path.realpath(target))
            is_file = real.is_file()
        except (OSError, ValueError):
            raise _Astray(f"{ref!r} is no name that a file can have.") from None
        if not real.is_relative_to(self.root):
            advice = "only files below it are read. Move the file, or the document further up."
            raise _Astray(f"{ref!r} leads out of the document's own folder, {self.folder}; {advice}")
        if real not in self.names:
            if not is_file:
                raise _Astray(f"{ref!r} leads to no file: expected {target}.")
            self.add(real, target)
        return self.names[real]

    def add(self, real: Path, target: Path) -> None:
        source = read(target, strict=self.strict)
        self.size += len(source.text)
        if self.size > MAX_BYTES or len(self.sources) >= MAX_FILES:
            message = f"refers to more than {MAX_FILES:,} files or {MAX_BYTES // 1024**2} MiB, the most that is read."
            raise Unusable(message, where=self.sources[""].name)
        self.names[real] = name = real.relative_to(self.root).as_posix()
        self.sources[name] = source

    def findings(self) -> Iterator[Finding]:
        for name in dict.fromkeys(name for name, _, _ in self.left_alone):
            source = self.sources[name]
            messages = {pointer: message for owner, pointer, message in self.left_alone if owner == name}
            lines = source.lines(messages)
            for pointer, message in messages.items():
                yield Finding(source.name, lines[pointer], pointer, message)


def _kept(node: Json, ways: set[tuple[str, ...]]) -> Json:
    """The node without what no way leads to; items of a list keep their places."""
    if () in ways:
        return node
    further: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for first, *rest in ways:
        further[first].add(tuple(rest))
    if isinstance(node, list):
        return [_kept(child, further[str(i)]) if str(i) in further else None for i, child in enumerate(node)]
    return {name: _kept(child, further[name]) for name, child in node.items() if name in further}
