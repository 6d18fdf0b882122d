"""Taskly: tasks that are changed many at a time, and who is told when one is closed."""

from typing import Any

from mockserver import (
    Api,
    ApiState,
    Call,
    CollectionSpec,
    Guard,
    Headers,
    Limit,
    Problem,
    Record,
    Response,
    Webhooks,
    Window,
    digest,
)


def update_tasks(call: Call, state: ApiState) -> Response:
    """Each patch stands alone: what can be changed is changed, the rest is reported in its place."""
    ids = [patch["id"] for patch in call.body["tasks"]]
    if len({*ids}) < len(ids) and call.assume("duplicate-ids") == "refuse":
        raise Problem(409, "A task is named twice.", code="duplicate_id")
    results = [update_task(patch, state) for patch in call.body["tasks"]]
    failed = sum("error" in result for result in results)
    return Response(207 if failed else 200, {"results": results, "failed": failed})


def update_task(patch: dict[str, Any], state: ApiState) -> dict[str, Any]:
    """The task as it is now, or why it is as it was."""
    tasks = state["tasks"]
    try:
        with state.transaction():
            before = tasks[patch["id"]]
            task = tasks.update(patch["id"], patch)
            if task["done"] and tasks.where(parent=task["id"], done=False):
                raise Problem(409, "Close its subtasks first.", code="open_subtasks")
    except Problem as problem:
        return {"id": patch["id"], "error": error_body(problem)}
    if task["done"] and not before["done"]:
        announce(task, state)
    return {"id": task["id"], "task": task}


def announce(task: Record, state: ApiState) -> None:
    """Every hook is told, as soon as the request has succeeded; again after a minute, and after five."""
    for hook in state["hooks"]:
        state.outbox.put(
            event="task.closed",
            url=hook["url"],
            body={"event": "task.closed", "task": task},
            endpoint=hook["id"],
            secret=hook["secret"],
            delays=(60, 300),
        )


def sign(delivery: Record, _at: float) -> Headers:
    """The signature is over the very bytes of the body."""
    return (("Taskly-Signature", f"sha256={digest(delivery)}"),)


def error_body(problem: Problem) -> dict[str, Any]:
    """How Taskly says what went wrong."""
    body: dict[str, Any] = {"code": problem.code.replace("-", "_"), "message": problem.detail}
    return body | {"fields": [*map(str, problem.violations)]} if problem.violations else body


def render(problem: Problem, _call: Call) -> Response:
    """Every error is inside an envelope."""
    challenge = (("WWW-Authenticate", "Bearer"),) if problem.status == 401 else ()
    return Response(problem.status, {"error": error_body(problem)}, challenge)


HANDLERS = {"updateTasks": update_tasks}

API = Api(
    handlers=HANDLERS,
    collections={
        "workspaces": CollectionSpec("id"),
        "keys": CollectionSpec("key"),
        "tasks": CollectionSpec("id", schema="Task"),
        "hooks": CollectionSpec("id", schema="Hook"),
    },
    render=render,
    invalid_status=400,
    guard=Guard("Bearer", credentials="keys", owner=("workspaces", "workspace"), scopes="scopes"),
    limits=(Limit("minute", per="owner", size={"free": 60, "team": 600}, plan="plan", meter=Window(60)),),
    webhooks=Webhooks(sign=sign),
    credential=("Authorization", "Bearer home-key"),
)
