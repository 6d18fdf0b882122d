"""Addresses: what the mock prints leads where it says, and a refusal names what was asked for."""

import httpx
import pytest

from mockserver.engine.answers.sample_request import base_address, sample_curl
from mockserver.server import Options, create_app

ZOO = """
openapi: 3.1.0
info: {title: Zoo, version: '1'}
servers: [{url: 'https://zoo.example/SERVER'}]
paths:
  PATH: {get: {responses: {'200': {description: ok, content: {application/json: {example: [Rex]}}}}}}
"""


@pytest.mark.parametrize(
    ("server", "path", "asked", "said"),
    [
        ("v1", "/pets", "/nope", "No operation has the path /nope."),
        ("v1", "/pets", "/v1/nope", "No operation has the path /v1/nope."),
        ("v1", "/pets", "/zoo/v1/nope", "No operation has the path /zoo/v1/nope."),
        ("v1", "/pets", "/~alice/nope", "No operation has the path /~alice/nope."),
        ("v1", "/pets", "/pet", "No operation has the path /pet. The nearest: /v1/pets (it has 'pets', this 'pet')."),
    ],
)
def test_a_miss_names_the_path_that_was_asked_for(serve, server, path, asked, said):
    """Not the one that was looked for, which has the document's server before it; the nearest are the document's."""
    client = serve(ZOO.replace("SERVER", server).replace("PATH", path))

    missed = client.get(asked)

    assert missed.status_code == 404
    assert missed.json()["detail"].startswith(said)


def test_a_wrong_method_names_the_path_that_was_asked_for(serve):
    """As a miss does."""
    client = serve(ZOO.replace("SERVER", "v1").replace("PATH", "/pets"))

    assert client.put("/pets").json()["detail"].startswith("/pets does not take PUT")


@pytest.mark.parametrize("beside", [(), ("xqr",)], ids=["alone", "beside another"])
@pytest.mark.parametrize(
    ("server", "path", "printed"),
    [
        ("zoo", "/pets", "/zoo/pets"),
        ("zoo/v1", "/pets", "/zoo/v1/pets"),
        ("", "/zoo/pets", "/zoo/pets"),
        ("", "/zoo", "/zoo/zoo"),
        ("v1", "/zoo/pets", "/zoo/v1/zoo/pets"),
        ("zoos", "/pets", "/zoo/zoos/pets"),
    ],
)
def test_an_address_has_the_apis_name_once(tmp_path, beside, server, path, printed):
    """Where the document's own paths begin with it; as it is printed it is answered, alone and beside other APIs."""
    file = tmp_path / "zoo.yaml"
    file.write_text(ZOO.replace("SERVER", server).replace("PATH", path))
    app = create_app(Options(apis=(str(file), *beside)))

    with httpx.Client(transport=httpx.WSGITransport(app=app), base_url="http://127.0.0.1:4010") as client:
        sample = sample_curl(app.services["zoo"], "http://127.0.0.1:4010")

        assert sample == f"curl http://127.0.0.1:4010{printed}"
        assert client.get(printed).json() == ["Rex"]
        assert client.get(f"/zoo{f'/{server}' if server else ''}{path}").json() == ["Rex"]
        base = base_address(app.services["zoo"], "")
        assert client.get(f"{base}{path}").json() == ["Rex"]
        served = client.get("/__admin/apis/zoo/openapi.json").json()["servers"][0]["url"]
        assert client.get(f"{served}{path}").json() == ["Rex"]


def test_a_name_that_means_two_things_is_printed_in_full(tmp_path):
    """`/zoo/pets` is `/pets` of the API here, and so cannot stand for the API's own `/zoo/pets`."""
    file = tmp_path / "zoo.yaml"
    file.write_text(
        ZOO.replace("SERVER", "").replace("PATH", "/zoo/pets")
        + "  /pets: {get: {responses: {'200': {description: ok, content: {application/json: {example: [Tom]}}}}}}\n"
    )
    app = create_app(Options(apis=(str(file),)))

    with httpx.Client(transport=httpx.WSGITransport(app=app), base_url="http://127.0.0.1:4010") as client:
        assert sample_curl(app.services["zoo"], "") == "curl /zoo/zoo/pets"
        assert client.get("/zoo/zoo/pets").json() == ["Rex"]
        assert client.get("/zoo/pets").json() == ["Tom"]


PLACES = """
openapi: 3.0.3
info: {title: Zoo, version: "1"}
servers: [{url: https://zoo.example/v3}]
paths:
  /maps:
    get:
      servers: [{url: https://files.example/up}]
      responses: {"200": {description: One., content: {application/json: {example: {map: 1}}}}}
  /plans:
    get:
      servers: [{url: https://files.example/up}]
      responses: {"200": {description: One., content: {application/json: {example: {plan: 1}}}}}
    post:
      responses: {"201": {description: Made., content: {application/json: {example: {made: 1}}}}}
"""


@pytest.mark.parametrize("path", ["/maps", "/up/maps", "/zoo/maps", "/zoo/up/maps"])
def test_an_operation_with_a_server_of_its_own_is_reached_without_its_path_too(serve, path):
    """As all others are."""
    client = serve(PLACES)

    assert client.get(path).json() == {"map": 1}


def test_where_others_of_its_path_have_none_of_their_own_it_is_not(serve):
    """Those are at that address."""
    client = serve(PLACES)

    assert client.post("/plans").json() == client.post("/v3/plans").json() == {"made": 1}
    assert (client.get("/up/plans").json(), client.get("/plans").status_code) == ({"plan": 1}, 405)
