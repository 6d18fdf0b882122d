"""Strict mocks: whatever breaks the document fails the test, whenever it was sent and whatever answered."""

import pytest

BREACHES = {
    "no-json": """
    json = {"Content-Type": "application/json"}
    httpx.post(api.url + "/orders", content="{", headers={**api.headers, **json})
""",
    "media-type": 'httpx.post(api.url + "/orders", data={"article": "lamp"}, headers=api.headers)',
    "no-credential": 'httpx.get(api.url + "/orders")',
    "query": 'httpx.get(api.url + "/orders?statsu=paid", headers=api.headers)',
    "method": 'httpx.put(api.url + "/orders", headers=api.headers)',
    "outside": 'httpx.get(api.root + "/nowhere", headers=api.headers)',
    "unchecked-stub": """
    api.stub("createOrder", 201, body={"x": 1}, check=False)
    assert httpx.post(api.url + "/orders", json={"quantity": "two"}, headers=api.headers).status_code == 201
""",
    "reset": """
    httpx.get(api.url + "/orders?limit=0", headers=api.headers)
    api.reset()
""",
    "reset-by-http": """
    httpx.get(api.url + "/orders?limit=0", headers=api.headers)
    httpx.post(api.root + "/__admin/reset")
""",
    "journal-removed": """
    httpx.get(api.url + "/orders?limit=0", headers=api.headers)
    httpx.delete(api.root + "/__admin/requests")
""",
    "closed": """
    with mock_api() as inner:
        httpx.get(inner.url + "/orders?limit=0", headers=inner.headers)
""",
    "fork": """
    with api.fork() as inner:
        httpx.get(inner.url + "/orders?limit=0", headers=inner.headers)
""",
}
SAID = {
    "no-json": "POST /v1/orders: the request cannot be read",
    "media-type": "POST /v1/orders: the body has a media type that the document does not take",
    "no-credential": "GET /v1/orders: the credential that the document asks for is missing, or is not known",
    "query": "GET /v1/orders: query/statsu: is not declared",
    "method": "PUT /v1/orders: the document has no such operation",
    "outside": "GET */nowhere: the document has no such operation",
    "unchecked-stub": "POST /v1/orders: body/article: is required",
}


def test_each_breach_fails_its_test(suite):
    """Also where the world was reset since, where its journal was emptied, and where a stub answered unchecked."""
    tests = [
        f"def test_{name.replace('-', '_')}(mock_api):\n    api = mock_api()\n    {text.strip()}\n"
        for name, text in BREACHES.items()
    ]
    done = suite('pytestmark = pytest.mark.mock_api("orders.yaml", seeds=1, strict=True)\n\n' + "\n".join(tests))

    done.assert_outcomes(failed=len(BREACHES))
    for said in SAID.values():
        done.stdout.fnmatch_lines([said])
    # With CI set, pytest shows each failure again in its summary.
    failures, _, _ = done.stdout.str().partition("short test summary info")
    assert failures.count("\nGET /v1/orders: query/limit: ") == 5


def test_what_keeps_the_document_fails_nothing(suite):
    """Faults, pages of a browser that ask first, and answers to records that are not there."""
    done = suite("""
pytestmark = pytest.mark.mock_api("orders.yaml", seeds=1, strict=True)

def test_kept(mock_api):
    api = mock_api()
    api.fail_next("listOrders", 503)
    preflight = {"Origin": "http://localhost:3000", "Access-Control-Request-Method": "GET"}
    assert httpx.options(api.url + "/orders", headers=preflight).status_code == 204
    assert httpx.get(api.url + "/orders", headers=api.headers).status_code == 503
    assert httpx.get(api.url + "/orders/999", headers=api.headers).status_code == 404
    assert httpx.get(api.url + "/orders?limit=2", headers=api.headers).status_code == 200
""")

    done.assert_outcomes(passed=1)


def test_a_teardown_that_breaks_the_document_is_an_error(suite):
    """Told once: not again for what the test itself sent."""
    done = suite("""
pytestmark = pytest.mark.mock_api("orders.yaml", seeds=1, strict=True)

@pytest.fixture
def api(mock_api):
    api = mock_api()
    yield api
    httpx.get(api.url + "/orders?limit=0", headers=api.headers)

@pytest.fixture
def quiet(mock_api):
    return mock_api()

def test_passes(api):
    pass

def test_fails(quiet):
    httpx.get(quiet.url + "/orders?limit=0", headers=quiet.headers)
""")

    done.assert_outcomes(passed=1, failed=1, errors=1)


@pytest.mark.parametrize("place", ["verify", "verify_order"])
def test_a_test_waits_for_requests(suite, place):
    """As seconds, or as a duration; what is neither is refused."""
    done = suite(f"""
import threading

def test_waits(mock_api):
    api = mock_api("orders.yaml")
    threading.Timer(0.3, httpx.get, (api.url + "/orders",), {{"headers": api.headers}}).start()
    api.{place}("listOrders", within=5)
    api.{place}("listOrders", within="5s")
    with pytest.raises(Exception, match="'soon' is no duration"):
        api.{place}("listOrders", within="soon")
    with pytest.raises(AssertionError):
        api.{place}("deleteOrder", within=0.1)
""")

    done.assert_outcomes(passed=1)
