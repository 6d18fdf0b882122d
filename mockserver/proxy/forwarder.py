"""Takes each request to the upstream and its answer back."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final
from urllib.parse import unquote, urlsplit

from mockserver.engine.answers.problem_json import problem_json
from mockserver.messages import Exchange, Response
from mockserver.problem import Problem, Violation
from mockserver.proxy.answer_check import MOST_CHECKED, CheckedAnswer, NotRead, plain_content
from mockserver.proxy.answer_feed import AnswerFeed, ClientGone
from mockserver.proxy.client_address import ClientAddress
from mockserver.proxy.forwarded_headers import Fields, as_text, asks_for_websocket, end_to_end, request_fields
from mockserver.proxy.proxied_service import FAILED, NOT_FORWARDED, Admission, ProxiedService
from mockserver.proxy.relay import Relay
from mockserver.proxy.upstream import Errand, ForwardedRequest, Upstream, UpstreamAnswer, UpstreamFailure
from mockserver.server.http.answer import Answer
from mockserver.server.http.incoming import SentHead
from mockserver.web.door import LocatedRequest

Later = Callable[[float, Callable[[], None]], None]
"""Calls a function after so many seconds, in the thread of the event loop."""


@dataclass(frozen=True, slots=True)
class Forwarder:
    """Forwards to one upstream. The mock answers in its place where it answers with one of the statuses `fallback` and
    lacks the operation. It is told its own host, or, where the proxy `keeps_host`, that which the client asked.
    """

    upstream: Upstream
    fallback: frozenset[int] = frozenset()
    keeps_host: bool = False

    def forward(self, visit: LocatedRequest, head: SentHead, feed: AnswerFeed, later: Later) -> Answer | None:
        """The answer to a request; None: it was written to the feed, or nobody waits for it any more."""
        if head.upload is None:
            return self._forward(visit, head, feed, later)
        with head.upload.file:
            return self._forward(visit, head, feed, later)

    def _forward(self, visit: LocatedRequest, head: SentHead, feed: AnswerFeed, later: Later) -> Answer | None:
        service = visit.service
        assert isinstance(service, ProxiedService)
        admission = service.admit(visit.request, visit.world, visit.found, is_upload=head.upload is not None)
        if not admission.forwarded and admission.answer is not None:
            return _whole(service.conclude(admission, admission.answer))
        errand = Errand()
        feed.on_lost = errand.cancel
        try:
            if admission.delay:
                feed.wait(admission.delay)
            return self._exchange(visit, service, admission, head, feed, errand, later)
        except ClientGone:
            return None
        except UpstreamFailure as failure:
            if feed.is_lost:
                service.note(admission, "the client went away before the upstream answered")
                service.record(admission, CheckedAnswer(0, ()))
                return None
            return _whole(service.conclude(admission, _failed(admission, failure)))
        finally:
            feed.on_lost = None

    def _exchange(
        self,
        visit: LocatedRequest,
        service: ProxiedService,
        admission: Admission,
        head: SentHead,
        feed: AnswerFeed,
        errand: Errand,
        later: Later,
    ) -> Answer | None:
        request, client = self._forwarded(visit, head)
        answer = self.upstream.ask(request, errand, partial(_pass_interim, feed, client))
        if service.lacks(admission.call.operation, answer.status, self.fallback):
            answer.skip()
            return _whole(service.serve_instead(visit.request, visit.world, visit.found, answer.status))
        if admission.answer is not None:
            answer.skip()
            return _whole(service.conclude(admission, admission.answer))
        if admission.is_spoiled:
            return _spoiled(service, admission, answer, client)
        return Relay(service, admission, answer, feed, client, is_head=request.method == "HEAD").run(later)

    def _forwarded(self, visit: LocatedRequest, head: SentHead) -> tuple[ForwardedRequest, ClientAddress]:
        """The request as the upstream gets it: its target as it was written, below the upstream's own path. And where
        its client finds what is there.
        """
        request, address = visit.request, self.upstream.address
        if asks_for_websocket(head.fields):
            raise UpstreamFailure(501, _NO_WEBSOCKET.format(address))
        world, target = _target(head.target)
        sent, asked = "", world + target
        if target != "*":
            documented = "" if visit.service is None else visit.service.spec.base_path
            sent, below = address.below_base(target, documented)
            target = address.base + below
        if address.base and _climbs(target.removeprefix(address.base)):
            raise UpstreamFailure(400, f"The target leaves {address.base}, the path of the upstream, by '..'.")
        body, size = (request.body, len(request.body)) if head.upload is None else head.upload
        host = (request.headers.get("Host") if self.keeps_host else "") or address.authority
        fields = request_fields(head.fields, host, size)
        origin = request.origin or (f"http://{request.host}" if request.host else "")
        client = ClientAddress(
            address, origin, urlsplit(origin).hostname or "", world + sent, self.keeps_host, origin + asked
        )
        return ForwardedRequest(request.method, target, fields, body), client


def _target(raw: bytes) -> tuple[str, str]:
    """The name of a world that stands in front, as it was written, and the target behind it in its origin form.
    Whatever host it names is left out.
    """
    text = raw.decode("latin-1")
    if text[:1] not in ("/", "*"):
        text = _AUTHORITY.sub("", text, count=1)
        text = text if text[:1] == "/" else "/" + text
    text, world = text.partition("#")[0], ""
    if text[:2] == "/~" or text[:4].lower() == "/%7e":
        first, slash, rest = text[1:].partition("/")
        world = "/" + first.partition("?")[0]
        text = slash + rest or "/" + text.partition("?")[1] + text.partition("?")[2]
    return world, text


def _climbs(target: str) -> bool:
    """Whether the segments `..` of a target lead above its beginning, as some server may read them."""
    depth = 0
    for segment in unquote(target.partition("?")[0]).replace("\\", "/").split("/"):
        name = segment.partition(";")[0]  # Servers such as Tomcat leave parameters of a segment out first.
        if name == "..":
            depth -= 1
        elif name not in ("", "."):
            depth += 1
        if depth < 0:
            return True
    return False


def _pass_interim(feed: AnswerFeed, client: ClientAddress, status: int, reason: str, fields: Fields) -> None:
    feed.interim(status, reason, tuple(client.rewritten([*end_to_end(fields)])[0]))


def _failed(admission: Admission, failure: UpstreamFailure) -> Response:
    admission.answered_by = code = FAILED if failure.status >= _GATEWAY else NOT_FORWARDED
    return problem_json(Problem(failure.status, failure.detail, code=code))


def _spoiled(service: ProxiedService, admission: Admission, answer: UpstreamAnswer, client: ClientAddress) -> Answer:
    """The answer, changed or sent as a fault asks for it; it is read whole for that. Raises UpstreamFailure."""
    parts: list[bytes] = []
    while part := answer.read():
        parts.append(part)
        if answer.size > MOST_CHECKED:
            answer.close()
            said = f"The upstream's answer has more than {MOST_CHECKED:,} bytes, the most that a fault is done to."
            raise UpstreamFailure(502, said)
    headers = as_text(end_to_end(answer.fields))
    content, unread = plain_content(b"".join(parts), headers)
    left = {"content-length", "date", *(() if unread else ("content-encoding",))}
    fields, changed = client.rewritten([*end_to_end(answer.fields)])
    kept = [header for header in as_text(fields) if header[0].lower() not in left]
    kept.sort(key=lambda header: header[0].lower() != "content-type")
    body = content if not unread else b"".join(parts)
    response = Response(answer.status, body or None, tuple(kept))
    broken: tuple[Violation, ...] = ()
    if service.refuses and not unread and (check := service.check_of(admission.call)) is not None:
        is_head = admission.call.request.method == "HEAD"
        try:
            broken = check.of_whole(answer.status, headers, content, is_head=is_head)
        except NotRead as error:
            service.note(admission, f"its body was not looked at: {error}")
        if broken:
            response = service.broken(admission, CheckedAnswer(answer.status, headers, content, broken))
    if not broken:
        service.note_rewritten(admission, changed)
    return _whole(service.conclude(admission, response, broken))


def _whole(exchange: Exchange) -> Answer:
    return Answer(exchange.status, exchange.headers, exchange.content, exchange.delivery)


_GATEWAY: Final = 502
_NO_WEBSOCKET: Final = (
    "This request asks to switch to WebSocket, which this proxy does not forward: it holds requests and answers of "
    "HTTP to the document. Have the client open its WebSocket at {} itself, "
    "or use the fallback of its library to HTTP polling."
)
_AUTHORITY: Final = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*")
