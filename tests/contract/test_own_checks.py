"""`mockserver check` on a real server with planted bugs: each is found and named, and without bugs nothing is."""

import re
import subprocess
import sys

from tests.contract.broken_app import BUGS, DOCUMENT, KEY, tracking

NAMED = {
    "wrong-type": r"(?:ST108|MS311) .*: GET /tickets/\{ticketId\}",
    "missing-member": r"ST108 .*: GET /tickets\b",
    "wrong-status": r"ST201 .*: PATCH /tickets/\{ticketId\}",
    "undocumented-status": r"ST103 .*: DELETE /tickets/\{ticketId\}",
    "lost-write": r"MS301 Write is not read back: PATCH /tickets/\{ticketId\}",
    "reused-id": r"MS310 Id of a deleted record is given again: POST /tickets",
    "partial-batch": r"MS305 Refused request changed something: POST /tickets/batch",
    "ignored-auth": r"ST401 .*: GET /tickets/\{ticketId\}",
    "wrong-content-type": r"ST105 .*: GET /tickets/\{ticketId\}",
    "server-error": r"ST101 Server error: POST /tickets\b",
    "repeating-page": r"MS306 Pages do not have each item once: GET /tickets\b",
    "replay": r"MS304 Idempotency key is not heeded: POST /tickets\b",
}


def check(tmp_path, url, *options, seconds=120):
    """The command on the tracker, ended."""
    cheap = ["--seed", "1", "--", "--no-color", "--suppress-health-check", "all"]
    command = [sys.executable, "-m", "mockserver", "check", str(DOCUMENT), "--url", url, "-H", f"X-Api-Key: {KEY}"]
    return subprocess.run(
        [*command, *options, *cheap], cwd=tmp_path, capture_output=True, text=True, timeout=seconds, check=False
    )


def found(said):
    """The first line of each finding."""
    return re.findall(r"^- (.*)$", said, re.MULTILINE)


def curls(said, finding):
    """The ends of the curl lines of a finding."""
    text = re.search(rf"^- {finding}(?:[ ,].*)?$\n((?:.+\n)*)", said, re.MULTILINE)
    assert text is not None, said[-4000:]
    return [line.rpartition("/v1")[2] for line in re.findall(r"^ +curl +(.*)$", text[1], re.MULTILINE)]


def test_a_server_without_bugs_has_no_finding(tmp_path):
    """Every check, every phase, two workers: what one writes is not held against what another one reads."""
    with tracking() as url:
        done = check(tmp_path, url, "--max-examples", "3", "--workers", "2")

    assert (found(done.stdout), done.returncode) == ([], 0), done.stdout[-4000:] + done.stderr[-2000:]


def test_twelve_bugs_at_once_are_each_found(tmp_path):
    """In under a minute, with few requests by chance and all phases. The wrong type of a member is seen although the
    same answer says that it is no JSON.
    """
    with tracking(*BUGS) as url:
        done = check(tmp_path, url, "--max-examples", "4", seconds=60)

    told = "\n".join(found(done.stdout))
    assert done.returncode == 1, done.stdout[-4000:] + done.stderr[-2000:]
    assert [bug for bug, named in NAMED.items() if not re.search(named, told)] == [], told
    assert "response/votes: expected an integer, got a string" in done.stdout


def test_the_type_of_a_member_is_found_where_it_is_the_only_bug(tmp_path):
    """A text in the place of a number, in what is sent as JSON."""
    with tracking("wrong-type") as url:
        asked = ("--operation", "createTicket", "--operation", "getTicket", "--phases", "coverage")
        done = check(tmp_path, url, "--max-examples", "1", *asked)

    told = found(done.stdout)
    assert done.returncode == 1, done.stdout[-4000:] + done.stderr[-2000:]
    assert {line.partition(" ")[0] for line in told} == {"ST108"}
    assert re.search(NAMED["wrong-type"], "\n".join(told)), done.stdout[-4000:]


def test_another_media_type_alone_says_nothing_of_the_schema(tmp_path):
    """What is sent as text is JSON that the schema takes."""
    with tracking("wrong-content-type") as url:
        asked = ("--operation", "createTicket", "--operation", "getTicket", "--phases", "coverage")
        done = check(tmp_path, url, "--max-examples", "1", *asked)

    assert {line.partition(" ")[0] for line in found(done.stdout)} == {"ST105"}


def test_a_credential_that_is_not_asked_for_is_told_once(tmp_path):
    """Not also as a header that is missing."""
    with tracking("ignored-auth") as url:
        asked = ("--operation", "createTicket", "--operation", "getTicket", "--phases", "coverage")
        done = check(tmp_path, url, "--max-examples", "1", *asked)

    assert {line.partition(", ")[0] for line in found(done.stdout)} == {
        "ST401 API accepts requests without authentication: GET /tickets/{ticketId}"
    }


BETWEEN = ("lost-write", "reused-id", "partial-batch", "repeating-page", "replay")


def test_what_no_single_answer_shows_is_found_by_the_checks_of_our_own_alone(tmp_path):
    """Each is named once, with the requests that show it and no other, and nothing else is said."""
    with tracking(*BETWEEN) as url:
        done = check(tmp_path, url, "--max-examples", "1", "--phases", "examples,coverage")

    told = found(done.stdout)
    assert done.returncode == 1, done.stdout[-4000:] + done.stderr[-2000:]
    assert [bug for bug in BETWEEN if not any(re.search(NAMED[bug], line) for line in told)] == []
    assert {line.partition(" ")[0] for line in told} == {"MS301", "MS304", "MS305", "MS306", "MS310"}
    assert curls(done.stdout, "MS306 .*: GET /tickets") == ["/tickets?limit=2'", "/tickets?limit=2&offset=2'"]
    assert len(curls(done.stdout, "MS310")) == 3
    assert [len(curls(done.stdout, code)) for code in ("MS301", "MS304")] == [2, 2]


def test_checks_and_operations_are_selected_by_name(tmp_path):
    """Those of our own beside those of Schemathesis."""
    with tracking("lost-write", "wrong-type") as url:
        asked = ("--operation", "changeTicket", "--operation", "post /tickets", "--checks", "read_your_writes")
        done = check(tmp_path, url, "--phases", "coverage", "--max-examples", "1", *asked)

    assert [line.partition(", ")[0] for line in found(done.stdout)] == [
        "MS301 Write is not read back: PATCH /tickets/{ticketId}"
    ]
    assert "2 selected / 11 total" in done.stdout
