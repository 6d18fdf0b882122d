"""What the bulk change of the xQR API promises to those who call it, over the wire."""

import json
import subprocess
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.support import bearer
from tests.vendors.xqr_world import (
    ACME,
    DOCS,
    DOCUMENTED,
    GOOD,
    LINKS,
    PAGE,
    PAUSED,
    PRODUCTION,
    STATUS,
    STRANGE,
    STRAYS,
    SUMMER,
    SUMMER_AS_DOCUMENTED,
    THREE_UPDATED,
    UNHARMED,
    UNKNOWN,
    WRITE_ONLY,
    aftermath,
    codes,
    link,
    refusal,
)

# The documented call


def test_the_documented_call_is_answered_as_documented(xqr: httpx.Client) -> None:
    """Three links are disabled and counted, field for field as on the vendor's page."""
    response = xqr.patch(STATUS, json=DOCUMENTED)

    assert (response.status_code, response.json()) == (200, THREE_UPDATED)


CURL = """curl -X PATCH https://xqr.co/api/v1/links/bulk/status \\
  -H "Authorization: Bearer xqr_pk_a1b2c3d4.xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" \\
  -H "Content-Type: application/json" \\
  -d '{
    "ids": [
      "d47f2e1a-8c3b-4a5d-9e6f-1234567890ab",
      "a83c1d4e-2f5b-4890-bc7a-abcdef012345",
      "e58f3a2b-9d4c-4b6e-af70-2345678901bc"
    ],
    "enabled": false
  }'
"""
FETCH = """const response = await fetch("https://xqr.co/api/v1/links/bulk/status", {
  method: "PATCH",
  headers: {
    Authorization: "Bearer xqr_pk_a1b2c3d4.xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    "Content-Type": "application/json",
  },
  body: JSON.stringify({
    ids: [
      "d47f2e1a-8c3b-4a5d-9e6f-1234567890ab",
      "a83c1d4e-2f5b-4890-bc7a-abcdef012345",
      "e58f3a2b-9d4c-4b6e-af70-2345678901bc",
    ],
    enabled: false,
  }),
});

const { data } = await response.json();
console.log(`${data.updated} links disabled`);
"""
HTTPX = """import httpx

response = httpx.patch(
    "https://xqr.co/api/v1/links/bulk/status",
    headers={
        "Authorization": "Bearer xqr_pk_a1b2c3d4.xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "Content-Type": "application/json",
    },
    json={
        "ids": [
            "d47f2e1a-8c3b-4a5d-9e6f-1234567890ab",
            "a83c1d4e-2f5b-4890-bc7a-abcdef012345",
            "e58f3a2b-9d4c-4b6e-af70-2345678901bc",
        ],
        "enabled": False,
    },
)

data = response.json()["data"]
print(f"{data['updated']} links disabled")
"""


def sample(text: str, xqr: httpx.Client) -> str:
    """The vendor's sample; nothing but its address is ours."""
    return text.replace("https://xqr.co", str(xqr.base_url).rstrip("/"))


@pytest.mark.port
def test_the_curl_sample_runs(xqr: httpx.Client) -> None:
    """Pasted into a shell, the page's curl line prints the documented body."""
    printed = subprocess.run(["sh", "-c", sample(CURL, xqr)], capture_output=True, check=True, text=True, timeout=20)

    assert json.loads(printed.stdout) == THREE_UPDATED


@pytest.mark.port
def test_the_fetch_sample_runs(xqr: httpx.Client) -> None:
    """Node runs the page's JavaScript and says that three links are disabled."""
    command = ["node", "--input-type=module", "-e", sample(FETCH, xqr)]

    printed = subprocess.run(command, capture_output=True, check=True, text=True, timeout=20)

    assert printed.stdout == "3 links disabled\n"


@pytest.mark.port
def test_the_httpx_sample_runs(xqr: httpx.Client, capsys: pytest.CaptureFixture[str]) -> None:
    """The page's Python says that three links are disabled."""
    program = compile(sample(HTTPX, xqr), "sample", "exec")

    exec(program, {})  # noqa: S102

    assert capsys.readouterr().out == "3 links disabled\n"


# What a bulk change does


@pytest.mark.parametrize("link_id", [SUMMER, DOCS, PAGE])
def test_a_disabled_link_reads_as_disabled(xqr: httpx.Client, link_id: str) -> None:
    """Each link of the batch shows the new state to whoever reads it."""
    xqr.patch(STATUS, json=DOCUMENTED)

    shown = link(xqr, link_id)

    assert shown["enabled"] is False


def test_nothing_but_state_and_time_changes(xqr: httpx.Client) -> None:
    """Of the twelve fields only `enabled` and `updated_at` differ afterwards."""
    xqr.patch(STATUS, json=DOCUMENTED)

    shown = link(xqr, SUMMER)

    assert shown == {**SUMMER_AS_DOCUMENTED, "enabled": False, "updated_at": shown["updated_at"]}


def test_a_batch_happens_at_one_instant(xqr: httpx.Client) -> None:
    """All changed links carry the same, new `updated_at`."""
    xqr.patch(STATUS, json=DOCUMENTED)

    instants = {link(xqr, link_id)["updated_at"] for link_id in (SUMMER, DOCS, PAGE)}

    assert len(instants) == 1


def test_a_changed_link_has_a_new_time(xqr: httpx.Client) -> None:
    """`updated_at` leaves its shipped value."""
    xqr.patch(STATUS, json=DOCUMENTED)

    shown = link(xqr, SUMMER)

    assert shown["updated_at"] != "2026-03-15T08:22:11Z"


def test_the_filtered_list_follows(xqr: httpx.Client) -> None:
    """The list of disabled links holds the batch, newest first among the others."""
    xqr.patch(STATUS, json=DOCUMENTED)

    response = xqr.get(LINKS, params={"enabled": "false"})

    assert codes(response) == [
        "page1",
        "Yw2Jf7k",
        "jobs-intern",
        "summer24",
        "docs-v2",
        "H5nLc8y",
        "survey-q1",
        "fair-badge",
        "Kd83mQz",
    ]


def test_a_link_can_be_enabled_again(xqr: httpx.Client) -> None:
    """What was paused is resumed by the same call with `true`."""
    xqr.patch(STATUS, json=DOCUMENTED)
    xqr.patch(STATUS, json={**DOCUMENTED, "enabled": True})

    shown = link(xqr, SUMMER)

    assert shown["enabled"] is True


def test_a_link_already_in_that_state_counts(xqr: httpx.Client) -> None:
    """The count is of links that were found, not of links that changed."""
    response = xqr.patch(STATUS, json={"ids": [PAUSED, SUMMER], "enabled": False})

    assert response.json()["data"] == {"updated": 2}


def test_a_link_already_in_that_state_keeps_its_time(xqr: httpx.Client) -> None:
    """`updated_at` moves only where the value really changes."""
    xqr.patch(STATUS, json={"ids": [PAUSED, SUMMER], "enabled": False})

    shown = link(xqr, PAUSED)

    assert shown["updated_at"] == "2026-03-12T21:13:04Z"


COUNTED = {
    "one": ([SUMMER], 1),
    "an unknown id is passed over": ([SUMMER, UNKNOWN], 1),
    "only unknown ids": ([UNKNOWN], 0),
    "another workspace's link is passed over": ([STRANGE, DOCS], 1),
    "a link named twice counts once": ([SUMMER, SUMMER, DOCS], 2),
    "two hundred ids": ([*STRAYS, SUMMER], 1),
    "two hundred times the same": ([SUMMER] * 200, 1),
}


@pytest.mark.parametrize(("ids", "updated"), COUNTED.values(), ids=COUNTED)
def test_own_existing_links_are_counted(xqr: httpx.Client, ids: list[str], updated: int) -> None:
    """The reply counts each of the workspace's own links once, and names none."""
    response = xqr.patch(STATUS, json={"ids": ids, "enabled": False})

    assert (response.status_code, response.json()["data"]) == (200, {"updated": updated})


def test_another_workspaces_link_stays_as_it_is(xqr: httpx.Client) -> None:
    """A stranger's id in the batch changes nothing on the stranger's side."""
    xqr.patch(STATUS, json={"ids": [STRANGE, DOCS], "enabled": False})

    shown = xqr.get(f"{LINKS}/{STRANGE}", headers=bearer(ACME)).json()["data"]

    assert (shown["enabled"], shown["updated_at"]) == (True, "2024-05-02T08:15:00Z")


ACCEPTED = {
    "an unknown member": ({**DOCUMENTED, "force": True}, {}),
    "a content type of text": (DOCUMENTED, {"Content-Type": "text/plain"}),
    "a content type of a form": (DOCUMENTED, {"Content-Type": "application/x-www-form-urlencoded"}),
    "an idempotency key": (DOCUMENTED, {"Idempotency-Key": "7b1e"}),
}


@pytest.mark.parametrize(("body", "headers"), ACCEPTED.values(), ids=ACCEPTED)
def test_what_is_not_asked_for_is_ignored(xqr: httpx.Client, body: object, headers: dict[str, str]) -> None:
    """Extra members, extra headers and the name of the content type change nothing."""
    response = xqr.patch(STATUS, content=json.dumps(body), headers=headers)

    assert (response.status_code, response.json()["data"]) == (200, {"updated": 3})


def test_a_body_without_content_type_is_read(xqr: httpx.Client) -> None:
    """JSON is read as JSON even where nothing announces it."""
    response = xqr.patch(STATUS, content=json.dumps(DOCUMENTED))

    assert (response.status_code, response.json()["data"]) == (200, {"updated": 3})


def test_an_idempotency_key_replays_nothing(xqr: httpx.Client) -> None:
    """Two calls with one key are two calls: the second one counts as well."""
    key = {"Idempotency-Key": "7b1e"}
    xqr.patch(STATUS, json=DOCUMENTED, headers=key)
    xqr.patch(STATUS, json={"ids": [SUMMER], "enabled": True}, headers=key)

    shown = link(xqr, SUMMER)

    assert shown["enabled"] is True


def test_a_write_key_may_write(xqr: httpx.Client) -> None:
    """`links:write` is all that the bulk change asks for."""
    response = xqr.patch(STATUS, json=DOCUMENTED, headers=bearer(WRITE_ONLY))

    assert (response.status_code, response.json()["data"]) == (200, {"updated": 3})


# Bad bodies

BAD_VALUES: dict[str, object] = {
    "a list": [DOCUMENTED],
    "a string": "ids",
    "a number": 3,
    "a boolean": False,
    "null": None,
    "an empty object": {},
    "ids missing": {"enabled": False},
    "enabled missing": {"ids": [SUMMER]},
    "ids a string": {"ids": SUMMER, "enabled": False},
    "ids an object": {"ids": {"0": SUMMER}, "enabled": False},
    "ids a number": {"ids": 1, "enabled": False},
    "ids null": {"ids": None, "enabled": False},
    "enabled a string": {"ids": [SUMMER], "enabled": "false"},
    "enabled a number": {"ids": [SUMMER], "enabled": 0},
    "enabled null": {"ids": [SUMMER], "enabled": None},
    "enabled a list": {"ids": [SUMMER], "enabled": [False]},
    "no ids": {"ids": [], "enabled": False},
    "201 ids": {"ids": [*STRAYS, SUMMER, DOCS], "enabled": False},
    "201 times the same": {"ids": [SUMMER] * 201, "enabled": False},
    "an id that is a number": {"ids": [SUMMER, 7], "enabled": False},
    "an id that is null": {"ids": [SUMMER, None], "enabled": False},
    "an id that is a list": {"ids": [[SUMMER]], "enabled": False},
    "an empty id": {"ids": [SUMMER, ""], "enabled": False},
    "a short code": {"ids": [SUMMER, "summer24"], "enabled": False},
    "a UUID cut short": {"ids": [SUMMER, DOCS[:-1]], "enabled": False},
    "a UUID too long": {"ids": [SUMMER, DOCS + "0"], "enabled": False},
    "a UUID with a g": {"ids": [SUMMER, "g" + DOCS[1:]], "enabled": False},
    "a UUID without hyphens": {"ids": [SUMMER, DOCS.replace("-", "")], "enabled": False},
    "a UUID in braces": {"ids": [SUMMER, f"{{{DOCS}}}"], "enabled": False},
    "a UUID as a URN": {"ids": [SUMMER, f"urn:uuid:{DOCS}"], "enabled": False},
    "a UUID and a line end": {"ids": [SUMMER, f"{DOCS}\n"], "enabled": False},
}
BAD_TEXTS: dict[str, bytes] = {
    "nothing": b"",
    "white space": b" \n",
    "no JSON": b"ids and enabled",
    "cut off": GOOD[:-1],
    "more behind it": GOOD + b"{}",
    "a comma too many": GOOD[:-1] + b",}",
    "a comment": GOOD + b" // pause",
    "single quotes": GOOD.replace(b'"', b"'"),
    "a form": b"ids=" + SUMMER.encode() + b"&enabled=false",
    "NaN": GOOD[:-1] + b', "note": NaN}',
    "Infinity": GOOD[:-1] + b', "note": -Infinity}',
    "a name twice": b'{"enabled": true, ' + GOOD[1:],
    "a name twice further in": GOOD[:-1] + b', "note": {"a": 1, "a": 1}}',
    "bad UTF-8": GOOD[:-1] + b', "note": "\xff"}',
    "half a surrogate pair": GOOD[:-1] + b', "note": "\\ud800"}',
    "100,000 brackets": b"[" * 100_000,
    "100,000 levels in a member": GOOD[:-1] + b', "note": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
}
BAD_BODIES = {name: json.dumps(value).encode() for name, value in BAD_VALUES.items()} | BAD_TEXTS


@pytest.mark.parametrize("body", BAD_BODIES.values(), ids=BAD_BODIES)
def test_a_bad_body_is_refused_whole(xqr: httpx.Client, body: bytes) -> None:
    """A body that breaks its contract is the vendor's 400; no link changes and the next call is fine."""
    response = xqr.patch(STATUS, content=body, headers={"Content-Type": "application/json"})

    seen = (response.status_code, response.json(), aftermath(xqr))
    assert seen == (400, refusal(400, "VALIDATION_ERROR"), UNHARMED)


OVERLONG = GOOD[:-1] + b', "note": "' + b"x" * (10 * 1024 * 1024) + b'"}'


def chunks(body: bytes) -> Iterator[bytes]:
    """The body in pieces, so that its length is not announced."""
    for start in range(0, len(body), 65536):
        yield body[start : start + 65536]


@pytest.mark.parametrize("announced", [True, False], ids=["announced", "chunked"])
def test_a_body_over_the_limit_is_refused(xqr: httpx.Client, announced: bool) -> None:
    """More than 10 MiB is a 413, however it is sent; no link changes and the next call is fine."""
    body = OVERLONG if announced else chunks(OVERLONG)
    response = xqr.patch(STATUS, content=body, headers={"Content-Type": "application/json"})

    seen = (response.status_code, response.json(), aftermath(xqr))
    assert seen == (413, refusal(413, "PAYLOAD_TOO_LARGE"), UNHARMED)


def test_a_truncated_body_is_refused(xqr: httpx.Client, raw: Any) -> None:
    """A body shorter than announced is a 400, even where what came is good JSON; no link changes."""
    head = (
        f"PATCH /~{raw.world}/xqr{STATUS} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
        f"Authorization: Bearer {PRODUCTION}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(GOOD) + 10}\r\n\r\n"
    )

    answer: bytes = raw(head.encode() + GOOD)

    seen = (answer.split(b" ")[1], b'"VALIDATION_ERROR"' in answer, aftermath(xqr))
    assert seen == (b"400", True, UNHARMED)
