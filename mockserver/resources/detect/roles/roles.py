"""Detects the role of each operation in the collections."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from mockserver.resources.detect.decisions import Evidence, Role
from mockserver.resources.detect.effects import KNOWN
from mockserver.resources.detect.locate import find_list, lists_of
from mockserver.resources.detect.names import same_name
from mockserver.resources.detect.operation_view import Key, OperationView, PathNode, PathTree
from mockserver.resources.detect.record_maps import count_role
from mockserver.resources.detect.resource import Resource
from mockserver.resources.detect.roles.action_operations import ACTING, ActionOperation
from mockserver.resources.detect.roles.batch_operations import CREATING, UPDATING, BatchRequest, batch_role
from mockserver.resources.detect.roles.collection_operations import CollectionOperations
from mockserver.resources.detect.roles.corrections import corrected
from mockserver.resources.detect.roles.entry_operations import EntryOperation, are_values, parts, value_lists
from mockserver.resources.detect.roles.file_operations import address, file_roles, takes_files
from mockserver.resources.detect.roles.record_places import answers_record, record_in_answer, record_in_body
from mockserver.resources.detect.schema_shape import SchemaShapes, similarity
from mockserver.spelling import plain, words_of

_SEARCHES: Final = ("search", "query", "find", "filter", "list")


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
            for role in self._at(resource).roles():
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
        member_path = record_in_answer(self.shapes, resource, view) or ()
        body_path = record_in_body(self.shapes, resource, view)
        return replace(
            role, collection=resource.collection.name, answer=member_path, body_path=body_path, keys=view.parameters
        )

    def _at(self, resource: Resource) -> CollectionOperations:
        return CollectionOperations(self.shapes, self.tree, resource)

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
            return self._at(resource).listing(view, (*resource.collection.evidence, why))
        one = self._spoken(resource, view, last)
        if one is not None:
            return one
        several = batch_role(self.shapes, resource, view, (last,))
        items = self.shapes.items(view.body)
        if several is None and view.method == "POST" and similarity(items, resource.record) >= 0.95:
            return self._at(resource).creation_of_many(view)
        return several

    def _spoken(self, resource: Resource, view: OperationView, last: str) -> Role | None:
        """Returns the role of `POST /pets/add`, `/pets/upload` and `/pets/update`: that of the list's path."""
        if view.method not in ("POST", "PUT") or view.body.is_list:
            return None
        verb = BatchRequest((last,), resource.collection.name).first
        adds_file = takes_files(view) and address((last,)) == ()
        if verb in UPDATING and not resource.collection.scope:
            return self._at(resource).by_body(view)
        if not (verb in CREATING or adds_file) or batch_role(self.shapes, resource, view, (last,)) is not None:
            return None
        member_path = record_in_answer(self.shapes, resource, view)
        body_path = record_in_body(self.shapes, resource, view)
        body = self.shapes.member(view.body, *body_path)
        is_record = similarity(body, resource.record) >= 0.6 or answers_record(self.shapes, resource, view)
        if member_path is None or not is_record:
            return None
        why = Evidence(f"`{last}` makes one of them", 0.4)
        return Role(
            view.id,
            "create",
            resource.collection.name,
            member_path,
            body_path,
            view.parameters,
            evidence=(*resource.collection.evidence, why),
        )

    def _action(self, resource: Resource, view: OperationView) -> Role | None:
        """Returns the role of `POST /things/{id}/close`."""
        if view.method not in ("POST", "PUT", "PATCH", "DELETE"):
            return None
        member_path = record_in_answer(self.shapes, resource, view) or ()
        body_path = record_in_body(self.shapes, resource, view)
        is_record = answers_record(self.shapes, resource, view)
        return ActionOperation(self.shapes, resource, view, member_path, body_path, is_record).role()

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
