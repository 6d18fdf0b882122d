"""What documents have more rarely is remembered too."""

import pytest


@pytest.fixture
def odd(serve):
    """A piece of each."""
    return serve("odd")


def test_a_link_names_the_id(odd):
    """`$response.body#/ticket` goes into the path."""
    _, job = odd("POST", "/jobs", {"title": "T"})

    status, answer = odd("GET", f"/jobs/{job['ticket']}")

    assert (status, answer["result"], sorted(answer)) == (200, job, ["result", "took"])


def test_a_custom_method_is_an_action(odd):
    """`/jobs/{which}:cancel`."""
    _, job = odd("POST", "/jobs", {"title": "T"})

    _, cancelled = odd("POST", f"/jobs/{job['ticket']}:cancel")

    assert (job["state"], cancelled) == ("waiting", {**job, "state": "cancelled"})


def test_an_action_without_an_answer_sets_a_flag(odd):
    """`PUT` locks, and `DELETE` undoes it."""
    _, job = odd("POST", "/jobs", {})
    path = f"/jobs/{job['ticket']}"
    seen = []

    for method in ("PUT", "DELETE"):
        odd(method, f"{path}/lock")
        seen.append(odd("GET", path)[1]["result"]["locked"])

    assert seen == [True, False]


def test_what_went_well_says_so(odd):
    """An answer that shows no record does not claim that it failed."""
    _, job = odd("POST", "/jobs", {})

    assert odd("DELETE", f"/jobs/{job['ticket']}") == (200, {"success": True})


def test_a_list_without_paths_for_its_items_grows(odd):
    """What was not sent has its default."""
    _, before = odd("GET", "/log")

    status, _ = odd("POST", "/log", {"text": "Hello"})

    assert (status, odd("GET", "/log")) == (202, (200, [*before, {"text": "Hello", "level": "info"}]))


def test_a_key_that_only_the_path_has_is_put_and_taken_away(odd):
    """There is no value but those that were put."""
    statuses = [odd("GET", "/values/a%20b")[0], odd("PUT", "/values/a%20b", {"content": "x"})[0]]

    assert statuses == [404, 204]
    assert odd("GET", "/values/a%20b") == (200, {"content": "x"})
    assert odd("DELETE", "/values/a%20b") == (204, None)
    assert odd("GET", "/values/a%20b")[0] == 404


def test_a_key_in_quotes_is_one_of_the_collection(odd):
    """Lists show what their schema names; passwords are shown nowhere."""
    _, page = odd("GET", "/Users?$top=2")

    status, changed = odd("PATCH", "/Users('2')", {"name": "Bo", "password": "secret"})

    assert ([user["id"] for user in page["value"]], page["@odata.count"]) == ([1, 2], 3)
    assert "skip=2" in page["@odata.nextLink"]
    assert (status, changed["name"], sorted(changed)) == (200, "Bo", ["id", "name", "role"])
    assert odd("GET", "/Users?$top=2")[1]["value"][1] == {"id": 2, "name": "Bo"}


def test_the_total_is_a_header_where_it_is_declared(odd):
    """`X-Total-Count`."""
    assert odd.client.get("/Users?$top=1").headers["X-Total-Count"] == "3"


def test_an_unknown_id_is_answered_from_the_schema_where_404_is_not_declared(odd):
    """And is kept by no one: the list stays as it is."""
    status, user = odd("GET", "/Users('99')")

    assert (status, user["id"]) == (200, 99)
    assert odd("GET", "/Users?$top=50")[1]["@odata.count"] == 3


def test_ids_that_the_schema_lists_are_all_that_there_are(odd):
    """Fewer records than elsewhere; there is no id for another, and those that are there stay as they are."""
    _, begun = odd("GET", "/licences")

    status, _ = odd("POST", "/licences", {"seats": 7})

    assert sorted(each["kind"] for each in begun) == ["full", "trial"]
    assert (status, odd("GET", "/licences")[1]) == (409, begun)


def test_an_id_that_was_taken_away_does_not_come_back_where_there_is_no_other(odd):
    """What is gone stays gone; nothing new can be made."""
    for kind in ("full", "trial"):
        odd("DELETE", f"/licences/{kind}")

    status, _ = odd("POST", "/licences", {"seats": 7})

    assert (status, odd("GET", "/licences"), odd("GET", "/licences/full")[0]) == (409, (200, []), 404)
