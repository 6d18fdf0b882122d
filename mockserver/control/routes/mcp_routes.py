"""The control API as tools of the Model Context Protocol: each call of a tool is a request to this server."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from urllib.parse import quote, unquote

from mockserver.control.scope import PREFIX, ControlScope, Handler
from mockserver.control.wsgi_environ import Environ, environ_without_fields, field_text
from mockserver.engine.call import Call
from mockserver.engine.steps.validate import JSON_TYPE
from mockserver.mcp_server.tool_call import ControlReply, ControlRequest
from mockserver.mcp_server.tool_schemas import ToolPlan, plan_tools
from mockserver.messages import Request, Response
from mockserver.problem import Problem

_planned: dict[str, ToolPlan] = {}
"""The tools, which depend on the document of the control API alone; made at their first use."""


def answer_mcp(call: Call, scope: ControlScope) -> Response:
    """Returns the answer to one message of the protocol. Raises Problem 406, or 501 where its SDK is not installed."""
    try:
        from mockserver.mcp_server.message_exchange import Message, answer_message
    except ImportError as error:
        raise Problem(
            501,
            f"The tools for agents need the Python package `mcp` ({error}), which comes with the extra of this name: "
            "pip install 'mockserver[mcp]', and start the server anew.",
        ) from None
    if not _planned:
        _planned.update(plan_tools(scope.spec.document))
    message = Message(call.request.headers, call.request.body)
    status, content = answer_message(message, _planned, partial(_ask, call.request, scope))
    if status == 406:
        raise Problem(406, "A message is answered in application/json, which the header Accept has to take.")
    return Response(status, content or None, (("Content-Type", JSON_TYPE),) if content else ())


def tells_errors_itself(request: Request) -> bool:
    """Whether it is a message of the protocol: an agent is told by its tool that a store is away, say."""
    return request.path == f"{PREFIX}/mcp"


def _ask(message: Request, scope: ControlScope, asked: ControlRequest) -> ControlReply:
    """The answer of this server to a request of whoever sent the message, with the credentials that came with it."""
    begun: list[str] = []
    parts = scope.door(_environ(message, scope, asked), lambda status, _headers, *_: begun.append(status))
    content = b"".join(parts)
    return ControlReply(int(begun[0][:3]), content)


def _environ(message: Request, scope: ControlScope, asked: ControlRequest) -> Environ:
    path = f"/~{quote(asked.world or scope.world.name, safe='')}{PREFIX}{asked.path}"
    scheme, _, host = scope.site.partition("://")
    environ = environ_without_fields(asked.method, asked.query, host, message.address, asked.body or b"", scheme)
    environ |= {"PATH_INFO": unquote(path).encode().decode("latin-1"), "RAW_URI": path}
    for field, value in message.headers.items():
        if field.lower() not in _OF_THE_MESSAGE:
            environ[f"HTTP_{field.upper().replace('-', '_')}"] = field_text(value)
    if asked.body is not None:
        environ |= {"CONTENT_TYPE": JSON_TYPE, "CONTENT_LENGTH": str(len(asked.body))}
    return environ


_OF_THE_MESSAGE = frozenset({
    "accept", "connection", "content-encoding", "content-length", "content-type", "mock-world", "transfer-encoding",
})  # fmt: skip
"""Header fields that say something of the message, not of who sent it."""

UNLOCKED: Mapping[str, Handler] = {"answerMcp": answer_mcp}
"""A call of a tool takes the lock of its world by itself."""
