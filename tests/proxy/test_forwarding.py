"""What a proxy passes on, and what stays behind."""

import gzip
import socket
import ssl
import threading

import httpx
import pytest
import trustme

from mockserver.problem import Unusable
from mockserver.proxy.upstream_address import upstream_address
from tests.proxy.conftest import PETS, RawUpstream, answering, as_json, proxying, raw_exchange

PET = b'{"id": 1, "name": "Max"}'


def _asked(port: int, head: bytes, body: bytes = b"") -> bytes:
    return raw_exchange(port, head + b"\r\nConnection: close\r\n\r\n" + body)


@pytest.mark.parametrize(
    "target",
    [b"/v1/pets/%2Fa%2fb?b=%20&a[]=1&a[]=2&=", b"/v1//pets/./x/..?q=a+b%2Bc", b"/x;v=1/%E4%BD%A0?{}|", b"/?%7e"],
)
def test_a_target_arrives_as_it_was_sent(proxied, target):
    """Encoded slashes, the order of the query and odd characters are kept."""
    proxy, upstream = proxied(as_json(PET))

    _asked(proxy.port, b"GET " + target + b" HTTP/1.1\r\nHost: a.test")

    assert upstream.talks[0].line == b"GET " + target + b" HTTP/1.1"


def test_the_path_of_the_upstream_stands_in_front(proxied):
    """The client asks for paths as they are below it."""
    proxy, upstream = proxied(as_json(PET), base="/base/v1")

    _asked(proxy.port, b"GET /pets/1?x=1 HTTP/1.1\r\nHost: a.test")

    assert upstream.talks[0].line == b"GET /base/v1/pets/1?x=1 HTTP/1.1"


@pytest.mark.parametrize(
    ("line", "seen"),
    [
        (b"GET http://evil.test/v1/pets/1?x=http://evil.test HTTP/1.1", b"GET /v1/pets/1?x=http://evil.test HTTP/1.1"),
        (b"GET http://evil.test HTTP/1.1", b"GET / HTTP/1.1"),
        (b"GET //evil.test/v1/pets HTTP/1.1", b"GET //evil.test/v1/pets HTTP/1.1"),
        (b"OPTIONS * HTTP/1.1", b"OPTIONS * HTTP/1.1"),
    ],
)
def test_no_request_chooses_another_host(proxied, line, seen):
    """Whatever host is named, it is the upstream that is asked, under its own name."""
    proxy, upstream = proxied(as_json(PET))

    _asked(proxy.port, line + b"\r\nHost: evil.test")

    assert upstream.talks[0].line == seen
    assert b"\r\nHost: 127.0.0.1:%d\r\n" % upstream.port in upstream.talks[0].head + b"\r\n"
    assert b"Host: evil.test" not in upstream.talks[0].head


def test_connect_is_refused(proxied):
    """It would open a way to anywhere."""
    proxy, upstream = proxied(as_json(PET))

    answer = raw_exchange(proxy.port, b"CONNECT evil.test:443 HTTP/1.1\r\nHost: evil.test:443\r\n\r\n")

    assert answer.startswith(b"HTTP/1.1 501 ")
    assert upstream.talks == []


def test_fields_of_one_connection_stay_behind(proxied):
    """Those that RFC 9110 lists, and those that Connection names, in both directions; all others pass, in order."""
    proxy, upstream = proxied(
        answering(
            PET,
            b"Content-Type: application/json",
            b"X-One: 1",
            b"Set-Cookie: a=1; Path=/",
            b"Set-Cookie: b=2",
            b"Connection: keep-alive, X-Mine",
            b"Keep-Alive: timeout=5",
            b"X-Mine: 2",
            b"x-odd:  caf\xc3\xa9\xff ",
            b"Proxy-Authenticate: Basic",
        )
    )

    answer = _asked(
        proxy.port,
        b"GET /v1/pets/1 HTTP/1.1\r\nHost: a.test\r\nX-b: 1\r\nx-A: 2\r\nX-b: 3\r\nTE: trailers\r\nUpgrade: h2c\r\n"
        b"Connection: X-Gone, Upgrade\r\nX-Gone: 1\r\nProxy-Connection: keep-alive\r\nAccept-Encoding: gzip",
    )

    assert upstream.talks[0].head.split(b"\r\n")[1:] == [
        b"Host: 127.0.0.1:%d" % upstream.port,
        b"X-b: 1",
        b"x-A: 2",
        b"X-b: 3",
        b"Accept-Encoding: gzip",
    ]
    assert answer.partition(b"\r\n\r\n")[0].split(b"\r\n") == [
        b"HTTP/1.1 200 OK",
        b"Content-Type: application/json",
        b"X-One: 1",
        b"Set-Cookie: a=1; Path=/",
        b"Set-Cookie: b=2",
        b"x-odd: caf\xc3\xa9\xff",
        b"Content-Length: 24",
        b"Connection: close",
    ]


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (b"Content-Length: 14", b'{"name":"Max"}'),
        (b"Transfer-Encoding: chunked", b'5\r\n{"nam\r\n9;x=1\r\ne":"Max"}\r\n0\r\nX-T: 1\r\n\r\n'),
    ],
)
def test_a_body_arrives_byte_by_byte(proxied, head, body):
    """However it was framed, it has a length for the upstream; trailers are dropped."""
    proxy, upstream = proxied(as_json(PET, b"201 Created"))

    answer = _asked(
        proxy.port,
        b"POST /v1/pets HTTP/1.1\r\nHost: a.test\r\nContent-Type: application/json\r\nExpect: 100-continue\r\n" + head,
        body,
    )

    assert upstream.talks[0].body == b'{"name":"Max"}'
    assert b"Content-Length: 14" in upstream.talks[0].head.split(b"\r\n")
    assert b"xpect" not in upstream.talks[0].head
    assert answer.endswith(PET)


@pytest.mark.parametrize("status", [b"204 No Content", b"304 Not Modified"])
def test_answers_without_a_body(proxied, status):
    """The next request on the connection is answered as well."""
    proxy, upstream = proxied(lambda talk: talk.send(b"HTTP/1.1 " + status + b"\r\nETag: x\r\n\r\n"))

    with httpx.Client(base_url=proxy.root) as client:
        answers = [client.get("/v1/pets/1"), client.get("/v1/pets/2")]

    assert [answer.status_code for answer in answers] == [int(status[:3])] * 2
    assert upstream.opened == 1


def test_the_answer_to_head_keeps_its_length(proxied):
    """And has no body."""
    proxy, upstream = proxied(as_json(PET))

    answer = _asked(proxy.port, b"HEAD /v1/pets/1 HTTP/1.1\r\nHost: a.test")

    assert upstream.talks[0].line == b"HEAD /v1/pets/1 HTTP/1.1"
    assert b"Content-Length: 24" in answer
    assert answer.endswith(b"\r\n\r\n")


def test_interim_answers_are_passed_on(proxied):
    """Early hints come before the final answer; 100 is between the proxy and the upstream."""
    proxy, _ = proxied(
        lambda talk: talk.send(
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 24\r\n\r\n" + PET
        )
    )

    answer = _asked(proxy.port, b"GET /v1/pets/1 HTTP/1.1\r\nHost: a.test")

    assert answer.startswith(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\n")
    assert answer.endswith(PET)


def test_redirects_are_passed_on(proxied):
    """They are not followed, and one that leads elsewhere is not changed."""
    location = b"Location: http://127.0.0.1:1/elsewhere"
    proxy, upstream = proxied(answering(b"", location, status=b"302 Found"))

    answer = httpx.get(f"{proxy.root}/v1/pets")

    assert (answer.status_code, answer.headers["Location"]) == (302, "http://127.0.0.1:1/elsewhere")
    assert len(upstream.talks) == 1


def test_coded_bodies_are_not_decoded(proxied):
    """They are held against their schema all the same."""
    content = gzip.compress(b'{"id": "one", "name": "Max"}')
    proxy, _ = proxied(answering(content, b"Content-Type: application/json", b"Content-Encoding: gzip"))

    with httpx.stream("GET", f"{proxy.root}/v1/pets/1") as answer:
        seen = b"".join(answer.iter_raw())

    assert seen == content
    assert answer.headers["Mock-Violation"] == "1; response/id: expected an integer, got a string"


@pytest.mark.parametrize(
    "media_type",
    [b"multipart/byteranges; boundary=b", b"multipart/x-mixed-replace", b"message/rfc822", b"message/delivery-status"],
)
def test_media_types_of_mails_are_passed_on(proxied, media_type):
    """Also those whose body has the form of a mail's."""
    content = b"--b\r\nContent-Type: text/plain\r\nContent-Range: bytes 0-1/4\r\n\r\nab\r\n--b--\r\n"
    lines = b"Content-Type: " + media_type, b"Content-Transfer-Encoding: base64"
    proxy, _ = proxied(answering(content, *lines, status=b"206 Partial Content"))

    answer = httpx.get(f"{proxy.root}/v1/elsewhere")

    assert (answer.status_code, answer.content) == (206, content)


def test_connections_are_used_again(proxied):
    """Of requests one after the other the upstream sees one connection."""
    proxy, upstream = proxied(as_json(PET))

    with httpx.Client(base_url=proxy.root) as client:
        for number in range(5):
            client.get(f"/v1/pets/{number}")
        client.post("/v1/pets", json={"name": "Max"})

    assert upstream.opened == 1


def test_an_idle_connection_that_was_closed_is_replaced(proxied):
    """A request that may be sent twice is, if the upstream closed the connection meanwhile."""

    def script(talk):
        if len(upstream.talks) == 2:
            talk.connection.shutdown(socket.SHUT_RDWR)
            return
        as_json(PET)(talk)

    proxy, upstream = proxied(script)

    answers = [httpx.get(f"{proxy.root}/v1/pets/{number}").status_code for number in range(2)]

    assert answers == [200, 200]
    assert len(upstream.talks) == 3


def test_clients_of_http_1_0_read_until_the_end(proxied):
    """A chunked answer comes to them without chunks."""
    proxy, _ = proxied(
        lambda talk: talk.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
    )

    answer = raw_exchange(proxy.port, b"GET /x HTTP/1.0\r\n\r\n")

    assert answer.partition(b"\r\n\r\n")[2] == b"abcde"
    assert b"chunked" not in answer


def test_the_end_of_the_connection_ends_a_body_without_length(proxied):
    """It reaches clients of HTTP/1.1 in chunks, and complete."""

    def script(talk):
        talk.send(b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nabc")
        talk.close()

    proxy, _ = proxied(script)

    answer = httpx.get(f"{proxy.root}/x")

    assert answer.content == b"abc"
    assert answer.headers["Transfer-Encoding"] == "chunked"


def test_the_first_bytes_come_before_the_last_are_made(proxied):
    """An answer is passed on as it comes: one without a schema at once, JSON within a quarter of a second."""
    going = threading.Event()

    def script(talk):
        talk.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
        talk.send(b"8\r\ndata: 1\n\r\n")
        assert going.wait(5)
        talk.send(b"8\r\ndata: 2\n\r\n0\r\n\r\n")

    proxy, _ = proxied(script)

    with httpx.stream("GET", f"{proxy.root}/v1/events") as answer:
        parts = answer.iter_raw()
        first = next(parts)
        going.set()
        rest = b"".join(parts)

    assert (first, rest) == (b"data: 1\n", b"data: 2\n")


def test_an_upstream_behind_tls(tmp_path, monkeypatch):
    """Its certificate is verified, against authorities of one's own too."""
    authority = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    upstream = RawUpstream(as_json(PET), tls=context)

    with proxying(PETS, upstream.root) as proxy:
        refused = httpx.get(f"{proxy.root}/v1/pets/1")
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    with proxying(PETS, upstream.root) as proxy:
        taken = httpx.get(f"{proxy.root}/v1/pets/1", trust_env=False)
    upstream.end()

    assert refused.status_code == 502
    assert "TLS: CERTIFICATE_VERIFY_FAILED" in refused.json()["detail"]
    assert (taken.status_code, taken.content) == (200, PET)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("127.0.0.1:8000", "is no address"),
        ("ftp://a.test", "is no address"),
        ("http://", "is no address"),
        ("http://a.test:99999", "is no address"),
        ("http://me:secret@a.test", "has a user name"),
        ("http://a.test/x?y=1", "has a query"),
        ("http://a.test/x#y", "has a query or a fragment"),
        ("http://bücher.test", "no address has"),
        ("http://a.test/\r\nX: 1", "no address has"),
    ],
)
def test_an_upstream_that_cannot_be_used(text, said):
    """It is refused at the start, with what was expected."""
    with pytest.raises(Unusable, match=said) as refused:
        upstream_address(text)
    assert "secret" not in str(refused.value)


def test_a_websocket_is_not_opened_and_that_is_said(proxied):
    """501, which names the upstream; what only offers to switch to something else is forwarded without that."""
    proxy, upstream = proxied(as_json(b"[]"))
    key = {"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version": "13"}

    refused = httpx.get(f"{proxy.root}/v1/pets", headers={"Connection": "Upgrade", "Upgrade": "websocket", **key})
    offered = httpx.get(f"{proxy.root}/v1/pets", headers={"Connection": "Upgrade", "Upgrade": "h2c"})

    assert (refused.status_code, refused.headers["Content-Type"]) == (501, "application/problem+json")
    assert "WebSocket, which this proxy does not forward" in refused.json()["detail"]
    assert f"open its WebSocket at {upstream.root}" in refused.json()["detail"]
    assert proxy.journal[0].answered_by == "not-forwarded"
    assert (offered.status_code, len(upstream.talks)) == (200, 1)


def test_a_browser_at_the_root_is_at_the_upstream(proxied):
    """It is not sent to the page, which a proxy has at `/__admin/` alone; and a request is not replayed there."""
    proxy, upstream = proxied(as_json(PET))
    root = f"http://127.0.0.1:{proxy.port}"

    answer = httpx.get(root, headers={"Accept": "text/html"})
    page = httpx.get(f"{root}/__admin/", headers={"Accept": "text/html"})
    again = httpx.post(f"{root}/__admin/requests/1/replay")

    assert (answer.content, [talk.line for talk in upstream.talks]) == (PET, [b"GET / HTTP/1.1"])
    assert page.text.startswith("<!doctype html>")
    assert (again.status_code, "proxy" in again.json()["detail"]) == (409, True)
