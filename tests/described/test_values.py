"""Objects of plain values, parts of records at paths of their own, keys that answer a POST, and bytes as text."""

from pathlib import Path

import pytest

VALUES = (Path(__file__).parent / "values.yaml").read_text(encoding="utf-8")


@pytest.fixture
def api(serve):
    """The document as it is served."""
    return serve(VALUES)


@pytest.fixture
def customer(api):
    """The path of a customer in Ulm."""
    made = api.post("/customers", json={"name": "Max", "address": {"city": "Ulm", "street": "Long"}}).json()
    return f"/customers/{made['id']}"


def test_an_object_of_values_is_kept_value_by_value(api):
    """It begins as its example, and what is set, changed or taken away by its key is so for all."""
    assert api.get("/settings/theme").json() == "dark"

    changed = api.put("/settings/theme", json={"value": "light"}).json()
    gone = [api.delete("/settings/lang").status_code for _ in range(2)]

    assert (changed, gone) == ({"key": "theme", "value": "light"}, [204, 404])
    assert api.get("/settings").json() == {"theme": "light"}
    assert api.get("/settings/lang").status_code == 404


def test_an_object_of_values_is_changed_and_replaced(api):
    """PATCH is laid over it, PUT takes its place, and both answer nothing else."""
    assert api.patch("/settings", json={"x": "y"}).json() == {"theme": "dark", "lang": "de", "x": "y"}
    assert api.put("/settings", json={"q": "w"}).json() == {"q": "w"}
    assert api.get("/settings").json() == {"q": "w"}


def test_records_of_a_key_and_a_value_are_an_object_of_values(api):
    """`PUT /labels/env {value}` is `env` of `GET /labels`."""
    api.put("/labels/env", json={"value": "prod"})

    assert api.get("/labels").json()["env"] == "prod"
    api.delete("/labels/env")
    assert "env" not in api.get("/labels").json()


def test_the_key_of_what_was_made_is_the_answer(api):
    """Where the records of an object have no id of their own."""
    key = api.post("/users.json", json={"email": "a@b.c", "age": 3}).json()["name"]

    assert api.get(f"/users/{key}.json").json() == {"email": "a@b.c", "age": 3}
    assert api.get("/users.json").json()[key] == {"email": "a@b.c", "age": 3}


def test_a_part_of_a_record_with_a_path_is_that_part(api, customer):
    """What is put there is in the record, and the other way round."""
    assert api.get(f"{customer}/address").json() == {"city": "Ulm", "street": "Long"}

    replaced = api.put(f"{customer}/address", json={"city": "Kiel"}).json()
    changed = api.patch(f"{customer}/address", json={"street": "Short"}).json()

    assert (replaced, changed) == ({"city": "Kiel"}, {"city": "Kiel", "street": "Short"})
    assert api.get(customer).json()["address"] == changed
    assert [api.delete(f"{customer}/address").status_code for _ in range(2)] == [204, 404]
    assert "address" not in api.get(customer).json()
    assert api.get("/customers/99/address").status_code == 404


def test_a_value_of_a_record_with_a_path_is_that_value(api, customer):
    """`PUT /customers/{id}/status`."""
    assert api.put(f"{customer}/status", json={"status": "vip"}).json() == {"status": "vip"}

    assert api.get(f"{customer}/status").json() == {"status": "vip"}
    assert api.get(customer).json()["status"] == "vip"


def test_values_of_a_list_in_a_record_come_and_go(api, customer):
    """One by one at their own paths, or several in a body; each once."""
    api.put(f"{customer}/tags/red")
    added = api.post(f"{customer}/tags", json={"tags": ["red", "blue"]}).json()

    assert added["tags"] == ["red", "blue"]
    assert [api.delete(f"{customer}/tags/red").status_code for _ in range(2)] == [204, 404]
    assert api.get(f"{customer}/tags").json() == ["blue"]
    assert api.get(customer).json()["tags"] == ["blue"]


def test_bytes_that_are_sent_as_text_are_downloaded(api):
    """With their name and size, until they are deleted; what is no base64 is refused."""
    made = api.post("/documents", json={"filename": "a.txt", "content": "aGVsbG8A/w=="}).json()
    path = f"/documents/{made['id']}"

    assert (made["filename"], made["size"]) == ("a.txt", 7)
    assert api.get(f"{path}/download").content == b"hello\x00\xff"
    api.delete(path)
    assert api.get(f"{path}/download").status_code == 404
    assert api.post("/documents", json={"filename": "a.txt", "content": "?"}).status_code == 422


def test_a_member_called_like_the_record_is_a_member(api):
    """It has an id, and so has the whole."""
    sent = {"report": {"id": "r1", "title": "Sales"}, "to": "Max"}

    made = api.post("/reports", json=sent).json()

    assert made == {"id": made["id"], **sent}
    assert api.get(f"/reports/{made['id']}").json() == made


def test_the_path_may_name_the_id_of_a_member(api):
    """`/teams/{teamId}/members/{userId}` is the one whose user has that id."""
    member = {"user": {"id": 7, "name": "Max"}, "role": "boss"}

    api.post("/teams/1/members", json=member)

    assert api.get("/teams/1/members/7").json() == member
    api.delete("/teams/1/members/7")
    assert member not in api.get("/teams/1/members").json()
