"""The outbox over the wire: what a world sends, and steering it."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from mockserver.server import Options, create_app
from mockserver.vendors import APIS
from tests.conftest import free_port, wait_for
from tests.control.conftest import keeps_its_promise
from tests.engine.hooked import BODY, NEW_YEAR, Hooked
from tests.receiver import Answer

SUMMER = "d47f2e1a-8c3b-4a5d-9e6f-1234567890ab"
ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def hooked() -> Hooked:
    """A to-do list that sends webhooks, on New Year's Day, when time stands still."""
    return Hooked()


@pytest.fixture
def admin(hooked) -> Iterator[httpx.Client]:
    """Its control API, every answer held to its document."""
    transport = httpx.WSGITransport(app=hooked.todo.door)
    with httpx.Client(transport=transport, base_url="http://127.0.0.1:4010/__admin") as client:
        client.event_hooks = {"response": [keeps_its_promise]}
        yield client


def settle(admin: httpx.Client, timeout: float = 10) -> dict[str, Any]:
    """What settling answers."""
    answer = admin.post("/outbox/settle", json={"timeout": timeout})
    assert answer.status_code == 200
    settled: dict[str, Any] = answer.json()
    return settled


def states(admin: httpx.Client, **filters: str) -> list[tuple[int, str]]:
    """The deliveries that are listed, each with its state."""
    return [(found["id"], found["state"]) for found in admin.get("/outbox", params=filters).json()["deliveries"]]


# Counting


def test_attempts_are_counted_by_what_came_of_them(admin, hooked, receiver):
    """One that is made once more is retried; one that is given up has failed, at once or after its last time."""
    receiver.script(Answer(503), Answer(200), Answer(410), Answer(503))
    hooked.create({"url": receiver.url})
    settle(admin)
    admin.post("/clock/advance", json={"seconds": 60})
    settle(admin)
    hooked.create({"url": receiver.url})
    settle(admin)
    hooked.create({"url": receiver.url, "delays": ()})
    settle(admin)

    lines = admin.get("/metrics").text.splitlines()

    assert [line for line in lines if line.startswith("mockserver_webhook_attempts_total")] == [
        'mockserver_webhook_attempts_total{outcome="delivered"} 1',
        'mockserver_webhook_attempts_total{outcome="retried"} 1',
        'mockserver_webhook_attempts_total{outcome="failed"} 2',
    ]


# Looking


def test_a_delivery_is_shown_with_its_attempts(admin, hooked, receiver):
    """Times are ISO 8601, the body is JSON where it is, and of secrets the beginning is shown."""
    receiver.script(Answer(503, b"Busy."))
    hooked.create({
        "url": receiver.url, "endpoint": "wh_1", "secret": "0123456789abcdef", "about": {"task": 5, "token": "hunter2"},
    })  # fmt: skip
    settle(admin)

    shown = admin.get("/outbox/1").json()

    assert shown["attempts"][0].pop("tookMs") > 0
    assert shown == {
        "id": 1,
        "api": "todo",
        "event": "task.created",
        "endpoint": "wh_1",
        "url": receiver.url,
        "body": {"task": 5},
        "bodyEncoding": "json",
        "secret": "0123***",
        "about": {"task": 5, "token": "***"},
        "created": "2026-01-01T00:00:00.000Z",
        "due": "2026-01-01T00:01:00.000Z",
        "delays": [60, 300],
        "timeout": 5,
        "state": "due",
        "attempts": [{"at": "2026-01-01T00:00:00.000Z", "status": 503, "error": None, "answer": "Busy."}],
    }


SECRETS = {
    "query": ({"url": "http://10.0.0.1/?token=hunter2hunter2hunter2&a=b"}, "url", "http://10.0.0.1/?token=hunt***&a=b"),
    "user": ({"url": "http://me:hunter2@10.0.0.1/"}, "url", "http://***@10.0.0.1/"),
    "secret": ({"secret": "hunter2"}, "secret", "***"),
    "no secret": ({"secret": ""}, "secret", None),
    "body": ({"body": b'{"secret":"hunter2"}'}, "body", {"secret": "***"}),
    "text": ({"body": b"password=hunter2&a=b"}, "body", "password=***&a=b"),
    "about": ({"about": [{"api_key": "hunter2"}]}, "about", [{"api_key": "***"}]),
}


@pytest.mark.parametrize(("put", "member", "expected"), SECRETS.values(), ids=SECRETS)
def test_secrets_are_cut(admin, hooked, put, member, expected):
    """Wherever names tell that there is one."""
    hooked.create({"url": "http://10.0.0.1/", **put})
    settle(admin)

    answer = admin.get("/outbox/1")

    assert answer.json()[member] == expected
    assert "hunter2" not in answer.text


def test_a_secret_in_an_answer_is_cut(admin, hooked, receiver):
    """A receiver may send back what it was sent."""
    receiver.script(Answer(500, b'{"secret": "hunter2"}'))

    hooked.create({"url": receiver.url})
    settle(admin)

    assert admin.get("/outbox/1").json()["attempts"][0]["answer"] == '{"secret":"***"}'


def test_deliveries_are_listed_newest_first(admin, hooked, receiver):
    """By state, by event, by API, and so many of them; the total counts all that match."""
    receiver.script(410)
    hooked.create({"url": receiver.url}, {"url": receiver.url, "event": "task.read"}, {"url": receiver.url})
    settle(admin)

    listed = [
        states(admin),
        states(admin, state="failed"),
        states(admin, event="task.read"),
        states(admin, api="todo", limit="1"),
        states(admin, state="due"),
    ]

    assert listed == [
        [(3, "delivered"), (2, "delivered"), (1, "failed")],
        [(1, "failed")],
        [(2, "delivered")],
        [(3, "delivered")],
        [],
    ]
    assert admin.get("/outbox", params={"limit": 1}).json()["meta"] == {"total": 3}


@pytest.mark.parametrize(("name", "value"), [("api", "nobody"), ("state", "lost"), ("limit", "0")])
def test_a_filter_that_cannot_match_is_refused(admin, name, value):
    """It would silently find nothing."""
    answer = admin.get("/outbox", params={name: value})

    assert (answer.status_code, answer.json()["violations"][0]["pointer"]) == (422, f"/{name}")


@pytest.mark.parametrize(("method", "path"), [("GET", "/outbox/7"), ("POST", "/outbox/7/replay")])
def test_a_delivery_that_is_not_there_is_missing(admin, method, path):
    """It may have been dropped."""
    answer = admin.request(method, path)

    assert (answer.status_code, answer.json()["detail"]) == (404, "The outbox of default has no delivery 7.")


# Steering


def test_settled_is_what_nothing_due_is_unsent_in(admin, hooked, receiver):
    """It waits for what is on its way; what is due later is left."""
    receiver.script(Answer(200, delay=0.05), 503)
    hooked.create({"url": receiver.url}, {"url": receiver.url})

    settled = settle(admin)

    assert (settled["settled"], [(left["id"], left["due"]) for left in settled["left"]]) == (
        True,
        [(2, "2026-01-01T00:01:00.000Z")],
    )


def test_settling_ends_when_time_is_up(admin, hooked, receiver):
    """What is still on its way is left."""
    receiver.script(Answer(held=True))
    hooked.create({"url": receiver.url})

    settled = settle(admin, 0.05)

    assert (settled["settled"], [left["state"] for left in settled["left"]]) == (False, ["due"])


def test_an_empty_outbox_is_settled_at_once(admin):
    """Without a body too."""
    answer = admin.post("/outbox/settle")

    assert answer.json() == {"settled": True, "left": []}


@pytest.mark.parametrize("move", [("advance", {"seconds": 60}), ("freeze", {"at": NEW_YEAR + 60}), ("reset", None)])
def test_moving_the_clock_sends_what_became_due(admin, hooked, receiver, move):
    """At once, however it was moved; the clock of the machine is later than New Year's Day."""
    receiver.script(503, 200)
    hooked.create({"url": receiver.url})
    settle(admin)
    step, body = move

    admin.post(f"/clock/{step}", json=body) if body else admin.post(f"/clock/{step}")

    assert settle(admin) == {"settled": True, "left": []}
    assert states(admin) == [(1, "delivered")]


def test_a_delivery_is_replayed(admin, hooked, receiver):
    """Byte by byte the same, whatever became of it; the attempt is one more."""
    hooked.create({"url": receiver.url})
    settle(admin)

    replayed = admin.post("/outbox/1/replay")
    settle(admin)

    assert (replayed.status_code, replayed.json()["state"]) == (200, "due")
    assert [received.body for received in receiver.requests] == [BODY, BODY]
    assert [made["status"] for made in admin.get("/outbox/1").json()["attempts"]] == [200, 200]


def test_what_waits_for_its_time_can_be_sent_now(admin, hooked, receiver):
    """A replay is the next attempt come early; it is not made a second time."""
    receiver.script(503, 200)
    hooked.create({"url": receiver.url})
    settle(admin)

    admin.post("/outbox/1/replay")
    settle(admin)
    admin.post("/clock/advance", json={"seconds": 9_999})
    settle(admin)

    assert (states(admin), len(receiver.requests)) == ([(1, "delivered")], 2)


def test_what_was_refused_can_be_replayed_once_it_is_allowed(admin, hooked):
    """Until then it fails once more, and says why."""
    hooked.create({"url": "http://10.0.0.1/"})
    settle(admin)

    admin.post("/outbox/1/replay")
    settle(admin)

    shown = admin.get("/outbox/1").json()
    assert (shown["state"], shown["due"], len(shown["attempts"])) == ("failed", None, 2)
    assert shown["attempts"][1]["error"].endswith("start the server with --allow-host 10.0.0.1")


def test_what_waits_in_an_emptied_outbox_is_not_sent(admin, hooked, receiver):
    """Nothing is left of it."""
    receiver.script(503)
    hooked.create({"url": receiver.url})
    settle(admin)

    emptied = admin.delete("/outbox")
    admin.post("/clock/advance", json={"seconds": 60})

    assert (emptied.status_code, states(admin), settle(admin)["left"], len(receiver.requests)) == (204, [], [], 1)


def test_a_settling_client_hears_of_an_emptied_outbox(admin, hooked, receiver):
    """There is nothing to wait for any more."""
    receiver.script(Answer(held=True))
    hooked.create({"url": receiver.url})
    receiver.wait(1)

    admin.delete("/outbox")

    assert settle(admin, 60) == {"settled": True, "left": []}


# The process

SERVE = """
import sys
from mockserver.server import listen, serve
from tests.engine.hooked import Hooked

hooked = Hooked()
hooked.puts = [{"url": sys.argv[2], "timeout": 60}]
serve(hooked.todo.door, listen("127.0.0.1", int(sys.argv[1])), lambda: None)
"""


@pytest.fixture
def served(receiver) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A to-do list behind a port of its own, whose new tasks are told to the receiver: its address, its process."""
    port = free_port()
    command = [sys.executable, "-c", SERVE, str(port), receiver.url]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
    wait_for(f"http://127.0.0.1:{port}/__admin/health", process)
    yield f"http://127.0.0.1:{port}", process
    process.kill()
    process.communicate(timeout=10)


def test_the_worker_of_a_server_sends(served, receiver):
    """Its threads begin in the process that serves."""
    root, _ = served

    httpx.post(f"{root}/todo/v1/tasks", json={"title": "Wash"}, headers={"Authorization": "Bearer ann-1"})

    settled = httpx.post(f"{root}/__admin/outbox/settle").json()
    assert (settled["settled"], [received.body for received in receiver.requests]) == (True, [BODY])


def test_a_server_ends_whatever_is_on_its_way(served, receiver):
    """A receiver that hangs does not keep it, and it prints no traceback."""
    root, process = served
    receiver.script(503, Answer(held=True))
    for _ in range(2):
        httpx.post(f"{root}/todo/v1/tasks", json={"title": "Wash"}, headers={"Authorization": "Bearer ann-1"})
    receiver.wait(2)

    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=25)

    assert (process.returncode, errors) == (0, "")
    assert not receiver.is_released


@pytest.mark.parametrize(("allowed", "error"), [((), "not sent: 0.0.0.0 is"), (("0.0.0.0",), "no connection: ")])  # noqa: S104 - gone to, not bound to
def test_webhooks_leave_the_machine_for_allowed_hosts(allowed, error):
    """What `--allow-host` was given is what is gone to."""
    app = create_app(Options(apis=("xqr",), allow_hosts=allowed))
    transport = httpx.WSGITransport(app=app)
    with httpx.Client(transport=transport, base_url="http://127.0.0.1:4010") as client:
        client.headers.update(dict([APIS["xqr"].credential]))
        hook = {"url": f"https://0.0.0.0:{free_port()}/", "events": ["*"]}
        client.post("/xqr/api/v1/webhooks", json=hook).raise_for_status()
        bulk = {"ids": [SUMMER], "enabled": False}
        client.patch("/xqr/api/v1/links/bulk/status", json=bulk).raise_for_status()

        client.post("/__admin/outbox/settle")

        attempts = client.get("/__admin/outbox").json()["deliveries"][0]["attempts"]
    assert attempts[0]["error"].startswith(error)


# A world that is deleted


class NoticedLock:
    """A world's lock that tells when somebody asks for it."""

    def __init__(self, lock: Any) -> None:
        self._lock = lock
        self.was_asked_for = threading.Event()

    def __enter__(self) -> None:
        self.was_asked_for.set()
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()


def test_a_deleted_world_sends_nothing_more(admin, hooked, receiver):
    """Neither what waits for its retry, nor what a request sends that waited for the world meanwhile."""
    receiver.script(500)
    world = hooked.todo.worlds["gone"]
    world.clock.freeze(NEW_YEAR)
    hooked.create({"url": receiver.url}, world="gone")
    hooked.settle(world)
    answers = []
    late = threading.Thread(target=lambda: answers.append(hooked.create({"url": receiver.url}, world="gone")))

    with world.lock:
        noticed = world.lock = NoticedLock(world.lock)
        late.start()
        assert noticed.was_asked_for.wait(10)
        answers.append(admin.delete("/worlds/gone"))
    late.join(10)
    with world.lock:
        world.clock.advance(9_999)
    for _ in range(2):  # What is sent later has gone, so what was to be sent before would have gone too.
        hooked.create({"url": f"{receiver.url}/later"})
        hooked.settle()

    assert [answer.status_code for answer in answers] == [204, 201]
    assert [received.path for received in receiver.requests] == ["/hook", "/hook/later", "/hook/later"]
    assert "gone" not in [*hooked.todo.worlds]
