"""A document of any version of OpenAPI as one of 3.1, sound enough to be compiled: what cannot be used is left out and
noted, and stops nothing else.
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
from mockserver.openapi.normalize.reference_cycles import circles
from mockserver.openapi.normalize.structure import COMPONENTS, DOCUMENT
from mockserver.openapi.normalize.swagger import without_swagger
from mockserver.openapi.source.pointer import DocumentPath, original, trail_of
from mockserver.openapi.source.reference import LIFTED
from mockserver.problem import Unusable

VERSION: Final = "3.1.1"

_ATTEMPTS: Final = 100
_OLD_WEBHOOKS: Final = "x-webhooks"
"""Where documents of 3.0 have what 3.1 calls `webhooks`."""

_READ = re.compile(r"3\.[012](?:\.[0-9]+.*)?")


@dataclass(frozen=True, slots=True)
class Dialect:
    """The document in the one dialect. `flaws` have the pointers of the document that it was made from; `marks` are
    those of `readOnly` and `writeOnly` that some schema has; `moves` lead from new pointers to old ones.
    """

    document: Json = field(repr=False)
    diagnostics: tuple[Diagnostic, ...] = ()
    marks: frozenset[str] = frozenset()
    moves: Mapping[str, str] = field(default_factory=dict, repr=False)

    def origin(self, pointer: str) -> str:
        """The pointer, in the document that this was made from, of what stands at this one."""
        return original(self.moves, pointer)


def version_of(document: Json) -> str:
    """`2.0`, or `3.0.3` and the like. Raises Unusable for what no version of OpenAPI is."""
    for member, known in (("openapi", _READ), ("swagger", re.compile(r"2\.0"))):
        if member in document:
            version = str(document[member])
            if known.fullmatch(version):
                return version
            raise Unusable(f"`{member}: {version}` is not read; expected OpenAPI 2.0, 3.0, 3.1 or 3.2.")
    raise Unusable("has neither `openapi` nor `swagger`; expected an OpenAPI document of 2.0, 3.0, 3.1 or 3.2.")


def in_dialect(
    document: Json, unresolved: Mapping[str, str] | None = None, external: External | None = None
) -> Dialect:
    """The document as OpenAPI 3.1 with JSON Schema 2020-12; that of 3.2 keeps what 3.2 adds.

    `astray` says of references into other files why they cannot be followed, `external` reads files of examples. The
    document given is left as it is. Raises Unusable for what is no OpenAPI document.
    """
    version = version_of(document)
    moves: Mapping[str, str] = {}
    old = version.startswith(("2", "3.0"))
    if version == "2.0":
        document, moves = without_swagger(document)
    elif isinstance(document.get(_OLD_WEBHOOKS), dict) and "webhooks" not in document:
        document, moves = {**document, "webhooks": document[_OLD_WEBHOOKS]}, {"/webhooks": f"/{_OLD_WEBHOOKS}"}
    try:
        normalizer, sound = _walked(document, old, unresolved or {}, external)
    except RecursionError:
        raise Unusable("is nested deeper than can be read.") from None
    if not isinstance(sound["paths"], dict):
        raise Unusable("`paths` is no mapping; expected paths with their operations.")
    diagnostics = tuple(
        diagnostic._replace(pointer=original(moves, diagnostic.pointer)) for diagnostic in normalizer.diagnostics
    )
    if old:
        sound = {**sound, "openapi": VERSION}
    return Dialect(sound, diagnostics, frozenset(normalizer.marks), moves)


def objects(sound: Json) -> list[tuple[ObjectShape, Json, DocumentPath]]:
    """Every object of a document in the dialect, with its shape and its place."""
    found: list[tuple[ObjectShape, Json, DocumentPath]] = []
    normalizer = Normalizer(sound, watch=lambda shape, node, location: found.append((shape, node, location)))
    normalizer.schemes = _schemes(normalizer)
    normalizer.read(DOCUMENT, sound, ())
    _targets(normalizer)
    return found


def _walked(
    document: Json, old: bool, unresolved: Mapping[str, str], external: External | None
) -> tuple[Normalizer, Json]:
    """The walk and what it made. If a reference leads into a schema whose parts stand elsewhere now, they are lifted
    out of it; then once more.
    """
    relocated: dict[str, tuple[str, ...]] = {}
    while True:
        normalizer = Normalizer(document, old=old, unresolved=unresolved, relocated=relocated, external=external)
        normalizer.schemes = _schemes(normalizer)
        sound = dict(normalizer.read(DOCUMENT, document, ()))
        if relocated:
            sound[LIFTED] = dict.fromkeys(name for _, name in relocated.values())
        placing = _Placing(sound, document)
        lost = [target.text for target, kept in _targets(normalizer) if not placing.put(target, kept)]
        if not lost:
            break
        relocated |= {text: (LIFTED, str(len(relocated) + number)) for number, text in enumerate(lost)}
    _cut_circles(normalizer, sound, placing)
    return normalizer, sound


def _cut_circles(normalizer: Normalizer, sound: Json, placing: _Placing) -> None:
    ways = [target.way for shape, target in normalizer.wanted.values() if shape is SCHEMA]
    for attempt in range(_ATTEMPTS):
        found = circles(sound, ways, bluntly=attempt > 1)
        for circle in found:
            normalizer.diagnostic(trail_of(circle.way), circle.message, WARNING)
            placing.write(circle.way, circle.instead)
        if not found:
            return


def _schemes(normalizer: Normalizer) -> frozenset[str]:
    """The names of the security schemes that can be asked for; they are read first, since requirements name them."""
    components = normalizer.document.get("components")
    schemes = components.get("securitySchemes") if isinstance(components, dict) else None
    if not isinstance(schemes, dict) or "$ref" in schemes:
        return frozenset()
    at: DocumentPath = ((), "components"), "securitySchemes"
    return frozenset(COMPONENTS.members["securitySchemes"](normalizer, schemes, at))


def _targets(normalizer: Normalizer) -> list[tuple[ReferenceTarget, Json]]:
    """What references lead to, each in its shape, outer ones first; reading one may bring up more of them."""
    done: dict[str, tuple[ReferenceTarget, Json]] = {}
    waiting = [*normalizer.wanted]
    while waiting:
        for text in waiting:
            shape, target = normalizer.wanted[text]
            done[text] = target, normalizer.read(shape, target.node, trail_of(target.source))
        waiting = [text for text in normalizer.wanted if text not in done]
    return sorted(done.values(), key=lambda found: len(found[0].way))


class _Placing:
    """Writes into a document that shares its parts with the one it was made of: each mapping or list on the way is
    copied once.
    """

    def __init__(self, document: dict[str, Json], source: Json) -> None:
        self.document = document
        self.source = source
        self.own: dict[int, Json] = {id(document): document}

    def put(self, target: ReferenceTarget, value: Json) -> bool:
        """Whether the value stands at its place; not where that moved, or is something else to others."""
        if isinstance(target.node, bool):
            return True
        if target.way[0] == LIFTED:
            self.write(target.way, value)
            return True
        node: Json = self.document
        source = self.source
        for token in target.way:
            if type(node) is list and (type(source) is not list or len(node) != len(source)):
                return False
            node, source = _child(node, token), _child(source, token)
            if node is REMOVED:
                return False
        if node is not value and target.way[0] in DOCUMENT.members:
            return False
        self.write(target.way, value)
        return True

    def write(self, way: tuple[str, ...], value: Json) -> None:
        """The value stands at the place, which exists."""
        node: Json = self.document
        for token in way[:-1]:
            node = self._copied(node, token)
        node[int(way[-1]) if isinstance(node, list) else way[-1]] = value

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
