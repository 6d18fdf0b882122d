"""What each operation does to the collections."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from mockserver.resources.detect.action_operations import ACTING, Below
from mockserver.resources.detect.batch_operations import CREATING, UPDATING, BatchRequest, batch_of, batch_role
from mockserver.resources.detect.corrections import corrected
from mockserver.resources.detect.decisions import Evidence, MemberPath, Role
from mockserver.resources.detect.effects import KNOWN
from mockserver.resources.detect.entry_operations import EntryOperation, are_values, parts, value_lists
from mockserver.resources.detect.file_operations import address, file_roles, takes_files
from mockserver.resources.detect.locate import IDS, Located, find_list, find_record
from mockserver.resources.detect.names import same_name
from mockserver.resources.detect.nested_lists import lists_of
from mockserver.resources.detect.operation_view import Key, OperationView, query_members
from mockserver.resources.detect.path_tree import PathNode, PathTree
from mockserver.resources.detect.record_maps import map_role
from mockserver.resources.detect.resource import Resource
from mockserver.resources.detect.schema_shape import NOTHING, SchemaShapes, is_free, similarity
from mockserver.resources.query.count import count_role
from mockserver.spelling import plain, words_of

_SEARCHES: Final = ("search", "query", "find", "filter", "list")
_KEEPS: Final = re.compile(
    r"(?:unspecified|omitted|missing|not (?:specified|provided|included|sent|passed))[^.]{0,60}"
    r"(?:unchanged|unaffected|untouched|not be (?:changed|modified|updated)|retain|keep)"
    r"|only[^.]{0,20} (?:fields|parameters|properties|attributes|values)[^.]{0,60} (?:will be|are) (?:updated|changed)",
    re.IGNORECASE,
)
"""How documents say of a PUT that it is what others call PATCH."""
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
    """Finds the role of each operation, given the collections."""

    shapes: SchemaShapes
    tree: PathTree
    found: list[Resource]
    by_name: dict[str, list[Resource]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        for resource in self.found:
            if not resource.kept.singleton:
                self.by_name.setdefault(plain(resource.kept.name.rpartition(".")[2]), []).append(resource)

    def all(self, readings: list[OperationView]) -> dict[str, Role]:
        """The role of every operation by its id."""
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
            if inside.resource in self.found and inside.resource.kept.singleton:
                roles |= {role.operation: role for role in inside.roles(roles)}
        for resource in self.found:
            for role in self._own(resource):
                roles.setdefault(role.operation, role)
        for inside in inner:
            roles |= {role.operation: role for role in inside.roles(roles) if role.operation not in roles}
        at_items = {
            item.key: resource
            for resource in self.found
            if (item := resource.item) is not None and (item.is_item or resource.kept.singleton)
        }
        at_lists = {resource.key: resource for resource in self.found if not resource.kept.singleton}
        values = value_lists(self.shapes, self.tree, self.found)
        roles |= {role.operation: role for role in values if role.operation not in roles}
        for node in self.tree:
            for reading in node.methods.values():
                if reading.id not in roles:
                    more = self._below(reading, node, at_items, at_lists) or self._view(reading, node)
                    roles |= {} if more is None else {reading.id: more}
        kept = {resource.kept.name: resource.kept for resource in self.found}
        roles |= {role.operation: role for role in file_roles(readings, roles, kept)}
        return {
            reading.id: corrected(reading, roles.get(reading.id) or self._thin(reading), kept) for reading in readings
        }

    def _thin(self, reading: OperationView) -> Role:
        """The role of an operation whose structure tells nothing. Where `x-mock-role` says what it does, that is about
        the nearest collection above it.
        """
        role = Role(reading.id, "schema", evidence=(Evidence("its structure tells of nothing that is kept", 0.0),))
        if reading.extension("role") in (None, "schema"):
            return role
        above = [resource for resource in self.found if reading.key[: len(resource.key)] == resource.key]
        resource = max(above, key=lambda resource: len(resource.key), default=None)
        if resource is None:
            return role
        member_path, taken = self._answer(resource, reading) or (), self._taken(resource, reading)
        return replace(role, collection=resource.kept.name, answer=member_path, taken=taken, keys=reading.parameters)

    # at the paths of a collection

    def _own(self, resource: Resource) -> Iterator[Role]:
        kept = resource.kept
        if kept.singleton:
            yield from self._of_sole(resource)
            return
        for reading in resource.above.methods.values() if resource.above is not None else ():
            role = self._at_list(resource, reading)
            if role is not None:
                yield role
        for reading in resource.item.methods.values() if resource.item is not None else ():
            role = self._at_item(resource, reading, "item")
            if role is not None:
                yield role

    def _at_list(self, resource: Resource, reading: OperationView) -> Role | None:
        kept, method = resource.kept, reading.method
        keys = reading.parameters
        if method in ("GET", "QUERY"):
            listed = self._list(resource, reading, keys, kept.evidence)
            return listed or map_role(self.shapes, reading, kept.name, resource.record, kept.evidence)
        if method == "POST":
            return batch_role(self.shapes, resource, reading, ()) or self._make(resource, reading, keys)
        chooses = method == "PATCH" and any(same_name(name, resource.record.members) for name in reading.query)
        if method in ("PUT", "PATCH") and not resource.kept.scope and not chooses:
            one = self._by_body(resource, reading)
            if one is not None:
                return one
        return batch_role(self.shapes, resource, reading, ())

    def _list(
        self, resource: Resource, reading: OperationView, keys: MemberPath, evidence: tuple[Evidence, ...]
    ) -> Role | None:
        listed = find_list(self.shapes, reading.shape, resource.kept.name, resource.record)
        if listed is None:
            return None
        why = Evidence(listed.why, 0.5)
        return Role(reading.id, "list", resource.kept.name, listed.member_path, keys=keys, evidence=(*evidence, why))

    def _make(self, resource: Resource, reading: OperationView, keys: MemberPath) -> Role | None:
        kept = resource.kept
        listed = find_list(self.shapes, reading.shape, kept.name, resource.record)
        if listed is not None and listed.score >= 1.5 and "201" not in reading.responses:
            return self._searched(resource, reading, keys, similarity(listed.shape, resource.record))
        member_path, taken = self._answer(resource, reading), self._taken(resource, reading)
        if member_path is None or (reading.taken is not None and not reading.body.is_object and reading.body.types):
            return None
        return Role(reading.id, "create", kept.name, member_path, taken, keys, evidence=kept.evidence)

    def _searched(self, resource: Resource, reading: OperationView, keys: MemberPath, alike: float) -> Role | None:
        """POST that says what to look for in its body, which is no record."""
        if alike < 0.95 or similarity(reading.body, resource.record) >= 0.6:
            return None
        why = Evidence("its answer is a list of the same records, its body none of them", 0.5)
        return self._list(resource, reading, keys, (*resource.kept.evidence, why))

    def _make_many(self, resource: Resource, reading: OperationView, keys: MemberPath) -> Role:
        listed = find_list(self.shapes, reading.shape, resource.kept.name, resource.record)
        why = Evidence("its body is a list of such records", 0.5)
        member_path = listed.member_path if listed is not None else ()
        return Role(
            reading.id,
            "create-many",
            resource.kept.name,
            member_path,
            (),
            keys,
            evidence=(*resource.kept.evidence, why),
        )

    def _by_body(self, resource: Resource, reading: OperationView) -> Role | None:
        """PUT and PATCH without an id in the path mean the record whose id stands in the body."""
        member_path, taken = self._answer(resource, reading), self._taken(resource, reading)
        id_spec = resource.kept.id_spec.member_path
        if taken and batch_of(self.shapes, reading, resource.record, id_spec, resource.kept.name).ids is not None:
            return None
        body = self.shapes.member(reading.body, *taken) if taken else reading.body
        if member_path is None or not id_spec or self.shapes.member(body, *id_spec) is NOTHING:
            return None
        if similarity(body, resource.record) < 0.6:
            return None
        why = Evidence(f"its body has `{'.'.join(id_spec)}`", 0.4)
        kind = "replace" if reading.method == "PUT" else "update"
        return Role(reading.id, kind, resource.kept.name, member_path, taken, evidence=(*resource.kept.evidence, why))

    def _at_item(self, resource: Resource, reading: OperationView, _what: str) -> Role | None:
        kept, method = resource.kept, reading.method
        kind = _AT_RECORD.get(method)
        if kind is None:
            return None
        member_path, taken = self._answer(resource, reading), self._taken(resource, reading)
        if member_path is None:
            return None
        evidence = kept.evidence
        if method == "POST":
            why = self._posted(resource, reading, taken)
            if why is None:
                return None
            evidence = (*evidence, why)
        bodiless = method == "PUT" and reading.taken is None
        if bodiless and (reading.shown is not None or query_members(reading, resource.record)):
            kind = "update"
        elif method == "PUT" and _KEEPS.search(str(reading.node.get("description", ""))):
            kind, evidence = "update", (*evidence, Evidence("PUT says that what is not sent stays", 0.3))
        elif method == "PUT" and (needed := self._left_to_the_record(resource, reading, taken)):
            why = Evidence(
                f"PUT requires none of its members, and records need `{needed}`: what is not sent stays", 0.3
            )
            kind, evidence = "update", (*evidence, why)
        return Role(reading.id, kind, kept.name, member_path, taken, reading.parameters, evidence=evidence)

    def _left_to_the_record(self, resource: Resource, reading: OperationView, taken: MemberPath) -> str:
        """A member that every record has and the body of a PUT may leave out, as it may all others; empty where there
        is none. Such a PUT takes the changes alone.
        """
        body = self.shapes.member(reading.body, *taken) if taken else reading.body
        if body.required or not body.members:
            return ""
        needed = (name for name in body.members if name in resource.record.required and name not in IDS)
        return next(needed, "")

    def _posted(self, resource: Resource, reading: OperationView, taken: MemberPath) -> Evidence | None:
        """Why POST to a record would change it."""
        body = self.shapes.member(reading.body, *taken) if taken else reading.body
        if self._is_record(resource, reading):
            return Evidence("POST to a record answers the record", 0.4)
        if body.members and similarity(body, resource.record) >= 0.6:
            return Evidence("POST to a record takes some of its members", 0.3)
        asked = query_members(reading, resource.record)
        if asked:
            return Evidence(f"POST to a record takes `{asked[0][1]}` of it in the query", 0.3)
        return None

    def _of_sole(self, resource: Resource) -> Iterator[Role]:
        item = resource.item
        if item is None:
            return
        for method, reading in item.methods.items():
            kind = _AT_RECORD.get(method)
            member_path = self._answer(resource, reading)
            if kind is None or member_path is None:
                continue
            taken = self._taken(resource, reading)
            body = self.shapes.member(reading.body, *taken) if taken else reading.body
            free = is_free(resource.record) and is_free(body)
            alike = max(similarity(body, resource.record), similarity(reading.shape, resource.record))
            if method in ("POST", "PATCH", "PUT") and not (resource.kept.absent or free) and alike < 0.5:
                continue
            yield Role(
                reading.id,
                kind,
                resource.kept.name,
                member_path,
                taken,
                reading.parameters,
                evidence=resource.kept.evidence,
            )

        yield from self._values(resource) if is_free(resource.record) else ()

    def _values(self, resource: Resource) -> Iterator[Role]:
        """One value of an object of values, at the path below it that names it."""
        node = self.tree.get((*resource.key, "{}"))
        kinds = {"GET": "read-value", **dict.fromkeys(("PUT", "POST", "PATCH"), "set-value"), "DELETE": "remove-value"}
        for method, reading in node.methods.items() if node is not None else ():
            if method in kinds:
                keys, evidence = reading.parameters, resource.kept.evidence
                yield Role(reading.id, kinds[method], resource.kept.name, keys=keys, evidence=evidence)

    # below the paths of a collection

    def _below(
        self, reading: OperationView, node: PathNode, at_items: Mapping[Key, Resource], at_lists: Mapping[Key, Resource]
    ) -> Role | None:
        if not node.key:
            return None
        if node.is_item:
            return self._verb_first(reading, node, at_lists)
        above = node.key[:-1]
        if above in at_items:
            return self._action(at_items[above], reading)
        if above in at_lists:
            return self._beside(at_lists[above], reading, node.key[-1])
        if node.key[:-2] in at_items and plain(node.key[-2]) in ACTING:
            return self._action(at_items[node.key[:-2]], reading)
        if node.key[:-2] in at_lists and "{}" not in node.key[-2:]:
            return batch_role(self.shapes, at_lists[node.key[:-2]], reading, node.key[-2:])
        return self._named_batch(reading, node)

    def _verb_first(self, reading: OperationView, node: PathNode, at_lists: Mapping[Key, Resource]) -> Role | None:
        """`PUT /things/close/{id}`: done to the record as `PUT /things/{id}/close` would be."""
        resource = at_lists.get(node.key[:-2])
        is_one = resource is not None and len(reading.parameters) == len(resource.kept.scope) + 1
        if resource is None or not is_one or "{}" in node.key[-2:-1]:
            return None
        known = not KNOWN.isdisjoint(words_of(reading.verb)[:1])
        return self._action(resource, reading) if known else None

    def _named_batch(self, reading: OperationView, node: PathNode) -> Role | None:
        """`POST /bulk/pets` and `/pets-batch`: several records of the collection that the path names."""
        asked = BatchRequest(node.key[-2:], "")
        if not asked.is_several or "{}" in node.key[-2:]:
            return None
        for resource in self.by_name.get(plain(asked.first), ()):
            if not resource.kept.scope:
                return batch_role(self.shapes, resource, reading, node.key[-2:])
        return None

    def _beside(self, resource: Resource, reading: OperationView, last: str) -> Role | None:
        """`GET /pets/count`, `GET /pets/findByStatus` and `POST /pets/createWithList`: the same records."""
        counted = count_role(self.shapes, resource, reading, last)
        if counted is not None:
            return counted
        listed = find_list(self.shapes, reading.shape, resource.kept.name, resource.record)
        alike = similarity(listed.shape, resource.record) if listed is not None else 0.0
        searches = reading.method == "POST" and plain(last).startswith(_SEARCHES)
        if listed is not None and alike >= 0.95 and (reading.method in ("GET", "QUERY") or searches):
            why = Evidence(f"`{last}` answers a list of the same records", 0.5)
            return self._list(resource, reading, reading.parameters, (*resource.kept.evidence, why))
        one = self._spoken(resource, reading, last)
        if one is not None:
            return one
        several = batch_role(self.shapes, resource, reading, (last,))
        items = self.shapes.items(reading.body)
        if several is None and reading.method == "POST" and similarity(items, resource.record) >= 0.95:
            return self._make_many(resource, reading, reading.parameters)
        return several

    def _spoken(self, resource: Resource, reading: OperationView, last: str) -> Role | None:
        """`POST /pets/add`, `/pets/upload` and `/pets/update`: one record, as at the path of the list."""
        if reading.method not in ("POST", "PUT") or reading.body.is_list:
            return None
        verb = BatchRequest((last,), resource.kept.name).first
        adds_file = takes_files(reading) and address((last,)) == ()
        if verb in UPDATING and not resource.kept.scope:
            return self._by_body(resource, reading)
        if not (verb in CREATING or adds_file) or batch_role(self.shapes, resource, reading, (last,)) is not None:
            return None
        member_path, taken = self._answer(resource, reading), self._taken(resource, reading)
        body = self.shapes.member(reading.body, *taken) if taken else reading.body
        if member_path is None or not (similarity(body, resource.record) >= 0.6 or self._is_record(resource, reading)):
            return None
        why = Evidence(f"`{last}` makes one of them", 0.4)
        keys = reading.parameters
        return Role(
            reading.id, "create", resource.kept.name, member_path, taken, keys, evidence=(*resource.kept.evidence, why)
        )

    def _action(self, resource: Resource, reading: OperationView) -> Role | None:
        """`POST /things/{id}/close`."""
        if reading.method not in ("POST", "PUT", "PATCH", "DELETE"):
            return None
        member_path, taken = self._answer(resource, reading) or (), self._taken(resource, reading)
        return Below(self.shapes, resource, reading, member_path, taken, self._is_record(resource, reading)).role()

    def _view(self, reading: OperationView, node: PathNode) -> Role | None:
        """The same records under another path: all of them, or those whose members the path names."""
        if node.is_item or reading.method != "GET":
            return None
        for resource in self.by_name.get(plain(node.name), ()):
            kept = resource.kept
            if resource.key == node.key:
                continue
            listed = find_list(self.shapes, reading.shape, node.name, resource.record)
            if listed is None or similarity(listed.shape, resource.record) < 1:
                continue
            known = (*resource.record.members, *kept.scope)
            if any(same_name(name, known) is None for name in reading.parameters):
                continue
            why = Evidence(f"it lists the same schema as `{kept.path}`, by the same name", 0.5)
            evidence = (*kept.evidence, why)
            return Role(reading.id, "list", kept.name, listed.member_path, all_of_them=True, evidence=evidence)
        return None

    # where records stand

    def _found(self, resource: Resource, reading: OperationView) -> Located | None:
        return find_record(self.shapes, reading.shape, resource.kept.name, self._last(resource), resource.record)

    def _answer(self, resource: Resource, reading: OperationView) -> MemberPath | None:
        """The way to the record in its answer; empty where it has none at all. None: it answers no object."""
        if reading.shown is None:
            writes = reading.method in ("POST", "PUT", "PATCH", "DELETE")
            return () if writes or all(answered.bodyless for answered in reading.good) else None
        if reading.shape.is_list or (not reading.shape.members and reading.shape.is_scalar):
            return () if reading.method == "DELETE" or (reading.method != "GET" and not reading.shape.is_list) else None
        found = self._found(resource, reading)
        return found.member_path if found is not None else ()

    def _is_record(self, resource: Resource, reading: OperationView) -> bool:
        found = self._found(resource, reading) if reading.shown is not None else None
        return found is not None and similarity(found.shape, resource.record) >= 0.9

    def _taken(self, resource: Resource, reading: OperationView) -> MemberPath:
        """The way to the record in its body."""
        if reading.taken is None or reading.body.is_list:
            return ()
        found = find_record(self.shapes, reading.body, resource.kept.name, self._last(resource), resource.record)
        if found is None:
            return ()
        alike = similarity(reading.body, resource.record)
        return found.member_path if similarity(found.shape, resource.record) >= alike else ()

    def _last(self, resource: Resource) -> str:
        item = resource.item
        return item.first.parameters[-1] if item is not None and item.is_item and item.first.parameters else ""
