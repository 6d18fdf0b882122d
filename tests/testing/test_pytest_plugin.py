"""The pytest plugin, as the suites of users meet it."""

import json
import os
import subprocess
import sys

import pytest


def test_each_test_has_a_world_of_its_own(suite):
    """On one server: what one test creates the next one does not see."""
    done = suite("""
ROOTS = set()

@pytest.mark.parametrize("number", range(3))
def test_create(mock_api, number):
    api = mock_api("orders.yaml", seeds=0)
    ROOTS.add(api.root.partition("/~")[0])
    answer = httpx.post(f"{api.url}/orders", json={"article": "lamp", "quantity": 2}, headers=api.headers)
    assert (answer.status_code, len(api.state["orders"]), len(api.journal), len(ROOTS)) == (201, 1, 1, 1)
""")

    done.assert_outcomes(passed=3)


def test_what_a_test_writes_the_api_reads(suite):
    """And a record that the API could not work with is refused, with the reason."""
    done = suite("""
def test_state(mock_api):
    api = mock_api("orders.yaml", seeds=0)
    orders = api.state["orders"]
    made = {"id": 7, "article": "lamp", "quantity": 2, "status": "paid", "createdAt": "2026-03-20T09:00:00Z"}
    orders.insert(made)
    orders.update(7, {"quantity": 3})
    with pytest.raises(Exception, match="lost.* is none of") as refused:
        orders.update(7, {"status": "lost"})

    assert type(refused.value).__name__ == "Unusable"
    assert httpx.get(f"{api.url}/orders/7", headers=api.headers).json() == {**made, "quantity": 3}
    assert (orders.where(status="paid"), 7 in orders, len(orders)) == ([{**made, "quantity": 3}], True, 1)
    orders.delete(7)
    assert httpx.get(f"{api.url}/orders/7", headers=api.headers).status_code == 404
    with pytest.raises(KeyError, match="orders has no collection 'order'; it has orders"):
        api.state["order"]
""")

    done.assert_outcomes(passed=1)


def test_time_is_the_worlds(suite):
    """It stands still, and moves by durations as people write them."""
    done = suite("""
def test_clock(mock_api):
    api = mock_api("orders.yaml", seeds=0)
    api.clock.freeze("2026-03-20T09:00:00Z")
    api.clock.advance("3d 1h")
    made = httpx.post(f"{api.url}/orders", json={"article": "a", "quantity": 1}, headers=api.headers).json()
    assert made["createdAt"] == "2026-03-23T10:00:00Z"
    with pytest.raises(Exception, match="'soon' is no duration; expected one such as '3d'"):
        api.clock.advance("soon")
""")

    done.assert_outcomes(passed=1)


def test_webhooks_are_in_the_outbox(suite, receiver):
    """With what became of them; `settle` waits for those that are due."""
    receiver.script(204)
    done = suite(f"""
def test_outbox(mock_api):
    api = mock_api("orders.yaml", seeds=0)
    body = {{"article": "a", "quantity": 1, "notify": "{receiver.url}"}}
    httpx.post(f"{{api.url}}/orders", json=body, headers=api.headers)
    [delivery] = api.outbox.settle()
    assert (delivery["event"], delivery["state"]) == ("created", "delivered")
""")

    done.assert_outcomes(passed=1)
    assert json.loads(receiver.wait(1)[0].body)["article"] == "a"


def test_a_failed_test_tells_what_it_asked(suite):
    """A line for each exchange, with violations, and with credentials masked; a test that passes tells nothing."""
    done = suite("""
def test_fails(mock_api):
    api = mock_api("orders.yaml", seeds=0)
    headers = {"X-Api-Key": "a-very-secret-key-of-mine"}
    httpx.get(f"{api.url}/orders?status=paid", headers=headers)
    answer = httpx.post(f"{api.url}/orders", json={"quantity": 0, "password": "hunter2hunter2hunter2"}, headers=headers)
    assert answer.status_code == 201

def test_passes(mock_api):
    httpx.get(mock_api("orders.yaml").url + "/orders")
""")

    done.assert_outcomes(passed=1, failed=1)
    done.stdout.fnmatch_lines(
        [
            "*- mock orders, world test_fails-* -*",
            "1. GET /v1/orders?status=paid -> 200 in * ms by state: listOrders",
            '     < {"items": ?], "total": 0}',
            "2. POST /v1/orders -> 422 in * ms by invalid: createOrder",
            "     request breaks the document: body/article: is required",
            '     > {"quantity": 0, "password": "hunt***"}',
        ]
    )
    assert "world test_passes" not in done.stdout.str()
    assert "a-very-secret" not in done.stdout.str().partition("mock orders, world")[2]


def test_a_failed_test_leaves_an_archive(suite, pytester):
    """Where it was asked for: HAR 1.2."""
    suite(
        """
def test_fails(mock_api):
    api = mock_api("orders.yaml", seeds=0)
    httpx.post(f"{api.url}/orders", json={"article": "lamp", "quantity": 2}, headers=api.headers)
    assert False
""",
        "--mock-har=archives",
    )

    [file] = (pytester.path / "archives").glob("*.har")
    [entry] = json.loads(file.read_text())["log"]["entries"]

    assert file.name == "test_suite.py-test_fails-orders.har"
    assert entry["request"]["postData"]["text"] == '{"article":"lamp","quantity":2}'
    assert entry["response"]["status"] == 201


HANDLERS = """
def close(order):
    return order.body["nobody"]

def get_order(call, state):
    return close(call.default())

HANDLERS = {"getOrder": get_order}
"""


@pytest.mark.parametrize("status", [200, 500])
def test_a_mistake_in_a_handler_is_raised_in_the_test(suite, pytester, status):
    """With the traceback of the handler; where the test failed too, it is what that was caused by."""
    pytester.path.joinpath("handlers.py").write_text(HANDLERS)
    done = suite(f"""
def test_read(mock_api, request):
    api = mock_api("orders.yaml", handlers=[str(request.path.with_name("handlers.py"))])
    assert httpx.get(f"{{api.url}}/orders/1", headers=api.headers).status_code == {status}

class TestOfUnittest(__import__("unittest").TestCase):
    @pytest.fixture(autouse=True)
    def _mocked(self, mock_api, request):
        self.api = mock_api("orders.yaml", handlers=[str(request.path.with_name("handlers.py"))])

    def test_read(self):
        self.assertEqual(httpx.get(f"{{self.api.url}}/orders/1", headers=self.api.headers).status_code, {status})
""")

    done.assert_outcomes(failed=2)
    done.stdout.fnmatch_lines(
        ['>       return order.body?"nobody"?', "E       KeyError: 'nobody'", "handlers.py:3: KeyError"]
    )
    assert "service.py" not in done.stdout.str().partition("Captured")[0]


def test_a_strict_mock_fails_what_breaks_its_document(suite):
    """By an argument, by the marker, by the command line and by the ini file; the nearest has the last word."""
    text = """
def ask(api):
    assert httpx.post(f"{api.url}/orders", json={}, headers=api.headers).status_code == 422

def test_as_said(mock_api):
    ask(mock_api("orders.yaml"))

def test_by_argument(mock_api):
    ask(mock_api("orders.yaml", strict=True))

@pytest.mark.mock_api(strict=True)
def test_by_marker(mock_api):
    ask(mock_api("orders.yaml"))

@pytest.mark.mock_api("orders.yaml", strict=False)
def test_on_purpose(mock_api):
    ask(mock_api())

@pytest.mark.mock_api("orders.yaml", strict=True)
def test_unknown_path(mock_api):
    httpx.get(mock_api().url + "/order")
"""

    plain, by_option, by_ini = suite(text), suite(text, "--mock-strict"), suite(text, "-o", "mock_api_strict=true")

    plain.assert_outcomes(passed=2, failed=3)
    plain.stdout.fnmatch_lines(
        ["requests break the document of the mock:", "POST /v1/orders: body/article: is required"]
    )
    plain.stdout.fnmatch_lines(["GET /v1/order: the document has no such operation"])
    by_option.assert_outcomes(passed=1, failed=4)
    by_ini.assert_outcomes(passed=1, failed=4)


def test_what_is_served_stands_in_the_ini_file(suite):
    """Relative to the folder of the test, or to that of the ini file; without any it is said what to write."""
    text = "def test_url(mock_api):\n    assert mock_api().url.endswith('/orders/v1')\n"

    named, unnamed = suite(text, "-o", "mock_api=orders.yaml"), suite(text)

    named.assert_outcomes(passed=1)
    unnamed.assert_outcomes(failed=1)
    unnamed.stdout.fnmatch_lines(['*Unusable: mock_api() needs an API: mock_api("openapi.yaml"), *'])


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ('mock_api("nothing.yaml")', "E *Unusable: 'nothing.yaml' is neither a file, a folder nor a bundled API; *"),
        ('mock_api("orders.yaml", sed=3)', "E *Unusable: mock_api has no option 'sed'; the nearest: seed, *"),
        ('mock_api("orders.yaml").verify("createOrder")', "E *AssertionError: Not verified: expected at least 1 *"),
        ('mock_api("orders.yaml").fail_next("createOrder", 200)', "E *Unusable: *expected a status from 400 to 599*"),
    ],
)
def test_a_mistake_is_told_at_the_line_of_the_test(suite, wrong, said):
    """Without the lines of the package below it."""
    done = suite(f"def test_wrong(mock_api):\n    {wrong}\n")

    done.assert_outcomes(failed=1)
    done.stdout.fnmatch_lines([f">   *{wrong.replace('[', '[[]')}", said])
    assert "mockserver/testing" not in done.stdout.str()


def test_a_teardown_that_fails_tells_too(suite):
    """The world has ended by then."""
    done = suite("""
@pytest.fixture
def api(mock_api):
    api = mock_api("orders.yaml", seeds=0)
    yield api
    assert api.journal == []

def test_list(api):
    httpx.get(f"{api.url}/orders", headers=api.headers)
""")

    done.assert_outcomes(passed=1, errors=1)
    done.stdout.fnmatch_lines(["1. GET /v1/orders -> 200 *"])


def test_a_module_shares_a_mock(suite):
    """Its world goes on from test to test, and each failed test tells what it asked itself."""
    done = suite("""
@pytest.fixture(scope="module")
def api(mock_api_factory):
    with mock_api_factory("orders.yaml", seeds=0) as api:
        yield api

def test_first(api):
    httpx.post(f"{api.url}/orders", json={"article": "lamp", "quantity": 2}, headers=api.headers)

def test_second(api):
    httpx.get(f"{api.url}/orders/1", headers=api.headers)
    assert len(api.state["orders"]) == 0
""")

    done.assert_outcomes(passed=1, failed=1)
    done.stdout.fnmatch_lines(["2. GET /v1/orders/1 -> 200 *"])
    assert "1. POST" not in done.stdout.str()


def test_parallel_workers_have_their_own(suite):
    """Under pytest-xdist, with the reports of failed tests."""
    done = suite(
        """
@pytest.mark.parametrize("number", range(4))
def test_create(mock_api, number):
    api = mock_api("orders.yaml", seeds=0)
    httpx.post(f"{api.url}/orders", json={"article": "lamp", "quantity": 2}, headers=api.headers)
    assert len(api.state["orders"]) == 1 and number < 3
""",
        "-p",
        "xdist.plugin",
        "-n",
        "2",
    )

    done.assert_outcomes(passed=3, failed=1)
    done.stdout.fnmatch_lines(["1. POST /v1/orders -> 201 *"])


def test_asyncio_clients_are_served(suite):
    """Many requests at once, from the event loop of the test."""
    done = suite("""
import asyncio

def test_gather(mock_api):
    api = mock_api("orders.yaml", seeds=0)

    async def create_ten():
        async with httpx.AsyncClient(base_url=api.url, headers=api.headers) as client:
            await asyncio.gather(
                *(client.post("/orders", json={"article": f"lamp {n}", "quantity": 1}) for n in range(10))
            )

    asyncio.run(create_ten())
    assert len(api.state["orders"]) == 10
""")

    done.assert_outcomes(passed=1)


def test_a_subprocess_finds_the_mock(suite):
    """By the variables of its environment."""
    done = suite("""
import subprocess, sys

CODE = '''
import os, urllib.request
asked = urllib.request.Request(os.environ["SHOP_BASE"] + "/orders", headers={"X-Api-Key": os.environ["ORDERS_KEY"]})
print(os.environ["ORDERS_URL"], urllib.request.urlopen(asked).status)
'''

def test_run(mock_api):
    api = mock_api("orders.yaml", seeds=0)
    environ = mock_api.environ(SHOP_BASE="{url}")
    done = subprocess.run([sys.executable, "-c", CODE], env=environ, capture_output=True, text=True)
    assert done.stdout == f"{api.url} 200\\n"
""")

    done.assert_outcomes(passed=1)


def test_who_does_not_use_it_imports_nothing():
    """The plugin opens no module of the package beside itself."""
    code = (
        "import sys, pytest\n"
        "import mockserver.pytest_plugin\n"
        "print(sorted(name for name in sys.modules if name.startswith('mockserver')))"
    )

    printed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60, env=os.environ
    ).stdout

    assert printed == "['mockserver', 'mockserver.pytest_plugin']\n"


def test_help_tells_its_options(suite):
    """Of the command line, of the ini file, and the marker."""
    told = suite("", "--help").stdout.str() + suite("", "--markers").stdout.str()

    assert all(word in told for word in ("--mock-strict", "--mock-har=DIR", "mock_api_strict", "@pytest.mark.mock_api"))
