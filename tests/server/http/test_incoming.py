"""Bytes of a connection become requests, or refusals: nothing that is framed otherwise than announced is one."""

import pytest

from mockserver.server.http.incoming import MAX_HEAD, Incoming

GET = b"GET /pets HTTP/1.1\r\nHost: a\r\n\r\n"
POST = b"POST /pets HTTP/1.1\r\nHost: a\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
UPGRADE = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n"


class _Connection:
    """What arrived, as `METHOD path body`, `METHOD path !status` for a body that failed, or `status` for a refusal."""

    def __init__(self) -> None:
        self.proceeded = 0
        self.incoming = Incoming("127.0.0.1", self._proceed)

    def _proceed(self) -> None:
        self.proceeded += 1

    def feed(self, *pieces: bytes) -> list[str]:
        for piece in pieces:
            self.incoming.feed(piece)
        return self.seen

    @property
    def seen(self) -> list[str]:
        return [
            str(refusal.status)
            if refusal is not None
            else f"{received.method} {received.path} "
            + (received.body.decode() if received.unread is None else f"!{received.unread[0]}")
            for received, _, _, refusal, _ in self.incoming.arrivals
        ]


@pytest.mark.parametrize(
    "body",
    [
        b"2\r\n{}\r\n0\r\n\r\n",
        b"1\r\n{\r\n1\r\n}\r\n0\r\n\r\n",
        b"2;name=value\r\n{}\r\n0\r\n\r\n",
        b'2;a="b;c"\r\n{}\r\n0\r\n\r\n',
        b"0002\r\n{}\r\n000\r\nX-Sum: 1\r\n\r\n",
    ],
)
@pytest.mark.parametrize("apart", [False, True])
def test_chunks_are_put_together(body, apart):
    """In one segment and byte by byte, with extensions and trailers."""
    connection = _Connection()
    whole = CHUNKED + body

    seen = connection.feed(*([bytes([byte]) for byte in whole] if apart else [whole]), GET)

    assert seen == ["POST /pets {}", "GET /pets "]


@pytest.mark.parametrize(
    "body",
    [
        b"3\r\n{}\r\n0\r\n\r\n",
        b"1\r\n{}\r\n0\r\n\r\n",
        b"-2\r\n{}\r\n0\r\n\r\n",
        b"0x2\r\n{}\r\n0\r\n\r\n",
        b"2 \r\n{}\r\n0\r\n\r\n",
        b"2\n{}\n0\n\n",
        b"2\r\n{}\r\n10000000000000000\r\n",
        b"2\r\n{}\r\n0\r\nno trailer\r\n\r\n",
        b"2\r\n{}\r\n0\r\nContent-Length: 2\r\n\r\n",
        b"2\r\n{}\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"2\r\n{}\r\nGET /pets HTTP/1.1\r\n\r\n",
    ],
)
def test_chunks_that_break_after_valid_json_make_no_body(body):
    """And what follows on the connection is not read."""
    seen = _Connection().feed(CHUNKED + body, GET)

    assert seen == ["POST /pets !400"]


@pytest.mark.parametrize(
    "sent", [CHUNKED + b"2\r\n{}\r\n", CHUNKED + b"2\r\n{}\r\n0\r\n", POST + b"Content-Length: 3\r\n\r\n{}"]
)
def test_a_body_whose_end_does_not_come_is_none(sent):
    """The client closed its side."""
    connection = _Connection()
    connection.feed(sent)

    connection.incoming.end()

    assert connection.seen == ["POST /pets !400"]


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"Content-Length: 2\r\nContent-Length: 2\r\n", 400),
        (b"Content-Length: 2, 2\r\n", 400),
        (b"Content-Length: +2\r\n", 400),
        (b"Content-Length: 0x2\r\n", 400),
        (b"Content-Length: 2 2\r\n", 400),
        (b"Content-Length:\r\n", 400),
        (b"Content-Length: 18446744073709551616\r\n", 400),
        (b"Content-Length : 2\r\n", 400),
        (b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n", 400),
        (b"Transfer-Encoding: chunked\r\nContent-Length: 2\r\n", 400),
        (b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", 400),
        (b"Transfer-Encoding: chunked, identity\r\n", 400),
        (b"Transfer-Encoding: identity\r\n", 400),
        (b"Transfer-Encoding: \x0bchunked\r\n", 400),
        (b"Transfer-Encoding:\r\n chunked\r\n", 400),
        (b"Transfer-Encoding: chunked;q=1\r\n", 400),
        (b"Transfer-Encoding: gzip, chunked\r\n", 501),
        (b"Expect: something\r\n", 417),
        (b"Host: b\r\n", 400),
        (b"X\xe9: y\r\n", 400),
        (b"X: a\rb\r\n", 400),
    ],
)
def test_heads_that_could_be_read_in_two_ways_are_refused(head, status):
    """Whatever is behind them is not taken for another request."""
    seen = _Connection().feed(POST + head + b"\r\n2\r\n{}\r\n0\r\n\r\n" + GET)

    assert seen == [str(status)]


@pytest.mark.parametrize(
    "host",
    [
        b"a b",
        b"a/b",
        b"a,b",
        b"user@a",
        b"a:port",
        b"[::1",
        b"[1:2]",
        b"[:::]",
        b"[.]",
        b"[127.0.0.1]",
        b"\xc3\xa9.test",
    ],
)
def test_a_host_is_a_name_or_an_address(host):
    """With a port or without."""
    assert _Connection().feed(b"GET /pets HTTP/1.1\r\nHost: " + host + b"\r\n\r\n") == ["400"]


@pytest.mark.parametrize(
    "host", [b"", b"a.test", b"a.test:80", b"[::1]:8080", b"[fe80::1%25en0]", b"127.0.0.1:0", b"under_score"]
)
def test_hosts_as_clients_send_them_are_taken(host):
    """An empty one too, as RFC 9112 has it."""
    assert _Connection().feed(b"GET /pets HTTP/1.1\r\nHost: " + host + b"\r\n\r\n") == ["GET /pets "]


def test_a_request_without_a_host_is_refused_but_for_http_1_0():
    """HTTP/1.1 requires it."""
    assert _Connection().feed(b"GET /pets HTTP/1.1\r\n\r\n") == ["400"]
    assert _Connection().feed(b"GET /pets HTTP/1.0\r\n\r\n") == ["GET /pets "]


def test_an_absolute_target_names_the_host():
    """It stands before the Host header."""
    connection = _Connection()

    seen = connection.feed(b"GET http://b.test:1/pets?x=1 HTTP/1.1\r\nHost: a\r\n\r\n")

    assert seen == ["GET /pets "]
    assert connection.incoming.arrivals[0].received.headers["Host"] == "b.test:1"
    assert connection.incoming.arrivals[0].received.query == "x=1"


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"PRI * HTTP/2.0\r\n\r\n", 505),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
        (b"GET /pets HTTP/2.0\r\nHost: a\r\n\r\n", 505),
        (b"GET /pets HTTP/1.2\r\nHost: a\r\n\r\n", 400),
        (b"CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n", 501),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
        (b"GET /pets HTTP/1.1\nHost: a\n\n", 400),
        (b"POST /pets HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (b"GET /" + b"x" * MAX_HEAD + b" HTTP/1.1\r\n", 431),
        (b"GET /pets HTTP/1.1\r\n" + b"X: y\r\n" * 11_000, 431),
        (b"\r\n" * MAX_HEAD, 431),
        (b"M" * 41, 400),
    ],
)
def test_what_is_not_spoken_is_refused_at_once(sent, status):
    """Nobody waits for more of it."""
    assert _Connection().feed(sent) == [str(status)]


def test_a_refusal_names_what_was_asked():
    """The parser gives up before it tells the target."""
    connection = _Connection()

    connection.feed("GET /käse HTTP/1.1\r\nHost: a\r\n\r\n".encode("latin-1"))

    received = connection.incoming.arrivals[0].received
    assert (received.method, received.path) == ("GET", "/käse")


# Methods


@pytest.mark.parametrize("method", [b"BREW", b"DESCRIBE", b"get", b"GETS", b"X-Y", b"P"])
@pytest.mark.parametrize("apart", [False, True])
def test_a_method_of_any_name_arrives(method, apart):
    """Whether the parser knows it or not, in one piece or in many; the next request is read as ever."""
    sent = GET.replace(b"GET", method)
    connection = _Connection()

    seen = connection.feed(*([bytes([byte]) for byte in sent] if apart else [sent]), GET)

    assert seen == [f"{method.decode()} /pets ", "GET /pets "]


def test_an_unknown_method_behind_others_repeats_none_of_them():
    """It is refused alone."""
    seen = _Connection().feed(POST + b"Content-Length: 2\r\n\r\n{}" + GET.replace(b"GET", b"BREW") + GET)

    assert seen == ["POST /pets {}", "400"]


def test_a_refusal_among_pipelined_requests_ends_the_connection():
    """What stood before it is answered, what stands behind it is not."""
    seen = _Connection().feed(GET + POST + b"Host: b\r\nContent-Length: 2\r\n\r\n{}" + GET)

    assert seen == ["GET /pets ", "400"]


# Upgrades


@pytest.mark.parametrize("apart", [False, True])
@pytest.mark.parametrize(
    ("framing", "body"),
    [(b"", b""), (b"Content-Length: 2\r\n", b"{}"), (b"Transfer-Encoding: chunked\r\n", b"2\r\n{}\r\n0\r\n\r\n")],
)
def test_an_offered_upgrade_is_passed_over_and_the_body_is_read(framing, body, apart):
    """Java's client offers HTTP/2 with every request."""
    sent = POST + UPGRADE + framing + b"\r\n" + body
    connection = _Connection()

    seen = connection.feed(*([bytes([byte]) for byte in sent] if apart else [sent]), GET)

    assert seen == ["POST /pets {}" if body else "POST /pets ", "GET /pets "]


def test_a_broken_body_behind_an_offered_upgrade_is_none():
    """As behind any other head."""
    seen = _Connection().feed(POST + UPGRADE + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\nend")

    assert seen == ["POST /pets !400"]


def test_thousands_of_upgrades_in_one_segment_are_read():
    """Without a recursion for each."""
    sent = POST + UPGRADE + b"\r\n"

    assert _Connection().feed(sent * 2000) == ["POST /pets "] * 2000


# Sizes and expectations


def test_endless_trailers_are_cut_off():
    """Nobody keeps them."""
    connection = _Connection()
    connection.feed(CHUNKED + b"2\r\n{}\r\n0\r\n")

    for _ in range(20):
        connection.feed(b"X: y\r\n" * 1000)

    assert connection.seen == ["POST /pets !400"]


def test_a_body_of_impossible_size_is_refused_by_its_announcement():
    """It need not be sent."""
    assert _Connection().feed(POST + b"Content-Length: 9223372036854775808\r\n\r\n{") == ["POST /pets !413"]


@pytest.mark.parametrize(
    ("head", "proceeded"),
    [(b"Content-Length: 2\r\n", 1), (b"Transfer-Encoding: chunked\r\n", 1), (b"", 0), (b"Content-Length: 0\r\n", 0)],
)
def test_a_client_that_asks_first_is_told_to_go_on(head, proceeded):
    """If it has a body."""
    connection = _Connection()

    connection.feed(POST + b"Expect: 100-continue\r\n" + head + b"\r\n")

    assert connection.proceeded == proceeded


def test_a_client_that_asks_first_for_too_much_is_refused_first():
    """So it does not send it."""
    connection = _Connection()

    seen = connection.feed(POST + b"Expect: 100-continue\r\nContent-Length: 20000000\r\n\r\n")

    assert (seen, connection.proceeded) == (["POST /pets !413"], 0)


def test_header_values_arrive_whatever_their_encoding():
    """UTF-8, else Latin-1."""
    connection = _Connection()

    connection.feed(b"GET / HTTP/1.1\r\nHost: a\r\nX-One: K\xc3\xa4se\r\nX-Two: K\xe4se\r\n\r\n")

    headers = connection.incoming.arrivals[0].received.headers
    assert (headers["X-One"], headers["X-Two"]) == ("Käse", "Käse")


SIZED = POST + b"Content-Length: 2\r\n\r\n"


@pytest.mark.parametrize(
    ("sent", "arrived"),
    [
        ([GET.replace(b"/pets", b"/cats?age=3")], ["GET /cats "]),
        ([GET.replace(b"/pets", b"/%63ats")], ["GET /cats "]),
        ([GET.replace(b"GET", b"BREW"), GET], ["BREW /pets ", "GET /pets "]),
        ([GET.replace(b"1.1", b"1.0")], ["GET /pets "]),
        ([GET.replace(b"1.1", b"2.0")], ["505"]),
        ([GET.replace(b"/pets", b"/pe ts")], ["400"]),
        ([GET.replace(b"GET", b"G\rT")], ["400"]),
        ([GET + GET], ["GET /pets ", "GET /pets "]),
        ([b"\r\n" + GET], ["GET /pets "]),
        ([GET[:9], GET[9:]], ["GET /pets "]),
        ([GET.replace(b"/pets", b"/" + b"p" * MAX_HEAD)], ["431"]),
        ([SIZED + b"[]"], ["POST /pets []"]),
        ([SIZED, b"[]", GET], ["POST /pets []", "GET /pets "]),
        ([SIZED + b"[]" + GET], ["POST /pets []", "GET /pets "]),
        ([SIZED + b"[", b"]", SIZED + b"{}"], ["POST /pets []", "POST /pets {}"]),
        ([GET + b"[]"], ["GET /pets ", "400"]),
    ],
)
def test_known_headers_change_nothing(sent, arrived):
    """A request whose headers were sent before on the connection is framed as if they were new."""
    known, new = _Connection(), _Connection()
    known.feed(GET, GET, SIZED + b"{}", SIZED + b"{}")

    seen = known.feed(*sent)[4:]

    assert seen == new.feed(*sent) == arrived


@pytest.mark.parametrize(
    ("sent", "arrived"),
    [
        (b"GET /pets HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 1),
        (b"GET /pets HTTP/1.0\r\nHost: a\r\n\r\n", 1),
        (POST + b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n{}", 3),
        (CHUNKED + b"2\r\n{}\r\n0\r\n\r\n", 3),
    ],
)
def test_headers_that_decide_about_the_connection_do_so_each_time(sent, arrived):
    """Nothing follows a request that ends it, and each client that waits for `100 Continue` gets it."""
    connection = _Connection()

    seen = connection.feed(sent, sent, sent)

    assert len(seen) == arrived
    assert connection.proceeded == (3 if b"Expect" in sent else 0)
