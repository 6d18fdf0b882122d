"""Planned requests played against a server."""

import json
import socket

import pytest

from mockserver.contract.replay.planned_request import AnswerReference, KnownValue, PlannedRequest
from mockserver.contract.replay.player import Player
from mockserver.contract.replay.request_sequence import RequestSequence
from mockserver.engine.redaction.redactor import BY_NAMES
from tests.receiver import Answer, Receiver


@pytest.fixture
def server():
    """A server that answers as it is told."""
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture
def address(server):
    """Where the paths of that server begin."""
    return f"http://127.0.0.1:{server.port}/v1"


def test_a_later_step_sends_what_an_earlier_answer_had(server, address):
    """In the path, the query, a header and the body alike, encoded as each of them asks."""
    server.script(Answer(201, b'{"id": "a/b c", "owner": {"name": "M\xc3\xbcller"}}', {"ETag": '"v1"'}), 200)
    sequence = RequestSequence(
        (
            PlannedRequest("POST", "/pets", name="made", body={"name": "Rex"}),
            PlannedRequest(
                "POST", "/pets/{id}", path_values={"id": AnswerReference("made", "/id")},
                query={"owner": AnswerReference(1, "/owner/name"), "tag": ["x", "y"]},
                headers={"If-Match": AnswerReference("made", header="etag")},
                body={"copy": AnswerReference("made"), "token": KnownValue("token")},
            ),
        )
    )  # fmt: skip

    with Player(address, known={"token": 7}) as player:
        made, put = player.play_all(sequence)

    sent = server.requests[1]
    assert (made.status, made.value["id"], put.status) == (201, "a/b c", 200)
    assert sent.path == "/v1/pets/a%2Fb%20c?owner=M%C3%BCller&tag=x&tag=y"
    assert (sent.headers["If-Match"], sent.headers["Content-Type"]) == ('"v1"', "application/json")
    assert json.loads(sent.body) == {"copy": {"id": "a/b c", "owner": {"name": "Müller"}}, "token": 7}


def test_a_step_may_be_sent_without_the_credentials(server, address):
    """Headers that are none stay; those of the step replace the player's."""
    player = Player(address, [("X-Tenant", "a")], credentials=[("Authorization", "Bearer t0ken")])

    player.play(PlannedRequest("POST", "/pets"))
    player.play(PlannedRequest("POST", "/pets", headers={"x-tenant": "b"}, is_authenticated=False))
    player.close()

    first, second = (request.headers for request in server.requests)
    assert (first["Authorization"], first["X-Tenant"]) == ("Bearer t0ken", "a")
    assert (second["Authorization"], second.get_all("X-Tenant")) == (None, ["b"])


def test_a_reference_that_leads_nowhere_is_a_failure_and_nothing_is_sent(server, address):
    """It says what which answer lacks."""
    server.script(Answer(404, b'{"title": "gone"}'))
    sequence = RequestSequence(
        (
            PlannedRequest("POST", "/pets"),
            PlannedRequest("GET", "/pets/{i}", path_values={"i": AnswerReference(1, "/id")}),
        )
    )

    with Player(address) as player:
        _, second = player.play_all(sequence)

    assert str(second) == "unresolved: the answer to step 1 (404) has nothing at /id"
    assert len(server.requests) == 1


def test_a_redirect_is_an_answer(server, address):
    """It is not followed."""
    server.script(Answer(302, headers={"Location": f"{address}/elsewhere"}))

    with Player(address) as player:
        answer = player.play(PlannedRequest("POST", "/pets"))

    assert (answer.status, answer.header("location")) == (302, f"{address}/elsewhere")
    assert len(server.requests) == 1


def test_nobody_listening_is_an_answer_of_its_own_kind():
    """Not a traceback."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with Player(f"http://127.0.0.1:{taken.getsockname()[1]}") as player:
            answer = player.play(PlannedRequest("POST", "/pets"))

    assert (answer.failure, answer.status, answer.reason) == ("refused", 0, "Connection refused")


def test_a_server_that_is_too_slow_and_one_that_hangs_up(server, address):
    """Each is told apart."""
    server.script(Answer(delay=0.4), Answer(hang_up=True))

    with Player(address, seconds=0.1) as player:
        slow = player.play(PlannedRequest("POST", "/pets"))
        broken = player.play(PlannedRequest("POST", "/pets"))

    assert (slow.failure, broken.failure) == ("timeout", "broken")


def test_an_answer_without_bounds_is_not_kept(server, address, monkeypatch):
    """It is a failure with the bound in it."""
    monkeypatch.setattr("mockserver.contract.replay.player.MOST_BYTES", 1000)
    server.script(Answer(200, b"x" * 1001))

    with Player(address) as player:
        answer = player.play(PlannedRequest("POST", "/pets"))

    assert str(answer) == "too-large: the answer 200 is larger than 1,000 bytes"


def test_a_curl_line_sends_the_same_and_hides_credentials(server, address):
    """They are masked where somebody else will read them."""
    player = Player(address, credentials=[("Authorization", "Bearer t0ken")])

    answer = player.play(PlannedRequest("POST", "/pets", body={"name": "it's Rex"}))
    player.close()

    plain, masked = answer.sent.curl(), answer.sent.curl(BY_NAMES)
    assert plain == (
        "curl -i -X POST -H 'Content-Type: application/json' -H 'Authorization: Bearer t0ken' --data-raw "
        f'\'{{"name":"it\'"\'"\'s Rex"}}\' {address}/pets'
    )
    assert "t0ken" not in masked


def test_forms_are_sent_as_forms(server, address):
    """Members of a list are sent one by one."""
    form = PlannedRequest("POST", "/f", body={"a": ["1", "2"]}, media_type="application/x-www-form-urlencoded")
    parts = PlannedRequest("POST", "/f", body={"a": "1"}, media_type="multipart/form-data")

    with Player(address) as player:
        player.play(form)
        player.play(parts)

    assert server.requests[0].body == b"a=1&a=2"
    assert server.requests[1].headers["Content-Type"].startswith("multipart/form-data; boundary=")
    assert b'name="a"' in server.requests[1].body
