"""A mock in this process with its live port, and clients of the real Socket.IO library."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import socketio

from mockserver.live.live_server import LiveServer
from mockserver.server import Mock, Options, create_mock
from tests.conftest import Server, free_port
from tests.support import bearer
from tests.vendors.botsubscription_world import OWNER

NAMESPACE = "/v2/live-updates"
PATH = "/v2/live-updates/socket.io/"
PATIENCE = 10


@dataclass
class Listener:
    """One connected client: `heard` are the events that came, each with its payload, in their order."""

    client: socketio.AsyncClient
    heard: "asyncio.Queue[tuple[str, Any]]"

    async def next(self) -> tuple[str, Any]:
        """The next event, as soon as it comes."""
        return await asyncio.wait_for(self.heard.get(), PATIENCE)

    async def say(self, message: Any) -> None:
        """A message to the gateway."""
        await self.client.emit("message", message, namespace=NAMESPACE)

    async def ask(self, message: Any) -> Any:
        """What the gateway answers to a message."""
        await self.say(message)
        event, answer = await self.next()
        assert event == "message"
        return answer

    async def follow(self, channel: str = "targets") -> None:
        """The client follows the channel."""
        assert (await self.ask({"action": "subscribe", "channel": channel}))["type"] == "subscribed"


@dataclass(frozen=True)
class Live:
    """The mock, and where its live clients connect to."""

    mock: Mock
    root: str

    def api(self, world: str) -> httpx.Client:
        """The API itself, in this world, with the documented key."""
        return Server("http://127.0.0.1:4010", self.mock.app).client(f"/~{world}/botsubscription", bearer("YOUR_TOKEN"))

    def admin(self, world: str) -> httpx.Client:
        """The control API of this world."""
        return Server("http://127.0.0.1:4010", self.mock.app).client(f"/~{world}/__admin")

    @asynccontextmanager
    async def connected(
        self,
        world: str,
        *,
        path: str | None = None,
        auth: Any = None,
        transport: str = "websocket",
        headers: dict[str, str] | None = None,
    ) -> AsyncIterator[Listener]:
        """A client that was told that the gateway is ready, as the owner of the documented project."""
        client = socketio.AsyncClient(reconnection=False)
        heard: asyncio.Queue[tuple[str, Any]] = asyncio.Queue()
        client.on("*", lambda event, *sent: heard.put_nowait((event, sent[0])), namespace=NAMESPACE)
        await client.connect(
            self.root,
            socketio_path=f"/~{world}/botsubscription{PATH}" if path is None else path,
            namespaces=[NAMESPACE],
            auth={"token": OWNER, "project_id": "YOUR_PROJECT_ID"} if auth is None else auth,
            transports=[transport],
            headers=headers or {},
            wait_timeout=PATIENCE,
        )
        listener = Listener(client, heard)
        try:
            event, ready = await listener.next()
            assert (event, ready["type"]) == ("message", "ready")
            yield listener
        finally:
            # A polling client would wait for its last poll to be answered, which takes half a minute.
            await (client.disconnect() if transport == "websocket" else client.eio.disconnect(abort=True))


def opened(**assume: str) -> tuple[Live, LiveServer]:
    """A mock with these assumptions switched, and its live port."""
    switched = {f"botsubscription.{name}": option for name, option in assume.items()}
    mock = create_mock(Options(apis=("botsubscription",), assume=switched))
    server, port = LiveServer(mock.services, mock.worlds), free_port()
    server.start("127.0.0.1", port)
    return Live(mock, f"http://127.0.0.1:{port}"), server


@pytest.fixture(scope="module")
def live() -> Iterator[Live]:
    """A mock as it is by default."""
    found, server = opened()
    yield found
    server.stop()


@pytest.fixture
def live_with() -> Iterator[Any]:
    """Mocks with assumptions switched."""
    servers: list[LiveServer] = []

    def start(**assume: str) -> Live:
        found, server = opened(**assume)
        servers.append(server)
        return found

    yield start
    for server in servers:
        server.stop()
