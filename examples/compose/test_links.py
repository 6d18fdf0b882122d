"""A test suite whose backend is the mock in the container beside it; it needs the standard library alone."""

import json
import os
import unittest
import urllib.error
import urllib.request
import uuid
from typing import Any

MOCK = os.environ.get("MOCKSERVER_URL", "http://127.0.0.1:4010")
ADMIN_TOKEN = os.environ.get("MOCKSERVER_ADMIN_TOKEN", "")
KEY = "xqr_pk_a1b2c3d4." + "x" * 64
SUMMER, DOCS = "d47f2e1a-8c3b-4a5d-9e6f-1234567890ab", "a83c1d4e-2f5b-4890-bc7a-abcdef012345"


class PausingLinks(unittest.TestCase):
    """Each test has a world of its own, so tests may run in any order and side by side."""

    def setUp(self) -> None:
        """A world nobody has used, forked from the fixtures by the first request."""
        self.world = f"{MOCK}/~test-{uuid.uuid4().hex}"

    def test_a_paused_link_reads_as_disabled(self) -> None:
        """What a bulk update has changed, the next read shows."""
        paused = self.ask("PATCH", "/v1/links/bulk/status", {"ids": [SUMMER, DOCS], "enabled": False})

        link = self.ask("GET", f"/v1/links/{SUMMER}")

        self.assertEqual(paused["data"]["updated"], 2)
        self.assertIs(link["data"]["enabled"], False)

    def test_a_wrong_type_is_refused(self) -> None:
        """A request that breaks the contract gets the vendor's own error body."""
        with self.assertRaises(urllib.error.HTTPError) as refusal:
            self.ask("PATCH", "/v1/links/bulk/status", {"ids": [SUMMER], "enabled": "no"})

        with refusal.exception as answer:
            self.assertEqual(answer.code, 400)
            self.assertEqual(json.load(answer)["error"]["status"], 400)

    def test_the_journal_knows_what_was_asked(self) -> None:
        """The control API tells what reached the mock; off loopback it wants the token."""
        self.ask("GET", f"/v1/links/{SUMMER}")

        journal = fetch("GET", f"{self.world}/__admin/requests", ADMIN_TOKEN)

        self.assertEqual(len(journal["requests"]), 1)

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """What the mocked API answers with the documented key."""
        return fetch(method, f"{self.world}/xqr/api{path}", KEY, body)


def fetch(method: str, url: str, token: str, body: object = None) -> Any:
    """The JSON of the answer; raises HTTPError for 400 and above."""
    request = urllib.request.Request(
        url,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=5) as answer:
        return json.load(answer)


if __name__ == "__main__":
    unittest.main()
