"""The traffic of package managers through a proxy is the same, byte by byte, as without it: in both directions, on both
sides of the proxy, and in a run without one.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import zipfile
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import pytest
import requests

from tests.proxy.conftest import RawUpstream, Talk, proxying
from tests.proxy.tap import SeenExchange, Tap

REGISTRY = """
openapi: 3.1.0
info: {title: Registry, version: "1"}
paths:
  /{package}:
    parameters: [{name: package, in: path, required: true, schema: {type: string}}]
    get:
      parameters: [{name: write, in: query, schema: {type: boolean}}]
      responses:
        "200": {description: the package, content: {"*/*": {}}}
        "404": {description: none, content: {application/json: {schema: {type: object, required: [error]}}}}
    put:
      requestBody: {content: {application/json: {schema: {type: object, required: [name, versions]}}}}
      responses:
        "201": {description: published, content: {application/json: {schema: {type: object, required: [ok]}}}}
  /{scope}/{package}/-/{file}:
    parameters:
    - {name: scope, in: path, required: true, schema: {type: string}}
    - {name: package, in: path, required: true, schema: {type: string}}
    - {name: file, in: path, required: true, schema: {type: string}}
    get: {responses: {"200": {description: the archive, content: {"*/*": {}}}}}
  /simple/{package}/:
    parameters: [{name: package, in: path, required: true, schema: {type: string}}]
    get: {responses: {"200": {description: the files, content: {text/html: {}}}}}
  /files/{file}:
    parameters: [{name: file, in: path, required: true, schema: {type: string}}]
    get: {responses: {"200": {description: the wheel, content: {"*/*": {}}}}}
  /legacy/:
    post:
      requestBody: {content: {multipart/form-data: {schema: {type: object, required: [name, content]}}}}
      responses: {"200": {description: uploaded, content: {text/plain: {}}}}
"""

VOLATILE = (b"npm-session",)
"""What npm makes anew in each run: a random name for the run. All else that it sends is compared between two runs."""


class Sent(NamedTuple):
    """An answer of the registry; where it is `parted`, its body comes in chunks."""

    status: bytes
    lines: tuple[bytes, ...]
    body: bytes
    parted: bool = False


@dataclass
class Registry:
    """Answers each method and path in the same way, whoever asks."""

    answers: dict[bytes, Sent]

    def __call__(self, talk: Talk) -> None:
        status, lines, body, parted = self.answers.get(b" ".join(talk.line.split(b" ")[:2]), NOTHING)
        framing = b"Transfer-Encoding: chunked" if parted else b"Content-Length: %d" % len(body)
        head = b"\r\n".join((b"HTTP/1.1 " + status, *lines, framing))
        if parted:
            parts = (body[start : start + 61] for start in range(0, len(body), 61))
            body = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
        talk.send(head + b"\r\n\r\n" + body)


DATE = b"date: Fri, 06 Jun 2025 06:06:06 GMT"
NOTHING = Sent(b"404 Not Here", (DATE, b"Content-Type: application/json"), b'{"error":"not found"}')


@dataclass
class TappedRegistry:
    """A registry, asked directly and through a proxy at the same address: `near` stands before the client, `far` behind
    the proxy.
    """

    registry: Registry
    near: Tap
    far: Tap
    upstream: int
    proxy: int

    def both(self, run: Callable[[str], None]) -> tuple[list[SeenExchange], list[SeenExchange], list[SeenExchange]]:
        """What the client sent and got without the proxy, with it, and what the registry got and sent with it."""
        self.near.target = self.upstream
        run("directly")
        directly = self.near.taken()
        self.near.target = self.proxy
        run("through")
        return directly, self.near.taken(), self.far.taken()


@pytest.fixture
def taps(tmp_path: Path) -> Iterator[TappedRegistry]:
    """A registry that answers nothing yet, and a proxy of its document."""
    document = tmp_path / "registry.yaml"
    document.write_text(REGISTRY)
    registry = Registry({})
    upstream = RawUpstream(registry)
    near, far = Tap(upstream.port), Tap(upstream.port)
    try:
        with proxying(document, far.root) as proxy:
            yield TappedRegistry(registry, near, far, upstream.port, proxy.port)
            near.end()
    finally:
        far.end()
        upstream.end()


def _archive(version: str) -> bytes:
    made = BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as archive:
        for name, content in (
            ("package/package.json", json.dumps({"name": "@acme/tiny-thing", "version": version}).encode()),
            ("package/index.js", b"module.exports = 42\n"),
        ):
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, BytesIO(content))
    return made.getvalue()


def _told(registry: str, archive: bytes) -> bytes:
    """What a registry tells of the package, in gzip."""
    digest = "sha512-" + b64encode(hashlib.sha512(archive).digest()).decode()
    dist = {"tarball": f"{registry}/@acme/tiny-thing/-/tiny-thing-1.0.0.tgz", "integrity": digest}
    version = {"name": "@acme/tiny-thing", "version": "1.0.0", "description": "Zoë's thing", "dist": dist}
    tags, versions = {"latest": "1.0.0"}, {"1.0.0": version}
    return gzip.compress(json.dumps({"name": "@acme/tiny-thing", "dist-tags": tags, "versions": versions}).encode())


def _npm_answers(registry: str) -> dict[bytes, Sent]:
    archive = _archive("1.0.0")
    told = (
        DATE, b"content-type: application/vnd.npm.install-v1+json", b"Content-Encoding: gzip", b'ETag: W/"1-a"',
        b"Vary: accept", b"vary: Accept-Encoding", b"X-Odd: Zo\xc3\xab",
    )  # fmt: skip
    as_archive = (b"Content-Type: application/octet-stream", b"Cache-Control: public, immutable, max-age=31557600")
    return {
        b"GET /@acme%2ftiny-thing": Sent(b"200 OK", told, _told(registry, archive), parted=True),
        b"GET /@acme/tiny-thing/-/tiny-thing-1.0.0.tgz": Sent(b"200 Fine", as_archive, archive),
        b"PUT /@acme%2ftiny-thing": Sent(b"201 Created", (b"Content-Type: application/json",), b'{"ok":true}'),
    }


@pytest.mark.parametrize(
    ("asked", "kinds"),
    [
        (("view", "@acme/tiny-thing", "version"), {b"GET"}),
        (("install", "@acme/tiny-thing"), {b"GET"}),
        (("publish", "--access", "public"), {b"PUT"}),
    ],
)
def test_npm_sends_and_gets_the_same_bytes(
    asked: tuple[str, ...], kinds: set[bytes], taps: TappedRegistry, tmp_path: Path
) -> None:
    """Request lines, fields and bodies, and those of all answers, for `npm view`, `npm install` and `npm publish`."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not installed")
    root = taps.near.root
    taps.registry.answers |= _npm_answers(root)

    def run(name: str) -> None:
        folder = tmp_path / name
        folder.mkdir()
        made = {"name": "@acme/tiny-thing" if asked[0] == "publish" else "made-here", "version": "1.1.0"}
        (folder / "package.json").write_text(json.dumps(made))
        (folder / "index.js").write_text("module.exports = 'Zoë'\n" * 3000)
        (folder / ".npmrc").write_text(f"registry={root}\n//{root.removeprefix('http://')}/:_authToken=npm_secret\n")
        shared = ["--cache", str(tmp_path / f"{name}-cache"), "--no-audit", "--no-fund", "--no-update-notifier"]
        done = subprocess.run(
            [npm, *asked, *shared], cwd=folder, capture_output=True, text=True, check=False, timeout=120
        )
        assert done.returncode == 0, done.stderr

    directly, through, received = taps.both(run)

    assert through == received
    assert [_without_session(one) for one in through] == [_without_session(one) for one in directly]
    assert kinds <= {one.request.line.split(b" ")[0] for one in directly}
    assert all(one.answer.line.split(b" ")[1] in (b"200", b"201", b"404") for one in directly)


def _without_session(exchange: SeenExchange) -> SeenExchange:
    return exchange._replace(request=exchange.request.without_values_of(*VOLATILE))


def _wheel() -> bytes:
    made = BytesIO()
    with zipfile.ZipFile(made, "w") as wheel:
        info = "tiny_thing-1.0.dist-info"
        wheel.writestr("tiny_thing.py", "ANSWER = 42\n")
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: tiny-thing\nVersion: 1.0\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "tiny_thing.py,,\n")
    return made.getvalue()


def test_pip_sends_and_gets_the_same_bytes(taps: TappedRegistry, tmp_path: Path) -> None:
    """Request lines, fields and bodies, and those of all answers, for `pip download`."""
    name, wheel = "tiny_thing-1.0-py3-none-any.whl", _wheel()
    digest = hashlib.sha256(wheel).hexdigest()
    page = f'<!DOCTYPE html><html><body><a href="/files/{name}#sha256={digest}">{name}</a></body></html>'.encode()
    coded = (DATE, b"Content-Type: text/html", b"Content-Encoding: gzip")
    taps.registry.answers |= {
        b"GET /simple/tiny-thing/": Sent(b"200 OK", coded, gzip.compress(page), parted=True),
        f"GET /files/{name}".encode(): Sent(b"200 OK", (b"Content-Type: application/octet-stream",), wheel),
    }

    def run(folder: str) -> None:
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-cache-dir", "--disable-pip-version-check"]
        command += ["--no-deps", "--index-url", f"{taps.near.root}/simple", "-d", str(tmp_path / folder), "tiny-thing"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
        if "No module named pip" in done.stderr:
            pytest.skip("pip is not installed here")
        assert done.returncode == 0, done.stderr

    directly, through, received = taps.both(run)

    assert through == received
    assert through == directly
    assert [one.request.line for one in directly] == [
        f"GET /files/{name} HTTP/1.1".encode(), b"GET /simple/tiny-thing/ HTTP/1.1",
    ]  # fmt: skip
    assert (tmp_path / "through" / name).read_bytes() == wheel


def test_an_upload_to_an_index_is_the_same(taps: TappedRegistry) -> None:
    """A form of several parts with a wheel and the user's password, as tools upload it; its boundary is random."""
    wheel = _wheel()
    taps.registry.answers[b"POST /legacy/"] = Sent(b"200 OK", (b"Content-Type: text/plain",), b"OK")

    def run(_name: str) -> None:
        data = {":action": "file_upload", "protocol_version": "1", "name": "tiny-thing", "version": "1.0"}
        files = {"content": ("tiny_thing-1.0-py3-none-any.whl", wheel, "application/octet-stream")}
        url = f"{taps.near.root}/legacy/"
        requests.post(url, data=data, files=files, auth=("__token__", "pypi-secret"), timeout=30).raise_for_status()

    directly, through, received = taps.both(run)

    assert through == received
    [sent], [other] = through, directly
    assert [one for one in sent.request.fields if not one.startswith(b"Content-Type")] == [
        one for one in other.request.fields if not one.startswith(b"Content-Type")
    ]
    assert wheel in sent.request.body
    assert sent.answer == other.answer
