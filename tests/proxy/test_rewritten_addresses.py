"""Header fields that name the upstream lead the client back to the proxy; all others are as they were."""

from __future__ import annotations

import httpx
import pytest

from tests.proxy.conftest import Talk, raw_exchange


def _fields(proxied, target: bytes, base: str, *lines: bytes, host: bytes = b"proxy.test:4010") -> list[bytes]:
    """The header lines of an answer to this target that has these lines; UP is where the upstream is."""

    def script(talk: Talk) -> None:
        own = b"\r\n".join(lines).replace(b"UP", upstream.root.encode())
        talk.send(b"HTTP/1.1 302 Found\r\n" + own + b"\r\nContent-Length: 0\r\n\r\n")

    proxy, upstream = proxied(script, base=base)
    head = b"GET " + target + b" HTTP/1.1\r\nHost: " + host + b"\r\nConnection: close\r\n\r\n"
    answer = raw_exchange(proxy.port, head).partition(b"\r\n\r\n")[0].split(b"\r\n")[1:]
    told = b"Mock-Assumption", b"Mock-Violation", b"Content-Length", b"Connection"
    return [line.replace(upstream.root.encode(), b"UP") for line in answer if not line.startswith(told)]


@pytest.mark.parametrize(
    ("base", "target", "sent", "got"),
    [
        ("", b"/v1/pets", b"Location: UP/v1/pets/7?a=UP/#b", b"Location: http://proxy.test:4010/v1/pets/7?a=UP/#b"),
        ("", b"/v1/pets", b"location: UP", b"location: http://proxy.test:4010"),
        ("", b"/v1/pets", b"Content-Location: UP/v1/pets/7", b"Content-Location: http://proxy.test:4010/v1/pets/7"),
        ("", b"/~mine/v1/pets", b"Location: UP/v1/pets/7", b"Location: http://proxy.test:4010/~mine/v1/pets/7"),
        ("", b"/~mine/v1/pets", b"Location: /v1/pets/7", b"Location: /~mine/v1/pets/7"),
        ("/api", b"/pets", b"Location: UP/api/pets/7", b"Location: http://proxy.test:4010/pets/7"),
        ("/api", b"/pets", b"Location: /api/pets/7", b"Location: /pets/7"),
        ("/api", b"/pets", b"Location: /api", b"Location: /"),
        ("/api", b"/pets", b"Location: /api//evil.test/", b"Location: /.//evil.test/"),
        ("/api", b"/pets", b"Location: /login?next=/api/pets", b"Location: UP/login?next=/api/pets"),
        ("/x/v1", b"/v1/pets", b"Location: /x/v1/pets/7", b"Location: /v1/pets/7"),
        ("/x/v1", b"/pets", b"Location: /x/v1/pets/7", b"Location: /pets/7"),
        ("", b"/v1/pets", b"Next-Page: UP/v1/pets?page=2", b"Next-Page: http://proxy.test:4010/v1/pets?page=2"),
        (
            "",
            b"/v1/pets",
            b'Link: <UP/v1/pets?page=2>; rel="next", <https://docs.test/a,b>; rel=x, </v1/pets>',
            b'Link: <http://proxy.test:4010/v1/pets?page=2>; rel="next", <https://docs.test/a,b>; rel=x, </v1/pets>',
        ),
        ("/api", b"/pets", b"Refresh: 5; url=UP/api/pets", b"Refresh: 5; url=http://proxy.test:4010/pets"),
        ("", b"/v1/pets", b"Set-Cookie: a=1; Domain=127.0.0.1; Path=/v1; Secure", b"Set-Cookie: a=1; Path=/v1; Secure"),
        ("/api", b"/pets", b"Set-Cookie: a=/api/; path=/api/p; X", b"Set-Cookie: a=/api/; path=/p; X"),
        ("/api", b"/pets", b"Set-Cookie: a=1; Path=/api", b"Set-Cookie: a=1; Path=/"),
    ],
)  # fmt: skip
def test_what_names_the_upstream_names_the_proxy(proxied, base, target, sent, got):
    """At the address that the client asked, in its world, without the path of the upstream."""
    fields = _fields(proxied, target, base, sent)

    assert fields == [got]


@pytest.mark.parametrize(
    ("base", "line"),
    [
        ("", b"Location: http://127.0.0.1:1/v1/pets"),
        ("", b"Location: https://127.0.0.1:1/"),
        ("", b"Location: //elsewhere.test/x"),
        ("", b"Location: pets/7"),
        ("", b"Location: /\\odd"),
        ("", b"Location: http://[odd"),
        ("/api", b"Location: ../pets/7"),
        ("/api", b"Location: UP/login"),
        ("", b"Access-Control-Allow-Origin: UP"),
        ("", b"X-Text: see UP/v1/pets for more"),
        ("", b"Set-Cookie: a=1; Domain=elsewhere.test; Path=/"),
        ("/api", b"Set-Cookie: a=1; Path=/"),
    ],
)
def test_what_does_not_name_the_upstream_is_not_changed(proxied, base, line):
    """Nor what the proxy cannot be asked for, since it is not below the upstream's path."""
    fields = _fields(proxied, b"/pets", base, line)

    assert fields == [line]


def test_a_cookie_of_a_domain_that_is_the_proxys_too_keeps_it(proxied):
    """A client that reaches the proxy by the name of the upstream sends such a cookie back."""
    fields = _fields(proxied, b"/v1/pets", "", b"Set-Cookie: a=1; Domain=127.0.0.1", host=b"127.0.0.1:4010")

    assert fields == [b"Set-Cookie: a=1; Domain=127.0.0.1"]


def test_a_changed_field_is_told(proxied):
    """In the header and in the journal, which shows the fields as the client got them; a fault changes none of that."""

    def script(talk: Talk) -> None:
        talk.send(
            b"HTTP/1.1 201 Created\r\nLocation: %b/v1/pets/7\r\nContent-Length: 0\r\n\r\n" % upstream.root.encode()
        )

    proxy, upstream = proxied(script)
    ask = b"GET /v1/pets HTTP/1.0\r\nHost: a.test\r\n\r\n"

    answer = raw_exchange(proxy.port, ask)
    fault = {"operation": "listPets", "bytesPerSecond": 100_000}
    httpx.post(f"{proxy.root}/__admin/faults", json=fault).raise_for_status()
    slow = raw_exchange(proxy.port, ask)

    told = "pets.rewritten-address=Location named the upstream"
    for one, exchange in zip((answer, slow), proxy.journal, strict=True):
        assert b"Location: http://a.test/v1/pets/7\r\n" in one
        assert told.encode() in one.partition(b"Mock-Assumption: ")[2]
        assert told in exchange.assumptions
        assert dict(exchange.headers)["Location"] == "http://a.test/v1/pets/7"


def test_a_client_that_names_no_host_gets_the_path_alone(proxied):
    """It is then below the address that it asked."""

    def script(talk: Talk) -> None:
        talk.send(b"HTTP/1.1 302 Found\r\nLocation: %b/v1/x\r\nContent-Length: 0\r\n\r\n" % upstream.root.encode())

    proxy, upstream = proxied(script)

    answer = raw_exchange(proxy.port, b"GET /v1/pets HTTP/1.0\r\n\r\n")

    assert b"\r\nLocation: /v1/x\r\n" in answer


def test_an_upstream_that_is_told_the_clients_host_names_the_proxy_itself(proxied):
    """In bodies too; its own path is taken out of header fields, and the scheme is that of the proxy."""

    def script(talk: Talk) -> None:
        host = talk.head.partition(b"\r\nHost: ")[2].partition(b"\r\n")[0]
        own = b"https://" + host + b"/api/pets/7"
        talk.send(b"HTTP/1.1 201 Created\r\nLocation: %b\r\nContent-Length: %d\r\n\r\n%b" % (own, len(own), own))

    proxy, upstream = proxied(script, base="/api", keep_host=True)

    named = raw_exchange(proxy.port, b"POST /pets HTTP/1.1\r\nHost: a.test:81\r\nConnection: close\r\n\r\n")
    nameless = raw_exchange(proxy.port, b"POST /pets HTTP/1.0\r\n\r\n")

    assert b"\r\nLocation: http://a.test:81/pets/7\r\n" in named
    assert named.endswith(b"\r\n\r\nhttps://a.test:81/api/pets/7")
    assert nameless.endswith(b"https://127.0.0.1:%d/api/pets/7" % upstream.port)


def test_a_redirect_to_the_same_address_in_https_stays_one(proxied):
    """Where the upstream is told the client's host: at the proxy it would lead to itself."""

    def script(talk):
        host = next(line for line in talk.head.split(b"\r\n") if line.lower().startswith(b"host:"))[5:].strip()
        talk.send(b"HTTP/1.1 308 Moved\r\nLocation: https://%b/api/pets\r\nContent-Length: 0\r\n\r\n" % host)

    proxy, _ = proxied(script, base="/api", keep_host=True)

    answer = raw_exchange(proxy.port, b"GET /pets HTTP/1.1\r\nHost: a.test:81\r\nConnection: close\r\n\r\n")

    assert b"\r\nLocation: https://a.test:81/api/pets\r\n" in answer
    assert b"rewritten-address" not in answer


def test_an_answer_that_is_refused_says_nothing_of_fields_that_nobody_gets(proxied):
    """The 502 in its place has no Location."""

    def script(talk):
        at = b"http://127.0.0.1:%d/pets/7" % upstream.port
        head = b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nLocation: %b\r\n" % at
        talk.send(head + b"Content-Length: 2\r\n\r\n[]")

    proxy, upstream = proxied(script, errors=True)

    answer = raw_exchange(proxy.port, b"GET /pets HTTP/1.1\r\nHost: a.test:81\r\nConnection: close\r\n\r\n")

    assert answer.startswith(b"HTTP/1.1 502 ")
    assert b"rewritten-address" not in answer
