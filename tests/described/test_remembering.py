"""What a document that a user brings is remembered by."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

PETS = (Path(__file__).parents[2] / "examples" / "pets.yaml").read_text()
COCO = {"name": "Coco", "species": "parrot"}


@pytest.fixture
def pets(serve):
    """The pets of the examples."""
    return serve(PETS)


def test_what_was_sent_is_remembered(pets):
    """Made, read, listed, changed, and gone for good."""
    made = pets.post("/pets", json=COCO)
    pet = f"/pets/{made.json()['id']}"
    read, listed = pets.get(pet), pets.get("/pets", params={"species": "parrot"})
    changed = pets.patch(pet, json={"status": "sold"}, headers={"Content-Type": "application/merge-patch+json"})
    removed, after = pets.delete(pet), pets.get(pet)

    assert (made.status_code, made.json() | COCO) == (201, made.json())
    assert [read.json()] == [made.json()] == [item for item in listed.json()["items"] if item["name"] == "Coco"]
    assert changed.json() == made.json() | {"status": "sold"}
    assert (removed.status_code, after.status_code) == (204, 404)


@pytest.mark.parametrize("base", ["/zoo/v1", "/v1", "", "/~mine/zoo/v1", "/~mine/v1"])
def test_a_location_leads_to_what_was_made(pets, base):
    """Whichever way the client came."""
    made = pets.post(f"{base}/pets", json=COCO)

    assert pets.get(made.headers["Location"]).json() == made.json()


def test_an_answer_of_the_document_can_be_preferred_to_what_is_remembered(pets):
    """As it can where nothing is."""
    answer = pets.get("/pets/1", headers={"Prefer": "code=404"})

    assert (answer.status_code, answer.headers["Preference-Applied"]) == (404, "code=404")
    assert pets.get("/pets/1").json()["name"] == "Rex"


def test_worlds_remember_apart(pets):
    """Each begins with the same records."""
    pets.delete("/~one/zoo/v1/pets/1")

    assert pets.get("/~one/zoo/v1/pets/1").status_code == 404
    assert pets.get("/~two/zoo/v1/pets/1").json()["name"] == "Rex"


def test_nothing_is_remembered_where_that_is_switched_off(serve):
    """`--state off`: each answer comes from examples and schemas."""
    pets = serve(PETS, state=False)

    made = pets.post("/pets", json=COCO)

    assert made.status_code == 201
    assert pets.get("/pets/999").json()["name"] == "Rex"


def test_an_operation_may_take_its_time(serve):
    """As `x-mock-delay` says, in milliseconds."""
    pets = serve(PETS.replace("operationId: getPet", "operationId: getPet\n      x-mock-delay: 60"))

    began = time.perf_counter()
    pets.get("/pets/1")

    assert time.perf_counter() - began >= 0.06
