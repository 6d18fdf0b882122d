"""Probes the assumptions of one API on a server, with everything that the command line says."""

from __future__ import annotations

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
from mockserver.contract.probe.distinction import are_different, indistinct
from mockserver.contract.probe.option_mocks import OptionMocks, option_mocks
from mockserver.contract.probe.probe import Probe, ProbeBook
from mockserver.contract.probe.probe_file import read_probe_book
from mockserver.contract.probe.probed_server import ProbedServer, addresses_elsewhere, headers_of
from mockserver.contract.probe.prober import NOT_SAFE, ProbeOutcome, options_shown, settle
from mockserver.contract.probe.webhook_receiver import WebhookReceiver, receiving
from mockserver.contract.replay.player import REFUSED, Player, RequestAsSent
from mockserver.engine.assumptions import Assumption
from mockserver.engine.pipeline import Service
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
    this machine needs none.
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
        return settle(chosen, completed_book(probed, mocks), mocks, _reach(probing, probed, player, receiver), heard)


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
            if not any(shown.stuck for shown in by_option.values()) and are_different(by_option):
                found[name] = probe
                break
        else:
            if name not in own:
                found[name] = Probe(name, unsettled=NOTHING_TELLS)
    return replace(probed.book, probes={**own, **found})


def _reach(
    probing: ProbeOptions, probed: ProbedApi, player: Player, receiver: WebhookReceiver
) -> Callable[[Probe], ProbedServer | str]:
    world = headers_of(world_header(probing.url), "--url")
    callers = {name: {**headers, **world} for name, headers in {"": probing.headers, **probing.callers}.items()}
    parts = urlsplit(probing.url)
    address, query = parts._replace(query="", fragment="").geturl(), parse_qsl(parts.query)
    elsewhere = addresses_elsewhere(probed.service.spec, address, probing.servers)
    received_at = probing.receiver or (receiver.address if parts.hostname in loopback.NAMES else "")

    def reach(probe: Probe) -> ProbedServer | str:
        if not (probe.is_safe or probing.plays_all):
            return NOT_SAFE
        for name in probe.callers:
            if name not in callers:
                return (
                    f"not asked: it needs {probed.book.callers[name].needs}; --caller {name}='Authorization: …' says it"
                )
        for name, value in probed.book.values.items():
            if name in probe.references and name not in probing.values:
                return f"not asked: it needs {value.needs}; --value {name}=… says it"
        if probe.needs_receiver and not received_at:
            return "not asked, since it needs an address at which webhooks can be received; --receiver URL says it"
        return ProbedServer(
            address, player, callers, query, elsewhere, probing.wait, probing.now, probing.pause, received_at,
            probing.values, receiver.arrived,
        )  # fmt: skip

    return reach


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
