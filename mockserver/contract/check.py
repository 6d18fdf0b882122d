"""Schemathesis' command line with the document, the credential and a fresh world filled in."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.client import HTTPException
from importlib.util import find_spec
from pathlib import Path
from ssl import SSLCertVerificationError
from tempfile import TemporaryDirectory
from typing import NamedTuple
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, build_opener, urlopen

from mockserver.contract.flat import at_one_address, flat
from mockserver.contract.secrets import credentials_in_toml, is_described, secrets_of
from mockserver.engine.service import Service, encode
from mockserver.problem import Unusable
from mockserver.server import Options, load_services
from mockserver.wire import Json

PATIENCE = 5
"""Seconds in which a server has to take a connection."""

LOOPBACK = {"127.0.0.1", "localhost", "::1"}


def check(apis: Sequence[str], url: str, headers: Sequence[str], assume: Mapping[str, str], more: Sequence[str]) -> int:
    """0 when every server kept its document, else 1 or what Schemathesis ended with. Raises Unusable."""
    if find_spec("schemathesis") is None:
        raise Unusable(
            "Schemathesis is not installed; it comes with the extra `check`: pip install '.[check]' where the source is"
        )
    services = load_services(Options(apis=apis, assume=assume))
    if url:
        if len(services) != 1:
            raise Unusable("--url goes with one API or document, which the server is checked against")
        [service] = services.values()
        ask(url)
        real = Target(url, (*headers, *_world_header(url)), is_mock=False)
        return run(service, at_one_address(service.spec.document), real, more)
    with TemporaryDirectory() as folder, started(apis, assume, _known(services.values(), Path(folder))) as root:
        return max(
            run(service, flat(service.spec.document), Target(f"{root}/~check-{name}/{name}", tuple(headers)), more)
            for name, service in services.items()
        )


def ask(url: str) -> None:
    """Somebody speaks HTTP at this address: any answer will do, and whoever took the connection may take longer for it.
    Raises Unusable.
    """
    if not _is_address(url):
        raise Unusable(f"--url {url}: expected the address of a server, such as https://api.example.com/v1")
    try:
        build_opener(_WhereItStands).open(url, timeout=PATIENCE).close()
    except HTTPError as answer:
        answer.close()
    except TimeoutError:
        return
    except (OSError, HTTPException, ValueError) as error:
        reason = error.reason if isinstance(error, URLError) else error
        if isinstance(reason, SSLCertVerificationError):
            return
        said = getattr(reason, "strerror", None) or str(reason) or type(reason).__name__
        raise Unusable(f"--url {url}: no server answers there: {said}. Start it, or correct the address") from None


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


class _WhereItStands(HTTPRedirectHandler):
    """A redirect is an answer, wherever it leads."""

    def redirect_request(self, *_: object) -> None:
        return None


class Target(NamedTuple):
    """The server that is checked, and the headers that are sent to it. `is_mock`: it knows the secrets of samples."""

    url: str
    headers: tuple[str, ...] = ()
    is_mock: bool = True


def run(service: Service, document: Json, target: Target, more: Sequence[str]) -> int:
    """Schemathesis' exit code for one API's document against a server."""
    with TemporaryDirectory() as folder:
        written = Path(folder) / f"{service.name}.json"
        written.write_bytes(encode(document))
        return subprocess.run(command(service, written, target, more), check=False).returncode  # noqa: S603 - our own command


def command(service: Service, document: Path, target: Target, more: Sequence[str]) -> list[str]:
    """`schemathesis run` with everything filled in that the document alone does not say."""
    own = _configuration(service, document.with_suffix(".toml"), target)
    options = [
        part for header in (*_credential(service, own, target), *target.headers) for part in ("--header", header)
    ]
    return [
        *(sys.executable, "-m", "schemathesis.cli", *(("--config-file", str(own)) if own is not None else ())),
        *("run", str(document), "--url", target.url, *options, *more),
    ]


def _configuration(service: Service, written: Path, target: Target) -> Path | None:
    """What Schemathesis is to know beside the document: of a bundled API the file that comes with it, of another the
    secrets that its mock knows, written there. None: nothing, or what the user's own file says.
    """
    if not is_described(service):
        shipped = Path(__file__).with_name(f"{service.name}.toml")
        return shipped if shipped.exists() else None
    if not target.is_mock or any(
        (folder / "schemathesis.toml").exists() for folder in (Path.cwd(), *Path.cwd().parents)
    ):
        return None
    written.write_text(credentials_in_toml(service), encoding="utf-8")
    return written


def _credential(service: Service, own: Path | None, target: Target) -> tuple[str, ...]:
    """The header that opens the API, where nothing else says how to: not the configuration, and not the user."""
    given = {header.partition(":")[0].strip().lower() for header in target.headers}
    name, value = service.api.credential
    told = is_described(service) and (own is not None or not target.is_mock)
    return () if not name or name.lower() in given or told else (f"{name}: {value}",)


@contextmanager
def started(apis: Sequence[str], assume: Mapping[str, str], known: Sequence[str] = ()) -> Iterator[str]:
    """The address of a mock of its own, which counts but does not enforce rate limits; it ends with the block. `known`
    are the options that say whom it knows.
    """
    port = _free_port()
    switches = [part for name, option in assume.items() for part in ("--assume", f"{name}={option}")]
    arguments = ["serve", *apis, "--port", str(port), "--limits", "off", *switches, *known]
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


def _known(services: Iterable[Service], folder: Path) -> tuple[str, ...]:
    """The options of a mock that knows the secrets of samples, which are written into a file there."""
    secrets = {secret for service in services for secret in secrets_of(service).values()}
    if not secrets:
        return ()
    written = folder / "credentials.json"
    written.write_bytes(encode(dict.fromkeys(sorted(secrets))))
    return "--security", "check", "--credentials", str(written)


def _world_header(url: str) -> list[str]:
    """A server on this machine may be a mock, and gets a fresh world; the real one never sees the header."""
    return [f"Mock-World: check-{os.getpid()}"] if urlsplit(url).hostname in LOOPBACK else []


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
