"""The records of a world in a browser: looked at, changed, compared, kept and brought back."""

from __future__ import annotations

from playwright.sync_api import expect

PETS = "/state/pets/pets"


def test_collections_are_tables(visit, picture):
    """Every collection of every API with its number of records; the first page of one of them."""
    page = visit("state", "xqr", "links")

    expect(page.get_by_role("link", name="links 357")).to_have_attribute("aria-current", "page")
    expect(page.get_by_role("link", name="pets 3")).to_be_visible()
    expect(page.get_by_role("row")).to_have_count(51)
    expect(page.get_by_text("1 to 50 of 357 records")).to_be_visible()
    picture("state")


def test_records_are_turned_by_pages(visit):
    """Fifty at a time; the last page has the rest."""
    page = visit("state", "xqr", "links")
    for _ in range(7):
        page.get_by_role("button", name="Next").click()

    expect(page.get_by_text("351 to 357 of 357 records")).to_be_visible()
    expect(page.get_by_role("row")).to_have_count(8)
    expect(page.get_by_role("button", name="Next")).to_be_disabled()


def test_records_are_found_by_text(visit):
    """Whatever member has it, in any case; the pages are those of what was found."""
    page = visit("state", "xqr", "links")
    find = page.get_by_label("Find records by text")

    find.fill("SUMMER24")
    expect(page.get_by_text("1 to 1 of 1 records")).to_be_visible()
    find.fill("nothing has this")
    expect(page.get_by_text("No record has this text.")).to_be_visible()
    find.fill("")

    expect(page.get_by_text("1 to 50 of 357 records")).to_be_visible()


def test_a_record_is_edited_in_the_form_of_its_schema(visit, control, picture):
    """What is entered is what is kept; all else stays as it was."""
    page = visit("state", "pets", "pets")
    page.get_by_role("button", name="1", exact=True).click()
    form = page.get_by_role("dialog")
    expect(form.get_by_label("id", exact=False).first).to_have_attribute("readonly", "")

    form.get_by_label("name").fill("Rex the Second")
    form.get_by_label("status").select_option("sold")
    picture("state-form")
    form.get_by_role("button", name="Save").click()

    expect(page.get_by_text("The record is saved.")).to_be_visible()
    expect(page.get_by_role("cell", name="Rex the Second")).to_be_visible()
    assert control.get(f"{PETS}/1").json() == {"id": 1, "name": "Rex the Second", "species": "dog", "status": "sold"}


def test_what_does_not_fit_is_told_at_its_field(visit, control):
    """Nothing is written, and the field has the focus."""
    page = visit("state", "pets", "pets")
    page.get_by_role("button", name="1", exact=True).click()
    form = page.get_by_role("dialog")
    name = form.get_by_label("name")

    name.fill("")
    form.get_by_role("button", name="Save").click()

    expect(form.get_by_text("expected at least 1 character, got 0")).to_be_visible()
    expect(name).to_have_attribute("aria-invalid", "true")
    expect(name).to_be_focused()
    assert control.get(f"{PETS}/1").json()["name"] == "Rex"


def test_a_record_is_added_and_deleted(visit, control):
    """The form begins with what the schema requires, and the next id."""
    page = visit("state", "pets", "pets")
    page.get_by_role("button", name="Add a record").click()
    form = page.get_by_role("dialog")
    form.get_by_label("name").fill("Coco")
    form.get_by_label("species").select_option("parrot")
    form.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("cell", name="Coco")).to_be_visible()
    added = control.get(f"{PETS}/4").json()

    page.get_by_role("button", name="Delete 4").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()

    expect(page.get_by_role("cell", name="Coco")).to_have_count(0)
    assert (added["name"], added["species"]) == ("Coco", "parrot")
    assert control.get(f"{PETS}/4").status_code == 404


def test_a_record_is_edited_as_json(visit, control):
    """Numbers beyond those of JavaScript stay what they were."""
    control.patch("/state/xqr/links/d47f2e1a-8c3b-4a5d-9e6f-1234567890ab", json={"scan_count": 12345678901234567890})
    page = visit("state", "xqr", "links")
    page.get_by_role("button", name="d47f2e1a-8c3b-4a5d-9e6f-1234567890ab", exact=True).click()
    form = page.get_by_role("dialog")
    form.get_by_role("button", name="Edit as JSON").click()
    area = form.get_by_label("The record as JSON")

    area.fill(area.input_value().replace('"summer24"', '"summer25"'))
    form.get_by_role("button", name="Save").click()

    expect(page.get_by_role("cell", name="summer25", exact=True)).to_be_visible()
    kept = control.get("/state/xqr/links/d47f2e1a-8c3b-4a5d-9e6f-1234567890ab").json()
    assert (kept["short_code"], kept["scan_count"]) == ("summer25", 12345678901234567890)


def test_a_broken_text_is_no_json(visit):
    """The dialog says so and stays open."""
    page = visit("state", "pets", "pets")
    page.get_by_role("button", name="1", exact=True).click()
    form = page.get_by_role("dialog")
    form.get_by_role("button", name="Edit as JSON").click()

    form.get_by_label("The record as JSON").fill('{"id": 1')
    form.get_by_role("button", name="Save").click()

    expect(form.get_by_text("is no JSON")).to_be_visible()


def test_records_that_clients_write_appear(visit, pets):
    """Without a reload of the page."""
    page = visit("state", "pets", "pets")
    expect(page.get_by_role("row")).to_have_count(4)

    pets.post("/pets", json={"name": "Coco", "species": "parrot"})

    expect(page.get_by_role("cell", name="Coco")).to_be_visible()
    expect(page.get_by_role("link", name="pets 4")).to_be_visible()


def test_what_changed_is_shown(visit, pets, control, picture):
    """Created, changed from what to what, deleted."""
    pets.post("/pets", json={"name": "Coco", "species": "parrot"})
    control.patch(f"{PETS}/1", json={"name": "Rex the Second"})
    pets.delete("/pets/2")

    page = visit("state", "changes")

    for word in ("1 created", "1 changed", "1 deleted"):
        expect(page.get_by_text(word, exact=True)).to_be_visible()
    expect(page.get_by_role("row", name='name "Rex" "Rex the Second"')).to_be_visible()
    expect(page.get_by_text('"name":"Minka"')).to_be_visible()
    picture("state-changes")
    pets.post("/pets", json={"name": "Kiwi", "species": "parrot"})
    expect(page.get_by_text("2 created", exact=True)).to_be_visible()


def test_a_world_is_kept_changed_and_brought_back(visit, control):
    """Snapshot, a change, restore."""
    page = visit("state", "pets", "pets")
    page.get_by_role("button", name="Snapshot").click()
    page.get_by_label("Name of the snapshot").fill("three-pets")
    page.get_by_role("button", name="Keep it").click()
    expect(page.get_by_text("The snapshot three-pets is kept.")).to_be_visible()
    control.delete(f"{PETS}/1")

    page.get_by_role("button", name="Restore").click()
    page.get_by_label("Snapshot", exact=True).select_option("three-pets")
    page.get_by_role("dialog").get_by_role("button", name="Restore").click()

    expect(page.get_by_text("The world has the records of three-pets.")).to_be_visible()
    assert control.get(PETS).json()["meta"]["total"] == 3


def test_a_world_is_forked_and_reset(visit, control, world, dashboard_server):
    """The fork is the world that is shown then, and a reset of it leaves the other one alone."""
    control.patch(f"{PETS}/1", json={"name": "Rex the Second"})
    page = visit("state", "pets", "pets")
    page.get_by_role("button", name="Fork").click()
    page.get_by_label("Name of the fork").fill(f"{world}-fork")
    page.get_by_role("dialog").get_by_role("button", name="Fork").click()
    expect(page.get_by_label("World", exact=True)).to_have_value(f"{world}-fork")
    expect(page.get_by_role("cell", name="Rex the Second")).to_be_visible()

    page.get_by_role("button", name="Reset").click()
    page.get_by_role("dialog").get_by_role("button", name="Reset").click()

    expect(page.get_by_role("cell", name="Rex", exact=True)).to_be_visible()
    assert control.get(f"{PETS}/1").json()["name"] == "Rex the Second"


def test_a_refusal_is_told_in_the_dialog(visit, world):
    """In the words of the control API."""
    page = visit("state", "pets", "pets")
    page.get_by_role("button", name="Fork").click()
    page.get_by_label("Name of the fork").fill(world)
    page.get_by_role("dialog").get_by_role("button", name="Fork").click()

    expect(
        page.get_by_role("dialog").get_by_role("alert").get_by_text(f"There is a world {world} already")
    ).to_be_visible()


def test_worlds_are_switched(visit, control, world, dashboard_server):
    """The same view of another world; its name is in the address."""
    with dashboard_server.client(f"/~{world}-b/__admin") as other:
        other.patch(f"{PETS}/1", json={"name": "Other"})
    page = visit("state", "pets", "pets")

    page.get_by_label("World", exact=True).focus()
    page.get_by_label("World", exact=True).select_option(f"{world}-b")

    expect(page.get_by_role("cell", name="Other")).to_be_visible()
    assert page.url.endswith(f"#/{world}-b/state/pets/pets")


def test_a_world_is_made_and_deleted(visit, world, dashboard_server):
    """From the list of worlds; afterwards the default world is shown, and the other one is gone."""
    page = visit("state", "pets", "pets")
    worlds = page.get_by_label("World", exact=True)
    worlds.select_option("New world…")
    page.get_by_label("Name", exact=True).fill(f"{world}-new")
    page.get_by_role("button", name="Make it").click()
    expect(worlds).to_have_value(f"{world}-new")

    page.get_by_role("group", name=f"The world {world}-new").get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()

    expect(worlds).to_have_value("default")
    with dashboard_server.client("/__admin") as client:
        assert f"{world}-new" not in [known["name"] for known in client.get("/worlds").json()["worlds"]]


def test_axe_finds_nothing_serious_in_the_state(visit, axe, control):
    """In the table, in the form with an error, and in what changed."""
    control.patch(f"{PETS}/1", json={"name": "Rex the Second"})
    page = visit("state", "pets", "pets")
    expect(page.get_by_role("row")).to_have_count(4)
    found = {"table": axe()}
    page.get_by_role("button", name="1", exact=True).click()
    page.get_by_label("name").fill("")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("expected at least 1 character")).to_be_visible()
    found["form"] = axe()
    page.keyboard.press("Escape")
    page.get_by_role("link", name="What changed").click()
    expect(page.get_by_text("1 changed", exact=True)).to_be_visible()
    found["changes"] = axe()

    assert found == {"table": [], "form": [], "changes": []}
