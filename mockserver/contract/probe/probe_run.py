"""Probes the assumptions of one API on a server, with everything that the command line says."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from time import sleep
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from mockserver import loopback
from mockserver.contract.checking.checked_server import world_header
from mockserver.contract.checking.secrets import is_described
from mockserver.contract.probe.described_probes import described_probes
from mockserver.contract.probe.distinction import indistinct
from mockserver.contract.probe.hiding import are_different, options_shown
from mockserver.contract.probe.option_mocks import OptionMocks, option_mocks, own_headers
from mockserver.contract.probe.probe import Probe, ProbeBook
from mockserver.contract.probe.probe_file import read_probe_book
from mockserver.contract.probe.probed_server import LONGEST_WAIT, ProbedServer, addresses_elsewhere
from mockserver.contract.probe.prober import NOT_SAFE, ProbeOutcome, settle
from mockserver.contract.probe.reference_answer import ReferenceAnswer, reference_answer
from mockserver.contract.probe.target.mock_control import MockControl, control_over_http
from mockserver.contract.probe.webhook_receiver import WebhookReceiver, receiving
from mockserver.contract.replay.player import REFUSED, Player, RequestAsSent
from mockserver.engine.assumptions import Assumption
from mockserver.engine.service import Service
from mockserver.engine.shipped import shipped
from mockserver.problem import Unusable
from mockserver.server import Options, load_services
from mockserver.server.loading.selection import select
from mockserver.state.clock import machine_time

PROBES: Final = "probes.yaml"
"""The file of probes in the folder of a user's API."""

NOTHING_TELLS: Final = "no operation that makes a record and declares 404, 422 or 409 names another record"


@dataclass(frozen=True)
class ProbeOptions:
    """What is probed, and how: the one API that `options` select, on the server at `url`.

    `headers` are sent with each request, and so is a query of the URL, such as a key that stands there. `callers` maps
    names of further callers to their headers. `plays_all` plays probes that change something, too. `names` are the
    assumptions that are probed; none: all. `servers` maps addresses of further servers of the document to where they
    are, `values` are the texts that probes need, by name. `pause` is the seconds before each request, `receiver` the
    address of which requests come to the port `receiver_port` of this machine, where webhooks are received; a server on
    this machine needs none. `spends` plays also probes that cost something for good. `live` is the address in whose
    place live channels are, `longest_wait` the seconds that one step may wait.

    A mock on this machine is asked everything: in a world of its own for each probe, whose time is moved, and with its
    own callers and values where none are said.
    """

    options: Options
    url: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    callers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    plays_all: bool = False
    names: Sequence[str] = ()
    servers: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    pause: float = 0.0
    receiver: str = ""
    receiver_port: int = 0
    spends: bool = False
    live: str = ""
    longest_wait: float = LONGEST_WAIT
    wait: Callable[[float], None] = sleep
    now: Callable[[], float] = machine_time


@dataclass(frozen=True)
class ProbedApi:
    """An API whose assumptions can be probed."""

    service: Service
    assumptions: Sequence[Assumption]
    book: ProbeBook


def load_probed(options: Options) -> ProbedApi:
    """The one API that the options select, with its probes. Raises Unusable."""
    services = load_services(options)
    if len(services) != 1:
        raise Unusable(f"probes are played for one API or document; {len(services)} are selected")
    [(name, service)] = services.items()
    assumptions = [*service.api.assumptions]
    path = select(options.apis)[name]
    if path is None:
        return ProbedApi(service, assumptions, read_probe_book(shipped("specs", f"{name}.probes"), assumptions))
    file = path / PROBES if path.is_dir() else None
    return ProbedApi(service, assumptions, read_probe_book(file, assumptions) if file else ProbeBook())


def probe_server(probing: ProbeOptions, heard: Callable[[str], None] = lambda _: None) -> list[ProbeOutcome]:
    """What the server does of all that the API's documents leave open. `heard` is told the name of each assumption
    before its probe is played. Raises Unusable, also where nobody answers.
    """
    probed = load_probed(probing.options)
    for name in probing.callers:
        if name not in probed.book.callers:
            known = ", ".join(probed.book.callers) or "none"
            raise Unusable(f"--caller {name}: no probe has a caller of this name; there are {known}")
    for name in probing.values:
        if name not in probed.book.values:
            known = ", ".join(probed.book.values) or "none"
            raise Unusable(f"--value {name}: no probe has a value of this name; there are {known}")
    chosen = [one for one in probed.assumptions if not probing.names or one.name in probing.names]
    with (
        Player(probing.url) as player,
        _receiver(probing) as receiver,
        option_mocks(probing.options, probed.book, receiver) as mocks,
    ):
        _refuse_silence(player, probing.url)
        reach, book = _Reach(probing, probed, player, receiver), completed_book(probed, mocks)
        try:
            asks = any((probe := book.probes.get(one.name)) and reach.plays(probe) for one in chosen)
            reference = reference_answer(probed.service, book, mocks) if asks else None
            if reference is None:
                return settle(chosen, book, mocks, reach, heard)
            _refuse_other_answers(reference, reach)
            return settle(chosen, book, mocks, reach, heard, reference.doubt)
        finally:
            reach.forget_worlds()


def _refuse_other_answers(reference: ReferenceAnswer, reach: _Reach) -> None:
    """Requires that the server answers as one of the API. Raises Unusable."""
    server = reach(reference.probe)
    if isinstance(server, str):
        return
    if doubt := reference.first_doubt(server):
        raise Unusable(
            f"--url: {doubt}, so that nothing else was asked. Is {server.address} where the paths of the document "
            f"begin, and the credential (-H) right?"
        )


def indistinct_probes(options: Options) -> tuple[str, dict[str, list[str]], int]:
    """The API's name, what is wrong with the probes of which assumptions, and how many assumptions there are. Raises
    Unusable.
    """
    probed = load_probed(options)
    with receiving() as receiver, option_mocks(options, probed.book, receiver) as mocks:
        gaps = indistinct(probed.assumptions, completed_book(probed, mocks), mocks)
        return probed.service.name, gaps, len(probed.assumptions)


def completed_book(probed: ProbedApi, mocks: OptionMocks) -> ProbeBook:
    """The probes of the API, with those that its document implies where its file has none: the first that tells the
    options apart.
    """
    own, found = probed.book.probes, {}
    for name, candidates in described_probes(probed.service).items() if is_described(probed.service) else ():
        assumption = next(one for one in probed.assumptions if one.name == name)
        for probe in candidates if name not in own else ():
            by_option = options_shown(probe, assumption, mocks, mocks.service.choices)
            if are_different(by_option):
                found[name] = probe
                break
        else:
            if name not in own:
                found[name] = Probe(name, unsettled=NOTHING_TELLS)
    return replace(probed.book, probes={**own, **found})


class _Reach:
    """The server as a probe meets it; the reason where it is not played."""

    def __init__(self, probing: ProbeOptions, probed: ProbedApi, player: Player, receiver: WebhookReceiver) -> None:
        parts = urlsplit(probing.url)
        self._address = parts._replace(query="", fragment="").geturl()
        self._query = parse_qsl(parts.query)
        self._probing, self._book, self._player, self._receiver = probing, probed.book, player, receiver
        self._elsewhere = addresses_elsewhere(probed.service.spec, self._address, probing.servers)
        self._received_at = probing.receiver or (receiver.address if parts.hostname in loopback.NAMES else "")
        self._root = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
        self._is_mock = bool(world_header(probing.url)) and not parts.path.startswith("/~")
        callers, values = {"": probing.headers, **probing.callers}, {**probing.values}
        if self._is_mock:
            callers = {name: caller.mock for name, caller in self._book.callers.items()} | callers
            callers[""] = probing.headers or own_headers(probed.service)
            values = {name: value.mock for name, value in self._book.values.items()} | values
        self._callers, self._values = callers, values
        self._worlds: list[str] = []

    def __call__(self, probe: Probe) -> ProbedServer | str:
        """The server for this probe, of a mock one of its worlds; else why it is not played."""
        if reason := self._reason(probe):
            return reason
        probing, book = self._probing, self._book
        server = ProbedServer(
            self._address, self._player, self._callers, self._query, self._elsewhere, probing.wait, probing.now,
            probing.pause, self._received_at, self._values, self._receiver.arrived, headers=book.headers,
            live=probing.live or self._root, longest_wait=probing.longest_wait,
        )  # fmt: skip
        return self._in_world_of_its_own(server) if self._is_mock else server

    def plays(self, probe: Probe) -> bool:
        """Whether a request of the probe goes to the server."""
        return not probe.unsettled and not self._reason(probe)

    def _in_world_of_its_own(self, server: ProbedServer) -> ProbedServer:
        world = f"probe-{os.getpid()}-{len(self._worlds) + 1}"
        self._worlds.append(world)
        control = MockControl(control_over_http(self._root, self._player, world))
        callers = {name: {**headers, "Mock-World": world} for name, headers in self._callers.items()}
        return replace(server, callers=callers, wait=control.wait, now=control.now, control=control)

    def forget_worlds(self) -> None:
        """Removes the worlds of the mock that was probed."""
        for world in self._worlds:
            control_over_http(self._root, self._player, world)("DELETE", f"/worlds/{world}", None)

    def _reason(self, probe: Probe) -> str:
        """Why the probe is not played; empty where it is."""
        probing, book = self._probing, self._book
        if not (probe.is_safe or probing.plays_all):
            return NOT_SAFE
        if probe.costs and not (probing.spends or self._is_mock):
            return f"not asked, since it costs {probe.costs}; --spend asks"
        for name in probe.callers:
            if name not in self._callers:
                return f"not asked: it needs {book.callers[name].needs}; --caller {name}='Authorization: …' says it"
        for name, value in book.values.items():
            if name in probe.references and name not in self._values:
                return f"not asked: it needs {value.needs}; --value {name}=… says it"
        if probe.needs_receiver and not self._received_at:
            return "not asked, since it needs an address at which webhooks can be received; --receiver URL says it"
        return ""


@contextmanager
def _receiver(probing: ProbeOptions) -> Iterator[WebhookReceiver]:
    """A receiver of webhooks on the port that was said. Raises Unusable where that is taken."""
    try:
        receiver = WebhookReceiver(probing.receiver_port)
    except OSError as error:
        raise Unusable(f"--receiver-port {probing.receiver_port}: {error.strerror or error}") from None
    receiver.start()
    try:
        yield receiver
    finally:
        receiver.stop()


def _refuse_silence(player: Player, url: str) -> None:
    """Requires an HTTP server at this address, whatever it answers. Raises Unusable."""
    answer = player.send(RequestAsSent("GET", url))
    if answer.failure == REFUSED:
        host = urlsplit(url).netloc.rpartition("@")[2]
        raise Unusable(f"--url: no server answers at {host}: {answer.reason}. Start it, or correct the address")


def shown_url(url: str) -> str:
    """The address without what may be a secret in it."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()
