"""Mocks of one API under every option of its assumptions, each in a world of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import count

from mockserver.contract.probe.probe import Probe, ProbeBook
from mockserver.contract.probe.probe_play import Sightings, play
from mockserver.contract.probe.probed_server import ProbedServer, addresses_elsewhere
from mockserver.contract.probe.webhook_receiver import WebhookReceiver
from mockserver.contract.replay.player import Player
from mockserver.engine.pipeline import Service, Settings
from mockserver.server import Options, RunningMock, running
from mockserver.testing.control_client import ControlClient

SETTLING = 10
"""Seconds in which the webhooks have to be delivered that fell due while a mock's time was moved."""


class OptionMocks:
    """A running mock that plays probes under any options of the assumptions of its one API."""

    def __init__(self, mock: RunningMock, book: ProbeBook, receiver: WebhookReceiver | None = None) -> None:
        self._mock = mock
        [self.service] = mock.mock.services.values()
        self._callers = {name: caller.mock for name, caller in book.callers.items()}
        self._values = {name: value.mock for name, value in book.values.items()}
        self._receiver = receiver
        self._numbers = count(1)
        self._player = Player(mock.root)
        self._services: dict[frozenset[tuple[str, str]], Service] = {}

    def play(self, probe: Probe, options: Mapping[str, str]) -> Sightings:
        """What the probe sees on a mock under these options, in a world that nobody used."""
        name = f"probe-{next(self._numbers)}"
        door, worlds = self._mock.mock.app, self._mock.mock.worlds
        door.serve_in(name, self._under(options))
        try:
            return play(probe, self._server(name))
        finally:
            door.forget_world(name)
            worlds.delete(name)

    def _server(self, world: str) -> ProbedServer:
        address = self._mock.url_of(self.service.name, world)
        clock = self._mock.mock.worlds[world].clock
        return ProbedServer(
            address,
            self._player,
            {"": own_headers(self.service), **self._callers},
            query=tuple(self.service.api.query_keys.values()),
            elsewhere=addresses_elsewhere(self.service.spec, address, {}),
            wait=time_passing(self._mock, world),
            now=clock.now,
            values=self._values,
            receiver=self._receiver.address if self._receiver else "",
            arrived=self._receiver.arrived if self._receiver else lambda _: (),
        )

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


def time_passing(mock: RunningMock, world: str) -> Callable[[float], None]:
    """A function that lets seconds pass in a world of a mock at once, with the webhooks that fall due meanwhile."""
    control = ControlClient(mock.mock.app, world)

    def wait(seconds: float) -> None:
        moved = mock.mock.worlds[world]
        moved.run(lambda: moved.clock.advance(seconds))
        with moved.lock:
            has_deliveries = len(moved.outbox.deliveries) > 0
        if has_deliveries:
            control.ask("POST", "/outbox/settle", {"timeout": SETTLING})

    return wait


def own_headers(service: Service) -> dict[str, str]:
    """The headers that open the mock of an API for whoever runs the probes."""
    name, value = service.api.credential
    return {**dict(service.api.credentials.values()), **({name: value} if name else {})}


@contextmanager
def option_mocks(options: Options, book: ProbeBook, receiver: WebhookReceiver | None = None) -> Iterator[OptionMocks]:
    """The mocks of the one API that the options select, until the block ends. Raises Unusable."""
    with running(options) as mock:
        yield OptionMocks(mock, book, receiver)
