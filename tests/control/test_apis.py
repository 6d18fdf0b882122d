"""What is served, over the wire."""

from pathlib import Path

import httpx
import pytest

from mockserver.server import Options, create_mock

EXAMPLES = Path(__file__).parent.parent.parent / "examples"


def test_an_api_is_listed_with_all_that_a_first_request_needs(control, server, world):
    """Name, title, addresses in the world that was asked, and a credential to send as it stands."""
    apis = control.get("/apis").json()["apis"]

    assert next(api for api in apis if api["name"] == "xqr") == {
        "name": "xqr",
        "title": "xQR API",
        "source": "xqr",
        "baseUrl": f"{server.root}/~{world}/xqr/api",
        "documentUrl": f"{server.root}/~{world}/__admin/apis/xqr/openapi.json",
        "credential": {"header": "Authorization", "value": "Bearer xqr_pk_a1b2c3d4." + "x" * 64},
    }


def test_an_api_tells_what_serves_it_again(tmp_path):
    """A bundled API by its name, a document by its path, code beside a document by their folder."""
    document = EXAMPLES / "pets.yaml"
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "openapi.yaml").write_text(document.read_text())
    (folder / "api.py").write_text("from mockserver import Api\n\nAPI = Api(handlers={})\n")

    mock = create_mock(Options(apis=("xqr", str(document), str(folder))))
    with httpx.Client(transport=httpx.WSGITransport(app=mock.app), base_url="http://localhost:4010") as client:
        apis = client.get("/__admin/apis").json()["apis"]

    assert [api["source"] for api in apis] == ["xqr", str(document), str(folder)]


@pytest.mark.port
def test_the_listed_credential_opens_the_listed_address(control):
    """What is listed works as it stands."""
    api = next(api for api in control.get("/apis").json()["apis"] if api["name"] == "xqr")
    credential = api["credential"]

    answer = httpx.get(api["baseUrl"] + "/v1/links", headers={credential["header"]: credential["value"]})

    assert answer.status_code == 200


def test_the_default_world_needs_no_prefix(server):
    """Asked without a world, the addresses are without one."""
    with server.client("/__admin") as client:
        api = client.get("/apis").json()["apis"][0]

    assert api["baseUrl"].startswith(f"{server.root}/{api['name']}")


def test_a_world_named_by_a_header_is_in_the_addresses(server, world):
    """The addresses lead to the world that was asked, however it was named."""
    with server.client("/__admin", {"Mock-World": world}) as client:
        api = client.get("/apis").json()["apis"][0]

    assert api["baseUrl"].startswith(f"{server.root}/~{world}/")


def test_a_served_document_has_the_mock_as_its_server(control, server, world):
    """The document is the API's own but for `servers`."""
    document = control.get("/apis/xqr/openapi.json").json()

    assert document["servers"] == [{"url": f"{server.root}/~{world}/xqr/api"}]
    assert document["openapi"].startswith("3.1.")
    assert "/v1/links/bulk/status" in document["paths"]


def test_an_api_that_is_not_served_has_no_document(control):
    """The answer names those that are served."""
    answer = control.get("/apis/nowhere/openapi.json")

    assert answer.status_code == 404
    assert "xqr" in answer.json()["detail"]


def test_assumptions_are_told_with_the_option_that_holds(control):
    """And what each of the others would do."""
    told = {one["name"]: one for one in control.get("/assumptions").json()["assumptions"]}

    skipped = told["xqr.unknown-ids"]
    assert (skipped["option"], skipped["default"]) == ("skip", "skip")
    assert {"skip", "refuse"} <= skipped["options"].keys()
    assert {name.partition(".")[0] for name in told} == {"xqr", "botsubscription", "vivoldi", "spotzee"}


def test_operations_are_listed_with_what_answers_them():
    """Those of a document as its structure tells, with the effect; the evidence is left out until it is asked for."""
    mock = create_mock(Options(apis=(str(EXAMPLES / "pets.yaml"),)))

    with httpx.Client(transport=httpx.WSGITransport(app=mock.app), base_url="http://localhost:4010") as client:
        operations = client.get("/__admin/apis/pets/operations").json()["operations"]
        [explained] = client.get(
            "/__admin/apis/pets/operations", params={"operation": operations[0]["operation"], "explain": "true"}
        ).json()["operations"]

    assert (operations[0]["method"], operations[0]["answeredBy"], operations[0]["does"]) == (
        "GET",
        "state",
        "answers a page of pets",
    )
    assert [one for one in operations if "why" in one] == []
    assert (len(explained["why"]) > 0, explained["corrects"]) == (True, "x-mock-role: schema")


def test_the_operations_of_a_bundled_api_are_answered_by_its_code(control):
    """Each tells which page of its vendor the rule was written from."""
    operations = control.get("/apis/xqr/operations").json()["operations"]

    assert {one["answeredBy"] for one in operations} == {"handler"}
    assert operations[0] == {
        "api": "xqr",
        "method": "GET",
        "path": "/xqr/api/v1/links",
        "operation": "listLinks",
        "answeredBy": "handler",
        "source": "docs",
    }


def test_operations_of_a_large_document_are_found_by_text_and_told_in_parts(control):
    """In method, path or name; the total counts those that are left out."""
    bulk = control.get("/apis/xqr/operations", params={"text": "BULK"}).json()
    second = control.get("/apis/xqr/operations", params={"text": "bulk", "offset": 1, "limit": 1}).json()
    nothing = control.get("/apis/xqr/operations", params={"text": "lions"})

    assert [one["operation"] for one in bulk["operations"]] == ["bulkCreateLinks", "bulkUpdateLinkStatus"]
    assert bulk["meta"] == {"total": 2}
    assert second == {"operations": bulk["operations"][1:2], "meta": {"total": 2}}
    assert (nothing.status_code, nothing.json()) == (200, {"operations": [], "meta": {"total": 0}})


@pytest.mark.parametrize(("api", "query"), [("zoo", {}), ("xqr", {"operation": "listLions"})])
def test_operations_that_are_not_served_are_not_found(control, api, query):
    """The name is said."""
    answer = control.get(f"/apis/{api}/operations", params=query)

    assert (answer.status_code, (query.get("operation") or api) in answer.json()["detail"]) == (404, True)
