"""From the operations of a document to what is remembered of them: one small document a row."""

import json
from typing import Any, NamedTuple

import pytest

from mockserver.openapi.model.document import load
from mockserver.resources.detect.plan import plan

COMPONENTS: dict[str, Any] = {
    "Pet": {"id": {"type": "integer", "readOnly": True}, "name": {"type": "string"}, "status": {"type": "string"}},
    "Owner": {"id": {"type": "string", "format": "uuid"}, "name": {"type": "string"}},
    "Owned": {"id": {"type": "integer"}, "owner_id": {"type": "string", "format": "uuid"}},
    "Tag": {"slug": {"type": "string"}, "label": {"type": "string"}},
    "Node": {"metadata": {"type": "object", "properties": {"name": {"type": "string"}}}, "spec": {"type": "object"}},
    "Settings": {"theme": {"type": "string"}, "language": {"type": "string"}},
    "Cart": {"id": {"type": "integer"}, "items": {"type": "array", "items": {"$ref": "#/components/schemas/Line"}}},
    "Line": {"sku": {"type": "string"}, "quantity": {"type": "integer"}},
    "Count": {"count": {"type": "integer"}},
    "Ids": {"ids": {"type": "array", "items": {"type": "integer"}}},
    "Token": {"access_token": {"type": "string"}},
}


def schema(name: str) -> dict[str, Any]:
    """`Pet` is a reference, `[Pet]` a list, `data.[Pet]` a list in a member of an envelope."""
    member, _, rest = name.rpartition(".")
    if member:
        return {"type": "object", "required": [member], "properties": {member: schema(rest)}}
    if name.startswith("["):
        return {"type": "array", "items": schema(name[1:-1])}
    return {"$ref": f"#/components/schemas/{name}"}


def operation(path: str, body: str, answer: str) -> dict[str, Any]:
    """An operation with its parameters, its body and its answer, where it has them."""
    names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    made: dict[str, Any] = {
        "parameters": [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names],
        "responses": {"200": {"description": "Done."}, "404": {"description": "Nothing."}},
    }
    if body:
        made["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema(body)}}}
    if answer:
        made["responses"]["200"]["content"] = {"application/json": {"schema": schema(answer)}}
    return made


class Row(NamedTuple):
    """Operations as `METHOD path [body] [-> answer]`, the role of each, and each collection as
    `name id-member kind [below parent]`.
    """

    operations: str
    roles: str
    collections: str


ROWS = {
    "a list and its records": Row(
        """
        GET /pets -> [Pet]
        POST /pets Pet -> Pet
        GET /pets/{petId} -> Pet
        PUT /pets/{petId} Pet -> Pet
        PATCH /pets/{petId} Pet -> Pet
        DELETE /pets/{petId}
        """,
        """
        list pets
        create pets
        read pets
        replace pets
        update pets
        delete pets
        """,
        "pets id integer",
    ),
    "a list in an envelope": Row(
        "GET /pets -> data.[Pet] | GET /pets/{petId} -> Pet",
        "list pets at data | read pets",
        "pets id integer",
    ),
    "records in envelopes": Row(
        "GET /pets -> [Pet] | POST /pets pet.Pet -> pet.Pet | GET /pets/{petId} -> pet.Pet",
        "list pets | create pets at pet | read pets at pet",
        "pets id integer",
    ),
    "an id by the name of its parameter": Row(
        "GET /tags -> [Tag] | POST /tags Tag -> Tag | GET /tags/{slug} -> Tag",
        "list tags | create tags | read tags",
        "tags slug text",
    ),
    "an id inside of a member": Row(
        "GET /nodes -> items.[Node] | POST /nodes Node -> Node | GET /nodes/{name} -> Node",
        "list nodes at items | create nodes | read nodes",
        "nodes metadata.name text",
    ),
    "a collection below a record": Row(
        """
        GET /owners -> [Owner]
        GET /owners/{ownerId} -> Owner
        GET /owners/{ownerId}/pets -> [Pet]
        POST /owners/{ownerId}/pets Pet -> Pet
        GET /owners/{ownerId}/pets/{petId} -> Pet
        """,
        """
        list owners
        read owners
        list pets
        create pets
        read pets
        """,
        "owners id uuid | pets id integer below owners",
    ),
    "one collection at two places": Row(
        """
        GET /owners/{ownerId} -> Owner
        POST /owners Owner -> Owner
        GET /pets -> [Owned]
        POST /pets Owned -> Owned
        GET /pets/{petId} -> Owned
        GET /owners/{ownerId}/pets -> [Owned]
        """,
        """
        read owners
        create owners
        list pets
        create pets
        read pets
        list pets
        """,
        "owners id uuid | pets id integer",
    ),
    "what there is but one of": Row(
        "GET /settings -> Settings | PUT /settings Settings -> Settings",
        "read settings | replace settings",
        "settings (one)",
    ),
    "one below each record": Row(
        """
        GET /owners/{ownerId} -> Owner
        POST /owners Owner -> Owner
        GET /owners/{ownerId}/settings -> Settings
        PATCH /owners/{ownerId}/settings Settings -> Settings
        """,
        """
        read owners
        create owners
        read settings
        update settings
        """,
        "owners id uuid | settings (one) below owners",
    ),
    "actions": Row(
        "GET /pets -> [Pet] | POST /pets Pet -> Pet | GET /pets/{petId} -> Pet | POST /pets/{petId}/close -> Pet",
        "list pets | create pets | read pets | act pets",
        "pets id integer",
    ),
    "counting": Row(
        "GET /pets -> [Pet] | POST /pets Pet -> Pet | GET /pets/{petId} -> Pet | GET /pets/count -> Count",
        "list pets | create pets | read pets | count pets at count",
        "pets id integer",
    ),
    "many at once": Row(
        """
        GET /pets -> [Pet]
        POST /pets Pet -> Pet
        GET /pets/{petId} -> Pet
        POST /pets/bulk [Pet] -> [Pet]
        PUT /pets [Pet] -> [Pet]
        PATCH /pets [Pet] -> [Pet]
        POST /pets/bulk-delete Ids
        DELETE /pets
        """,
        """
        list pets
        create pets
        read pets
        create-many pets
        replace-all pets
        update-many pets
        delete-many pets
        delete-many pets
        """,
        "pets id integer",
    ),
    "a deleted record comes back": Row(
        """
        GET /pets -> [Pet]
        POST /pets Pet -> Pet
        GET /pets/{petId} -> Pet
        DELETE /pets/{petId}
        POST /pets/{petId}/restore -> Pet
        POST /pets/{petId}/duplicate -> Pet
        """,
        """
        list pets
        create pets
        read pets
        delete pets
        restore pets
        copy pets
        """,
        "pets id integer",
    ),
    "a list inside of a record": Row(
        """
        POST /carts Cart -> Cart
        GET /carts/{cartId} -> Cart
        POST /carts/{cartId}/items Line -> Cart
        DELETE /carts/{cartId}/items/{sku} -> Cart
        """,
        """
        create carts
        read carts
        add-entry carts
        remove-entry carts
        """,
        "carts id integer",
    ),
    "reads alone": Row("GET /pets/{petId} -> Pet", "schema", ""),
    "nothing to tell records apart by": Row("POST /quotes Settings -> Count", "schema", ""),
    "a login": Row("POST /login Settings -> Token", "schema", ""),
}


def lines(text: str) -> list[str]:
    """The lines of a text, or its parts between bars."""
    return [line.strip() for line in text.replace("|", "\n").splitlines() if line.strip()]


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_a_document_has_its_plan(tmp_path, row):
    """What is kept, how records are told apart, what they belong to, and what each operation does to them."""
    paths: dict[str, Any] = {}
    for number, line in enumerate(lines(row.operations)):
        asked, _, answer = line.partition(" -> ")
        method, path, *body = asked.split()
        made = {**operation(path, "".join(body), answer), "operationId": f"o{number}"}
        paths.setdefault(path, {})[method.lower()] = made
    objects = {name: {"type": "object", "properties": members} for name, members in COMPONENTS.items()}
    info = {"title": "Zoo", "version": "1"}
    document = {"openapi": "3.1.0", "info": info, "paths": paths, "components": {"schemas": objects}}
    (tmp_path / "zoo.json").write_text(json.dumps(document))

    planned = plan(load(tmp_path / "zoo.json", "zoo"))

    roles = [planned.roles[f"o{number}"] for number in range(len(lines(row.operations)))]
    said = [
        " ".join(filter(None, [role.kind, role.collection, "at" * bool(role.answer), ".".join(role.answer)]))
        for role in roles
    ]
    kept = [
        (
            f"{found.name} (one)"
            if found.singleton
            else f"{found.name} {'.'.join(found.id_spec.member_path)} {found.id_spec.kind}"
        )
        + (f" below {found.parent}" if found.parent else "")
        for found in planned.collections.values()
    ]
    assert said == lines(row.roles)
    assert sorted(kept) == lines(row.collections)
