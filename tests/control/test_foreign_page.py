"""A web page from elsewhere, in a real browser on the developer's machine, cannot drive the control API."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import httpx
import pytest

from tests.support import chromium

PAGE = (Path(__file__).parent / "foreign_page.html").read_text()
SEEN = [
    "/state/xqr/links?limit=200",
    "/state/xqr/keys",
    "/faults",
    "/mappings",
    "/next",
    "/scenarios",
    "/outbox",
    "/snapshots",
]


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[tuple[int, Path]]:
    """A web server of somebody else: its port, and the folder that it serves."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(tmp_path)))
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield server.server_address[1], tmp_path
    server.shutdown()
    thread.join()
    server.server_close()


def browse(url: str, profile: Path) -> dict[str, str]:
    """Opens the page in headless Chromium, for which every name ending in .example is this machine; what it tells."""
    command = [
        chromium(),
        *["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--dump-dom", "--timeout=40000"],
        *["--virtual-time-budget=30000", f"--user-data-dir={profile}"],
        "--host-resolver-rules=MAP *.example 127.0.0.1",
        "--disable-features=LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests",  # the mock is to refuse
        url,
    ]
    dom = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout
    found = re.search(r'<pre id="out">(\{.*?\})</pre>', dom)
    assert found, dom[-500:]
    told: dict[str, str] = json.loads(found[1])
    return told


def state_of(admin: httpx.Client) -> dict[str, object]:
    """All that a page could have changed in a world, and the names of all worlds."""
    seen: dict[str, object] = {path: admin.get(path).json() for path in SEEN}
    seen["worlds"] = sorted(world["name"] for world in admin.get("/worlds").json()["worlds"])
    seen["frozen"] = admin.get("/clock").json()["now"]
    return seen


def test_a_foreign_page_changes_nothing_and_reads_nothing(port_server, world, elsewhere, tmp_path, figures):
    """By fetch, forms, beacons and images, with every content type that needs no preflight; nor by a rebound name."""
    port, folder = elsewhere
    with port_server.client(f"/~{world}/__admin") as admin:
        admin.post("/clock/freeze", json={"at": "2026-03-20T09:00:00Z"})
        admin.post("/faults", json={"operation": "createLink", "status": 503})
        link = admin.get("/state/xqr/links?limit=1").json()["records"][0]["id"]
        page = PAGE.replace("MOCK", port_server.root).replace("WORLD", world).replace("LINK", link)
        (folder / "attack.html").write_text(page.replace("PORT", port_server.root.rpartition(":")[2]))
        before = state_of(admin)

        told = browse(f"http://evil.example:{port}/attack.html", tmp_path / "profile")

        reached = admin.get("/requests").json()["requests"]
        figures.count(len(told) - 1, refused=sum(said != "true" for said in told.values()) - 1)
        assert told["reach"] == "opaque 0"
        assert [request["request"]["headers"].get("Sec-Fetch-Mode") for request in reached] == ["no-cors"]
        assert set(told.values()) <= {"blocked", "opaque 0", "true"}
        assert state_of(admin) == before


@pytest.mark.parametrize(
    "host", ["rebound.example", "rebound.example:4010", "127.0.0.1.rebound.example", "localhost.rebound.example"]
)
@pytest.mark.parametrize("headers", [{}, {"Sec-Fetch-Site": "same-origin"}], ids=["plain", "same-origin"])
def test_a_rebound_name_is_refused(port_server, world, host, headers, figures):
    """Its page is of the same origin for the browser, so only the name that was asked for tells."""
    with port_server.client(f"/~{world}/__admin") as admin:
        told = [
            admin.post("/reset", headers={"Host": host, **headers}),
            admin.get("/requests", headers={"Host": host, **headers}),
        ]

    figures.count(2, refused=sum(answer.status_code == 403 for answer in told))
    assert [answer.status_code for answer in told] == [403, 403]
