"""Schemathesis' command line with the document, the credential and a fresh world filled in."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

from mockserver.contract.flat import at_one_address, flat
from mockserver.engine.service import Service, encode
from mockserver.problem import Unusable
from mockserver.server import Options, load_services
from mockserver.wire import Json

LOOPBACK = {"127.0.0.1", "localhost", "::1"}


def check(apis: Sequence[str], url: str, headers: Sequence[str], assume: Mapping[str, str], more: Sequence[str]) -> int:
    """0 when every server kept its document, else 1 or what Schemathesis ended with. Raises Unusable."""
    if find_spec("schemathesis") is None:
        raise Unusable(
            "Schemathesis is not installed; it comes with the extra `check`: pip install '.[check]' where the source is"
        )
    if url:
        if len(apis) != 1:
            raise Unusable("--url goes with the name of one API, whose document the server is checked against")
        [service] = load_services(Options(apis=apis, assume=assume)).values()
        return run(service, at_one_address(service.spec.document), url, [*headers, *_world_header(url)], more)
    services = load_services(Options(apis=apis, assume=assume))
    with started(apis, assume) as root:
        return max(
            run(service, flat(service.spec.document), f"{root}/~check-{name}/{name}", headers, more)
            for name, service in services.items()
        )


def run(service: Service, document: Json, url: str, headers: Sequence[str], more: Sequence[str]) -> int:
    """Schemathesis' exit code for one API's document against the server at `url`."""
    with TemporaryDirectory() as folder:
        written = Path(folder) / f"{service.name}.json"
        written.write_bytes(encode(document))
        return subprocess.run(command(service, written, url, headers, more), check=False).returncode  # noqa: S603 - our own command


def command(service: Service, document: Path, url: str, headers: Sequence[str], more: Sequence[str]) -> list[str]:
    """`schemathesis run` with everything filled in that the document alone does not say."""
    given = {header.partition(":")[0].strip().lower() for header in headers}
    name, value = service.api.credential
    credential = [] if not name or name.lower() in given else [f"{name}: {value}"]
    options = [part for header in (*credential, *headers) for part in ("--header", header)]
    own = Path(__file__).with_name(f"{service.name}.toml")
    return [
        *(sys.executable, "-m", "schemathesis.cli", *(("--config-file", str(own)) if own.exists() else ())),
        *("run", str(document), "--url", url, *options, *more),
    ]


@contextmanager
def started(apis: Sequence[str], assume: Mapping[str, str]) -> Iterator[str]:
    """The address of a mock of its own, which counts but does not enforce rate limits; it ends with the block."""
    port = _free_port()
    switches = [part for name, option in assume.items() for part in ("--assume", f"{name}={option}")]
    arguments = ["serve", *apis, "--port", str(port), "--limits", "off", *switches]
    process = subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-m", "mockserver", *arguments], stdout=subprocess.DEVNULL
    )
    try:
        root = f"http://127.0.0.1:{port}"
        _wait_for(f"{root}/__admin/health", process)
        yield root
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(400):
        if process.poll() is not None:
            raise Unusable(f"the mock to be checked ended at once, with exit code {process.returncode}")
        try:
            with urlopen(url, timeout=5):  # noqa: S310 - the address is our own
                return
        except (URLError, OSError):
            time.sleep(0.05)
    raise Unusable(f"the mock to be checked did not answer at {url} within 20 seconds")


def _world_header(url: str) -> list[str]:
    """A server on this machine may be a mock, and gets a fresh world; the real one never sees the header."""
    return [f"Mock-World: check-{os.getpid()}"] if urlsplit(url).hostname in LOOPBACK else []


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
