"""`mockserver serve --live-port`: a port of its own beside that of the API, in the same process."""

import asyncio
import re
import signal
import socket
import subprocess
import sys

import httpx
import pytest
import socketio

from mockserver.problem import Unusable
from mockserver.server import Options, create_mock, live_port
from mockserver.server import port as serving
from tests.conftest import free_port, wait_for
from tests.support import bearer
from tests.vendors.botsubscription_world import OWNER, TARGETS, VIP


def test_the_command_serves_both_ports_and_ends_cleanly():
    """A client hears at one what was asked for at the other; SIGTERM ends both."""
    port, live = free_port(), free_port()
    command = [sys.executable, "-m", "mockserver", "serve", "botsubscription", "--port", str(port)]
    process = subprocess.Popen(
        [*command, "--live-port", str(live)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    root = f"http://127.0.0.1:{port}"
    wait_for(f"{root}/__admin/health", process)

    async def scenario():
        client = socketio.AsyncClient(reconnection=False)
        heard: asyncio.Queue[str] = asyncio.Queue()
        client.on("*", lambda event, _body: heard.put_nowait(event), namespace="/v2/live-updates")
        await client.connect(
            f"http://127.0.0.1:{live}",
            socketio_path="/botsubscription/v2/live-updates/socket.io/",
            namespaces=["/v2/live-updates"],
            auth={"token": OWNER, "project_id": "YOUR_PROJECT_ID"},
            transports=["websocket"],
        )
        await client.emit("message", {"action": "subscribe", "channel": "targets"}, namespace="/v2/live-updates")
        events = [await asyncio.wait_for(heard.get(), 10) for _ in range(2)]
        url = f"{root}/botsubscription{TARGETS}/{VIP}"
        async with httpx.AsyncClient(trust_env=False, headers=bearer("YOUR_TOKEN")) as api:
            await api.patch(url, json={"is_enabled": False})
        events.append(await asyncio.wait_for(heard.get(), 10))
        await client.disconnect()
        return events

    events = asyncio.run(scenario())

    process.send_signal(signal.SIGTERM)
    said, errors = process.communicate(timeout=15)
    assert (events, process.returncode, errors) == (["message", "message", "target.disabled"], 0, "")
    assert re.search(
        rf"^Live updates of botsubscription: .* at http://127.0.0.1:{live}/botsubscription/v2/", said, re.MULTILINE
    )


@pytest.mark.parametrize("missing", ["socketio", "aiohttp"])
def test_without_the_extra_it_is_said(monkeypatch, missing):
    """What is needed, and how to get it."""
    mock = create_mock(Options(apis=("botsubscription",)))
    monkeypatch.setattr(serving, "find_spec", lambda name: None if name == missing else object())

    with pytest.raises(Unusable, match=r"--live-port needs python-socketio and aiohttp; .*extra `live`: pip install"):
        live_port(mock, "127.0.0.1", free_port())


def test_without_live_channels_it_is_said():
    """An API that tells nobody anything needs no such port."""
    mock = create_mock(Options(apis=("vivoldi",)))

    with pytest.raises(Unusable, match="none of vivoldi has live channels"):
        live_port(mock, "127.0.0.1", free_port())


def test_a_taken_live_port_is_said_before_anything_is_served():
    """With the option to change."""
    mock, port = create_mock(Options(apis=("botsubscription",))), free_port()

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()

        with pytest.raises(Unusable, match=f"port {port}: .*choose another with --live-port"):
            live_port(mock, "127.0.0.1", port)
