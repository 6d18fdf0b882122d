"""What goes wrong in a world, and answers of a test's own, in a browser: added, changed, deleted, and as lines."""

from __future__ import annotations

import subprocess
import sys
from urllib.parse import quote

import httpx
import pytest
from playwright.sync_api import expect

from mockserver import running


def lines(page, kind):
    """The lines of this kind, in the order of the page."""
    return page.get_by_label(f"As {kind}").all_inner_texts()


def test_a_fault_is_added_changed_and_deleted(visit, pets, control, picture):
    """It strikes, its counts are shown as requests come, and it is gone."""
    page = visit("faults")
    expect(page.get_by_text("Nothing goes wrong.")).to_be_visible()
    page.get_by_role("button", name="An error").click()
    form = page.get_by_role("dialog")
    form.get_by_label("operation", exact=True).select_option("listPets")
    form.get_by_label("status", exact=True).fill("503")
    form.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Status 503 for listPets")).to_be_visible()
    statuses = [pets.get("/pets").status_code, pets.get("/pets/1").status_code]
    expect(page.get_by_text("struck 1 of 1 seen")).to_be_visible()

    page.get_by_role("button", name="Change").click()
    form.get_by_label("status", exact=True).fill("429")
    form.get_by_role("button", name="Add times").click()
    form.get_by_label("times", exact=True).fill("5")
    picture("fault-form")
    form.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Status 429 for listPets")).to_be_visible()
    statuses.append(pets.get("/pets").status_code)
    expect(page.get_by_text("struck 2 of 2 seen")).to_be_visible()
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()

    expect(page.get_by_text("Nothing goes wrong.")).to_be_visible()
    assert [*statuses, pets.get("/pets").status_code] == [503, 200, 429, 200]
    assert control.get("/faults").json()["faults"] == []


@pytest.mark.parametrize(
    ("button", "status", "address", "kept"),
    [("An error", "200", "/faults", "faults"), ("An answer", "99", "/next", "answers")],
)
def test_a_rule_that_does_not_fit_is_told_at_its_field(visit, control, button, status, address, kept):
    """Nothing is in force, and no answer waits."""
    page = visit("faults")
    page.get_by_role("button", name=button).click()
    form = page.get_by_role("dialog")

    form.get_by_label("status", exact=True).fill(status)
    form.get_by_role("button", name="Save").click()

    expect(form.get_by_label("status", exact=True)).to_have_attribute("aria-invalid", "true")
    assert control.get(address).json()[kept] == []


def test_a_stub_is_added_changed_and_deleted(visit, pets, picture):
    """It answers in the place of the mock, and says how often."""
    page = visit("faults")
    page.get_by_role("button", name="A stub").click()
    form = page.get_by_role("dialog")
    form.get_by_label("urlPath", exact=True).fill("/pets/v1/hello")
    form.get_by_role("button", name="Save").click()
    expect(page.get_by_text("200 to GET /pets/v1/hello")).to_be_visible()
    answers = [pets.get("/hello").json()]
    expect(page.get_by_text("answered 1 of 1 seen")).to_be_visible()
    picture("faults")

    page.get_by_role("button", name="Change").click()
    form.get_by_label("jsonBody", exact=True).fill('{"hello": "you"}')
    form.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The stub is changed.")).to_be_visible()
    answers.append(pets.get("/hello").json())
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()

    expect(page.get_by_text("No stubs: the mock answers everything itself.")).to_be_visible()
    assert answers == [{"hello": "world"}, {"hello": "you"}]
    assert pets.get("/hello").status_code == 404


FAULTS = [
    {"operation": "listPets", "status": 503, "times": 2, "headers": {"Retry-After": "30", "X-It's": "a 'quote'"}},
    {"delay": {"lower": 1, "upper": 2}, "path": "/pets/*", "method": "get"},
    {"break": "missing", "pointer": "/name", "operation": "getPet", "every": 2},
    {"bytesPerSecond": 5000, "contentType": "text/plain", "writes": True, "probability": 0.5},
    {"connection": "reset", "operation": "GET /pets/{petId}", "after": 3},
    {"operation": "*", "status": 500, "body": {"error": None, "list": [1, True]}},
]
STUB = {
    "name": "it's one",
    "request": {"method": "GET", "urlPath": "/hello", "queryParameters": {"a": {"equalTo": "\"'b\\"}}},
    "response": {"status": 202, "jsonBody": {"none": None, "yes": True, "deep": [{"n": 1.5}]}},
}


ANSWERS = [
    {"operation": "getPet", "status": 404},
    {"operation": "listPets", "times": 3, "headers": {"X-It's": "a 'quote'"}, "body": {"items": []}, "check": False},
    {"method": "get", "path": "/pets/{petId}", "body": {"id": 7, "name": 'R"x', "species": "dog", "status": "sold"}},
]
SCENARIO = [
    {"requiredScenarioState": "Started", "newScenarioState": "paid it's"},
    {"requiredScenarioState": "paid it's", "newScenarioState": "sent"},
]


def scenario_stub(states):
    """A stub of a scenario whose name has what is special in addresses and in Python."""
    request = {"method": "GET", "urlPath": "/pets/v1/hello"}
    return {"request": request, "response": {"status": 204}, "scenarioName": 'an {order}/"1"', **states}


def test_the_next_answers_of_an_operation_are_queued(visit, pets, control, picture):
    """Each is given once, in their order; those that wait are deleted together."""
    page = visit("faults")
    queue = page.get_by_role("region", name="Next answers")
    expect(queue.get_by_text("None waits.")).to_be_visible()
    form = page.get_by_role("dialog")
    for status in ("503", "404", "410"):
        queue.get_by_role("button", name="An answer").click()
        form.get_by_label("operation", exact=True).select_option("getPet")
        form.get_by_label("status", exact=True).fill(status)
        form.get_by_role("button", name="Save").click()
        expect(queue.get_by_text(f"Status {status} for getPet")).to_be_visible()
    picture("next-answers")

    statuses = [pets.get("/pets/1").status_code, pets.get("/pets/1").status_code]
    expect(queue.get_by_role("article")).to_have_count(1)
    queue.get_by_role("button", name="Delete all").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()

    expect(queue.get_by_text("None waits.")).to_be_visible()
    assert [*statuses, pets.get("/pets/1").status_code] == [503, 404, 200]
    assert control.get("/next").json()["answers"] == []


def test_scenarios_are_moved(visit, pets, control):
    """They are shown where stubs name them, follow the requests, and go where they are put."""
    page = visit("faults")
    scenarios = page.get_by_role("region", name="Scenarios")
    expect(page.get_by_text("No stubs:", exact=False)).to_be_visible()
    expect(scenarios).to_have_count(0)
    for states in SCENARIO:
        control.post("/mappings", json=scenario_stub(states))
    page.reload()
    choice = scenarios.get_by_role("combobox")
    expect(choice).to_have_value("Started")

    pets.get("/hello")
    expect(choice).to_have_value("paid it's")
    choice.select_option("sent")
    expect(page.get_by_text('an {order}/"1" is sent.')).to_be_visible()
    moved = control.get("/scenarios").json()["scenarios"][0]["state"]
    scenarios.get_by_role("button", name="All to the start").click()

    expect(choice).to_have_value("Started")
    assert moved == "sent"
    assert control.get("/scenarios").json()["scenarios"][0]["state"] == "Started"


def test_the_lines_of_answers_and_scenarios_do_the_same(visit, control):
    """Each line for the shell and for a test makes what it stands beside."""
    for answer in ANSWERS:
        assert control.post("/next", json=answer).status_code == 201
    for states in SCENARIO:
        assert control.post("/mappings", json=scenario_stub(states)).status_code == 201
    [scenario] = control.get("/scenarios").json()["scenarios"]
    control.put(f"/scenarios/{quote(scenario['name'], safe='')}/state", json={"state": "paid it's"})
    page = visit("faults")
    expect(page.get_by_label("As curl")).to_have_count(6)
    shell, python = lines(page, "curl"), lines(page, "pytest")
    before = [control.get("/next").json(), control.get("/scenarios").json()]
    control.delete("/next")
    control.post("/scenarios/reset")

    for line in [*shell[:3], shell[5]]:
        subprocess.run(["bash", "-c", line], check=True, capture_output=True)
    with running("examples/pets.yaml") as api:
        for line in python:
            exec(line, {"api": api, "httpx": httpx})  # noqa: S102
        made = [httpx.get(f"{api.root}/__admin/{name}").json() for name in ("next", "scenarios")]

    assert [control.get("/next").json(), control.get("/scenarios").json()] == before
    assert [{**one, "api": ""} for one in made[0]["answers"]] == [{**one, "api": ""} for one in before[0]["answers"]]
    assert made[1] == before[1]


def test_the_lines_do_the_same(visit, control):
    """Each line for the shell and for a test makes what it stands beside."""
    for fault in FAULTS:
        assert control.post("/faults", json=fault).status_code == 201
    assert control.post("/mappings", json=STUB).status_code == 201
    before = [told(control.get("/faults").json()["faults"]), told(control.get("/mappings").json()["mappings"])]
    page = visit("faults")
    expect(page.get_by_label("As curl")).to_have_count(7)
    shell, python = lines(page, "curl"), lines(page, "pytest")
    control.delete("/faults")
    control.delete("/mappings")

    for line in shell:
        subprocess.run(["bash", "-c", line], check=True, capture_output=True)
    with running("examples/pets.yaml") as api:
        for line in python:
            exec(line, {"api": api, "mockserver": sys.modules["mockserver"]})  # noqa: S102
        admin = f"{api.root}/__admin"
        made = [
            told(httpx.get(f"{admin}/faults").json()["faults"]),
            told(httpx.get(f"{admin}/mappings").json()["mappings"]),
        ]

    assert [told(control.get("/faults").json()["faults"]), told(control.get("/mappings").json()["mappings"])] == before
    assert made == before


def told(rules):
    """The rules without their ids, and without the API that a test's line adds."""
    own = {"id", "uuid", "seen", "used", "api"}
    return [{name: value for name, value in rule.items() if name not in own and value != "*"} for rule in rules]


def test_axe_finds_nothing_serious_in_faults(visit, control, axe):
    """With faults, a next answer, a stub and a scenario, and in their forms."""
    control.post("/faults", json=FAULTS[0])
    control.post("/next", json=ANSWERS[0])
    control.post("/mappings", json=scenario_stub(SCENARIO[0]))
    page = visit("faults")
    expect(page.get_by_label("As curl")).to_have_count(4)
    found = {"cards": axe()}
    for name in ("An error", "An answer", "A stub"):
        page.get_by_role("button", name=name).click()
        expect(page.get_by_role("dialog")).to_be_visible()
        found[name] = axe()
        page.keyboard.press("Escape")

    assert found == {"cards": [], "An error": [], "An answer": [], "A stub": []}
