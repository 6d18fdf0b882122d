"""Filters, sorting and searches of lists, in the ways that frameworks have of asking for them."""

from __future__ import annotations

import json

import pytest

from mockserver.json_text import Json

TEXT: Json = {"type": "string"}
BOOK: Json = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "integer"},
        "title": TEXT,
        "price": {"type": "string", "pattern": r"^-?\d{0,6}(?:\.\d{0,2})?$"},
        "state": {"type": "string", "enum": ["in_print", "sold-out", "planned"]},
        "sold": {"type": "boolean"},
        "tagList": {"type": "array", "items": TEXT},
        "author": {"type": "object", "properties": {"username": TEXT, "bio": TEXT, "id": {"type": "integer"}}},
        "awards": {
            "type": "array",
            "items": {"type": "object", "properties": {"label": TEXT, "year": {"type": "integer"}}},
        },
        "publisherId": {"type": "integer"},
        "createdAt": {"type": "string", "format": "date-time"},
        "updatedAt": {"type": "string", "format": "date-time"},
    },
}


def book(number: int, title: str, price: str, state: str, **more: Json) -> Json:
    """A book of the first days of March, changed in the opposite order."""
    days = {"createdAt": f"2026-03-0{number}T10:00:00Z", "updatedAt": f"2026-03-0{9 - number}T10:00:00Z"}
    return {"id": number, "title": title, "price": price, "state": state, **days, **more}


JANE, FRANK = {"username": "jane", "bio": "Bath", "id": 5}, {"username": "frank", "bio": "Tacoma", "id": 6}
BOOKER, HUGO = {"label": "Booker", "year": 1970}, {"label": "Hugo", "year": 1966}
BOOKS = [
    book(1, "Emma", "9.90", "in_print", sold=True, tagList=["love", "class"], author=JANE, awards=[BOOKER],
         publisherId=3),
    book(2, "Dune", "100.00", "sold-out", sold=False, tagList=["sand"], author=FRANK, awards=[HUGO], publisherId=4),
    book(3, "Persuasion", "25.00", "planned", sold=False, tagList=[], author=JANE, publisherId=3),
]  # fmt: skip


def api(*names: str, **shapes: Json) -> str:
    """A document of three books, which are asked for by these parameters."""
    parameters: list[Json] = [{"in": "query", "name": name, "schema": TEXT} for name in names]
    parameters += [{"in": "query", "name": name, **more} for name, more in shapes.items()]
    listed = {"type": "array", "items": {"$ref": "#/components/schemas/Book"}}
    answer = {"description": "All.", "content": {"application/json": {"schema": listed, "example": BOOKS}}}
    one = {"description": "One.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Book"}}}}
    at = [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}]
    paths = {
        "/books": {"get": {"parameters": parameters, "responses": {"200": answer}}},
        "/books/{id}": {"parameters": at, "get": {"responses": {"200": one}}},
    }
    document = {"openapi": "3.1.0", "info": {"title": "Books", "version": "1"}, "paths": paths}
    return json.dumps({**document, "components": {"schemas": {"Book": BOOK}}})


def found(client, query: str) -> list[int]:
    """The ids of the books that are found, in their order."""
    answer = client.get(f"/books?{query}")
    assert answer.status_code == 200, answer.text
    return [listed["id"] for listed in answer.json()]


@pytest.mark.parametrize(
    ("parameter", "value", "ids"),
    [
        ("price_gte", "25", [2, 3]),
        ("price__lt", "25.5", [1, 3]),
        ("price", "9.9", [1]),
        ("price", "100,25", [2, 3]),
        ("price", "gte:25", [2, 3]),
        ("price", "10..99", [3]),
        ("price", "<=25", [1, 3]),
        ("max_price", "30", [1, 3]),
        ("since", "2026-03-02", [2, 3]),
        ("until", "2026-03-02", [1, 2]),
        ("start_date", "2026-03-03", [3]),
        ("date_to", "2026-03-01", [1]),
        ("created_since", "2026-03-02T10:00:00Z", [2, 3]),
        ("createdAt", "2026-03-02", [2]),
        ("createdAt", "2026-03-02T11:00:00+01:00", [2]),
        ("createdAt[gte]", "2026-03-03", [3]),
        ("createdAt", "gt:2026-03-01", [2, 3]),
        ("title_cont", "u", [2, 3]),
        ("title_start", "Em", [1]),
        ("title_end", "ma", [1]),
        ("q[title_cont]", "u", [2, 3]),
        ("tag", "sand", [2]),
        ("tags", "love", [1]),
        ("author", "jane", [1, 3]),
        ("author", "5", [1, 3]),
        ("author_id", "6", [2]),
        ("author.username", "frank", [2]),
        ("author__bio", "Bath", [1, 3]),
        ("award", "Hugo", [2]),
        ("awards.year", "1970", [1]),
        ("publisher", "4", [2]),
        ("state", "IN_PRINT", [1]),
        ("state", "sold_out,planned", [2, 3]),
        ("filter[state]", "planned", [3]),
        ("awards_exists", "true", [1, 2]),
    ],
)  # fmt: skip
def test_a_parameter_filters_by_the_member_that_it_speaks_of(serve, parameter, value, ids):
    """In the spellings of DRF, Rails, JSON:API, PostgREST, Stripe, Conduit, ..."""
    client = serve(api(parameter))

    assert found(client, str(client.build_request("GET", "/", params={parameter: value}).url.query, "ascii")) == ids


@pytest.mark.parametrize(
    ("expression", "ids"),
    [
        ("state:planned", [3]),
        ("state:planned,publisherId:3", [3]),
        ("state=in_print", [1]),
        ("price:>=25", [2, 3]),
        ("title eq 'Dune'", [2]),
        ("price gt 9.9 and not (title eq 'Dune')", [3]),
        ("contains(title,'u') or sold eq true", [1, 2, 3]),
        ("startswith(title, 'Em')", [1]),
        ('author.username = "jane" AND price < 20', [1]),
        ("state==planned,state==in_print", [1, 3]),
        ("price=gt=10;publisherId==4", [2]),
        ("state in ('planned', 'in_print')", [1, 3]),
        ("state=in=(planned,in_print)", [1, 3]),
        ("title:*u*", [2, 3]),
        ("-title:Emma", [2, 3]),
        ("tagList:love", [1]),
        ("createdAt>2026-03-02", [3]),
        ("createdAt:2026-03-01..2026-03-02", [1, 2]),
        ('{"where": {"price": {"gt": 50}}}', [2]),
        ('{"state": "planned"}', [3]),
        ("planned", [3]),
        ("sold", [1]),
        ("persua", [3]),
        ("all", [1, 2, 3]),
        ("weather = 'fine'", [1, 2, 3]),
        ("((((", [1, 2, 3]),
    ],
)
def test_an_expression_filters_by_what_it_says(serve, expression, ids):
    """OData, AIP-160, RSQL, LoopBack, `member:value`; what speaks of no member leaves nothing out."""
    client = serve(api("filter"))

    assert found(client, str(client.build_request("GET", "/", params={"filter": expression}).url.query, "ascii")) == ids


@pytest.mark.parametrize("parameter", ["q", "query", "search", "searchTerm", "keyword"])
@pytest.mark.parametrize(
    ("words", "ids"),
    [("PERSUA", [3]), ("bath", [1, 3]), ("bath emma", [1]), ("hugo", [2]), ("love", [1]), ("nowhere", [])],
)
def test_a_search_looks_into_all_texts(serve, parameter, words, ids):
    """Whatever their case, of the record, of its lists and of objects in it; every word has to be there."""
    assert found(serve(api(parameter)), f"{parameter}={words}") == ids


def test_conditions_stand_among_the_words_of_a_search(serve):
    """As GitHub and Stripe have it; a colon that belongs to no member is text."""
    client = serve(api("q"))

    assert found(client, "q=bath+state:planned") == [3]
    assert found(client, "q=price%3E20+AND+publisherId:4") == [2]
    assert found(client, "q=weather:fine") == []


@pytest.mark.parametrize(
    ("by", "ids"),
    [
        ("price", [1, 3, 2]), ("-price", [2, 3, 1]), ("price desc", [2, 3, 1]), ("price_asc", [1, 3, 2]),
        ("author.username", [2, 1, 3]), ("newest", [3, 2, 1]), ("oldest", [1, 2, 3]), ("createdAt,desc", [3, 2, 1]),
        ("updatedAt", [3, 2, 1]),
    ],
)  # fmt: skip
def test_a_list_is_sorted_by_amounts_and_times(serve, by, ids):
    """`9.90` comes before `25.00`, and that before `100.00`."""
    assert found(serve(api("sort")), f"sort={by}") == ids


def test_a_description_says_how_a_parameter_compares(serve):
    """A part of the name where it says so, the time that it names."""
    parts = {"schema": TEXT, "description": "Books whose title contains this."}
    changed = {"schema": {**TEXT, "format": "date-time"}, "description": "Only those updated after this time."}
    client = serve(api(title=parts, since=changed))

    assert found(client, "title=UN") == [2]
    assert found(client, "since=2026-03-07T00:00:00Z") == [1, 2]


def test_a_person_is_no_time(serve):
    """`from` and `to` bound times only where something says that they are times, be it what stands beside them."""
    span = serve(api("from", "until"))

    assert found(span, "from=2026-03-02&until=2026-03-02") == [2]
    assert found(serve(api("to")), "to=2020-01-01") == [1, 2, 3]
    assert found(serve(api(to={"schema": {**TEXT, "format": "date"}})), "to=2020-01-01") == []


def test_what_only_requests_declare_can_be_asked_for(serve):
    """A writeOnly member, and one that only the body of POST has; no answer shows either."""
    document = json.loads(api("reader", "shelf"))
    document["components"]["schemas"]["Book"]["properties"]["reader"] = {"type": "integer", "writeOnly": True}
    own = {"type": "object", "properties": {"shelf": TEXT}}
    taken = {"allOf": [{"$ref": "#/components/schemas/Book"}, own]}
    made = {"description": "Made.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Book"}}}}
    document["paths"]["/books"]["post"] = {
        "requestBody": {"content": {"application/json": {"schema": taken}}},
        "responses": {"201": made},
    }
    client = serve(json.dumps(document))

    client.post("/books", json={"id": 9, "title": "Kim", "reader": 7, "shelf": "low"})

    assert [found(client, query) for query in ("reader=7", "reader=8", "shelf=low", "shelf=high")] == [[9], [], [9], []]
    assert client.get("/books?reader=7").json()[0].keys() == {"id", "title", "createdAt", "updatedAt"}
