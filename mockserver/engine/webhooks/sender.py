"""Sends the callbacks and webhooks of a document: they are put into the outbox, which a courier carries."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from hashlib import blake2b
from typing import Final
from urllib.parse import unquote, urlsplit

from mockserver.engine.answers.examples import ExampleResponder, examples_of
from mockserver.engine.body.writer import is_json, sent_as, written
from mockserver.engine.call import CALLBACK_SKIPPED, Call
from mockserver.engine.steps.prefer import NONE
from mockserver.engine.steps.step import Step
from mockserver.engine.webhooks.payload import told
from mockserver.engine.webhooks.rules import AGENT, TO_THIS_MOCK, Webhooks
from mockserver.engine.webhooks.runtime_expressions import Unresolved, address
from mockserver.json_text import Json, encode
from mockserver.messages import Headers, Response
from mockserver.openapi.model.document import Document, Resolver
from mockserver.openapi.model.operation import Operation
from mockserver.openapi.model.outgoing import Outgoing, callbacks_of, webhooks_of
from mockserver.openapi.schema.schema_view import CompileContext
from mockserver.problem import INVALID, NOT_FOUND, Problem
from mockserver.spelling import plain, singular, words_of
from mockserver.state.records.record import Record
from mockserver.state.world import DEFAULT_WORLD, ApiState

DELAYS: Final = (5.0, 30.0, 120.0)
"""Seconds from one attempt to the next, on the world's clock, where the receiver does not answer with a 2xx."""

_FAILING: Final = re.compile(r"fail|error|reject|cancel|expir|declin|abort|denied|timeout", re.IGNORECASE)
_RECEIVERS: Final = frozenset({"webhook", "hook", "subscription", "subscriber", "callback", "listener", "endpoint"})
_ADDRESS: Final = ("url", "callbackurl", "targeturl", "webhookurl", "endpointurl", "endpoint", "target", "callback",
                   "uri", "href", "address", "notificationurl", "deliveryurl", "hookurl", "destination")  # fmt: skip
_EVENTS: Final = ("events", "eventtypes", "event", "eventtype", "types", "topics", "topic", "subscribedevents",
                  "enabledevents")  # fmt: skip
_RESERVED: Final = re.compile(r"(^|\.)(example(\.(com|net|org))?|test|invalid)$")
"""Hosts that nobody can receive at: addresses there were made up."""

_ABSOLUTE: Final = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:")

_HAPPENED: Final[Mapping[str, frozenset[str]]] = {
    "create": frozenset({"create", "created", "new", "add", "added", "insert", "inserted", "placed", "registered"}),
    "update": frozenset({"update", "updated", "change", "changed", "modified", "edited"}),
    "delete": frozenset({"delete", "deleted", "remove", "removed"}),
}
_KINDS: Final = {"create": "create", "update": "update", "replace": "update", "act": "update", "delete": "delete"}


class Sender:
    """Sends what the document says that its API sends."""

    def __init__(self, spec: Document, answering: ExampleResponder) -> None:
        self._spec = spec
        self._answering = answering

    @cached_property
    def webhooks(self) -> Mapping[str, Outgoing]:
        """The webhooks of the document by name."""
        document = CompileContext(self._spec.views, Resolver(self._spec.document))
        found: dict[str, Outgoing] = {}
        for outgoing in webhooks_of(document, self._spec.document):
            found.setdefault(outgoing.name, outgoing)
        return found

    def callback_step(self, operation: Operation) -> Step | None:
        """The step that sends the operation's callbacks after a success; None where it declares none."""
        if not operation.node.get("callbacks"):
            return None
        declared: list[Outgoing] = []

        def call_back(call: Call, state: ApiState, answer: Response) -> Response:
            if 200 <= answer.status < 300:
                if not declared:
                    declared.extend(_fortunate(callbacks_of(operation)))
                for outgoing in declared:
                    self._call_back(outgoing, call, answer, state)
            return answer

        return Step("callbacks", after=call_back)

    def webhook_step(self, collection: str, kind: str) -> Step | None:
        """The step that sends the webhooks named for a write of this kind to the collection, after a success, to the
        addresses that registered for them; None where the document declares no webhooks.
        """
        happened = _HAPPENED.get(_KINDS.get(kind, ""))
        if happened is None or not self._spec.document.get("webhooks"):
            return None

        def announce(call: Call, state: ApiState, answer: Response) -> Response:
            if 200 <= answer.status < 300:
                for outgoing in self.webhooks.values():
                    if happened & {*words_of(outgoing.name)} and _is_about(outgoing.name, collection):
                        self._announce(outgoing, collection, state, _known(call, answer))
            return answer

        return Step("webhooks", after=announce)

    def send(self, name: str, state: ApiState, url: str, body: Json, record_id: str) -> list[Record]:
        """One webhook is sent to the address, or to all who registered for it, with this body or one of its schema that
        tells of a record. The deliveries. Raises Problem.
        """
        outgoing = self.webhooks.get(name)
        if outgoing is None:
            declared = ", ".join(self.webhooks) or "none"
            said = f"{self._spec.name} declares no webhook {name[:80]!r}; it has {declared}."
            raise Problem(404, said, code=NOT_FOUND)
        collection = next((known for known in state.names if _is_about(name, known)), "")
        urls = [url] if url else _receivers(name, state)
        if not urls:
            said = "Nobody registered for it in this world; say where it goes in `url`."
            raise Problem(422, said, code=INVALID)
        known = _latest(state, collection, record_id)
        return [self._put(outgoing, target, known, singular(collection), state, body) for target in urls]

    def _call_back(self, outgoing: Outgoing, call: Call, response: Response, state: ApiState) -> None:
        try:
            url = address(outgoing.url, call, response)
        except Unresolved as error:
            call.note(CALLBACK_SKIPPED, f"{outgoing.name}: nothing is at {error}")
            return
        to_itself = False
        if not _ABSOLUTE.match(url):
            if call.request.headers.get("User-Agent") == AGENT:
                call.note(CALLBACK_SKIPPED, f"{outgoing.name}: the request was a callback itself, to this very mock")
                return
            to_itself = not _ABSOLUTE.match(outgoing.server)
            if to_itself and _leaves_world(url):
                call.note(CALLBACK_SKIPPED, f"{outgoing.name}: it would leave the API and the world of the request")
                return
            url = _at_server(url, outgoing.server, call, state)
        one = singular(_last_word(call.operation.path if call.operation is not None else ""))
        self._put(outgoing, url, _known(call, response), one, state, to_itself=to_itself)

    def _announce(
        self, outgoing: Outgoing, collection: str, state: ApiState, known: Sequence[Mapping[str, Json]]
    ) -> None:
        for url in _receivers(outgoing.name, state):
            self._put(outgoing, url, known, singular(collection), state)

    def _put(
        self,
        outgoing: Outgoing,
        url: str,
        known: Sequence[Mapping[str, Json]],
        one: str,
        state: ApiState,
        body: Json = None,
        *,
        to_itself: bool = False,
    ) -> Record:
        name = next(iter(sorted(outgoing.media, key=lambda name: not is_json(name))), None)
        media = None if name is None else outgoing.media[name]
        headers = {name: text for name, text in self._headers(outgoing) if name.lower() not in _OURS}
        if MESSAGE_ID not in {name.lower() for name in headers}:
            headers["Webhook-Id"] = _message_id(state)
        content = b""
        if media is not None:
            value = body
            if value is None:
                made = self._answering.value(media, NONE, f"{outgoing.name} {outgoing.at}")
                is_example = bool(examples_of(media))
                value = told(media, made, known, one, state, is_example=is_example)
            content = encode(written(media, value))
            headers["Content-Type"] = sent_as(media)
        elif body is not None:
            content = encode(body)
        return state.outbox.put(
            event=outgoing.name,
            endpoint=outgoing.name,
            url=url,
            body=content.decode("utf-8", "replace").encode(),
            delays=DELAYS,
            about={"method": outgoing.method, "headers": headers, **({TO_THIS_MOCK: True} if to_itself else {})},
        )

    def _headers(self, outgoing: Outgoing) -> Headers:
        return self._answering.headers_of(outgoing.headers, NONE, outgoing.name)


MESSAGE_ID: Final = "webhook-id"
"""The header (of the Standard Webhooks) by which a receiver knows a message that comes once more."""


def _message_id(state: ApiState) -> str:
    """The id of the next delivery: the same in each of its attempts, whichever process makes it."""
    number = state.world.outbox.taken + 1
    of_world = f"{state.world.name} {state.api} {number} {state.clock.now()!r}"
    return f"msg_{blake2b(of_world.encode(), digest_size=16).hexdigest()}"


_OURS: Final = frozenset({"content-type", "content-length", "host", "connection", "transfer-encoding"})


def _fortunate(callbacks: Sequence[Outgoing]) -> Sequence[Outgoing]:
    """Of callbacks for several outcomes those of a success: nothing fails here by itself."""
    return [one for one in callbacks if not _FAILING.search(one.name)] or callbacks


def _known(call: Call, response: Response) -> list[Mapping[str, Json]]:
    """Returns the values that a payload may repeat: of the answer, of what was sent, and of the path."""
    return [known for known in (response.body, call.body, call.path) if isinstance(known, Mapping)]


def _latest(state: ApiState, collection: str, record_id: str) -> list[Mapping[str, Json]]:
    """The record of this id, else the one that was kept last. A Problem 404 where there is none of the id."""
    records = state[collection].list() if collection else []
    if record_id:
        records = [record for record in records if str(record.get("id")) == record_id]
        if not records:
            raise Problem(404, f"There is no {record_id[:80]!r} in {collection or 'any collection'}.", code=NOT_FOUND)
    return [{name: value for name, value in records[-1].items() if name[:1] != "_"}] if records else []


def _is_about(webhook: str, collection: str) -> bool:
    """Whether the webhook's name has that of the collection's records in it."""
    one = singular(words_of(collection)[-1]) if words_of(collection) else ""
    return bool(one) and one in {singular(word) for word in words_of(webhook)}


def _receivers(webhook: str, state: ApiState) -> list[str]:
    """The addresses that clients registered for the webhook, each once."""
    urls = {
        url: None
        for name in state.names
        if _RECEIVERS & {singular(word) for word in words_of(name)}
        for record in state[name].list()
        if (url := _address(record)) and _listens(record, webhook)
    }
    return [*urls]


def _address(record: Mapping[str, Json]) -> str:
    by_name = {plain(name): value for name, value in record.items()}
    for name in _ADDRESS:
        url = by_name.get(name)
        if isinstance(url, str) and url.startswith(("http://", "https://")):
            try:
                return "" if _RESERVED.search(urlsplit(url).hostname or "") else url
            except ValueError:
                continue
    return ""


def _listens(record: Mapping[str, Json], webhook: str) -> bool:
    """Whether the registration is for this webhook, and in force."""
    by_name = {plain(name): value for name, value in record.items()}
    if any(by_name.get(name) is False for name in ("active", "enabled", "isactive", "isenabled")):
        return False
    chosen = next((by_name[name] for name in _EVENTS if by_name.get(name)), None)
    if chosen is None:
        return True
    each = chosen if isinstance(chosen, (list, tuple)) else [chosen]
    return any(isinstance(event, str) and (event == "*" or plain(event) == plain(webhook)) for event in each)


def _at_server(url: str, server: str, call: Call, state: ApiState) -> str:
    """The address of a relative one: at the server that the callback has of its own, else at this mock, in the world of
    the request.
    """
    request, world = call.request, state.world.name
    above = "" if world == DEFAULT_WORLD or request.site.partition("/~")[1] else f"/~{world}"
    site = f"{request.site.removesuffix(request.root)}{above}{request.root}"
    if server:
        base = server if _ABSOLUTE.match(server) else f"{site}/{server.strip('/')}"
    else:
        base = site + (call.operation.base_of(request.path) if call.operation is not None else "")
    return f"{base.rstrip('/')}/{url.removeprefix('/')}"


def _leaves_world(url: str) -> bool:
    """Whether a relative address begins with another world, or with the control API."""
    first = unquote(url).replace("\\", "/").lstrip("/").partition("/")[0]
    return first.startswith("~") or first == "__admin" or ".." in unquote(url).split("/")


def _last_word(path: str) -> str:
    fixed = [part for part in path.split("/") if part and "{" not in part]
    return plain(fixed[-1]) if fixed else ""


def _signed(delivery: Record, _at: float) -> Headers:
    """The headers that the document declares for it."""
    return tuple(delivery["about"]["headers"].items())


def _method(delivery: Record) -> str:
    method: str = delivery["about"]["method"]
    return method


OUTBOUND: Final = Webhooks(sign=_signed, method=_method)
