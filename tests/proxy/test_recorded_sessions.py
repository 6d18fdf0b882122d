"""Sessions with servers that are no scripts of these tests, recorded and replayed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx

from mockserver.server import running
from mockserver.vendors import APIS
from tests.contract.broken_app.application import DOCUMENT, KEY
from tests.contract.broken_app.server import tracking
from tests.proxy.conftest import proxying

Session = list[tuple[str, str, Any]]
VOLATILE = ("createdAt", "created_at", "updated_at", "meta", "detail")

TICKETS: Session = [
    ("GET", "/tickets", None),
    ("POST", "/tickets", {"title": "Lamp"}),
    ("POST", "/tickets", {"title": "Door"}),
    ("GET", "/tickets", None),
    ("GET", "/tickets/1", None),
    ("PATCH", "/tickets/1", {"votes": 3}),
    ("GET", "/tickets/1", None),
    ("POST", "/tickets/1/comments", {"text": "hm"}),
    ("GET", "/tickets/1/comments", None),
    ("PUT", "/tickets/2", {"title": "Gate"}),
    ("DELETE", "/tickets/1", None),
    ("GET", "/tickets/1", None),
    ("GET", "/tickets/1/comments", None),
    ("POST", "/tickets", {"title": ""}),
    ("POST", "/tickets/batch", {"items": [{"title": "a"}, {"title": "b"}]}),
    ("GET", "/tickets", None),
    ("GET", "/tickets/99", None),
]


def _played(root: str, session: Session, headers: dict[str, str]) -> list[tuple[int, Any]]:
    with httpx.Client(base_url=root, headers=headers, timeout=30) as client:
        answers = [client.request(method, path, json=body) for method, path, body in session]
    assert not [one.headers for one in answers if one.is_success and "Mock-Violation" in one.headers]
    return [(one.status_code, _lasting(one.json()) if one.content else None) for one in answers]


def _lasting(value: Any) -> Any:
    """The value without the members that change by themselves, and without texts of refusals."""
    if isinstance(value, dict):
        return {name: _lasting(member) for name, member in value.items() if name not in VOLATILE}
    return [_lasting(item) for item in value] if isinstance(value, list) else value


def test_a_session_with_a_ticket_tracker_replays(tmp_path: Path) -> None:
    """Tickets made one by one and together, changed, commented and deleted; answers by references of the document."""
    folder, headers = tmp_path / "seen", {"X-Api-Key": KEY}
    with tracking() as url, proxying(DOCUMENT, url.removesuffix("/v1"), record=str(folder)) as proxy:
        seen = _played(f"{proxy.root}/v1", TICKETS, headers)

    with running(folder) as mock:
        replayed = _played(f"{mock.root}/v1", TICKETS, headers)

    assert replayed == seen
    assert KEY not in "".join(file.read_text() for file in folder.iterdir())


def test_a_session_with_a_bundled_api_replays(tmp_path: Path) -> None:
    """From the document alone, where a program of its own had answered."""
    folder, headers = tmp_path / "seen", dict([APIS["xqr"].credential])
    with running("xqr", enforce_limits=False) as upstream:
        links = httpx.get(f"{upstream.root}/xqr/api/v1/links", headers=headers).json()["data"]
        one, two = links[0]["id"], links[1]["id"]
        session: Session = [
            ("GET", "/links?limit=5", None),
            ("GET", f"/links/{one}", None),
            ("PATCH", f"/links/{one}", {"labels": ["moved"]}),
            ("GET", f"/links/{one}", None),
            ("POST", "/links", {"url": "https://example.com/made"}),
            ("DELETE", f"/links/{two}", None),
            ("GET", f"/links/{two}", None),
            ("GET", "/workspace", None),
            ("GET", "/analytics/summary", None),
        ]
        with proxying("xqr", f"{upstream.root}/~recorded/xqr", record=str(folder)) as proxy:
            seen = _played(f"{proxy.root}/api/v1", session, headers)
            assert [status for status, _ in seen] == [200, 200, 200, 200, 201, 204, 404, 200, 200], seen[2:5]
            made = seen[4][1]["data"]["id"]
            seen += _played(f"{proxy.root}/api/v1", [("GET", f"/links/{made}", None)], headers)

    with running(folder) as mock:
        replayed = _played(f"{mock.root}/api/v1", [*session, ("GET", f"/links/{made}", None)], headers)

    assert [status for status, _ in seen] == [200, 200, 200, 200, 201, 204, 404, 200, 200, 200]
    assert [status for status, _ in replayed] == [status for status, _ in seen]
    assert [body for status, body in replayed if status != 404] == [body for status, body in seen if status != 404]
