"""`mockserver compare`: the mock and another server: a mock with other assumptions, or a real one with bugs."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner, Result

from mockserver.cli import main
from mockserver.contract.compare.compare_options import CompareOptions
from mockserver.contract.compare.compare_run import CompareResult, compare
from mockserver.server.in_process import running
from tests.contract.broken_app.application import KEY
from tests.contract.broken_app.server import tracking

TRACKER = "tests/contract/broken_app/openapi.yaml"
NO_BODY = ("createTicket", "status", "400 415")
"""The one thing in which the right tracker is not as the mock is: a request without body and Content-Type."""


def compared(url: str, sequences: int = 20, **given) -> CompareResult:
    """The tracker compared with the mock of its document."""
    headers = [f"X-Api-Key: {KEY}"]
    return compare(CompareOptions(TRACKER, url, headers=headers, writes=True, sequences=sequences, **given))


def told(result: CompareResult) -> list[tuple[str, str, str]]:
    """Operation, kind and statuses or place of the first difference of each finding."""
    keys = (min(found.divergence.keys) for found in result.found)
    return [(key.operation, key.kind, key.statuses or key.place) for key in keys]


def switched(api: str, sequences: int, **assume: str) -> tuple[list[str], list[str]]:
    """A mock compared with one of other assumptions: what is proposed, and the operations of findings without that."""
    options = {f"{api}.{name.replace('_', '-')}": option for name, option in assume.items()}
    with running(api, assume=options, enforce_limits=False) as other:
        result = compare(CompareOptions(api, other.url_of(api), writes=True, sequences=sequences))
    proposals = {proposal.what for found in result.found for proposal in found.proposals}
    return sorted(proposals), [one.divergence.step.operation for one in result.found if not one.proposals]


def test_a_real_server_that_keeps_its_document_is_like_the_mock():
    """Ids, times, numbers of versions and words of errors are its own; one status is told."""
    with tracking() as url:
        result = compared(url)

    assert told(result) == [NO_BODY]
    assert result.sequences == 20
    assert result.steps > 300


@pytest.mark.parametrize(
    "bugs",
    [
        {
            "wrong-status": (2, ("changeTicket", "status", "422 200")),
            "undocumented-status": (2, ("deleteTicket", "status", "204 202")),
            "server-error": (1, ("createTicket", "status", "201 500")),
            "ignored-auth": (2, ("getTicket", "status", "401 200")),
        },
        {
            "lost-write": (3, ("getTicket", "value", "/votes")),
            "partial-batch": (2, ("listTickets", "length", "/items")),
            "missing-member": (2, ("listTickets", "branch", "")),
        },
        {
            "reused-id": (3, ("createTicket", "value", "/id")),
            "repeating-page": (2, ("listTickets", "length", "/items")),
        },
        {
            "replay": (2, ("createTicket", "value", "/id")),
            "wrong-type": (1, ("createTicket", "branch", "")),
            "wrong-content-type": (2, ("getTicket", "branch", "")),
        },
    ],
    ids=",".join,
)
def test_each_bug_is_found_and_shrunk(bugs):
    """To the one, two or three requests that show it, also where there are several."""
    with tracking(*bugs) as url:
        result = compared(url)

    steps = {key: len(found.divergence.sequence.steps) for key, found in zip(told(result), result.found, strict=True)}
    assert {bug: (steps.get(key), key) for bug, (_, key) in bugs.items()} == bugs
    assert max(steps.values()) <= 3
    defaults = [one for found in result.found for one in found.proposals if "default:" in one.what]
    assert [one.text for one in defaults if not one.is_tried] == []


def test_reads_alone_leave_a_server_as_it_is():
    """Nothing but GET is sent, and the bug of a list is seen all the same."""
    with tracking("ignored-auth") as url:
        result = compare(CompareOptions(TRACKER, url, headers=[f"X-Api-Key: {KEY}"]))

    methods = {step.method for found in result.found for step in found.divergence.sequence.steps}
    assert (methods <= {"GET"}, result.sequences) == (True, 2)


def test_two_mocks_with_the_same_assumptions_are_alike():
    """There is no difference, by value, in all that one can do with BotSubscription."""
    assert switched("botsubscription", 30) == ([], [])


def test_two_mocks_differ_exactly_in_the_assumptions_that_were_switched():
    """Each difference is taken back by the option that was switched, and there is no other."""
    xqr = switched("xqr", 40, unknown_ids="refuse", empty_ids="count-none")

    assert xqr == (["--assume xqr.empty-ids=count-none", "--assume xqr.unknown-ids=refuse"], [])


def test_assumptions_of_lists_and_deletions_are_found_too():
    """As of Spotzee."""
    spotzee = switched("spotzee", 30, archived_reads="missing", deletion_answers="record")

    assert spotzee == (["--assume spotzee.archived-reads=missing", "--assume spotzee.deletion-answers=record"], [])


@pytest.mark.parametrize(
    ("api", "name", "option"),
    [
        ("botsubscription", "unwritable-fields", "refuse"),
        ("botsubscription", "blank-names", "accept"),
        ("spotzee", "wrong-method", "missing"),
        ("xqr", "malformed-link-id", "refuse"),
        ("xqr", "uuid-case", "exact"),
        ("spotzee", "error-form", "moved-docs"),
    ],
)
def test_what_clients_seldom_send_is_sent(api, name, option):
    """Unknown members, values within items, other methods, and ids of another form; the very option is proposed."""
    with running(api, assume={f"{api}.{name}": option}, enforce_limits=False) as other:
        result = compare(CompareOptions(api, other.url_of(api), writes=True, sequences=90, first=True))

    assert [proposal.what for found in result.found for proposal in found.proposals] == [
        f"--assume {api}.{name}={option}"
    ]


def test_the_mock_assumes_what_a_file_says(tmp_path):
    """A server that assumes something else differs; by the file of what it does it is like the mock."""
    file = tmp_path / "server.yaml"
    file.write_text('spotzee.deletion-answers: "record"\nspotzee.archived-reads: "missing"\n')
    assume = {"spotzee.archived-reads": "missing", "spotzee.deletion-answers": "record"}
    with running("spotzee", assume=assume, enforce_limits=False) as other:
        asked = ["compare", "spotzee", "--url", other.url_of("spotzee"), "--writes", "--max-sequences", "12"]
        ended = [CliRunner().invoke(main, [*asked, *more]) for more in ((), ("--assume-from", str(file)))]

    assert [done.exit_code for done in ended] == [1, 0], ended[1].output


def commanded(*arguments: str) -> Result:
    """What the command prints, and its exit code."""
    return CliRunner().invoke(main, ["compare", TRACKER, "-H", f"X-Api-Key: {KEY}", *arguments])


def test_the_report_shows_both_answers_and_lines_that_send_them_again(tmp_path):
    """The user's key is a variable of the shell; the case is played again, and fails until the bug is gone."""
    with tracking("undocumented-status") as url:
        done = commanded("--url", url, "--writes", "--max-sequences", "4", "--write", str(tmp_path))
        again = commanded("--url", url, "--writes", "--replay", str(tmp_path / "01-deleteTicket-status.yaml"))
    with tracking() as url:
        mended = commanded("--url", url, "--writes", "--replay", str(tmp_path / "01-deleteTicket-status.yaml"))

    assert (done.exit_code, again.exit_code, mended.exit_code) == (1, 1, 0)
    assert "1. deleteTicket: the status: mock 204, other 202\n" in done.output
    line = 'curl -i -X DELETE -H "X-Api-Key: $X_API_KEY" http://127.0.0.1:'
    assert re.search(rf"other: 202 Accepted.*\n +{re.escape(line)}", done.output)
    assert "step 2: DELETE /tickets/{ticketId} - deletes it (ticketId is /id of step 1)\n" in done.output
    assert "declares the response 202 of deleteTicket" in done.output
    assert f'/v1 -H "X-Api-Key: $X_API_KEY" --writes --replay {tmp_path}/01-deleteTicket-status.yaml\n' in done.output
    assert KEY not in done.output + again.output + (tmp_path / "01-deleteTicket-status.yaml").read_text()
    assert "responses:\n      '202':" in (tmp_path / "overlay.yaml").read_text().replace('"', "'")
    assert mended.output == "openapi: no difference in 1 sequence of 2 requests that both answered.\n"


def test_reports_for_programs_have_the_same_findings(tmp_path):
    """As JSON and as JUnit XML, without the user's key."""
    files = tmp_path / "report.json", tmp_path / "report.xml"
    with tracking("ignored-auth") as url:
        commanded("--url", url, "--writes", "--first", "--json", str(files[0]), "--junit", str(files[1]))

    report, junit = json.loads(files[0].read_text()), ET.fromstring(files[1].read_text())  # noqa: S314 - it was written a moment ago
    assert [one["differences"] for one in report["differences"]] == [
        [{"kind": "status", "place": "", "mock": "401", "other": "200"}]
    ]
    assert [step["operation"] for step in report["differences"][0]["steps"]] == ["createTicket", "getTicket"]
    assert [suite.get("failures") for suite in junit] == ["1"]
    assert KEY not in files[0].read_text() + files[1].read_text()


GIVEN_AGAIN = """
steps:
- {method: POST, path: /tickets, name: made, body: {title: first}}
- {method: DELETE, path: "/tickets/{ticketId}", path_values: {ticketId: {$from: made, $at: /id}}}
- {method: POST, path: /tickets, body: {title: second}}
"""


def test_a_replayed_case_tells_all_its_differences(tmp_path):
    """An id given again is called that, and is proposed as the default of nothing."""
    (tmp_path / "case.yaml").write_text(GIVEN_AGAIN)
    with tracking("reused-id") as url:
        done = commanded("--url", url, "--writes", "--replay", str(tmp_path / "case.yaml"))
        unwilling = commanded("--url", url, "--replay", str(tmp_path / "case.yaml"))

    assert (done.exit_code, unwilling.exit_code) == (1, 2)
    assert "(the other server gave 1 again: it had stood for what is 1 on the mock)" in done.output
    assert "default" not in done.output
    assert "step 1 is POST /tickets, which may change something on the other server; give --writes" in unwilling.output


def test_a_replayed_case_that_cannot_be_played_is_not_green(tmp_path):
    """A step that refers to what no answer has was compared with nothing, which JUnit hears too."""
    file, junit = tmp_path / "case.yaml", tmp_path / "junit.xml"
    steps = "steps:\n- {method: GET, path: /tickets}\n"
    reference = "{ticketId: {$from: 1, $at: /nope}}"
    file.write_text(f'{steps}- {{method: GET, path: "/tickets/{{ticketId}}", path_values: {reference}}}\n')
    with tracking() as url:
        done = commanded("--url", url, "--writes", "--replay", str(file), "--junit", str(junit))

    assert done.exit_code == 2, done.output
    assert "nothing was settled, since a step was not played (the answer to step 1 (200) has nothing at /nope)" in (
        done.output
    )
    assert "1 request needed a record" in done.output
    assert ET.fromstring(junit.read_text())[0].get("errors") == "1"  # noqa: S314 - it was written a moment ago


def test_a_server_that_refuses_everything_is_told_in_one_line():
    """Without the credential, or below another path; nothing is proposed then."""
    with tracking() as url:
        keyless = CliRunner().invoke(main, ["compare", TRACKER, "--url", url])
        elsewhere = commanded("--url", f"{url}/elsewhere", "--writes", "--max-sequences", "3")

    assert (keyless.exit_code, elsewhere.exit_code) == (1, 1)
    assert "The other server answered 401: no credential was given: send yours by -H." in keyless.output
    assert "The other server answered 404 to everything that the mock answers: --url" in elsewhere.output
    assert "overlay" not in keyless.output + elsewhere.output


def test_what_is_ignored_is_not_compared():
    """By the names of members, and of headers."""
    with tracking("wrong-type") as url:
        result = compared(url, 3, ignore=["votes"])

    assert all(key.place != "/votes" for found in result.found for key in found.divergence.keys)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--url", "http://127.0.0.1:1/v1"), "no server answers there"),
        (("--url", "tickets"), "--url tickets: expected the address of a server"),
        (("--url", "http://127.0.0.1:1", "-H", "Key"), "--header: expected NAME:VALUE"),
        (("--url", "http://127.0.0.1:1", "--replay", TRACKER), "openapi.yaml:1: expected a mapping with `steps`"),
        (("--url", "http://127.0.0.1:1", "--assume", "openapi.x=y"), "openapi has no assumption 'x'"),
    ],
)
def test_what_cannot_be_compared_is_said(arguments, complaint):
    """With 2, and without a traceback."""
    done = commanded(*arguments)

    assert done.exit_code == 2
    assert complaint in done.output
