"""Heads of an upstream's answers that would make a client take something else for the answer, and its address."""

import socket

import httpx
import pytest

from mockserver.problem import Unusable
from mockserver.proxy.upstream_address import upstream_address
from tests.proxy.conftest import raw_exchange

OK = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize("status", [b"204 No Content", b"304 Not Modified"])
def test_what_stands_behind_an_answer_without_a_body_is_no_answer(proxied, status):
    """An upstream that sends chunks where there is no body cannot make up an answer to the next request."""
    smuggled = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    head = b"HTTP/1.1 " + status + b"\r\nTransfer-Encoding: chunked\r\n\r\n"
    proxy, _ = proxied(lambda talk: talk.send(head + b"%x\r\n%b\r\n0\r\n\r\n" % (len(smuggled), smuggled)))

    answer = raw_exchange(proxy.port, b"GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")

    assert answer.startswith(b"HTTP/1.1 " + status + b"\r\n")
    assert answer.count(b"HTTP/1.1") == 1


@pytest.mark.parametrize(
    ("head", "said"),
    [
        (OK + b"Content-Length: " + b"9" * 5000, "expected one number"),
        (OK + b"Content-Length: 9223372036854775808", "expected one number"),
        (OK + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip", "the transfer coding 'chunked, gzip'"),
        (b"HTTP/1.1 200 OK\rX-Evil: 1\r\nContent-Length: 0", "has a control character"),
        (b"HTTP/2.0 200 OK\r\nContent-Length: 0", "is in 'HTTP/2.0'; HTTP/1.1 is understood"),
        (b"HTTP/1.1 100 Continue\r\n\r\n" * 30 + OK.rstrip(), "more than 20 interim answers"),
    ],
)
def test_heads_that_clients_read_differently_are_refused(proxied, head, said):
    """They are a 502 that says what was seen."""
    proxy, _ = proxied(lambda talk: talk.send(head + b"\r\n\r\n"))

    answer = httpx.get(f"{proxy.root}/x")

    assert answer.status_code == 502
    assert said in answer.json()["detail"]


@pytest.mark.parametrize(
    ("target", "seen"), [(b"http://evil.test?x=/y", b"GET /?x=/y HTTP/1.1"), (b"http://evil.test", b"GET / HTTP/1.1")]
)
def test_a_target_with_a_host_and_no_path_keeps_its_query(proxied, target, seen):
    """No part of the query becomes the path."""
    proxy, upstream = proxied(lambda talk: talk.send(OK + b"Content-Length: 0\r\n\r\n"))

    with socket.create_connection(("127.0.0.1", proxy.port), timeout=10) as client:
        client.sendall(b"GET " + target + b" HTTP/1.1\r\nHost: a\r\n\r\n")
        client.recv(1000)

    assert upstream.talks[0].line == seen


@pytest.mark.parametrize(
    "text", ["http://u:s3cret@h:99999999", "ftp://u:s3cret@h", "u:s3cret@h", "http://h/?api_key=s3cret"]
)
def test_secrets_in_the_address_are_not_told(text):
    """The refusal shows the rest of it."""
    with pytest.raises(Unusable) as refused:
        upstream_address(text)

    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize(
    "target", [b"/../admin", b"/v1/%2e%2e/%2E./admin", b"/a\\..\\..\\admin", b"/~w/../admin", b"/a/..;/..;/admin"]
)
def test_no_target_leaves_the_path_of_the_upstream(proxied, target):
    """It is refused, and the upstream is not asked."""
    proxy, upstream = proxied(lambda talk: talk.send(OK + b"Content-Length: 0\r\n\r\n"), "/base")

    answer = raw_exchange(proxy.port, b"GET " + target + b" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"leaves /base, the path of the upstream" in answer
    assert upstream.talks == []


def test_segments_that_stay_below_the_path_pass_as_they_are(proxied):
    """Byte by byte."""
    proxy, upstream = proxied(lambda talk: talk.send(OK + b"Content-Length: 0\r\n\r\n"), "/base")

    raw_exchange(proxy.port, b"GET /a/../b?x=/../.. HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")

    assert upstream.talks[0].line == b"GET /base/a/../b?x=/../.. HTTP/1.1"
