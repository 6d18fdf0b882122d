"""Webhooks go to this machine and to allowed hosts, as the address says that is connected to."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from mockserver.engine.webhooks.destination import Refused, allow, find, take_apart
from mockserver.engine.webhooks.http_client import HttpClient
from mockserver.engine.webhooks.rules import DeliveryOutcome
from mockserver.problem import Unusable
from tests.receiver import Answer

Resolve = Callable[..., None]


@pytest.fixture
def resolve(monkeypatch) -> Resolve:
    """`resolve("127.0.0.1", "10.0.0.1")`: what the next names stand for, one after the other; then there are none."""
    left: list[tuple[str, ...]] = []

    def look_up(_host: str, port: int, **_: Any) -> list[Any]:
        return [
            (socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
            for address in left.pop(0)
        ]

    def expect(*answers: str | tuple[str, ...]) -> None:
        left.extend((answer,) if isinstance(answer, str) else answer for answer in answers)
        monkeypatch.setattr(socket, "getaddrinfo", look_up)

    return expect


def post(url: str, *allowed: str, **options: Any) -> DeliveryOutcome:
    """One attempt, where these hosts are allowed."""
    return HttpClient(allow(allowed), **options).post(url, (), b"{}", 5)


# Which addresses

OWN = [
    "127.0.0.1",
    "127.8.9.10",
    "127.1",
    "2130706433",
    "0x7f.1",
    "localhost",
    "LOCALHOST.",
    "[::1]",
    "[::ffff:127.0.0.1]",
]
FOREIGN = [
    "0.0.0.0",  # noqa: S104 - asked for, not bound to
    "10.0.0.1",
    "10.1",
    "167772161",
    "192.168.1.1",
    "8.8.8.8",
    "169.254.169.254",
    "0xa9.0xfe.0xa9.0xfe",
    "[::]",
    "[::ffff:10.0.0.1]",
    "[::ffff:a9fe:a9fe]",
    "[::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[fe80::1]",
    "[fd00::1]",
    "[2001:db8::1]",
]


@pytest.mark.parametrize("host", OWN)
def test_the_machine_itself_is_reached(host):
    """However its address is written."""
    places = find(take_apart(f"http://{host}:8000/"), allow(()))

    assert {place.address[1] for place in places} == {8000}


@pytest.mark.parametrize("host", FOREIGN)
def test_no_other_address_is_reached(host):
    """However it is written, and whatever is behind it: what is not the machine's own needs leave."""
    with pytest.raises(Refused, match="--allow-host "):
        find(take_apart(f"http://{host}:8000/"), allow(()))


LEAVE = {
    "10.0.0.1": "http://10.0.0.1/",
    "10.0.0.0/8": "http://10.200.0.1/",
    "169.254.169.254": "http://[::ffff:169.254.169.254]/",
    "::ffff:10.0.0.0/104": "http://10.0.0.1/",
    "[2001:db8::1]": "http://[2001:db8::1]/",
    "fe80::/10": "http://[fe80::1]/",
    "*": "http://8.8.8.8/",
}


@pytest.mark.parametrize(("allowed", "url"), LEAVE.items())
def test_an_allowed_address_is_reached(allowed, url):
    """By itself, by its network, or because all are."""
    assert len(find(take_apart(url), allow([allowed]))) == 1


GUARDED = [
    "169.254.169.254",
    "169.254.170.2",
    "fe80::1",
    "fd00:ec2::254",
    "fd20:ce::254",
    "100.100.100.200",
    "168.63.129.16",
    "::ffff:169.254.169.254",
    "::ffff:a9fe:a9fe",
    "::169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "2002:a9fe:a9fe::1",
]


@pytest.mark.parametrize("address", GUARDED)
@pytest.mark.parametrize("allowed", ["*", "hooks.example", "0.0.0.0/0", "::/0"])
def test_no_leave_stands_for_a_link_local_or_metadata_address(resolve, address, allowed):
    """Neither a name that resolves there, nor a network around it, nor leave for all."""
    resolve(address)

    with pytest.raises(Refused, match="is link-local, or where a cloud tells credentials"):
        find(take_apart("http://hooks.example/"), allow([allowed]))


OWN_PORT = [*OWN, "0177.0.0.1", "0x7f000001", "user@localhost", "[::]", "0", "0.0.0.0"]  # noqa: S104 - asked for


@pytest.mark.parametrize("host", OWN_PORT)
def test_the_ports_of_the_mock_itself_are_refused(host):
    """By any name and spelling of this machine, whatever is allowed; its other ports stay open."""
    known = allow(["*"], {4010})

    with pytest.raises(Refused, match="is this mock itself"):
        find(take_apart(f"http://{host}:4010/__admin/reset"), known)

    assert {place.address[1] for place in find(take_apart("http://127.0.0.1:4011/"), known)} == {4011}


def test_a_name_of_this_machine_is_the_mock_itself_too(resolve):
    """Whatever its address is, where a socket can be bound to it."""
    own = socket.gethostbyname(socket.gethostname())
    resolve(own)

    with pytest.raises(Refused, match="is this mock itself"):
        find(take_apart("http://hooks.example:4010/"), allow(["*"], {4010}))


NO_LEAVE = {"10.0.0.2": "http://10.0.0.1/", "11.0.0.0/8": "http://10.0.0.1/", "example.com": "http://10.0.0.1/"}


@pytest.mark.parametrize(("allowed", "url"), NO_LEAVE.items())
def test_leave_for_one_is_none_for_another(allowed, url):
    """Neighbours stay refused."""
    with pytest.raises(Refused):
        find(take_apart(url), allow([allowed]))


@pytest.mark.parametrize(
    "given", ["http://example.com", "example.com:80", "", "a b", "/", "10.0.0.0/99", "*.example.com"]
)
def test_what_is_no_host_cannot_be_allowed(given):
    """It would silently allow nothing."""
    with pytest.raises(Unusable, match="expected the name of a host, an address, a network"):
        allow([given])


# Which names


def test_a_name_is_judged_by_its_address(receiver, resolve):
    """One that stands for this machine needs no leave, and is asked for by its name."""
    resolve("127.0.0.1")

    outcome = post(f"http://hooks.example:{receiver.port}/")

    assert (outcome.status, receiver.requests[0].headers["Host"]) == (200, f"hooks.example:{receiver.port}")


def test_a_name_that_stands_for_another_machine_is_refused(resolve):
    """The error says what to do, and nobody asks again."""
    resolve("10.0.0.1")

    outcome = post("http://hooks.example/")

    assert (outcome.status, outcome.is_final) == (None, True)
    assert outcome.error == (
        "not sent: hooks.example, which stands for 10.0.0.1, is not this machine, and webhooks leave it for hosts "
        "alone that were allowed; start the server with --allow-host hooks.example"
    )


def test_a_name_that_stands_for_this_machine_and_another_is_refused(receiver, resolve):
    """Which of them would be reached is nobody's to guess."""
    resolve(("127.0.0.1", "10.0.0.1"))

    outcome = post(f"http://hooks.example:{receiver.port}/")

    assert (outcome.is_final, receiver.requests) == (True, [])


def test_a_name_is_looked_up_once(receiver, resolve):
    """What was judged is what is connected to, whatever the name stands for a moment later."""
    resolve("127.0.0.1", "10.0.0.1")

    outcome = post(f"http://hooks.example:{receiver.port}/")

    assert outcome.status == 200


def test_an_allowed_name_is_reached_wherever_it_is(receiver, resolve):
    """In any case, with or without its last dot."""
    resolve(("fd00::1", "10.0.0.1"))

    places = find(take_apart("http://HOOKS.example./"), allow(["Hooks.Example"]))

    assert [place.address for place in places] == [("fd00::1", 80), ("10.0.0.1", 80)]


def test_the_next_address_is_tried_where_one_does_not_listen(receiver, resolve):
    """Names often stand for two, of which a receiver listens on one."""
    resolve(("::1", "127.0.0.1"))

    assert post(f"http://hooks.example:{receiver.port}/").status == 200


def test_a_name_without_an_address_may_have_one_later():
    """So it is tried again."""
    outcome = post("http://nowhere.invalid/")

    assert (outcome.is_final, outcome.status) == (False, None)
    assert "its name has no address" in str(outcome.error)


def test_a_redirect_to_another_machine_is_not_followed(receiver):
    """It is only an answer."""
    receiver.script(Answer(302, headers={"Location": "http://169.254.169.254/latest"}))

    assert post(receiver.url).status == 302


# Which URLs


NO_URLS = ["", "/hook", "ftp://127.0.0.1/", "file:///etc/passwd", "http://", "http:///a", "http://[::1", "http://a:b/"]


@pytest.mark.parametrize("url", [*NO_URLS, "http://a:70000/", f"http://{'a' * 64}.example/"])
def test_what_is_no_url_is_not_sent(url):
    """Nor tried again: it will be none later either."""
    outcome = post(url, "*")

    assert (outcome.is_final, str(outcome.error)[:9]) == (True, "not sent:")


def test_the_host_is_what_comes_after_the_user(resolve):
    """`user:password@` in front of it fools nobody."""
    with pytest.raises(Refused, match=r"10\.0\.0\.1 is not this machine"):
        find(take_apart("http://127.0.0.1:80@10.0.0.1/"), allow(()))


def test_a_path_cannot_end_the_request_line(receiver):
    """What has no place in one is escaped."""
    post(f"{receiver.url}/a b\u00fc?q=\x00\x7f HTTP/1.1\r\nX: y")

    assert receiver.requests[0].path == "/hook/a%20b%C3%BC?q=%00%7F%20HTTP/1.1X:%20y"


# TLS


@pytest.fixture
def authority() -> trustme.CA:
    """Whoever certifies."""
    return trustme.CA()


@pytest.fixture
def secure(authority) -> Iterator[int]:
    """The port of a receiver that speaks TLS as `localhost` and answers 204 once."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)

    def answer() -> None:
        try:
            with context.wrap_socket(listening.accept()[0], server_side=True) as connection:
                while not connection.recv(65536).endswith(b"{}"):
                    pass
                connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
        except OSError:
            """A client that does not trust us."""

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        thread.join(5)


def test_https_is_spoken_with_whom_is_trusted(secure, authority, tmp_path: Path):
    """The certificate is of an authority that is known, and of that name."""
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")

    assert post(f"https://localhost:{secure}/", cafile=str(tmp_path / "ca.pem")).status == 204


def test_a_certificate_of_nobody_known_is_not_trusted(secure):
    """Not even on this machine; it may be one day, so it is tried again."""
    outcome = post(f"https://localhost:{secure}/")

    assert (outcome.status, outcome.is_final) == (None, False)
    assert "certificate is not trusted: unable to get local issuer certificate" in str(outcome.error)


def test_a_certificate_of_another_name_is_not_trusted(secure, authority, tmp_path: Path):
    """The address alone proves nothing."""
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")

    outcome = post(f"https://127.0.0.1:{secure}/", cafile=str(tmp_path / "ca.pem"))

    assert "certificate is not valid for '127.0.0.1'" in str(outcome.error)
