"""A server that probes are played on: where it is, who calls it, how its time passes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from secrets import token_hex
from time import sleep
from typing import Final
from urllib.parse import urlsplit
from uuid import uuid4

from mockserver.contract.probe.look import TimedAnswer
from mockserver.contract.probe.target.mock_control import MockControl
from mockserver.contract.probe.webhook_receiver import ArrivedWebhook
from mockserver.contract.replay.player import PlayedAnswer, Player, RequestAsSent
from mockserver.engine.timestamps import epoch_seconds
from mockserver.json_text import Json, encode
from mockserver.openapi.model.document import Document
from mockserver.problem import Unusable
from mockserver.state.clock import machine_time

LONGEST_RETRY_AFTER: Final = 120.0
"""Seconds that a 429 may ask to wait; a probe that would have to wait longer is unclear."""
MOST_RETRIES: Final = 3
"""How often a request is sent again after a 429."""

LONGEST_WAIT: Final = 120.0
"""Seconds that one step may wait on a server whose time cannot be moved, unless the user says otherwise."""

TOO_FEW: Final = 408
"""The status of what stands for an answer, where fewer webhooks or events came than were waited for."""
_USUAL_WAIT: Final = 2.0
_FIRST_LOOK: Final = 0.25
"""Seconds until it is looked again whether a webhook came; each further look comes after twice as many."""


class NotReached(Exception):
    """A request could not be sent, or was not answered; the text says why."""


@dataclass(frozen=True)
class ProbedServer:
    """One server for one probe.

    `address` is where the document's paths begin, `elsewhere` maps the addresses of further servers of the document to
    where they are. `callers` maps names to the headers that they send, the empty name to those of whoever runs the
    probes; `query` is sent with each request. `wait` lets seconds pass on the server, `now` is its time, and `pause`
    the seconds before each request. `receiver` is the address to which it may send webhooks, those of `arrived`; empty:
    none. `values` are what the user says of it. `headers` are sent with each request, unless a caller or a step has
    others. `live` is the address in whose place the paths of live channels begin. `control` is the control API where
    the server is a mock, in a world of its own; its time is moved, and all others are waited for, though no step waits
    longer than `longest_wait` seconds.
    """

    address: str
    player: Player
    callers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    query: Sequence[tuple[str, str]] = ()
    elsewhere: Mapping[str, str] = field(default_factory=dict)
    wait: Callable[[float], None] = sleep
    now: Callable[[], float] = machine_time
    pause: float = 0.0
    receiver: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    arrived: Callable[[str], Sequence[ArrivedWebhook]] = lambda _: ()
    headers: Mapping[str, str] = field(default_factory=dict)
    live: str = ""
    control: MockControl | None = None
    longest_wait: float = LONGEST_WAIT
    unique: str = field(default_factory=lambda: f"p{token_hex(4)}")
    uuid: str = field(default_factory=lambda: str(uuid4()))

    def url_of(self, target: str) -> str:
        """The address of a path, or of an address that another server of the document has. Raises NotReached."""
        if target.startswith("/"):
            return self.address.rstrip("/") + target
        for server in sorted(self.elsewhere, key=len, reverse=True):
            if target == server or target.startswith((f"{server}/", f"{server}?")):
                return self.elsewhere[server].rstrip("/") + target.removeprefix(server)
        host = urlsplit(target).netloc
        raise NotReached(f"nobody said where {host} is; --server https://{host}=URL says so")

    def pass_time(self, seconds: float) -> None:
        """Lets seconds pass. Raises NotReached where that would take longer than the user wants to wait."""
        if seconds > self.longest_wait and self.control is None:
            raise NotReached(f"it has to wait {seconds:.0f} seconds; --wait {ceil(seconds)} lets it")
        if seconds > 0:
            self.wait(seconds)

    def receive(self, number: int, seconds: float, name: str = "", before: int = 0) -> TimedAnswer:
        """The webhooks that came for this probe, or for another `name`, but for the first `before`, once there are so
        many or the seconds have passed. They are an answer: its body has a list `events`, the oldest first.
        """
        name, step, left = name or self.unique, _FIRST_LOOK, seconds
        while len(self.arrived(name)) - before < number and left > 0:
            self.wait(min(step, left))
            left, step = left - step, step * 2
        events = [webhook.data for webhook in self.arrived(name)[before:]]
        return self.answer({"events": events}, 200 if len(events) >= number else TOO_FEW)

    def answer(self, body: Json, status: int = 200) -> TimedAnswer:
        """What is no answer of an HTTP operation, as one."""
        return TimedAnswer(PlayedAnswer(RequestAsSent("POST"), status, (), encode(body)), self.now())

    def live_url(self, path: str) -> str:
        """The address of a live channel."""
        base = (self.live or self.address).rstrip("/")
        return base if base.endswith(path.rstrip("/")) else base + path

    def send(self, sent: RequestAsSent, *, meets_limits: bool) -> TimedAnswer:
        """The answer, after waiting where the server asked to. Raises NotReached."""
        for number in range(MOST_RETRIES + 1):
            if self.pause:
                self.wait(self.pause)
            answer = self.player.send(sent)
            if answer.failure:
                raise NotReached(f"{answer.failure}: {answer.reason}")
            if answer.status != 429 or meets_limits:
                return TimedAnswer(answer, self.now())
            seconds = _retry_after(answer, self.now())
            if number == MOST_RETRIES or seconds > LONGEST_RETRY_AFTER:
                break
            self.wait(seconds + 0.1)
        again = f" after {number} retries" if number else ""
        raise NotReached(f"429{again}; it asks to wait {seconds:.0f} seconds")


def _retry_after(answer: PlayedAnswer, now: float) -> float:
    """The seconds that a 429 asks to wait."""
    value = answer.header("Retry-After")
    if value is None:
        return _USUAL_WAIT
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, epoch_seconds(value) - now)
    except ValueError:
        return _USUAL_WAIT


def addresses_elsewhere(spec: Document, url: str, given: Mapping[str, str]) -> dict[str, str]:
    """Where the other servers of the document are, if `url` is where its paths begin; `given` says more.

    Where `url` ends in the base path of the document, the paths of other servers begin where that does: what serves all
    of them at one place serves them so. The documented server itself has its documented neighbours.
    """
    origins = {server.url.rstrip("/") for operation in spec.operations for server in operation.servers}
    origins.discard("")
    found: dict[str, str] = {}
    base, documented = spec.base_path, {server.host for server in spec.servers}
    is_documented = urlsplit(url).hostname in documented
    for server in origins:
        path = urlsplit(server).path.rstrip("/")
        if is_documented:
            found[server] = server
        elif url.rstrip("/").endswith(base):
            found[server] = url.rstrip("/").removesuffix(base) + path
    return {**found, **{server.rstrip("/"): address for server, address in given.items()}}


def headers_of(texts: Sequence[str], option: str) -> dict[str, str]:
    """The headers that texts such as `Authorization: Bearer TOKEN` say. Raises Unusable."""
    found = {}
    for text in texts:
        name, colon, value = text.partition(":")
        if not colon or not name.strip() or not value.strip():
            raise Unusable(f"{option}: expected NAME:VALUE, as in 'Authorization: Bearer TOKEN'")
        found[name.strip()] = value.strip()
    return found
