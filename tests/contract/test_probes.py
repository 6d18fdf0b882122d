"""Probes of the bundled APIs: each tells the options of its assumption apart, and finds the one that a server has."""

import json
import subprocess
import sys
from functools import partial

import pytest

from mockserver.contract.probe.option_mocks import option_mocks, own_headers, time_passing
from mockserver.contract.probe.probe_play import play
from mockserver.contract.probe.probe_run import load_probed
from mockserver.contract.probe.probed_server import ProbedServer, addresses_elsewhere
from mockserver.contract.probe.prober import is_alike, options_shown, settle
from mockserver.contract.probe.webhook_receiver import receiving
from mockserver.contract.replay.player import Player
from mockserver.server import Options, running, shipped
from mockserver.vendors import APIS
from tests.conftest import free_port, wait_for

HIDING = {
    "vivoldi": {"failure-codes", "link-settings"},
    "spotzee": {"version-required"},
    "botsubscription": {"webhook-events", "webhook-address", "admin-twice", "invalid-values"},
}
"""Assumptions of which another option leaves many others nothing to be seen by; each is found by itself."""

PROBED = [api for api in APIS if shipped("specs", f"{api}.probes").exists()]


def server_of(mock, api, book, world, probe, receiver):
    """The mock as a server that is probed, in a world of its own."""
    assert probe.steps
    service, address = mock.mock.services[api], mock.url_of(api, world)
    callers = {"": own_headers(service), **{name: caller.mock for name, caller in book.callers.items()}}
    elsewhere = addresses_elsewhere(service.spec, address, {})
    clock = mock.mock.worlds[world].clock
    return ProbedServer(
        address, Player(mock.root), callers, elsewhere=elsewhere, wait=time_passing(mock, world), now=clock.now,
        receiver=receiver.address, arrived=receiver.arrived,
        values={name: value.mock for name, value in book.values.items()},
    )  # fmt: skip


def command(*parts):
    """A command, ended, with what it printed."""
    return subprocess.run(parts, capture_output=True, text=True, check=False, timeout=60)


def server_at(mock, api, book, receiver, probe):
    """The mock as a server that is probed, in a world of this probe."""
    return server_of(mock, api, book, f"at-once-{probe.assumption}", probe, receiver)


def steps_of(probed):
    """The assumptions that requests can settle, each with its probe."""
    for assumption in probed.assumptions:
        probe = probed.book.probes.get(assumption.name)
        if probe is not None and probe.steps:
            yield assumption, probe


def options_at_once(probed):
    """Another option than the default of every assumption with a probe that tells it from all others."""
    return {
        one.name: next(option for option in one.options if option != one.default)
        for one in probed.assumptions
        if one.name not in HIDING.get(probed.service.name, ())
        and (probe := probed.book.probes.get(one.name))
        and probe.steps
        and not probe.alike
    }


@pytest.mark.parametrize("api", PROBED)
def test_the_probe_of_each_assumption_finds_the_option_of_a_server(api):
    """On a server of each option that is otherwise as the mock assumes, its mock alone shows the same; but for options
    that no request tells apart, as the file says. No probe stops, or leaves anything behind.
    """
    probed = load_probed(Options(apis=(api,)))
    wrong: list[object] = []

    with (
        receiving() as receiver,
        option_mocks(Options(apis=(api,)), probed.book, receiver) as mocks,
        running(Options(apis=(api,))) as server,
    ):
        for assumption, probe in steps_of(probed):
            shown = options_shown(probe, assumption, mocks, mocks.service.choices)
            for option in assumption.options:
                world = f"{assumption.name}-{option}"
                server.mock.app.serve_in(world, server.variant(api, {assumption.name: option}))
                seen = play(probe, server_of(server, api, probed.book, world, probe, receiver))
                fits = {name for name, on_mock in shown.items() if is_alike(on_mock, seen)}
                if not fits or any(frozenset({option, other}) not in probe.alike for other in fits - {option}):
                    wrong.append((world, fits, seen))
                if seen.left:
                    wrong.append((world, seen.left))

    assert wrong == []


@pytest.mark.parametrize("api", PROBED)
def test_many_options_of_one_server_are_found_at_once(api):
    """What one of them hides of another is unclear; none is taken for what it is not."""
    probed = load_probed(Options(apis=(api,)))
    chosen = options_at_once(probed)
    assumptions = [one for one in probed.assumptions if one.name in chosen]
    assumed = {f"{api}.{name}": option for name, option in chosen.items()}

    with (
        receiving() as receiver,
        option_mocks(Options(apis=(api,)), probed.book, receiver) as mocks,
        running(Options(apis=(api,), assume=assumed)) as server,
    ):
        found = settle(assumptions, probed.book, mocks, partial(server_at, server, api, probed.book, receiver))

    wrong = [one for one in found if one.result != "unclear" and one.option != chosen[one.assumption.name]]
    settled = sum(one.result == "refuted" for one in found)
    assert (wrong, settled >= 0.85 * len(found)) == ([], True)


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
