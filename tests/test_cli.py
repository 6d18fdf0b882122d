"""The command line: what it says, what it ends with."""

import http.client
import json
import re
import signal
import subprocess
import sys
import threading
import time

import pytest

from tests.conftest import free_port, wait_for

MOCKSERVER = [sys.executable, "-m", "mockserver"]
APIS = ["xqr", "botsubscription", "vivoldi", "spotzee"]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The command, ended, with what it printed."""
    return subprocess.run([*MOCKSERVER, *arguments], capture_output=True, text=True, timeout=60, check=False)


def start(*arguments: str) -> tuple[subprocess.Popen[str], int]:
    """A server that answers, and its port."""
    port = free_port()
    process = subprocess.Popen(
        [*MOCKSERVER, "serve", "--port", str(port), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_for(f"http://127.0.0.1:{port}/__admin/health", process)
    return process, port


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
    assert statuses == ["200"] * 5


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["serve", "nope"], "nor a bundled API; expected the file of an OpenAPI document, or one of xqr, "),
        (["serve", "--assume", "xqr.unknown-ids=explode"], "xqr.unknown-ids has no option 'explode'"),
        (["serve", "--assume", "xqr.nothing=x"], "xqr has no assumption 'nothing'"),
        (["serve", "xqr", "--assume", "spotzee.x=y"], "--assume spotzee.x"),
        (["serve", "--assume", "nonsense"], "expected api.name=option"),
        (["serve", "--port", "0"], "0 is not in the range"),
        (["serve", "--host", "256.0.0.1"], "cannot listen on 256.0.0.1 port 4010"),
        (["routes", "nope"], "or one of xqr, botsubscription, vivoldi, spotzee"),
        (["assumptions", "nope"], "'nope' is none of the bundled APIs"),
        (["check", "nope"], "'nope' is neither a file nor a bundled API"),
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

    assert {row["name"].partition(".")[0] for row in rows} == set(APIS)


def test_a_host_that_is_none_cannot_be_allowed():
    """`--allow-host` says what it expects, and nothing is served."""
    ended = run("serve", "--allow-host", "localhost", "--allow-host", "http://hooks.example")

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
