"""Records read and written past the API, over the wire."""

from pathlib import Path

import httpx
import pytest

from mockserver.server import Options, create_mock

SUMMER = "d47f2e1a-8c3b-4a5d-9e6f-1234567890ab"
NEW = "0b6ed6a5-3a5c-4b52-9a2b-0d8f2d3f8a11"
LINKS = "/state/xqr/links"
LINK = {
    "id": NEW,
    "short_url": "https://xqr.co/winter",
    "short_code": "winter",
    "destination": "https://example.com/winter",
    "enabled": True,
    "labels": [],
    "routing_rules": [],
    "scan_count": 0,
    "last_scan_at": None,
    "expires_at": None,
    "created_at": "2026-03-20T10:00:00Z",
    "updated_at": "2026-03-20T10:00:00Z",
    "_workspace": "ws_a1b2c3d4-e5f6-7890-abcd-ef1234567890",
}


def broken_at(answer: httpx.Response) -> list[tuple[str, str]]:
    """Where the violations are that the answer names, and which keyword each breaks."""
    return [(violation["pointer"], violation["keyword"]) for violation in answer.json()["violations"]]


def test_collections_are_listed_with_the_number_of_their_records(control):
    """Each collection tells its size, its id and its schema."""
    before = control.get("/state/xqr").json()["collections"]

    control.post(LINKS, json=LINK)

    after = control.get("/state/xqr").json()["collections"]
    assert {**before[2], "count": before[2]["count"] + 1} == after[2]
    assert (after[2]["name"], after[2]["idMember"], after[2]["schema"]) == ("links", "id", "Link")
    assert [collection["name"] for collection in after] == [
        "workspaces",
        "keys",
        "links",
        "scans",
        "members",
        "webhooks",
        "deliveries",
    ]


def test_records_are_paged_in_the_order_of_their_birth(control):
    """`limit` and `offset` cut a page out of all of them."""
    first = control.get(LINKS).json()
    records, total = first["records"], first["meta"]["total"]

    page = control.get(LINKS, params={"limit": 2, "offset": 1}).json()

    assert page["records"] == records[1:3]
    assert page["meta"] == {"total": total, "limit": 2, "offset": 1}
    assert records[0]["id"] == SUMMER


def test_a_record_shows_the_members_of_the_mock_itself(control):
    """What a client never sees is seen here, in its place."""
    record = control.get(f"{LINKS}/{SUMMER}").json()

    assert record["_workspace"] == "ws_a1b2c3d4-e5f6-7890-abcd-ef1234567890"


def test_an_inserted_record_is_there_for_the_api(control, xqr):
    """A new record is answered as it is kept, has an address, and is the API's from now on."""
    answer = control.post(LINKS, json=LINK)

    assert (answer.status_code, answer.json()) == (201, LINK)
    assert control.get(answer.headers["Location"]).json() == LINK
    assert xqr.get(f"/api/v1/links/{NEW}").json()["data"]["short_code"] == "winter"


def test_an_id_is_given_once(control):
    """A second record with the same id is a conflict that changes nothing."""
    control.post(LINKS, json=LINK)

    answer = control.post(LINKS, json={**LINK, "short_code": "other"})

    assert answer.status_code == 409
    assert control.get(f"{LINKS}/{NEW}").json() == LINK


def test_put_makes_a_record_and_replaces_it(control):
    """201 where there was none, 200 where there was one; what is sent is what is kept."""
    made = control.put(f"{LINKS}/{NEW}", json=LINK)
    replaced = control.put(f"{LINKS}/{NEW}", json={**LINK, "scan_count": 3})

    assert (made.status_code, replaced.status_code) == (201, 200)
    assert control.get(f"{LINKS}/{NEW}").json() == {**LINK, "scan_count": 3}


def test_put_takes_the_id_from_the_address(control):
    """A record without its id gets the one in the address."""
    record = {name: value for name, value in LINK.items() if name != "id"}

    answer = control.put(f"{LINKS}/{NEW}", json=record)

    assert answer.json()["id"] == NEW


def test_put_keeps_a_record_at_its_place(control):
    """A replaced record stands where the one before stood."""
    record = control.get(f"{LINKS}/{SUMMER}").json()

    control.put(f"{LINKS}/{SUMMER}", json={**record, "scan_count": 1})

    assert control.get(LINKS, params={"limit": 1}).json()["records"][0]["id"] == SUMMER


def test_patch_lays_members_over_a_record(control, xqr):
    """Members that were sent are new, null among them; the others stay."""
    answer = control.patch(f"{LINKS}/{SUMMER}", json={"enabled": False, "expires_at": None})

    assert (answer.status_code, answer.json()["enabled"], answer.json()["expires_at"]) == (200, False, None)
    assert xqr.get(f"/api/v1/links/{SUMMER}").json()["data"]["enabled"] is False
    assert answer.json()["short_code"] == "summer24"


def test_a_deleted_record_is_gone(control, xqr):
    """For the API and for the control API."""
    answer = control.delete(f"{LINKS}/{SUMMER}")

    assert (answer.status_code, answer.content) == (204, b"")
    assert xqr.get(f"/api/v1/links/{SUMMER}").status_code == 404
    assert control.get(f"{LINKS}/{SUMMER}").status_code == 404


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_a_record_that_is_not_there_is_not_found(control, method):
    """Nothing is made by asking for it."""
    answer = control.request(method, f"{LINKS}/{NEW}", json={})

    assert answer.status_code == 404
    assert NEW in answer.json()["detail"]


def test_ids_are_numbers_where_the_fixtures_have_numbers(control):
    """`5066` in the address is the record whose id is the number 5066."""
    group = control.get("/state/vivoldi/groups/5066")

    moved = control.put("/state/vivoldi/groups/9001", json={**group.json(), "idx": 9001})

    assert group.json()["idx"] == 5066
    assert moved.status_code == 201
    assert control.get("/state/vivoldi/groups/9001").json()["idx"] == 9001


@pytest.mark.parametrize("text", ["05066", "5066.0", "abc", "1" * 30])
def test_a_number_has_one_spelling(control, text):
    """What is no number as JSON has it is no id of such a collection."""
    read = control.get(f"/state/vivoldi/groups/{text}")
    written = control.put(f"/state/vivoldi/groups/{text}", json={})

    assert (read.status_code, written.status_code) == (404, 422)
    assert written.json()["violations"][0]["pointer"] == "/id"


def test_an_id_may_have_slashes_and_spaces_in_it(control):
    """The address quotes what an id has; all of it is the id."""
    key = control.get("/state/xqr/keys").json()["records"][0]

    answer = control.post("/state/xqr/keys", json={**key, "key": "a/b c?"})

    assert answer.headers["Location"].endswith("/keys/a%2Fb%20c%3F")
    assert control.get(answer.headers["Location"]).json()["key"] == "a/b c?"


@pytest.mark.port
def test_an_id_may_have_any_letters(control):
    """The address quotes them as UTF-8."""
    key = control.get("/state/xqr/keys").json()["records"][0]

    answer = control.post("/state/xqr/keys", json={**key, "key": "é€😀"})

    assert control.get(answer.headers["Location"]).json()["key"] == "é€😀"


BAD_RECORDS = {
    "a wrong type": ({"enabled": "yes"}, [("/enabled", "type")]),
    "two at once": ({"enabled": 1, "labels": [7]}, [("/enabled", "type"), ("/labels/0", "type")]),
    "a bad format": ({"created_at": "2026-13-01T00:00:00Z"}, [("/created_at", "format")]),
    "a bad pattern": ({"destination": "not a URI"}, [("/destination", "pattern")]),
    "an unknown member": ({"colour": "red"}, [("", "additionalProperties")]),
}


@pytest.mark.parametrize(("changes", "expected"), BAD_RECORDS.values(), ids=BAD_RECORDS.keys())
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_a_record_that_breaks_its_schema_is_refused(control, method, changes, expected):
    """Every violation is named, and nothing is written."""
    target = {"POST": LINKS, "PUT": f"{LINKS}/{NEW}", "PATCH": f"{LINKS}/{SUMMER}"}[method]
    before = control.get(LINKS).json()

    answer = control.request(method, target, json=changes if method == "PATCH" else {**LINK, **changes})

    assert (answer.status_code, sorted(broken_at(answer))) == (422, sorted(expected))
    assert control.get(LINKS).json() == before


def test_what_is_missing_is_named_with_the_members_of_the_mock(control, xqr):
    """A record that handlers could not work with is refused, not found out by the next request."""
    record = {name: value for name, value in LINK.items() if name not in ("_workspace", "labels")}

    answer = control.post(LINKS, json=record)

    assert (answer.status_code, broken_at(answer)) == (422, [("/_workspace", "required"), ("/labels", "required")])
    assert xqr.get("/api/v1/links").status_code == 200


def test_a_collection_without_a_schema_wants_what_its_records_share(control):
    """A key without an owner would break every request that it is sent with."""
    answer = control.post("/state/xqr/keys", json={"key": "k"})

    assert answer.status_code == 422
    assert ("/workspace", "required") in broken_at(answer)


BAD_IDS = {"none": {}, "null": {"id": None}, "a list": {"id": ["a"]}, "empty": {"id": ""}, "a number": {"id": 7}}


@pytest.mark.parametrize("given", BAD_IDS.values(), ids=BAD_IDS.keys())
def test_a_new_record_needs_an_id_of_its_kind(control, given):
    """The violation stands at the member that holds the id."""
    record = {name: value for name, value in LINK.items() if name != "id"}

    answer = control.post(LINKS, json={**record, **given})

    assert answer.status_code == 422
    assert broken_at(answer)[0][0] == "/id"


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
@pytest.mark.parametrize("other", [NEW, 7, True, None, ["x"]])
def test_a_record_keeps_its_id(control, method, other):
    """The id in the body is the one in the address, or is left out."""
    record = control.get(f"{LINKS}/{SUMMER}").json()

    answer = control.request(method, f"{LINKS}/{SUMMER}", json={**record, "id": other})

    assert (answer.status_code, broken_at(answer)) == (422, [("/id", "const")])
    assert control.get(f"{LINKS}/{SUMMER}").json() == record


@pytest.mark.parametrize(
    "path", ["/state/nowhere", "/state/nowhere/links", "/state/xqr/nothing", "/state/xqr/nothing/1"]
)
def test_what_is_not_served_has_no_state(control, path):
    """The answer names what there is."""
    answer = control.get(path)

    assert answer.status_code == 404
    assert "xqr" in answer.json()["detail"]


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "limit=x", "offset=-1"])
def test_a_page_has_bounds(control, query):
    """What cannot be a page is refused by the parameter's name."""
    answer = control.get(f"{LINKS}?{query}")

    assert answer.status_code == 422
    assert broken_at(answer)[0][0] == "/" + query.partition("=")[0]


def test_a_member_of_a_client_may_begin_with_an_underscore(tmp_path):
    """A record that has one is changed as any other; a member more of that kind is refused as before."""
    document = Path(__file__).parent.parent.parent / "examples" / "pets.yaml"
    mock = create_mock(Options(apis=(str(document),)))
    with httpx.Client(transport=httpx.WSGITransport(app=mock.app), base_url="http://localhost:4010") as client:
        made = client.post("/pets", json={"name": "Coco", "species": "parrot", "_note": "shy"}).json()
        record = f"/__admin/state/pets/pets/{made['id']}"

        changed = client.patch(record, json={"name": "Coco the Second", "_note": "bold"})
        refused = client.patch(record, json={"_more": 1})

    assert (changed.status_code, changed.json()["_note"], changed.json()["name"]) == (200, "bold", "Coco the Second")
    assert (refused.status_code, broken_at(refused)) == (422, [("/_more", "additionalProperties")])


@pytest.mark.parametrize(("text", "found"), [("SUMMER24", 1), ("summer-sale", 1), ("nothing", 0), ("é", 0)])
def test_records_are_found_by_text(control, text, found):
    """In any name or value, in any case; pages are those of what was found."""
    listed = control.get(LINKS, params={"text": text, "limit": 5}).json()

    assert (len(listed["records"]), listed["meta"]) == (found, {"total": found, "limit": 5, "offset": 0})
