"""What clients write to connections, over a real port: what is not whole is not applied."""

import re
import socket
import time

import httpx
import pytest

from tests.server.http.conftest import GET, HOST, JSON, POST, posted, rest_of

# Framing


@pytest.mark.parametrize(
    "body",
    [
        b'd\r\n{"name":"no"}\r\n',
        b'd\r\n{"name":"no"}\r\n0\r\n',
        b'c\r\n{"name":"no"}\r\n0\r\n\r\n',
        b'd\r\n{"name":"no"}\r\n0\r\nno trailer\r\n\r\n',
        b'd\r\n{"name":"no"}\r\n8000000000000000\r\n',
        b'd\r\n{"name":"no"}\r\n-1\r\n\r\n',
    ],
)
def test_a_chunked_body_that_breaks_is_refused_and_not_applied(served, body):
    """In the API's own error body."""
    answer = served.talk(POST + b"Transfer-Encoding: chunked\r\n\r\n" + body)

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b'{"reason":"The body ' in answer
    assert "no" not in served.names()


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_a_broken_body_changes_no_record(served, method):
    """Whether the operation takes one or not."""
    made = httpx.post(f"{served.root}/parcels", json={"name": "stays"}).json()

    head = f"{method} /parcels/{made['id']} HTTP/1.1\r\n".encode() + HOST + JSON
    answer = served.talk(head + b'Transfer-Encoding: chunked\r\n\r\nf\r\n{"name":"other"}\r\nend')

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert httpx.get(f"{served.root}/parcels/{made['id']}").json() == made


def test_pipelined_requests_are_answered_once_and_in_order(served):
    """What cannot be read ends them."""
    answer = served.talk(GET + posted("once") + b"HEAD /parcels HTTP/1.1\r\n" + HOST + b"\r\n" + GET + b"no\0" + GET)

    statuses = re.findall(rb"HTTP/1.1 (\d+) ", answer)
    assert statuses == [b"200", b"201", b"200", b"200", b"400"]
    assert served.names().count("once") == 1


def test_a_method_of_the_documents_own_is_answered_and_applies_nothing_else(served):
    """OpenAPI 3.2 allows to declare any."""
    before = served.names()

    answer = served.talk(b"WEIGH /parcels HTTP/1.1\r\n" + HOST + b"\r\n")

    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.endswith(b'{"grams":7}')
    assert served.names() == before


def test_a_body_behind_an_offered_upgrade_is_applied(served):
    """As Java's client sends it."""
    upgrade = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n"

    answer = served.talk(posted("by Java", upgrade))

    assert answer.startswith(b"HTTP/1.1 201 ")
    assert "by Java" in served.names()


def test_who_expects_100_continue_gets_it_after_the_answers_before(served):
    """An interim answer belongs to its request."""
    with served.connect(GET + POST + b"Expect: 100-continue\r\nContent-Length: 15\r\n\r\n") as client:
        seen = b""
        while b"100 Continue" not in seen:
            seen += client.recv(65536)
        client.sendall(b'{"name":"late"}')
        client.shutdown(socket.SHUT_WR)
        answer = rest_of(client)

    assert seen.startswith(b"HTTP/1.1 200 ")
    assert answer.startswith(b"HTTP/1.1 201 ")


def test_who_is_refused_while_sending_can_read_why(served):
    """The connection is not reset under it."""
    with served.connect(POST + b"Host: two\r\nContent-Length: 8000000\r\n\r\n") as client:
        for _ in range(100):
            client.sendall(b"x" * 80_000)
        answer = rest_of(client)

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"more than one Host" in answer


def test_a_refused_request_stands_in_the_journal(served):
    """With what it asked for."""
    served.talk(b"DELETE /refused/here HTTP/1.1\r\n" + HOST + HOST + b"\r\n")

    entry = httpx.get(f"{served.root}/__admin/requests", params={"limit": 1}).json()["requests"][-1]
    assert (entry["request"]["method"], entry["request"]["path"]) == ("DELETE", "/refused/here")


# Addresses and values


@pytest.mark.parametrize(
    "target",
    ["/parcels?text=%ff", "/parcels?other=%C3%28", "/parcels?limit=1&%e9=1", "/parcels/%ff", "/parcels/a%2F%ff"],
)
def test_what_is_no_utf_8_in_an_address_is_refused_by_the_api(served, target):
    """Nothing is replaced in silence."""
    answer = httpx.get(served.root + target)

    assert answer.status_code == 400
    assert "no UTF-8" in answer.json()["reason"]


def test_what_is_no_utf_8_in_a_form_is_refused(served):
    """As in a query."""
    headers = {"Content-Type": "application/x-www-form-urlencoded"}

    answer = httpx.post(f"{served.root}/parcels", content=b"name=a%ffb", headers=headers)

    assert answer.status_code == 400
    assert "utf-8" in answer.json()["reason"]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("limit=1&limit=2", 400),
        ("text=a&text=a", 400),
        ("ids=a,b&ids=c", 400),
        ("tags=a&tags=b", 200),
        ("x=1&x=2", 200),
    ],
)
def test_a_parameter_of_one_value_is_given_once(served, query, status):
    """Which of two is meant nobody knows; arrays are given so often as they like."""
    assert httpx.get(f"{served.root}/parcels?{query}").status_code == status


def test_an_id_with_a_slash_is_found_at_its_address(served):
    """Such as an ARN; the answer's Location leads there."""
    arn = "arn:aws:s3:::depot/a b%"

    made = httpx.post(f"{served.root}/parcels", json={"id": arn, "name": "far"})
    address = f"{served.root}/parcels/arn:aws:s3:::depot%2Fa%20b%25"
    changed = httpx.put(address, json={"id": arn, "name": "near"})

    assert made.status_code == 201
    assert httpx.get(httpx.URL(served.root).join(made.headers["Location"])).json()["id"] == arn
    assert changed.json() == {"id": arn, "name": "near"}
    assert httpx.get(address).json() == {"id": arn, "name": "near"}
    assert httpx.delete(address).status_code == 204
    assert httpx.get(address).status_code == 404


def test_a_client_that_closes_its_side_is_answered_and_left(served):
    """The server closes as soon as all is answered."""
    began = time.monotonic()

    answer = served.talk(GET)

    assert answer.startswith(b"HTTP/1.1 200 ")
    assert time.monotonic() - began < 2
