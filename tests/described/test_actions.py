"""What is done to a record by name, whatever way the document has of saying so."""

from pathlib import Path

import pytest

ORDERS = (Path(__file__).parent / "actions.yaml").read_text(encoding="utf-8")


@pytest.fixture
def orders(serve):
    """The orders as they are served."""
    return serve(ORDERS)


@pytest.fixture
def order(orders):
    """The path of an order."""
    made = orders.post("/orders", json={"name": "Lamp", "balance": 10, "amount": 50}).json()
    return f"/orders/{made['id']}"


@pytest.mark.parametrize(
    ("method", "path", "body", "member", "value"),
    [
        ("POST", "/actions/approve", None, "status", "approved"),
        ("POST", ":archive", None, "status", "archived"),
        ("POST", "/cancel", {"reason": "late"}, "cancel_reason", "late"),
        ("PUT", "/status", {"status": "paid"}, "status", "paid"),
        ("PUT", "/priority", {"value": 4}, "priority", 4),
        ("POST", "/assign", {"user_id": 7}, "assignee_id", 7),
        ("POST", "/move", {"destination_folder": 3}, "folder_id", 3),
        ("POST", "/action", {"type": "lock"}, "locked", True),
        ("POST", "/refund", {"amount": 5}, "amount_refunded", 5),
        ("POST", "/refund", {"amount": 5}, "amount", 50),
        ("POST", "/withdraw", {"amount": 2.5}, "balance", 7.5),
        ("POST", "/withdraw", {"amount": 500}, "balance", 10),
        ("POST", "/withdraw", {"amount": 2.5}, "status", "new"),
        ("POST", "/token", {"name": "Chair"}, "name", "Lamp"),
    ],
)
def test_an_action_sets_what_it_says(orders, order, method, path, body, member, value):
    """By its name, or by what its body says of the record, whatever it answers."""
    orders.request(method, order + path, json=body)

    assert orders.get(order).json()[member] == value


def test_the_verb_may_stand_before_the_id(orders, order):
    """`PUT /orders/close/{id}`."""
    closed = orders.put(order.replace("/orders/", "/orders/close/")).json()

    assert (closed["status"], closed["name"]) == ("closed", "Lamp")
    assert orders.get(order).json() == closed


def test_what_was_done_is_a_conflict_whatever_the_body_adds(orders, order):
    """The declared 409, and nothing changes."""
    first = orders.post(f"{order}/cancel", json={"reason": "late"})
    again = orders.post(f"{order}/cancel", json={"reason": "never"})

    assert (first.status_code, again.status_code) == (200, 409)
    assert orders.get(order).json()["cancel_reason"] == "late"


def test_a_flag_is_counted_once(orders, order):
    """A second favorite counts nothing, and one that is taken back counts one less."""
    counts = [
        orders.request(method, f"{order}/favorite").json()["favoritesCount"] for method in ("POST", "POST", "DELETE")
    ]

    assert counts == [1, 1, 0]


def test_less_than_is_there_cannot_be_taken(orders, order):
    """The declared 409 says so."""
    assert orders.post(f"{order}/withdraw", json={"amount": 11}).status_code == 409
    assert orders.post(f"{order}/withdraw", json={"amount": 10}).json()["balance"] == 0


def test_every_change_counts_in_the_version(orders, order):
    """PUT as PATCH and as an action, once each."""
    orders.put(order, json={"name": "Chair"})
    orders.patch(order, json={"name": "Table"})
    orders.post(f"{order}/cancel", json={"reason": "late"})

    assert orders.get(order).json()["version"] == 4


def test_what_there_is_one_of_has_actions_too(orders):
    """`POST /account/deactivate`."""
    orders.patch("/account", json={"active": True})

    orders.post("/account/deactivate")

    assert orders.get("/account").json() == {"active": False}
