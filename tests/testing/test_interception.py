"""Requests of this process for an address of the world outside reach the mock, whatever client makes them."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from urllib.request import Request, build_opener

import aiohttp
import httpx
import pytest
import requests
import urllib3

from mockserver import MockApi, Unusable, running

ORDERS = Path(__file__).parent.parent.parent / "examples" / "orders.yaml"
SITE = "https://api.orders.example"
ORDER = {"article": "lamp", "quantity": 2}


@pytest.fixture
def api():
    """A mock that nobody has told its clients of."""
    with running(ORDERS, seeds=0) as api:
        yield api


def by_httpx(url, headers, body=None):
    """httpx: status, JSON, address of the answer."""
    answer = httpx.request("POST" if body else "GET", url, headers=headers, json=body)
    return answer.status_code, answer.json(), str(answer.url)


def by_httpx_async(url, headers, body=None):
    """Httpx with asyncio: status, JSON, address of the answer."""

    async def ask():
        async with httpx.AsyncClient(headers=headers) as client:
            answer = await client.request("POST" if body else "GET", url, json=body)
            return answer.status_code, answer.json(), str(answer.url)

    return asyncio.run(ask())


def by_requests(url, headers, body=None):
    """requests: status, JSON, address of the answer."""
    answer = requests.request("POST" if body else "GET", url, headers=headers, json=body, timeout=10)
    return answer.status_code, answer.json(), answer.url


def by_urllib3(url, headers, body=None):
    """urllib3: status, JSON, address of the answer."""
    with urllib3.PoolManager() as pool:
        answer = pool.request("POST" if body else "GET", url, headers=headers, json=body)
        return answer.status, answer.json(), url


def by_aiohttp(url, headers, body=None):
    """aiohttp: status, JSON, address of the answer."""

    async def ask():
        async with (
            aiohttp.ClientSession(headers=headers) as session,
            session.request("POST" if body else "GET", url, json=body) as answer,
        ):
            return answer.status, await answer.json(), str(answer.url)

    return asyncio.run(ask())


def by_urllib(url, headers, body=None):
    """The standard library: status, JSON, address of the answer."""
    sent = Request(url, json.dumps(body).encode() if body else None, {**headers, "Content-Type": "application/json"})
    with build_opener().open(sent, timeout=10) as answer:
        return answer.status, json.load(answer), answer.url


CLIENTS = [by_httpx, by_httpx_async, by_requests, by_urllib3, by_aiohttp, by_urllib]


@pytest.mark.parametrize("client", CLIENTS)
def test_a_client_reaches_the_mock_at_the_real_address(api: MockApi, client):
    """Over https, with the address that it asked for in all that it sees; what it writes it reads."""
    api.intercept(SITE)

    status, made, url = client(f"{SITE}/v1/orders", api.headers, ORDER)
    found = client(f"{SITE}/v1/orders?limit=5", api.headers)[1]

    assert (status, made["article"], url) == (201, "lamp", f"{SITE}/v1/orders")
    assert found == {"items": [made], "total": 1}
    assert len(api.state["orders"]) == 1
    assert [exchange.request.path for exchange in api.journal] == ["/v1/orders", "/v1/orders"]


@pytest.mark.parametrize("client", CLIENTS)
def test_other_addresses_are_left_alone(api: MockApi, client, receiver):
    """Another host, and another port of the same."""
    receiver.script(204)
    api.intercept("http://127.0.0.1:9", SITE)

    with pytest.raises(Exception, match=r"(?s).*"):
        client(f"{receiver.url}/x", {}, ORDER)

    assert len(receiver.wait(1)) == 1
    assert api.journal == []


@pytest.mark.parametrize("client", CLIENTS)
def test_a_path_of_a_gateway_stands_for_the_base(api: MockApi, client):
    """What follows it is below the base of the document; other paths of that host are not the mock's."""
    api.intercept("http://gateway.test:8080/shop")

    status, _, url = client("http://gateway.test:8080/shop/orders", api.headers, ORDER)
    with pytest.raises(Exception, match=r"(?s).*"):
        client("http://gateway.test:8080/users", api.headers)

    assert (status, url) == (201, "http://gateway.test:8080/shop/orders")
    assert len(api.journal) == 1


@pytest.mark.parametrize("client", CLIENTS)
def test_it_ends_with_the_block(api: MockApi, client):
    """Then the real address is asked again, which nobody has."""
    with api.intercept("http://orders.invalid"):
        assert client("http://orders.invalid/v1/orders", api.headers)[0] == 200

    with pytest.raises(Exception, match=r"(?s).*"):
        client("http://orders.invalid/v1/orders", api.headers)
    assert len(api.journal) == 1


@pytest.mark.parametrize("client", [by_httpx, by_httpx_async, by_requests, by_urllib])
@pytest.mark.parametrize("url", [SITE, "http://api.orders.example"])
def test_a_proxy_of_the_environment_is_passed_by(api: MockApi, client, url, monkeypatch):
    """It could not reach a mock of this process, and is not asked."""
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    api.intercept(url)

    assert client(f"{url}/v1/orders", api.headers)[0] == 200


def test_a_client_that_outlives_it_speaks_to_the_real_host_again(api: MockApi):
    """Connections to the mock are not kept for it."""
    with httpx.Client(headers=api.headers) as client, requests.Session() as session:
        with api.intercept("http://orders.invalid"):
            assert client.get("http://orders.invalid/v1/orders").status_code == 200
            assert session.get("http://orders.invalid/v1/orders", headers=api.headers, timeout=5).status_code == 200

        with pytest.raises(httpx.ConnectError):
            client.get("http://orders.invalid/v1/orders")
        with pytest.raises(requests.ConnectionError):
            session.get("http://orders.invalid/v1/orders", headers=api.headers, timeout=5)


def test_links_lead_to_the_address_that_was_asked(api: MockApi):
    """So that a client which follows them stays with the mock, as it stays with the real server."""
    with running("xqr") as xqr:
        xqr.intercept("https://xqr.co")

        page = httpx.get("https://xqr.co/openapi.json", headers=xqr.headers)
        made = httpx.get("https://xqr.co/api/v1/links", headers=xqr.headers)

    assert made.status_code == 200
    assert "127.0.0.1" not in made.text + page.text


def test_the_servers_of_the_document_need_not_be_named(api: MockApi):
    """Without an address those are intercepted."""
    api.intercept()

    assert httpx.get(f"{SITE}/v1/orders", headers=api.headers).status_code == 200


def test_what_is_no_address_is_refused(api: MockApi):
    """With one that would do."""
    with pytest.raises(
        Unusable, match=r"'ftp://x' is no address that can be intercepted; expected one such as https://"
    ):
        api.intercept("ftp://x")


def test_a_client_imported_later_is_patched_too():
    """In a process of its own, where nothing has imported httpx or aiohttp before."""
    code = f"""
import sys
from mockserver import running
with running({str(ORDERS)!r}, seeds=0) as api:
    assert not {{"httpx", "aiohttp", "requests"}} & sys.modules.keys()
    api.intercept({SITE!r})
    import asyncio, aiohttp, httpx, requests
    assert httpx.get("{SITE}/v1/orders", headers=api.headers).status_code == 200
    assert requests.get("{SITE}/v1/orders", headers=api.headers).status_code == 200
    async def ask():
        async with aiohttp.ClientSession() as session, session.get("{SITE}/v1/orders", headers=api.headers) as answer:
            assert answer.status == 200
    asyncio.run(ask())
    print(len(api.journal))
"""

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)

    assert (done.stdout, done.stderr) == ("3\n", "")


def test_the_fixture_finds_the_api_of_an_address(suite):
    """One made before, one that is named, or the bundled one; it ends with the test."""
    done = suite("""
def test_made(mock_api):
    api = mock_api("orders.yaml", seeds=0)
    assert mock_api.intercept("https://api.orders.example") is api
    assert httpx.get("https://api.orders.example/v1/orders", headers=api.headers).json()["total"] == 0

def test_named(mock_api):
    api = mock_api.intercept("https://shop.test", "orders.yaml")
    assert httpx.get("https://shop.test/v1/orders", headers=api.headers).status_code == 200

def test_bundled(mock_api):
    api = mock_api.intercept("https://xqr.co")
    assert httpx.get("https://xqr.co/api/v1/links", headers=api.headers).status_code == 200

def test_is_over():
    with pytest.raises(httpx.HTTPError):
        httpx.get("http://shop.test/v1/orders")
""")

    done.assert_outcomes(passed=4)
