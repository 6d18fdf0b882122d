"""Fits a stored record to a response schema: required members are added, those it cannot show are left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import blake2b
from typing import Final, NamedTuple

from mockserver.engine.call import SHORTENED, Call, ValidatedBody
from mockserver.json_text import Json, encode
from mockserver.messages import make
from mockserver.openapi.schema.message_schemas import WRITE_ONLY
from mockserver.resources.context import ResourceContext
from mockserver.resources.detect.decisions import OWN, MemberPath
from mockserver.resources.detect.names import named
from mockserver.resources.detect.schema_shape import (
    SchemaPlace,
    SchemaShape,
    SchemaShapes,
    dig,
    is_free,
    put,
    similarity,
)
from mockserver.resources.records.adapter import ABSENT, REPLACED, Adapter, Loss
from mockserver.spelling import plain

MOST_KNOWN: Final = 500
"""Cached answers; most records are read several times before they change."""

_LIKE_A_RECORD: Final = 0.5
_MOST_TOLD: Final = 3
_WENT_WELL: Final = ("success", "ok", "deleted", "succeeded", "acknowledged", "issuccess", "result", "isdeleted")
_DONE_TO_ONE: Final = named(
    "deletedcount deleted removed removedcount affected affectedrows rowsaffected affectedcount modifiedcount "
    "updatedcount matchedcount recordsdeleted numdeleted ndeleted nremoved",
)
"""Names of numbers that count the records an operation changed."""
_FAILURES: Final = named("error errors exception exceptions failure failures errormessage errorcode")


SeedKeyOf = str | Callable[[Mapping[str, Json]], str]
"""The seed key of the values that are made up for a record, or the function of the record that returns it."""


def public(record: Mapping[str, Json]) -> dict[str, Json]:
    """Returns the record without the mock's own members."""
    members = {**record}
    for name in OWN:
        members.pop(name, None)
    return members


def etag(record: Mapping[str, Json]) -> str:
    """Returns the entity tag of the record as it is now."""
    content = encode(dict(sorted(public(record).items())))
    return f'"{blake2b(content, digest_size=8).hexdigest()}"'


class VisibleMembers:
    """The members of a record that an answer of this shape may show: those that it names, without `writeOnly` and
    `hidden` ones (declared by requests alone), at any depth.
    """

    def __init__(
        self, context: ResourceContext, shape: SchemaShape, record: SchemaShape, hidden: frozenset[str] = frozenset()
    ) -> None:
        self._shapes = context.shapes
        self._shape = shape
        self._names = names_shown(context, shape, record)
        secret = {name for name in shape.members if context.shapes.member(shape, name).write_only}
        self._hidden = frozenset(OWN) | (hidden - _named(context, shape)) | secret
        self._is_marked = WRITE_ONLY in context.spec.views.marks

    def __call__(self, record: Mapping[str, Json]) -> dict[str, Json]:
        """Returns the visible members of the record, not to be changed."""
        names, hidden = self._names, self._hidden
        if names is None and not self._is_marked and hidden.isdisjoint(record):
            return {**record}
        if names is None:
            shown = {name: value for name, value in record.items() if name not in hidden}
        else:
            shown = {name: value for name, value in record.items() if name in names and name not in hidden}
        return without_secrets(self._shapes, shown, self._shape) if self._is_marked else shown


def without_secrets(shapes: SchemaShapes, value: Json, shape: SchemaShape) -> Json:
    """Returns the value without `writeOnly` members, at any depth."""
    if isinstance(value, dict) and shape.members:
        members = {name: (member, shapes.member(shape, name)) for name, member in value.items()}
        return {
            name: without_secrets(shapes, member, of) for name, (member, of) in members.items() if not of.write_only
        }
    if isinstance(value, list) and shape.items is not None:
        return [without_secrets(shapes, item, shapes.items(shape)) for item in value]
    return value


class _Projected(NamedTuple):
    """A cached answer of a record, the note on members that it does not show, the proof of validity, if there is one,
    and the note on its size, if that is bounded.
    """

    record: Mapping[str, Json]
    value: Json
    note: str
    proven: ValidatedBody | None
    shortened: str = ""


class Projection:
    """Fits records into one answer: the schema at `place`, the record at `member_path` in it. `hidden` are members that
    only requests declare. Where it `is_whole` the encoded bytes are cached with it.
    """

    def __init__(
        self,
        context: ResourceContext,
        place: SchemaPlace,
        member_path: MemberPath,
        record: SchemaShape,
        hidden: frozenset[str] = frozenset(),
        *,
        is_whole: bool = False,
    ) -> None:
        self.context = context
        self.place = place
        self.member_path = member_path
        self.shape = context.shapes.at(place)
        self.record_shape = context.shapes.member(self.shape, *member_path)
        self.accepts = context.accepts(place.pointer)
        self.shown = VisibleMembers(context, self.record_shape, record, hidden)
        self._known: dict[int, _Projected] = {}
        self._is_whole = is_whole
        both_free = is_free(self.record_shape) and is_free(record)
        self._is_record = both_free or similarity(self.record_shape, record) >= _LIKE_A_RECORD
        self._is_bare = self._is_record and (
            not member_path or (len(member_path) == 1 and self.shape.members.keys() == {member_path[0]})
        )
        self._inner = _place_of(context, place, self.shape, member_path)

    def __call__(self, record: Mapping[str, Json], key: SeedKeyOf, call: Call | None = None) -> Json:
        """Returns the answer that shows the record, not to be changed; `key` seeds the made-up values. The call notes
        the members that are not shown as they are stored.
        """
        known = self._known.get(id(record))
        if known is None or known.record is not record:
            known = self._remember(record, key)
        if call is not None:
            call.proven = known.proven
            if known.note:
                call.note("replaced-values", known.note)
            if known.shortened:
                call.note(SHORTENED, known.shortened)
        return known.value

    def _remember(self, record: Mapping[str, Json], key: SeedKeyOf) -> _Projected:
        """Returns the answer and caches it for as long as the record is the same object."""
        value, short = self._shortened(record) if self.context.make.shortened else (None, "")
        value, losses, fits = (value, [], False) if short else self._fitted(record, key)
        content = encode(value) if fits and self._is_whole else None
        proven: ValidatedBody | None = make(ValidatedBody, (value, self.place.pointer, content)) if fits else None
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        note = _note_of(losses) if losses and self._is_record else ""
        known: _Projected = make(_Projected, (record, value, note, proven, short))
        self._known[id(record)] = known
        return known

    def _shortened(self, record: Mapping[str, Json]) -> tuple[Json, str]:
        """Returns the answer with a record that is smaller than its schema requires, and the note on that; an empty
        note if the record is not.
        """
        if not self._is_record or self._inner is None:
            return None, ""
        shown = self.shown(record)
        short = self.context.shortened(self._inner.pointer, shown)
        if not short or self._is_bare:
            return put(None, self.member_path, shown), short
        return put(self.context.value(self.place.pointer, ""), self.member_path, shown), short

    def _fitted(self, record: Mapping[str, Json], key_of: SeedKeyOf) -> tuple[Json, list[Loss], bool]:
        """Returns the answer, the losses in it, and whether it is known to fit the schema."""
        shown = self.shown(record)
        if self._is_bare:
            value = put(None, self.member_path, shown)
            if self.accepts(value):
                return value, [], True
        key = key_of if isinstance(key_of, str) else key_of(record)
        adapter = Adapter(self.context, key)
        adapted = adapter.adapt(shown, self._inner) if self._is_record and self._inner is not None else shown
        if not self.member_path and adapted is not ABSENT and self._is_record:
            return adapted, adapter.losses, False
        made = self.context.value(self.place.pointer, key)
        if made is None:
            return put(None, self.member_path, shown if adapted is ABSENT else adapted), adapter.losses, False
        made = without_failures(self.shape, made)
        return self._enveloped(made if self._is_record else _of_one(made), shown, adapted, adapter.losses)

    def _enveloped(
        self, made: Json, shown: dict[str, Json], adapted: Json, losses: list[Loss]
    ) -> tuple[Json, list[Loss], bool]:
        """Returns the made-up answer with the record in it, whole or as far as its schema allows."""
        if self._is_record:
            value = put(made, self.member_path, adapted)
            if adapted is not ABSENT and self.accepts(value):
                return value, losses, True
        under = dig(made, self.member_path)
        if isinstance(under, dict):
            value = put(made, self.member_path, merged(under, shown))
            if self.accepts(value):
                return value, losses, True
        for name, member in shown.items() if isinstance(under, dict) else ():
            value = put(made, (*self.member_path, name), member)
            if self.accepts(value):
                made = value
            else:
                losses = [*losses, Loss(f"/{name}", REPLACED)]
        return made, losses, False


def _place_of(
    context: ResourceContext, place: SchemaPlace, shape: SchemaShape, member_path: MemberPath
) -> SchemaPlace | None:
    """Returns the schema at the end of `member_path`; None where there is none."""
    return context.shapes.member(shape, *member_path[:-1]).members.get(member_path[-1]) if member_path else place


def _note_of(losses: list[Loss]) -> str:
    members = "; ".join(f"{loss.pointer or '/'} {loss.reason}" for loss in losses[:_MOST_TOLD])
    return f"{members}; and {len(losses) - _MOST_TOLD} more" if len(losses) > _MOST_TOLD else members


def merged(under: Json, over: Json) -> Json:
    """Merges one value over another: objects member by member, anything else as a whole."""
    if not isinstance(under, dict) or not isinstance(over, dict):
        return over
    return {**under, **{name: merged(under[name], value) if name in under else value for name, value in over.items()}}


def names_shown(context: ResourceContext, shape: SchemaShape, record: SchemaShape) -> frozenset[str] | None:
    """Returns the members of a record that an answer shows, where its schema is another than the record's;
    None: all.
    """
    if context.is_same(shape, record) or not shape.members or shape.free:
        return None
    return _named(context, shape)


def _named(context: ResourceContext, shape: SchemaShape) -> frozenset[str]:
    """Returns the members that the schema names, in any of its alternatives."""
    variants = context.shapes.variants(SchemaPlace(shape.node, shape.pointer)) if shape.pointer else ()
    return frozenset(shape.members).union(*(variant.shape.members for variant in variants))


def without_failures(shape: SchemaShape, made: Json) -> Json:
    """Returns the made-up answer without members that report a failure."""
    if not isinstance(made, dict):
        return made
    members = {name: value for name, value in made.items() if plain(name) not in _FAILURES or name in shape.required}
    return {
        name: True if value is False and plain(name) in _WENT_WELL and name in shape.members else value
        for name, value in members.items()
    }


def _of_one(made: Json) -> Json:
    """Returns the made-up answer with numbers that count one changed record."""
    if not isinstance(made, dict):
        return made
    return {name: 1 if type(value) is int and plain(name) in _DONE_TO_ONE else value for name, value in made.items()}
