"""Probes of the bundled APIs: each tells the options of its assumption apart, and finds the one that a server has."""

import json
import subprocess
import sys
from contextlib import contextmanager

import pytest

from mockserver.contract.probe.hiding import options_shown
from mockserver.contract.probe.option_mocks import live_address, mock_as_server, option_mocks
from mockserver.contract.probe.probe_play import play
from mockserver.contract.probe.probe_run import load_probed
from mockserver.contract.probe.prober import is_alike, settle
from mockserver.contract.probe.webhook_receiver import receiving
from mockserver.contract.replay.player import Player
from mockserver.live.live_server import LiveServer
from mockserver.server import Options, running, shipped
from mockserver.vendors import APIS
from mockserver.vendors.xqr import access
from tests.conftest import free_port, wait_for

HIDDEN = {
    "vivoldi": {
        "stored-callback": ("omitted-fields=reset",),
        "unset-group-settings": ("link-settings=ignore",),
    },
    "spotzee": {
        "no-identity": ("bad-items=item",),
        "lost-cursors": ("sort-fields=id",),
        "webhook-signature": ("test-sends=missing",),
        "orphan-tokens": ("me-routes=refuse",),
        "replay-request-id": ("idempotency=ignore",),
        "replay-scope": ("idempotency=ignore",),
    },
}
"""By API, the assumptions of which a server that does none of the defaults leaves nothing to be seen by any request,
with the options of others that do so: where requests are never replayed, there is no scope of a replay.
"""

PROBED = [api for api in APIS if shipped("specs", f"{api}.probes").exists()]


def command(*parts):
    """A command, ended, with what it printed."""
    return subprocess.run(parts, capture_output=True, text=True, check=False, timeout=60)


def others(probed):
    """Another option than the default of every assumption."""
    return {one.name: next(option for option in one.options if option != one.default) for one in probed.assumptions}


@contextmanager
def server_of(probed, receiver, options):
    """A server of these options with its live channels; what it is for each probe, in a world of its own."""
    api = probed.service.name
    with running(Options(apis=(api,), assume={f"{api}.{name}": option for name, option in options.items()})) as server:
        port, player = free_port(), Player(server.root)
        live = LiveServer(server.mock.services, server.mock.worlds)
        live.start("127.0.0.1", port)

        def reach(probe):
            world = f"at-once-{probe.assumption}"
            at, service = f"http://127.0.0.1:{port}/~{world}/{api}", server.mock.services[api]
            return mock_as_server(server, service, world, probed.book, player, receiver, at)

        try:
            yield reach
        finally:
            live.stop()


def asked(probed, options, assumed, names):
    """What a server of these options has to say about the assumptions of these names, the others being assumed so."""
    api = probed.service.name
    assume = {f"{api}.{name}": option for name, option in assumed.items()}
    with (
        receiving() as receiver,
        option_mocks(Options(apis=(api,), assume=assume), probed.book, receiver) as mocks,
        server_of(probed, receiver, options) as reach,
    ):
        return settle([one for one in probed.assumptions if one.name in names], probed.book, mocks, reach)


def test_every_assumption_has_a_probe():
    """With requests to send, that tell all its options apart."""
    for api in PROBED:
        probed = load_probed(Options(apis=(api,)))

        lacking = [one.name for one in probed.assumptions if not probed.book.probes[one.name].steps]
        alike = [name for name, probe in probed.book.probes.items() if probe.alike]

        assert (lacking, alike) == ([], [])


@pytest.mark.parametrize("api", PROBED)
def test_the_probe_of_each_assumption_finds_the_option_of_a_server(api):
    """On a server of each option that is otherwise as the mock assumes, its mock alone shows the same. No probe stops,
    or leaves anything behind.
    """
    probed = load_probed(Options(apis=(api,)))
    wrong: list[object] = []

    with (
        receiving() as receiver,
        option_mocks(Options(apis=(api,)), probed.book, receiver) as mocks,
        running(Options(apis=(api,))) as server,
    ):
        player = Player(server.root)
        for assumption in probed.assumptions:
            probe = probed.book.probes[assumption.name]
            shown = options_shown(probe, assumption, mocks, mocks.service.choices)
            for option in assumption.options:
                world, service = f"{assumption.name}-{option}", server.variant(api, {assumption.name: option})
                server.mock.app.serve_in(world, service)
                with live_address(server, service, world, probe) as live:
                    seen = play(probe, mock_as_server(server, service, world, probed.book, player, receiver, live))
                fits = {name for name, on_mock in shown.items() if is_alike(on_mock, seen)}
                if fits != {option} or seen.left:
                    wrong.append((world, fits, seen))

    assert wrong == []


@pytest.fixture
def shorter_months(monkeypatch):
    """The larger plans of xQR have a tenth of the calls of a month, on servers and mocks alike: the prober sends all of
    them three times over, which would be 75,000 requests.
    """
    for sizes in (access.MONTH, access.SAMPLE_MONTH):
        for plan, calls in [*sizes.items()]:
            if calls > access.MONTH["pro"]:
                monkeypatch.setitem(sizes, plan, calls // 10)


@pytest.mark.parametrize("api", PROBED)
@pytest.mark.usefixtures("shorter_months")
def test_all_options_of_one_server_are_found_at_once(api):
    """A server that does otherwise in everything: each is found, but for what another one hides, as the prober says;
    that is found where the server does not hide it, with the answers of the first round.
    """
    probed = load_probed(Options(apis=(api,)))
    chosen = others(probed)

    first = asked(probed, chosen, {}, chosen)
    hidden = {one.assumption.name: one.hidden_by for one in first if one.result == "unclear"}
    answers = {one.assumption.name: one.option for one in first if one.result != "unclear"}
    hiding = {each.partition("=")[0] for by in hidden.values() for each in by}
    open_again = {name: option for name, option in chosen.items() if name not in hiding}
    known = {name: option for name, option in answers.items() if name not in hiding}
    second = asked(probed, open_again, known, hidden) if hidden else []

    assert answers == {name: option for name, option in chosen.items() if name not in hidden}
    assert hidden == HIDDEN.get(api, {})
    assert {one.assumption.name: one.option for one in second} == {name: chosen[name] for name in hidden}


def test_the_command_finds_what_a_server_does_and_a_mock_becomes_like_it(tmp_path):
    """A second instance on a port, asked by the command; its file switches a third one."""
    port, file = free_port(), tmp_path / "answers.yaml"
    serve = [sys.executable, "-m", "mockserver", "serve", "xqr", "--port", str(port), "--limits", "off"]
    ask = [sys.executable, "-m", "mockserver", "assumptions", "xqr", "--url", f"http://127.0.0.1:{port}/xqr/api"]
    asked = ["--only", "unknown-ids", "--only", "empty-ids", "--only", "duplicate-ids", "--all", "--write", str(file)]
    key = f"Authorization: {dict([APIS['xqr'].credential])['Authorization']}"
    switches = ["--assume", "xqr.unknown-ids=refuse", "--assume", "xqr.empty-ids=count-none"]
    process = subprocess.Popen([*serve, *switches], stdout=subprocess.DEVNULL, text=True)
    try:
        wait_for(f"http://127.0.0.1:{port}/__admin/health", process)
        told = command(*ask, *asked, "-H", key, "--json")
        again = command(*ask, *asked[:-2], "-H", key, "--assume-from", str(file))
    finally:
        process.terminate()
        process.communicate(timeout=20)

    outcomes = {one["name"]: (one["result"], one["option"]) for one in json.loads(told.stdout)["assumptions"]}
    assert (told.returncode, outcomes) == (
        1,
        {
            "xqr.unknown-ids": ("refuted", "refuse"),
            "xqr.duplicate-ids": ("confirmed", "count-once"),
            "xqr.empty-ids": ("refuted", "count-none"),
        },
    )
    assert (again.returncode, again.stdout.splitlines()[-1]) == (0, "3 confirmed, 0 refuted, 0 unclear.")
    assert 'xqr.unknown-ids: "refuse"' in file.read_text()
    assert APIS["xqr"].credential[1] not in file.read_text() + told.stdout + again.stdout
