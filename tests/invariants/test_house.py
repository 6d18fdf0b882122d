"""What holds for every API that ships: its three files fit each other, and nothing in them is a loose end."""

import inspect
import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from mockserver.engine.fixture_records import read_fixtures
from mockserver.engine.service import Service
from mockserver.json_text import Json
from mockserver.openapi.model.operation import Operation
from mockserver.openapi.source.reference import resolve
from mockserver.server import Options, load_services, shipped
from mockserver.vendors import APIS

SERVICES = load_services(Options())
OPERATIONS = [(name, operation) for name, service in SERVICES.items() for operation in service.spec.operations]
COLLECTIONS = [
    (name, collection, kept.schema)
    for name, api in APIS.items()
    for collection, kept in api.collections.items()
    if kept.schema
]
ASSUMPTIONS = [(name, assumption) for name, api in APIS.items() for assumption in api.assumptions]
EDITS = [(name, assumption.name, option) for name, assumption in ASSUMPTIONS for option in assumption.document]


def named(value: Any) -> str:
    """How a case is called."""
    return str(getattr(value, "id", getattr(value, "name", value)))


@pytest.fixture(params=SERVICES)
def service(request) -> Service:
    """Each of the bundled APIs."""
    return SERVICES[request.param]


# Fixtures


@pytest.mark.parametrize(("api", "collection", "schema"), COLLECTIONS)
def test_every_record_fits_its_schema(api, collection, schema):
    """As the document describes it, without what is only the mock's own."""
    records = read_fixtures(APIS[api], shipped("fixtures", api))[collection].records
    validator = SERVICES[api].spec.schemas.validator(f"/components/schemas/{schema}")

    broken = {
        record_id: validator.violations(public(record), "body")
        for record_id, record in records.items()
        if not validator.accepts(public(record))
    }

    assert (len(records) > 0, broken) == (True, {})


def public(record: Json) -> Json:
    """The members that a client may be shown."""
    return {name: value for name, value in record.items() if not name.startswith("_")}


def test_every_collection_has_records(service):
    """An empty one would show nothing."""
    seed_collections = read_fixtures(service.api, shipped("fixtures", service.name))

    assert [name for name, shelf in seed_collections.items() if not shelf.records] == []


def test_the_default_credential_is_known(service):
    """The one that the welcome and the examples use."""
    keys = read_fixtures(service.api, shipped("fixtures", service.name))[service.api.guard.credentials].records

    _, value = service.api.credential

    assert value in keys or value.partition(" ")[2] in keys


# Operations


@pytest.mark.parametrize(("api", "operation"), OPERATIONS, ids=named)
def test_the_documented_request_is_answered(api, operation, server, world, admin):
    """With a status that is declared, and that is no refusal."""
    with server.client(f"/~{world}/{api}", dict([APIS[api].credential])) as client:
        answer = client.request(**documented(SERVICES[api], operation))

    assert answer.status_code < 400
    assert operation.answer(answer.status_code) is not None
    assert "Mock-Violation" not in answer.headers


def documented(service: Service, operation: Operation) -> dict[str, Any]:
    """The request that the document gives as its example."""
    path = operation.full_path
    query: dict[str, str] = {}
    headers = credentials(service, operation)
    for parameter in operation.parameters:
        if parameter.place == "path":
            path = path.replace(f"{{{parameter.name}}}", quote(str(parameter.example), safe=""))
        elif parameter.required:
            place = query if parameter.place == "query" else headers
            example = parameter.example
            place[parameter.name] = ",".join(example) if parameter.is_array else str(example)
    return {"method": operation.method, "url": path, "params": query, "headers": headers, **body(service, operation)}


def credentials(service: Service, operation: Operation) -> dict[str, str]:
    """The headers of the first way in that the operation names, where the default credential is not it."""
    ways = operation.security
    return dict(
        service.api.credentials[scheme] for scheme in (ways[0] if ways else ()) if scheme in service.api.credentials
    )


def body(service: Service, operation: Operation) -> dict[str, Any]:
    """The body that the document gives as its example."""
    if operation.body is None:
        return {}
    node = resolve(service.spec.document, service_pointer(operation))
    [(kind, media), *_] = resolve_ref(service, node)["content"].items()
    sent_as = "data" if kind == "application/x-www-form-urlencoded" else "json"
    if "example" in media:
        return {sent_as: media["example"]}
    first = next(iter(media["examples"].values()))
    return {sent_as: resolve_ref(service, first)["value"]}


def service_pointer(operation: Operation) -> str:
    """Where the operation's body stands."""
    return f"/paths/{operation.path.replace('~', '~0').replace('/', '~1')}/{operation.method.lower()}/requestBody"


def resolve_ref(service: Service, node: Json) -> Json:
    """The node, or what it refers to."""
    return resolve(service.spec.document, node["$ref"]) if "$ref" in node else node


@pytest.mark.parametrize(("api", "operation"), OPERATIONS, ids=named)
def test_every_operation_says_where_it_comes_from(api, operation):
    """From the page that the API was first written from, from another page, or from nowhere."""
    assert operation.source in ("seed", "docs", "assumed")


@pytest.mark.parametrize(("api", "operation"), OPERATIONS, ids=named)
def test_every_operation_declares_its_refusals(api, operation):
    """A failure of the server can meet every operation; a caller who is unknown or comes too often those that ask who
    calls.
    """
    refusals = (401, 429, 500) if operation.security else (500,)
    missing = [status for status in refusals if operation.answer(status) is None]

    assert missing == []


def test_handlers_and_operations_are_the_same(service):
    """No handler without an operation, no operation without a handler."""
    assert set(service.api.handlers) == {operation.id for operation in service.spec.operations}


def test_one_operation_of_every_api_is_from_its_seed(service):
    """The bulk change that the API was written for."""
    assert [operation.source for operation in service.spec.operations].count("seed") == 1


# Assumptions


@pytest.mark.parametrize(("api", "assumption"), ASSUMPTIONS, ids=named)
def test_every_assumption_can_be_settled_and_switched(api, assumption):
    """A question, at least two options of which one is the default, and a probe."""
    assert assumption.question.endswith("?")
    assert len(assumption.options) >= 2
    assert assumption.default in assumption.options
    assert assumption.probe.endswith(".")
    assert all(effect.endswith(".") for effect in assumption.options.values())


@pytest.mark.parametrize(("api", "assumption"), ASSUMPTIONS, ids=named)
def test_every_assumption_is_asked_for(api, assumption):
    """Its name stands in the vendor's package, or it says which requests it refuses."""
    source = source_of(f"mockserver.vendors.{api}")

    assert f'"{assumption.name}"' in source or assumption.refuses


def source_of(name: str) -> str:
    """The text of a module, and of all below it where it is a package."""
    modules = [module for found, module in sys.modules.items() if found == name or found.startswith(f"{name}.")]
    return "".join(map(inspect.getsource, modules))


@pytest.mark.parametrize(("api", "assumption"), ASSUMPTIONS, ids=named)
def test_an_assumption_edits_the_document_for_its_own_options(api, assumption):
    """And for no other."""
    assert set(assumption.document) <= set(assumption.options)


@pytest.mark.parametrize("api", APIS)
def test_no_two_assumptions_share_a_name(api):
    """A switch has one meaning."""
    names = [assumption.name for assumption in APIS[api].assumptions]

    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize(("api", "name", "option"), EDITS)
def test_every_option_that_edits_the_document_can_be_served(api, name, option):
    """What it makes of the document can be compiled, and the API is complete."""
    served = load_services(Options(apis=(api,), assume={f"{api}.{name}": option}))[api]

    assert served.choices[name] == option


# Documents


def test_every_example_fits_its_schema(service):
    """Of bodies, parameters and headers, and of schemas themselves."""
    examples = [*examples_of(service.spec.document, service.spec.document)]

    broken = {
        pointer: [str(violation) for violation in validator.violations(value, "example")]
        for pointer, schema, value in examples
        if not (validator := service.spec.schemas.validator(schema)).accepts(value)
    }

    assert (len(examples) > 10, broken) == (True, {})


MAPS = {"paths", "properties", "patternProperties", "$defs", "responses", "headers", "parameters", "requestBodies"}
MAPS |= {"schemas", "content", "securitySchemes", "pathItems", "callbacks", "links", "dependentSchemas", "components"}
DATA = {"example", "examples", "default", "enum", "const", "value"}


def examples_of(document: Json, node: Json, at: str = "", *, is_map: bool = False) -> Iterator[tuple[str, str, Json]]:
    """Every example: where it stands, where its schema stands, its value."""
    if isinstance(node, list):
        for number, child in enumerate(node):
            yield from examples_of(document, child, f"{at}/{number}")
    if not isinstance(node, dict):
        return
    if not is_map:
        schema = f"{at}/schema" if "schema" in node else at
        for where, value in given(document, node):
            yield f"{at}/{where}", schema, value
    for name, child in node.items():
        if is_map or not (name in DATA or name.startswith("x-")):
            pointer = f"{at}/{str(name).replace('~', '~0').replace('/', '~1')}"
            yield from examples_of(document, child, pointer, is_map=not is_map and name in MAPS)


def given(document: Json, node: Json) -> Iterator[tuple[str, Json]]:
    """The examples that stand at a node: its one, its named ones, those of a schema."""
    if "example" in node:
        yield "example", node["example"]
    examples = node.get("examples", {})
    if isinstance(examples, list):
        yield from ((f"examples/{number}", value) for number, value in enumerate(examples))
    else:
        for name, example in examples.items():
            example = resolve(document, example["$ref"]) if "$ref" in example else example
            yield f"examples/{name}", example["value"]
