"""A to-do list that sends webhooks, for every test about them."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from typing import Any

import httpx

from mockserver.engine.call import Call
from mockserver.engine.webhooks.rules import Webhooks
from mockserver.json_text import Json
from mockserver.messages import Headers, Response
from mockserver.state.records.record import Record
from mockserver.state.world import ApiState, World
from tests.engine.todo import HANDLERS, Todo, create_task, make_trouble, serve

NEW_YEAR = 1_767_225_600.0
BODY = b'{"task":5}'


def sign(delivery: Record, at: float) -> Headers:
    """How the to-do list signs."""
    content = f"{at:.0f}.{delivery['body']}".encode()
    digest = hmac.new(delivery["secret"].encode(), content, hashlib.sha256).hexdigest()
    return (("Todo-Event", delivery["event"]), ("Todo-Signature", f"t={at:.0f},v1={digest}"))


def verdict(_delivery: Record, status: int) -> str:
    """2xx is a delivery, 410 is an end, all else is tried again."""
    return "delivered" if status < 300 else "drop" if status == 410 else "retry"


@dataclass
class Hooked:
    """A to-do list that tells of each new task: `puts` are the deliveries of the next one."""

    webhooks: Webhooks = field(default_factory=lambda: Webhooks(sign, verdict))
    puts: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        handlers = {**HANDLERS, "createTask": self._create, "makeTrouble": self._fail}
        self.todo: Todo = serve(handlers=handlers, webhooks=self.webhooks)
        self.world.clock.freeze(NEW_YEAR)

    def _create(self, call: Call, state: ApiState) -> Response:
        self._put(state)
        return create_task(call, state)

    def _fail(self, call: Call, state: ApiState) -> Json:
        self._put(state)
        return make_trouble(call, state)

    def _put(self, state: ApiState) -> None:
        for put in self.puts:
            usual: dict[str, Any] = {
                "event": "task.created",
                "body": BODY,
                "secret": "s3cret",
                "delays": (60, 300),
                "timeout": 5.0,
            }
            state.outbox.put(**usual | put)

    @property
    def world(self) -> World:
        """What the default world remembers."""
        return self.todo.world

    @property
    def last(self) -> Record:
        """The newest delivery as it now stands."""
        return self.world.outbox.deliveries.list()[-1]

    def create(self, *puts: dict[str, Any], path: str = "/tasks", world: str = "default") -> httpx.Response:
        """A task is created, which puts these deliveries."""
        self.puts = [*puts]
        return self.todo.client.post(path, json={"title": "Wash"}, headers={"Mock-World": world})

    def settle(self, world: World | None = None) -> None:
        """Everything that is due has been sent, and what came of it is written down."""
        world = world or self.world
        with world.outbox.changed:
            until = world.clock.now()
            assert world.outbox.changed.wait_for(lambda: not world.outbox.unsent(until), 10)

    def advance(self, seconds: float) -> None:
        """World time is later, and what became due has been sent."""
        with self.world.lock:
            self.world.clock.advance(seconds)
        self.settle()
