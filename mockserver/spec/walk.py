"""One walk through a document by the shapes that its parts should have: what has them stays, the rest is left out and
noted. The document given is never changed; parts that need no change are shared with it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Protocol

from mockserver.problem import Unusable
from mockserver.spec.pointer import Trail, pointer_of, ref_to, trail_of, way_of
from mockserver.spec.reference import place, resolve
from mockserver.wire import Json

DROP: Final = object()
"""In the place of a part that cannot be used."""

ERROR: Final = "error"
WARNING: Final = "warning"


class Flaw(NamedTuple):
    """What is wrong at one place of a document. An `error` was left out or mended; a `warning` is served as it is."""

    pointer: str
    message: str
    severity: str = ERROR


class Target(NamedTuple):
    """Where a reference leads: what stands there and the way to it in the source, the reference as all can follow it in
    the result and the way that it names. `problem` says why it cannot be followed, else it is empty.
    """

    source: tuple[str, ...]
    node: Json
    text: str
    way: tuple[str, ...] = ()
    problem: str = ""


class External(Protocol):
    """Reads the files that examples name."""

    def read(self, address: str) -> bytes:
        """What the file holds. Raises Unusable."""


Part = Callable[["Walk", Json, Trail], Json]
"""One member: (walk, value, where) -> the value to keep, or DROP."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One kind of object in a document: what messages call it, how its members are read, and what must hold of them
    together. Members that it does not name are kept unread. What a reference leads to was put in its place before where
    `is_inlined`; one that still stands there cannot be followed.
    """

    name: str
    members: Mapping[str, Part]
    settle: Part | None = None
    may_refer: bool = True
    is_inlined: bool = False
    or_boolean: bool = False


@dataclass(slots=True)
class Walk:
    """What is known while one document is walked through. `old` says that it was written for OpenAPI 2.0 or 3.0."""

    document: Json
    old: bool = False
    astray: Mapping[str, str] = field(default_factory=dict)
    lifted: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """References whose targets stand elsewhere in the result, with their ways there."""
    external: External | None = None
    """The files that examples may be, if any are read."""
    watch: Callable[[Shape, Json, Trail], None] | None = None
    """Is shown each object once, with its shape and place."""
    flaws: list[Flaw] = field(default_factory=list)
    targets: dict[str, Target] = field(default_factory=dict)
    wanted: dict[str, tuple[Shape, Target]] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    schemes: frozenset[str] = frozenset()
    marks: set[str] = field(default_factory=set)
    _read: dict[str, dict[int, Json]] = field(default_factory=lambda: defaultdict(dict))
    _fit: dict[tuple[str, str], bool] = field(default_factory=dict)
    _kept_alive: list[Json] = field(default_factory=list)

    def read(self, shape: Shape, node: Json, trail: Trail) -> Json:
        """The object in its shape, or DROP."""
        if type(node) is not dict:
            if shape.or_boolean and type(node) is bool:
                return node
            return self.refuse(trail, f"expected {shape.name}, got {kind_of(node)}")
        known = self._read[shape.name]
        kept = known.get(id(node))
        if kept is None:
            if shape.may_refer and type(node.get("$ref")) is str:
                kept = self._refer(shape, node, trail)
            else:
                kept = self._members(shape.members, node, trail)
                if shape.settle is not None:
                    kept = shape.settle(self, kept, trail)
            known[id(node)] = kept
            if self.watch is not None and kept is not DROP:
                self.watch(shape, kept, trail)
        return kept

    def read_new(self, shape: Shape, node: Json, trail: Trail) -> Json:
        """As `read`, for an object that is no part of the document."""
        self._kept_alive.append(node)
        return self.read(shape, node, trail)

    def _members(self, members: Mapping[str, Part], node: Json, trail: Trail) -> Json:
        changes: dict[str, Json] | None = None
        for name, value in node.items():
            part = members.get(name)
            if part is not None:
                kept = part(self, value, (trail, name))
                if kept is not value:
                    changes = changes or {}
                    changes[name] = kept
        return changed(node, changes) if changes else node

    def _refer(self, shape: Shape, node: Json, trail: Trail) -> Json:
        """The reference, if what it leads to has the shape too."""
        ref = node["$ref"]
        target = self.target(ref)
        if target.problem:
            return self.refuse((trail, "$ref"), target.problem)
        if shape.is_inlined:
            return self.refuse((trail, "$ref"), f"{ref!r} leads to what it stands in; expected {shape.name}")
        fits = self._fit.get((shape.name, ref))
        if fits is None:
            self._fit[shape.name, ref] = True  # what leads round through other objects ends here
            fits = self._fit[shape.name, ref] = self._fits(shape, target)
        if not fits:
            return self.refuse((trail, "$ref"), f"{ref!r} leads to nothing that can be used as {shape.name}")
        return node if target.text == ref else {**node, "$ref": target.text}

    def _fits(self, shape: Shape, target: Target) -> bool:
        """Whether the target has the shape, or in the end leads to what has it."""
        try:
            resolve(self.document, ref_to(target.source))
        except Unusable:
            return False
        return self.read(shape, target.node, trail_of(target.source)) is not DROP and self.want(shape, target)

    def want(self, shape: Shape, target: Target) -> bool:
        """What the reference leads to is to have the shape, wherever it stands; False where it was to have another."""
        return self.wanted.setdefault(target.text, (shape, target))[0] is shape

    def target(self, ref: str) -> Target:
        """Where the reference leads."""
        known = self.targets.get(ref)
        if known is None:
            known = self.targets[ref] = self._target(ref)
        return known

    def _target(self, ref: str) -> Target:
        if not ref.startswith("#"):
            problem = self.astray.get(ref) or f"{ref!r} leads out of the document; expected `#/...`"
            return Target((), None, ref, problem=problem)
        try:
            way, node = place(self.document, ref)
        except Unusable as error:
            return Target((), None, ref, problem=error.message)
        if not way:
            return Target((), None, ref, problem=f"{ref!r} leads to the document itself; expected a part of it")
        plain = ref[1:].split("/")[1:] if ref[1:2] == "/" and "%" not in ref and "~" not in ref else None
        text, source = ref if plain == way else ref_to(way), tuple(way)
        if text in self.lifted:
            return Target(source, node, ref_to(self.lifted[text]), self.lifted[text])
        return Target(source, node, text, source)

    def flaw(self, trail: Trail, message: str, severity: str = ERROR) -> None:
        """Notes what is wrong there."""
        self.flaws.append(Flaw(pointer_of([*map(str, way_of(trail))]), message, severity))

    def refuse(self, trail: Trail, message: str, severity: str = ERROR) -> Json:
        """Notes what is wrong there; it is left out."""
        self.flaw(trail, message, severity)
        return DROP

    def expect(self, expected: str, value: Json, trail: Trail) -> Json:
        """Notes that the value is none of what is expected; of a reference, which had stood for one if it led anywhere,
        why it does not. It is left out.
        """
        ref = value.get("$ref") if type(value) is dict else None
        problem = self.target(ref).problem if type(ref) is str else ""
        if problem:
            return self.refuse((trail, "$ref"), problem)
        return self.refuse(trail, f"expected {expected}, got {kind_of(value)}")


def changed(node: Mapping[str, Json], changes: Mapping[str, Json]) -> dict[str, Json]:
    """The object with other members, without those that are DROP."""
    return {name: kept for name, value in node.items() if (kept := changes.get(name, value)) is not DROP}


_KINDS = {dict: "a mapping", list: "a list", str: "a text", bool: "a boolean", int: "a number", float: "a number"}


def kind_of(value: Json) -> str:
    """What messages call the value: `a list`, `nothing`."""
    return "nothing" if value is None else _KINDS.get(type(value), "a value")


def one(shape: Callable[[], Shape]) -> Part:
    """A member that is one object."""

    def part(walk: Walk, value: Json, trail: Trail) -> Json:
        return _empty(walk, trail) if value is None else walk.read(shape(), value, trail)

    return part


def many(item: Part) -> Part:
    """A member that is a list."""

    def part(walk: Walk, value: Json, trail: Trail) -> Json:
        if value is None:
            return _empty(walk, trail)
        if type(value) is not list:
            return walk.expect("a list", value, trail)
        kept = [item(walk, child, (trail, str(number))) for number, child in enumerate(value)]
        if all(map(_is, kept, value)):
            return value
        return [child for child in kept if child is not DROP]

    return part


def named(member: Part, *, extensible: bool = False) -> Part:
    """A member whose own members are named by the author. Where it is `extensible`, `x-` members are none of them."""

    def part(walk: Walk, value: Json, trail: Trail) -> Json:
        if value is None:
            return _empty(walk, trail)
        if type(value) is not dict or type(value.get("$ref")) is str:
            return walk.expect("a mapping", value, trail)
        changes = {}
        for name, child in value.items():
            kept = DROP if extensible and name.startswith("x-") else member(walk, child, (trail, name))
            if kept is not child:
                changes[name] = kept
        return changed(value, changes) if changes else value

    return part


def text(walk: Walk, value: Json, trail: Trail) -> Json:
    """A text; numbers, which YAML makes of `version: 1.0`, become texts."""
    if type(value) is str:
        return value
    if type(value) in (int, float):
        walk.flaw(trail, f"expected a text, got the number {value}; quote it", WARNING)
        return str(value)
    return _empty(walk, trail) if value is None else walk.expect("a text", value, trail)


def flag(walk: Walk, value: Json, trail: Trail) -> Json:
    """A boolean; one in quotes counts."""
    if type(value) is bool:
        return value
    if type(value) is str and value.lower() in _BOOLEANS:
        walk.flaw(trail, f"expected a boolean, got the text {value!r}; leave out the quotes", WARNING)
        return _BOOLEANS[value.lower()]
    return walk.expect("true or false", value, trail)


def _empty(walk: Walk, trail: Trail) -> Json:
    return walk.refuse(trail, "stands for nothing; write a value or leave it out", WARNING)


def _is(one: Json, other: Json) -> bool:
    return one is other


_BOOLEANS = {"true": True, "false": False}
