"""`mockserver assumptions`: the list, and a server that is asked."""

import json
import re
from contextlib import ExitStack

import httpx
import pytest
from click.testing import CliRunner

from mockserver.cli import main
from mockserver.contract.probe.probe_play import Sighting
from mockserver.contract.probe.prober import ProbeOutcome
from mockserver.server import Options, running
from mockserver.server.loading.assumed_file import read_assumed
from mockserver.vendors import APIS

KEY = "Bearer xqr_pk_a1b2c3d4." + 64 * "x"


def run(*arguments):
    """The command, in this process."""
    return CliRunner().invoke(main, ["assumptions", *arguments])


@pytest.fixture
def xqr():
    """A server that does what the mock does not assume; its address."""
    with ExitStack() as stack:

        def served(**assume):
            options = Options(apis=("xqr",), assume={f"xqr.{name}": option for name, option in assume.items()})
            return stack.enter_context(running(options)).url_of("xqr")

        yield served


def test_the_short_list_has_a_line_each():
    """The option that holds comes first."""
    printed = run("xqr", "--short", "--search", "short code").output

    assert printed == "xqr.code-letters  both-cases | lower-case\n"


def test_a_search_finds_words_in_any_text():
    """Whatever their case."""
    found = json.loads(run("xqr", "vivoldi", "--search", "CAPITAL letters", "--json").output)

    assert [one["name"] for one in found] == ["xqr.uuid-case", "vivoldi.name-filter-case"]


def test_the_environment_has_the_credential(xqr):
    """So that it stands on no command line."""
    asked = ["assumptions", "xqr", "--url", xqr(), "--only", "uuid-case"]

    done = CliRunner().invoke(main, asked, env={"MOCKSERVER_HEADERS": f"Authorization: {KEY}"})

    assert (done.exit_code, done.output.splitlines()[0]) == (0, "confirmed  xqr.uuid-case=ignore")


def test_what_a_server_does_is_told_and_written(xqr, tmp_path):
    """With what was seen, where the mock assumes something else; credentials are not."""
    url, file = xqr(**{"uuid-case": "exact"}), tmp_path / "server.yaml"

    asked = run("xqr", "--url", url, "-H", f"Authorization: {KEY}", "--only", "uuid-case", "--write", str(file))

    assert asked.exit_code == 1
    assert asked.output.splitlines()[:3] == [
        "refuted    xqr.uuid-case=ignore, but the server does exact: It is another id, which no link has.",
        "             seen: GET /v1/links/{links /data/0/id | upper}: status 404",
        "0 confirmed, 1 refuted, 0 unclear. To serve what the server does: --assume xqr.uuid-case=exact",
    ]
    assert 'xqr.uuid-case: "exact"' in file.read_text()
    assert "xxxx" not in asked.output + file.read_text()


@pytest.mark.parametrize(
    "header",
    ["X-Mode: refuse", "X-Tenant: xqr.uuid-case", "X-Status: status 404", "X-Kind: unclear"],
)
def test_a_header_that_is_a_word_of_the_report_masks_none_of_it(xqr, tmp_path, header):
    """Only what the server said is masked, so that the file can be read."""
    url, file = xqr(**{"uuid-case": "exact"}), tmp_path / "server.yaml"

    asked = run(
        *("xqr", "--url", url, "-H", f"Authorization: {KEY}", "-H", header, "--write", str(file)),
        *("--only", "uuid-case", "--only", "empty-ids"),
    )

    assert read_assumed(file) == {"xqr.uuid-case": "exact", "xqr.empty-ids": "refuse"}
    assert asked.output.splitlines()[-2] == (
        "1 confirmed, 1 refuted, 0 unclear. To serve what the server does: --assume xqr.uuid-case=exact"
    )
    assert "***" not in asked.output + file.read_text()


def test_a_secret_of_other_letters_is_masked_in_json(xqr, monkeypatch):
    """In what the server says, however it would be written there."""
    said = {"key geheimniß-99": [{"of": "a geheimniß-99"}, 31415926, True, None]}
    outcome = ProbeOutcome(
        next(iter(APIS["xqr"].assumptions)), "unclear", "", reason="got geheimniß-99",
        seen=(Sighting("GET /", "body", said),), left=("DELETE /geheimniß-99: 500",),
    )  # fmt: skip
    monkeypatch.setattr("mockserver.cli.assumption_probing.probe_server", lambda *_: [outcome])

    asked = run("xqr", "--url", "http://a.test", "-H", "X-Key: geheimniß-99", "-H", "X-Pin: 31415926", "--json")

    [told] = json.loads(asked.stdout)["assumptions"]
    assert (told["reason"], told["left"]) == ("got ***", ["DELETE /***: 500"])
    assert told["seen"][0]["value"] == {"key ***": [{"of": "a ***"}, "***", True, None]}


def test_a_mock_that_reads_the_file_is_confirmed(xqr, tmp_path):
    """It assumes what the server does."""
    file = tmp_path / "server.yaml"
    file.write_text('xqr.uuid-case: "exact"\nvivoldi.bad-key: "403"\n')

    asked = run(
        *("xqr", "--url", xqr(**{"uuid-case": "exact"}), "-H", f"Authorization: {KEY}"),
        *("--only", "xqr.uuid-case", "--assume-from", str(file)),
    )

    assert (asked.exit_code, asked.output.splitlines()[0]) == (0, "confirmed  xqr.uuid-case=exact")


def test_a_server_whose_key_is_not_known_is_asked_nothing_more(xqr):
    """The request that failed is told, and what to look at."""
    asked = run("xqr", "--url", xqr(), "-H", "Authorization: Bearer secret-key", "--only", "uuid-case", "--json")

    assert (asked.exit_code, asked.stdout) == (2, "")
    assert "GET /v1/links?limit=1 was answered with 401, so that nothing else was asked" in asked.stderr
    assert "secret-key" not in asked.output


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("xqr", "--all"), "--all goes with --url URL"),
        (("--url", "http://127.0.0.1:9/"), "--url goes with one API or document; 4 are selected"),
        (("xqr", "--url", "http://127.0.0.1:9/"), "--url: no server answers at 127.0.0.1:9"),
        (("xqr", "--url", "ftp://127.0.0.1"), "expected the address of a server"),
        (("xqr", "--url", "http://127.0.0.1:9", "--only", "uuid"), "the nearest: uuid-case"),
        (("xqr", "--url", "http://127.0.0.1:9", "-H", "secret"), "expected NAME:VALUE"),
        (
            ("xqr", "--url", "http://127.0.0.1:9", "--caller", "me=A:b"),
            "--caller me: no probe has a caller of this name",
        ),
        (("xqr", "--caller", "secret"), "mockserver: --caller: expected CALLER=NAME:VALUE, both parts with a text\n"),
        (("xqr", "--value", "secret"), "mockserver: --value: expected NAME=TEXT, both parts with a text\n"),
        (("xqr", "--server", "=x"), "mockserver: --server: expected URL=URL, both parts with a text\n"),
        (("xqr", "--assume-from", "none.yaml"), "none.yaml: cannot be read"),
        (("xqr", "--assume", "uuid-case=exact"), "mockserver: --assume uuid-case=exact: expected api.name=option"),
        (("xqr", "--url", "http://127.0.0.1:9"), "answers at 127.0.0.1:9: Connection refused. Start it"),
        (("xqr", "--url", "http://127.0.0.1:9", "--write", "/nosuch/w.yaml"), "there is no folder /nosuch"),
        (("xqr", "--url", "http://127.0.0.1:9", "--write", "README.md"), "no file of options, and would be lost"),
    ],
)
def test_what_cannot_be_used_ends_with_2(arguments, told):
    """And is told with what to do."""
    asked = run(*arguments)

    assert (asked.exit_code, told in asked.output) == (2, True), asked.output


@pytest.mark.parametrize("before", [None, 'xqr.uuid-case: "exact"\n'])
def test_a_file_is_not_touched_where_nothing_was_settled(xqr, tmp_path, before):
    """As with a wrong key; nor is it said to have what the server does."""
    file = tmp_path / "server.yaml"
    if before:
        file.write_text(before)

    asked = run("xqr", "--url", xqr(), "-H", "Authorization: no", "--only", "uuid-case", "--write", str(file))

    assert (asked.exit_code, "--assume-from" in asked.output) == (2, False)
    assert (file.read_text() if file.exists() else None) == before


def test_earlier_answers_of_what_is_not_asked_are_kept(xqr, tmp_path):
    """Those of other APIs too; what is asked is replaced."""
    file = tmp_path / "server.yaml"
    file.write_text('xqr.uuid-case: "exact"\nxqr.slug-case: "ignore"\nvivoldi.bad-key: "403"\n')
    asked = ("--only", "uuid-case", "--only", "slug-case")

    done = run("xqr", "--url", xqr(), "-H", f"Authorization: {KEY}", *asked, "--write", str(file))

    assert done.exit_code == 0, done.output
    assert read_assumed(file) == {"xqr.uuid-case": "ignore", "xqr.slug-case": "ignore", "vivoldi.bad-key": "403"}


def test_nothing_asked_is_nothing_settled(xqr):
    """Also where there is no mistake: only what changes nothing is asked."""
    asked = run("xqr", "--url", xqr(), "-H", f"Authorization: {KEY}", "--only", "unknown-ids")

    assert (asked.exit_code, "nothing was settled, since nothing was asked" in asked.stderr) == (2, True)


@pytest.fixture
def settled(tmp_path):
    """A document that leaves nothing open."""
    file = tmp_path / "settled.yaml"
    file.write_text(
        "openapi: 3.0.3\ninfo: {title: t, version: '1'}\npaths: {/a: {get: {responses: {'200': {description: d}}}}}\n"
    )
    return str(file)


def test_a_line_says_that_there_is_nothing(settled):
    """Nothing left open, nothing with the word, and nothing to ask a server for."""
    lists = [run(settled), run("xqr", "--search", "zzz"), run("xqr", "--search", "zzz", "--json")]
    with running(Options(apis=(settled,))) as server:
        asked = run(settled, "--url", server.url_of("settled"), "--all")

    assert [done.exit_code for done in lists] == [0, 0, 0]
    assert [re.sub(r"\d+ assumptions", "N assumptions", done.stderr) for done in lists] == [
        f"{settled}: nothing is left open\n",
        *2 * ["xqr: none of the N assumptions has the word 'zzz'\n"],
    ]
    assert lists[2].stdout == "[]\n"
    assert (asked.exit_code, "settled leaves nothing open" in asked.stderr) == (2, True)


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ('xqr.uuid-cas: "exact"', "yaml:2: xqr has no assumption 'uuid-cas'; the nearest: uuid-case"),
        ("xqr.uuid-case: some", "yaml:2: xqr.uuid-case has no option 'some'; it has ignore, exact"),
        ("xqr.redirect-status: 301", "yaml:2: xqr.redirect-status: 301; expected api.name and an option as a text"),
        ("uuid-case: exact", "yaml:2: uuid-case: 'exact'; expected api.name and an option as a text"),
    ],
)
def test_a_mistake_in_a_file_of_options_is_told_with_its_line(text, mistake, tmp_path):
    """And with the nearest names."""
    file = tmp_path / "server.yaml"
    file.write_text(f"# comment\n{text}\n")

    asked = run("xqr", "--assume-from", str(file))

    assert (asked.exit_code, mistake in asked.output) == (2, True), asked.output


def test_the_list_shows_the_option_that_holds():
    """Where it was switched, that comes first."""
    printed = run("xqr", "--short", "--search", "short code", "--assume", "xqr.code-letters=lower-case").output

    assert printed == "xqr.code-letters  lower-case | both-cases\n"


def test_an_unknown_assumption_is_told_with_the_nearest():
    """Also where nothing is asked."""
    asked = run("xqr", "--assume", "xqr.slug-cas=ignore")

    assert (asked.exit_code, "the nearest: xqr.slug-case" in asked.output) == (2, True)


def test_a_mock_is_asked_without_credentials_in_worlds_that_are_gone_afterwards(xqr):
    """It has callers of its own, and time that is moved: a minute passes at once."""
    url = xqr(window="hour-flat", **{"scope-match": "write-reads"})
    asked = run("xqr", "--url", url, "--all", "--only", "window", "--only", "scope-match", "--json")

    found = {one["name"]: one["option"] for one in json.loads(asked.stdout)["assumptions"]}
    worlds = httpx.get(f"{url.partition('/xqr')[0]}/__admin/worlds").json()["worlds"]
    assert found == {"xqr.window": "hour-flat", "xqr.scope-match": "write-reads"}
    assert [world["name"] for world in worlds if world["name"].startswith("probe-")] == []
