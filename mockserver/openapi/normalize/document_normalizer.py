"""Normalizes a document of any OpenAPI version to a sound document of 3.1: parts that cannot be used are removed and
reported, and do not stop the rest.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from mockserver.json_text import Json
from mockserver.openapi.normalize.keywords import SCHEMA
from mockserver.openapi.normalize.normalizer import (
    REMOVED,
    WARNING,
    Diagnostic,
    External,
    Normalizer,
    ObjectShape,
    ReferenceTarget,
)
from mockserver.openapi.normalize.reference_cycles import find_cycles
from mockserver.openapi.normalize.structure import COMPONENTS, DOCUMENT
from mockserver.openapi.normalize.swagger import without_swagger
from mockserver.openapi.source.pointer import DocumentPath, location_of, original
from mockserver.openapi.source.reference import RELOCATED
from mockserver.problem import Unusable

VERSION: Final = "3.1.1"

_ATTEMPTS: Final = 100
_OLD_WEBHOOKS: Final = "x-webhooks"
"""The member of 3.0 documents that 3.1 calls `webhooks`."""

_READ = re.compile(r"3\.[012](?:\.[0-9]+.*)?")


@dataclass(frozen=True, slots=True)
class NormalizedDocument:
    """A document as OpenAPI 3.1 with JSON Schema 2020-12. `diagnostics` have pointers of the original document; `marks`
    lists which of `readOnly` and `writeOnly` some schema has; `moves` maps new pointers to old ones.
    """

    document: Json = field(repr=False)
    diagnostics: tuple[Diagnostic, ...] = ()
    marks: frozenset[str] = frozenset()
    moves: Mapping[str, str] = field(default_factory=dict, repr=False)

    def origin(self, pointer: str) -> str:
        """The pointer in the original document of what stands at `pointer`."""
        return original(self.moves, pointer)


def version_of(document: Json) -> str:
    """`2.0`, or `3.0.3` and the like. Raises Unusable for anything that is no OpenAPI version."""
    for member, known in (("openapi", _READ), ("swagger", re.compile(r"2\.0"))):
        if member in document:
            version = str(document[member])
            if known.fullmatch(version):
                return version
            raise Unusable(f"`{member}: {version}` is not read; expected OpenAPI 2.0, 3.0, 3.1 or 3.2.")
    raise Unusable("has neither `openapi` nor `swagger`; expected an OpenAPI document of 2.0, 3.0, 3.1 or 3.2.")


def normalize_document(
    document: Json, unresolved: Mapping[str, str] | None = None, external: External | None = None
) -> NormalizedDocument:
    """The document as OpenAPI 3.1 with JSON Schema 2020-12; documents of 3.2 keep what 3.2 adds.

    `unresolved` gives the reason for each reference into a file that cannot be followed; `external` reads the files of
    examples. The given document is not changed. Raises Unusable for what is no OpenAPI document.
    """
    version = version_of(document)
    moves: Mapping[str, str] = {}
    old = version.startswith(("2", "3.0"))
    if version == "2.0":
        document, moves = without_swagger(document)
    elif isinstance(document.get(_OLD_WEBHOOKS), dict) and "webhooks" not in document:
        document, moves = {**document, "webhooks": document[_OLD_WEBHOOKS]}, {"/webhooks": f"/{_OLD_WEBHOOKS}"}
    try:
        normalizer, sound = _read_sound(document, old, unresolved or {}, external)
    except RecursionError:
        raise Unusable("is nested deeper than can be read.") from None
    if not isinstance(sound["paths"], dict):
        raise Unusable("`paths` is no mapping; expected paths with their operations.")
    diagnostics = tuple(
        diagnostic._replace(pointer=original(moves, diagnostic.pointer)) for diagnostic in normalizer.diagnostics
    )
    if old:
        sound = {**sound, "openapi": VERSION}
    return NormalizedDocument(sound, diagnostics, frozenset(normalizer.marks), moves)


def objects(sound: Json) -> list[tuple[ObjectShape, Json, DocumentPath]]:
    """Every object of a normalized document with its shape and place."""
    found: list[tuple[ObjectShape, Json, DocumentPath]] = []
    normalizer = Normalizer(sound, watch=lambda shape, node, location: found.append((shape, node, location)))
    normalizer.schemes = _schemes(normalizer)
    normalizer.read(DOCUMENT, sound, ())
    _targets(normalizer)
    return found


def _read_sound(
    document: Json, old: bool, unresolved: Mapping[str, str], external: External | None
) -> tuple[Normalizer, Json]:
    """The normalizer and the document it made. References into a schema whose parts have moved get a copy of their
    target under RELOCATED; the document is then read once more.
    """
    relocated: dict[str, tuple[str, ...]] = {}
    while True:
        normalizer = Normalizer(document, old=old, unresolved=unresolved, relocated=relocated, external=external)
        normalizer.schemes = _schemes(normalizer)
        sound = dict(normalizer.read(DOCUMENT, document, ()))
        if relocated:
            sound[RELOCATED] = dict.fromkeys(name for _, name in relocated.values())
        placing = _Placing(sound, document)
        lost = [target.text for target, kept in _targets(normalizer) if not placing.put(target, kept)]
        if not lost:
            break
        relocated |= {text: (RELOCATED, str(len(relocated) + number)) for number, text in enumerate(lost)}
    _cut_cycles(normalizer, sound, placing)
    return normalizer, sound


def _cut_cycles(normalizer: Normalizer, sound: Json, placing: _Placing) -> None:
    paths = [target.path for shape, target in normalizer.wanted.values() if shape is SCHEMA]
    for attempt in range(_ATTEMPTS):
        found = find_cycles(sound, paths, bluntly=attempt > 1)
        for cycle in found:
            normalizer.diagnostic(location_of(cycle.path), cycle.message, WARNING)
            placing.write(cycle.path, cycle.replacement)
        if not found:
            return


def _schemes(normalizer: Normalizer) -> frozenset[str]:
    """The names of the usable security schemes. They are read first, since requirements refer to them."""
    components = normalizer.document.get("components")
    schemes = components.get("securitySchemes") if isinstance(components, dict) else None
    if not isinstance(schemes, dict) or "$ref" in schemes:
        return frozenset()
    at: DocumentPath = ((), "components"), "securitySchemes"
    return frozenset(COMPONENTS.members["securitySchemes"](normalizer, schemes, at))


def _targets(normalizer: Normalizer) -> list[tuple[ReferenceTarget, Json]]:
    """The targets of references, each read in its shape, outer ones first; reading one may add others."""
    done: dict[str, tuple[ReferenceTarget, Json]] = {}
    waiting = [*normalizer.wanted]
    while waiting:
        for text in waiting:
            shape, target = normalizer.wanted[text]
            done[text] = target, normalizer.read(shape, target.node, location_of(target.source))
        waiting = [text for text in normalizer.wanted if text not in done]
    return sorted(done.values(), key=lambda found: len(found[0].path))


class _Placing:
    """Writes into a document that shares its parts with its source: copies each mapping or list along the path once."""

    def __init__(self, document: dict[str, Json], source: Json) -> None:
        self.document = document
        self.source = source
        self.own: dict[int, Json] = {id(document): document}

    def put(self, target: ReferenceTarget, value: Json) -> bool:
        """Whether the value was put at its target's place; False if that moved, or other shapes need it otherwise."""
        if isinstance(target.node, bool):
            return True
        if target.path[0] == RELOCATED:
            self.write(target.path, value)
            return True
        node: Json = self.document
        source = self.source
        for token in target.path:
            if type(node) is list and (type(source) is not list or len(node) != len(source)):
                return False
            node, source = _child(node, token), _child(source, token)
            if node is REMOVED:
                return False
        if node is not value and target.path[0] in DOCUMENT.members:
            return False
        self.write(target.path, value)
        return True

    def write(self, path: tuple[str, ...], value: Json) -> None:
        """Puts the value at an existing place."""
        node: Json = self.document
        for token in path[:-1]:
            node = self._copied(node, token)
        node[int(path[-1]) if isinstance(node, list) else path[-1]] = value

    def _copied(self, parent: Json, token: str) -> Json:
        key = int(token) if isinstance(parent, list) else token
        child = parent[key]
        if id(child) not in self.own:
            child = child.copy()
            self.own[id(child)] = child
            parent[key] = child
        return child


def _child(node: Json, token: str) -> Json:
    if isinstance(node, dict):
        return node.get(token, REMOVED)
    if isinstance(node, list) and token.isdecimal() and int(token) < len(node):
        return node[int(token)]
    return REMOVED
