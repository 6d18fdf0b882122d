"""Probes of the bundled APIs: each tells the options of its assumption apart, and finds the one that a server has."""

import json
import subprocess
import sys
from contextlib import ExitStack
from functools import partial

import pytest

from mockserver.contract.probe.distinction import indistinct
from mockserver.contract.probe.option_mocks import option_mocks, own_headers, time_passing
from mockserver.contract.probe.probe_run import load_probed
from mockserver.contract.probe.probed_server import ProbedServer, addresses_elsewhere
from mockserver.contract.probe.prober import settle
from mockserver.contract.replay.player import Player
from mockserver.server import Options, running, shipped
from mockserver.vendors import APIS
from tests.conftest import free_port, wait_for

PROBED = [api for api in APIS if shipped("specs", f"{api}.probes").exists()]


def server_of(mock, api, book, world, probe):
    """The mock as a server that is probed, in a world of its own."""
    assert probe.steps
    service, address = mock.mock.services[api], mock.url_of(api, world)
    callers = {"": own_headers(service), **{name: caller.mock for name, caller in book.callers.items()}}
    elsewhere = addresses_elsewhere(service.spec, address, {})
    clock = mock.mock.worlds[world].clock
    return ProbedServer(
        address, Player(mock.root), callers, elsewhere=elsewhere, wait=time_passing(mock, world), now=clock.now
    )


def command(*parts):
    """A command, ended, with what it printed."""
    return subprocess.run(parts, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize("api", PROBED)
def test_every_probe_tells_the_options_apart(api):
    """But for those that no request tells apart, as its file says; none stops, and none leaves anything behind."""
    probed = load_probed(Options(apis=(api,)))
    settled = [one for one in probed.assumptions if (probe := probed.book.probes.get(one.name)) and probe.steps]

    with option_mocks(Options(apis=(api,)), probed.book.callers) as mocks:
        found = indistinct(settled, probed.book, mocks)

    texts = [f"{name}: {text}" for name, defects in found.items() for text in defects if ", since" not in text]
    assert texts == []


@pytest.mark.parametrize("api", PROBED)
def test_each_option_of_a_server_is_found(api):
    """One option after the other, each on a server that is otherwise as the mock assumes."""
    probed = load_probed(Options(apis=(api,)))
    wanted, found = {}, {}

    with ExitStack() as stack:
        mocks = stack.enter_context(option_mocks(Options(apis=(api,)), probed.book.callers))
        server = stack.enter_context(running(Options(apis=(api,))))
        for assumption in probed.assumptions:
            probe = probed.book.probes.get(assumption.name)
            for option in assumption.options if probe and probe.steps and not probe.alike else ():
                world = f"{assumption.name}-{option}"
                server.mock.app.serve_in(world, server.variant(api, {assumption.name: option}))
                [outcome] = settle(
                    [assumption], probed.book, mocks, partial(server_of, server, api, probed.book, world)
                )
                wanted[world] = ("confirmed" if option == assumption.default else "refuted", option)
                found[world] = (outcome.result, outcome.option)

    assert found == wanted


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
