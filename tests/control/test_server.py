"""The process and its worlds, over the wire."""

import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest

from mockserver import __version__

LINK = "/state/xqr/links/d47f2e1a-8c3b-4a5d-9e6f-1234567890ab"


def test_health_is_one_word(control):
    """Whoever waits for the server asks here."""
    answer = control.get("/health")

    assert (answer.status_code, answer.json()) == (200, {"status": "healthy"})


def test_the_first_health_is_told_at_once():
    """Whoever started the server waits for no import: the answer is the same without Flask as with it."""
    program = """
import sys, httpx
from mockserver.server import create_app

client = httpx.Client(transport=httpx.WSGITransport(app=create_app()), base_url="http://localhost/__admin")
first = client.get("/health")
assert "flask" not in sys.modules
client.get("/version")
assert "flask" in sys.modules
later = client.get("/health")
assert (first.status_code, first.headers, first.content) == (later.status_code, later.headers, later.content)
"""

    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert (ended.returncode, ended.stderr) == (0, "")


def test_the_version_is_that_of_the_package(control):
    """The version tells which package answers."""
    answer = control.get("/version")

    assert answer.json() == {"version": __version__}


def test_a_reset_world_is_as_new(control, xqr):
    """Records are those of the fixtures again, and the journal is empty."""
    xqr.get("/api/v1/links")
    control.patch(LINK, json={"enabled": False})

    answer = control.post("/reset")

    assert (answer.status_code, answer.content) == (204, b"")
    assert control.get(LINK).json()["enabled"] is True
    assert control.get("/requests").json()["requests"] == []


def test_a_reset_leaves_other_worlds_alone(control, server):
    """What one world does no other sees."""
    with server.client("/~elsewhere/__admin") as elsewhere:
        elsewhere.patch(LINK, json={"scan_count": 7})

        control.post("/reset")

        assert elsewhere.get(LINK).json()["scan_count"] == 7
        elsewhere.post("/reset")


def test_worlds_are_listed_once_they_were_used(control, world, xqr):
    """A world is there from its first use, with the length of its journal."""
    xqr.get("/api/v1/links")

    [listed] = [found for found in control.get("/worlds").json()["worlds"] if found["name"] == world]

    assert listed["requests"] == 1
    assert listed["lastRequest"] == control.get("/requests").json()["requests"][0]["at"]


def test_a_world_without_requests_had_no_last_one(control, world):
    """Looking into a world is no request in it."""
    worlds = control.get("/worlds").json()["worlds"]

    assert {"name": world, "requests": 0, "lastRequest": None, "problem": None} in worlds


@pytest.fixture
def victim(server, world) -> Iterator[httpx.Client]:
    """The control API of another world, with a record that was changed."""
    with server.client(f"/~{world}-victim/__admin") as client:
        client.patch(LINK, json={"enabled": False})
        yield client


def names(control) -> list[str]:
    """The worlds that are listed."""
    return [found["name"] for found in control.get("/worlds").json()["worlds"]]


def test_a_deleted_world_is_gone_and_its_name_begins_anew(control, victim, world):
    """It is no longer listed; used again it is as new."""
    answer = control.delete(f"/worlds/{world}-victim")
    left = names(control)

    assert (answer.status_code, answer.content) == (204, b"")
    assert f"{world}-victim" not in left
    assert victim.get(LINK).json()["enabled"] is True


def test_a_world_can_be_deleted_from_inside(victim, world, control):
    """A test ends with one request to the world that it used."""
    answer = victim.delete(f"/worlds/{world}-victim")

    assert answer.status_code == 204
    assert f"{world}-victim" not in names(control)


@pytest.mark.parametrize("name", ["never-used", "%20", "~x", "x" * 100, "DEFAULT"])
def test_a_world_that_is_none_cannot_be_deleted(control, name):
    """Nor does the attempt make one."""
    before = names(control)

    answer = control.delete(f"/worlds/{name}")

    assert (answer.status_code, "GET /__admin/worlds lists them" in answer.json()["detail"]) == (404, True)
    assert names(control) == before


def test_the_default_world_can_only_be_reset(control):
    """It is where requests go that name no world."""
    answer = control.delete("/worlds/default")

    assert answer.status_code == 409
    assert answer.json()["detail"] == ("The default world cannot be deleted; POST /__admin/reset makes it as new.")
    assert "default" in names(control)


def test_a_world_can_be_named_by_a_header(server, control, world):
    """`Mock-World` names the world as the prefix does."""
    control.patch(LINK, json={"scan_count": 9})

    with server.client("/__admin", {"Mock-World": world}) as client:
        answer = client.get(LINK)

    assert answer.json()["scan_count"] == 9


def test_the_document_names_the_address_that_it_was_asked_at(control, server, world):
    """Tools that read the document from the server need to be told nothing else."""
    document = control.get("/openapi.json").json()

    assert document["servers"] == [{"url": f"{server.root}/~{world}/__admin"}]
    assert document["info"]["version"] == __version__


def test_the_document_lists_the_names_of_what_is_served(control):
    """Names that only this server knows are listed where they are asked for."""
    schemas = control.get("/openapi.json").json()["components"]["schemas"]

    assert "xqr" in schemas["ApiName"]["enum"]
    assert "links" in schemas["CollectionName"]["enum"]
    assert "bulkUpdateLinkStatus" in schemas["OperationName"]["enum"]
    assert "xqr.unknown-ids=skip" in schemas["AssumptionName"]["enum"]


@pytest.mark.parametrize("path", ["/health", "/version", "/worlds", "/nowhere", "/worlds/nobody", "/openapi.json"])
def test_no_answer_is_to_be_taken_for_something_else(control, path):
    """Browsers are told to believe the media type."""
    answer = control.get(path)

    assert answer.headers["X-Content-Type-Options"] == "nosniff"
