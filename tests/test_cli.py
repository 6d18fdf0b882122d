"""The command line: what it says, what it ends with."""

import http.client
import json
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress

import httpx
import pytest

from mockserver.contract.checking import checked_server as contract
from mockserver.problem import Unusable
from mockserver.vendors import APIS
from tests.conftest import free_port, wait_for

MOCKSERVER = [sys.executable, "-m", "mockserver"]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The command, ended, with what it printed."""
    return subprocess.run([*MOCKSERVER, *arguments], capture_output=True, text=True, timeout=60, check=False)


_started: list[subprocess.Popen[str]] = []


@pytest.fixture(autouse=True)
def ended() -> Iterator[None]:
    """A server that a test started is ended with it, also where the test failed."""
    yield
    while _started:
        process = _started.pop()
        if process.poll() is None:
            process.terminate()
            process.communicate(timeout=20)


def start(*arguments: str) -> tuple[subprocess.Popen[str], int]:
    """A server that answers, and its port."""
    port = free_port()
    process = subprocess.Popen(
        [*MOCKSERVER, "serve", "--port", str(port), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    _started.append(process)
    wait_for(f"http://127.0.0.1:{port}/__admin/health", process)
    return process, port


def end(process: subprocess.Popen[str]) -> tuple[str, str]:
    """What it printed, once it has ended."""
    process.terminate()
    return process.communicate(timeout=10)


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_a_server_ends_cleanly_when_asked_to(ending):
    """SIGTERM and Ctrl-C end it with exit code 0 within seconds, and it prints no traceback."""
    process, _ = start("xqr")

    process.send_signal(ending)
    _, errors = process.communicate(timeout=10)

    assert (process.returncode, errors) == (0, "")


def test_a_request_that_has_begun_is_finished():
    """A client that is still sending its body when SIGTERM comes gets its answer."""
    process, port = start("xqr")
    body = json.dumps({"ids": ["d47f2e1a-8c3b-4a5d-9e6f-1234567890ab"], "enabled": False}).encode()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.putrequest("PATCH", "/xqr/api/v1/links/bulk/status")
    connection.putheader("Authorization", "Bearer xqr_pk_a1b2c3d4." + "x" * 64)
    connection.putheader("Content-Length", str(len(body)))
    connection.endheaders()
    connection.send(body[:10])
    time.sleep(0.3)

    threading.Timer(0.3, lambda: connection.send(body[10:])).start()
    process.send_signal(signal.SIGTERM)
    answer = connection.getresponse()

    assert json.load(answer)["data"] == {"updated": 1}
    process.communicate(timeout=10)
    connection.close()


def test_the_start_up_text_names_every_api_with_a_line_that_works():
    """Each API has its address and a curl line there; run as printed, each line is answered with 200."""
    process, port = start()
    process.terminate()
    text, _ = process.communicate(timeout=10)
    root = f"http://127.0.0.1:{port}"
    lines = re.findall(r"^ +(curl .*)$", text, re.MULTILINE)

    second = subprocess.Popen([*MOCKSERVER, "serve", "--port", str(port)], stdout=subprocess.PIPE, text=True)
    wait_for(f"{root}/__admin/health", second)
    statuses = [
        subprocess.run(
            ["bash", "-c", f"{line} -s -o /dev/null -w '%{{http_code}}'"], capture_output=True, text=True, check=True
        ).stdout
        for line in lines
    ]
    second.terminate()
    second.communicate(timeout=10)

    assert [name for name in [*APIS, "control API"] if re.search(rf"^  {name} +{root}/", text, re.MULTILINE)] == [
        *APIS,
        "control API",
    ]
    assert statuses == ["200"] * (len(APIS) + 1)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["serve", "nope", "--port", "0"],
            "expected the file of an OpenAPI document, a folder with an openapi.yaml, or one of xqr, ",
        ),
        (["serve", "--port", "0", "--assume", "xqr.unknown-ids=explode"], "xqr.unknown-ids has no option 'explode'"),
        (["serve", "--port", "0", "--assume", "xqr.nothing=x"], "xqr has no assumption 'nothing'"),
        (["serve", "--port", "0", "xqr", "--assume", "spotzee.x=y"], "--assume spotzee.x"),
        (["serve", "--assume", "nonsense"], "expected api.name=option"),
        (["serve", "--port", "-1"], "-1 is not in the range"),
        (["serve", "--host", "256.0.0.1"], "cannot listen on 256.0.0.1 port 4010"),
        (["routes", "nope"], "or one of xqr, botsubscription, vivoldi, spotzee"),
        (["assumptions", "nope"], "'nope' is neither a file, a folder nor a bundled API"),
        (["check", "nope"], "'nope' is neither a file, a folder nor a bundled API"),
        (["check", "xqr", "vivoldi", "--url", "http://127.0.0.1:1"], "--url goes with one API"),
    ],
)
def test_what_cannot_be_used_is_said_in_a_line(arguments, said):
    """Unusable arguments end with exit code 2, what is wrong, and no traceback."""
    done = run(*arguments)

    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_port_in_use_is_said_in_a_line():
    """A second server on the same port ends with exit code 2 and says what to do."""
    process, port = start("xqr")

    done = run("serve", "--port", str(port))
    process.terminate()
    process.communicate(timeout=10)

    assert done.returncode == 2
    assert "choose another with --port" in done.stderr


def test_the_first_line_says_it_when_the_port_takes_connections():
    """Whoever waits for that line may connect at once."""
    port = free_port()
    command = [sys.executable, "-m", "mockserver", "serve", "vivoldi", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()

        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            connected = connection.getpeername()

        process.terminate()
        assert line.endswith("serves\n")
        assert connected == ("127.0.0.1", port)


def test_port_0_takes_a_free_port_and_says_which():
    """Two servers that are started side by side get a port each, and answer at the address that they print."""
    servers = [
        subprocess.Popen([*MOCKSERVER, "serve", "xqr", "--port", "0"], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]

    try:
        said = []
        for process in servers:
            assert process.stdout is not None
            said.append([process.stdout.readline() for _ in range(9)])
        roots = [re.search(r"http://127\.0\.0\.1:\d+", "".join(lines)) for lines in said]
        for root, process in zip(roots, servers, strict=True):
            assert root
            wait_for(f"{root[0]}/__admin/health", process)
    finally:
        for process in servers:
            end(process)

    assert len({root[0] for root in roots if root}) == 2


def test_routes_are_readable_by_programs():
    """`routes --json` is one array with a row for each operation."""
    rows = json.loads(run("routes", "xqr", "--json").stdout)

    assert rows[0] == {
        "api": "xqr",
        "method": "GET",
        "path": "/xqr/api/v1/links",
        "operation": "listLinks",
        "answeredBy": "handler",
        "source": "docs",
    }


def test_assumptions_are_listed_with_their_options():
    """`assumptions` names each with its question, its options, the default marked, and how to settle it."""
    text = run("assumptions", "xqr").stdout

    assert "xqr.unknown-ids\n" in text
    assert "* skip:" in text
    assert "To settle it:" in text


def test_assumptions_take_several_apis():
    """`assumptions` lists those of every API that is named, in that order."""
    rows = json.loads(run("assumptions", "vivoldi", "xqr", "--json").stdout)

    assert [*dict.fromkeys(row["name"].partition(".")[0] for row in rows)] == ["vivoldi", "xqr"]


def test_assumptions_are_readable_by_programs():
    """`assumptions --json` is one array with a row for each assumption of every API."""
    rows = json.loads(run("assumptions", "--json").stdout)

    assert {row["name"].partition(".")[0] for row in rows} == {name for name, api in APIS.items() if [*api.assumptions]}


def test_a_host_that_is_none_cannot_be_allowed():
    """`--allow-host` says what it expects, and nothing is served."""
    ended = run("serve", "--port", "0", "--allow-host", "localhost", "--allow-host", "http://hooks.example")

    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == (
        "mockserver: --allow-host 'http://hooks.example': expected the name of a host, an address, a network such as "
        "10.0.0.0/8, or *; without scheme, port or path\n"
    )


def test_limits_off_refuses_nothing():
    """With `--limits off` the counters are reported, and more calls than a burst may have are answered."""
    process, port = start("xqr", "--limits", "off")
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    answers = []

    for _ in range(30):
        connection.request(
            "GET", "/xqr/api/v1/links?limit=1", headers={"Authorization": "Bearer xqr_pk_a1b2c3d4." + "x" * 64}
        )
        answer = connection.getresponse()
        answers.append((answer.status, answer.headers["X-RateLimit-Remaining"]))
        answer.read()
    connection.close()
    process.terminate()
    process.communicate(timeout=10)

    assert [status for status, _ in answers] == [200] * 30
    assert answers[-1] == (200, "970")


# Options that concern documents of the user's


@pytest.mark.parametrize(
    "option",
    [
        ["--state", "off"],
        ["--state", "on"],
        ["--dynamic"],
        ["--seeds", "5"],
        ["--security", "present"],
        ["--credentials", "x"],
    ],
)
@pytest.mark.parametrize("apis", [[], ["xqr"]])
def test_an_option_for_documents_is_refused_where_all_that_is_served_is_bundled(apis, option):
    """It would be without effect, whatever it says."""
    done = run("serve", *apis, *option)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"mockserver: {option[0]}: without effect on the bundled APIs, and nothing else")


def test_an_option_for_documents_is_taken_where_one_of_them_is_served():
    """The bundled API beside it goes by its own rules."""
    process, port = start("xqr", "examples/pets.yaml", "--state", "off")
    pets = f"http://127.0.0.1:{port}/pets/v1/pets"

    made = httpx.post(pets, json={"name": "Coco", "species": "parrot"}).status_code
    listed = httpx.get(pets, params={"species": "parrot"}).json()["items"]
    end(process)

    assert (made, "Coco" in [pet["name"] for pet in listed]) == (201, False)


def test_the_help_says_which_options_are_for_documents():
    """Each of them begins with the same words."""
    text = " ".join(run("serve", "--help").stdout.split())

    for option in ("--dynamic", "--state [on|off]", "--security [off|present|check]", "--credentials FILE"):
        assert f"{option} Of your documents: " in text


OVERLAY = """
overlay: 1.0.0
actions:
  - target: $.paths['/v1/links'].get.responses
    update: {"599": {description: Never.}}
"""


def test_an_overlay_of_a_bundled_api_works_and_is_watched(tmp_path):
    """As it does for any document."""
    overlay = tmp_path / "overlay.yaml"
    overlay.write_text(OVERLAY)
    process, port = start("xqr", "--overlay", str(overlay), "--watch")
    document = f"http://127.0.0.1:{port}/__admin/apis/xqr/openapi.json"

    def statuses() -> list[str]:
        responses = httpx.get(document).json()["paths"]["/v1/links"]["get"]["responses"]
        return [status for status in responses if status.startswith("59")]

    before = statuses()
    overlay.write_text(OVERLAY.replace("599", "598"))
    deadline = time.monotonic() + 20
    while statuses() == before and time.monotonic() < deadline:
        time.sleep(0.1)
    after = statuses()
    end(process)

    assert (before, after) == (["599"], ["598"])


# What is said at the start


NOTHING = "$.paths['/b'].get matches nothing in the document; the action does nothing"


def test_what_is_wrong_with_a_document_and_its_overlay_is_said_at_the_start(tmp_path):
    """A count with the command that tells all, and each action that does nothing."""
    document, overlay = tmp_path / "my zoo.yaml", tmp_path / "overlay.yaml"
    document.write_text(
        'openapi: 3.1.0\ninfo: {title: Zoo, version: "1"}\npaths:\n  /a:\n    x-mock-colection: a\n'
        '    gett: {}\n    get: {responses: {"200": {description: Fine.}}}\n'
    )
    overlay.write_text("overlay: 1.0.0\nactions:\n  - target: $.paths['/b'].get\n    update: {x-mock-role: list}\n")

    process, _ = start(f"zoo={document}", "--overlay", str(overlay))
    _, said = end(process)

    assert said.splitlines() == [
        f"zoo: 2 errors in the document; `mockserver lint '{document}' --overlay={overlay}` tells",
        f"zoo: {overlay}:3: {NOTHING} (#/actions/0/target)",
    ]


@pytest.mark.parametrize(
    ("options", "said", "not_said"),
    [
        ((), "curl {root}/__admin/apis\n", "Other machines"),
        ((), "{root}/__admin/ in a browser shows requests and records", "TOKEN"),
        (("--admin-token", "t0ken"), "with the TOKEN of --admin-token", "t0ken\n"),
        (("--host", "0.0.0.0"), "closed, to this machine as to others", "curl {root}/__admin"),  # noqa: S104
        (("--host", "0.0.0.0"), "Other machines reach the APIs too, at any address of this machine, port", "TOKEN}"),  # noqa: S104
        (("--host", "0.0.0.0", "--admin-token", "t0ken"), "with the TOKEN of --admin-token", "closed"),  # noqa: S104
    ],
)
def test_the_start_up_text_says_who_may_steer(options, said, not_said):
    """What is printed is what the control API answers; the token itself is not printed."""
    process, port = start("xqr", *options)
    root = f"http://127.0.0.1:{port}"

    plain = httpx.get(f"{root}/__admin/apis").status_code
    with_token = httpx.get(f"{root}/__admin/apis", headers={"Authorization": "Bearer t0ken"}).status_code
    text, _ = end(process)

    assert said.format(root=root) in text
    assert not_said.replace("{root}", root) not in text
    assert plain == (401 if "--admin-token" in options else 403 if options else 200)
    assert with_token == (200 if "--admin-token" in options or not options else 403)


# Whether there is a server to check


def test_an_address_where_nobody_answers_is_said_at_once():
    """Before any check is made."""
    began, root = time.monotonic(), f"http://127.0.0.1:{free_port()}/api"

    done = run("check", "xqr", "--url", root)

    assert (done.returncode, done.stdout) == (2, "")
    said = f"--url {root}: no server answers there: Connection refused. Start it, or correct the address"
    assert done.stderr == f"mockserver: {said}\n"
    assert time.monotonic() - began < 15


def test_an_address_with_a_query_is_refused_without_the_key_in_it():
    """No path can stand behind it."""
    root = f"http://127.0.0.1:{free_port()}/api"

    done = run("check", "xqr", "--url", f"{root}?key=s3cret")

    said = "the address has a query or a fragment, behind which no path can stand; leave it out"
    assert (done.returncode, done.stderr) == (2, f"mockserver: --url {root}: {said}\n")


@pytest.mark.parametrize("url", ["localhost:4010", "ftp://127.0.0.1", "http://", "http://[::1", "http://127.0.0.1:x"])
def test_what_is_no_address_is_said_with_one_that_is(url):
    """A scheme that is forgotten, above all."""
    done = run("check", "xqr", "--url", url)

    assert (done.returncode, done.stderr) == (
        2, f"mockserver: --url {url}: expected the address of a server, such as https://api.example.com/v1\n"
    )  # fmt: skip


@pytest.fixture
def speaking() -> Iterator[Callable[[bytes], str]]:
    """The address of a server that takes connections and says these bytes to each; it stays silent with none."""
    opened: list[socket.socket] = []

    def listen(said: bytes) -> str:
        listening = socket.create_server(("127.0.0.1", 0))
        opened.append(listening)
        threading.Thread(target=answer, args=(listening, said), daemon=True).start()
        return f"http://127.0.0.1:{listening.getsockname()[1]}"

    def answer(listening: socket.socket, said: bytes) -> None:
        with suppress(OSError):
            while True:
                connection, _ = listening.accept()
                opened.append(connection)
                if said:
                    connection.recv(65536)
                    connection.sendall(said)
                    connection.shutdown(socket.SHUT_WR)

    yield listen
    for one in opened:
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)  # Whoever waits for it goes on, which closing alone does not do.
        one.close()


@pytest.mark.parametrize(
    "said",
    [
        b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n",
        b"",
    ],
)
def test_any_answer_and_a_slow_one_is_a_server(speaking, monkeypatch, said):
    """Errors, redirects, answers that break off; and none yet, where the connection was taken."""
    monkeypatch.setattr(contract, "PATIENCE", 0.2)

    contract.ask(speaking(said))


@pytest.mark.parametrize("said", [b"SSH-2.0-OpenSSH_9.6\r\n", b"\n"])
def test_who_speaks_something_else_is_no_server(speaking, said):
    """A port of another service, by mistake."""
    with pytest.raises(Unusable, match="no server answers there: "):
        contract.ask(speaking(said))


def test_an_address_that_takes_no_connection_is_given_up_soon(monkeypatch):
    """As where packets get lost on their way."""
    monkeypatch.setattr(contract, "PATIENCE", 0.3)
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, ExitStack() as held:
        for _ in range(4):
            waiting = held.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())

        with pytest.raises(Unusable, match="no server answers there: timed out"):
            contract.ask(f"http://127.0.0.1:{full.getsockname()[1]}")
