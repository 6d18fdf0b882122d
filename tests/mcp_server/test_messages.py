"""Messages of the protocol as HTTP carries them."""

import asyncio
import json
from pathlib import Path

import httpx
import pytest

from mockserver.server import Options, create_app

HEADERS = {"Accept": "application/json, text/event-stream"}
PETS = str(Path(__file__).parent.parent.parent / "examples" / "pets.yaml")


def message(method, **params):
    """A request of JSON-RPC."""
    return {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}


def test_each_message_is_answered_by_itself(control):
    """No session is begun, and the first message may call a tool."""
    answer = control.post("/mcp", json=message("tools/call", name="get_clock", arguments={}), headers=HEADERS)

    result = answer.json()["result"]
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")
    assert ("Mcp-Session-Id" in answer.headers, result["isError"]) == (False, False)
    assert json.loads(result["content"][0]["text"])["frozen"] is False


def test_a_notification_is_taken(control):
    """It has no answer."""
    answer = control.post("/mcp", json={"jsonrpc": "2.0", "method": "notifications/initialized"}, headers=HEADERS)

    assert (answer.status_code, answer.content) == (202, b"")


def test_the_world_of_the_address_is_meant_unless_a_tool_names_one(control, server, world):
    """An agent that is given an address cannot reach beside it by mistake."""
    stop = message("tools/call", name="freeze_clock", arguments={"body": {}})
    other = message("tools/call", name="get_clock", arguments={"world": f"{world}-other"})

    control.post("/mcp", json=stop, headers=HEADERS)
    asked = control.post("/mcp", json=other, headers={**HEADERS, "Mock-World": "elsewhere"}).json()

    assert control.get("/clock").json()["frozen"] is True
    assert json.loads(asked["result"]["content"][0]["text"])["frozen"] is False


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"content": "{"}, 400),
        ({"content": "[]"}, 422),
        ({"json": {"id": 1, "method": "tools/list"}}, 422),
        ({"json": {"jsonrpc": "2.0", "id": 1, "result": {}}}, 422),
        ({"json": {"jsonrpc": "1.0", "id": 1, "method": "tools/list"}}, 422),
    ],
)
def test_what_is_no_message_is_refused(control, sent, status):
    """As a body of any other operation is."""
    answer = control.post("/mcp", **sent, headers={**HEADERS, "Content-Type": "application/json"})

    assert answer.status_code == status
    assert answer.json()["detail"]


@pytest.mark.parametrize("version", [{}, {"MCP-Protocol-Version": "2026-07-28"}], ids=["handshake", "present"])
def test_a_client_that_takes_no_json_is_told_so(control, version):
    """Whatever version of the protocol it speaks."""
    answer = control.post("/mcp", json=message("tools/list"), headers={"Accept": "text/html", **version})

    assert (answer.status_code, answer.json()["detail"]) == (
        406,
        "A message is answered in application/json, which the header Accept has to take.",
    )


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT"])
def test_nothing_but_a_message_is_taken(control, method):
    """There is no stream to open and no session to end."""
    answer = control.request(method, "/mcp")

    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")


def test_a_method_that_is_none_is_an_error_of_the_protocol(control):
    """It is told to the client, not to the model."""
    answer = control.post("/mcp", json=message("tools/forget"), headers=HEADERS)

    assert answer.json()["error"]["code"] == -32601


def test_a_test_that_runs_in_an_event_loop_may_ask_in_this_process():
    """Where the whole server is a function call, that is made from a thread with a loop of its own."""
    app = create_app(Options(apis=(PETS,)))

    async def ask() -> httpx.Response:
        with httpx.Client(transport=httpx.WSGITransport(app=app), base_url="http://localhost:4010") as client:
            return client.post("/__admin/mcp", json=message("tools/list"), headers=HEADERS)  # noqa: ASYNC212 - meant so

    answer = asyncio.run(ask())

    assert len(answer.json()["result"]["tools"]) == 40
