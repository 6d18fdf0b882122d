"""Plays one probe on one server, and says what was seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Final, NamedTuple
from urllib.parse import urlencode

from urllib3.util import SKIP_HEADER

from mockserver.contract.probe.answer_form import REFUSING, AnswerForm, form_of
from mockserver.contract.probe.look import ABSENT, MOST_TEXT, Look, TimedAnswer
from mockserver.contract.probe.probe import CONNECTED, CONTROL, REQUEST, SAID, WEBHOOKS, Probe, ProbeStep
from mockserver.contract.probe.probe_text import ProbeReference, all_references, filled, filled_target, moment
from mockserver.contract.probe.probed_server import TOO_FEW, NotReached, ProbedServer
from mockserver.contract.probe.target.live_connection import LiveConnection, NotLive
from mockserver.contract.replay.alignment import looks_random, time_form
from mockserver.contract.replay.planned_request import NO_BODY
from mockserver.contract.replay.player import RequestAsSent
from mockserver.engine.redaction.secret_names import is_secret
from mockserver.json_pointer import MISSING, tokens, value_at
from mockserver.json_text import Json, encode

SOME_ID: Final = "(an id)"
SOME_TIME: Final = "(a time)"
USUAL_PATIENCE: Final = 5.0
"""Seconds in which webhooks have to arrive, unless a step says otherwise."""
OWED: Final = 0.2
"""Seconds between requests that are saved up, until the time of a mock is moved by them."""
MOST_AT_ONCE: Final = 50
"""How many requests of one step are sent at the same time."""
MOST_UNDONE: Final = 2
"""How often what was made is deleted, where the server fails."""
MASKED: Final = "(a credential)"
KIND: Final = "kind"
"""What is looked at of each answer where its status is not: its kind; of several answers, the kinds that there are."""


class Sighting(NamedTuple):
    """What one look of a probe saw: the request, the look and the value."""

    request: str
    look: str
    value: Json

    def __str__(self) -> str:
        return f"{self.look} {shown(self.value)}"


@dataclass(frozen=True)
class Sightings:
    """What a probe saw on one server, in order. `stuck` says why it did not come to its end; empty: it did. `left` are
    the requests that should have taken back what it did, and failed. `forms` are those of the bodies of successes, by
    the number of the step; `failed` says which request was first answered with 500 or more. `is_refused`: some request
    was answered as one is at a wrong address, or with a wrong credential.
    """

    seen: tuple[Sighting, ...] = ()
    stuck: str = ""
    left: tuple[str, ...] = ()
    forms: Mapping[int, AnswerForm] = field(default_factory=dict)
    failed: str = ""
    is_refused: bool = False

    @property
    def values(self) -> tuple[str, ...]:
        """The values seen, as texts that can be compared."""
        return tuple(repr(sighting.value) for sighting in self.seen)


class _Stuck(Exception):
    """The probe cannot go on."""


def play(probe: Probe, server: ProbedServer) -> Sightings:
    """Plays the probe, and takes back what it did, as far as the API can."""
    playing = _Playing(server)
    playing.count_webhooks(probe)
    if server.control is not None:
        server.control.freeze()
    stuck, left = "", []
    try:
        for number, step in enumerate(probe.steps):
            if not playing.is_spared(step):
                playing.play(step, number)
    except _Stuck as error:
        stuck = str(error)
    finally:
        left = playing.undone()  # Also where the user has had enough.
    return Sightings(
        tuple(playing.seen), stuck, tuple(left), playing.forms, playing.failed, is_refused=playing.is_refused
    )


@dataclass
class _Playing:
    """One run of a probe."""

    server: ProbedServer
    seen: list[Sighting] = field(default_factory=list)
    forms: dict[int, AnswerForm] = field(default_factory=dict)
    failed: str = ""
    is_refused: bool = False
    _answers: dict[str, TimedAnswer] = field(default_factory=dict)
    _number: int = 1
    _undo: list[tuple[ProbeStep, TimedAnswer, tuple[str, str]]] = field(default_factory=list)
    _live: dict[str, LiveConnection] = field(default_factory=dict)
    _owed: float = 0.0
    _before: dict[str, int] = field(default_factory=dict)

    def count_webhooks(self, probe: Probe) -> None:
        """Takes down how many webhooks have come already to addresses that outlast a probe."""
        for step in probe.steps:
            if step.kind == WEBHOOKS and step.channel:
                with suppress(LookupError):
                    name = str(filled(step.channel, self._resolver("")))
                    self._before[name] = len(self.server.arrived(name))

    def is_spared(self, step: ProbeStep) -> bool:
        """Whether the step is not played, since one in whose place it stands was answered."""
        earlier = {name: self._answers[name].played for name in step.unless if name in self._answers}
        return any(
            answer.status == step.unless[name] or (answer.is_success and not step.unless[name])
            for name, answer in earlier.items()
        )

    def play(self, step: ProbeStep, number: int) -> None:
        """Sends the requests of the step and takes down what is seen. Raises _Stuck."""
        try:
            answers = self._answers_to(step)
        except (NotReached, NotLive, LookupError, ValueError) as error:
            raise _Stuck(f"{step}: {error}") from None
        last = answers[-1]
        if step.kind == REQUEST:
            self._take_down_forms(step, number, answers)
        if step.name:
            self._answers[step.name] = last
        self._undo += [(step, each, request) for each in answers if each.played.is_success for request in step.undo]
        if not step.looks and not step.may_fail and last.played.status >= 400:
            raise _Stuck(f"{step} was answered with {last.played.status}; the probe needs it to succeed")
        self._look(step, answers)

    def _take_down_forms(self, step: ProbeStep, number: int, answers: list[TimedAnswer]) -> None:
        """Takes down what tells an answer of this API from one of something else that stands at the address."""
        for answer in (each.played for each in answers):
            if answer.is_success and number not in self.forms:
                self.forms[number] = form_of(str(step), answer)
            if answer.status >= 500 and not self.failed:
                self.failed = f"{step} was answered with {answer.status}"
            self.is_refused |= answer.status in REFUSING

    def _look(self, step: ProbeStep, answers: list[TimedAnswer]) -> None:
        """Takes down what is seen in the answers to a step. Raises _Stuck."""
        for look in step.looks:
            try:
                value = look.seen(answers, self._answers)
            except LookupError as error:
                raise _Stuck(f"{step}: {error}") from None
            name = tokens(look.part)[-1:] or [look.part.removeprefix("header ")]
            self.seen.append(Sighting(str(step), look.text, self._steady(value, name[0])))
        if step.looks and step.kind == REQUEST and not any(_tells_status(look) for look in step.looks):
            # Else an answer that refuses everything would look like one of an option by which something is not there.
            kinds = sorted({kind_of(answer.played.status) for answer in answers})
            self.seen.append(Sighting(str(step), KIND, ", ".join(kinds)))

    def _answers_to(self, step: ProbeStep) -> list[TimedAnswer]:
        """The answers to a step. Raises NotReached, NotLive, LookupError, ValueError."""
        if step.kind != REQUEST:
            return [self._other_answer(step)]
        self._pass_time(step)
        send = partial(self.server.send, meets_limits=step.meets_limits)
        requests = (self._prepared(step, number + 1) for number in range(step.times))
        begun = self.server.now()
        if step.is_at_once:
            with ThreadPoolExecutor(min(step.times, MOST_AT_ONCE)) as pool:
                at_once = [each.result() for each in [pool.submit(send, request) for request in requests]]
            _refuse_late(step, max(answer.at for answer in at_once) - begun)
            return at_once
        answers: list[TimedAnswer] = []
        for request in requests:
            if answers and step.pace:
                self._pace(step.pace)
            answers.append(send(request))
            if answers[-1].played.status == step.until:
                break
        return answers

    def _pace(self, seconds: float) -> None:
        """Lets the time between two requests pass; that of a mock is moved now and then."""
        self._owed += seconds
        if self.server.control is None or self._owed >= OWED:
            self.server.wait(self._owed)
            self._owed = 0.0

    def _pass_time(self, step: ProbeStep) -> None:
        """Lets the time before a step pass. Raises NotReached, also where the step itself would take too long."""
        self.server.pass_time(step.wait)
        if step.span is not None:
            self.server.pass_time(step.span.wait(self.server.now()))
        if (seconds := step.pace * step.times) > self.server.longest_wait and self.server.control is None:
            raise NotReached(f"its {step.times} requests take {seconds:.0f} seconds; --wait {seconds:.0f} lets them")

    def _other_answer(self, step: ProbeStep) -> TimedAnswer:
        """The answer to a step that is no HTTP request of the API. Raises NotReached, NotLive, LookupError."""
        resolve = self._resolver(step.caller)
        body = None if step.body is NO_BODY else filled(step.body, resolve)
        if step.kind == CONTROL:
            return self._controlled(step, body)
        if step.kind == WEBHOOKS:
            name = str(filled(step.channel, resolve))
            patience = step.wait or USUAL_PATIENCE
            return self.server.receive(step.receive, patience, name, self._before.get(name, 0))
        if step.kind == CONNECTED:
            world = {name: value for name, value in self._headers("").items() if name.lower() == "mock-world"}
            live = LiveConnection(self.server.live_url(step.target), step.namespace, world)
            opened = live.open(body)
            self._live[step.name] = live
            return self.server.answer(opened, 200 if opened["connected"] else 401)
        live = self._live[step.channel]
        if step.kind == SAID:
            live.say(body)
            return self.server.answer({})
        events = live.hear(step.receive, step.wait or USUAL_PATIENCE)
        return self.server.answer({"events": events}, 200 if len(events) == step.receive else TOO_FEW)

    def _controlled(self, step: ProbeStep, body: Json) -> TimedAnswer:
        """The answer of the control API of a mock. Raises NotReached where the server is none."""
        control = self.server.control
        if control is None and step.by_hand:
            return self.server.answer({})
        if control is None:
            raise NotReached("only a mock can be told so; a server that takes no plain http wants --receiver https://…")
        status, answer = control.ask(step.method, filled_target(step.target, self._resolver("")), body)
        return self.server.answer(answer, status)

    def undone(self) -> list[str]:
        """Takes back what was done, the latest first; the requests that failed."""
        left = []
        for step, answer, (method, target) in reversed(self._undo):
            if step.name:
                self._answers[step.name] = answer
            for place in self._places(target):
                left += self._taken_back(step, method, place)
        return left

    def _places(self, target: str) -> list[str]:
        """The target of a request, once for each item of the list that a `*` in one of its references stands for."""
        starred = next((each for each in all_references(target) if "*" in tokens(each.pointer)), None)
        if starred is None:
            return [target]
        before, _, _ = starred.pointer.partition("/*")
        answer = self._answers.get(starred.name)
        items = value_at(answer.played.value, tokens(before), MISSING) if answer is not None else MISSING
        number = len(items) if isinstance(items, list) else 0
        return [target.replace(f"{before}/*", f"{before}/{index}") for index in range(number)]

    def _taken_back(self, step: ProbeStep, method: str, target: str) -> list[str]:
        """Sends one request that takes something back, once more where the server failed; itself where that fails."""
        said = ""
        for _ in range(MOST_UNDONE):
            try:
                answer = self.server.send(self._request(method, target, step.caller), meets_limits=False).played
            except LookupError:
                return []  # What it refers to was never made.
            except (NotReached, ValueError) as error:
                said = f"{method} {target}: {error}"
                continue
            if answer.is_success or answer.status in (404, 410):
                return []
            said = f"{method} {target}: {answer.status}"
            if answer.status < 500:
                break
        return [said]

    def _prepared(self, step: ProbeStep, number: int) -> RequestAsSent:
        """The request with every reference replaced, sent for this time. Raises NotReached, LookupError, ValueError."""
        body, media_type = None, ""
        self._number = number
        resolve = self._resolver(step.caller)
        if step.text is not None:
            body, media_type = str(filled(step.text, resolve)).encode(), "application/json"
        elif step.body is not NO_BODY:
            value = filled(step.body, resolve)
            body, media_type = b"null" if value is None else encode(value), "application/json"
        if step.padding:
            body = (body or b"") + b" " * step.padding
        headers = {name: None if text is None else str(filled(text, resolve)) for name, text in step.headers.items()}
        return self._request(step.method, step.target, step.caller, body, media_type, headers)

    def _request(
        self,
        method: str,
        target: str,
        caller: str,
        body: bytes | None = None,
        media_type: str = "",
        headers: Mapping[str, str | None] | None = None,
    ) -> RequestAsSent:
        resolve = self._resolver(caller)
        is_address = target.startswith("{")
        url = self.server.url_of(str(filled(target, resolve)) if is_address else filled_target(target, resolve))
        if self.server.query:
            url += ("&" if "?" in url else "?") + urlencode(self.server.query)
        merged: dict[str, tuple[str, str | None]] = {}
        typed = {"Content-Type": media_type} if media_type else {}
        layers = (self.server.headers, typed, self._headers(caller), headers or {})
        for layer in layers:
            merged |= {name.lower(): (name, value) for name, value in layer.items()}
        if merged.get("user-agent", ("", ""))[1] is None:
            merged["user-agent"] = ("User-Agent", SKIP_HEADER)  # Else urllib3 would send its own.
        kept = tuple((name, value) for name, value in merged.values() if value is not None)
        for _, value in kept:
            value.encode("latin-1")
        return RequestAsSent(method, url, kept, body)

    def _headers(self, caller: str) -> Mapping[str, str]:
        if caller not in self.server.callers:
            raise LookupError(f"nobody said who `{caller}` is")
        return self.server.callers[caller]

    def _resolver(self, caller: str) -> Callable[[ProbeReference], Json]:
        """Resolves references for a request of this caller; raises LookupError."""

        def resolve(reference: ProbeReference) -> Json:
            if reference.is_given:
                return self._given(reference, caller)
            if reference.name in self.server.values:
                return filled(self.server.values[reference.name], resolve)
            answer = self._answers.get(reference.name)
            if answer is None:
                raise LookupError(f"`{reference.name}` has no answer")
            if reference.header:
                found: Json = answer.played.header(reference.header)
                found = MISSING if found is None else found
            else:
                found = value_at(answer.played.value, tokens(reference.pointer), MISSING)
            if found is MISSING:
                raise LookupError(f"the answer {answer.played} has nothing at {reference}")
            return found

        return resolve

    def _given(self, reference: ProbeReference, caller: str) -> Json:
        name = reference.name
        if name in ("now", "today", "hour"):
            return moment(reference, self.server.now())
        if name == "credential":
            return _credential(self._headers(caller))
        if name == "receiver":
            if not self.server.receiver:
                raise LookupError("nobody said where webhooks can be received; --receiver URL says so")
            return f"{self.server.receiver.rstrip('/')}/{self.server.unique}"
        if name == "number":
            return f"{self._number:012}"
        return self.server.unique if name == "unique" else self.server.uuid

    def _steady(self, value: Json, name: str) -> Json:
        """The value of this name, in which that is named by its kind that differs on each run, or is a secret."""
        if isinstance(value, dict):
            return {member: self._steady(inner, member) for member, inner in value.items()}
        if isinstance(value, list):
            return [self._steady(item, name) for item in value]
        if not isinstance(value, str):
            return SOME_TIME if time_form(value, name) else value
        return MASKED if value != ABSENT and is_secret(name) else self._steady_text(value)

    def _steady_text(self, text: str) -> str:
        secrets = {_credential(headers) for headers in self.server.callers.values()} - {""}
        if any(secret in text for secret in secrets):
            return MASKED
        text = text.replace(self.server.unique, "{unique}").replace(self.server.uuid, "{uuid}")
        text = text.replace(self.server.address, "")
        if self.server.receiver:
            text = text.replace(self.server.receiver.rstrip("/"), "{receiver}")
        if time_form(text, "") in ("date-time", "http-date"):
            return SOME_TIME
        return SOME_ID if looks_random(text) else text[:MOST_TEXT]


def _refuse_late(step: ProbeStep, seconds: float) -> None:
    """Refuses answers that took longer than what is looked at holds. Raises NotReached."""
    if step.done_in and seconds > step.done_in:
        raise NotReached(f"{step.times} requests took {seconds:.1f} seconds; what is looked for needs {step.done_in:g}")


def _tells_status(look: Look) -> bool:
    """Whether a look tells what kind of answers there are; not whether they vary alone. Of what chance plays along
    with, the most frequent one is all that can be compared.
    """
    return look.how == "usual" or (look.part == "status" and look.how not in ("varies", "distinct"))


def kind_of(status: int) -> str:
    """The kind of an answer: `success`, `redirect`, `unauthenticated`, `refusal` or `failure`."""
    if status == 401:
        return "unauthenticated"
    if status < 400:
        return "success" if status < 300 else "redirect"
    return "refusal" if status < 500 else "failure"


def shown(value: Json) -> str:
    """A value as it is shown, shortened."""
    text = value if isinstance(value, str) and value.startswith("(") else encode(value).decode()
    return text if len(text) <= MOST_TEXT else f"{text[:MOST_TEXT]}…"


def _credential(headers: Mapping[str, str]) -> str:
    """The credential of a caller, without its scheme: the header Authorization, else the first."""
    found = next((value for name, value in headers.items() if name.lower() == "authorization"), "")
    found = found or next((value for name, value in headers.items() if name.lower() != "mock-world"), "")
    return found.rpartition(" ")[2]
