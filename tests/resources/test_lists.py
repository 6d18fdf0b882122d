"""Lists agree with their records; the query filters, sorts and pages them."""

import pytest


@pytest.fixture
def shop(serve):
    """Customers: Ada and Cyd of London, Bea of Oslo."""
    return serve("shop")


def names(answer):
    """Whom the list has, in its order."""
    return [customer["name"] for customer in answer[1]]


def test_a_collection_begins_with_the_records_of_the_examples(shop):
    """Each is also found by itself."""
    _, listed = shop("GET", "/customers?per_page=50")

    assert listed == [
        {"id": 7, "name": "Ada", "city": "London", "created_at": "2026-01-01T00:00:00Z"},
        {"id": 9, "name": "Bea", "city": "Oslo", "created_at": "2026-01-02T00:00:00Z"},
        {"id": 12, "name": "Cyd", "city": "London", "created_at": "2026-01-03T00:00:00Z"},
    ]
    assert [shop("GET", f"/customers/{customer['id']}")[1] for customer in listed] == listed


def test_a_collection_without_examples_begins_with_made_up_records(shop):
    """Three of them, below each record that they can belong to, and found by themselves."""
    _, orders = shop("GET", "/customers/9/orders")

    assert (len(orders), {order["customer_id"] for order in orders}) == (3, {9})
    assert [shop("GET", f"/customers/9/orders/{order['id']}") for order in orders] == [(200, o) for o in orders]


def test_a_new_record_comes_last(shop):
    """In the order in which they were made."""
    shop("POST", "/customers", {"name": "Dee"})

    assert names(shop("GET", "/customers?per_page=50")) == ["Ada", "Bea", "Cyd", "Dee"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("per_page=50&city=London", ["Ada", "Cyd"]),
        ("per_page=50&city=Rome", []),
        ("per_page=50&sort=-name", ["Cyd", "Bea", "Ada"]),
        ("per_page=50&sort=city:desc,name:desc", ["Bea", "Cyd", "Ada"]),
        ("per_page=50&sort=created", ["Ada", "Bea", "Cyd"]),
        ("per_page=50&sort=weather", ["Ada", "Bea", "Cyd"]),
        ("", ["Ada", "Bea"]),
        ("page=2", ["Cyd"]),
        ("page=3", []),
        ("page=2&per_page=1", ["Bea"]),
    ],
)
def test_the_query_chooses_among_the_records(shop, query, found):
    """By members, by order, by page."""
    assert names(shop("GET", f"/customers?{query}")) == found


def test_link_leads_through_the_pages(shop):
    """RFC 8288, where the header is declared; the rest of the query stays."""
    first = shop.client.get("/customers?per_page=1&city=London")

    following = first.links["next"]["url"].partition("?")[2]
    second = shop.client.get(f"/customers?{following}")

    assert [customer["name"] for customer in first.json() + second.json()] == ["Ada", "Cyd"]
    assert ("next" in second.links, "prev" in second.links) == (False, True)


@pytest.mark.parametrize(("status", "statuses"), [("closed", {"closed"}), ("all", {"open", "closed"})])
def test_a_value_that_no_record_can_have_filters_nothing(shop, status, statuses):
    """`all` is none of the states of an order."""
    _, order = shop("POST", "/customers/7/orders", {})
    shop("POST", f"/customers/7/orders/{order['id']}/close")
    shop("POST", "/customers/7/orders", {})

    _, orders = shop("GET", f"/customers/7/orders?status={status}")

    assert {order["status"] for order in orders} == statuses


def test_a_default_of_the_query_leaves_what_it_could_not_mean(shop):
    """A name may be anything, and `Nobody` is only the default: it filters where it is asked for."""
    assert names(shop("GET", "/customers?per_page=50")) == ["Ada", "Bea", "Cyd"]
    assert names(shop("GET", "/customers?per_page=50&name=Bea")) == ["Bea"]


def test_a_search_beside_the_records_finds_the_same_ones(serve):
    """`/pet/findByStatus` takes several values."""
    pets = serve("petstore2")
    pets("POST", "/pet", {"id": 77, "name": "Rex", "photoUrls": [], "status": "sold"})

    _, found = pets("GET", "/pet/findByStatus?status=sold&status=available")

    assert 77 in [pet["id"] for pet in found]
    assert {pet["status"] for pet in found} <= {"sold", "available"}


# The same for the same seed


def test_two_worlds_begin_with_the_same(serve):
    """What one does the other does not see."""
    one, other = serve("shop"), serve("shop")
    _, orders = one("GET", "/customers/7/orders")

    one("DELETE", "/customers/7")

    assert other("GET", "/customers/7/orders") == (200, orders)


# Corrections


def test_keys_of_an_overlay_correct_the_plan(shop):
    """`x-mock-collection`, `x-mock-id`, `x-mock-seeds` and `x-mock-role`."""
    _, coupons = shop("GET", "/coupons")

    assert ("vouchers" in shop.world.of("shop"), len(coupons)) == (True, 5)
    assert shop("GET", f"/coupons/{coupons[4]['label']}") == (200, coupons[4])
    assert shop("DELETE", f"/coupons/{coupons[4]['label']}")[0] == 204
    assert shop("GET", "/coupons") == (200, coupons)


# The control API


def test_the_control_api_shows_what_is_kept(shop):
    """Before anyone asked for it, and as the API shows it."""
    admin = "http://127.0.0.1:4010/__admin/state/shop"

    _, found = shop("GET", f"{admin}/customers/9")
    _, orders = shop("GET", f"{admin}/orders")

    assert found == shop("GET", "/customers/9")[1]
    assert len(orders["records"]) == 9


def test_the_control_api_writes_what_is_kept(shop):
    """A record that breaks its schema is refused."""
    admin = "http://127.0.0.1:4010/__admin/state/shop/customers"
    record = {"id": 40, "name": "Eve", "created_at": "2026-01-04T00:00:00Z"}

    statuses = [shop("POST", admin, body)[0] for body in (record, {"id": 41, "name": "Fay"})]

    assert (statuses, shop("GET", "/customers/40")) == ([201, 422], (200, record))
