"""Pages of lists, in the ways that APIs have of asking for them: each leads to the next, and the last to none."""

from __future__ import annotations

import json

import pytest

from mockserver.json_text import Json

INTEGER, TEXT = {"type": "integer"}, {"type": "string"}
ITEM = {
    "type": "object",
    "required": ["id"],
    "properties": {"id": INTEGER, "name": TEXT, "fields": TEXT, "day": {"type": "string", "format": "date"}},
}
SEVEN = [{"id": number, "name": f"n{number}", "fields": "x", "day": f"2026-01-0{number}"} for number in range(1, 8)]


def api(parameters: dict[str, Json], envelope: Json = None, method: str = "get", body: Json = None) -> str:
    """A document of seven items, listed with these parameters in an envelope with these members."""
    schema: Json = {"type": "array", "items": {"$ref": "#/components/schemas/Item"}}
    example: Json = SEVEN
    if envelope is not None:
        schema = {"type": "object", "required": ["items"], "properties": {"items": schema, **envelope}}
        example = {"items": SEVEN}
    content = {"application/json": {"schema": schema, "example": example}}
    listed = {
        "parameters": [{"in": "query", "name": name, **more} for name, more in parameters.items()],
        "responses": {"200": {"description": "A page.", "headers": {"Link": {"schema": TEXT}}, "content": content}},
    }
    one = {"description": "One.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Item"}}}}
    at = [{"name": "id", "in": "path", "required": True, "schema": INTEGER}]
    paths: Json = {"/items": {"get": listed}, "/items/{id}": {"parameters": at}}
    paths["/items/{id}"] |= {
        "get": {"responses": {"200": one, "404": {"description": "None."}}},
        "delete": {"responses": {"204": {"description": "Gone."}}},
        "put": {"requestBody": {"content": {"application/json": {"schema": ITEM}}}, "responses": {"200": one}},
    }
    if body is not None:
        taken = {"content": {"application/json": {"schema": {"type": "object", "properties": body}}}}
        paths["/items"][method] = {**listed, "requestBody": taken}
    document = {"openapi": "3.2.0", "info": {"title": "Items", "version": "1"}, "paths": paths}
    return json.dumps({**document, "components": {"schemas": {"Item": ITEM}}})


def ids(answer):
    """Which items a page has."""
    assert answer.status_code == 200, answer.text
    told = answer.json()
    return [item["id"] for item in (told["items"] if isinstance(told, dict) else told)]


def walk(client, start, step):
    """The ids of all pages, each asked for as the one before says."""
    found: list[int] = []
    address = start
    while address and len(found) < 20:
        answer = client.get(address)
        found += ids(answer)
        address = step(answer)
    return found


def by_link(answer):
    """Where `Link` says that the next page is."""
    return answer.links.get("next", {}).get("url")


@pytest.mark.parametrize(
    ("parameters", "start"),
    [
        ({"page": {"schema": INTEGER}, "limit": {"schema": INTEGER}}, "/items?limit=3"),
        ({"page": {"schema": TEXT}, "limit": {"schema": INTEGER}}, "/items?limit=3&page=1"),
        ({"offset": {"schema": INTEGER}, "limit": {"schema": INTEGER}}, "/items?limit=3"),
        ({"cursor": {"schema": TEXT}, "limit": {"schema": INTEGER}}, "/items?limit=3"),
        ({"cursor": {"schema": INTEGER}, "limit": {"schema": INTEGER}}, "/items?limit=3"),
        ({"startIndex": {"schema": {"type": "integer", "minimum": 1}}, "count": {"schema": INTEGER}}, "/items?count=3"),
    ],
)
def test_links_lead_through_all_pages(serve, parameters, start):
    """Once each, and to an end."""
    assert walk(serve(api(parameters)), start, by_link) == [1, 2, 3, 4, 5, 6, 7]


def test_the_first_page_of_cursors_has_none(serve):
    """Whichever page says so."""
    client = serve(api({"cursor": {"schema": TEXT}, "limit": {"schema": INTEGER}}))
    first = client.get("/items?limit=1")
    second = client.get(first.links["next"]["url"])

    assert (ids(first), ids(second)) == ([1], [2])
    assert client.get(second.links["first"]["url"]).json() == first.json()


@pytest.mark.parametrize(
    ("parameters", "mark", "name"),
    [
        ({"offset": {"schema": INTEGER}, "limit": {"schema": INTEGER}}, {"next_offset": INTEGER}, "offset"),
        ({"page": {"schema": INTEGER}, "limit": {"schema": INTEGER}}, {"next": TEXT}, "page"),
        ({"cursor": {"schema": INTEGER}, "limit": {"schema": INTEGER}}, {"next_cursor": INTEGER}, "cursor"),
        ({"cursor": {"schema": TEXT}, "limit": {"schema": INTEGER}}, {"next_cursor": TEXT}, "cursor"),
    ],
)
def test_marks_lead_through_all_pages(serve, parameters, mark, name):
    """A number, an offset or a cursor, as a number or as a text."""
    client, [told] = serve(api(parameters, mark)), mark

    def step(answer):
        following = answer.json().get(told)
        return f"/items?limit=3&{name}={following}" if following not in (None, "") else None

    assert walk(client, "/items?limit=3", step) == [1, 2, 3, 4, 5, 6, 7]


def test_a_page_may_be_an_object(serve):
    """JSON:API's, as one parameter."""
    page = {"type": "object", "properties": {"number": INTEGER, "size": INTEGER}}
    client = serve(api({"page": {"style": "deepObject", "schema": page}}))

    assert ids(client.get("/items?page[number]=2&page[size]=3")) == [4, 5, 6]
    assert ids(client.get("/items?page[size]=2")) == [1, 2]


def test_what_cannot_be_turned_has_no_next(serve):
    """A limit alone leads nowhere, and must not lead to itself."""
    answer = serve(api({"limit": {"schema": INTEGER}}, {"next": TEXT})).get("/items?limit=2")

    assert (ids(answer), by_link(answer)) == ([1, 2], None)
    assert answer.json().get("next") in (None, "")


def test_a_cursor_that_is_gone_leads_on(serve):
    """From where it was, as far as numbers tell."""
    client = serve(api({"cursor": {"schema": TEXT}, "limit": {"schema": INTEGER}}))
    client.delete("/items/3")

    assert ids(client.get("/items?limit=3&cursor=3")) == [4, 5, 6]
    for item in (1, 2, 4, 5, 6, 7):
        client.delete(f"/items/{item}")
    assert ids(client.get("/items?limit=3&cursor=3")) == []


@pytest.mark.parametrize("token", [TEXT, {"type": "string", "pattern": "^tok_[A-Z]{2}"}])
@pytest.mark.parametrize("sort", ["", "&sort=-id"])
def test_each_page_can_be_deleted_before_the_next_is_asked_for(serve, token, sort):
    """As clients do that clear a list: the cursor of what is gone leads on."""
    envelope = {"next_cursor": {**token, "type": ["string", "null"]}}
    parameters = {"cursor": {"schema": token}, "limit": {"schema": INTEGER}, "sort": {"schema": TEXT}}
    client = serve(api(parameters, envelope))

    def step(answer):
        for item in ids(answer):
            client.delete(f"/items/{item}")
        following = answer.json().get("next_cursor")
        return f"/items?limit=3{sort}&cursor={following}" if following else None

    assert sorted(walk(client, f"/items?limit=3{sort}", step)) == [1, 2, 3, 4, 5, 6, 7]
    assert ids(client.get("/items")) == []


def test_a_cursor_that_is_gone_from_a_list_of_another_order_is_told(serve):
    """Nobody knows where it stood, and no record is passed over in silence."""
    parameters = {"cursor": {"schema": TEXT}, "limit": {"schema": INTEGER}, "sort": {"schema": TEXT}}
    client = serve(api(parameters, {"next_cursor": {"type": ["string", "null"]}}))
    for item, name in enumerate("adbcxyz", 1):
        client.put(f"/items/{item}", json={"id": item, "name": name})
    for item in (5, 6, 7, 1, 3):
        client.delete(f"/items/{item}")

    answer = client.get("/items?limit=2&sort=name&cursor=3")

    assert "ignored-parameters" in answer.headers["Mock-Assumption"]


def test_each_page_can_be_changed_so_that_it_leaves_the_list(serve):
    """As workers do that take what is open: the next page begins behind it."""
    client = serve(api({"cursor": {"schema": TEXT}, "limit": {"schema": INTEGER}, "fields": {"schema": TEXT}}))

    def step(answer):
        for item in ids(answer):
            client.put(f"/items/{item}", json={"id": item, "name": "", "fields": "done"})
        return by_link(answer)

    assert walk(client, "/items?limit=3&fields=x", step) == [1, 2, 3, 4, 5, 6, 7]


def test_what_stands_before_has_more_before_it(serve):
    """As Stripe's `ending_before`."""
    paging = {"starting_after": {"schema": TEXT}, "ending_before": {"schema": TEXT}, "limit": {"schema": INTEGER}}
    client = serve(api(paging, {"has_more": {"type": "boolean"}}))

    before = [client.get(f"/items?limit=2&ending_before={item}") for item in (1, 3, 4)]

    assert [ids(answer) for answer in before] == [[], [1, 2], [2, 3]]
    assert [answer.json()["has_more"] for answer in before] == [False, False, True]
    assert [by_link(answer) is not None for answer in before[1:]] == [True, True]


def test_scim_counts_from_one(serve):
    """And tells so."""
    paging = {"startIndex": {"schema": {"type": "integer", "minimum": 1}}, "count": {"schema": INTEGER}}
    client = serve(api(paging, {"startIndex": INTEGER, "totalResults": INTEGER}))

    told = client.get("/items?startIndex=4&count=2").json()

    assert (told["startIndex"], told["totalResults"], [item["id"] for item in told["items"]]) == (4, 7, [4, 5])


@pytest.mark.parametrize(
    ("parameters", "first"),
    [
        ({"offset": {"schema": TEXT}, "limit": {"schema": TEXT}}, 0),
        ({"offset": {"schema": TEXT, "description": "The initial index."}, "limit": {"schema": INTEGER}}, 0),
        ({"skip": {"schema": TEXT}, "limit": {"schema": INTEGER}}, 0),
        ({"offset": {"schema": {"type": "string", "default": "0"}}, "limit": {"schema": INTEGER}}, 0),
        ({"offset": {"schema": {"type": "integer", "default": 1, "minimum": 1}}, "limit": {"schema": INTEGER}}, 1),
        ({"startAt": {"schema": {"type": "integer", "default": 1}}, "limit": {"schema": INTEGER}}, 1),
    ],
)
def test_an_offset_may_be_a_text_and_may_begin_with_one(serve, parameters, first):
    """The document says so by its names, descriptions, defaults and least values."""
    client, name = serve(api(parameters)), next(iter(parameters))

    pages = [ids(client.get(f"/items?limit=3&{name}={first + skipped}")) for skipped in (0, 2, 6, 9)]

    assert ids(client.get("/items?limit=3")) == [1, 2, 3]
    assert pages == [[1, 2, 3], [3, 4, 5], [7], []]


@pytest.mark.parametrize("schema", [{"type": "integer", "format": "int32"}, {"type": "integer", "minimum": -1}])
def test_a_least_number_below_zero_says_nothing_of_pages(serve, schema):
    """The first page is 1, whatever numbers the format allows."""
    client = serve(api({"page": {"schema": schema}, "limit": {"schema": INTEGER}}))

    assert [ids(client.get(f"/items?limit=3&page={page}")) for page in (1, 2, 3)] == [[1, 2, 3], [4, 5, 6], [7]]


def test_a_cursor_that_no_record_has_is_told(serve):
    """The page is empty, and not in silence."""
    client = serve(api({"cursor": {"schema": TEXT}, "limit": {"schema": INTEGER}}))

    answer = client.get("/items?limit=3&cursor=garbage")

    assert ids(answer) == []
    assert answer.headers["Mock-Assumption"] == (
        "zoo.ignored-parameters=no record has the cursor in cursor; the page is empty"
    )


def test_a_cursor_beside_a_page_number_is_one(serve):
    """Whichever of both this page was asked for by; the number of the next page is none."""
    paging = {"page": {"schema": {"type": "integer", "default": 1}}, "cursor": {"schema": TEXT}}
    client = serve(api({**paging, "limit": {"schema": INTEGER}}, {"next_cursor": TEXT, "next_page": INTEGER}))

    for query, following, numbered in (("", [4, 5, 6], [4, 5, 6]), ("&page=2", [7], [7])):
        told = client.get(f"/items?limit=3{query}").json()
        assert ids(client.get(f"/items?limit=3&cursor={told['next_cursor']}")) == following
        assert ids(client.get(f"/items?limit=3&page={told['next_page']}")) == numbered


def test_a_cursor_stands_among_those_that_are_asked_for(serve):
    """Whatever filters leave out before it, and whichever way they are sorted."""
    paging = {"cursor": {"schema": TEXT}, "limit": {"schema": INTEGER}}
    client = serve(api({**paging, "name": {"schema": TEXT}, "sort": {"schema": TEXT}}))
    for item in (2, 5, 6, 7):
        client.put(f"/items/{item}", json={"id": item, "name": "n2"})

    assert ids(client.get("/items?name=n2&cursor=2")) == [5, 6, 7]
    assert walk(client, "/items?name=n2&limit=1", by_link) == [2, 5, 6, 7]
    assert walk(client, "/items?sort=-id&limit=3", by_link) == [7, 6, 5, 4, 3, 2, 1]


def test_cursors_are_of_the_form_that_is_asked_for(serve):
    """Where ids are none, each record has one of its own."""
    token = {"type": "string", "pattern": "^tok_[A-Z]{2}"}
    client = serve(api({"cursor": {"schema": token}, "limit": {"schema": INTEGER}}, {"next_cursor": token}))

    def step(answer):
        following = answer.json().get("next_cursor")
        return f"/items?limit=2&cursor={following}" if following else None

    assert walk(client, "/items?limit=2", step) == [1, 2, 3, 4, 5, 6, 7]
    assert client.get("/items?limit=2").json()["next_cursor"][:4] == "tok_"


def test_links_that_only_an_example_has_lead_here(serve):
    """And not to the pages of whoever wrote it; what is not there is left out."""
    there = {"next": "https://api.example.com/items?page=4", "prev": "https://api.example.com/items?page=2"}
    links = {"links": {"type": "object", "example": there}}
    client = serve(api({"page": {"schema": INTEGER}, "limit": {"schema": INTEGER}}, links))

    told = client.get("/items?limit=3").json()

    assert told["links"] == {"next": "http://127.0.0.1:4010/items?limit=3&page=2"}


def test_cursors_are_numbers_also_where_ids_are_none(serve):
    """They lead through all pages, and one behind the last record to an empty page."""
    document = json.loads(api({"cursor": {"schema": INTEGER}, "limit": {"schema": INTEGER}}, {"next_cursor": TEXT}))
    document["components"]["schemas"]["Item"]["properties"]["id"] = TEXT
    document["paths"]["/items/{id}"]["parameters"][0]["schema"] = TEXT
    content = document["paths"]["/items"]["get"]["responses"]["200"]["content"]["application/json"]
    content["example"] = {"items": [{"id": name} for name in "abcd"]}
    client = serve(json.dumps(document))

    behind = client.get("/items?limit=2&cursor=50")

    assert (ids(behind), by_link(behind)) == ([], None)
    assert walk(client, "/items?limit=3", by_link) == ["a", "b", "c", "d"]
    assert client.get("/items?limit=3").json()["next_cursor"] == "3"


@pytest.mark.parametrize("turning", ["page", "offset", "cursor"])
def test_nothing_may_be_asked_for(serve, turning):
    """Only how many there are: the page that follows would be the same."""
    limit = {"schema": {"type": "integer", "minimum": 0}}
    client = serve(api({"limit": limit, turning: {"schema": TEXT}}, {"total": INTEGER}))

    answer = client.get("/items?limit=0")

    assert (answer.json(), by_link(answer)) == ({"items": [], "total": 7}, None)


def test_a_large_number_that_is_gone_leads_on_too(serve):
    """However many digits ids have."""
    large = [{"id": 10**18 * 9 + number, "name": "n"} for number in range(1, 5)]
    document = json.loads(api({"cursor": {"schema": TEXT}, "limit": {"schema": INTEGER}}))
    listed = document["paths"]["/items"]["get"]["responses"]["200"]["content"]["application/json"]
    listed["example"] = large
    client = serve(json.dumps(document))
    client.delete(f"/items/{large[1]['id']}")

    assert ids(client.get(f"/items?cursor={large[1]['id']}")) == [item["id"] for item in large[2:]]


@pytest.mark.parametrize(
    ("parameters", "query", "found"),
    [
        ({"from": {"schema": {"type": "string", "format": "date"}}}, "from=2026-01-03", 5),
        ({"after": {"schema": {"type": "string", "format": "date-time"}}}, "after=2020-01-01T00:00:00Z", 7),
        ({"fields": {"schema": TEXT}}, "fields=id,name", 7),
        ({"day_from": {"schema": TEXT}}, "day_from=2026-01-03", 5),
        ({"day": {"schema": TEXT}}, "day=2026-01-03,2026-01-04", 2),
        ({"id": {"schema": {"type": "number"}}}, "id=3.0", 1),
        ({"name": {"schema": TEXT}}, "name=none", 0),
        ({"name": {"schema": {"type": "string", "default": "none"}}}, "name=none", 7),
        ({"name": {"schema": {"type": "object"}, "style": "deepObject"}}, "name[nonsense]=3", 7),
        ({"page": {"schema": INTEGER}, "offset": {"schema": INTEGER}, "limit": {"schema": INTEGER}}, "offset=5", 2),
    ],
)
def test_a_parameter_is_what_it_looks_like(serve, parameters, query, found):
    """A time is no cursor, and what says how the answer looks chooses nothing."""
    assert len(ids(serve(api(parameters)).get(f"/items?{query}"))) == found


@pytest.mark.parametrize("sort", ["name_desc", "-name", "name:desc", "name-desc"])
def test_the_order_may_stand_behind_the_name(serve, sort):
    """Both ways."""
    client = serve(api({"sort": {"schema": TEXT}}))

    assert ids(client.get(f"/items?sort={sort}"))[0] == 7
    assert ids(client.get(f"/items?sort={sort.replace('desc', 'asc').lstrip('-')}"))[0] == 1


def test_a_body_that_asks_has_no_link(serve):
    """An address cannot say what the body said."""
    client = serve(api({}, method="query", body={"limit": INTEGER, "page": INTEGER}))

    answer = client.request("QUERY", "/items", json={"limit": 3, "page": 2})

    assert (ids(answer), "Link" in answer.headers) == ([4, 5, 6], False)


@pytest.mark.parametrize(
    ("parameters", "query"),
    [
        ({"limit": {"schema": TEXT}}, "limit=" + "9" * 5000),
        ({"day_after": {"schema": TEXT}}, "day_after=Mon, 01 Jan 2024 00:00:00 -0000"),
        ({"day_after": {"schema": TEXT}}, "day_after=nan"),
        ({"filter": {"style": "deepObject", "schema": {"type": "object"}}}, f"filter[{'_' * 20_000}-]=1"),
        ({"filter": {"style": "deepObject", "schema": {"type": "object"}}}, "filter[" + "filter[x" * 3000 + "]=1"),
    ],
)
def test_odd_values_and_names_cost_nothing(serve, parameters, query):
    """And break nothing."""
    client = serve(api(parameters))

    assert client.get(f"/items?{query}").status_code in (200, 400, 422)


def test_names_in_a_body_cost_nothing_either(serve):
    """However deep they are nested in brackets."""
    client = serve(api({}, method="query", body={"filter": {"type": "object"}}))
    names = ["filter[filter]" + "[filter]" * 20_000 + "[id]", "_" * 20_000 + "-"]

    for name in names:
        assert ids(client.request("QUERY", "/items", json={"filter": {name: 1}})) == [1, 2, 3, 4, 5, 6, 7]
