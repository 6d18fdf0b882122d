"""A real server on a real port for the whole run, the same application in this process, and a fresh world per test."""

import gc
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest

from mockserver.engine.api import Api
from mockserver.engine.fixture_records import read_fixtures
from mockserver.openapi.model.document import Document, load
from mockserver.server import Mock, Options, create_app, create_mock, shipped
from mockserver.server.loading import services
from mockserver.state.world import SeedCollection
from mockserver.vendors import APIS
from mockserver.web.door import Door
from tests.receiver import Receiver

pytest_plugins = ["tests.figures", "tests.lanes", "tests.leftovers", "tests.redis_server", "pytester"]

SHIPPED, SHIPPED_RECORDS = (shipped(kind, "xqr").parent for kind in ("specs", "fixtures"))

if os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
    # Else each command that a test starts would compile every module anew, which takes longer than its work.
    os.environ["PYTHONPYCACHEPREFIX"] = str(Path(__file__).parent.parent / ".pytest_cache" / "bytecode")

_numbers = count(1)


@pytest.fixture(scope="session", autouse=True)
def shipped_documents() -> Iterator[None]:
    """Documents and records that come with the package are read once for all mocks of this process, under the same
    assumptions: they are values, and some hundred tests make a mock of their own.
    """
    made: dict[tuple[Path, str], Document] = {}
    seeds: dict[tuple[Path, str], Mapping[str, SeedCollection]] = {}

    def load_once(path: Path, name: str, edits: Any = None, overlays: Any = (), root: Any = None) -> Document:
        if overlays or not path.is_relative_to(SHIPPED):
            return load(path, name, edits, overlays, root)
        key = path, repr(edits)
        if key not in made:
            made[key] = load(path, name, edits)
        return made[key]

    def read_once(api: Api, path: Path | None) -> Mapping[str, SeedCollection]:
        if path is None or not path.is_relative_to(SHIPPED_RECORDS) or api.seed_collections:
            return read_fixtures(api, path)
        key = path, repr([(name, kept.id_member) for name, kept in api.collections.items()])
        if key not in seeds:
            seeds[key] = read_fixtures(api, path)
        return seeds[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(services, "load", load_once)
        patch.setattr("mockserver.server.mock.read_fixtures", read_once)
        yield


@dataclass(frozen=True)
class Server:
    """Where the mock answers: `root` is its address; in this process, `app` is asked without a port."""

    root: str
    app: Door | None = None

    def client(self, path: str, headers: dict[str, str] | None = None) -> httpx.Client:
        transport = httpx.WSGITransport(app=self.app) if self.app else None
        return httpx.Client(transport=transport, base_url=self.root + path, headers=headers, timeout=30, verify=False)


def free_port() -> int:
    """A port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def port_server() -> Iterator[Server]:
    """`mockserver serve` as its users start it."""
    port = free_port()
    command = [sys.executable, "-m", "mockserver", "serve", "--port", str(port)]
    with started(command, port, env={**os.environ, "PYTHONUNBUFFERED": "1"}) as root:
        yield Server(root)


def wait_for(url: str, process: subprocess.Popen[str], seconds: float = 60) -> None:
    """The address answers; a process that ended before is an error with what it said, and one that does not answer is
    ended.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}: {process.communicate()}")
        try:
            httpx.get(url, timeout=2)
        except httpx.TransportError:
            time.sleep(0.02)
        else:
            return
    process.kill()
    raise RuntimeError(f"nothing answers at {url}: {process.communicate()}")


@contextmanager
def started(command: Sequence[str], port: int, **options: Any) -> Iterator[str]:
    """The address of the server that this command starts at the port, once it is healthy; it is ended in the end.
    `options` are those of Popen.
    """
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, **options)
    try:
        wait_for(f"http://127.0.0.1:{port}/__admin/health", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.communicate(timeout=20)


@pytest.fixture(scope="session")
def process_server() -> Server:
    """The same application without a port."""
    server = Server("http://127.0.0.1:4010", create_app())
    gc.collect()
    gc.freeze()  # As serving does.
    return server


@pytest.fixture
def server(way: str, request: pytest.FixtureRequest) -> Server:
    """The running mock, over a port or in this process."""
    running: Server = request.getfixturevalue(f"{way}_server")
    return running


@pytest.fixture
def world() -> str:
    """The name of a world that no other test uses."""
    return f"t{next(_numbers)}"


@pytest.fixture
def admin(server: Server, world: str) -> Iterator[httpx.Client]:
    """The control API of this test's world; afterwards no answer in it may have broken its document."""
    with server.client(f"/~{world}/__admin") as client:
        yield client
        broken = client.get("/requests", params={"broken": "true"}).json()["requests"]
        assert broken == []


@pytest.fixture
def anonymous(server: Server, world: str, admin: httpx.Client) -> Iterator[Callable[[str], httpx.Client]]:
    """Clients without a credential."""
    clients: list[httpx.Client] = []

    def client(api: str) -> httpx.Client:
        clients.append(server.client(f"/~{world}/{api}"))
        return clients[-1]

    yield client
    for opened in clients:
        opened.close()


@pytest.fixture
def switched() -> Iterator[Callable[..., httpx.Client]]:
    """Clients of a mock of their own in this process, with assumptions switched:
    `switched("xqr", **{"unknown-ids": "refuse"})`. Afterwards no answer of theirs may have broken its document.
    """
    opened: list[tuple[Mock, httpx.Client]] = []

    def client(api: str, **assume: str) -> httpx.Client:
        switches = {f"{api}.{name}": option for name, option in assume.items()}
        mock = create_mock(Options(apis=(api,), assume=switches))
        own = Server("http://127.0.0.1:4010", mock.app)
        opened.append((mock, own.client(f"/{api}", dict([APIS[api].credential]))))
        return opened[-1][1]

    yield client
    for mock, used in opened:
        used.close()
        assert [exchange.broken for exchange in mock.worlds["default"].journal if exchange.broken] == []


class Raw:
    """Sends bytes on a connection of their own and says what came back; `world` is the test's."""

    def __init__(self, root: str, world: str) -> None:
        self._address = ("127.0.0.1", int(root.rpartition(":")[2]))
        self.world = world

    def __call__(self, sent: bytes) -> bytes:
        with socket.create_connection(self._address, timeout=10) as connection:
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
            answer = b""
            while part := connection.recv(65536):
                answer += part
            return answer


@pytest.fixture
def raw(port_server: Server, world: str) -> Raw:
    """Bytes in, bytes out, for what no HTTP client would send."""
    return Raw(port_server.root, world)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Whoever webhooks are sent to: listens at `receiver.url`, remembers what came, answers as it was told."""
    listening = Receiver()
    yield listening
    listening.close()


def _api_client(api: str) -> object:
    @pytest.fixture(name=api)
    def client(server: Server, world: str, admin: httpx.Client) -> Iterator[httpx.Client]:
        with server.client(f"/~{world}/{api}", dict([APIS[api].credential])) as opened:
            yield opened

    return client


xqr = _api_client("xqr")
botsubscription = _api_client("botsubscription")
vivoldi = _api_client("vivoldi")
spotzee = _api_client("spotzee")
