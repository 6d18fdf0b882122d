"""A document of a user has probes too, made of the collections that the mock sees in it."""

import re
from pathlib import Path

import pytest

from mockserver.contract.probe.probe_run import ProbeOptions, indistinct_probes, probe_server
from mockserver.messages import Exchange
from mockserver.server import Options, running

SHOP = """
openapi: 3.1.0
info: {title: Shop, version: "1"}
paths:
  /customers:
    get: {responses: {"200": {description: All., content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Customer"}}}}}}}
    post:
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/Customer"}}}}
      responses: {"201": {description: Made., content: {application/json: {schema: {$ref: "#/components/schemas/Customer"}}}}}
  /customers/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get: {responses: {"200": {description: One., content: {application/json: {schema: {$ref: "#/components/schemas/Customer"}}}}}}
  /orders:
    get: {responses: {"200": {description: All., content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Order"}}}}}}}
    post:
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}}
      responses:
        "201": {description: Made., content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}}
        REFUSAL: {description: Refused.}
  /orders/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get: {responses: {"200": {description: One., content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}}}}
    delete: {responses: {"204": {description: Gone.}}}
components:
  schemas:
    Customer: {type: object, required: [name], properties: {id: {type: integer, readOnly: true}, name: {type: string}}}
    Order:
      type: object
      required: [customerId, amount]
      properties: {id: {type: integer, readOnly: true}, customerId: {type: integer}, amount: {type: integer}}
"""  # noqa: E501


@pytest.fixture
def shop(tmp_path):
    """The document, whose orders are refused with a status that it declares."""

    def written(refusal='"422"'):
        file = tmp_path / "shop.yaml"
        file.write_text(SHOP.replace("REFUSAL", refusal))
        return str(file)

    return written


@pytest.mark.parametrize(("option", "result", "made"), [("refuse", "confirmed", 0), ("accept", "refuted", 1)])
def test_a_server_tells_what_it_does_with_references_that_lead_nowhere(option, result, made, shop):
    """What was made for it is deleted again."""
    apis = (shop(),)

    with running(Options(apis=apis, assume={"shop.missing-references": option})) as server:
        seen: list[Exchange] = []
        server.mock.worlds.watch(seen.append)
        probing = ProbeOptions(Options(apis=apis), server.url_of("shop"), plays_all=True)
        [outcome] = probe_server(probing)
        statuses = [(each.request.method, each.status) for each in seen]

    assert (outcome.result, outcome.option, outcome.left) == (result, option, ())
    assert (statuses.count(("POST", 201)), statuses.count(("DELETE", 204))) == (made, made)


def test_nothing_is_asked_that_makes_records_unless_all_is(shop):
    """The outcome says so."""
    apis = (shop(),)

    with running(Options(apis=apis)) as server:
        seen: list[Exchange] = []
        server.mock.worlds.watch(seen.append)
        [outcome] = probe_server(ProbeOptions(Options(apis=apis), server.url_of("shop")))
        requests = [each for each in seen if each.world.startswith("probe-")]

    assert (outcome.result, "--all" in outcome.reason) == ("unclear", True)
    assert requests == []


def test_a_document_whose_operations_refuse_nothing_has_no_such_probe(shop):
    """Then both options look the same."""
    _, gaps, total = indistinct_probes(Options(apis=(shop('"401"'),)))

    assert total == 1
    assert "no operation that makes a record" in gaps["missing-references"][0]


def test_an_api_of_ones_own_has_its_probes_beside_it():
    """In `probes.yaml` of its folder."""
    folder = Path(__file__).parents[2] / "examples" / "taskly"

    name, gaps, total = indistinct_probes(Options(apis=(str(folder),)))

    assert (name, [*gaps], total) == ("taskly", ["missing-references"], 2)


NESTED = """
openapi: 3.1.0
info: {title: Clinic, version: "1"}
paths:
  /owners:
    get: {responses: {"200": {description: All., content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Owner"}}}}}}}
    post:
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/Owner"}}}}
      responses: {"201": {description: Made., content: {application/json: {schema: {$ref: "#/components/schemas/Owner"}}}}}
  /owners/{ownerId}:
    parameters: [{name: ownerId, in: path, required: true, schema: {type: integer}}]
    get: {responses: {"200": {description: One., content: {application/json: {schema: {$ref: "#/components/schemas/Owner"}}}}}}
  /vets:
    get: {responses: {"200": {description: All., content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Owner"}}}}}}}
    post:
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/Vet"}}}}
      responses: {"201": {description: Made., content: {application/json: {schema: {$ref: "#/components/schemas/Vet"}}}}}
  /vets/{vetId}:
    parameters: [{name: vetId, in: path, required: true, schema: {type: integer}}]
    get: {responses: {"200": {description: One., content: {application/json: {schema: {$ref: "#/components/schemas/Vet"}}}}}}
  /owners/{ownerId}/visits:
    parameters: [{name: ownerId, in: path, required: true, schema: {type: integer}}]
    get: {responses: {"200": {description: All., content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Visit"}}}}}}}
    post:
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/Visit"}}}}
      responses:
        "201": {description: Made., content: {application/json: {schema: {$ref: "#/components/schemas/Visit"}}}}
        "422": {description: Refused.}
  /owners/{ownerId}/visits/{visitId}:
    parameters:
      - {name: ownerId, in: path, required: true, schema: {type: integer}}
      - {name: visitId, in: path, required: true, schema: {type: integer}}
    get: {responses: {"200": {description: One., content: {application/json: {schema: {$ref: "#/components/schemas/Visit"}}}}}}
    delete: {responses: {"204": {description: Gone.}}}
components:
  schemas:
    Owner: {type: object, required: [name], properties: {id: {type: integer, readOnly: true}, name: {type: string}}}
    Vet: {type: object, required: [name], properties: {id: {type: integer, readOnly: true}, name: {type: string}, fee: {type: integer}}}
    Visit:
      type: object
      required: [vetId, reason]
      properties: {id: {type: integer, readOnly: true}, vetId: {type: integer}, reason: {type: string}}
"""  # noqa: E501


def test_a_record_below_another_is_made_below_the_first_of_its_list(tmp_path):
    """Since nobody knows which there are; and it is deleted from there. The first request is the one that shows whether
    this is the API.
    """
    file = tmp_path / "clinic.yaml"
    file.write_text(NESTED)

    with running(Options(apis=(str(file),), assume={"clinic.missing-references": "accept"})) as server:
        seen: list[Exchange] = []
        server.mock.worlds.watch(seen.append)
        probing = ProbeOptions(Options(apis=(str(file),)), server.url_of("clinic"), plays_all=True)
        [outcome] = probe_server(probing)
        asked = [(each.request.method, each.request.path) for each in seen if each.world.startswith("probe-")]

    assert (outcome.result, outcome.option, outcome.left) == ("refuted", "accept", ())
    assert re.fullmatch(r"/owners/\d+/visits", asked[-2][1])
    assert [method for method, _ in asked] == ["GET", "GET", "POST", "DELETE"]
    assert asked[-1][1].startswith(f"{asked[-2][1]}/")


def test_a_document_that_leaves_nothing_open_is_asked_nothing(tmp_path):
    """And that is no mistake."""
    file = tmp_path / "empty.yaml"
    file.write_text("openapi: 3.1.0\ninfo: {title: Empty, version: '1'}\npaths: {/: {get: {responses: {'200': {}}}}}\n")

    with running(Options(apis=(str(file),))) as server:
        outcomes = probe_server(ProbeOptions(Options(apis=(str(file),)), server.url_of("empty")))

    assert outcomes == []
