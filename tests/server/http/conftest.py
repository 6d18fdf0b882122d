"""A document of parcels, served on a port of its own, and clients that write bytes."""

import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Self

import httpx
import pytest

from mockserver.server import Options, running

DOCUMENT = """
openapi: 3.2.0
info: {title: Parcels, version: "1"}
paths:
  /parcels:
    get:
      operationId: listParcels
      parameters:
        - {name: limit, in: query, schema: {type: integer}}
        - {name: text, in: query, schema: {type: string}}
        - {name: ids, in: query, explode: false, schema: {type: array, items: {type: string}}}
        - {name: tags, in: query, schema: {type: array, items: {type: string}}}
      responses:
        "200":
          description: Found.
          content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Parcel"}}}}
        "400": {$ref: "#/components/responses/Refused"}
    post:
      operationId: createParcel
      requestBody:
        required: true
        content:
          application/json: {schema: {$ref: "#/components/schemas/Parcel"}}
          application/x-www-form-urlencoded: {schema: {$ref: "#/components/schemas/Parcel"}}
      responses:
        "201":
          description: Made.
          headers: {Location: {schema: {type: string, format: uri-reference}}}
          content: {application/json: {schema: {$ref: "#/components/schemas/Parcel"}}}
        "400": {$ref: "#/components/responses/Refused"}
    additionalOperations:
      WEIGH:
        operationId: weighParcels
        responses:
          "200":
            description: Weighed.
            content: {application/json: {schema: {type: object}, example: {grams: 7}}}
  /parcels/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get:
      operationId: getParcel
      responses:
        "200":
          {description: It., content: {application/json: {schema: {$ref: "#/components/schemas/Parcel"}}}}
        "400": {$ref: "#/components/responses/Refused"}
        "404": {$ref: "#/components/responses/Refused"}
    put:
      operationId: putParcel
      requestBody:
        {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/Parcel"}}}}
      responses:
        "200":
          {description: It., content: {application/json: {schema: {$ref: "#/components/schemas/Parcel"}}}}
    delete:
      operationId: deleteParcel
      responses: {"204": {description: Gone.}}
components:
  responses:
    Refused:
      description: Refused.
      content:
        application/json:
          schema: {type: object, required: [reason], properties: {reason: {type: string}}, additionalProperties: false}
  schemas:
    Parcel:
      type: object
      required: [name]
      properties: {id: {type: string}, name: {type: string}}
"""


class Wire:
    """A server, and clients of it that are closed at the end."""

    def __init__(self, root: str) -> None:
        self.root = root
        self.port = int(root.rpartition(":")[2])
        self._clients = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._clients.close()

    def connect(self, sent: bytes = b"", receives: int = 0) -> socket.socket:
        """A client that sent this; it `receives` only so many bytes before it reads."""
        client = self._clients.enter_context(socket.socket())
        client.settimeout(10)
        if receives:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receives)
        client.connect(("127.0.0.1", self.port))
        client.sendall(sent)
        return client

    def talk(self, *pieces: bytes) -> bytes:
        """All that is answered to a client that then closes its side."""
        with self.connect() as client:
            for piece in pieces:
                client.sendall(piece)
            client.shutdown(socket.SHUT_WR)
            return rest_of(client)

    def names(self) -> list[str]:
        """The names of all parcels."""
        return [parcel["name"] for parcel in httpx.get(f"{self.root}/parcels").json()]


def rest_of(client: socket.socket) -> bytes:
    """All that comes until the connection ends."""
    parts = []
    while part := client.recv(65536):
        parts.append(part)
    return b"".join(parts)


def posted(name: str, head: bytes = b"") -> bytes:
    """A request that makes a parcel."""
    body = json.dumps({"name": name}).encode()
    return POST + head + b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


HOST = b"Host: localhost\r\n"
GET = b"GET /parcels HTTP/1.1\r\n" + HOST + b"\r\n"
JSON = b"Content-Type: application/json\r\n"
POST = b"POST /parcels HTTP/1.1\r\n" + HOST + JSON


@pytest.fixture(scope="package")
def document(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The document as a file."""
    path = tmp_path_factory.mktemp("wire") / "parcels.yaml"
    path.write_text(DOCUMENT)
    return path


@pytest.fixture(scope="package")
def served(document: Path) -> Iterator[Wire]:
    """The mock on a port, for all tests that leave it as it is."""
    with running(Options(apis=(str(document),))) as mock, Wire(mock.root) as wire:
        yield wire


@pytest.fixture
def alone(document: Path) -> Iterator[Wire]:
    """The mock on a port, for one test."""
    with running(Options(apis=(str(document),))) as mock, Wire(mock.root) as wire:
        yield wire
