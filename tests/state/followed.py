"""A mock whose every request is done, taken back and done again, and whose commits another mock receives as bytes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from mockserver.codec.commit_codec import commit_of_bytes, commit_to_bytes, content_of_bytes, content_to_bytes
from mockserver.messages import Exchange
from mockserver.server import Options
from mockserver.server.mock import Mock, create_mock
from mockserver.state.commits import request_commits
from mockserver.state.commits.contents import begin_from, content_of, receive
from mockserver.state.world import World, no_listener

NAME = "w"

SHOP = {
    "openapi": "3.1.0",
    "info": {"title": "Shop", "version": "1"},
    "servers": [{"url": "https://shop.example"}],
    "paths": {
        "/orders": {
            "get": {"responses": {"200": {"description": "All.", "content": {"application/json": {"schema": {
                "type": "array", "items": {"$ref": "#/components/schemas/Order"}}}}}}},
            "post": {
                "requestBody": {"required": True, "content": {"application/json": {
                    "schema": {"$ref": "#/components/schemas/Order"}}}},
                "responses": {"201": {"description": "Made.", "content": {"application/json": {
                    "schema": {"$ref": "#/components/schemas/Order"}}}}},
            },
        },
        "/orders/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}],
            "get": {"responses": {
                "200": {
                    "description": "One.",
                    "headers": {name: {"schema": {"type": "string"}} for name in ("ETag", "Last-Modified")},
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}},
                },
                "404": {"description": "None."},
            }},
            "patch": {
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}}},
                "responses": {"200": {"description": "Kept.", "content": {"application/json": {
                    "schema": {"$ref": "#/components/schemas/Order"}}}}, "404": {"description": "None."}},
            },
            "delete": {"responses": {"204": {"description": "Gone."}, "404": {"description": "None."}}},
        },
    },
    "components": {"schemas": {"Order": {"type": "object", "properties": {
        "id": {"type": "integer"}, "title": {"type": "string"}, "total": {"type": "number"}}}}},
}  # fmt: skip


@dataclass
class Followed:
    """A mock, and its `follower` that receives what each request in the world `w` did. `wrong` tells where a request
    that was taken back left something, or was answered otherwise when it was done again.
    """

    mock: Mock
    follower: Mock
    wrong: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.world = self.mock.worlds[NAME]
        self.world.runner = self
        self.copy = self.follower.worlds[NAME]

    def send(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """The answer of the mock."""
        return sent(self.mock, method, path, body, headers)

    def settle(self) -> None:
        """Waits until nothing is on its way."""
        self.send("POST", "/__admin/outbox/settle", {"timeout": 5})

    def waits(self, _world: World) -> bool:
        """Nothing has to be waited for."""
        return False

    def may_send(self, _world: World, _seconds: float) -> bool:
        """Nobody else sends."""
        return True

    is_owing = False

    def defer(self, work: Callable[[], Any]) -> Any:
        """Nothing is deferred."""
        return work()

    def keep_deferred(self) -> None:
        """Nothing was deferred."""

    def run(self, world: World, work: Callable[[], Any]) -> Any:
        """Does the work, takes it back, does it again, and has the follower receive its commit."""
        with world.lock:
            if request_commits.is_in_progress(world):
                return work()
            before = state_of(world)
            request_commits.begin(world)
            first = outcome_of(work)
            request_commits.take_back_all(world)
            if state_of(world) != before:
                self.wrong.append(("left behind", difference(before, state_of(world))))
            request_commits.begin(world)
            try:
                second = outcome_of(work, raises=True)
            finally:
                commit = request_commits.commit_of(world)
                request_commits.settle(world)
                receive(self.copy, commit_of_bytes(commit_to_bytes(commit)))
            is_comparable = isinstance(second, Exchange) and world.clock.is_frozen  # Else it was asked a moment later.
            if is_comparable and told(first) != told(second):
                self.wrong.append(("done again", told(first), told(second)))
            return second


def two_mocks(folder: Path) -> tuple[Mock, Mock]:
    """Two mocks of the same APIs; what the first one sends is not sent by the second too."""
    document = folder / "shop.json"
    document.write_text(json.dumps(SHOP))
    options = Options(apis=("xqr", "botsubscription", str(document)), seed=7, journal=20)
    mock, follower = create_mock(options), create_mock(options)
    follower.worlds._listener = no_listener  # noqa: SLF001 - there is no option for it
    return mock, follower


def end(mocks: tuple[Mock, Mock]) -> None:
    """Both have no world `w` any more."""
    for mock in mocks:
        if NAME in mock.worlds:
            mock.worlds.delete(NAME)
        mock.worlds.snapshots.clear()


def sent(
    mock: Mock, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
) -> httpx.Response:
    """The answer of the mock in the world `w`."""
    with httpx.Client(transport=httpx.WSGITransport(app=mock.app), base_url="http://127.0.0.1:4010") as client:
        return client.request(method, f"/~{NAME}{path}", json=body, headers=headers)


def state_of(world: World) -> tuple[Any, ...]:
    """All that a world has: its content, by places and keys, and its journal."""
    content = content_of(world)
    parts = ({(place, repr(key)): value for place, key, value in part} for part in content)
    return (*parts, [exchange.id for exchange in world.journal], [dict(record) for record in world.outbox.deliveries])


def difference(before: tuple[Any, ...], after: tuple[Any, ...]) -> list[Any]:
    """Where two states differ."""
    return [(one, other) for one, other in zip(before, after, strict=True) if one != other]


def copied(world: World) -> World:
    """A world that begins with the written content of another one."""
    other = World(world.name, world.fixtures, seed=world.chance.seed)
    begin_from(other, content_of_bytes(content_to_bytes(content_of(world))))
    return other


def outcome_of(work: Callable[[], Any], *, raises: bool = False) -> Any:
    """What the work returns, or else what it raised."""
    try:
        return work()
    except Exception as error:
        if raises:
            raise
        return error


def told(exchange: Any) -> Any:
    """The exchange, without how long it took."""
    return exchange._replace(took=0.0, delivery=None) if isinstance(exchange, Exchange) else exchange
