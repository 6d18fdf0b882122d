"""A probe is played on a server: it waits where it is told to, takes back what it did, and shows no secrets."""

import pytest

from mockserver.contract.probe.look import look_of
from mockserver.contract.probe.probe import CONTROL, ClockSpan, Probe, ProbeStep
from mockserver.contract.probe.probe_play import play
from mockserver.contract.probe.probed_server import ProbedServer
from mockserver.contract.replay.player import PlayedAnswer
from mockserver.json_text import encode


class Script:
    """A player of requests that are answered as written; an exception is raised in the place of an answer."""

    def __init__(self, *answers):
        self.sent = []
        self._answers = list(answers)

    def send(self, sent):
        """The next answer."""
        self.sent.append(f"{sent.method} {sent.url}")
        answer = self._answers.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        status, body, headers = answer
        return PlayedAnswer(sent, status, tuple(headers.items()), encode(body))


def answer(status=200, body=None, **headers):
    """One answer."""
    return status, {} if body is None else body, {name.replace("_", "-"): value for name, value in headers.items()}


def server(script, waited=None):
    """The server of a script; the seconds that it lets pass are written down."""
    wait = (waited if waited is not None else []).append
    callers = {"": {"Authorization": "Bearer s3cret-t0ken"}}
    return ProbedServer("http://api", script, callers, wait=wait, now=lambda: 0.0)


MADE = ProbeStep("thing", "POST", "/things", undo=(("DELETE", "/things/{thing /id}"),))


def probe(*steps):
    """A probe of these steps."""
    return Probe("some", steps)


def seen(look, *answers):
    """What one look sees in the answers to a step."""
    step = ProbeStep(target="/", looks=(look_of(look),))
    return [sighting.value for sighting in play(probe(step), server(Script(*answers))).seen]


def test_what_was_made_is_deleted_also_where_the_user_has_had_enough():
    """The interruption goes on afterwards."""
    script = Script(answer(201, {"id": 7}), KeyboardInterrupt(), answer(204))

    with pytest.raises(KeyboardInterrupt):
        play(probe(MADE, ProbeStep(target="/", looks=(look_of("status"),))), server(script))

    assert script.sent == ["POST http://api/things", "GET http://api/", "DELETE http://api/things/7"]


def test_what_cannot_be_deleted_is_told():
    """With the status."""
    script = Script(answer(201, {"id": 7}), answer(403))

    found = play(probe(MADE), server(script))

    assert found.left == ("DELETE /things/{thing /id}: 403",)


def test_a_step_that_prepares_and_fails_ends_the_probe():
    """Nothing of it is there to be deleted."""
    script = Script(answer(500))

    found = play(probe(MADE, ProbeStep(target="/")), server(script))

    assert (found.stuck, found.left, len(script.sent)) == (
        "POST /things was answered with 500; the probe needs it to succeed",
        (),
        1,
    )


def test_a_server_that_asks_to_wait_is_waited_for():
    """As long as it says."""
    waited: list[float] = []
    script = Script(answer(429, Retry_After="7"), answer(200))

    found = play(probe(ProbeStep(target="/", looks=(look_of("status"),))), server(script, waited))

    assert ([sighting.value for sighting in found.seen], waited) == ([200], [7.1])


def test_a_wait_that_is_too_long_ends_the_probe():
    """With the seconds that it asked for."""
    found = play(probe(ProbeStep(target="/")), server(Script(answer(429, Retry_After="3600"))))

    assert found.stuck == "GET /: 429; it asks to wait 3600 seconds"


@pytest.mark.parametrize(
    ("look", "body", "shown"),
    [
        ("/id", {"id": "d47f2e1a-8c3b-4a5d-9e6f-1234567890ab"}, "(an id)"),
        ("/at", {"at": "2026-03-21T14:30:00Z"}, "(a time)"),
        ("/echo", {"echo": "Bearer s3cret-t0ken"}, "(a credential)"),
        ("/api_key", {"api_key": "abc"}, "(a credential)"),
        ("/name", {"name": "Spring"}, "Spring"),
        ("/self", {"self": "http://api/things/7"}, "/things/7"),
    ],
)
def test_what_differs_on_each_run_or_is_secret_is_named_by_its_kind(look, body, shown):
    """So that it can be compared, and shown."""
    assert seen(look, answer(200, body))[0] == shown


@pytest.mark.parametrize(
    ("status", "kind"),
    [(200, "success"), (302, "redirect"), (401, "unauthenticated"), (404, "refusal"), (503, "failure")],
)
def test_the_kind_of_an_answer_is_looked_at_where_its_status_is_not(status, kind):
    """A server that refuses everything does not leave something out."""
    assert seen("has /meta", answer(status)) == [False, kind]


def test_a_server_that_nobody_named_is_not_asked():
    """The document's other servers may be somebody's production."""
    found = play(probe(ProbeStep(target="https://elsewhere.example/a")), server(Script()))

    assert "--server https://elsewhere.example=URL says so" in found.stuck


def test_requests_end_with_the_status_that_was_waited_for():
    """The seconds between them pass."""
    waited: list[float] = []
    script = Script(answer(200), answer(200), answer(429), answer(200))
    many = ProbeStep(target="/", times=9, until=429, pace=0.5, meets_limits=True, looks=(look_of("varies status"),))

    found = play(probe(many), server(script, waited))

    assert (len(script.sent), waited, found.seen[0].value) == (3, [0.5, 0.5], True)


@pytest.mark.parametrize(("unless", "sent"), [({"first": 0}, 2), ({"first": 429}, 1), ({"first": 500}, 2)])
def test_a_step_is_passed_over_where_one_in_its_place_was_answered_so(unless, sent):
    """By its status, or since it succeeded."""
    script = Script(answer(429), answer(200))
    first = ProbeStep("first", target="/", may_fail=True, meets_limits=True)

    play(probe(first, ProbeStep(target="/", unless=unless)), server(script))

    assert len(script.sent) == sent


def test_each_of_many_things_that_were_made_is_deleted():
    """Those of a list, and those of a step that was sent several times; the latest first."""
    made = ProbeStep("all", "POST", "/all", undo=(("DELETE", "/things/{all /made/*/id}"),))
    twice = ProbeStep("one", "POST", "/things", times=2, undo=(("DELETE", "/things/{one /id}"),))
    script = Script(answer(201, {"made": [{"id": 1}, {"id": 2}]}), *(answer(201, {"id": each}) for each in (3, 4)),
                    *[answer(204)] * 4)  # fmt: skip

    play(probe(made, twice), server(script))

    assert [each.rpartition("/")[2] for each in script.sent[3:]] == ["4", "3", "1", "2"]


def test_a_server_whose_time_cannot_be_moved_is_not_waited_for_too_long():
    """The reason says for how long it would be, and what lets it."""
    step = ProbeStep(target="/", span=ClockSpan(3000, 3100, 3600))

    found = play(probe(step), server(Script()))

    assert found.stuck == "GET /: it has to wait 3000 seconds; --wait 3000 lets it"


@pytest.mark.parametrize(("now", "seconds"), [(100.0, 0.0), (104.0, 0.0), (106.0, 54.0), (90.0, 10.0)])
def test_a_step_begins_in_its_part_of_a_period(now, seconds):
    """At once, where that is now; from 40 to 45 seconds of each minute here."""
    assert ClockSpan(40, 45, 60).wait(now) == seconds


@pytest.mark.parametrize("by_hand", [True, False])
def test_only_a_mock_is_told_by_its_control_api(by_hand):
    """A real server has it done by the user, or the probe cannot go on."""
    step = ProbeStep(method="PATCH", target="/state/shop/things/7", body={}, kind=CONTROL, by_hand=by_hand)

    found = play(probe(step, ProbeStep(target="/", looks=(look_of("status"),))), server(Script(answer(200))))

    assert ("only a mock can be told so" in found.stuck) is not by_hand
