"""The files of `examples/replicas`: what they say is so, and three replicas behind nginx are one mock."""

import os
import re
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import click
import httpx
import pytest
import yaml

from mockserver.cli import main
from tests.conftest import free_port, wait_for
from tests.redis_server import RedisServer

ROOT = Path(__file__).parent.parent.parent
EXAMPLE = ROOT / "examples" / "replicas"
COMPOSE = yaml.safe_load((EXAMPLE / "compose.yaml").read_text())
MANIFESTS = [*yaml.safe_load_all((EXAMPLE / "kubernetes.yaml").read_text())]
NGINX = (EXAMPLE / "nginx.conf").read_text()
CONTROL = yaml.safe_load((ROOT / "mockserver" / "control" / "openapi.yaml").read_text())
DOG = {"name": "Bello", "species": "dog"}


def manifest(kind, name="mockserver"):
    """The one of this kind and name."""
    [found] = [one for one in MANIFESTS if (one["kind"], one["metadata"]["name"]) == (kind, name)]
    return found


def container(kind, name="mockserver"):
    """The one container of its pods."""
    [found] = manifest(kind, name)["spec"]["template"]["spec"]["containers"]
    return found


MOCKS = [COMPOSE["services"][f"mock-{number}"] for number in (1, 2, 3)]
REDIS_ARGUMENTS = {
    "compose": COMPOSE["services"]["redis"]["command"][1:],
    "kubernetes": container("StatefulSet", "mockserver-redis")["args"],
}


def settings_of(arguments):
    """Options of redis-server as lines of its configuration."""
    return {name.removeprefix("--"): value or '""' for name, value in zip(arguments[::2], arguments[1::2], strict=True)}


# The files


@pytest.mark.parametrize("file", ["compose", "kubernetes"])
def test_redis_loses_nothing_under_the_settings_of_the_example(file, tmp_path, opens):
    """The server would say so otherwise."""
    server = RedisServer(tmp_path, settings_of(REDIS_ARGUMENTS[file]) | {"maxmemory": "512mb"})
    password = "%24(REDISCLI_AUTH)" if file == "kubernetes" else ""

    health = opens(f"redis://:{password}@127.0.0.1:{server.port}").check()

    server.kill()
    assert (health.problem, health.warnings) == (None, ())


def test_the_environment_of_the_mocks_is_that_of_the_command():
    """Each variable belongs to an option of `mockserver serve`."""
    known = {option.envvar for option in main.commands["serve"].params if isinstance(option, click.Option)}
    named = {name for mock in MOCKS for name in mock["environment"]}
    named |= {variable["name"] for variable in container("Deployment")["env"]}

    assert named == {"MOCKSERVER_STORE", "MOCKSERVER_ADMIN_TOKEN"}
    assert named <= known


def test_what_is_asked_of_the_control_api_is_there():
    """By probes, health checks and comments."""
    texts = "".join((EXAMPLE / name).read_text() for name in ("compose.yaml", "kubernetes.yaml", "nginx.conf"))

    paths = set(re.findall(r"/__admin(/[\w/]+)", texts))

    assert paths == {"/health", "/ready", "/requests/stream"}
    assert [path for path in paths if path not in CONTROL["paths"]] == []


def test_the_parts_name_each_other():
    """The services of the compose file, and the labels, ports and secrets of the manifests."""
    labels = {
        one["kind"]: one["spec"]["template"]["metadata"]["labels"]
        for one in MANIFESTS
        if "template" in one.get("spec", {})
    }
    services = {one["metadata"]["name"]: one["spec"] for one in MANIFESTS if one["kind"] == "Service"}
    keys = {variable["valueFrom"]["secretKeyRef"]["key"] for kind, name in (
        ("Deployment", "mockserver"), ("StatefulSet", "mockserver-redis")
    ) for variable in container(kind, name)["env"]}  # fmt: skip

    assert re.findall(r"server ([\w-]+):4010", NGINX) == ["mock-1", "mock-2", "mock-3"]
    assert {mock["environment"]["MOCKSERVER_STORE"] for mock in MOCKS} == {"redis://redis:6379/0"}
    assert services["mockserver"]["selector"] == labels["Deployment"]
    assert services["mockserver-redis"]["selector"] == labels["StatefulSet"]
    assert manifest("PodDisruptionBudget")["spec"]["selector"]["matchLabels"] == labels["Deployment"]
    assert keys == set(manifest("Secret")["stringData"])
    assert manifest("Secret")["stringData"]["store"] == "redis://:for-tests-only@mockserver-redis:6379/0"


def test_a_replica_has_the_time_to_end_in_good_order():
    """The service stops sending requests, then open ones are finished, then it is killed."""
    pod = manifest("Deployment")["spec"]["template"]["spec"]
    [option, seconds] = container("Deployment")["args"]

    from mockserver.server.http.http_server import GRACE

    assert option == "--drain-seconds"
    assert pod["terminationGracePeriodSeconds"] > float(seconds) + GRACE
    assert all(int(mock["stop_grace_period"].removesuffix("s")) > GRACE for mock in MOCKS)


# Three replicas behind nginx


def nginx():
    """The path of nginx; where nothing but root is needed for it, it is installed."""
    found = shutil.which("nginx")
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
        command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "nginx-light"]
        subprocess.run(command, check=False, env=quiet, capture_output=True)
        found = shutil.which("nginx")
    if found is None:
        pytest.skip("nginx is not installed")
    return found


class Replicas:
    """Three mocks on one Redis, and the load balancer of the example before them."""

    def __init__(self, store, folder):
        self.ports = [free_port() for _ in range(3)]
        self.processes = [self.start(port, store) for port in self.ports]
        self.port = free_port()
        for port, process in zip(self.ports, self.processes, strict=True):
            wait_for(f"http://127.0.0.1:{port}/__admin/health", process)
        command = [nginx(), "-p", str(folder), "-c", str(self.configuration(folder)), "-e", "stderr"]
        subprocess.run([*command, "-t"], check=True, capture_output=True, text=True)
        self.balancer = subprocess.Popen([*command, "-g", "daemon off;"], stderr=subprocess.PIPE, text=True)
        self.url = f"http://127.0.0.1:{self.port}"
        wait_for(f"{self.url}/__admin/health", self.balancer)

    def start(self, port, store):
        command = [sys.executable, "-m", "mockserver", "serve", "examples/pets.yaml", "--port", str(port)]
        environment = {**os.environ, "MOCKSERVER_STORE": store}
        return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, text=True)

    def configuration(self, folder):
        """That of the example, with these ports and files of its own."""
        text = NGINX.replace("listen 4010", f"listen 127.0.0.1:{self.port}")
        for number, port in enumerate(self.ports, 1):
            text = text.replace(f"mock-{number}:4010", f"127.0.0.1:{port}")
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        own = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in kinds)
        file = folder / "nginx.conf"
        user = "user root;\n" if os.geteuid() == 0 else ""
        file.write_text(f"{user}pid {folder}/pid;\n" + text.replace("http {", "http {\n" + own, 1))
        return file

    def close(self):
        for process in (self.balancer, *self.processes):
            process.terminate()
        for process in (self.balancer, *self.processes):
            process.communicate(timeout=20)


@pytest.fixture
def replicas(redis_of_its_own, tmp_path):
    """The example with a document, running."""
    folder = tmp_path / "nginx"
    folder.mkdir()
    running = Replicas(redis_of_its_own.url, folder)
    yield running
    running.close()


def test_three_replicas_behind_nginx_are_one_mock(replicas):
    """Whoever takes a request, what was written is read, ids are given once, and each journal is the same."""
    with httpx.Client(base_url=replicas.url, timeout=10) as client:
        answers = [client.post("/pets", json=DOG) for _ in range(12)]
        read = [client.get(f"/pets/{answer.json()['id']}") for answer in answers]
        counts = [client.get("/pets").json()["total"] for _ in range(6)]
    journals = []
    for port in replicas.ports:
        listed = httpx.get(f"http://127.0.0.1:{port}/__admin/requests", params={"limit": 100}, timeout=10).json()
        journals.append([exchange["id"] for exchange in listed["requests"]])

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 12
    assert [answer.status_code for answer in read] == [200] * 12
    assert counts == [15] * 6
    assert len(journals[0]) == 30
    assert journals[0] == journals[1] == journals[2]


def test_a_replica_that_is_killed_loses_no_answer_that_was_given(replicas):
    """The others have all that it acknowledged, and nginx asks them from then on."""
    with httpx.Client(base_url=replicas.url, timeout=10) as client:
        before = [client.post("/pets", json=DOG).json()["id"] for _ in range(6)]
        replicas.processes[0].kill()
        replicas.processes[0].wait()
        after = [client.post("/pets", json=DOG) for _ in range(6)]
        listed = {pet["id"] for pet in client.get("/pets", params={"limit": 100}).json()["items"]}

    assert [answer.status_code for answer in after] == [201] * 6
    assert {*before, *(answer.json()["id"] for answer in after)} <= listed


def test_a_replica_that_is_stopped_leaves_no_request_unanswered(replicas):
    """At SIGTERM it finishes what is open; whatever comes then goes to the others."""
    answers, is_over = [], threading.Event()

    def ask():
        with httpx.Client(base_url=replicas.url, timeout=10) as client:
            while not is_over.is_set():
                answers.append(client.get("/pets/1").status_code)

    askers = [threading.Thread(target=ask) for _ in range(4)]
    for asker in askers:
        asker.start()
    time.sleep(0.5)
    replicas.processes[1].terminate()
    code = replicas.processes[1].wait(20)
    time.sleep(0.5)
    is_over.set()
    for asker in askers:
        asker.join(20)

    assert code == 0
    assert len(answers) > 20
    assert {*answers} == {200}
