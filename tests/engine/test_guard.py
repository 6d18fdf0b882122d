"""Who calls, and may they?"""

from dataclasses import replace

import pytest

from mockserver.engine.service import Settings
from mockserver.engine.steps.authenticate import Guard
from tests.engine.todo import ASSUMPTIONS, refuse_expired, serve


@pytest.mark.parametrize(
    ("header", "status", "code"),
    [
        (None, 401, "unauthenticated"),
        ("", 401, "unauthenticated"),
        ("Bearer", 401, "unauthenticated"),
        ("Bearer ", 401, "unauthenticated"),
        ("Bearer unknown", 401, "unauthenticated"),
        ("Bearer  ann-1", 401, "unauthenticated"),
        ("Bearer ann-1 x", 401, "unauthenticated"),
        ("bearer ann-1", 401, "unauthenticated"),
        ("Basic ann-1", 401, "unauthenticated"),
        ("ann-1", 401, "unauthenticated"),
        ("Bearer stray", 401, "unauthenticated"),
        ("Bearer ann-old", 401, "expired"),
        ("Bearer ann-read", 403, "forbidden"),
    ],
)
def test_who_may_not_is_refused(todo, header, status, code):
    """401 with a challenge where nobody is known, 403 where somebody is; and nothing is done."""
    client = todo.client
    del client.headers["Authorization"]

    answer = client.post("/tasks", json={"title": "Wax"}, headers={} if header is None else {"Authorization": header})

    assert (answer.status_code, answer.json()["code"], len(todo.tasks)) == (status, code, 3)
    assert answer.headers.get("WWW-Authenticate") == ("Bearer" if status == 401 else None)


@pytest.mark.parametrize(
    ("header", "detail"),
    [
        ("Bearer unknown", "The credential is not known."),
        ("Bearer", "The Authorization header is not of the form `Bearer <credential>`."),
        ("Basic ann-1", "The Authorization header is not of the form `Bearer <credential>`."),
        ("ann-1", "The Authorization header is not of the form `Bearer <credential>`."),
    ],
)
def test_a_wrong_form_is_told_from_an_unknown_key(todo, header, detail):
    """A good key in the wrong form is not called unknown."""
    answer = todo.client.get("/tasks", headers={"Authorization": header})

    assert answer.json()["detail"] == detail


@pytest.mark.parametrize(("key", "status"), [("ann-1", 200), ("bob-1", 200), ("ann-read", 200)])
def test_who_holds_the_scope_may(todo, key, status):
    """By its name, or by `*`."""
    answer = todo.client.get("/tasks", headers={"Authorization": f"Bearer {key}"})

    assert answer.status_code == status


def test_an_operation_without_security_asks_nobody(todo):
    """Neither for a key nor for a good one."""
    answer = todo.client.post("/echo", json=1, headers={"Authorization": "Bearer unknown"})

    assert (answer.status_code, answer.json()) == (200, 1)


def test_who_is_unknown_learns_nothing_of_the_body(todo):
    """401 comes before 400 and 422."""
    answer = todo.client.post("/tasks", content=b"{", headers={"Authorization": "Bearer unknown"})

    assert answer.status_code == 401


@pytest.mark.parametrize(("option", "status"), [("on", 401), ("off", 401), ("ignore", 200)])
def test_the_case_of_the_scheme_counts_unless_assumed_otherwise(option, status):
    """Only the option `ignore` lets it pass, and the answer names the assumption."""
    guard = Guard("Bearer", "keys", ("users", "user"), "scopes", refuse_expired, scheme_case="scheme-case")
    todo = serve(guard=guard, assumptions=with_option("scheme-case", option), settings=switch("scheme-case", option))

    answer = todo.client.get("/tasks", headers={"Authorization": "BEARER ann-1"})

    assert answer.status_code == status
    assert answer.headers["Mock-Assumption"] == f"todo.scheme-case={option}"


@pytest.mark.parametrize(("option", "status"), [("permit-first", 403), ("body-first", 422)])
def test_what_is_refused_first_is_assumed(option, status):
    """A caller who may not sends a body that breaks its contract."""
    guard = Guard("Bearer", "keys", ("users", "user"), "scopes", permit_order="order")
    todo = serve(guard=guard, assumptions=with_option("order", option), settings=switch("order", option))

    answer = todo.client.post("/tasks", json={}, headers={"Authorization": "Bearer ann-read"})

    assert (answer.status_code, answer.headers["Mock-Assumption"]) == (status, f"todo.order={option}")


@pytest.mark.parametrize("option", ["permit-first", "body-first"])
def test_the_order_is_not_relied_on_where_it_does_not_matter(option):
    """A caller who may not, with a good body, is refused either way."""
    guard = Guard("Bearer", "keys", ("users", "user"), "scopes", permit_order="order")
    todo = serve(guard=guard, assumptions=with_option("order", option), settings=switch("order", option))

    answer = todo.client.post("/tasks", json={"title": "Wax"}, headers={"Authorization": "Bearer ann-read"})

    assert (answer.status_code, "Mock-Assumption" in answer.headers) == (403, False)


def with_option(name, option):
    """The to-do list's assumptions, one of which has this option as well."""
    return tuple(
        replace(found, options={**found.options, option: "As asked."}) if found.name == name else found
        for found in ASSUMPTIONS
    )


def switch(name, option):
    """The settings that switch one assumption."""
    return Settings(assume={name: option})
