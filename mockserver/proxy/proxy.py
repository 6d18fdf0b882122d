"""Puts a proxy together: the mock of one API in front of an upstream."""

from __future__ import annotations

import logging
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mockserver.problem import Unusable
from mockserver.proxy.forwarder import Forwarder
from mockserver.proxy.proxied_service import ProxiedService
from mockserver.proxy.proxy_server import ProxyDoor, ProxyServer
from mockserver.proxy.recording.recorder import Recorder, recorder
from mockserver.proxy.upstream import Upstream
from mockserver.proxy.upstream_address import upstream_address
from mockserver.server import Mock, Options, create_mock
from mockserver.web.door import Door

SECONDS: Final = 60.0
"""How long the upstream may be silent."""


@dataclass(frozen=True, slots=True)
class Proxy:
    """The mock of one API, and the upstream in front of which it stands."""

    mock: Mock
    upstream: Upstream
    forwarder: Forwarder
    recorder: Recorder | None = None

    @property
    def name(self) -> str:
        """The name of the API."""
        return next(iter(self.mock.services))

    def server(self, door: Door, listening: socket.socket) -> ProxyServer:
        """The server of this proxy on a socket."""
        return ProxyServer(self.forwarder, door, listening)

    def refuse_itself(self, host: str, port: int) -> None:
        """Raises Unusable where the upstream is the address that the proxy listens on."""
        if self.upstream.address.is_at(host, port):
            raise Unusable(
                f"the upstream {self.upstream.address} is this proxy itself; listen on another port with --port, or "
                "name the server that is meant"
            )


def create_proxy(
    options: Options,
    upstream: str,
    *,
    timeout: float = SECONDS,
    fallback: frozenset[int] = frozenset(),
    record: str = "",
    keep_host: bool = False,
) -> Proxy:
    """The proxy of one API in front of an upstream, which records into the folder `record`, if one is named. Raises
    Unusable.
    """
    logging.getLogger("urllib3").setLevel(logging.ERROR)  # What it warns of is told as a failure of the upstream.
    asked = Upstream(upstream_address(upstream), timeout)
    mock = create_mock(options, ProxyDoor, ProxiedService)
    recording = None
    if record:
        [service] = mock.services.values()
        assert isinstance(service, ProxiedService)
        recording = recorder(service, Path(record))
        mock.worlds.watch(recording.put)
    return Proxy(mock, asked, Forwarder(asked, fallback, keep_host), recording)
