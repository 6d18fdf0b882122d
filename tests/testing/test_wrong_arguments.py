"""Arguments that cannot be: refused at once, with what was seen and what was expected."""

from pathlib import Path

import pytest

from mockserver import MockApi, Unusable, create_app, running

ORDERS = Path(__file__).parent.parent.parent / "examples" / "orders.yaml"


@pytest.fixture(scope="module")
def api():
    """A mock in its default world."""
    with running(ORDERS, seeds=2) as api:
        yield api


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ({"security": "none"}, "the option security: expected 'off' or 'present' or 'check', got 'none'"),
        ({"state": "off"}, "the option state: expected True or False, got 'off'"),
        ({"enforce_limits": "off"}, "the option enforce_limits: expected True or False"),
        ({"seeds": "many"}, "the option seeds: expected a whole number from 0, got 'many'"),
        ({"seeds": -1}, "the option seeds: expected a whole number from 0, got -1"),
        ({"seeds": True}, "the option seeds: expected a whole number from 0, got True"),
        ({"journal": -1}, "the option journal: expected"),
        ({"delay": "200"}, "the option delay: expected milliseconds as a number from 0 to 600000, got '200'"),
        ({"handlers": "a.py"}, "the option handlers: expected a list of files"),
        ({"fail": "listOrders=503"}, "the option fail: expected a list of texts"),
        ({"expire_worlds": 0}, "the option expire_worlds: expected seconds as a number above 0, or None, got 0"),
        ({"sead": 1}, "has no option 'sead'; the nearest: seed"),
    ],
)
def test_a_wrong_option_is_refused_before_anything_is_served(option, said):
    """By both ways into this process."""
    with pytest.raises(Unusable, match=f"(?s).*{said}"):
        create_app(ORDERS, **option)
    with pytest.raises(Unusable, match=said), running(ORDERS, **option):
        pass


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (
            lambda api: api.fail_next(500),
            r'expected an operation, such as "listOrders" or "\*", got 500; a status comes',
        ),
        (lambda api: api.fail_next(delay="2s"), "delay: expected milliseconds as a number, such as 2000, or a Delay"),
        (lambda api: api.fail_next(delay=-1), "delay: expected milliseconds"),
        (lambda api: api.fail_next(status="500"), "status: expected a whole number, got '500'"),
        (lambda api: api.fail_next(status=500, headers={"Retry-After": 3}), "headers: expected a mapping of texts"),
        (lambda api: api.fail_next(delya=3), "a fault has no 'delya'; the nearest is 'delay'"),
        (lambda api: api.stub(404), "expected an operation"),
        (lambda api: api.verify("listOrders", tmies=2), "verify has no criterion 'tmies'; the nearest: times"),
        (lambda api: api.assume(5), 'expected assume."name", "option".'),
        (lambda api: api.intercept("not a url"), "'not a url' is no address that can be intercepted"),
        (lambda api: api.intercept(5), "5 is no address"),
        (lambda api: api.clock.advance(None), "None is no duration"),
        (lambda api: api.clock.freeze([]), "is no moment"),
        (lambda api: api.state["orders"].insert(5), "expected a record such as"),
    ],
)
def test_a_wrong_argument_is_refused_where_it_stands(api: MockApi, call, said):
    """And not by the first request that meets it."""
    with pytest.raises(Unusable, match=said):
        call(api)


def test_a_refused_assumption_leaves_the_world_as_it_is():
    """The next one that can be is taken."""
    with running("xqr") as api:
        with pytest.raises(Unusable, match="nope"):
            api.assume("nope", "x")
        api.assume("unknown-ids", "refuse")
        other = api.fork()

    assert other.is_closed


def test_the_collections_are_a_mapping(api: MockApi):
    """With a length, an order and names."""
    assert (list(api.state), len(api.state), sorted(api.state), {**api.state}.keys() == {"orders"}) == (
        ["orders"],
        1,
        ["orders"],
        True,
    )


def test_a_document_that_is_not_there_is_told_with_the_nearest(suite):
    """And with the folders that were searched; an option among the APIs of the ini file is told as one."""
    missing = suite("def test_one(mock_api):\n    mock_api('order.yaml')\n")
    option = suite("def test_one(mock_api):\n    mock_api()\n", "-o", "mock_api=orders.yaml seeds=0")

    missing.stdout.fnmatch_lines(["E *Unusable: 'order.yaml' is neither * looked in /*; the nearest: orders.yaml*"])
    option.stdout.fnmatch_lines(["E *Unusable: 'seeds=0' is an option, and an API was expected: *"])


def test_each_mock_of_a_failed_test_has_a_file(suite, pytester):
    """A mock and its fork, two mocks of a document, and tests whose parameters differ in characters alone."""
    suite(
        """
@pytest.mark.parametrize("name", ["a/b", "a:b"])
def test_fails(mock_api, name):
    one, two = mock_api("orders.yaml"), mock_api("orders.yaml")
    for api in (one, one.fork(), two):
        httpx.get(api.url + "/orders", headers=api.headers)
    assert False
""",
        "--mock-har=archives",
    )

    assert len({*(pytester.path / "archives").glob("*.har")}) == 6


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (
            "def answer(call, state):\n    pass",
            "*returned None, and the document declares a body for 200*",
        ),
        (
            "def answer(call, state):\n    return 200, {}",
            "*returned the tuple (200, {}); expected a body*",
        ),
        (
            "async def answer(call, state):\n    return {}",
            "*the handler of getOrder is asynchronous*",
        ),
        (
            "def answer(call):\n    return {}",
            "*takes (call); expected a function of (call, state)*",
        ),
        (
            "def answer(call, state):\n    return state['ordres']",
            "*no collection 'ordres'; the nearest: orders*",
        ),
    ],
)
def test_a_handler_of_a_wrong_shape_is_told(suite, pytester, code, said):
    """When it is loaded where that can be seen, else in the test that asked it."""
    (pytester.path / "handlers.py").write_text(f"{code}\n\nHANDLERS = {{'getOrder': answer}}\n")
    done = suite("""
def test_read(mock_api, request):
    api = mock_api("orders.yaml", handlers=[request.path.with_name("handlers.py")])
    httpx.get(f"{api.url}/orders/1", headers=api.headers)
""")

    done.assert_outcomes(failed=1)
    done.stdout.fnmatch_lines([said])
