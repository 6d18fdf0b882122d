"""Reads a document once against the shapes that its parts should have: valid parts are kept, others removed and
reported. The given document is never changed; parts that need no change are shared with it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Protocol

from mockserver.json_pointer import pointer_of
from mockserver.json_text import Json
from mockserver.openapi.source.pointer import DocumentPath, location_of, ref_to, tokens_of
from mockserver.openapi.source.reference import place, resolve
from mockserver.problem import Unusable

REMOVED: Final = object()
"""The result for a part that cannot be used."""

ERROR: Final = "error"
WARNING: Final = "warning"


class Diagnostic(NamedTuple):
    """A defect at one place of a document. For an `error` the part was removed or repaired; for a `warning` it is
    served as it is.
    """

    pointer: str
    message: str
    severity: str = ERROR


class ReferenceTarget(NamedTuple):
    """The target of a reference: its path and node in the source, the `$ref` text to use in the result and the path
    that this names. `problem` says why it cannot be followed, else it is empty.
    """

    source: tuple[str, ...]
    node: Json
    text: str
    path: tuple[str, ...] = ()
    problem: str = ""


class External(Protocol):
    """Reads the files that examples name."""

    def read(self, address: str) -> bytes:
        """The content of the file. Raises Unusable."""


Part = Callable[["Normalizer", Json, DocumentPath], Json]
"""Reads one member: (normalizer, value, place) -> the value to keep, or REMOVED."""


@dataclass(frozen=True, slots=True)
class ObjectShape:
    """One kind of object in a document: its name in messages, the readers of its members, and `finish`, which checks
    the members together. Members without a reader are kept as they are. `is_inlined`: references were replaced by their
    targets before; one that is still there cannot be followed.
    """

    name: str
    members: Mapping[str, Part]
    finish: Part | None = None
    may_refer: bool = True
    is_inlined: bool = False
    or_boolean: bool = False


@dataclass(slots=True)
class Normalizer:
    """The state of reading one document. `old`: the document was written for OpenAPI 2.0 or 3.0."""

    document: Json
    old: bool = False
    unresolved: Mapping[str, str] = field(default_factory=dict)
    relocated: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """References whose targets stand elsewhere in the result, with their paths there."""
    external: External | None = None
    """Reads the files of examples, if any are to be read."""
    watch: Callable[[ObjectShape, Json, DocumentPath], None] | None = None
    """Called once for each object, with its shape and place."""
    diagnostics: list[Diagnostic] = field(default_factory=list)
    targets: dict[str, ReferenceTarget] = field(default_factory=dict)
    wanted: dict[str, tuple[ObjectShape, ReferenceTarget]] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    schemes: frozenset[str] = frozenset()
    marks: set[str] = field(default_factory=set)
    _read: dict[str, dict[int, Json]] = field(default_factory=lambda: defaultdict(dict))
    _fit: dict[tuple[str, str], bool] = field(default_factory=dict)
    _kept_alive: list[Json] = field(default_factory=list)

    def read(self, shape: ObjectShape, node: Json, location: DocumentPath) -> Json:
        """The object in its shape, or REMOVED."""
        if type(node) is not dict:
            if shape.or_boolean and type(node) is bool:
                return node
            return self.refuse(location, f"expected {shape.name}, got {kind_of(node)}")
        known = self._read[shape.name]
        kept = known.get(id(node))
        if kept is None:
            if shape.may_refer and type(node.get("$ref")) is str:
                kept = self._refer(shape, node, location)
            else:
                kept = self._members(shape.members, node, location)
                if shape.finish is not None:
                    kept = shape.finish(self, kept, location)
            known[id(node)] = kept
            if self.watch is not None and kept is not REMOVED:
                self.watch(shape, kept, location)
        return kept

    def read_new(self, shape: ObjectShape, node: Json, location: DocumentPath) -> Json:
        """As `read`, for an object that is not part of the document."""
        self._kept_alive.append(node)
        return self.read(shape, node, location)

    def _members(self, members: Mapping[str, Part], node: Json, location: DocumentPath) -> Json:
        changes: dict[str, Json] | None = None
        for name, value in node.items():
            part = members.get(name)
            if part is not None:
                kept = part(self, value, (location, name))
                if kept is not value:
                    changes = changes or {}
                    changes[name] = kept
        return changed(node, changes) if changes else node

    def _refer(self, shape: ObjectShape, node: Json, location: DocumentPath) -> Json:
        """The reference, if its target has the shape too."""
        ref = node["$ref"]
        target = self.target(ref)
        if target.problem:
            return self.refuse((location, "$ref"), target.problem)
        if shape.is_inlined:
            return self.refuse((location, "$ref"), f"{ref!r} leads to what it stands in; expected {shape.name}")
        fits = self._fit.get((shape.name, ref))
        if fits is None:
            self._fit[shape.name, ref] = True  # what leads round through other objects ends here
            fits = self._fit[shape.name, ref] = self._fits(shape, target)
        if not fits:
            return self.refuse((location, "$ref"), f"{ref!r} leads to nothing that can be used as {shape.name}")
        return node if target.text == ref else {**node, "$ref": target.text}

    def _fits(self, shape: ObjectShape, target: ReferenceTarget) -> bool:
        """Whether the target has the shape, directly or through further references."""
        try:
            resolve(self.document, ref_to(target.source))
        except Unusable:
            return False
        return self.read(shape, target.node, location_of(target.source)) is not REMOVED and self.want(shape, target)

    def want(self, shape: ObjectShape, target: ReferenceTarget) -> bool:
        """Requires the target to have this shape, wherever it stands; False if it was required to have another."""
        return self.wanted.setdefault(target.text, (shape, target))[0] is shape

    def target(self, ref: str) -> ReferenceTarget:
        """The target of the reference."""
        known = self.targets.get(ref)
        if known is None:
            known = self.targets[ref] = self._target(ref)
        return known

    def _target(self, ref: str) -> ReferenceTarget:
        if not ref.startswith("#"):
            problem = self.unresolved.get(ref) or f"{ref!r} leads out of the document; expected `#/...`"
            return ReferenceTarget((), None, ref, problem=problem)
        try:
            path, node = place(self.document, ref)
        except Unusable as error:
            return ReferenceTarget((), None, ref, problem=error.message)
        if not path:
            return ReferenceTarget(
                (), None, ref, problem=f"{ref!r} leads to the document itself; expected a part of it"
            )
        plain = ref[1:].split("/")[1:] if ref[1:2] == "/" and "%" not in ref and "~" not in ref else None
        text, source = ref if plain == path else ref_to(path), tuple(path)
        if text in self.relocated:
            return ReferenceTarget(source, node, ref_to(self.relocated[text]), self.relocated[text])
        return ReferenceTarget(source, node, text, source)

    def diagnostic(self, location: DocumentPath, message: str, severity: str = ERROR) -> None:
        """Reports a defect at the place."""
        self.diagnostics.append(Diagnostic(pointer_of([*map(str, tokens_of(location))]), message, severity))

    def refuse(self, location: DocumentPath, message: str, severity: str = ERROR) -> Json:
        """Reports a defect at the place and removes the part."""
        self.diagnostic(location, message, severity)
        return REMOVED

    def expect(self, expected: str, value: Json, location: DocumentPath) -> Json:
        """Reports that the value is not what is expected (for a reference that cannot be followed: why not) and removes
        it.
        """
        ref = value.get("$ref") if type(value) is dict else None
        problem = self.target(ref).problem if type(ref) is str else ""
        if problem:
            return self.refuse((location, "$ref"), problem)
        return self.refuse(location, f"expected {expected}, got {kind_of(value)}")


def changed(node: Mapping[str, Json], changes: Mapping[str, Json]) -> dict[str, Json]:
    """The object with changed members, without those that are REMOVED."""
    return {name: kept for name, value in node.items() if (kept := changes.get(name, value)) is not REMOVED}


_KINDS = {dict: "a mapping", list: "a list", str: "a text", bool: "a boolean", int: "a number", float: "a number"}


def kind_of(value: Json) -> str:
    """The name of the value's type in messages: `a list`, `nothing`."""
    return "nothing" if value is None else _KINDS.get(type(value), "a value")


def one(shape: Callable[[], ObjectShape]) -> Part:
    """Reads a member that is one object."""

    def part(normalizer: Normalizer, value: Json, location: DocumentPath) -> Json:
        return _empty(normalizer, location) if value is None else normalizer.read(shape(), value, location)

    return part


def many(item: Part) -> Part:
    """Reads a member that is a list."""

    def part(normalizer: Normalizer, value: Json, location: DocumentPath) -> Json:
        if value is None:
            return _empty(normalizer, location)
        if type(value) is not list:
            return normalizer.expect("a list", value, location)
        kept = [item(normalizer, child, (location, str(number))) for number, child in enumerate(value)]
        if all(map(_is, kept, value)):
            return value
        return [child for child in kept if child is not REMOVED]

    return part


def named(member: Part, *, extensible: bool = False) -> Part:
    """Reads a member whose own member names the author chooses. If `extensible`, `x-` members are not among them."""

    def part(normalizer: Normalizer, value: Json, location: DocumentPath) -> Json:
        if value is None:
            return _empty(normalizer, location)
        if type(value) is not dict or type(value.get("$ref")) is str:
            return normalizer.expect("a mapping", value, location)
        changes = {}
        for name, child in value.items():
            kept = REMOVED if extensible and name.startswith("x-") else member(normalizer, child, (location, name))
            if kept is not child:
                changes[name] = kept
        return changed(value, changes) if changes else value

    return part


def text(normalizer: Normalizer, value: Json, location: DocumentPath) -> Json:
    """A string; numbers, as YAML reads `version: 1.0`, become strings."""
    if type(value) is str:
        return value
    if type(value) in (int, float):
        normalizer.diagnostic(location, f"expected a text, got the number {value}; quote it", WARNING)
        return str(value)
    return _empty(normalizer, location) if value is None else normalizer.expect("a text", value, location)


def flag(normalizer: Normalizer, value: Json, location: DocumentPath) -> Json:
    """A boolean; a quoted one is accepted."""
    if type(value) is bool:
        return value
    if type(value) is str and value.lower() in _BOOLEANS:
        normalizer.diagnostic(location, f"expected a boolean, got the text {value!r}; leave out the quotes", WARNING)
        return _BOOLEANS[value.lower()]
    return normalizer.expect("true or false", value, location)


def _empty(normalizer: Normalizer, location: DocumentPath) -> Json:
    return normalizer.refuse(location, "stands for nothing; write a value or leave it out", WARNING)


def _is(one: Json, other: Json) -> bool:
    return one is other


_BOOLEANS = {"true": True, "false": False}
