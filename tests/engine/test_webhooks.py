"""Webhooks: what a handler put into the outbox arrives, as the API says, when it is due on the world's clock."""

import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from mockserver.engine.webhooks import courier
from mockserver.engine.webhooks.rules import Webhooks
from mockserver.messages import Headers
from mockserver.state import clock as clocks
from mockserver.state.records.record import Record
from mockserver.state.world import ApiState
from tests.engine.hooked import BODY, NEW_YEAR, Hooked, sign, verdict
from tests.receiver import Answer, Receiver

SIGNED_AT_NEW_YEAR = "t=1767225600,v1=63b40b26c34ee59210e9d5bea9bb4d12d957f380527f9b13e45c4ece37ab7ece"
SIGNED_A_MINUTE_LATER = "t=1767225660,v1=797e2c3f9a0e5892605a4bd63832147df45b9708e87dfb0bb1aaf959b0aac8c9"
"""HMAC-SHA256 of `{t}.{"task":5}` with the key `s3cret`, as openssl makes it."""


@pytest.fixture
def hooked() -> Hooked:
    """A to-do list that signs, on New Year's Day, when time stands still."""
    return Hooked()


@pytest.fixture
def other() -> Any:
    """A second receiver."""
    listening = Receiver()
    yield listening
    listening.close()


# Sending


def test_a_webhook_arrives_as_it_was_put(hooked, receiver):
    """Its body byte for byte, its path with the query, the API's headers, its signature over the world's time."""
    hooked.create({"url": f"{receiver.url}/a%20b?c=d"})

    (received,) = receiver.wait(1)

    assert (received.method, received.path, received.body) == ("POST", "/hook/a%20b?c=d", BODY)
    assert dict(received.headers) == {
        "Host": f"127.0.0.1:{receiver.port}",
        "User-Agent": "mockserver",
        "Accept": "*/*",
        "Content-Type": "application/json",
        "Todo-Event": "task.created",
        "Todo-Signature": SIGNED_AT_NEW_YEAR,
        "Content-Length": "10",
        "Connection": "close",
    }


def test_headers_of_the_api_take_the_place_of_the_usual_ones(receiver):
    """In any case; what the transport needs stays."""
    own = (("content-type", "text/plain; charset=utf-8"), ("USER-AGENT", "Todo/1.0"))
    hooked = Hooked(Webhooks(sign=lambda _delivery, _at: own))

    hooked.create({"url": receiver.url})

    headers = receiver.wait(1)[0].headers
    assert headers.get_all("Content-Type") == ["text/plain; charset=utf-8"]
    assert headers.get_all("User-Agent") == ["Todo/1.0"]


def test_a_body_of_any_text_arrives_as_its_bytes(hooked, receiver):
    """No escape, no other order, no other line end."""
    body = '{"b": "Fl\u00fcgel \U0001f409",\r\n "a":1.0}\n'.encode()

    hooked.create({"url": receiver.url, "body": body})

    assert receiver.wait(1)[0].body == body


@pytest.mark.parametrize("kind", ["problem", "crash"])
def test_a_request_that_fails_sends_nothing(hooked, receiver, kind):
    """What its handler put is taken back with the rest; the next request's arrives alone."""
    hooked.create({"url": receiver.url, "body": b"never"}, path=f"/trouble/{kind}")

    hooked.create({"url": receiver.url})
    hooked.settle()

    assert [received.body for received in receiver.requests] == [BODY]
    assert [delivery["state"] for delivery in hooked.world.outbox.deliveries] == ["delivered"]


def test_an_api_without_webhooks_of_its_own_sends_them_plain(receiver):
    """Any 2xx is a delivery, the rest is retried."""
    hooked = Hooked(None)  # type: ignore[arg-type]  # as an Api may have it
    receiver.script(404, 204)

    hooked.create({"url": receiver.url})
    hooked.settle()
    hooked.advance(60)

    assert (len(receiver.requests), hooked.last["state"]) == (2, "delivered")


def test_what_one_request_puts_arrives_in_its_order(hooked, receiver):
    """Whatever goes to one address goes one after the other."""
    bodies = [str(number).encode() for number in range(30)]

    hooked.create(*({"url": receiver.url, "body": body} for body in bodies))
    hooked.settle()

    assert [received.body for received in receiver.requests] == bodies


def test_a_receiver_that_hangs_holds_up_no_other(hooked, receiver, other):
    """Nor the API: requests are answered meanwhile."""
    receiver.script(Answer(held=True))
    hooked.create({"url": receiver.url})
    receiver.wait(1)

    answer = hooked.create({"url": other.url})
    other.wait(1)

    assert (answer.status_code, hooked.world.outbox.deliveries[1]["state"]) == (201, "due")


def test_more_receivers_than_threads_are_all_reached(hooked, receiver, other, monkeypatch):
    """Those that find no thread free wait for one."""
    monkeypatch.setattr(courier, "MAX_LANES", 1)
    receiver.script(Answer(delay=0.05))

    hooked.create({"url": receiver.url}, {"url": other.url}, {"url": receiver.url})
    hooked.settle()

    assert (len(receiver.requests), len(other.requests)) == (2, 1)


def test_a_world_whose_receivers_hang_holds_up_no_other_world(hooked, receiver, other):
    """However many they are."""
    receiver.script(*[Answer(held=True)] * 20)
    hooked.create(*({"url": f"{receiver.url}/{number}"} for number in range(20)))
    receiver.wait(courier.MAX_OF_WORLD)

    hooked.create({"url": other.url}, world="another")

    assert other.wait(1, seconds=3)


def test_receivers_take_turns(hooked, receiver, monkeypatch):
    """Much that waits for one does not hold up another."""
    monkeypatch.setattr(courier, "MAX_LANES", 1)

    hooked.create(*({"url": receiver.url + path} for path in ("/a", "/a", "/a", "/b")))

    assert [received.path for received in receiver.wait(4)] == ["/hook/a", "/hook/b", "/hook/a", "/hook/a"]


# Answers


@pytest.mark.parametrize(
    ("status", "state"), [(200, "delivered"), (204, "delivered"), (410, "failed"), (302, "due"), (503, "due")]
)
def test_the_api_says_what_a_status_means(hooked, receiver, status, state):
    """Delivered, dropped at once, or tried again."""
    receiver.script(status)

    hooked.create({"url": receiver.url})
    hooked.settle()

    assert (hooked.last["state"], hooked.last["attempts"][0]["status"]) == (state, status)


def test_a_redirect_is_not_followed(hooked, receiver, other):
    """It is an answer like any other."""
    receiver.script(Answer(307, headers={"Location": other.url}))

    hooked.create({"url": receiver.url, "delays": ()})
    hooked.settle()

    assert (len(receiver.requests), other.requests, hooked.last["state"]) == (1, [], "failed")


def test_no_proxy_is_asked(hooked, receiver, monkeypatch):
    """Whatever the environment says."""
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")

    hooked.create({"url": receiver.url})
    hooked.settle()

    assert hooked.last["state"] == "delivered"


def test_of_a_long_answer_the_beginning_is_kept(hooked, receiver):
    """The first 1,000 characters; the rest of it is not waited for."""
    receiver.script(Answer(body=b"x" * 4_000_000))

    hooked.create({"url": receiver.url})
    hooked.settle()

    assert (hooked.last["state"], hooked.last["attempts"][0]["answer"]) == ("delivered", "x" * 1_000)


NO_ANSWER = {
    "closed": (Answer(hang_up=True), "the connection was closed before an answer came", 10),
    "slow": (Answer(delay=10), "no answer within 0.1 s", 0.1),
    "cut": (Answer(200, b"abc", {"Content-Length": "9"}), "the connection was closed before the answer was whole", 10),
}


@pytest.mark.parametrize(("answer", "error", "timeout"), NO_ANSWER.values(), ids=NO_ANSWER)
def test_no_answer_is_tried_again(hooked, receiver, answer, error, timeout):
    """The attempt says why there was none."""
    receiver.script(answer)

    hooked.create({"url": receiver.url, "timeout": timeout})
    hooked.settle()

    attempt = hooked.last["attempts"][0]
    assert (hooked.last["state"], attempt["status"], attempt["error"]) == ("due", None, error)


def test_nobody_listening_is_tried_again(hooked, receiver):
    """Whoever is restarted just now gets it later."""
    receiver.close()

    hooked.create({"url": receiver.url})
    hooked.settle()

    assert (hooked.last["state"], hooked.last["attempts"][0]["error"]) == ("due", "no connection: connection refused")


RAW = {
    "noise": (b"SSH-2.0-OpenSSH_9.6\r\n", "BadStatusLine: SSH-2.0-OpenSSH_9.6", 10),
    "endless-head": (b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200, "HTTPException: got more than 100 headers", 10),
    "drip": (b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", "no answer within 0.2 s", 0.2),
}


@pytest.mark.parametrize(("sent", "error", "timeout"), RAW.values(), ids=RAW)
def test_what_is_no_answer_ends_within_the_timeout(hooked, sent, error, timeout):
    """However slowly it comes: each byte in time does not make the whole so."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=drip, args=(listening, sent), daemon=True).start()

        hooked.create({"url": f"http://127.0.0.1:{listening.getsockname()[1]}/", "timeout": timeout})
        hooked.settle()

    attempt = hooked.last["attempts"][0]
    assert (attempt["status"], attempt["error"].rstrip()) == (None, error)
    assert attempt["took"] < 4


def drip(listening: socket.socket, sent: bytes) -> None:
    """Whoever connects is sent these bytes, and then a byte now and then."""
    connection, _ = listening.accept()
    with connection, suppress(OSError):
        connection.recv(65536)
        connection.sendall(sent)
        for _ in range(200):
            time.sleep(0.02)
            connection.sendall(b"x")


# Retries


def test_a_webhook_is_tried_again_when_its_time_has_come(hooked, receiver):
    """Not a second earlier; with the same bytes, signed anew."""
    receiver.script(500, 200)
    hooked.create({"url": receiver.url})
    hooked.settle()

    hooked.advance(59)
    early = len(receiver.requests)
    hooked.advance(1)

    assert (early, hooked.last["state"]) == (1, "delivered")
    assert [received.body for received in receiver.requests] == [BODY, BODY]
    assert [received.headers["Todo-Signature"] for received in receiver.requests] == [
        SIGNED_AT_NEW_YEAR,
        SIGNED_A_MINUTE_LATER,
    ]


def test_each_attempt_is_written_down(hooked, receiver):
    """With the world's time, the status and how the answer began."""
    receiver.script(Answer(500, b"Busy."), Answer(200, b"Thanks."))
    hooked.create({"url": receiver.url})
    hooked.settle()

    hooked.advance(60)

    attempts = [{name: value for name, value in made.items() if name != "took"} for made in hooked.last["attempts"]]
    assert attempts == [
        {"at": NEW_YEAR, "status": 500, "error": None, "answer": "Busy."},
        {"at": NEW_YEAR + 60, "status": 200, "error": None, "answer": "Thanks."},
    ]


def test_a_webhook_that_was_tried_often_enough_has_failed(hooked, receiver):
    """Two delays are three attempts, each so many seconds after the one before."""
    receiver.script(500, 500, 500)
    hooked.create({"url": receiver.url})
    hooked.settle()

    for seconds in (60, 300, 9_999):
        hooked.advance(seconds)

    assert hooked.last["state"] == "failed"
    assert [attempt["at"] - NEW_YEAR for attempt in hooked.last["attempts"]] == [0, 60, 360]


def test_time_that_runs_is_waited_for(hooked, receiver):
    """Nobody has to touch the clock."""
    hooked.world.clock.reset()
    receiver.script(500, 200)

    hooked.create({"url": receiver.url, "delays": (0.05,)})

    receiver.wait(2)
    hooked.settle()
    assert hooked.last["state"] == "delivered"


def test_time_that_stands_still_makes_nothing_due(hooked, receiver):
    """A retry in a moment waits until somebody moves the clock; freezing it later is such a move."""
    receiver.script(500, 200)
    hooked.create({"url": receiver.url, "delays": (0.01,)})
    hooked.settle()
    time.sleep(0.05)
    seen = len(receiver.requests)

    with hooked.world.lock:
        hooked.world.clock.freeze(NEW_YEAR + 1)
    hooked.settle()

    assert (seen, len(receiver.requests)) == (1, 2)


# A clock that is moved far


def moments(delivery: Record) -> list[float]:
    """When its attempts were made, in seconds after New Year."""
    return [attempt["at"] - NEW_YEAR for attempt in delivery["attempts"]]


def test_one_move_of_the_clock_makes_every_attempt_that_fell_due(hooked, receiver):
    """Each at its own time and signed as of it, until there is none left."""
    receiver.script(*[500] * 3)
    hooked.create({"url": receiver.url})

    hooked.advance(604_800)

    assert (hooked.last["state"], moments(hooked.last)) == ("failed", [0, 60, 360])
    assert [received.headers["Todo-Signature"].partition(",")[0] for received in receiver.requests] == [
        "t=1767225600",
        "t=1767225660",
        "t=1767225960",
    ]


def test_what_was_delivered_on_the_way_is_not_sent_again(hooked, receiver):
    """The rest of its delays is nobody's."""
    receiver.script(500, 200)
    hooked.create({"url": receiver.url})

    hooked.advance(604_800)

    assert (hooked.last["state"], moments(hooked.last), len(receiver.requests)) == ("delivered", [0, 60], 2)


def test_what_falls_due_beyond_the_move_waits(hooked, receiver):
    """For the clock, as counted from the attempt's own time."""
    receiver.script(500, 500)
    hooked.create({"url": receiver.url})

    hooked.advance(359)
    beyond = (moments(hooked.last), hooked.last["due"] - NEW_YEAR)
    hooked.advance(1)

    assert (beyond, moments(hooked.last)) == (([0, 60], 360), [0, 60, 360])


def test_what_fell_due_is_sent_in_the_order_of_time(hooked, receiver):
    """Whoever was put first; those of one time in the order in which they were put."""
    receiver.script(*[500] * 9)
    hooked.create(
        {"url": receiver.url, "body": b"slow", "delays": (100, 100)},
        {"url": receiver.url, "body": b"fast", "delays": (10, 90, 90)},
        {"url": receiver.url, "body": b"once", "delays": (150,)},
    )

    hooked.advance(604_800)

    sent = [received.body.decode() for received in receiver.requests]
    assert sent == ["slow", "fast", "once", "fast", "slow", "fast", "once", "fast", "slow"]


def test_the_order_of_time_holds_for_all_receivers(receiver, other):
    """A later attempt at one waits for an earlier one at another, however long that takes."""
    made: list[float] = []

    def attempted(delivery: Record, _world: ApiState) -> None:
        made.append(delivery["attempts"][-1]["at"] - NEW_YEAR)

    hooked = Hooked(Webhooks(sign, verdict, attempted))
    receiver.script(Answer(500, delay=0.3), 200)
    other.script(500, 200)
    hooked.create({"url": receiver.url, "delays": (100,)}, {"url": other.url, "delays": (10,)})

    hooked.advance(604_800)

    assert made == [0, 0, 10, 100]


def test_running_time_that_is_moved_makes_every_attempt_too(hooked, receiver):
    """Each so long after the one before, to the second."""
    hooked.world.clock.reset()
    receiver.script(*[500] * 3)
    hooked.create({"url": receiver.url})
    receiver.wait(1)

    hooked.advance(604_800)

    first, *later = (attempt["at"] for attempt in hooked.last["attempts"])
    assert [at - first for at in later] == pytest.approx([60, 360], abs=2)


def test_an_attempt_that_the_clock_was_moved_under_counts_from_its_beginning(hooked, receiver):
    """Its retry falls due so long after it, not after the new time."""
    receiver.script(Answer(500, held=True), 500, 500)
    hooked.create({"url": receiver.url})
    receiver.wait(1)

    with hooked.world.lock:
        hooked.world.clock.advance(604_800)
    receiver.release()
    hooked.settle()

    assert (hooked.last["state"], moments(hooked.last)) == ("failed", [0, 60, 360])


def test_an_attempt_that_is_late_while_time_runs_puts_off_the_next_one(hooked, receiver):
    """A delay counts from the answer, so that a busy courier does not bunch up what follows."""
    hooked.world.clock.reset()
    receiver.script(Answer(500, delay=0.3), 500)
    hooked.create({"url": receiver.url, "delays": (0.2,)})

    receiver.wait(2)
    hooked.settle()

    first, second = (attempt["at"] for attempt in hooked.last["attempts"])
    assert second - first >= 0.5


def test_an_endpoint_that_was_given_up_on_the_way_hears_no_more(receiver):
    """What is counted over deliveries is counted in the order of time: here the fifth failure ends it."""
    failures: list[float] = []

    def attempted(delivery: Record, state: ApiState) -> None:
        failures.append(delivery["attempts"][-1]["at"] - NEW_YEAR)
        if len(failures) == 5:
            state.outbox.withdraw(delivery["endpoint"])

    hooked = Hooked(Webhooks(sign, verdict, attempted))
    receiver.script(*[500] * 9)
    hooked.create(*({"url": receiver.url, "endpoint": "a", "delays": delays} for delays in ((60, 300), (10, 20, 400))))

    hooked.advance(604_800)

    assert failures == [0, 0, 10, 30, 60]
    assert [delivery["state"] for delivery in hooked.world.outbox.deliveries] == ["failed", "failed"]


def test_a_clock_that_is_moved_back_recalls_nothing(hooked, receiver):
    """What was on its way goes on, and what waits then waits the longer."""
    receiver.script(500, 200)
    hooked.create({"url": receiver.url})
    hooked.settle()

    with hooked.world.lock:
        hooked.world.clock.freeze(NEW_YEAR - 3_600)
    hooked.advance(3_659)
    early = len(receiver.requests)
    hooked.advance(1)

    assert (early, hooked.last["state"], moments(hooked.last)) == (1, "delivered", [0, 60])


# What follows


def test_the_api_hears_of_each_attempt(receiver):
    """With the delivery as it then stands, and may write what follows from it."""
    seen: list[tuple[str, int]] = []

    def attempted(delivery: Record, state: ApiState) -> None:
        seen.append((delivery["state"], len(delivery["attempts"])))
        state["tasks"].update(1, {"title": delivery["state"]})

    hooked = Hooked(Webhooks(sign, verdict, attempted))
    receiver.script(500, 200)
    hooked.create({"url": receiver.url})
    hooked.settle()
    hooked.advance(60)

    assert (seen, hooked.todo.tasks[0]["title"]) == ([("due", 1), ("delivered", 2)], "delivered")


def test_an_api_that_fails_at_what_follows_has_written_nothing(receiver, caplog):
    """The attempt stands nevertheless, and the log tells why."""

    def attempted(_delivery: Record, state: ApiState) -> None:
        state["tasks"].delete(1)
        raise RuntimeError("out of ideas")

    hooked = Hooked(Webhooks(sign, verdict, attempted))
    hooked.create({"url": receiver.url})
    hooked.settle()

    assert (hooked.last["state"], len(hooked.last["attempts"])) == ("delivered", 1)
    assert (hooked.todo.tasks[0]["id"], "out of ideas" in caplog.text) == (1, True)


def test_an_endpoint_can_be_given_up_when_an_attempt_failed(receiver):
    """What still waits for it is withdrawn in the same breath."""

    def attempted(delivery: Record, state: ApiState) -> None:
        state.outbox.withdraw(delivery["endpoint"])

    hooked = Hooked(Webhooks(sign, verdict, attempted))
    receiver.script(500)
    hooked.create(*({"url": receiver.url, "endpoint": "a", "body": body} for body in (b"1", b"2", b"3")))
    hooked.settle()

    assert [received.body for received in receiver.requests] == [b"1"]
    assert [delivery["state"] for delivery in hooked.world.outbox.deliveries] == ["failed", "failed", "failed"]


def test_an_attempt_may_put_another_delivery(receiver):
    """Whoever is told that a webhook failed is told by a webhook."""

    def attempted(delivery: Record, state: ApiState) -> None:
        if delivery["event"] == "task.created":
            state.outbox.put(event="webhook.failed", url=receiver.url, body=b"sorry")

    hooked = Hooked(Webhooks(attempted=attempted))
    receiver.script(500)
    hooked.create({"url": receiver.url, "delays": ()})

    assert [received.body for received in receiver.wait(2)] == [BODY, b"sorry"]


def test_a_webhook_that_cannot_be_signed_has_failed(receiver, caplog):
    """The log tells why, and the next one is sent."""

    def sign_only_bodies(delivery: Record, _at: float) -> Headers:
        return (("Length", str(1 / len(delivery["body"]))),)

    hooked = Hooked(Webhooks(sign_only_bodies))
    hooked.create({"url": receiver.url, "body": b""}, {"url": receiver.url})
    hooked.settle()

    first, second = hooked.world.outbox.deliveries
    assert (first["state"], first["attempts"][0]["error"]) == ("failed", "the mock itself failed; its log tells why")
    assert (second["state"], "ZeroDivisionError" in caplog.text) == ("delivered", True)


def test_a_webhook_that_makes_no_sense_holds_up_no_other(hooked, receiver, caplog):
    """It stays as it was, and the log tells why."""
    receiver.script(500)
    hooked.create({"url": receiver.url, "delays": ("soon",)}, {"url": receiver.url})

    receiver.wait(2)
    with hooked.world.outbox.changed:
        hooked.world.outbox.changed.wait_for(lambda: hooked.last["state"] == "delivered", 10)

    assert [delivery["state"] for delivery in hooked.world.outbox.deliveries] == ["due", "delivered"]
    assert "TypeError" in caplog.text


# Worlds


def meanwhile(hooked: Hooked, receiver: Receiver, act: Callable[[], object]) -> None:
    """Something happens while the receiver thinks about its answer."""
    receiver.script(Answer(held=True))
    hooked.create({"url": receiver.url, "endpoint": "a"})
    receiver.wait(1)
    with hooked.world.lock:
        act()
    receiver.release()


def test_what_was_on_its_way_in_a_reset_world_is_nobodys(hooked, receiver, other, monkeypatch):
    """Its outcome is not taken for that of the delivery which has its number now."""
    monkeypatch.setattr(courier, "LINGER", 0.01)
    threads = couriers()
    receiver.script(Answer(held=True))
    other.script(500)
    hooked.create({"url": receiver.url})
    receiver.wait(1)
    with hooked.world.lock:
        hooked.world.reset({"todo": {}})
        hooked.world.clock.freeze()
    hooked.world.of("todo").outbox.put(event="new", url=other.url, body=b"new", delays=(60,))
    hooked.settle()

    receiver.release()
    for thread in couriers() - threads:
        thread.join(5)

    assert (hooked.last["id"], hooked.last["state"]) == (1, "due")
    assert [attempt["status"] for attempt in hooked.last["attempts"]] == [500]


def couriers() -> set[threading.Thread]:
    """The threads that carry webhooks now."""
    return {thread for thread in threading.enumerate() if thread.name == "mockserver-courier"}


def test_what_was_withdrawn_on_its_way_may_still_arrive(hooked, receiver):
    """Then it is delivered: the receiver has it."""
    meanwhile(hooked, receiver, lambda: hooked.world.of("todo").outbox.withdraw("a"))
    with hooked.world.outbox.changed:
        hooked.world.outbox.changed.wait_for(lambda: hooked.last["attempts"], 10)

    assert hooked.last["state"] == "delivered"


def test_what_is_asked_for_again_on_its_way_goes_out_once_more(hooked, receiver):
    """After the answer to the attempt before."""
    meanwhile(hooked, receiver, lambda: hooked.world.outbox.postpone(hooked.last, NEW_YEAR))

    hooked.settle()

    assert [attempt["status"] for attempt in hooked.last["attempts"]] == [200, 200]
    assert len(receiver.requests) == 2


def test_what_waited_for_its_turn_in_a_reset_world_is_not_sent(hooked, receiver):
    """Only what was on its way already."""
    receiver.script(Answer(held=True))
    hooked.create({"url": receiver.url}, {"url": receiver.url})
    receiver.wait(1)
    with hooked.world.lock:
        hooked.world.reset({"todo": {}})
    receiver.release()
    hooked.world.of("todo").outbox.put(event="new", url=receiver.url, body=b"new")

    assert [received.body for received in receiver.wait(2)] == [BODY, b"new"]


def test_worlds_do_not_meet(hooked, receiver, other):
    """Time that stands still in one does not stop the other, and each has its own outbox."""
    receiver.script(500)
    hooked.create({"url": receiver.url, "delays": (0.01,)})
    hooked.settle()
    other.script(500)

    hooked.create({"url": other.url, "delays": (0.01,)}, world="running")

    other.wait(2)
    assert (len(receiver.requests), len(hooked.world.outbox.deliveries)) == (1, 1)


# Threads


def test_a_mock_that_sends_nothing_has_no_courier(hooked, receiver, monkeypatch):
    """Threads begin with the first delivery, do not keep the process alive, and end when everything is sent."""
    monkeypatch.setattr(courier, "LINGER", 0.01)
    threads = couriers()
    hooked.create()
    idle = couriers() - threads

    receiver.script(Answer(held=True))
    hooked.create({"url": receiver.url})
    receiver.wait(1)
    busy = couriers() - threads
    receiver.release()
    for thread in busy:
        thread.join(5)

    assert (idle, len(busy) in (1, 2), all(thread.daemon for thread in busy)) == (set(), True, True)
    assert not any(thread.is_alive() for thread in busy)


def test_a_retry_comes_in_time_though_the_machines_time_is_set_back(hooked, receiver, monkeypatch):
    """An hour, while it waits: it comes after the second that it waits, not after an hour more."""
    receiver.script(500, 200)
    hooked.world.clock.reset()
    hooked.create({"url": receiver.url, "delays": (1.0,)})
    with hooked.world.outbox.changed:
        assert hooked.world.outbox.changed.wait_for(lambda: hooked.last["attempts"], 10)

    monkeypatch.setattr(clocks, "machine_time", lambda: time.time() - 3600)
    receiver.wait(2)

    with hooked.world.outbox.changed:
        assert hooked.world.outbox.changed.wait_for(lambda: hooked.last["state"] == "delivered", 10)
