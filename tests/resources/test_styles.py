"""Create, read, list, change and delete in the styles of well-known APIs: the client sees what it knows from them."""

import pytest

JSON_API = {"Content-Type": "application/vnd.api+json"}


@pytest.fixture
def api(serve):
    """A piece of each style."""
    return serve("styles")


def form(api, path, **fields):
    """The status and the body of the answer to a form."""
    answer = api.client.post(path, data=fields)
    return answer.status_code, answer.json()


# Cursors by id


def test_a_charge_is_made_changed_and_deleted_by_forms(api):
    """POST to a record changes it; its id is of the kind of the example."""
    _, made = form(api, "/v1/charges", amount="700", expand="customer")

    _, changed = form(api, f"/v1/charges/{made['id']}", amount="800")

    assert (made["id"][:3], len(made["id"]), made["amount"], "expand" in made) == ("ch_", 27, 700, False)
    assert changed == {**made, "amount": 800}
    assert api("DELETE", f"/v1/charges/{made['id']}") == (200, {"id": made["id"], "deleted": True})
    assert api("GET", f"/v1/charges/{made['id']}")[0] == 404


def test_charges_are_paged_by_the_last_one_seen(api):
    """`starting_after` and `has_more`."""
    _, first = api("GET", "/v1/charges?limit=2")
    _, second = api("GET", f"/v1/charges?limit=2&starting_after={first['data'][1]['id']}")
    _, back = api("GET", f"/v1/charges?limit=2&ending_before={second['data'][0]['id']}")

    assert (len(first["data"]), first["has_more"], first["object"]) == (2, True, "list")
    assert (len(second["data"]), second["has_more"]) == (1, False)
    assert back["data"] == first["data"]


# Two parameters name one thing


def test_issues_count_within_their_repository(api):
    """Each begins with some of its own."""
    _, one = api("POST", "/repos/octocat/hello/issues", {"title": "T"})
    _, other = api("POST", "/repos/ada/engine/issues", {"title": "U"})

    assert (one["number"], one["state"], other["number"]) == (4, "open", 4)
    assert api("GET", "/repos/octocat/hello/issues/4") == (200, one)
    assert len(api("GET", "/repos/octocat/hello/issues")[1]) == 4


def test_what_comes_into_being_when_it_is_asked_for_is_remembered(api):
    """No list says which repositories there are."""
    _, before = api("GET", "/repos/ada/engine")

    api("PATCH", "/repos/ada/engine", {"description": "Analytical."})

    assert before["name"] == "engine"
    assert api("GET", "/repos/ada/engine") == (200, {**before, "description": "Analytical."})
    assert api("DELETE", "/repos/ada/engine") == (204, None)
    assert api("GET", "/repos/ada/engine")[0] == 404
    assert api("GET", "/repos/ada/engine/issues")[0] == 404


# Names inside `metadata`


def test_a_pod_is_known_by_the_name_that_it_was_given(api):
    """A second one of that name is a conflict."""
    pod = {"kind": "Pod", "metadata": {"name": "web"}, "spec": {"nodeName": "n1"}}
    path = "/api/v1/namespaces/default/pods"

    status, made = api("POST", path, pod)

    assert (status, made["metadata"]["name"], made["metadata"]["namespace"]) == (201, "web", "default")
    assert api("POST", path, pod)[0] == 409
    assert api("GET", f"{path}/web") == (200, made)
    assert api("PUT", f"{path}/web", {**pod, "spec": {"nodeName": "n2"}})[1]["spec"] == {"nodeName": "n2"}
    assert api("DELETE", f"{path}/web")[0] == 200
    assert api("GET", f"{path}/web")[0] == 404


def test_all_pods_are_those_of_every_namespace(api):
    """The same records under a shorter path."""
    api("POST", "/api/v1/namespaces/one/pods", {"metadata": {"name": "a"}})
    api("POST", "/api/v1/namespaces/two/pods", {"metadata": {"name": "b"}})

    _, listed = api("GET", "/api/v1/pods")

    assert {"a", "b"} <= {pod["metadata"]["name"] for pod in listed["items"]}


# Extensions in paths


def test_a_call_is_found_at_its_own_document(api):
    """Its id is made as its pattern asks; the form's `To` is its `to`."""
    status, call = form(api, "/2010-04-01/Accounts/AC1/Calls.json", To="+4930123")

    assert (status, call["to"], call["account_sid"], call["sid"][:2]) == (201, "+4930123", "AC1", "CA")
    assert api("GET", f"/2010-04-01/Accounts/AC1/Calls/{call['sid']}.json") == (200, call)


def test_a_link_in_the_envelope_leads_to_the_next_page(api):
    """Pages count from 0, as the parameter allows."""
    _, first = api("GET", "/2010-04-01/Accounts/AC1/Calls.json?PageSize=2")

    query = first["next_page_uri"].partition("?")[2]
    _, second = api("GET", f"/2010-04-01/Accounts/AC1/Calls.json?{query}")

    assert (len(first["calls"]), len(second["calls"]), second["next_page_uri"]) == (2, 1, None)


# Everything inside `data`


def test_a_task_goes_in_and_comes_out_inside_data(api):
    """Lists show what their schema names of it."""
    _, made = api("POST", "/tasks", {"data": {"name": "N", "completed": False, "notes": "x"}})
    path = f"/tasks/{made['data']['gid']}"

    assert api("GET", path) == (200, made)
    assert api("PUT", path, {"data": {"name": "N", "completed": True}})[1]["data"]["completed"] is True
    assert api("GET", "/tasks")[1]["data"][-1] == {"gid": made["data"]["gid"], "name": "N"}


def test_the_record_of_the_path_s_example_is_there(api):
    """So that the documented request finds something."""
    assert api("GET", "/tasks/321654")[1]["data"]["gid"] == "321654"


# In the style of JSON:API


def test_articles_are_found_by_their_attributes(api):
    """`filter[title]`; a change keeps the attributes that it does not name."""
    article = {"type": "articles", "attributes": {"title": "T", "body": "B"}}
    _, made = api("POST", "/articles", {"data": article}, headers=JSON_API)
    path = f"/articles/{made['data']['id']}"

    change = {"data": {"type": "articles", "attributes": {"body": "C"}}}
    _, changed = api("PATCH", path, change, headers=JSON_API)
    _, found = api("GET", "/articles?filter[title]=T")

    assert changed["data"]["attributes"] == {"title": "T", "body": "C"}
    assert (found["data"], found["meta"]) == ([changed["data"]], {"total": 1})


def test_articles_are_paged_by_number_and_size(api):
    """`links.next` is there as long as there is one."""
    _, first = api("GET", "/articles?page[size]=2")
    _, second = api("GET", "/articles?page[size]=2&page[number]=2")

    assert ("page%5Bnumber%5D=2" in first["links"]["next"], "next" in second["links"]) == (True, False)
    assert (len(second["data"]), second["meta"]) == (1, {"total": 3})


# HAL


def test_planets_are_embedded(api):
    """With the page's numbers beside them."""
    _, first = api("GET", "/planets")
    _, second = api("GET", "/planets?page=1")

    assert first["page"] == {"size": 2, "totalElements": 3, "totalPages": 2, "number": 0}
    assert ("page=1" in first["_links"]["next"]["href"], "next" in second["_links"]) == (True, False)
    assert len(second["_embedded"]["planets"]) == 1


def test_the_next_page_is_a_cursor_and_a_link_in_one(api):
    """Null behind the last one."""
    _, first = api("GET", "/tasks?limit=2")

    _, second = api("GET", f"/tasks?limit=2&offset={first['next_page']['offset']}")

    assert first["next_page"]["offset"] == first["data"][1]["gid"]
    assert f"offset={first['next_page']['offset']}" in first["next_page"]["uri"]
    assert (len(second["data"]), second["next_page"]) == (1, None)
