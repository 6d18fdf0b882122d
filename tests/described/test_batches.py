"""Batches of which each item says what is to be done."""

from pathlib import Path

import pytest

THINGS = (Path(__file__).parent / "batches.yaml").read_text(encoding="utf-8")


@pytest.fixture
def things(serve):
    """Two new things and their ids."""
    client = serve(THINGS)
    return client, [client.post("/things", json={"name": name}).json()["id"] for name in "ab"]


def names(client):
    """What all things are called, by id."""
    return {thing["id"]: thing.get("name") for thing in client.get("/things").json()}


def test_each_item_says_what_to_do(things):
    """It is made, changed or deleted, and the results tell of each; nothing else is made."""
    client, (first, second) = things
    before = len(names(client))
    operations = [
        {"action": "create", "data": {"name": "c"}},
        {"action": "update", "id": first, "data": {"name": "z"}},
        {"action": "delete", "id": second},
        {"action": "remove", "id": 999},
    ]

    answer = client.post("/things/batch", json={"operations": operations}).json()

    assert [result["status"] for result in answer["results"]] == [201, 200, 204, 404]
    after = names(client)
    assert (after[first], second in after, len(after)) == ("z", False, before)
    assert after[answer["results"][0]["id"]] == "c"


def test_items_may_be_requests(things):
    """`{method, path, body}`; one that asks for nothing that is known is refused, and so is all beside it."""
    client, (first, second) = things
    requests = [
        {"method": "PATCH", "path": f"/things/{first}", "body": {"done": True}},
        {"method": "DELETE", "path": f"/things/{second}"},
    ]

    assert client.post("/things/requests", json=requests).status_code == 204
    assert client.get(f"/things/{first}").json()["done"] is True
    assert client.get(f"/things/{second}").status_code == 404
    left = names(client)
    assert client.post("/things/requests", json=[{"method": "POST", "body": {}}, {"method": "FLY"}]).status_code == 422
    assert names(client) == left
