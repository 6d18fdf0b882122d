"""Detects the role of each operation in the collections."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from mockserver.resources.detect.decisions import Evidence, MemberPath, Role
from mockserver.resources.detect.effects import KNOWN
from mockserver.resources.detect.locate import IDS, Located, find_list, find_record, lists_of
from mockserver.resources.detect.names import same_name
from mockserver.resources.detect.operation_view import Key, OperationView, PathNode, PathTree, query_members
from mockserver.resources.detect.record_maps import count_role, map_role
from mockserver.resources.detect.resource import Resource
from mockserver.resources.detect.roles.action_operations import ACTING, ActionOperation
from mockserver.resources.detect.roles.batch_operations import CREATING, UPDATING, BatchRequest, batch_of, batch_role
from mockserver.resources.detect.roles.corrections import corrected
from mockserver.resources.detect.roles.entry_operations import EntryOperation, are_values, parts, value_lists
from mockserver.resources.detect.roles.file_operations import address, file_roles, takes_files
from mockserver.resources.detect.schema_shape import NOTHING, SchemaShapes, is_free, similarity
from mockserver.spelling import plain, words_of

_SEARCHES: Final = ("search", "query", "find", "filter", "list")
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


@dataclass(slots=True)
class Roles:
    """Detects the role of each operation, given the collections."""

    shapes: SchemaShapes
    tree: PathTree
    found: list[Resource]
    by_name: dict[str, list[Resource]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        for resource in self.found:
            if not resource.collection.singleton:
                self.by_name.setdefault(plain(resource.collection.name.rpartition(".")[2]), []).append(resource)

    def all(self, views: list[OperationView]) -> dict[str, Role]:
        """Returns the role of every operation by its id."""
        inner = [EntryOperation(self.shapes, self.tree, one) for one in self.found if lists_of(self.shapes, one.record)]
        at_base: dict[Key, list[EntryOperation]] = {}
        for inside in inner:
            at_base.setdefault(inside.base, []).append(inside)
        self.found = [
            one for one in self.found if not any(inside.owns(one) for inside in at_base.get(one.key[:-1], []))
        ]
        self.found = [one for one in self.found if not are_values(self.shapes, self.found, one)]
        roles: dict[str, Role] = {}
        for role in parts(self.shapes, self.tree, self.found):
            roles[role.operation] = role
        self.found = [one for one in self.found if one.item is None or one.item.first.id not in roles]
        for inside in inner:
            if inside.resource in self.found and inside.resource.collection.singleton:
                roles |= {role.operation: role for role in inside.roles(roles)}
        for resource in self.found:
            for role in self._own(resource):
                roles.setdefault(role.operation, role)
        for inside in inner:
            roles |= {role.operation: role for role in inside.roles(roles) if role.operation not in roles}
        at_items = {
            item.key: resource
            for resource in self.found
            if (item := resource.item) is not None and (item.is_item or resource.collection.singleton)
        }
        at_lists = {resource.key: resource for resource in self.found if not resource.collection.singleton}
        values = value_lists(self.shapes, self.tree, self.found)
        roles |= {role.operation: role for role in values if role.operation not in roles}
        for node in self.tree:
            for view in node.methods.values():
                if view.id not in roles:
                    more = self._below(view, node, at_items, at_lists) or self._view(view, node)
                    roles |= {} if more is None else {view.id: more}
        collection = {resource.collection.name: resource.collection for resource in self.found}
        roles |= {role.operation: role for role in file_roles(views, roles, collection)}
        return {view.id: corrected(view, roles.get(view.id) or self._fallback_role(view), collection) for view in views}

    def _fallback_role(self, view: OperationView) -> Role:
        """Returns the role of an operation whose structure says nothing. With `x-mock-role` it is one on the nearest
        collection above it.
        """
        role = Role(view.id, "schema", evidence=(Evidence("its structure tells of nothing that is kept", 0.0),))
        if view.extension("role") in (None, "schema"):
            return role
        above = [resource for resource in self.found if view.key[: len(resource.key)] == resource.key]
        resource = max(above, key=lambda resource: len(resource.key), default=None)
        if resource is None:
            return role
        member_path, body_path = self._answer(resource, view) or (), self._body_path(resource, view)
        return replace(
            role, collection=resource.collection.name, answer=member_path, body_path=body_path, keys=view.parameters
        )

    # at the paths of a collection

    def _own(self, resource: Resource) -> Iterator[Role]:
        collection = resource.collection
        if collection.singleton:
            yield from self._of_sole(resource)
            return
        for view in resource.above.methods.values() if resource.above is not None else ():
            role = self._at_list(resource, view)
            if role is not None:
                yield role
        for view in resource.item.methods.values() if resource.item is not None else ():
            role = self._at_item(resource, view, "item")
            if role is not None:
                yield role

    def _at_list(self, resource: Resource, view: OperationView) -> Role | None:
        collection, method = resource.collection, view.method
        keys = view.parameters
        if method in ("GET", "QUERY"):
            listed = self._list(resource, view, keys, collection.evidence)
            return listed or map_role(self.shapes, view, collection.name, resource.record, collection.evidence)
        if method == "POST":
            return batch_role(self.shapes, resource, view, ()) or self._make(resource, view, keys)
        chooses = method == "PATCH" and any(same_name(name, resource.record.members) for name in view.query)
        if method in ("PUT", "PATCH") and not resource.collection.scope and not chooses:
            one = self._by_body(resource, view)
            if one is not None:
                return one
        return batch_role(self.shapes, resource, view, ())

    def _list(
        self, resource: Resource, view: OperationView, keys: MemberPath, evidence: tuple[Evidence, ...]
    ) -> Role | None:
        listed = find_list(self.shapes, view.shape, resource.collection.name, resource.record)
        if listed is None:
            return None
        why = Evidence(listed.why, 0.5)
        return Role(view.id, "list", resource.collection.name, listed.member_path, keys=keys, evidence=(*evidence, why))

    def _make(self, resource: Resource, view: OperationView, keys: MemberPath) -> Role | None:
        collection = resource.collection
        listed = find_list(self.shapes, view.shape, collection.name, resource.record)
        if listed is not None and listed.score >= 1.5 and "201" not in view.responses:
            return self._searched(resource, view, keys, similarity(listed.shape, resource.record))
        member_path, body_path = self._answer(resource, view), self._body_path(resource, view)
        if member_path is None or (view.body_place is not None and not view.body.is_object and view.body.types):
            return None
        return Role(view.id, "create", collection.name, member_path, body_path, keys, evidence=collection.evidence)

    def _searched(self, resource: Resource, view: OperationView, keys: MemberPath, alike: float) -> Role | None:
        """Returns the role of a POST whose body is a query and no record."""
        if alike < 0.95 or similarity(view.body, resource.record) >= 0.6:
            return None
        why = Evidence("its answer is a list of the same records, its body none of them", 0.5)
        return self._list(resource, view, keys, (*resource.collection.evidence, why))

    def _make_many(self, resource: Resource, view: OperationView, keys: MemberPath) -> Role:
        listed = find_list(self.shapes, view.shape, resource.collection.name, resource.record)
        why = Evidence("its body is a list of such records", 0.5)
        member_path = listed.member_path if listed is not None else ()
        return Role(
            view.id,
            "create-many",
            resource.collection.name,
            member_path,
            (),
            keys,
            evidence=(*resource.collection.evidence, why),
        )

    def _by_body(self, resource: Resource, view: OperationView) -> Role | None:
        """Returns the role of PUT and PATCH without an id in the path, whose body has the id."""
        member_path, body_path = self._answer(resource, view), self._body_path(resource, view)
        id_spec = resource.collection.id_spec.member_path
        if (
            body_path
            and batch_of(self.shapes, view, resource.record, id_spec, resource.collection.name).ids is not None
        ):
            return None
        body = self.shapes.member(view.body, *body_path) if body_path else view.body
        if member_path is None or not id_spec or self.shapes.member(body, *id_spec) is NOTHING:
            return None
        if similarity(body, resource.record) < 0.6:
            return None
        why = Evidence(f"its body has `{'.'.join(id_spec)}`", 0.4)
        kind = "replace" if view.method == "PUT" else "update"
        return Role(
            view.id,
            kind,
            resource.collection.name,
            member_path,
            body_path,
            evidence=(*resource.collection.evidence, why),
        )

    def _at_item(self, resource: Resource, view: OperationView, _what: str) -> Role | None:
        collection, method = resource.collection, view.method
        kind = _AT_RECORD.get(method)
        if kind is None:
            return None
        member_path, body_path = self._answer(resource, view), self._body_path(resource, view)
        if member_path is None:
            return None
        evidence = collection.evidence
        if method == "POST":
            why = self._posted(resource, view, body_path)
            if why is None:
                return None
            evidence = (*evidence, why)
        bodiless = method == "PUT" and view.body_place is None
        if bodiless and (view.shown is not None or query_members(view, resource.record)):
            kind = "update"
        elif method == "PUT" and _KEEPS.search(str(view.node.get("description", ""))):
            kind, evidence = "update", (*evidence, Evidence("PUT says that what is not sent stays", 0.3))
        elif method == "PUT" and (needed := self._member_kept_by_put(resource, view, body_path)):
            why = Evidence(
                f"PUT requires none of its members, and records need `{needed}`: what is not sent stays", 0.3
            )
            kind, evidence = "update", (*evidence, why)
        return Role(view.id, kind, collection.name, member_path, body_path, view.parameters, evidence=evidence)

    def _member_kept_by_put(self, resource: Resource, view: OperationView, body_path: MemberPath) -> str:
        """Returns a member that every record has and the body of a PUT may omit, like all others; such a PUT only
        changes what was sent. Empty where there is none.
        """
        body = self.shapes.member(view.body, *body_path) if body_path else view.body
        if body.required or not body.members:
            return ""
        needed = (name for name in body.members if name in resource.record.required and name not in IDS)
        return next(needed, "")

    def _posted(self, resource: Resource, view: OperationView, body_path: MemberPath) -> Evidence | None:
        """Returns the evidence that POST to a record changes it."""
        body = self.shapes.member(view.body, *body_path) if body_path else view.body
        if self._is_record(resource, view):
            return Evidence("POST to a record answers the record", 0.4)
        if body.members and similarity(body, resource.record) >= 0.6:
            return Evidence("POST to a record takes some of its members", 0.3)
        members = query_members(view, resource.record)
        if members:
            return Evidence(f"POST to a record takes `{members[0][1]}` of it in the query", 0.3)
        return None

    def _of_sole(self, resource: Resource) -> Iterator[Role]:
        item = resource.item
        if item is None:
            return
        for method, view in item.methods.items():
            kind = _AT_RECORD.get(method)
            member_path = self._answer(resource, view)
            if kind is None or member_path is None:
                continue
            body_path = self._body_path(resource, view)
            body = self.shapes.member(view.body, *body_path) if body_path else view.body
            free = is_free(resource.record) and is_free(body)
            alike = max(similarity(body, resource.record), similarity(view.shape, resource.record))
            if method in ("POST", "PATCH", "PUT") and not (resource.collection.absent or free) and alike < 0.5:
                continue
            yield Role(
                view.id,
                kind,
                resource.collection.name,
                member_path,
                body_path,
                view.parameters,
                evidence=resource.collection.evidence,
            )

        yield from self._values(resource) if is_free(resource.record) else ()

    def _values(self, resource: Resource) -> Iterator[Role]:
        """Yields the roles of one value of an object of values, at the path below it."""
        node = self.tree.get((*resource.key, "{}"))
        kinds = {"GET": "read-value", **dict.fromkeys(("PUT", "POST", "PATCH"), "set-value"), "DELETE": "remove-value"}
        for method, view in node.methods.items() if node is not None else ():
            if method in kinds:
                keys, evidence = view.parameters, resource.collection.evidence
                yield Role(view.id, kinds[method], resource.collection.name, keys=keys, evidence=evidence)

    # below the paths of a collection

    def _below(
        self, view: OperationView, node: PathNode, at_items: Mapping[Key, Resource], at_lists: Mapping[Key, Resource]
    ) -> Role | None:
        if not node.key:
            return None
        if node.is_item:
            return self._verb_first(view, node, at_lists)
        above = node.key[:-1]
        if above in at_items:
            return self._action(at_items[above], view)
        if above[-1:] == ("{}",) and above[:-1] in at_lists:
            resource = at_lists[above[:-1]]
            return self._action(resource, view) if len(view.parameters) == len(resource.collection.scope) + 1 else None
        if above in at_lists:
            return self._beside(at_lists[above], view, node.key[-1])
        if node.key[:-2] in at_items and plain(node.key[-2]) in ACTING:
            return self._action(at_items[node.key[:-2]], view)
        if node.key[:-2] in at_lists and "{}" not in node.key[-2:]:
            return batch_role(self.shapes, at_lists[node.key[:-2]], view, node.key[-2:])
        return self._named_batch(view, node)

    def _verb_first(self, view: OperationView, node: PathNode, at_lists: Mapping[Key, Resource]) -> Role | None:
        """Returns the role of `PUT /things/close/{id}`: that of `PUT /things/{id}/close`."""
        resource = at_lists.get(node.key[:-2])
        is_one = resource is not None and len(view.parameters) == len(resource.collection.scope) + 1
        if resource is None or not is_one or "{}" in node.key[-2:-1]:
            return None
        known = not KNOWN.isdisjoint(words_of(view.verb)[:1])
        return self._action(resource, view) if known else None

    def _named_batch(self, view: OperationView, node: PathNode) -> Role | None:
        """Returns the role of `POST /bulk/pets` and `/pets-batch`: several records of the collection in the path."""
        members = BatchRequest(node.key[-2:], "")
        if not members.is_several or "{}" in node.key[-2:]:
            return None
        for resource in self.by_name.get(plain(members.first), ()):
            if not resource.collection.scope:
                return batch_role(self.shapes, resource, view, node.key[-2:])
        return None

    def _beside(self, resource: Resource, view: OperationView, last: str) -> Role | None:
        """Returns the role of `GET /pets/count`, `GET /pets/findByStatus` and `POST /pets/createWithList`."""
        counted = count_role(self.shapes, resource, view, last)
        if counted is not None:
            return counted
        listed = find_list(self.shapes, view.shape, resource.collection.name, resource.record)
        alike = similarity(listed.shape, resource.record) if listed is not None else 0.0
        searches = view.method == "POST" and plain(last).startswith(_SEARCHES)
        if listed is not None and alike >= 0.95 and (view.method in ("GET", "QUERY") or searches):
            why = Evidence(f"`{last}` answers a list of the same records", 0.5)
            return self._list(resource, view, view.parameters, (*resource.collection.evidence, why))
        one = self._spoken(resource, view, last)
        if one is not None:
            return one
        several = batch_role(self.shapes, resource, view, (last,))
        items = self.shapes.items(view.body)
        if several is None and view.method == "POST" and similarity(items, resource.record) >= 0.95:
            return self._make_many(resource, view, view.parameters)
        return several

    def _spoken(self, resource: Resource, view: OperationView, last: str) -> Role | None:
        """Returns the role of `POST /pets/add`, `/pets/upload` and `/pets/update`: that of the list's path."""
        if view.method not in ("POST", "PUT") or view.body.is_list:
            return None
        verb = BatchRequest((last,), resource.collection.name).first
        adds_file = takes_files(view) and address((last,)) == ()
        if verb in UPDATING and not resource.collection.scope:
            return self._by_body(resource, view)
        if not (verb in CREATING or adds_file) or batch_role(self.shapes, resource, view, (last,)) is not None:
            return None
        member_path, body_path = self._answer(resource, view), self._body_path(resource, view)
        body = self.shapes.member(view.body, *body_path) if body_path else view.body
        if member_path is None or not (similarity(body, resource.record) >= 0.6 or self._is_record(resource, view)):
            return None
        why = Evidence(f"`{last}` makes one of them", 0.4)
        keys = view.parameters
        return Role(
            view.id,
            "create",
            resource.collection.name,
            member_path,
            body_path,
            keys,
            evidence=(*resource.collection.evidence, why),
        )

    def _action(self, resource: Resource, view: OperationView) -> Role | None:
        """Returns the role of `POST /things/{id}/close`."""
        if view.method not in ("POST", "PUT", "PATCH", "DELETE"):
            return None
        member_path, body_path = self._answer(resource, view) or (), self._body_path(resource, view)
        return ActionOperation(
            self.shapes, resource, view, member_path, body_path, self._is_record(resource, view)
        ).role()

    def _view(self, view: OperationView, node: PathNode) -> Role | None:
        """Returns the role of the same records under another path: all of them, or those whose members the
        path names.
        """
        if node.is_item or view.method != "GET":
            return None
        for resource in self.by_name.get(plain(node.name), ()):
            collection = resource.collection
            if resource.key == node.key:
                continue
            listed = find_list(self.shapes, view.shape, node.name, resource.record)
            if listed is None or similarity(listed.shape, resource.record) < 1:
                continue
            known = (*resource.record.members, *collection.scope)
            if any(same_name(name, known) is None for name in view.parameters):
                continue
            why = Evidence(f"it lists the same schema as `{collection.path}`, by the same name", 0.5)
            evidence = (*collection.evidence, why)
            return Role(view.id, "list", collection.name, listed.member_path, all_of_them=True, evidence=evidence)
        return None

    # where records stand

    def _found(self, resource: Resource, view: OperationView) -> Located | None:
        return find_record(self.shapes, view.shape, resource.collection.name, self._last(resource), resource.record)

    def _answer(self, resource: Resource, view: OperationView) -> MemberPath | None:
        """Returns the path of the record in its answer; empty where there is no body. None where the answer is no
        object.
        """
        if view.shown is None:
            writes = view.method in ("POST", "PUT", "PATCH", "DELETE")
            return () if writes or all(answered.bodyless for answered in view.good) else None
        if view.shape.is_list or (not view.shape.members and view.shape.is_scalar):
            return () if view.method == "DELETE" or (view.method != "GET" and not view.shape.is_list) else None
        found = self._found(resource, view)
        return found.member_path if found is not None else ()

    def _is_record(self, resource: Resource, view: OperationView) -> bool:
        found = self._found(resource, view) if view.shown is not None else None
        return found is not None and similarity(found.shape, resource.record) >= 0.9

    def _body_path(self, resource: Resource, view: OperationView) -> MemberPath:
        """Returns the path of the record in its body."""
        if view.body_place is None or view.body.is_list:
            return ()
        found = find_record(self.shapes, view.body, resource.collection.name, self._last(resource), resource.record)
        if found is None:
            return ()
        alike = similarity(view.body, resource.record)
        return found.member_path if similarity(found.shape, resource.record) >= alike else ()

    def _last(self, resource: Resource) -> str:
        item = resource.item
        return item.first.parameters[-1] if item is not None and item.is_item and item.first.parameters else ""
