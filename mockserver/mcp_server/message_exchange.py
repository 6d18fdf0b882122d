"""Answers one message of the Model Context Protocol by the official SDK, without a session.

The SDK is made for an ASGI server. Each POST is complete in itself, so it gets an event loop of its own for as long as
it takes, in the thread that answers it anyway: nothing runs between two messages, and nothing is shared by them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import mcp_types as types
from mcp.server.lowlevel import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

from mockserver import __version__
from mockserver.mcp_server.tool_call import Ask, use_tool
from mockserver.mcp_server.tool_schemas import ToolPlan

INSTRUCTIONS = (
    "A fake backend made of OpenAPI documents. list_apis tells the addresses and credentials to send requests to, "
    "list_operations what answers each of them. Each tool takes a `world`: records, clock, faults and journal of its "
    "own; create_world or fork_world makes one for a test, with an address of its own. add_fault, add_stub and "
    "add_next_answer break what the code under test sees; verify_requests tells whether it asked as it should."
)


class Message(NamedTuple):
    """The message that a client posted."""

    headers: Mapping[str, str]
    body: bytes


class MessageAnswer(NamedTuple):
    """The answer to a message; that to a notification has no content."""

    status: int
    content: bytes


def answer_message(message: Message, tools: Mapping[str, ToolPlan], ask: Ask) -> MessageAnswer:
    """The answer to one message; a tool that it calls is used with `ask`. May be called in a thread with an event
    loop.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return _run(message, tools, ask)
    with ThreadPoolExecutor(1) as beside:
        return beside.submit(_run, message, tools, ask).result()


def _run(message: Message, tools: Mapping[str, ToolPlan], ask: Ask) -> MessageAnswer:
    # With a factory the runner leaves the event loop of the thread, which is its owner's, as it is.
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        return runner.run(_exchange(message, _server(tools, ask)))


def _server(tools: Mapping[str, ToolPlan], ask: Ask) -> Server[Any]:
    async def list_tools(_context: Any, _params: types.PaginatedRequestParams | None) -> types.ListToolsResult:
        return types.ListToolsResult(tools=[_tool(plan) for plan in tools.values()])

    async def call_tool(_context: Any, params: types.CallToolRequestParams) -> types.CallToolResult:
        plan = tools.get(params.name)
        if plan is None:
            return _result(f"There is no tool {params.name[:80]!r}; there are {', '.join(tools)}.", failed=True)
        answer = use_tool(plan, params.arguments or {}, ask)
        return _result(*answer.texts, failed=answer.failed)

    return Server(
        "mockserver",
        version=__version__,
        instructions=INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


def _tool(plan: ToolPlan) -> types.Tool:
    return types.Tool(
        name=plan.name,
        description=plan.description,
        input_schema=dict(plan.schema),
        annotations=types.ToolAnnotations(
            read_only_hint=plan.reads, destructive_hint=plan.destroys, open_world_hint=False
        ),
    )


def _result(*texts: str, failed: bool) -> types.CallToolResult:
    return types.CallToolResult(content=[types.TextContent(type="text", text=text) for text in texts], is_error=failed)


async def _exchange(message: Message, server: Server[Any]) -> MessageAnswer:
    """Has the SDK answer, which is told by the way of ASGI what was asked."""
    waiting = [{"type": "http.request", "body": message.body, "more_body": False}]
    status, parts = 500, list[bytes]()

    async def receive() -> dict[str, Any]:
        if waiting:
            return waiting.pop()
        await asyncio.Event().wait()  # The client stays until it has its answer.
        return {"type": "http.disconnect"}

    async def send(event: Any) -> None:
        nonlocal status
        if event["type"] == "http.response.start":
            status = event["status"]
        else:
            parts.append(event.get("body", b""))

    # The server has checked who asks and how much was sent.
    manager = StreamableHTTPSessionManager(
        server, json_response=True, stateless=True, max_request_body_size=len(message.body) + 1
    )
    async with manager.run():
        await manager.handle_request(_scope(message), receive, send)
    return MessageAnswer(status, b"".join(parts))


def _scope(message: Message) -> dict[str, Any]:
    headers = [(name.lower().encode(), value.encode("latin-1", "replace")) for name, value in message.headers.items()]
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/mcp",
        "raw_path": b"/mcp",
        "root_path": "",
        "query_string": b"",
        "headers": headers,
        "client": None,
        "server": None,
    }
