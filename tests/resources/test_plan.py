"""What is seen in a document, and why."""

import json
from pathlib import Path

import pytest

from mockserver.json_text import Json
from mockserver.openapi.model.document import load
from mockserver.resources.detect.decisions import ENOUGH
from mockserver.resources.detect.plan import plan
from mockserver.resources.explain import describe, explain

HERE = Path(__file__).parent
SPECS = {name: load(HERE / f"{name}.yaml", name) for name in ("petstore2", "shop", "styles")}
PLANS = {name: plan(spec) for name, spec in SPECS.items()}

ROLES = """
petstore2 addPet create pet
petstore2 updatePet replace pet
petstore2 findPetsByStatus list pet
petstore2 updatePetWithForm update pet
petstore2 getInventory schema -
petstore2 createUsers create-many user
shop closeOrder act orders
shop isStarred read star
shop getSettings read settings
shop deleteCoupon schema vouchers
shop quote schema -
styles changeCharge update charges
styles getRepo read repos
styles createIssue create issues
styles listAllPods list pods
styles ListCall list Calls
styles updateTask replace tasks
styles patchArticle update articles
styles listPlanets list planets
"""
IDS = """
petstore2 pet id integer
petstore2 user username text
shop customers id integer
shop orders id uuid
shop vouchers label text
styles charges id text
styles repos name text
styles issues number integer
styles pods metadata.name text
styles Calls sid text
styles tasks gid text
"""


@pytest.mark.parametrize(
    ("document", "operation", "kind", "collection"), [line.split() for line in ROLES.split("\n") if line]
)
def test_each_operation_has_its_role(document, operation, kind, collection):
    """In the styles of well-known documents."""
    role = PLANS[document].roles[operation]

    assert (role.kind, role.collection or "-") == (kind, collection)


@pytest.mark.parametrize(
    ("document", "collection", "member", "kind"), [line.split() for line in IDS.split("\n") if line]
)
def test_records_are_told_apart_by_a_member(document, collection, member, kind):
    """And new ones are made as its schema has it."""
    id_spec = PLANS[document].collections[collection].id_spec

    assert (".".join(id_spec.member_path), id_spec.kind) == (member, kind)


@pytest.mark.parametrize(
    ("operation", "member"),
    [("listCharges", "data"), ("listPods", "items"), ("ListCall", "calls"), ("listPlanets", "_embedded.planets")],
)
def test_the_list_is_found_in_its_envelope(operation, member):
    """By the schema of its items."""
    assert ".".join(PLANS["styles"].roles[operation].answer) == member


@pytest.mark.parametrize(
    ("document", "collection", "parent"),
    [
        ("shop", "orders", "customers"),
        ("shop", "star", "customers"),
        ("styles", "issues", "repos"),
        ("shop", "customers", ""),
    ],
)
def test_what_stands_below_a_record_belongs_to_it(document, collection, parent):
    """A collection as well as what there is but one of."""
    assert PLANS[document].collections[collection].parent == parent


@pytest.mark.parametrize("document", SPECS)
def test_every_operation_is_explained(document):
    """What keeps something has evidence enough, and every one says what would correct it."""
    explained = explain(PLANS[document], SPECS[document])

    assert [line.operation for line in explained] == [operation.id for operation in SPECS[document].operations]
    assert all(line.confidence >= ENOUGH and line.evidence for line in explained if line.answered_by == "state")
    assert all("x-mock-" in line.corrects and line.does for line in explained)


def test_the_evidence_is_what_was_seen():
    """In words that name the place."""
    seen = [piece.seen for piece in PLANS["shop"].roles["getCustomer"].evidence]

    assert "a record has `id`, as `{customerId}` says of customers" in seen
    assert "DELETE /customers/{customerId} takes it away" in seen


def test_a_collection_is_described_in_a_sentence():
    """For those who read the plan."""
    assert describe(PLANS["shop"].collections["orders"]) == (
        "orders: records at /customers/{customerId}/orders/{orderId}, told apart by id (uuid); each belongs to one of "
        "customers; it begins with the document's examples, else 3."
    )


# Overlays


BARE: Json = {
    "openapi": "3.1.0",
    "info": {"title": "Keys", "version": "1"},
    "paths": {
        "/things": {
            "get": {
                "operationId": "list",
                "responses": {
                    "200": {
                        "description": "All.",
                        "content": {
                            "application/json": {
                                "schema": {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}}
                            }
                        },
                    }
                },
            }
        },
        "/things/{id}": {
            "get": {
                "operationId": "get",
                "responses": {
                    "200": {
                        "description": "One.",
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}},
                    }
                },
            },
            "delete": {"operationId": "delete", "responses": {"204": {"description": "Gone."}}},
        },
    },
    "components": {
        "schemas": {"Thing": {"type": "object", "properties": {"id": {"type": "string"}, "code": {"type": "string"}}}}
    },
}


def planned(tmp_path, **keys):
    """The plan of a small document with these extensions at its item path."""
    path = {**BARE["paths"]["/things/{id}"], **{f"x-mock-{name}": value for name, value in keys.items()}}
    document = {**BARE, "paths": {**BARE["paths"], "/things/{id}": path}}
    file = tmp_path / "bare.json"
    file.write_text(json.dumps(document))
    return plan(load(file, "bare"))


def test_a_key_says_what_tells_records_apart(tmp_path):
    """Instead of the member that was inferred."""
    assert planned(tmp_path, id="code").collections["things"].id_spec.member_path == ("code",)


def test_a_key_says_that_nothing_is_kept(tmp_path):
    """`x-mock-collection: false`."""
    plan = planned(tmp_path, collection=False)

    assert {role.kind for role in plan.roles.values()} == {"schema"}


def test_a_key_says_how_long_it_takes(tmp_path):
    """In milliseconds."""
    assert planned(tmp_path, delay=250).roles["get"].delay == 0.25


def test_the_path_of_a_document_may_be_a_list_itself(tmp_path):
    """Nothing is above `/`; what has no role there is answered from its schema."""
    one = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}, "name": {"type": "string"}}}
    answer = {"description": "Fine.", "content": {"application/json": {"schema": {"type": "array", "items": one}}}}
    single = {"description": "Fine.", "content": {"application/json": {"schema": one}}}
    paths = {
        "/": {
            "get": {"operationId": "all", "responses": {"200": answer}},
            "options": {"operationId": "about", "responses": {"204": {"description": "None."}}},
        },
        "/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
            "get": {"operationId": "one", "responses": {"200": single}},
        },
    }
    document = {"openapi": "3.1.0", "info": {"title": "Root", "version": "1"}, "paths": paths}
    (tmp_path / "root.json").write_text(json.dumps(document))

    roles = plan(load(tmp_path / "root.json", "root")).roles

    assert [roles[name].kind for name in ("all", "one")] == ["list", "read"]
    assert "about" not in roles or roles["about"].kind == "schema"
