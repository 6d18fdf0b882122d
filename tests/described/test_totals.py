"""What lists tell of themselves, and pages that are asked for in several ways at once."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

import pytest

from mockserver.json_text import Json

INTEGER, TEXT, FLAG = {"type": "integer"}, {"type": "string"}, {"type": "boolean"}
LINK = {"type": ["string", "null"], "format": "uri"}
SEVEN = [{"id": number, "name": f"n{number}", "open": number < 3} for number in range(1, 8)]


def api(parameters: dict[str, Json], envelope: dict[str, Json] | None = None, **more: Json) -> str:
    """A document of seven pets, listed with these parameters beside these members of the answer; `more` are paths."""
    pets: Json = {"type": "array", "items": {"$ref": "#/components/schemas/Pet"}}
    schema = {"type": "object", "required": ["pets"], "properties": {"pets": pets, **(envelope or {})}}
    content = {"application/json": {"schema": schema, "example": {"pets": SEVEN}}}
    headers = {"Content-Range": {"schema": TEXT}, "X-Total-Count": {"schema": INTEGER}}
    listed = {
        "parameters": [{"in": "query", "name": name, **told} for name, told in parameters.items()],
        "responses": {"200": {"description": "A page.", "headers": headers, "content": content}},
    }
    one = {"description": "One.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}}}
    at = [{"name": "id", "in": "path", "required": True, "schema": INTEGER}]
    paths: Json = {
        "/pets": {"get": listed},
        "/pets/{id}": {"parameters": at, "get": {"responses": {"200": one}}},
        **more,
    }
    pet = {"type": "object", "required": ["id"], "properties": {"id": INTEGER, "name": TEXT, "open": FLAG}}
    document = {"openapi": "3.1.0", "info": {"title": "Pets", "version": "1"}, "paths": paths}
    return json.dumps({**document, "components": {"schemas": {"Pet": pet}}})


def ids(answer) -> list[int]:
    """Which pets a page has."""
    assert answer.status_code == 200, answer.text
    return [pet["id"] for pet in answer.json()["pets"]]


def told(client, query: str = "") -> dict[str, Json]:
    """What a page tells beside its pets."""
    return {name: value for name, value in client.get(f"/pets?{query}").json().items() if name != "pets"}


PAGE: dict[str, Json] = {"page": {"schema": INTEGER}, "limit": {"schema": {**INTEGER, "default": 3}}}
SIZED: dict[str, Json] = {"page": {"schema": INTEGER}, "size": {"schema": {**INTEGER, "default": 3}}}


@pytest.mark.parametrize(
    "schema",
    [
        {**INTEGER, "exclusiveMinimum": 0, "default": 1},
        {**INTEGER, "exclusiveMinimum": 0},
        {"anyOf": [{**INTEGER, "exclusiveMinimum": 0}, {"type": "null"}]},
    ],
)
def test_pages_above_zero_begin_at_one(serve, schema):
    """As FastAPI writes `gt=0`."""
    client = serve(api({"page": {"schema": schema}, "limit": PAGE["limit"]}))

    assert [ids(client.get(f"/pets{query}")) for query in ("", "?page=1", "?page=3")] == [[1, 2, 3], [1, 2, 3], [7]]


@pytest.mark.parametrize("told", ["Zero-based page index.", "The page, starting at 0.", "Page (0..N)"])
def test_pages_begin_at_zero_where_the_description_says_so(serve, told):
    """Where the schema does not."""
    client = serve(api({"page": {"schema": INTEGER, "description": told}, "limit": PAGE["limit"]}))

    assert [ids(client.get(f"/pets{query}")) for query in ("", "?page=0", "?page=2")] == [[1, 2, 3], [1, 2, 3], [7]]


@pytest.mark.parametrize("first", ["", "Page=0&PageSize=3", "PageSize=3"])
def test_a_page_beside_a_token_leads_through_all_pages_and_back(serve, first):
    """Twilio's: the links never lead to the page itself, and no page has what another has."""
    parameters = {
        "PageSize": {"schema": {**INTEGER, "default": 3}},
        "Page": {"schema": {**INTEGER, "minimum": 0}},
        "PageToken": {"schema": TEXT},
    }
    client = serve(api(parameters, {"next_page_uri": LINK, "previous_page_uri": LINK, "page": INTEGER}))

    pages: list[Json] = []
    address = f"/pets?{first}"
    while address and len(pages) < 9:
        pages.append(client.get(address).json())
        split = urlsplit(pages[-1]["next_page_uri"] or "")
        address = f"{split.path}?{split.query}" if split.path else ""
    back = [client.get(pages[2]["previous_page_uri"]).json()]
    back.append(client.get(back[0]["previous_page_uri"]).json())

    assert [[pet["id"] for pet in page["pets"]] for page in pages] == [[1, 2, 3], [4, 5, 6], [7]]
    assert [page["page"] for page in pages] == [0, 1, 2]
    assert [[pet["id"] for pet in page["pets"]] for page in back] == [[4, 5, 6], [1, 2, 3]]
    assert back[1]["previous_page_uri"] is None
    assert ids(client.get("/pets?Page=1&PageSize=2")) == [3, 4]


@pytest.mark.parametrize("token", ["$skiptoken", "page_info", "pagination_token", "after_id", "continuationToken"])
def test_a_token_leads_through_all_pages(serve, token):
    """Under the names that Azure, Shopify and others give it."""
    client = serve(api({"limit": {"schema": INTEGER}, token: {"schema": TEXT}}, {"nextLink": LINK}))

    first = client.get("/pets?limit=4")
    second = client.get(first.json()["nextLink"])

    assert (ids(first), ids(second), second.json()["nextLink"]) == ([1, 2, 3, 4], [5, 6, 7], None)


@pytest.mark.parametrize(
    ("parameters", "query", "name", "schema", "value"),
    [
        (PAGE, "page=2", "petsCount", INTEGER, 7),
        (PAGE, "page=2", "pet_count", INTEGER, 7),
        (PAGE, "page=2", "numPets", INTEGER, 7),
        (PAGE, "page=2", "total_pets", INTEGER, 7),
        (PAGE, "page=2", "total", TEXT, "7"),
        (PAGE, "page=2", "max_page", INTEGER, 3),
        (PAGE, "page=2", "first_id", INTEGER, 4),
        (PAGE, "page=2", "last_id", TEXT, "6"),
        (PAGE, "page=9", "last_id", {"type": ["string", "null"]}, None),
        (PAGE, "page=2", "has_previous", FLAG, True),
        (PAGE, "page=2", "remaining", INTEGER, 1),
        (PAGE, "page=3", "size", INTEGER, 7),
        (SIZED, "page=3", "size", INTEGER, 3),
    ],
)
def test_a_member_of_the_envelope_tells_the_truth(serve, parameters, query, name, schema, value):
    """Under the names that APIs have for it."""
    assert told(serve(api(parameters, {name: schema})), query) == {name: value}


def test_a_page_tells_from_where_to_where(serve):
    """Laravel's, which counts from 1."""
    members = {"from": INTEGER, "to": INTEGER, "per_page": INTEGER, "last_page": INTEGER, "total": INTEGER}

    answer = told(serve(api(PAGE, members)), "page=3")

    assert answer == {"from": 7, "to": 7, "per_page": 3, "last_page": 3, "total": 7}


def test_size_beside_a_limit_is_how_many_there_are_on_the_page(serve):
    """Confluence's."""
    assert told(serve(api(PAGE, {"size": INTEGER, "limit": INTEGER})), "page=3") == {"size": 1, "limit": 3}


def test_headers_tell_the_truth(serve):
    """`Content-Range` as React Admin reads it."""
    answer = serve(api(PAGE)).get("/pets?page=2")

    assert (answer.headers["Content-Range"], answer.headers["X-Total-Count"]) == ("pets 3-5/7", "7")


@pytest.mark.parametrize("parameters", [{}, PAGE])
def test_a_page_has_no_more_than_its_schema_takes(serve, parameters):
    """The rest is on the next page, where there is one."""
    document = json.loads(api(parameters, {"total": INTEGER}))
    answer = document["paths"]["/pets"]["get"]["responses"]["200"]["content"]["application/json"]
    answer["schema"]["properties"]["pets"]["maxItems"] = 2
    answer["example"]["pets"] = SEVEN[:2]
    document["paths"]["/pets"]["post"] = {
        "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}}},
        "responses": {"201": {"description": "Made."}},
    }
    client = serve(json.dumps(document))

    client.post("/pets", json={"id": 8, "name": "n8"})

    assert (ids(client.get("/pets?limit=3")), told(client)) == ([1, 2], {"total": 3})
    assert not parameters or ids(client.get("/pets?limit=3&page=2")) == [8]


PET_COUNT: Json = {"type": "object", "required": ["petCount"], "properties": {"petCount": INTEGER}}


@pytest.mark.parametrize(
    ("schema", "all_of_them", "open_ones"),
    [
        (INTEGER, 7, 2),
        ({"type": "object", "required": ["count"], "properties": {"count": INTEGER}}, {"count": 7}, {"count": 2}),
        (
            {"type": "object", "required": ["total", "open"], "properties": {"total": INTEGER, "open": INTEGER}},
            {"total": 7, "open": 2},
            {"total": 2, "open": 2},
        ),
        (
            {"type": "object", "required": ["data"], "properties": {"data": {**PET_COUNT}}},
            {"data": {"petCount": 7}},
            {"data": {"petCount": 2}},
        ),
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/pets/count", "/pets/count.json", "/pets/total", "/pets/$count"])
def test_a_count_beside_a_list_counts(serve, path, schema, all_of_them, open_ones):
    """All, or those that the list's filters ask for."""
    answer = {"description": "How many.", "content": {"application/json": {"schema": schema}}}
    asked = [{"in": "query", "name": "open", "schema": FLAG}]
    client = serve(api(PAGE, **{path: {"get": {"parameters": asked, "responses": {"200": answer}}}}))

    assert [client.get(path).json(), client.get(f"{path}?open=true").json()] == [all_of_them, open_ones]


def test_a_count_may_be_a_text(serve):
    """OData's `$count`."""
    answer = {"description": "How many.", "content": {"text/plain": {"schema": INTEGER}}}
    client = serve(api(PAGE, **{"/pets/$count": {"get": {"responses": {"200": answer}}}}))

    assert client.get("/pets/$count").text == "7"
