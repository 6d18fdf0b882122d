"""Detects the operations at the paths of a collection: list, create, read, replace, update and delete."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from mockserver.resources.detect.decisions import Evidence, Role
from mockserver.resources.detect.locate import IDS, find_list
from mockserver.resources.detect.names import same_name
from mockserver.resources.detect.operation_view import OperationView, PathTree, query_members
from mockserver.resources.detect.record_maps import map_role
from mockserver.resources.detect.resource import Resource
from mockserver.resources.detect.roles.batch_operations import batch_of, batch_role
from mockserver.resources.detect.roles.record_places import answers_record, record_in_answer, record_in_body
from mockserver.resources.detect.schema_shape import NOTHING, SchemaShape, SchemaShapes, is_free, similarity

_KEEPS: Final = re.compile(
    r"(?:unspecified|omitted|missing|not (?:specified|provided|included|sent|passed))[^.]{0,60}"
    r"(?:unchanged|unaffected|untouched|not be (?:changed|modified|updated)|retain|keep)"
    r"|only[^.]{0,20} (?:fields|parameters|properties|attributes|values)[^.]{0,60} (?:will be|are) (?:updated|changed)",
    re.IGNORECASE,
)
"""Wordings by which documents say that a PUT changes only the members that were sent, like PATCH."""
_AT_RECORD: Final = {
    "GET": "read",
    "HEAD": "read",
    "PUT": "replace",
    "PATCH": "update",
    "POST": "update",
    "DELETE": "delete",
}


@dataclass(frozen=True, slots=True)
class CollectionOperations:
    """The operations at the paths of one collection."""

    shapes: SchemaShapes
    tree: PathTree
    resource: Resource

    def roles(self) -> Iterator[Role]:
        """Yields the role of each operation at the paths of the list and of a record; of a singleton, at its own."""
        collection = self.resource.collection
        if collection.singleton:
            yield from self._of_singleton()
            return
        for view in self.resource.above.methods.values() if self.resource.above is not None else ():
            role = self._at_list(view)
            if role is not None:
                yield role
        for view in self.resource.item.methods.values() if self.resource.item is not None else ():
            role = self._at_item(view)
            if role is not None:
                yield role

    def _at_list(self, view: OperationView) -> Role | None:
        collection, method = self.resource.collection, view.method
        if method in ("GET", "QUERY"):
            listed = self.listing(view, collection.evidence)
            return listed or map_role(self.shapes, view, collection.name, self.resource.record, collection.evidence)
        if method == "POST":
            return batch_role(self.shapes, self.resource, view, ()) or self._creation(view)
        chooses = method == "PATCH" and any(same_name(name, self.resource.record.members) for name in view.query)
        if method in ("PUT", "PATCH") and not self.resource.collection.scope and not chooses:
            one = self.by_body(view)
            if one is not None:
                return one
        return batch_role(self.shapes, self.resource, view, ())

    def listing(self, view: OperationView, evidence: tuple[Evidence, ...]) -> Role | None:
        """Returns the role of an operation that answers a list of the records."""
        listed = find_list(self.shapes, view.shape, self.resource.collection.name, self.resource.record)
        if listed is None:
            return None
        why = Evidence(listed.why, 0.5)
        return Role(
            view.id,
            "list",
            self.resource.collection.name,
            listed.member_path,
            keys=view.parameters,
            evidence=(*evidence, why),
        )

    def _creation(self, view: OperationView) -> Role | None:
        collection = self.resource.collection
        listed = find_list(self.shapes, view.shape, collection.name, self.resource.record)
        if listed is not None and listed.score >= 1.5 and "201" not in view.responses:
            return self._searched(view, similarity(listed.shape, self.resource.record))
        member_path = record_in_answer(self.shapes, self.resource, view)
        body_path = record_in_body(self.shapes, self.resource, view)
        if member_path is None or (view.body_place is not None and not view.body.is_object and view.body.types):
            return None
        return Role(
            view.id, "create", collection.name, member_path, body_path, view.parameters, evidence=collection.evidence
        )

    def _searched(self, view: OperationView, alike: float) -> Role | None:
        """Returns the role of a POST whose body is a query and no record."""
        if alike < 0.95 or similarity(view.body, self.resource.record) >= 0.6:
            return None
        why = Evidence("its answer is a list of the same records, its body none of them", 0.5)
        return self.listing(view, (*self.resource.collection.evidence, why))

    def creation_of_many(self, view: OperationView) -> Role:
        """Returns the role of an operation that takes a list of new records."""
        listed = find_list(self.shapes, view.shape, self.resource.collection.name, self.resource.record)
        why = Evidence("its body is a list of such records", 0.5)
        member_path = listed.member_path if listed is not None else ()
        return Role(
            view.id,
            "create-many",
            self.resource.collection.name,
            member_path,
            (),
            view.parameters,
            evidence=(*self.resource.collection.evidence, why),
        )

    def by_body(self, view: OperationView) -> Role | None:
        """Returns the role of PUT and PATCH without an id in the path, whose body has the id."""
        member_path = record_in_answer(self.shapes, self.resource, view)
        body_path = record_in_body(self.shapes, self.resource, view)
        id_spec = self.resource.collection.id_spec.member_path
        batch = batch_of(self.shapes, view, self.resource.record, id_spec, self.resource.collection.name)
        if body_path and batch.ids is not None:
            return None
        body = self.shapes.member(view.body, *body_path)
        if member_path is None or not id_spec or self.shapes.member(body, *id_spec) is NOTHING:
            return None
        if similarity(body, self.resource.record) < 0.6:
            return None
        why = Evidence(f"its body has `{'.'.join(id_spec)}`", 0.4)
        kind = "replace" if view.method == "PUT" else "update"
        return Role(
            view.id,
            kind,
            self.resource.collection.name,
            member_path,
            body_path,
            evidence=(*self.resource.collection.evidence, why),
        )

    def _at_item(self, view: OperationView) -> Role | None:
        collection, method = self.resource.collection, view.method
        kind = _AT_RECORD.get(method)
        if kind is None:
            return None
        member_path = record_in_answer(self.shapes, self.resource, view)
        body_path = record_in_body(self.shapes, self.resource, view)
        if member_path is None:
            return None
        body, evidence = self.shapes.member(view.body, *body_path), collection.evidence
        if method == "POST":
            why = self._posted(view, body)
            if why is None:
                return None
            evidence = (*evidence, why)
        bodiless = method == "PUT" and view.body_place is None
        if bodiless and (view.shown is not None or query_members(view, self.resource.record)):
            kind = "update"
        elif method == "PUT" and _KEEPS.search(str(view.node.get("description", ""))):
            kind, evidence = "update", (*evidence, Evidence("PUT says that what is not sent stays", 0.3))
        elif method == "PUT" and (needed := self._member_kept_by_put(body)):
            why = Evidence(
                f"PUT requires none of its members, and records need `{needed}`: what is not sent stays", 0.3
            )
            kind, evidence = "update", (*evidence, why)
        return Role(view.id, kind, collection.name, member_path, body_path, view.parameters, evidence=evidence)

    def _member_kept_by_put(self, body: SchemaShape) -> str:
        """Returns a member that every record has and the body of a PUT may omit, like all others; such a PUT only
        changes what was sent. Empty where there is none.
        """
        if body.required or not body.members:
            return ""
        needed = (name for name in body.members if name in self.resource.record.required and name not in IDS)
        return next(needed, "")

    def _posted(self, view: OperationView, body: SchemaShape) -> Evidence | None:
        """Returns the evidence that POST to a record changes it."""
        if answers_record(self.shapes, self.resource, view):
            return Evidence("POST to a record answers the record", 0.4)
        if body.members and similarity(body, self.resource.record) >= 0.6:
            return Evidence("POST to a record takes some of its members", 0.3)
        members = query_members(view, self.resource.record)
        if members:
            return Evidence(f"POST to a record takes `{members[0][1]}` of it in the query", 0.3)
        return None

    def _of_singleton(self) -> Iterator[Role]:
        item = self.resource.item
        if item is None:
            return
        for method, view in item.methods.items():
            kind = _AT_RECORD.get(method)
            member_path = record_in_answer(self.shapes, self.resource, view)
            if kind is None or member_path is None:
                continue
            body_path = record_in_body(self.shapes, self.resource, view)
            body = self.shapes.member(view.body, *body_path)
            free = is_free(self.resource.record) and is_free(body)
            alike = max(similarity(body, self.resource.record), similarity(view.shape, self.resource.record))
            if method in ("POST", "PATCH", "PUT") and not (self.resource.collection.absent or free) and alike < 0.5:
                continue
            yield Role(
                view.id,
                kind,
                self.resource.collection.name,
                member_path,
                body_path,
                view.parameters,
                evidence=self.resource.collection.evidence,
            )

        yield from self._values() if is_free(self.resource.record) else ()

    def _values(self) -> Iterator[Role]:
        """Yields the roles of one value of an object of values, at the path below it."""
        node = self.tree.get((*self.resource.key, "{}"))
        kinds = {"GET": "read-value", **dict.fromkeys(("PUT", "POST", "PATCH"), "set-value"), "DELETE": "remove-value"}
        for method, view in node.methods.items() if node is not None else ():
            if method in kinds:
                keys, evidence = view.parameters, self.resource.collection.evidence
                yield Role(view.id, kinds[method], self.resource.collection.name, keys=keys, evidence=evidence)
