"""The traffic of real clients through a proxy is the same, byte by byte, as without it."""

from __future__ import annotations

import asyncio
import gzip
import http.client
import shutil
import subprocess
from base64 import b64encode
from collections.abc import Callable

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
    """What the upstream received: request line, headers in their order but for those of the connection, and body."""
    return [
        (
            talk.line,
            [
                line
                for line in talk.head.split(b"\r\n")[1:]
                if not line.lower().startswith((b"host:", b"connection:", b"keep-alive:"))
            ],
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
