"""A document and the files it refers to, as one document whose every `$ref` stays inside it.

Nothing is fetched, and nothing outside the document's own folder, or the one that the user names, is opened.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, unquote

from mockserver.json_pointer import escaped, pointer_of, tokens
from mockserver.json_text import Json
from mockserver.openapi.normalize.inline_references import inlined
from mockserver.openapi.normalize.normalizer import ERROR, WARNING
from mockserver.openapi.source.external_values import rebased
from mockserver.openapi.source.folder import Folder, UnresolvedFile, folder_of
from mockserver.openapi.source.pointer import DocumentPath, original, ref_to, tokens_of, trail_of
from mockserver.openapi.source.reference import (
    FILES,
    Reference,
    arrive,
    follow,
    references,
    references_below,
    resolve,
    way_to,
)
from mockserver.openapi.source.schema_ids import SchemaResource, SchemaResources, Way, address_of
from mockserver.openapi.source.source import Finding, Source, read
from mockserver.problem import Unusable

MAX_FILES = 20_000
MAX_BYTES = 256 * 1024 * 1024

_INSIDE = re.compile(rb"""\$ref(?<!/\$ref)["']?\s*:\s*["']#""")
_IN_EXAMPLE = re.compile(rb"""(?:example|value)["']?\s*:\s*\{?\s*["']?\$ref""")
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
    unresolved: Mapping[str, str] = field(default_factory=dict)
    """Each `$ref` that a forgiving reader left as it was, and why it cannot be followed."""
    moves: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Of each part that stands in the place of a reference, where it came from."""
    unread: tuple[Path, ...] = ()
    """Files that are referred to, and are missing or cannot be read."""

    @property
    def files(self) -> tuple[Path, ...]:
        """Every file that the document is made of, or would be."""
        return (*(source.path for source in self.sources.values()), *self.unread)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was odd in the texts, and references that lead to no file that can be read.

        Other references that lead nowhere take a walk through the whole document: see `dangling`.
        """
        in_texts = (finding for source in self.sources.values() for finding in source.findings)
        return (*in_texts, *self.left_alone)

    def origin(self, pointer: str) -> tuple[Source, str]:
        """The file that the place was read from, and the pointer of the place in that file."""
        pointer = original(self.moves, pointer)
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


def bundle(path: Path, strict: bool = False, *, forgiving: bool = False, root: Path | None = None) -> Bundle:
    """The document at `path` with all that it refers to inside it; one that refers to no file is left as it was read,
    but for references where OpenAPI takes none, which what they lead to stands in the place of.

    Raises `Unusable` for a file that is missing, unreadable or elsewhere than in the folder of `path` or below; `root`
    is a wider folder. If it is `forgiving`, a reference to such a file stays as it is, for others to report.
    """
    folder = folder_of(path, root)
    entry = read(path, strict=strict)
    if not isinstance(entry.value, dict):
        seen = type(entry.value).__name__
        raise Unusable(f"is no OpenAPI document: expected a mapping at the top, not {seen}.", where=entry.name)
    if _stands_alone(entry.text):
        return Bundle(entry.value, {"": entry}, moves=inlined(entry.value) if b"$ref" in entry.text else {})
    return _Bundler(entry, folder, strict, forgiving).run()


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
    if _ESCAPED.search(text) or refs != len(_INSIDE.findall(text)) or b"$id" in text or _IN_EXAMPLE.search(text):
        return False
    mappings = _MAPPING.findall(text)
    return len(_ANY_MAPPING.findall(text)) == len(mappings) and not any(map(_MAYBE_FILE.search, mappings))


class _Lead(NamedTuple):
    """Where a reference leads: its text in the bundled document, and the node to look through next. What its pointer
    leads to may be nowhere, or past another reference.
    """

    text: str
    name: str
    node: Json
    location: DocumentPath
    is_map: bool
    is_there: bool = True


class _Bundler:
    """Follows the references of one document from file to file and turns each of them inwards.

    The values are written to: they were read for this, and nobody else has them yet.
    """

    def __init__(self, entry: Source, folder: Folder, strict: bool, forgiving: bool) -> None:
        self.strict = strict
        self.forgiving = forgiving
        self.address = entry.value.get("$self")
        self.folder = folder
        self.names = {Path(os.path.realpath(entry.path)): ""}
        self.sources = {"": entry}
        self.resources = {"": _resources(entry, self.address if isinstance(self.address, str) else "")}
        self.size = len(entry.text)
        self.reached: dict[str, set[tuple[str, ...]]] = defaultdict(set)
        self.leads: dict[tuple[str, SchemaResource | None, str, bool], _Lead] = {}
        self.left_alone: list[tuple[str, str, str, str]] = []
        self.unresolved: dict[str, str] = {}
        self.broken: dict[Path, str] = {}
        self.unread: dict[Path, None] = {}
        self.examples: list[Reference] = []
        schemas, missing = follow(entry.value, ["components", "schemas"])
        self.schemas = {} if missing else schemas

    def run(self) -> Bundle:
        document = self.sources[""].value
        waiting = [_Lead("", "", document, (), is_map=False)]
        seen: set[tuple[int, bool]] = set()
        turned: set[tuple[int, str]] = set()
        while waiting:
            lead = waiting.pop()
            for reference in references_below(lead.node, lead.location, lead.is_map, seen):
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
        for name in self.reached:
            source = self.sources[name]
            if name and b"externalValue" in source.text:
                rebased(source.value, source.path.parent, self.folder.home)
        moves = inlined(document)
        for example in self.examples:
            example.holder[example.key] = _example(document, example.text)
        return Bundle(document, self.sources, tuple(self.findings()), self.unresolved, moves, tuple(self.unread))

    def turn(self, name: str, reference: Reference) -> list[_Lead]:
        """The reference leads inwards now; what it leads to for the first time is where to look next."""
        ref = reference.text
        resources = self.resources[name]
        around = None if resources is None else resources.around(tuple(tokens_of(reference.location)))
        known = self.leads.get((name, around, ref, reference.to_map))
        if known and not reference.in_data:
            reference.holder[reference.key] = known.text
            return []
        if reference.key != "$ref" and ref in self.schemas:
            return []
        try:
            lead = self.lead(name, around, ref, reference.to_map)
        except Unusable as error:
            self.refuse(name, reference, error)
            return []
        if reference.in_data:
            return self.turn_example(reference, lead)
        self.leads[name, around, ref, reference.to_map] = lead
        reference.holder[reference.key] = lead.text
        return [lead]

    def turn_example(self, reference: Reference, lead: _Lead) -> list[_Lead]:
        """An example that is nothing but a reference is one only if something is there: else it is data."""
        if lead.is_there:
            reference.holder[reference.key] = {"$ref": lead.text}
            self.examples.append(reference)
        return []

    def refuse(self, name: str, reference: Reference, error: Unusable) -> None:
        """The reference stays as it is: what it leads to cannot be read. Raises Unusable where that is not forgiven."""
        if reference.in_data:
            return
        if isinstance(error, UnresolvedFile) and error.file is not None:
            self.unread[error.file] = None
        if reference.key != "$ref":  # some bundlers forget these: the file they name is not there any more
            self.left_alone.append((name, reference.pointer, str(error), WARNING))
        elif self.forgiving and isinstance(error, UnresolvedFile):
            self.unresolved[reference.text] = error.message
            self.left_alone.append((name, reference.pointer, error.message, ERROR))
        else:
            source = self.sources[name]
            where = error.where or f"{source.name}:{source.line(reference.pointer)}"
            raise Unusable(error.message, where=where) from None

    def lead(self, name: str, around: SchemaResource | None, ref: str, to_map: bool) -> _Lead:
        path, _, fragment = ref.partition("#")
        target, start = self.file_and_resource(name, around, ref, path)
        value = self.sources[target].value
        way = self.way(value, start, "" if path and fragment == "/" else fragment)
        node, rest = follow(value, way)
        prefix = [FILES, target] if target else []
        inwards = ref_to((*prefix, *way))
        text = inwards if target or path or start else ref
        if rest:  # past another `$ref` or nowhere: the whole file is there to be looked through
            node, way = value, []
        self.reached[target].add(tuple(way))
        return _Lead(text, target, node, trail_of(way), to_map and not rest, not rest)

    def file_and_resource(self, name: str, around: SchemaResource | None, ref: str, path: str) -> tuple[str, Way]:
        """The name of the file that the reference leads into, and the way to the schema there whose `$id` it names or
        stands in; what has no `$id` is the whole file.
        """
        if not path:
            return name, around.way if around is not None else ()
        if path == self.address:
            return "", ()
        if around is not None:
            address = address_of(around, path)
            for known, resources in self.resources.items():
                if resources is not None and (found := resources.by_address.get(address)) is not None:
                    return known, found.way
        return self.file(name, ref, path), ()

    def way(self, value: Json, start: Way, fragment: str) -> list[str]:
        """The way in the file: from the start, else, as many authors mean it, from the top."""
        if start:
            inner = follow(value, [*start])[0]
            way = self.way(inner, (), fragment)
            if not follow(inner, way)[1]:
                return [*start, *way]
        try:
            return way_to(value, f"#{fragment}")
        except Unusable:  # an anchor that nothing has
            return [unquote(fragment)]

    def file(self, name: str, ref: str, path: str) -> str:
        """The name of the file that the reference leads to, read at its first mention."""
        target = self.folder.find(self.sources[name].path.parent, ref, path)
        real = Path(os.path.realpath(target))
        if real not in self.names:
            self.add(real, target, ref)
        return self.names[real]

    def add(self, real: Path, target: Path, ref: str) -> None:
        if real in self.broken:
            raise UnresolvedFile(self.broken[real])
        try:
            source = read(target, strict=self.strict)
        except Unusable as error:
            if not self.forgiving:
                raise
            self.broken[real] = f"{ref!r} leads to a file that cannot be used: {error}"
            raise UnresolvedFile(self.broken[real], target) from None
        self.size += len(source.text)
        if self.size > MAX_BYTES or len(self.sources) >= MAX_FILES:
            message = f"refers to more than {MAX_FILES:,} files or {MAX_BYTES // 1024**2} MiB, the most that is read."
            raise Unusable(message, where=self.sources[""].name)
        self.names[real] = name = real.relative_to(self.folder.root).as_posix()
        self.sources[name] = source
        self.resources[name] = _resources(source, f"file:///{quote(name)}")

    def findings(self) -> Iterator[Finding]:
        for name in dict.fromkeys(name for name, *_ in self.left_alone):
            source = self.sources[name]
            own = [entry[1:] for entry in self.left_alone if entry[0] == name]
            told = {pointer: (message, severity) for pointer, message, severity in own}
            lines = source.lines(told)
            for pointer, (message, severity) in told.items():
                yield Finding(source.name, lines[pointer], pointer, message, severity)


def _resources(source: Source, address: str) -> SchemaResources | None:
    """The schemas of a file that have an address of their own; None where its text has none."""
    return SchemaResources(source.value, address) if b"$id" in source.text else None


def _example(document: Json, ref: str) -> Json:
    """What an example refers to; the value of one that is named among components."""
    try:
        way, found = arrive(document, ref)
    except Unusable:
        return {"$ref": ref}
    named = way[-2:-1] == ["examples"] and isinstance(found, dict) and "value" in found
    return found["value"] if named else found


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
