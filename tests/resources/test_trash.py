"""What was deleted and can be restored is kept aside."""

import pytest


@pytest.fixture
def notes(serve):
    """Notes, of which 4 is new and was deleted, with a line of its own."""
    mock = serve("trash")
    _, made = mock("POST", "/notes", {"text": "mine"})
    assert made["id"] == 4
    mock("POST", "/notes/4/lines", {"text": "first"})
    mock("DELETE", "/notes/4")
    return mock


def test_what_was_deleted_is_not_there(notes):
    """Neither by itself nor in the list; the answer to DELETE says that it is deleted."""
    _, deleted = notes("DELETE", "/notes/1")

    assert (deleted["deleted"], deleted["deleted_at"] is None) == (True, False)
    assert (notes("GET", "/notes/4")[0], notes("GET", "/notes/4/lines")[0]) == (404, 404)
    assert [note["id"] for note in notes("GET", "/notes")[1]] == [2, 3]


def test_a_list_shows_it_where_it_is_asked_to(notes):
    """Beside the others, or alone."""
    _, every = notes("GET", "/notes?include_deleted=true")
    _, trash = notes("GET", "/notes/trash")

    assert [(note["id"], note["deleted"]) for note in every[-1:]] == [(4, True)]
    assert [note["id"] for note in trash] == [4]


def test_it_is_restored_with_all_that_belongs_to_it(notes):
    """As it was, and once."""
    status, restored = notes("POST", "/notes/4/restore")

    assert (status, restored["text"], restored["deleted"], restored["deleted_at"]) == (200, "mine", False, None)
    assert notes("GET", "/notes/4") == (200, restored)
    assert [line["text"] for line in notes("GET", "/notes/4/lines")[1]][-1:] == ["first"]
    assert notes("GET", "/notes/trash") == (200, [])
    assert (notes("POST", "/notes/4/restore")[0], notes("POST", "/notes/99/restore")[0]) == (409, 404)
