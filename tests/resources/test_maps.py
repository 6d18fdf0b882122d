"""A collection whose list is an object of its records by their ids."""

import pytest


@pytest.fixture
def maps(serve):
    """Flags, of which the document shows two, and members of teams."""
    return serve("maps")


def test_it_begins_with_what_the_example_shows(maps):
    """Each stands at its key."""
    assert maps("GET", "/flags") == (200, {"beta": {"on": True, "name": "Beta"}, "dark": {"on": False, "name": "Dark"}})
    assert maps("GET", "/flags/dark") == (200, {"on": False, "name": "Dark"})


def test_what_was_put_is_below_its_key_until_it_is_deleted(maps):
    """A name is no key: it stays as it was sent."""
    made = maps("PUT", "/flags/new", {"on": True, "name": "Newest"})
    shown = maps("GET", "/flags")[1]
    maps("DELETE", "/flags/new")

    assert made == (201, {"on": True, "name": "Newest"})
    assert shown["new"] == {"on": True, "name": "Newest"}
    assert [*maps("GET", "/flags")[1]] == ["beta", "dark"]


def test_it_is_filtered_as_a_list_is(maps):
    """By the members of its records."""
    assert maps("GET", "/flags?on=false") == (200, {"dark": {"on": False, "name": "Dark"}})


def test_a_map_that_is_put_replaces_all(maps):
    """What is not in it is gone."""
    status, _ = maps("PUT", "/flags", {"dark": {"on": True}, "light": {"on": False}})

    assert status == 200
    assert maps("GET", "/flags") == (200, {"dark": {"on": True}, "light": {"on": False}})
    assert maps("GET", "/flags/beta")[0] == 404


def test_a_map_is_laid_over_all(maps):
    """Known ones are changed, new ones added, and null takes one away."""
    answer = maps("PATCH", "/flags", {"dark": {"on": True}, "light": {"on": False}, "beta": None})

    assert answer == (200, {"dark": {"on": True, "name": "Dark"}, "light": {"on": False}})
    assert maps("GET", "/flags")[1] == {"dark": {"on": True, "name": "Dark"}, "light": {"on": False}}


def test_a_map_in_an_envelope_knows_what_it_belongs_to(maps):
    """Each team has its own members."""
    maps("PUT", "/teams/red/members/ann", {"login": "ann", "role": "lead"})

    assert maps("GET", "/teams/red/members")[1]["members"]["ann"] == {"login": "ann", "role": "lead"}
    assert "ann" not in maps("GET", "/teams/blue/members")[1]["members"]
