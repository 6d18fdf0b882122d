"""Detects operations on several records, and where their requests name the records and the changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from mockserver.json_text import Json
from mockserver.resources.detect.decisions import Evidence, MemberPath, Role
from mockserver.resources.detect.effects import effect_of, in_words
from mockserver.resources.detect.locate import find_list
from mockserver.resources.detect.names import named
from mockserver.resources.detect.operation_view import OperationView
from mockserver.resources.detect.record_maps import find_map
from mockserver.resources.detect.resource import Resource
from mockserver.resources.detect.schema_shape import SchemaShape, SchemaShapes, similarity
from mockserver.spelling import plain, singular, words_of

_SEVERAL: Final = named("bulk batch many multiple mass all several selected multi")
"""Words that mean several records."""
_FILLERS: Final = named(
    "by ids id items list of the with in from records entries action actions operation operations for"
)
DELETING: Final = named("delete remove destroy purge clear erase trash deletion removal empty discard")
CREATING: Final = named("create add insert import new store creation make register")
UPDATING: Final = named("update edit modify patch change set save updates")
_UPSERT: Final = named("upsert sync merge")
_CHANGES: Final = named(
    "changes change data update updates set patch values fields attributes properties payload input body with"
)
_ALIKE: Final = 0.6
_FEW: Final = 2
"""Members of a body that names one record and has little else."""


@dataclass(frozen=True, slots=True)
class Batch:
    """The places in a request that name records: the query parameter `query` or the member of the body at `ids` lists
    ids; the list at `items` has an object for each, in which the record stands at `inner` and the member `verb` names
    the action; `changes` applies to all of them. None: no such place.
    """

    query: str = ""
    ids: MemberPath | None = None
    items: MemberPath | None = None
    inner: MemberPath = ()
    changes: MemberPath | None = None
    parts: tuple[tuple[str, str], ...] = ()
    is_keyed: bool = False
    verb: str = ""

    @property
    def names_records(self) -> bool:
        """Whether a request can name its records."""
        return bool(self.query) or self.ids is not None or self.items is not None


def batch_of(shapes: SchemaShapes, view: OperationView, record: SchemaShape, id_spec: MemberPath, name: str) -> Batch:
    """Returns the places in an operation's requests that name records of the collection `name`."""
    request = _id_names(id_spec, name)
    query = next((key for key in view.query if plain(key) in request), "")
    body = view.body
    if body.is_list and not body.members:
        items = shapes.items(body)
        if items.is_scalar:
            return Batch(query, ids=())
        if not items.members:
            return Batch(query)
        return Batch(query, items=(), inner=_inner(shapes, items, record), verb=_verb(shapes, items, record))
    keyed = find_map(shapes, body, name)
    if keyed is not None and similarity(keyed.shape, record) >= _ALIKE:
        return Batch(query, items=keyed.member_path, is_keyed=True)
    parts = _parts(shapes, body, record)
    if len(parts) > 1:
        return Batch(query, parts=parts)
    listed = _listed(shapes, body, record)
    if listed is not None:
        items = shapes.items(shapes.member(body, *listed))
        return Batch(query, items=listed, inner=_inner(shapes, items, record), verb=_verb(shapes, items, record))
    ids = _ids(shapes, body, request)
    changes = _changes(shapes, body, record, ids) if ids is not None or query else None
    return Batch(query, ids=ids, changes=changes)


def _parts(shapes: SchemaShapes, body: SchemaShape, record: SchemaShape) -> tuple[tuple[str, str], ...]:
    if similarity(body, record) >= _ALIKE:
        return ()
    lists = (name for name in body.members if shapes.member(body, name).is_list)
    return tuple((name, verb) for name in lists if (verb := _PARTS.get(plain(name))) is not None)


_PARTS: Final = {
    **dict.fromkeys(("create", "insert", "add", "creates", "created", "new"), "created"),
    **dict.fromkeys(("update", "patch", "modify", "edit", "change", "updates", "updated"), "updated"),
    **dict.fromkeys(("delete", "remove", "destroy", "deletes", "deleted", "removed"), "deleted"),
}


def _verb(shapes: SchemaShapes, item: SchemaShape, record: SchemaShape) -> str:
    """Returns the member of an item that names the action: `action` of `{action: delete, id: 4}`."""
    named_so = (name for name in item.members if plain(name) in _VERBS and name not in record.members)
    return next((name for name in named_so if _says_verbs(shapes.member(item, name))), "")


_VERBS: Final = named("action op operation method verb kind type command requestmethod httpmethod changetype")


def _says_verbs(member: SchemaShape) -> bool:
    """Returns whether the values of a member may be verbs: create, change or delete."""
    if "string" not in member.types and member.types:
        return False
    return not member.enum or sum(verb_of(value) != "" for value in member.enum) > 1


def verb_of(value: Json) -> str:
    """Returns the verb of an item: `created`, `updated`, `deleted` or `upserted`; empty where it has none."""
    first = (words_of(value) or ("",))[0] if isinstance(value, str) else ""
    if first in _UPSERT or first == "index":
        return "upserted"
    methods = {"post": "created", "put": "updated", "patch": "updated"}
    for verb, called in (("created", CREATING), ("updated", UPDATING), ("deleted", DELETING)):
        if first in called:
            return verb
    return methods.get(first, "updated" if first in ("replace", "merge") else "")


def _id_names(id_spec: MemberPath, name: str) -> frozenset[str]:
    one = plain(singular(name.rpartition(".")[2]))
    own = plain(id_spec[-1]) if id_spec else "id"
    return frozenset(
        {
            "ids",
            "id",
            "idlist",
            "listofids",
            "keys",
            "uuids",
            "identifiers",
            "selectedids",
            f"{own}s",
            own,
            f"{own}list",
        }
        | {f"{one}ids", f"{one}id", f"{one}keys", f"{one}{own}s", f"{one}uuids", f"{one}idlist"}
    )


def _ids(shapes: SchemaShapes, body: SchemaShape, request: frozenset[str]) -> MemberPath | None:
    """Returns the path of the member that lists ids: by its name, else the only list of scalars."""
    scalars = [
        name
        for name in body.members
        if (member := shapes.member(body, name)).is_list and shapes.items(member).is_scalar and not member.members
    ]
    called = next((name for name in scalars if plain(name) in request or plain(name).endswith("ids")), None)
    if called is None and len(scalars) == 1 and len(body.members) == 1:
        called = scalars[0]
    if called is None and len(body.members) <= _FEW:
        called = next(
            (name for name in body.members if plain(name) in request and shapes.member(body, name).is_scalar), None
        )
    return None if called is None else (called,)


def _listed(shapes: SchemaShapes, body: SchemaShape, record: SchemaShape) -> MemberPath | None:
    """Returns the path of the list of records in a body that is not a list itself."""
    if not body.members or similarity(body, record) >= _ALIKE:
        return None
    best, found = 0.0, None
    for name in body.members:
        member = shapes.member(body, name)
        item = shapes.items(member)
        alike = similarity(shapes.member(item, *_inner(shapes, item, record)), record) if member.is_list else 0.0
        if alike >= _ALIKE and alike > best:
            best, found = alike, (name,)
    return found


def _inner(shapes: SchemaShapes, item: SchemaShape, record: SchemaShape) -> MemberPath:
    """Returns the path of the record in an item of a batch: `todo` in `requests[].todo`."""
    if similarity(item, record) >= _ALIKE:
        return ()
    member = ((name, shapes.member(item, name)) for name in item.members)
    return next(((name,) for name, shape in member if similarity(shape, record) >= _ALIKE), ())


def _changes(shapes: SchemaShapes, body: SchemaShape, record: SchemaShape, ids: MemberPath | None) -> MemberPath | None:
    """Returns the path of the changes for all records: a member of its own, or the body beside the ids."""
    for name in body.members:
        member = shapes.member(body, name)
        if (name,) != ids and plain(name) in _CHANGES and member.is_object and not member.is_list:
            return (name,)
    rest = [name for name in body.members if (name,) != ids]
    return () if any(name in record.members for name in rest) else None


# what the path asks for


class BatchRequest:
    """The literals behind a collection's path: `verb` is what remains without words that mean several."""

    def __init__(self, segments: tuple[str, ...], name: str) -> None:
        spoken = [word for segment in segments for word in words_of(segment)]
        own = {plain(name.rpartition(".")[2]), plain(singular(name.rpartition(".")[2]))}
        own |= {*words_of(name), *words_of(singular(name))}
        self.is_several = not _SEVERAL.isdisjoint(spoken)
        self.is_all = not {"all", "clear", "purge", "empty"}.isdisjoint(spoken)
        self.verb = "-".join(word for word in spoken if word not in _SEVERAL | _FILLERS and word not in own)
        self.first = self.verb.partition("-")[0]


def batch_role(shapes: SchemaShapes, resource: Resource, view: OperationView, behind: tuple[str, ...]) -> Role | None:
    """Returns the role of an operation at the path of a list, or at the literals `behind` it; None where it is not
    about several records.
    """
    if resource.collection.singleton or view.method in ("GET", "HEAD", "QUERY", "OPTIONS"):
        return None
    collection = resource.collection
    request = BatchRequest(behind, collection.name)
    batch = batch_of(shapes, view, resource.record, collection.id_spec.member_path, collection.name)
    kind, why = _kind(shapes, resource, view, request, batch)
    if not kind:
        return None
    listed = find_list(shapes, view.shape, collection.name, resource.record)
    member_path = (
        listed.member_path if listed is not None and similarity(listed.shape, resource.record) >= _ALIKE else ()
    )
    body_path = batch.items or ()
    evidence = (*collection.evidence, Evidence(why, 0.5))
    return Role(view.id, kind, collection.name, member_path, body_path, view.parameters, evidence=evidence)


def _kind(
    shapes: SchemaShapes, resource: Resource, view: OperationView, request: BatchRequest, batch: Batch
) -> tuple[str, str]:
    """Returns the kind of the role and its evidence; empty where there is none."""
    for kind, why in _kinds(shapes, resource, view, request, batch):
        return kind, why
    return "", ""


def _kinds(
    shapes: SchemaShapes, resource: Resource, view: OperationView, request: BatchRequest, batch: Batch
) -> Iterator[tuple[str, str]]:
    method, verb = view.method, request.first
    if batch.verb:
        yield (
            "mix-many",
            f"`{batch.verb}` of each item of the body of {method} {view.operation.path} says what to do",
        )
        return
    if batch.parts:
        members = ", ".join(f"`{name}`" for name, _ in batch.parts)
        yield "mix-many", f"the body of {method} {view.operation.path} lists records below {members}"
        return
    at = f"{method} {view.operation.path}"
    if (method == "DELETE" and not verb) or verb in DELETING:
        if method == "DELETE" or batch.names_records or request.is_all:
            yield "delete-many", f"{at} takes those that are asked for from the collection"
        return
    if method == "DELETE":
        if state_of(shapes, resource.record, request.verb):
            yield "delete-many", f"{at} takes those that are `{request.verb}` from the collection"
        return
    if verb in _UPSERT and batch.items is not None:
        yield "upsert-many", f"{at} takes a list of records, known or new"
    elif verb in CREATING or (method == "POST" and not verb):
        if batch.items is not None:
            yield "create-many", f"the body of {at} lists such records"
    elif verb in UPDATING or not verb:
        yield from _updates(resource, view, request, batch, at)
    elif view.shown is None or not request.verb.startswith("search"):
        effect = effect_of(shapes, resource.record, request.verb)
        if effect and (batch.names_records or request.is_several):
            yield "act-many", f"`{request.verb}` of several records sets {in_words(effect)}"


def _updates(
    resource: Resource, view: OperationView, request: BatchRequest, batch: Batch, at: str
) -> Iterator[tuple[str, str]]:
    if batch.items is not None:
        if batch.is_keyed and view.method == "PATCH":
            yield "upsert-many", f"{at} lays an object of records by their ids over the collection"
        replaces = view.method == "PUT" and not request.verb and not request.is_several and not _says_update(view)
        if replaces:
            yield "replace-all", f"PUT {view.operation.path} takes the whole list"
        else:
            yield "update-many", f"the body of {at} lists changes by id"
    elif batch.changes is not None and (batch.query or batch.ids is not None):
        yield "update-many", f"{at} takes ids and what is to change"
    elif view.method == "PATCH" and similarity(view.body, resource.record) >= _ALIKE:
        yield "update-many", f"the body of {at} is what is to change on those that are asked for"


def _says_update(view: OperationView) -> bool:
    """Returns whether the operation calls itself an update, where its path suggests a replacement of all."""
    words = {*words_of(str(view.node.get("operationId", ""))), *words_of(str(view.node.get("summary", "")))}
    return bool(words & {"update", "bulk", "batch", "upsert", "several"}) and not words & {"replace", "replaces", "set"}


def state_of(shapes: SchemaShapes, record: SchemaShape, word: str) -> dict[str, object]:
    """Returns the member and the value that a word means for records: `completed` a flag or a state. Empty where there
    is none.
    """
    wanted = plain(word)
    for name in record.members:
        shape = shapes.member(record, name)
        if "boolean" in shape.types and plain(name) in (wanted, f"is{wanted}"):
            return {name: True}
        value = next((value for value in shape.enum if isinstance(value, str) and plain(value) == wanted), None)
        if value is not None and wanted:
            return {name: value}
    if wanted in ("completed", "done", "finished"):
        other = next((name for name in record.members if plain(name) in ("completed", "done", "finished")), None)
        if other is not None and "boolean" in shapes.member(record, other).types:
            return {other: True}
    for name in record.members:
        called = plain(name).removeprefix("is")
        opposites = (
            _UNDONE if called in ("completed", "complete", "done", "finished") else (f"un{called}", f"in{called}")
        )
        if wanted in opposites and "boolean" in shapes.member(record, name).types:
            return {name: False}
    return {}


_UNDONE: Final = ("open", "pending", "incomplete", "todo", "remaining", "unfinished", "undone", "outstanding")
"""Words for records whose flag says that they are not done."""
