"""What the to-do list of `todo.yaml` means, and a way to serve it in this process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx

from mockserver.control import Access, ServerStatus, create_control
from mockserver.engine.api import Api, CollectionSpec
from mockserver.engine.assumptions import Assumption
from mockserver.engine.call import Call
from mockserver.engine.fixture_records import read_fixtures
from mockserver.engine.service import Service, Settings
from mockserver.engine.steps.authenticate import Guard
from mockserver.engine.webhooks.courier import Courier
from mockserver.engine.webhooks.destination import allow
from mockserver.engine.webhooks.rules import Webhooks
from mockserver.json_text import Json
from mockserver.messages import Headers, Response
from mockserver.openapi.model.document import load
from mockserver.problem import Problem
from mockserver.state.records.record import Record
from mockserver.state.world import ApiState, World
from mockserver.state.worlds import Worlds
from mockserver.web.door import Door

HERE = Path(__file__).parent
SPEC = load(HERE / "todo.yaml", "todo")

# Tasks


def list_tasks(call: Call, state: ApiState) -> Json:
    """The tasks, and what the parameters were read as."""
    return {"tasks": state["tasks"].list(), "read": {**call.query, **call.header}}


def create_task(call: Call, state: ApiState) -> Response:
    """The task has the next free number."""
    number = max((task["id"] for task in state["tasks"]), default=0) + 1
    task = state["tasks"].insert({"id": number, "done": False, **call.body})
    return Response(201, task, (("Location", f"/tasks/{number}"),))


def update_tasks(call: Call, state: ApiState) -> Json:
    """All of them are changed, or none."""
    state["tasks"].update_all(call.body["ids"], {"done": call.body["done"]})
    return {"updated": len(call.body["ids"])}


def get_task(call: Call, state: ApiState) -> Json:
    """One task."""
    return state["tasks"][call.path["task-id"]]


def delete_task(call: Call, state: ApiState) -> Response:
    """One task less."""
    state["tasks"].delete(call.path["task-id"])
    return Response(204)


def move_task(call: Call, _state: ApiState) -> Json:
    """Only says what it was asked."""
    return {"body": call.body, "zone": call.query["zone"], "reason": call.header["X-Reason"]}


def echo(call: Call, _state: ApiState) -> Json:
    """What was sent."""
    return call.body


# People


def visit_list(call: Call, _state: ApiState) -> Response:
    """A page."""
    return Response(200, b"<p>" + call.path["list"].encode(), (("Content-Type", "text/html; charset=utf-8"),))


def sign_list(call: Call, _state: ApiState) -> Json:
    """The form."""
    return call.body


# Trouble

WELL = (("Tasks-Open", "2"),)
TROUBLE: Mapping[str, Json] = {
    "none": Response(200, {"ok": True}, WELL),
    "nothing": Response(204),
    "next": Response(200, {"ok": True}, (*WELL, ("Tasks-Next", "2026-01-31"), ("Undeclared", "is fine"))),
    "status": Response(202, {"ok": True}, WELL),
    "body": Response(200, {"ok": "yes", "extra": 1}, WELL),
    "no-body": Response(200, None, WELL),
    "no-header": {"ok": True},
    "bad-header": Response(200, {"ok": True}, (("Tasks-Open", "-1"), ("Tasks-Next", "soon"))),
    "media-type": Response(200, {"ok": True}, (("Content-Type", "application/xml"), *WELL)),
    "bytes": Response(200, b"plain", (("Content-Type", "text/plain"), *WELL)),
    "unwritable": Response(200, {"ok": {1, 2}}, WELL),
    "unprintable": Response(200, {"ok": "Fl\u00fcge\r\nSet-Cookie: a=b"}, WELL),
}


def make_trouble(call: Call, state: ApiState) -> Json:
    """Whatever goes wrong goes wrong after something was written."""
    kind = call.path["kind"]
    state["tasks"].insert({"id": 99, "title": "Half done", "done": False})
    if kind == "problem":
        raise Problem(409, "Not today.", code="busy")
    if kind == "crash":
        raise RuntimeError("the shelf fell down")
    if kind == "assume":
        call.assume("weekend")
        call.assume("holiday")
        call.assume("weekend")
        kind = "none"
    return TROUBLE[kind]


# How the to-do list speaks


def render(problem: Problem, _call: Call) -> Response:
    """`code`, `detail`, and the violations one a line."""
    body: dict[str, Any] = {"code": problem.code, "detail": problem.detail}
    if problem.violations:
        body["violations"] = [*map(str, problem.violations)]
    challenge = (("WWW-Authenticate", "Bearer"),) if problem.status == 401 else ()
    return Response(problem.status, body, (("Content-Type", "application/problem+json"), *challenge))


def budgets(call: Call) -> Headers:
    """What is left of each limit: `Left-Calls: 2 of 3`."""
    return tuple((f"Left-{name.title()}", f"{left.remaining} of {left.limit}") for name, left in call.budget.items())


def refuse_expired(key: Record, _call: Call) -> None:
    """An expired key says so."""
    if key.get("expired"):
        raise Problem(401, "This key has expired.", code="expired")


OPTIONS = {"on": "It is.", "off": "It is not."}
ASSUMPTIONS = tuple(
    Assumption(name, f"Is {name} what it is taken for?", OPTIONS, "on", "Ask.")
    for name in ("weekend", "holiday", "scheme-case", "order", "refused-calls")
)
FREE = Assumption("refused-calls", "What costs a refused call?", {"count": "One.", "free": "Nothing."}, "count", "Ask.")
MEDIA = Assumption(
    "media", "Is the media type looked at?", {"refuse": "It is.", "ignore": "It is not."}, "ignore", "Ask."
)

HANDLERS: Mapping[str, Callable[[Call, ApiState], Json]] = {
    "listTasks": list_tasks,
    "createTask": create_task,
    "updateTasks": update_tasks,
    "getTask": get_task,
    "deleteTask": delete_task,
    "moveTask": move_task,
    "echo": echo,
    "visitList": visit_list,
    "signList": sign_list,
    "makeTrouble": make_trouble,
}

API = Api(
    name="todo",
    handlers=HANDLERS,
    collections={
        "users": CollectionSpec("name"),
        "keys": CollectionSpec("key"),
        "tasks": CollectionSpec("id", schema="Task"),
    },
    render=render,
    guard=Guard("Bearer", "keys", owner=("users", "user"), scopes="scopes", check=refuse_expired),
    headers=budgets,
    assumptions=ASSUMPTIONS,
    credential=("Authorization", "Bearer ann-1"),
)

# Serving it


@dataclass(frozen=True)
class Todo:
    """A to-do list being served: `client` calls with Ann's key; `world` is what it remembers, one of `worlds`."""

    door: Door
    client: httpx.Client
    world: World
    worlds: Worlds

    @property
    def tasks(self) -> list[Record]:
        """The tasks as they are kept."""
        return self.world.of("todo")["tasks"].list()

    @property
    def last(self) -> Any:
        """The last exchange of the journal."""
        return [*self.world.journal][-1]


def serve(settings: Settings | None = None, **changes: Any) -> Todo:
    """The to-do list, with some members of its Api changed, behind a door of its own."""
    api = replace(API, **changes)
    service = Service(api, SPEC, settings or Settings())
    courier = Courier({"todo": api.webhooks or Webhooks()}, allow(()))
    worlds = Worlds({"todo": read_fixtures(api, HERE / "todo-records.yaml")}, seed=1, listener=courier.notice)
    services = {"todo": service}
    status = ServerStatus(attempts=courier.outcomes)
    door = Door(services, worlds, create_control(services, worlds, Access("", loopback=True), status=status))
    client = httpx.Client(
        transport=httpx.WSGITransport(app=door),
        base_url="http://127.0.0.1:4010/todo/v1",
        headers=dict([API.credential]),
    )
    return Todo(door, client, worlds["default"], worlds)
