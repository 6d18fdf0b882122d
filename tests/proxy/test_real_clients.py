"""The traffic of real clients through a proxy is the same, byte by byte, as without it."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import http.client
import json
import shutil
import subprocess
import sys
import tarfile
import zipfile
from base64 import b64encode
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import aiohttp
import httpx
import pytest
import requests
import urllib3
from yarl import URL

from tests.proxy.conftest import PETS, RawUpstream, Talk, proxying

Seen = list[tuple[bytes, list[bytes], bytes]]
BODY = "Zoë ".encode() * 5000
ANSWER = gzip.compress(b'{"id": 1, "name": "Max"}' * 1000)
PATH = "/v1/pets/%2Fa?q=%C3%A9&b=2&a=1"


def _script(talk: Talk) -> None:
    """Answers coded, in chunks of odd sizes, with headers that stand twice."""
    talk.send(
        b"HTTP/1.1 203 So So\r\nContent-Type: text/x-odd\r\nContent-Encoding: gzip\r\nX-a: 1\r\nx-A: 2\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n"
    )
    for start in range(0, len(ANSWER), 77):
        part = ANSWER[start : start + 77]
        talk.send(b"%x\r\n%b\r\n" % (len(part), part))
    talk.send(b"0\r\n\r\n")


def _received(upstream: RawUpstream) -> Seen:
    """What the upstream received: request line, headers but for those of the connection, and body."""
    return [
        (
            talk.line,
            sorted(
                line
                for line in talk.head.split(b"\r\n")[1:]
                if not line.lower().startswith((b"host:", b"connection:", b"keep-alive:", b"content-length:"))
            ),
            talk.body,
        )
        for talk in upstream.talks
    ]


def _by_httpx(root: str) -> bytes:
    with httpx.Client() as client, client.stream("POST", root + PATH, content=BODY) as answer:
        return b"".join(answer.iter_raw())


def _by_requests(root: str) -> bytes:
    with requests.post(root + PATH, data=BODY, stream=True, timeout=10) as answer:
        content: bytes = answer.raw.read(decode_content=False)
        return content


def _by_urllib3(root: str) -> bytes:
    with urllib3.PoolManager() as pool:
        answer = pool.request("POST", root + PATH, body=BODY, preload_content=False)
        content = answer.read(decode_content=False)
        answer.release_conn()
        return content


def _by_http_client(root: str) -> bytes:
    connection = http.client.HTTPConnection(root.removeprefix("http://"), timeout=10)
    connection.request("POST", PATH, body=BODY, headers={"X-Twice": "1"})
    content = connection.getresponse().read()
    connection.close()
    return content


def _by_aiohttp(root: str) -> bytes:
    async def ask() -> bytes:
        url = URL(root + PATH, encoded=True)
        async with (
            aiohttp.ClientSession(auto_decompress=False) as session,
            session.post(url, data=BODY) as answer,
        ):
            return await answer.read()

    return asyncio.run(ask())


def _by_node(root: str) -> bytes:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    script = """
    const [root, path, body] = process.argv.slice(1);
    const answer = await fetch(root + path, {method: "POST", body: Buffer.from(body, "base64")});
    process.stdout.write(Buffer.from(await answer.arrayBuffer()).toString("base64"));
    """
    arguments = [root, PATH, b64encode(BODY).decode()]
    done = subprocess.run([node, "--input-type=module", "-e", script, *arguments], capture_output=True, check=True)
    return done.stdout


CLIENTS: dict[str, Callable[[str], bytes]] = {
    "httpx": _by_httpx,
    "requests": _by_requests,
    "urllib3": _by_urllib3,
    "http.client": _by_http_client,
    "aiohttp": _by_aiohttp,
    "node": _by_node,
}


@pytest.mark.parametrize("name", CLIENTS)
def test_a_client_sends_and_gets_the_same_bytes(name: str) -> None:
    """Request line, headers, body; answers that are coded and come in chunks."""
    upstream = RawUpstream(_script)
    try:
        directly = CLIENTS[name](upstream.root)
        with proxying(PETS, upstream.root) as proxy:
            through = CLIENTS[name](proxy.root)
        [one, other] = _received(upstream)
    finally:
        upstream.end()

    assert other == one
    assert through == directly
    assert one[2] == BODY


class Files:
    """Serves files by their paths, and keeps what was asked for and what was sent."""

    def __init__(self, files: dict[str, tuple[str, bytes]]) -> None:
        self.files = files
        self.sent: list[tuple[str, bytes]] = []

    def __call__(self, talk: Talk) -> None:
        path = talk.line.split(b" ")[1].decode()
        kind, content = self.files.get(path, ("text/plain", b"nothing"))
        status = b"200 OK" if path in self.files else b"404 Not Found"
        self.sent.append((path, content))
        head = b"HTTP/1.1 %b\r\nContent-Type: %b\r\nContent-Length: %d\r\n\r\n" % (status, kind.encode(), len(content))
        talk.send(head + (b"" if talk.head.startswith(b"HEAD") else content))


@pytest.fixture
def files() -> Iterator[tuple[Files, str, str]]:
    """A server of files, its address, and that of a proxy in front of it."""
    served = Files({})
    upstream = RawUpstream(served)
    try:
        with proxying(PETS, upstream.root) as proxy:
            yield served, upstream.root, proxy.root
    finally:
        upstream.end()


def _wheel() -> bytes:
    made = BytesIO()
    with zipfile.ZipFile(made, "w") as wheel:
        wheel.writestr("tiny_thing.py", "ANSWER = 42\n")
        wheel.writestr("tiny_thing-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny-thing\nVersion: 1.0\n")
        wheel.writestr(
            "tiny_thing-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr("tiny_thing-1.0.dist-info/RECORD", "tiny_thing.py,,\n")
    return made.getvalue()


def test_pip_downloads_the_same_wheel(files: tuple[Files, str, str], tmp_path: Path) -> None:
    """From an index of packages of this machine."""
    served, root, proxied = files
    name, wheel = "tiny_thing-1.0-py3-none-any.whl", _wheel()
    digest = hashlib.sha256(wheel).hexdigest()
    page = f'<!DOCTYPE html><html><body><a href="/files/{name}#sha256={digest}">{name}</a></body></html>'
    served.files |= {
        "/simple/tiny-thing/": ("text/html", page.encode()),
        f"/files/{name}": ("application/octet-stream", wheel),
    }

    def download(index: str, folder: Path) -> bytes:
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-cache-dir", "--disable-pip-version-check"]
        command += ["--no-deps", "--index-url", f"{index}/simple", "-d", str(folder), "tiny-thing"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
        if "No module named pip" in done.stderr:
            pytest.skip("pip is not installed here")
        assert done.returncode == 0, done.stderr
        return (folder / name).read_bytes()

    directly = download(root, tmp_path / "directly")
    first, served.sent = served.sent, []
    through = download(proxied, tmp_path / "through")

    assert through == directly == wheel
    assert served.sent == first


def _tarball() -> bytes:
    made = BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as archive:
        for name, content in (
            ("package/package.json", json.dumps({"name": "tiny-thing", "version": "1.0.0"}).encode()),
            ("package/index.js", b"module.exports = 42\n"),
        ):
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, BytesIO(content))
    return made.getvalue()


def test_npm_views_and_installs_the_same_package(files: tuple[Files, str, str], tmp_path: Path) -> None:
    """From a registry of this machine; npm rewrites no address, since it asks for the tarball where it asked before."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not installed")
    served, root, proxied = files
    archive = _tarball()
    integrity = "sha512-" + b64encode(hashlib.sha512(archive).digest()).decode()

    def register(registry: str) -> None:
        version = {"name": "tiny-thing", "version": "1.0.0"}
        dist = {"tarball": f"{registry}/tiny-thing/-/tiny-thing-1.0.0.tgz", "integrity": integrity}
        document = {
            "name": "tiny-thing",
            "dist-tags": {"latest": "1.0.0"},
            "versions": {"1.0.0": {**version, "dist": dist}},
        }
        served.files |= {
            "/tiny-thing": ("application/json", json.dumps(document).encode()),
            "/tiny-thing/-/tiny-thing-1.0.0.tgz": ("application/octet-stream", archive),
        }

    def run(registry: str, folder: Path) -> tuple[str, str]:
        folder.mkdir()
        register(registry)
        shared = [
            "--registry",
            registry,
            "--cache",
            str(folder / "cache"),
            "--no-audit",
            "--no-fund",
            "--no-update-notifier",
        ]

        def npm_does(*asked: str) -> str:
            command = [npm or "npm", *asked, *shared]
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)
            assert done.returncode == 0, done.stderr
            return done.stdout

        version_seen = npm_does("view", "tiny-thing", "version")
        npm_does("install", "tiny-thing")
        return version_seen, (folder / "node_modules/tiny-thing/index.js").read_text()

    directly = run(root, tmp_path / "directly")
    first, served.sent = [path for path, _ in served.sent], []
    through = run(proxied, tmp_path / "through")

    assert through == directly == ("1.0.0\n", "module.exports = 42\n")
    assert [path for path, _ in served.sent] == first
