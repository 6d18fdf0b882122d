"""Several mocks of one document on one store, each as a process of its own would be."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from mockserver.replica.replica import Replica
from mockserver.server import Mock, Options, create_mock
from mockserver.server.mock import options_in_common
from mockserver.stores.memory_store import MemoryStore, SharedMemory
from mockserver.stores.world_store import WorldStore

DOCUMENT = """
openapi: 3.1.0
info: {title: Tasks, version: "1"}
paths:
  /tasks:
    get:
      operationId: listTasks
      responses:
        "200":
          description: all
          content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Task"}}}}
    post:
      operationId: createTask
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: "#/components/schemas/Task"}}}
      responses:
        "201":
          description: made
          content: {application/json: {schema: {$ref: "#/components/schemas/Task"}}}
  /tasks/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get:
      operationId: getTask
      responses:
        "200":
          description: one
          content: {application/json: {schema: {$ref: "#/components/schemas/Task"}}}
        "404": {description: none}
    put:
      operationId: putTask
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: "#/components/schemas/Task"}}}
      responses:
        "200":
          description: changed
          content: {application/json: {schema: {$ref: "#/components/schemas/Task"}}}
        "404": {description: none}
    delete:
      operationId: deleteTask
      responses: {"204": {description: gone}, "404": {description: none}}
components:
  schemas:
    Task:
      type: object
      required: [title]
      properties:
        id: {type: integer, readOnly: true}
        title: {type: string}
"""


@dataclass(frozen=True)
class Node:
    """A mock on a store, and a client of it."""

    mock: Mock
    client: httpx.Client

    def titles(self, world: str = "default") -> list[str]:
        """The titles of all tasks, as the API lists them."""
        return [task["title"] for task in self.client.get(f"/~{world}/tasks/tasks").json()]

    def create(self, title: str, world: str = "default") -> int:
        """Adds a task, and returns its id."""
        answer = self.client.post(f"/~{world}/tasks/tasks", json={"title": title})
        assert answer.status_code == 201, answer.text
        made: int = answer.json()["id"]
        return made

    def journal(self, world: str = "default") -> list[tuple[int, str, int]]:
        """Number, operation and status of each exchange, oldest first."""
        found = self.client.get(f"/~{world}/__admin/requests", params={"limit": 1000}).json()["requests"]
        return [(one["id"], one["operation"], one["response"]["status"]) for one in reversed(found)]

    def exported(self, world: str = "default") -> object:
        """All that is in the world."""
        found = self.client.get(f"/__admin/worlds/{world}/export").json()
        return {**found, "now": None}


Open = Callable[..., Node]


@pytest.fixture
def document(tmp_path: Path) -> Path:
    """The file that all mocks serve."""
    file = tmp_path / "tasks.yaml"
    file.write_text(DOCUMENT, encoding="utf-8")
    return file


@pytest.fixture
def node(document: Path) -> Iterator[Open]:
    """`node(store, **options)`: a mock on this store, opened as another process would."""
    clients: list[httpx.Client] = []

    def opened(store: WorldStore | None = None, **options: object) -> Node:
        given = Options(**{"apis": (str(document),), "seeds": 0, **options})  # type: ignore[arg-type]
        mock = create_mock(given)
        if store is not None:
            Replica(store).keep(mock.worlds, mock.services, options_in_common(given))
        clients.append(httpx.Client(transport=httpx.WSGITransport(app=mock.app), base_url="http://127.0.0.1:4010"))
        return Node(mock, clients[-1])

    yield opened
    for client in clients:
        client.close()


@pytest.fixture
def shared() -> SharedMemory:
    """What several memory stores have in common."""
    return SharedMemory()


@pytest.fixture
def pair(node: Open, shared: SharedMemory) -> tuple[Node, Node]:
    """Two mocks on one store."""
    return node(MemoryStore(shared)), node(MemoryStore(shared))
