"""A document of any version of OpenAPI as one of 3.1, sound enough to be compiled: what cannot be used is left out and
noted, and stops nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from mockserver.problem import Unusable
from mockserver.spec.circles import circles
from mockserver.spec.keywords import SCHEMA
from mockserver.spec.pointer import Trail, original, trail_of
from mockserver.spec.reference import LIFTED
from mockserver.spec.structure import COMPONENTS, DOCUMENT
from mockserver.spec.swagger import without_swagger
from mockserver.spec.walk import DROP, WARNING, External, Flaw, Shape, Target, Walk
from mockserver.wire import Json

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
    flaws: tuple[Flaw, ...] = ()
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


def in_dialect(document: Json, astray: Mapping[str, str] | None = None, external: External | None = None) -> Dialect:
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
        walk, sound = _walked(document, old, astray or {}, external)
    except RecursionError:
        raise Unusable("is nested deeper than can be read.") from None
    if not isinstance(sound["paths"], dict):
        raise Unusable("`paths` is no mapping; expected paths with their operations.")
    flaws = tuple(flaw._replace(pointer=original(moves, flaw.pointer)) for flaw in walk.flaws)
    if old:
        sound = {**sound, "openapi": VERSION}
    return Dialect(sound, flaws, frozenset(walk.marks), moves)


def objects(sound: Json) -> list[tuple[Shape, Json, Trail]]:
    """Every object of a document in the dialect, with its shape and its place."""
    found: list[tuple[Shape, Json, Trail]] = []
    walk = Walk(sound, watch=lambda shape, node, trail: found.append((shape, node, trail)))
    walk.schemes = _schemes(walk)
    walk.read(DOCUMENT, sound, ())
    _targets(walk)
    return found


def _walked(document: Json, old: bool, astray: Mapping[str, str], external: External | None) -> tuple[Walk, Json]:
    """The walk and what it made. If a reference leads into a schema whose parts stand elsewhere now, they are lifted
    out of it; then once more.
    """
    lifted: dict[str, tuple[str, ...]] = {}
    while True:
        walk = Walk(document, old=old, astray=astray, lifted=lifted, external=external)
        walk.schemes = _schemes(walk)
        sound = dict(walk.read(DOCUMENT, document, ()))
        if lifted:
            sound[LIFTED] = dict.fromkeys(name for _, name in lifted.values())
        placing = _Placing(sound, document)
        lost = [target.text for target, kept in _targets(walk) if not placing.put(target, kept)]
        if not lost:
            break
        lifted |= {text: (LIFTED, str(len(lifted) + number)) for number, text in enumerate(lost)}
    _cut_circles(walk, sound, placing)
    return walk, sound


def _cut_circles(walk: Walk, sound: Json, placing: _Placing) -> None:
    ways = [target.way for shape, target in walk.wanted.values() if shape is SCHEMA]
    for attempt in range(_ATTEMPTS):
        found = circles(sound, ways, bluntly=attempt > 1)
        for circle in found:
            walk.flaw(trail_of(circle.way), circle.message, WARNING)
            placing.write(circle.way, circle.instead)
        if not found:
            return


def _schemes(walk: Walk) -> frozenset[str]:
    """The names of the security schemes that can be asked for; they are read first, since requirements name them."""
    components = walk.document.get("components")
    schemes = components.get("securitySchemes") if isinstance(components, dict) else None
    if not isinstance(schemes, dict) or "$ref" in schemes:
        return frozenset()
    at: Trail = ((), "components"), "securitySchemes"
    return frozenset(COMPONENTS.members["securitySchemes"](walk, schemes, at))


def _targets(walk: Walk) -> list[tuple[Target, Json]]:
    """What references lead to, each in its shape, outer ones first; reading one may bring up more of them."""
    done: dict[str, tuple[Target, Json]] = {}
    waiting = [*walk.wanted]
    while waiting:
        for text in waiting:
            shape, target = walk.wanted[text]
            done[text] = target, walk.read(shape, target.node, trail_of(target.source))
        waiting = [text for text in walk.wanted if text not in done]
    return sorted(done.values(), key=lambda found: len(found[0].way))


class _Placing:
    """Writes into a document that shares its parts with the one it was made of: each mapping or list on the way is
    copied once.
    """

    def __init__(self, document: dict[str, Json], source: Json) -> None:
        self.document = document
        self.source = source
        self.own: dict[int, Json] = {id(document): document}

    def put(self, target: Target, value: Json) -> bool:
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
            if node is DROP:
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
        return node.get(token, DROP)
    if isinstance(node, list) and token.isdecimal() and int(token) < len(node):
        return node[int(token)]
    return DROP
