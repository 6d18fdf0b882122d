"""Probes as values: the steps of each, and the callers that they need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from mockserver.contract.probe.look import Look
from mockserver.contract.probe.probe_text import all_references
from mockserver.contract.replay.planned_request import NO_BODY
from mockserver.json_text import Json

READS: Final = ("GET", "HEAD", "OPTIONS")

MANY_REQUESTS: Final = 5_000
"""Requests of a probe above which mocks play it last."""

REQUEST, CONTROL, CONNECTED, SAID, HEARD, WEBHOOKS = "request", "control", "connect", "say", "hear", "webhooks"
"""Kinds of steps: an HTTP request; one of the control API of a mock; a live connection that is opened; a message on it;
the events that came on it; webhooks.
"""


class ClockSpan(NamedTuple):
    """The part of each `period` in which a step may begin, all in seconds since the epoch: from 45 to 50 of each 60."""

    begin: float
    end: float
    period: float

    def wait(self, now: float) -> float:
        """The seconds until the next moment in it; 0 where `now` is one."""
        passed = now % self.period
        return 0.0 if self.begin <= passed <= self.end else (self.begin - passed) % self.period


@dataclass(frozen=True, slots=True)
class ProbeCaller:
    """Somebody else than the one who runs the probes: `needs` says what their credential must be, `mock` are the
    headers that the mock knows them by.
    """

    name: str
    needs: str
    mock: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ProbeValue:
    """A text that only the user knows, such as the id of a project in every path.

    `needs` says in words what it is; `mock` is the one that the mock knows.
    """

    name: str
    needs: str
    mock: str


@dataclass(frozen=True, slots=True)
class ProbeStep:
    """One request of a probe.

    `name` is what later texts refer to its answer by. `target` is a path below the server's address, or an address at
    another server of the document. Texts of `target`, `headers`, `body` and `text` (a body as it is) may have
    references; a header of the value None is not sent, though the caller has it. It is sent `times` times, after
    `wait` seconds. `receive` is a number of webhooks that are waited for, for `wait` seconds, instead of sending
    anything. `looks` are what is compared; a step without any prepares the others and has to succeed, unless
    `may_fail`. `undo` are requests that take back what it did. `is_harmless`: it changes nothing, whatever its method.
    `meets_limits`: a 429 is an answer like any other, and is not waited for. `is_at_once`: the requests are sent at the
    same time, at most 50.

    Of several requests, `until` is the status after which no further one is sent, `pace` the seconds between two, and
    `done_in` those in which all have to be answered, else nothing is seen of a limit that holds for so long (0: any).
    `span` is the part of a period in which it begins, on the server's clock. `padding` are the bytes of white space
    after the body. `unless` maps names of steps to statuses; where one of them was answered so, this one is not played
    (0: where it succeeded). `kind` says what it is: a request, a live connection to `target` (`body` is what it
    authenticates with, `namespace` where), a message on the connection `channel`, or a request of the control API of a
    mock, whose work the user has done where the server is none (`by_hand`).
    What is received is a webhook at the address of `channel`, if that is no connection.
    """

    name: str = ""
    method: str = "GET"
    target: str = ""
    headers: Mapping[str, str | None] = field(default_factory=dict)
    body: Json = NO_BODY
    text: str | None = None
    caller: str = ""
    looks: tuple[Look, ...] = ()
    undo: tuple[tuple[str, str], ...] = ()
    times: int = 1
    wait: float = 0.0
    receive: int = 0
    may_fail: bool = False
    is_harmless: bool = False
    meets_limits: bool = False
    is_at_once: bool = False
    until: int = 0
    pace: float = 0.0
    span: ClockSpan | None = None
    padding: int = 0
    unless: Mapping[str, int] = field(default_factory=dict)
    kind: str = REQUEST
    channel: str = ""
    namespace: str = "/"
    by_hand: bool = False
    done_in: float = 0.0

    @property
    def is_safe(self) -> bool:
        """Whether it changes nothing on the server."""
        return self.is_harmless or self.method in READS or self.kind != REQUEST

    def __str__(self) -> str:
        if self.receive:
            return f"{self.receive} {'events' if self.kind == HEARD else 'webhooks'}"
        return f"{self.method} {self.target}" if self.kind != SAID else f"message on `{self.channel}`"


@dataclass(frozen=True, slots=True)
class Probe:
    """The requests that settle one assumption; none where no requests can, as `unsettled` says.

    `alike` are pairs of options that no request tells apart, with the reason. `costs` says what it takes for good, such
    as the calls of an hour; empty: nothing.
    """

    assumption: str
    steps: tuple[ProbeStep, ...] = ()
    unsettled: str = ""
    alike: Mapping[frozenset[str], str] = field(default_factory=dict)
    costs: str = ""

    @property
    def is_safe(self) -> bool:
        """Whether it changes nothing on the server."""
        return all(step.is_safe for step in self.steps)

    @property
    def is_long(self) -> bool:
        """Whether it may take so many requests that mocks play it only once the options of all others are known."""
        return sum(step.times for step in self.steps) > MANY_REQUESTS

    @property
    def callers(self) -> tuple[str, ...]:
        """The names of the callers that it needs beside the one who runs it."""
        return tuple(dict.fromkeys(step.caller for step in self.steps if step.caller))

    @property
    def references(self) -> frozenset[str]:
        """The names of all answers and values that its texts refer to."""
        sent = [[step.target, dict(step.headers), step.text, step.undo, step.body, step.channel] for step in self.steps]
        return frozenset(reference.name for reference in all_references(sent))

    @property
    def needs_receiver(self) -> bool:
        """Whether it makes the server send webhooks to the one who runs it."""
        sent = [(step.target, dict(step.headers), step.body, step.text) for step in self.steps]
        refers = "receiver" in {it.name for it in all_references(sent)}
        return refers or any(step.kind == WEBHOOKS for step in self.steps)


@dataclass(frozen=True, slots=True)
class ProbeBook:
    """The probes of one API by assumption, the callers and values that they name, and the headers of each request.

    `reference` is a request that changes nothing, and that every server of the API answers with success; None where
    none is known.
    """

    probes: Mapping[str, Probe] = field(default_factory=dict)
    callers: Mapping[str, ProbeCaller] = field(default_factory=dict)
    values: Mapping[str, ProbeValue] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    reference: ProbeStep | None = None
