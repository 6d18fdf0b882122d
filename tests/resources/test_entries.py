"""A list inside a record grows and shrinks with what is done below the record."""

import pytest


@pytest.fixture
def carts(serve):
    """Carts, and one basket."""
    return serve("carts")


@pytest.fixture
def cart(carts):
    """The path of an empty cart."""
    _, made = carts("POST", "/carts")
    return f"/carts/{made['id']}"


def test_the_lines_of_a_cart_grow(carts, cart):
    """Each answer is the cart; each line has an id of its own, and all are counted."""
    carts("POST", f"{cart}/items", {"productId": "a", "quantity": 2})
    status, answer = carts("POST", f"{cart}/items", {"productId": "b"})

    assert (status, answer["items"], answer["itemCount"]) == (
        201,
        [{"id": 1, "productId": "a", "quantity": 2}, {"id": 2, "productId": "b"}],
        2,
    )
    assert carts("GET", cart) == (200, answer)


def test_a_line_is_changed_and_taken_away(carts, cart):
    """One that is not there is the declared 404, and so is a cart that is not."""
    carts("POST", f"{cart}/items", {"productId": "a", "quantity": 2})
    _, changed = carts("PATCH", f"{cart}/items/1", {"quantity": 5})
    _, left = carts("DELETE", f"{cart}/items/1")

    assert changed["items"] == [{"id": 1, "productId": "a", "quantity": 5}]
    assert (left["items"], left["itemCount"]) == ([], 0)
    assert carts("DELETE", f"{cart}/items/1")[0] == 404
    assert carts("POST", "/carts/none/items", {"productId": "a"})[0] == 404


def test_all_lines_are_taken_away(carts, cart):
    """DELETE of the list."""
    carts("POST", f"{cart}/items", {"productId": "a"})

    assert carts("DELETE", f"{cart}/items")[1]["items"] == []
    assert carts("GET", cart)[1]["items"] == []


def test_what_there_is_but_one_of_holds_a_list(carts):
    """An id that clients choose is met again: its quantities add up, and PUT sets them."""
    carts("DELETE", "/basket")
    first = carts("POST", "/basket/lines", {"sku": "x", "quantity": 2, "price": 1.5})
    carts("POST", "/basket/lines", {"sku": "x", "quantity": 1, "price": 1.5})
    _, put = carts("PUT", "/basket/lines/y", {"quantity": 4, "price": 2})
    _, lines = carts("GET", "/basket/lines")

    assert first == (201, {"sku": "x", "quantity": 2, "price": 1.5})
    assert lines == [{"sku": "x", "quantity": 3, "price": 1.5}, {"sku": "y", "quantity": 4, "price": 2}]
    assert put == {"lines": lines, "total": 12.5}
    assert carts("GET", "/basket") == (200, put)


@pytest.mark.parametrize(("method", "path"), [("DELETE", "/basket"), ("POST", "/basket/clear")])
def test_it_is_emptied_and_stays(carts, method, path):
    """Where the document has no 404 for it."""
    carts("POST", "/basket/lines", {"sku": "x"})

    carts(method, path)

    assert carts("GET", "/basket") == (200, {"lines": [], "total": 0})
