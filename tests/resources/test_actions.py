"""What is done to a record by name, and what stands below it without being done to it."""

import pytest


@pytest.fixture
def shop(serve):
    """A shop with a new lamp."""
    return serve("actions")


@pytest.fixture
def lamp(shop):
    """The path of a lamp."""
    _, made = shop("POST", "/products", {"name": "Lamp", "price": 3})
    return f"/products/{made['id']}"


def test_a_noun_below_a_record_does_not_change_it(shop, lamp):
    """An answer of the record's own type is the record as it was, which the answer says."""
    answer = shop.client.post(f"{lamp}/variants", json={"name": "Red"})

    assert (answer.status_code, answer.json()["name"]) == (201, "Lamp")
    said = "actions.not-remembered=`variants` is no list of products and the record stays as it was"
    assert answer.headers["Mock-Assumption"] == said
    assert shop("GET", lamp)[1]["name"] == "Lamp"


def test_a_copy_is_another_record(shop, lamp):
    """It has an id of its own, and what the body says otherwise."""
    status, copied = shop("POST", f"{lamp}/copy", {"name": "Copy"})

    assert (status, copied["name"], copied["price"]) == (201, "Copy", 3)
    assert shop("GET", f"/products/{copied['id']}") == (200, copied)
    assert shop("GET", lamp)[1]["name"] == "Lamp"
    assert shop("POST", "/products/none/copy", {})[0] == 404


def test_a_body_that_is_a_member_of_the_record_is_that_member(shop, lamp):
    """`PUT /products/{id}/size`."""
    status, changed = shop("PUT", f"{lamp}/size", {"width": 2, "height": 5})

    assert (status, changed["size"]) == (200, {"width": 2, "height": 5})
    assert shop("GET", lamp)[1]["size"] == {"width": 2, "height": 5}


@pytest.mark.parametrize(("action", "statuses"), [("publish", [200, 409]), ("retire", [204, 422])])
def test_what_is_so_already_is_a_conflict_where_the_document_has_one(shop, lamp, action, statuses):
    """By the declared 409, or by another status that says so."""
    assert [shop("POST", f"{lamp}/{action}")[0] for _ in range(2)] == statuses


def test_an_action_counts_whatever_its_answer_is(shop, lamp):
    """One more, and with DELETE one less; never less than none."""
    seen = []

    for method in ("POST", "POST", "DELETE", "DELETE", "DELETE"):
        shop(method, f"{lamp}/like")
        seen.append(shop("GET", lamp)[1]["likes"])

    assert seen == [1, 2, 1, 0, 0]


def test_an_action_takes_what_its_body_calls_new(shop, lamp):
    """`new_name` is the name."""
    status, renamed = shop("POST", f"{lamp}/rename", {"new_name": "Max"})

    assert (status, renamed["name"]) == (200, "Max")


def test_what_is_rotated_is_another_each_time(shop, lamp):
    """And is what is read from then on."""
    codes = [shop("POST", f"{lamp}/rotate-code")[1]["code"] for _ in range(3)]

    assert len({*codes}) == 3
    assert shop("GET", lamp)[1]["code"] == codes[-1]


def test_an_action_of_which_nothing_is_known_says_so(shop, lamp):
    """The record stays as it was."""
    before = shop("GET", lamp)[1]

    answer = shop.client.post(f"{lamp}/polish")

    said = "actions.not-remembered=nothing tells what `polish` sets; the record stays as it was"
    assert (answer.json(), answer.headers["Mock-Assumption"]) == (before, said)


def test_a_query_says_what_is_to_change(shop, lamp):
    """Where there is no body."""
    status, _ = shop("POST", f"{lamp}?name=Max&price=4.5")

    _, shown = shop("GET", lamp)
    assert (status, shown["name"], shown["price"]) == (204, "Max", 4.5)


def test_a_record_is_deleted_though_the_answer_is_a_text(shop, lamp):
    """Which stays the document's."""
    answer = shop.client.delete(lamp)

    assert (answer.status_code, answer.text, answer.headers["Content-Type"]) == (200, "It is gone.", "text/plain")
    assert shop("GET", lamp)[0] == 404


def test_a_number_that_answers_a_creation_is_the_new_id(shop):
    """Under which the record is found."""
    status, number = shop("POST", "/labels", {"text": "new"})

    assert (status, shop("GET", f"/labels/{number}")) == (201, (200, {"text": "new", "id": number}))


def test_verbs_beside_a_list_are_done_to_one_record(shop):
    """`add`, `update` and `delete` by the id in the body."""
    shop.client.post("/labels/add", json={"id": 70, "text": "added"})
    added = shop("GET", "/labels/70")
    changed = shop("POST", "/labels/update", {"id": 70, "text": "changed"})
    deleted = shop("POST", "/labels/delete", {"id": 70})

    assert added == (200, {"id": 70, "text": "added"})
    assert changed == (200, {"id": 70, "text": "changed"})
    assert deleted == (200, {"ok": True})
    assert shop("GET", "/labels/70")[0] == 404
