"""Mocks of one API under every option of its assumptions, each in a world of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import count

from mockserver.contract.probe.probe import CONNECTED, Probe, ProbeBook
from mockserver.contract.probe.probe_play import Sightings, play
from mockserver.contract.probe.probed_server import ProbedServer, addresses_elsewhere
from mockserver.contract.probe.target.mock_control import SETTLING, SHORTEST_SETTLED, MockControl
from mockserver.contract.probe.webhook_receiver import WebhookReceiver
from mockserver.contract.replay.player import Player
from mockserver.engine.service import Service, Settings
from mockserver.problem import Unusable
from mockserver.server import Options, RunningMock, free_port, running
from mockserver.testing.control_client import ControlClient


class OptionMocks:
    """A running mock that plays probes under any options of the assumptions of its one API."""

    def __init__(self, mock: RunningMock, book: ProbeBook, receiver: WebhookReceiver | None = None) -> None:
        self._mock = mock
        [self.service] = mock.mock.services.values()
        self._book = book
        self._player = Player(mock.root)
        self._receiver = receiver
        self._numbers = count(1)
        self._services: dict[frozenset[tuple[str, str]], Service] = {}

    def play(self, probe: Probe, options: Mapping[str, str]) -> Sightings:
        """What the probe sees on a mock under these options, in a world that nobody used."""
        name = f"probe-{next(self._numbers)}"
        door, worlds = self._mock.mock.app, self._mock.mock.worlds
        service = self._under(options)
        door.serve_in(name, service)
        try:
            with live_address(self._mock, service, name, probe) as live:
                server = mock_as_server(self._mock, service, name, self._book, self._player, self._receiver, live)
                return play(probe, server)
        finally:
            door.forget_world(name)
            worlds.delete(name)

    def _under(self, options: Mapping[str, str]) -> Service:
        """The API under these options. A document that reads the same is not loaded again."""
        key = frozenset(options.items())
        if key not in self._services:
            self._services[key] = self._loaded(options)
        return self._services[key]

    def _loaded(self, options: Mapping[str, str]) -> Service:
        usual = self.service
        if usual.api.edits(options) != usual.api.edits(usual.choices):
            return self._mock.variant(usual.name, options)
        service = Service(usual.api, usual.spec, Settings(assume=options), usual.user_code)
        service.advise = usual.advise
        return service


def mock_as_server(
    mock: RunningMock,
    service: Service,
    world: str,
    book: ProbeBook,
    player: Player,
    receiver: WebhookReceiver | None = None,
    live: str = "",
) -> ProbedServer:
    """One world of a mock in this process, as a server that probes are played on."""
    address, control = mock.url_of(service.name, world), ControlClient(mock.mock.app, world)
    moved = mock.mock.worlds[world]

    def wait(seconds: float) -> None:
        moved.run(lambda: moved.clock.advance(seconds))
        with moved.lock:
            has_deliveries = len(moved.outbox.deliveries) > 0
        if has_deliveries and seconds >= SHORTEST_SETTLED:
            control.ask("POST", "/outbox/settle", {"timeout": SETTLING})

    return ProbedServer(
        address,
        player,
        {"": own_headers(service), **{name: caller.mock for name, caller in book.callers.items()}},
        query=tuple(service.api.query_keys.values()),
        elsewhere=addresses_elsewhere(service.spec, address, {}),
        wait=wait,
        now=moved.clock.now,
        values={name: value.mock for name, value in book.values.items()},
        receiver=receiver.address if receiver else "",
        arrived=receiver.arrived if receiver else lambda _: (),
        headers=book.headers,
        live=live,
        control=MockControl(control.ask),
    )


@contextmanager
def live_address(mock: RunningMock, service: Service, world: str, probe: Probe) -> Iterator[str]:
    """The address below which a service's live channels are served until the block ends; empty where the probe needs
    none. Raises Unusable where the extra `live` is missing.
    """
    if not any(step.kind == CONNECTED for step in probe.steps):
        yield ""
        return
    try:
        from mockserver.live.live_server import LiveServer
    except ImportError:
        raise Unusable("probes of live channels need the extra `live`: pip install 'mockserver[live]'") from None
    port = free_port("127.0.0.1")
    server = LiveServer({service.name: service}, mock.mock.worlds)
    server.start("127.0.0.1", port)
    try:
        yield f"http://127.0.0.1:{port}/~{world}/{service.name}"
    finally:
        server.stop()


def own_headers(service: Service) -> dict[str, str]:
    """The headers that open the mock of an API for whoever runs the probes."""
    name, value = service.api.credential
    return {**dict(service.api.credentials.values()), **({name: value} if name else {})}


@contextmanager
def option_mocks(options: Options, book: ProbeBook, receiver: WebhookReceiver | None = None) -> Iterator[OptionMocks]:
    """The mocks of the one API that the options select, until the block ends. Raises Unusable."""
    with running(options) as mock:
        yield OptionMocks(mock, book, receiver)
