"""Bundles a document and the files it refers to into one document in which every `$ref` is internal.

Nothing is fetched, and no file outside the document's folder, or the folder that the user names, is opened.
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
from mockserver.openapi.source.pointer import DocumentPath, location_of, original, ref_to, tokens_of
from mockserver.openapi.source.reference import (
    FILES,
    Reference,
    arrive,
    follow,
    path_to,
    references,
    references_below,
    resolve,
)
from mockserver.openapi.source.schema_ids import SchemaResource, SchemaResources, Tokens, address_of
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
    """One document without references to other files; `sources` maps the name of each file it was made of to its text
    (the document itself: "").
    """

    document: Json = field(repr=False)
    sources: Mapping[str, Source] = field(repr=False)
    unfollowed: tuple[Finding, ...] = ()
    unresolved: Mapping[str, str] = field(default_factory=dict)
    """Each `$ref` that was kept although it cannot be followed, with the reason (`forgiving` only)."""
    moves: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Maps the pointer of each part that replaced a reference to the pointer it was copied from."""
    unread: tuple[Path, ...] = ()
    """Referenced files that are missing or cannot be read."""

    @property
    def files(self) -> tuple[Path, ...]:
        """Every file that the document is made of, including referenced files that could not be read."""
        return (*(source.path for source in self.sources.values()), *self.unread)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Oddities of the texts, and references to files that cannot be read.

        Finding the other references that lead nowhere takes a pass over the whole document: see `dangling`.
        """
        in_texts = (finding for source in self.sources.values() for finding in source.findings)
        return (*in_texts, *self.unfollowed)

    def origin(self, pointer: str) -> tuple[Source, str]:
        """The file that the part at `pointer` was read from, and its pointer in that file."""
        pointer = original(self.moves, pointer)
        path_tokens = tokens(pointer)
        if path_tokens[:1] == [FILES] and len(path_tokens) > 1 and path_tokens[1] in self.sources:
            return self.sources[path_tokens[1]], pointer_of(path_tokens[2:])
        return self.sources[""], pointer

    def locate(self, pointers: Collection[str]) -> dict[str, tuple[str, int]]:
        """The file name and line of each pointer. Reads each file once, however many pointers are given."""
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
    """Reads the document at `path` and every file it refers to into one document.

    References where OpenAPI allows none are replaced by their targets. Raises `Unusable` for a file that is missing,
    unreadable or outside the folder of `path` (or outside `root`, if given). If `forgiving`, a reference to such a file
    is kept and reported in `unresolved`.
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
    """Finds the references that lead nowhere or form a cycle, each with its line."""
    reasons: dict[str, str] = {}
    problems: dict[str, str] = {}
    moved = bundled.document.get(FILES, {})
    parts = [("", bundled.document), *((f"/{FILES}/{escaped(name)}", part) for name, part in moved.items())]
    for start, part in parts:
        for reference in references(part, start):
            ref = reference.holder[reference.key]
            if reference.key != "$ref" and not ref.startswith("#"):
                continue
            if ref not in problems:
                problems[ref] = _problem_of(bundled.document, ref)
            if problems[ref]:
                reasons[reference.pointer] = problems[ref]
    lines = bundled.locate(reasons)
    return tuple(Finding(*lines[pointer], pointer, reason) for pointer, reason in reasons.items())


def _problem_of(document: Json, ref: str) -> str:
    try:
        resolve(document, ref)
    except Unusable as error:
        return error.message
    return ""


def _stands_alone(text: bytes) -> bool:
    """Returns True only if no reference in the text can lead to another file. Discriminator mappings are understood in
    JSON only.
    """
    refs = text.count(b"$ref") - text.count(b"/$ref")  # some paths end so
    if _ESCAPED.search(text) or refs != len(_INSIDE.findall(text)) or b"$id" in text or _IN_EXAMPLE.search(text):
        return False
    mappings = _MAPPING.findall(text)
    return len(_ANY_MAPPING.findall(text)) == len(mappings) and not any(map(_MAYBE_FILE.search, mappings))


class _Lead(NamedTuple):
    """The target of a reference: its `$ref` text in the bundled document, and the node to search next. `is_there` is
    False if the pointer leads nowhere, or through another reference.
    """

    text: str
    name: str
    node: Json
    location: DocumentPath
    is_map: bool
    is_there: bool = True


class _Bundler:
    """Follows the references of one document from file to file and makes each of them internal.

    The values are changed in place: they were read for this purpose and are not shared yet.
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
        self.unfollowed: list[tuple[str, str, str, str]] = []
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
                name: _pruned(self.sources[name].value, paths) for name, paths in self.reached.items() if name
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
        """Makes the reference internal and returns its target if it is new, to be searched next."""
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
        """Treats an example that is only a `$ref` as a reference if its target exists, else as data."""
        if lead.is_there:
            reference.holder[reference.key] = {"$ref": lead.text}
            self.examples.append(reference)
        return []

    def refuse(self, name: str, reference: Reference, error: Unusable) -> None:
        """Keeps a reference whose target cannot be read and notes why. Raises Unusable unless that is forgiven."""
        if reference.in_data:
            return
        if isinstance(error, UnresolvedFile) and error.file is not None:
            self.unread[error.file] = None
        if reference.key != "$ref":  # some bundlers forget these: the file they name is not there any more
            self.unfollowed.append((name, reference.pointer, str(error), WARNING))
        elif self.forgiving and isinstance(error, UnresolvedFile):
            self.unresolved[reference.text] = error.message
            self.unfollowed.append((name, reference.pointer, error.message, ERROR))
        else:
            source = self.sources[name]
            where = error.where or f"{source.name}:{source.line(reference.pointer)}"
            raise Unusable(error.message, where=where) from None

    def lead(self, name: str, around: SchemaResource | None, ref: str, to_map: bool) -> _Lead:
        path, _, fragment = ref.partition("#")
        target, start = self.file_and_resource(name, around, ref, path)
        value = self.sources[target].value
        path_tokens = self.target_path(value, start, "" if path and fragment == "/" else fragment)
        node, rest = follow(value, path_tokens)
        prefix = [FILES, target] if target else []
        inwards = ref_to((*prefix, *path_tokens))
        text = inwards if target or path or start else ref
        if rest:  # past another `$ref` or nowhere: the whole file is there to be looked through
            node, path_tokens = value, []
        self.reached[target].add(tuple(path_tokens))
        return _Lead(text, target, node, location_of(path_tokens), to_map and not rest, not rest)

    def file_and_resource(self, name: str, around: SchemaResource | None, ref: str, path: str) -> tuple[str, Tokens]:
        """The name of the file that the reference leads into, and the path to the schema whose `$id` it names or that
        it stands in; without an `$id` the path to the whole file.
        """
        if not path:
            return name, around.path if around is not None else ()
        if path == self.address:
            return "", ()
        if around is not None:
            address = address_of(around, path)
            for known, resources in self.resources.items():
                if resources is not None and (found := resources.by_address.get(address)) is not None:
                    return known, found.path
        return self.file(name, ref, path), ()

    def target_path(self, value: Json, start: Tokens, fragment: str) -> list[str]:
        """The tokens of the target in the file: relative to the schema resource, else, as many authors mean it, to the
        file.
        """
        if start:
            inner = follow(value, [*start])[0]
            path_tokens = self.target_path(inner, (), fragment)
            if not follow(inner, path_tokens)[1]:
                return [*start, *path_tokens]
        try:
            return path_to(value, f"#{fragment}")
        except Unusable:  # an anchor that nothing has
            return [unquote(fragment)]

    def file(self, name: str, ref: str, path: str) -> str:
        """The name of the file that the reference leads to; the file is read at its first mention."""
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
        for name in dict.fromkeys(name for name, *_ in self.unfollowed):
            source = self.sources[name]
            own = [entry[1:] for entry in self.unfollowed if entry[0] == name]
            notes = {pointer: (message, severity) for pointer, message, severity in own}
            lines = source.lines(notes)
            for pointer, (message, severity) in notes.items():
                yield Finding(source.name, lines[pointer], pointer, message, severity)


def _resources(source: Source, address: str) -> SchemaResources | None:
    """The schemas of a file that have an `$id`; None if the text has none."""
    return SchemaResources(source.value, address) if b"$id" in source.text else None


def _example(document: Json, ref: str) -> Json:
    """The value that an example refers to; for a named example among the components its `value`."""
    try:
        path_tokens, found = arrive(document, ref)
    except Unusable:
        return {"$ref": ref}
    named = path_tokens[-2:-1] == ["examples"] and isinstance(found, dict) and "value" in found
    return found["value"] if named else found


def _pruned(node: Json, paths: set[tuple[str, ...]]) -> Json:
    """The node reduced to what the paths lead to; list items keep their positions."""
    if () in paths:
        return node
    further: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for first, *rest in paths:
        further[first].add(tuple(rest))
    if isinstance(node, list):
        return [_pruned(child, further[str(i)]) if str(i) in further else None for i, child in enumerate(node)]
    return {name: _pruned(child, further[name]) for name, child in node.items() if name in further}
