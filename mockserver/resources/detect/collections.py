"""Detects the collections of a document."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from mockserver.json_text import Json
from mockserver.resources.detect.decisions import ENOUGH, CollectionPlan, Evidence, IdSpec, MemberPath, confidence_of
from mockserver.resources.detect.effects import KNOWN
from mockserver.resources.detect.locate import Located, find_id, find_list, find_record, ident_of, is_resource_path
from mockserver.resources.detect.operation_view import Key, OperationView, PathNode, PathTree, parameters_of, path_of
from mockserver.resources.detect.record_maps import find_map
from mockserver.resources.detect.resource import Resource, called, inner, is_excluded, seeds, singleton_at
from mockserver.resources.detect.schema_shape import NOTHING, SchemaPlace, SchemaShape, SchemaShapes, similarity
from mockserver.spelling import plain, singular, words_of

_SAME: Final = 0.9
_NAMED: Final = 0.5
"""Score of a member with the name of the parameter at the end of the path."""
_ANOTHER: Final = 0.3
"""Similarity below which two schemas describe different things."""


def resources(shapes: SchemaShapes, tree: PathTree) -> list[Resource]:
    """Returns the collections, those whose records have paths of their own first, and of these the shallow ones."""
    found: list[Resource] = []
    for node in sorted(tree, key=lambda node: len(node.key)):
        if node.is_item:
            resource = _at_items(shapes, tree, node)
            if resource is not None:
                found.append(resource)
    used = {resource.key for resource in found}
    for node in tree:
        if not node.is_item and node.key not in used:
            resource = _at_lists(shapes, node) or singleton_at(shapes, tree, node)
            if resource is not None:
                found.append(resource)
    return _named(found)


# collections whose records stand at paths of their own


def _at_items(shapes: SchemaShapes, tree: PathTree, item: PathNode) -> Resource | None:
    above = tree.get(item.key[:-1]) if item.key[-2:-1] != ("{}",) else None
    if is_excluded(item) or (above is not None and is_excluded(above)) or _is_verb_first(tree, item):
        return None
    listing, making = (above.get("GET"), above.get("POST")) if above is not None else (None, None)
    name, parameter = item.name, item.first.parameters[-1] if item.first.parameters else ""
    listed = find_list(shapes, listing.shape, name) if listing is not None else None
    keyed = find_map(shapes, listing.shape, name) if listing is not None and listed is None else None
    listed = listed or keyed
    known = listed.shape if listed is not None else NOTHING
    source = item.get("GET")
    if source is not None and source.shown is not None and _is_list(shapes, source.shape, name, parameter):
        return None
    record = _record(shapes, item, making, name, parameter, known)
    if record is None:
        if listed is None:
            return None
        record = Located((), listed.shape, 0.0, "")
    if listing is not None:
        listed = find_list(shapes, listing.shape, name, record.shape) or keyed
    evidence = _seen(item, above, listing, listed, making, record.shape)
    below = _seen_below(shapes, tree, item, record.shape) if listing is None and making is None else []
    evidence += below
    located = _identified(shapes, tree, item, making, record.shape, parameter, listed)
    if located is None and keyed is not None:
        located = _identified(shapes, tree, item, None, record.shape, parameter)
    if located is None:
        return None
    id_spec, why = located
    if keyed is not None and why.weight < _NAMED:
        place = item.first.path_places.get(parameter)
        id_spec, why = (
            ident_of(shapes, record.shape, (), NOTHING, place),
            Evidence("the id is the key in the object of all", 0.3),
        )
    segments = item.first.segments
    collection = CollectionPlan(
        name=called(item, above) or name or "records",
        path=path_of(segments[:-1]) or "/",
        item_path=path_of(segments),
        id_spec=id_spec,
        scope=parameters_of(segments[:-1]),
        parent="",
        record=SchemaPlace(record.shape.node, record.shape.pointer),
        ids_known=listing is not None or (making is not None and item.get("PUT", "PATCH", "DELETE", "GET") is not None),
        seeds=seeds(item, above),
        evidence=(*evidence, why),
    )
    is_put = item.get("PUT") is not None and item.get("GET") is not None
    if making is None and listing is None and (is_put or (below and not _writes(item))):
        collection = _with_ids_known(collection, item)
    if collection.confidence < ENOUGH or not (listing is not None or making is not None or below or _writes(item)):
        return None
    return Resource(collection, record.shape, listed, above, item)


def _is_verb_first(tree: PathTree, item: PathNode) -> bool:
    """Returns whether a path has an action in front of a record of another collection: `/orders/close/{id}`."""
    spoken = words_of(item.name)
    is_verb = bool(spoken) and spoken[0] in KNOWN and item.get("GET") is None
    return is_verb and tree.get((*item.key[:-2], "{}")) is not None and item.key[-2:-1] != ("{}",)


def _is_list(shapes: SchemaShapes, shape: SchemaShape, name: str, parameter: str) -> bool:
    """Returns whether an item path answers a list."""
    return find_list(shapes, shape, name) is not None and find_id(shapes, shape, name, parameter, "") is None


def _with_ids_known(collection: CollectionPlan, item: PathNode) -> CollectionPlan:
    get = item.get("GET")
    return replace(collection, ids_known=get is not None and "404" in get.responses)


def _writes(node: PathNode) -> bool:
    return node.get("PUT", "PATCH", "DELETE", "POST") is not None


def _record(
    shapes: SchemaShapes, item: PathNode, making: OperationView | None, name: str, parameter: str, known: SchemaShape
) -> Located | None:
    sources = [item.get("GET"), item.get("PUT"), item.get("PATCH"), item.get("POST"), making]
    for source in sources:
        if source is not None and source.shown is not None:
            found = find_record(shapes, source.shape, name, parameter, known)
            if found is not None and found.score > 0 and not _is_about_another(found.shape, known):
                return found
            if source.method == "GET":
                return found if found is not None and found.shape.members else None
    return None


def _is_about_another(shown: SchemaShape, known: SchemaShape) -> bool:
    """Returns whether the answer at a record's path describes something else than the list: the invitation of a
    collaborator.
    """
    return bool(known.members) and similarity(shown, known) < _ANOTHER


def _seen(
    item: PathNode,
    above: PathNode | None,
    listing: OperationView | None,
    listed: Located | None,
    making: OperationView | None,
    record: SchemaShape,
) -> list[Evidence]:
    path = item.first.operation.path
    found: list[Evidence] = []
    if above is not None and (listing is not None or making is not None):
        found.append(Evidence(f"`{path}` stands below `{above.first.operation.path}`", 0.3))
    if listing is not None and listed is not None:
        alike = similarity(listed.shape, record)
        says = "the same schema as" if alike == 1 else "members of"
        weight = 0.5 if alike == 1 else 0.35 if alike >= 0.6 else 0.15
        found.append(Evidence(f"GET {listing.operation.path} lists {says} what `{path}` answers", weight))
    if making is not None:
        found.append(_made(making, record))
    if item.get("GET") is not None:
        found.append(Evidence(f"GET {path} answers a single object", 0.2))
    for method in ("PUT", "PATCH"):
        writing = item.get(method)
        if writing is not None:
            alike = max(similarity(writing.body, record), similarity(writing.shape, record))
            found.append(Evidence(f"{method} {path} takes or answers such a record", 0.3 if alike >= 0.5 else 0.15))
    if item.get("DELETE") is not None:
        found.append(Evidence(f"DELETE {path} takes it away", 0.3))
    return found


def _seen_below(shapes: SchemaShapes, tree: PathTree, item: PathNode, record: SchemaShape) -> list[Evidence]:
    """Returns the evidence that such records are listed or created below others: `/posts/{id}/comments` beside
    `/comments/{id}`.
    """
    for node in tree.below_records(item.name) if item.key[-2:-1] == (item.name,) else ():
        listing, making = node.get("GET"), node.get("POST")
        listed = find_list(shapes, listing.shape, node.name, record) if listing is not None else None
        alike = similarity(listed.shape, record) if listed is not None else 0.0
        if alike >= _ANOTHER and (making is not None or (alike >= _SAME and _names_parent(node, record))):
            return [Evidence(f"GET {node.first.operation.path} lists what `{item.first.operation.path}` answers", 0.5)]
    return []


def _names_parent(node: PathNode, record: SchemaShape) -> bool:
    """Returns whether a member of the records names the record that a list stands below: `doctor_id` at
    `/doctors/{id}/slots`.
    """
    noun = next((segment for segment in reversed(node.key[:-1]) if segment != "{}"), "")
    stem = plain(singular(noun))
    return bool(stem) and any(plain(name) in (f"{stem}id", f"{stem}uuid") for name in record.members)


def _made(making: OperationView, record: SchemaShape) -> Evidence:
    alike = max(similarity(making.body, record), similarity(making.shape, record), inner(making, record))
    if alike >= 0.6:
        return Evidence(f"POST {making.operation.path} takes or answers such a record", 0.4)
    if "201" in making.responses:
        return Evidence(f"POST {making.operation.path} answers 201", 0.3)
    return Evidence(f"POST {making.operation.path} may make one", 0.1)


def _identified(
    shapes: SchemaShapes,
    tree: PathTree,
    item: PathNode,
    making: OperationView | None,
    record: SchemaShape,
    parameter: str,
    listed: Located | None = None,
) -> tuple[IdSpec, Evidence] | None:
    """Returns the id of the records and its evidence; None where no member would identify them."""
    place = item.first.path_places.get(parameter)
    body = _body(shapes, making or item.get("PUT"), record)
    declared = _declared_id(item, making, record)
    if declared:
        return ident_of(shapes, record, declared, body, place), Evidence("`x-mock-id` says so", 1.0)
    linked = _linked(item, making)
    if linked and shapes.member(record, *linked) is not NOTHING:
        why = Evidence(f"a link hands over `{'.'.join(linked)}` as `{{{parameter}}}`", 0.8)
        return ident_of(shapes, record, linked, body, place), why
    types = (
        shapes.at(SchemaPlace(place.node.get("schema", {}), f"{place.pointer}/schema")).types
        if place is not None
        else ()
    )
    is_text = "string" in types and "integer" not in types
    called = f"{parameter}_id" if _names_id(item, place) else parameter
    found = find_id(shapes, record, item.name, called, "string" if is_text else "")
    if (
        found is not None
        and found[0] == ("id",)
        and "name" in record.members
        and is_resource_path(item.first.operation.path)
    ):
        found = (
            ("name",),
            Evidence("the `id` of such a resource is its whole path, and its `name` the end of that", 0.5),
        )
    if found is not None:
        return ident_of(shapes, record, found[0], body, place), found[1]
    only = _only_id(shapes, tree, making, record, listed)
    if only:
        return ident_of(shapes, record, (only,), body, place), Evidence(f"`{only}` is the only id in a record", 0.2)
    if item.get("PUT") is None and making is not None:
        return None
    put = item.get("PUT")
    chosen = put is not None and making is None and similarity(put.body, record) >= 0.9
    weight, seen = (0.25, "the id stands in the path, chosen by PUT") if chosen else (0.05, "no member is the id")
    return ident_of(shapes, record, (), body, place), Evidence(seen, weight)


def _names_id(item: PathNode, place: SchemaPlace | None) -> bool:
    """Returns whether a path parameter that is called like the record is its id: `{score}`, described as the unique
    identifier of the score.
    """
    parameter = item.first.parameters[-1] if item.first.parameters else ""
    text = place.node.get("description") if place is not None else None
    is_noun = plain(parameter) == plain(singular(item.name))
    return is_noun and isinstance(text, str) and not _SAYS_ID.isdisjoint(words_of(text))


_SAYS_ID: Final = frozenset({"id", "identifier", "uuid"})


def _only_id(
    shapes: SchemaShapes, tree: PathTree, making: OperationView | None, record: SchemaShape, listed: Located | None
) -> str:
    """Returns the single member that has an id's name, that all records have or lists show, that no client sends and
    no other path has; empty where there is none.
    """
    ids = [name for name in record.members if words_of(name)[-1:] == ("id",)]
    sent = _body(shapes, making, record).members if making is not None else {}
    if len(ids) > 1 and sent and listed is not None:
        ids = [name for name in ids if name in listed.shape.members and name not in sent]
        is_one = len(ids) == 1 and shapes.member(record, ids[0]).is_scalar
    else:
        is_one = len(ids) == 1 and ids[0] in record.required and shapes.member(record, ids[0]).is_scalar
    if not is_one or (ids[0] in sent and not shapes.member(record, ids[0]).read_only):
        return ""
    noun = "".join(words_of(ids[0])[:-1])
    return "" if any(plain(singular(node.name)) == noun for node in tree) else ids[0]


def _body(shapes: SchemaShapes, making: OperationView | None, record: SchemaShape) -> SchemaShape:
    """Returns the schema of the record in the body that creates one."""
    if making is None or making.body_place is None:
        return NOTHING
    found = find_record(shapes, making.body, "", "", record)
    return NOTHING if found is None else found.shape


def _declared_id(item: PathNode, making: OperationView | None, record: SchemaShape) -> MemberPath:
    """Returns the path in `x-mock-id`: a member, or a JSON pointer to a nested one."""
    views = [*item.methods.values(), *([making] if making is not None else [])]
    declared = [view.extension("id") for view in views]
    if isinstance(record.node, dict):
        declared.append(record.node.get("x-mock-id"))
    text = next((text for text in declared if isinstance(text, str)), "")
    return tuple(text.strip("/").split("/")) if text else ()


def _linked(item: PathNode, making: OperationView | None) -> MemberPath:
    """Returns the member that a declared link passes to the item path."""
    targets = {view.id for view in item.methods.values()}
    for answered in making.good if making is not None else ():
        links = answered.node.get("links")
        for link in (links if isinstance(links, dict) else {}).values():
            if isinstance(link, dict) and link.get("operationId") in targets:
                for declared in (link.get("parameters") or {}).values():
                    if isinstance(declared, str) and declared.startswith("$response.body#/"):
                        return tuple(declared.removeprefix("$response.body#/").split("/"))
    return ()


# lists whose records stand at no path


def _at_lists(shapes: SchemaShapes, node: PathNode) -> Resource | None:
    """Returns the collection of a list that POST adds to."""
    listing, making = node.get("GET"), node.get("POST")
    if listing is None or making is None or is_excluded(node):
        return None
    listed = find_list(shapes, listing.shape, node.name)
    if listed is None or _is_whole(listing, making, listed):
        return None
    alike = max(
        similarity(making.body, listed.shape), similarity(making.shape, listed.shape), inner(making, listed.shape)
    )
    path = listing.operation.path
    evidence = (
        Evidence(f"GET {path} answers a list", 0.3),
        Evidence(f"POST {path} takes or answers one of its items", 0.65 if alike >= 0.6 else 0.1),
    )
    if confidence_of(evidence) < ENOUGH and not called(node):
        return None
    found = find_id(shapes, listed.shape, node.name, "", "")
    id_spec = ident_of(
        shapes, listed.shape, found[0] if found is not None else (), _body(shapes, making, listed.shape), None
    )
    collection = CollectionPlan(
        name=called(node) or node.name or "records",
        path=path_of(node.first.segments),
        item_path="",
        id_spec=id_spec,
        scope=node.first.parameters,
        parent="",
        record=SchemaPlace(listed.shape.node, listed.shape.pointer),
        ids_known=True,
        seeds=seeds(node),
        evidence=evidence,
    )
    return Resource(collection, listed.shape, listed, node, None)


def _is_whole(listing: OperationView, making: OperationView, listed: Located) -> bool:
    """Returns whether POST answers the same as GET: one record that has a list, and not a list of records."""
    return bool(listed.member_path) and similarity(listing.shape, making.shape) >= _SAME


# names and parents


def _named(found: list[Resource]) -> list[Resource]:
    """Returns the same collections, each with a unique name and its parent."""
    names: dict[str, Key] = {}
    for resource in found:
        names[_free(resource, names)] = resource.key
    by_key = {key: name for name, key in names.items()}
    items = {resource.item.key: resource for resource in found if resource.item is not None and resource.item.is_item}
    done = []
    for resource in found:
        name = by_key[resource.key]
        parent = _parent(resource, items)
        collection = replace(resource.collection, name=name, parent=by_key[parent.key] if parent is not None else "")
        done.append(replace(resource, collection=collection))
    return done


def _parent(resource: Resource, items: dict[Key, Resource]) -> Resource | None:
    """Returns the collection whose records these stand below, if it covers their scope."""
    declared = _declared_parent(resource)
    if declared is False:
        return None
    if isinstance(declared, str):
        named = (other for other in items.values() if other.collection.name == declared)
        return next(
            (other for other in named if len(other.collection.scope) + 1 == len(resource.collection.scope)), None
        )
    key = resource.key
    for end in range(len(key), 0, -1):
        if key[end - 1] == "{}":
            above = items.get(key[:end])
            same = above is not None and len(above.collection.scope) + 1 == len(resource.collection.scope)
            return above if same and above is not resource else None
    return None


def _declared_parent(resource: Resource) -> Json:
    nodes = [node for node in (resource.item, resource.above) if node is not None]
    declared = [view.extension("parent") for node in nodes for view in node.methods.values()]
    return next((value for value in declared if value is not None), None)


def _free(resource: Resource, used: dict[str, Key]) -> str:
    """Returns an unused name: the collection's own, else with the literals above it, else with a number."""
    literals = [segment.strip(":") for segment in resource.key if segment != "{}"]
    if resource.collection.name and resource.collection.name not in (literals[-1:] or [""]):
        literals = [*literals[:-1], resource.collection.name]
    name = resource.collection.name or "records"
    for start in range(len(literals) - 2, -1, -1):
        if name not in used:
            return name
        name = f"{literals[start]}.{name}"
    number = 2
    free = name
    while free in used:
        free, number = f"{name}-{number}", number + 1
    return free
