"""What is sent to a document served without configuration is remembered: created, read, listed, changed, gone."""

import pytest

MERGE = {"Content-Type": "application/merge-patch+json"}
PATCH = {"Content-Type": "application/json-patch+json"}


@pytest.fixture
def shop(serve):
    """Customers, their orders, one of some things."""
    return serve("shop")


@pytest.fixture
def pets(serve):
    """The pet store, as OpenAPI 2.0 has it."""
    return serve("petstore2")


# Creating and reading


def test_what_was_created_is_read_back(shop):
    """With an id and a moment that only the server knows, and without what was not sent."""
    status, made = shop("POST", "/customers", {"name": "Dee"})

    read = shop("GET", f"/customers/{made['id']}")

    assert (status, made["name"], "city" in made) == (201, "Dee", False)
    assert read == (200, made)


def test_a_new_id_is_one_that_nobody_had(shop):
    """Not even when the last record is gone."""
    _, first = shop("POST", "/customers", {"name": "Dee"})
    shop("DELETE", f"/customers/{first['id']}")

    _, second = shop("POST", "/customers", {"name": "Eve"})

    assert (first["id"], second["id"]) == (13, 14)


def test_the_answer_says_where_the_new_record_stands(shop):
    """`Location` is declared."""
    answer = shop.client.post("/customers", json={"name": "Dee"})

    assert answer.headers["Location"].endswith("/api/customers/13")


def test_a_client_may_choose_the_id_where_the_body_has_it(pets):
    """The next one that the server chooses comes after it."""
    pets("POST", "/pet", {"id": 77, "name": "Rex", "photoUrls": []})

    _, next_one = pets("POST", "/pet", {"name": "Max", "photoUrls": []})

    assert pets("GET", "/pet/77") == (200, {"id": 77, "name": "Rex", "photoUrls": []})
    assert next_one["id"] == 78


def test_what_only_requests_have_is_not_shown(shop):
    """`secret` is no member of an order."""
    _, order = shop("POST", "/customers/7/orders", {"reference": "r1", "secret": "s"})

    assert (order["reference"], order["customer_id"], "secret" in order) == ("r1", 7, False)


def test_a_new_record_is_in_its_first_state(shop):
    """An order that was just made is open, and was not closed at any time."""
    _, order = shop("POST", "/customers/7/orders", {"reference": "r1"})

    assert (order["status"], order["closed_at"]) == ("open", None)


def test_several_are_created_at_once(pets):
    """By a body that is a list of records."""
    status, _ = pets("POST", "/user/createWithList", [{"username": "ann"}, {"username": "bob"}])

    assert (status, pets("GET", "/user/bob")) == (201, (200, {"username": "bob"}))


def test_an_operation_without_evidence_is_answered_from_its_schema(shop):
    """A quote is no record of anything."""
    assert shop("POST", "/quotes", {"weight": 1}) == (200, {"price": 0})


# Changing


def test_put_replaces_what_a_client_may_say(shop):
    """The rest stays as it was."""
    _, before = shop("GET", "/customers/7")

    status, after = shop("PUT", "/customers/7", {"name": "Fay"})

    assert (status, after) == (200, {"id": 7, "name": "Fay", "created_at": before["created_at"]})


def test_put_makes_what_is_not_there(shop):
    """201 is declared."""
    status, made = shop("PUT", "/customers/500", {"name": "Gil"})

    assert (status, made["id"]) == (201, 500)
    assert shop("GET", "/customers/500") == (200, made)


def test_put_without_an_id_in_the_path_means_the_one_in_the_body(pets):
    """As pet stores do."""
    pets("POST", "/pet", {"id": 77, "name": "Rex", "photoUrls": []})

    status, _ = pets("PUT", "/pet", {"id": 77, "name": "Max", "photoUrls": ["a"]})

    assert (status, pets("GET", "/pet/77")[1]["name"]) == (200, "Max")


def test_a_merge_patch_lays_members_over_the_record(shop):
    """Null takes one away."""
    shop("PATCH", "/customers/7", {"city": "Rome"}, headers=MERGE)

    status, after = shop("PATCH", "/customers/7", {"name": "Ada L.", "city": None}, headers=MERGE)

    assert (status, after) == (200, {"id": 7, "name": "Ada L.", "created_at": "2026-01-01T00:00:00Z"})


@pytest.mark.parametrize("changes", [{"name": None}, {"name": 5}, {"city": {"name": "Rome"}}])
def test_a_merge_patch_that_would_break_the_record_changes_nothing(shop, changes):
    """However little the schema of the patch says; the refusal names the member."""
    before = shop("GET", "/customers/7")

    status, problem = shop("PATCH", "/customers/7", changes, headers=MERGE)

    assert (status, shop("GET", "/customers/7")) == (422, before)
    assert next(iter(changes)) in problem["detail"]


def test_a_json_patch_is_done_step_by_step(shop):
    """RFC 6902, by the media type."""
    steps = [{"op": "test", "path": "/city", "value": "London"}, {"op": "replace", "path": "/city", "value": "Rome"}]

    status, after = shop("PATCH", "/customers/7", steps, headers=PATCH)

    assert (status, after["city"]) == (200, "Rome")


@pytest.mark.parametrize(
    ("step", "status"),
    [
        ({"op": "test", "path": "/city", "value": "Rome"}, 409),
        ({"op": "remove", "path": "/nothing"}, 422),
        ({"op": "dance", "path": "/city"}, 400),
    ],
)
def test_a_json_patch_that_fails_changes_nothing(shop, step, status):
    """Not even by the steps before."""
    steps = [{"op": "replace", "path": "/name", "value": "X"}, step]

    answer = shop.client.patch("/customers/7", json=steps, headers=PATCH)

    assert answer.status_code == status
    assert shop("GET", "/customers/7")[1]["name"] == "Ada"


def test_post_to_a_record_changes_it(pets):
    """By a form, whose fields are some of its members."""
    pets("POST", "/pet", {"id": 77, "name": "Rex", "photoUrls": [], "status": "sold"})

    answer = pets.client.post("/pet/77", data={"status": "pending"})

    assert answer.status_code == 204
    assert pets("GET", "/pet/77")[1] == {"id": 77, "name": "Rex", "photoUrls": [], "status": "pending"}


def test_an_action_sets_what_it_is_called(shop):
    """`close` makes it `closed`, and says when."""
    _, order = shop("POST", "/customers/7/orders", {})

    status, closed = shop("POST", f"/customers/7/orders/{order['id']}/close")

    assert (status, closed["status"], closed["closed_at"] is None) == (200, "closed", False)
    assert shop("GET", f"/customers/7/orders/{order['id']}") == (200, closed)


# Going


def test_what_was_deleted_stays_gone(shop):
    """From lists too."""
    assert shop("DELETE", "/customers/9") == (204, None)

    assert shop("GET", "/customers/9")[0] == 404
    assert shop("DELETE", "/customers/9")[0] == 404
    assert [customer["id"] for customer in shop("GET", "/customers")[1]] == [7, 12]


def test_what_belongs_to_a_record_goes_with_it(shop):
    """And does not come back with another of its id."""
    _, order = shop("POST", "/customers/7/orders", {})
    shop("DELETE", "/customers/7")

    assert shop("GET", f"/customers/7/orders/{order['id']}")[0] == 404
    shop("PUT", "/customers/7", {"name": "Ada II"})
    assert shop("GET", "/customers/7/orders") == (200, [])


@pytest.mark.parametrize(("method", "path"), [("GET", "/customers/99/orders"), ("POST", "/customers/99/orders")])
def test_nothing_belongs_to_what_is_not_there(shop, method, path):
    """404, as it is declared."""
    assert shop(method, path, {} if method == "POST" else None)[0] == 404


# There is but one


def test_settings_are_remembered(shop):
    """What stands at one path and is read and written there."""
    _, before = shop("GET", "/settings")

    shop("PATCH", "/settings", {"theme": "dark"})

    assert shop("GET", "/settings") == (200, {**before, "theme": "dark"})


def test_two_things_side_by_side_are_two(shop):
    """Each is remembered by itself."""
    _, settings = shop("GET", "/settings")

    shop("PUT", "/profile", {"name": "Ann"})

    assert shop("GET", "/profile") == (200, {"name": "Ann"})
    assert shop("GET", "/settings") == (200, settings)


def test_a_mark_is_there_or_not(shop):
    """`GET` answers 204 or 404, `PUT` sets and `DELETE` takes away."""
    statuses = [shop(method, "/customers/7/star")[0] for method in ("GET", "PUT", "GET", "DELETE", "GET")]

    assert statuses == [404, 204, 204, 204, 404]


# Conditions


def test_an_unchanged_record_is_not_sent_again(shop):
    """`ETag` and 304 are declared."""
    tag = shop.client.get("/customers/7").headers["ETag"]

    assert shop.client.get("/customers/7", headers={"If-None-Match": tag}).status_code == 304
    shop("PATCH", "/customers/7", {"city": "Rome"}, headers=MERGE)
    assert shop.client.get("/customers/7", headers={"If-None-Match": tag}).status_code == 200


def test_a_change_that_missed_another_is_refused(shop):
    """412 is declared."""
    tag = shop.client.get("/customers/7").headers["ETag"]
    changes = [{"city": "Rome"}, {"city": "Oslo"}]

    statuses = [shop("PATCH", "/customers/7", change, headers={**MERGE, "If-Match": tag})[0] for change in changes]

    assert statuses == [200, 412]
    assert shop("GET", "/customers/7")[1]["city"] == "Rome"
