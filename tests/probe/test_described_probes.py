"""A document of a user has probes too, made of the collections that the mock sees in it."""

from pathlib import Path

import pytest

from mockserver.contract.probe.probe_run import ProbeOptions, indistinct_probes, probe_server
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


@pytest.mark.parametrize(("option", "result"), [("refuse", "confirmed"), ("accept", "refuted")])
def test_a_server_tells_what_it_does_with_references_that_lead_nowhere(option, result, shop):
    """What was made for it is deleted again."""
    apis = (shop(),)

    with running(Options(apis=apis, assume={"shop.missing-references": option})) as server:
        probing = ProbeOptions(Options(apis=apis), server.url_of("shop"), plays_all=True)
        [outcome] = probe_server(probing)
        orders = len(server.mock.worlds["default"].of("shop")["orders"].list())

    assert (outcome.result, outcome.option, outcome.left, orders) == (result, option, (), 3)


def test_nothing_is_asked_that_makes_records_unless_all_is(shop):
    """The outcome says so."""
    apis = (shop(),)

    with running(Options(apis=apis)) as server:
        [outcome] = probe_server(ProbeOptions(Options(apis=apis), server.url_of("shop")))
        requests = len(server.mock.worlds["default"].journal)

    assert (outcome.result, "--all" in outcome.reason) == ("unclear", True)
    assert requests <= 1


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
