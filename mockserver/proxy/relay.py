"""Passes one answer of the upstream on as it comes, holds it against the document, and writes it into the journal."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

from mockserver.engine.service import in_a_header
from mockserver.messages import TRUNCATED, Delivery, Headers
from mockserver.proxy.answer_check import MOST_CHECKED, CheckedAnswer, NotRead, plain_content
from mockserver.proxy.answer_feed import AnswerFeed, ClientGone
from mockserver.proxy.client_address import ClientAddress
from mockserver.proxy.forwarded_headers import as_text, end_to_end
from mockserver.proxy.proxied_service import Admission, ProxiedService
from mockserver.proxy.upstream import UpstreamAnswer, UpstreamFailure
from mockserver.server.http.answer import BODILESS, Answer

HOLD_SECONDS: Final = 0.25
"""Seconds that an answer may wait for the end of its body, which is then held against its schema before the headers
are sent, so that they can say what is wrong with it. What takes longer is passed on, and the journal says it.
"""


class Relay:
    """One answer on its way from the upstream to the client.

    A body that has a schema is held back for HOLD_SECONDS and MOST_CHECKED bytes, with `--errors` until it is whole;
    all others are passed on part by part.
    """

    def __init__(
        self,
        service: ProxiedService,
        admission: Admission,
        answer: UpstreamAnswer,
        feed: AnswerFeed,
        client: ClientAddress,
        *,
        is_head: bool,
    ) -> None:
        self._service = service
        self._admission = admission
        self._answer = answer
        self._feed = feed
        self._is_head = is_head
        self._has_body = not (is_head or answer.status in BODILESS or answer.length == 0)
        fields = [*end_to_end(answer.fields)]
        self._headers: Headers = as_text(fields)
        self._fields, self._rewritten = client.rewritten(fields)
        self._check = service.check_of(admission.call)
        self._kept: list[bytes] | None = []
        self._held: list[bytes] | None = None
        self._is_recorded = False
        self._lock = threading.Lock()

    def run(self, later: Callable[[float, Callable[[], None]], None]) -> Answer | None:
        """Returns when all was passed on; the answer is another one where the upstream's is refused. Raises ClientGone,
        and UpstreamFailure as long as nothing was sent.
        """
        try:
            if self._service.refuses and self._has_body and (at_head := self._checked_head()).broken:
                return self._refused(at_head) if self._skips_body() else self._finish()
            if self._is_checked_first():
                self._held = []
                if not self._service.refuses:
                    later(HOLD_SECONDS, self._let_go)
            elif self._has_body:
                self._feed.send(self._head(self._checked_head()))
            while part := self._answer.read():
                self._take(part)
            return self._finish()
        except ClientGone:
            self._answer.close()
            self._give_up("the client went away before the end of the answer")
            raise
        except UpstreamFailure as failure:
            with self._lock:
                is_sent, self._held = self._feed.has_begun, None
            if not is_sent:
                raise
            if self._feed.is_lost:
                self._give_up("the client went away before the end of the answer")
                raise ClientGone from None
            self._give_up(failure.detail)
            self._feed.cut()
            return None

    def _is_checked_first(self) -> bool:
        """Whether the body is held against a schema before the headers are sent."""
        check, left = self._check, self._answer.left
        if check is None or not self._has_body or (left is not None and left > MOST_CHECKED):
            return False
        return check.waits(self._answer.status, self._headers)

    def _skips_body(self) -> bool:
        """Whether there was a body, which nobody gets."""
        answer = self._answer
        if not answer.read():
            return False
        if answer.left is None:
            answer.close()  # It may go on for ever.
        else:
            answer.skip()
        return True

    def _take(self, part: bytes) -> None:
        """Passes a part on, or holds it back."""
        if self._kept is not None:
            self._kept.append(part)
            if self._answer.size > MOST_CHECKED:
                self._kept = None
        if self._is_held(part):
            return
        if self._answer.left == 0:  # The client has its answer with this part, and may ask for the journal.
            self._record(self._checked())
        self._feed.send(self._feed.framed(part))

    def _is_held(self, part: bytes) -> bool:
        with self._lock:
            if self._held is None:
                return False
            self._held.append(part)
            if self._answer.size <= MOST_CHECKED:
                return True
            started = self._started()
        self._feed.send(started)
        return True

    def _let_go(self) -> None:
        """Sends what was held back, in the thread of the event loop: the rest takes its time."""
        with self._lock:
            if self._held is not None and not self._feed.is_lost:
                self._feed.write(self._started())

    def _started(self) -> bytes:
        """The head with what was held back, which is then no longer."""
        body, self._held = b"".join(self._held or ()), None
        return self._head(self._checked_head()) + self._feed.framed(body)

    def _finish(self) -> Answer | None:
        with self._lock:
            held, self._held = self._held, None
            is_sent = self._feed.has_begun
        checked = self._checked()
        if not is_sent and checked.broken and self._service.refuses:
            return self._refused(checked)
        self._record(checked)
        if not is_sent:
            self._feed.send(self._head(checked) + self._feed.framed(b"".join(held or ())))
        self._feed.end()
        return None

    def _refused(self, checked: CheckedAnswer) -> Answer:
        """The error in the place of an answer that breaks the document, of which nothing was sent."""
        broken = self._service.broken(self._admission, checked)
        exchange = self._service.conclude(self._admission, broken, checked.broken)
        return Answer(exchange.status, exchange.headers, exchange.content)

    def _give_up(self, reason: str) -> None:
        """Writes down an answer that was not passed on to its end."""
        if not self._is_recorded:
            self._service.note(self._admission, reason)
            self._admission.call.delivery = Delivery(fault=TRUNCATED)
            self._record(CheckedAnswer(self._answer.status, self._headers))

    def _record(self, checked: CheckedAnswer) -> None:
        if not self._is_recorded:
            self._is_recorded = True
            headers = (*as_text(self._fields), *self._told(checked))
            self._service.record(self._admission, checked._replace(headers=headers))
            self._kept = None

    # What is said of it

    def _head(self, checked: CheckedAnswer) -> bytes:
        answer, fields = self._answer, self._fields
        if answer.is_chunked:
            fields = [field for field in fields if field[0].lower() != "content-length"]
        length = answer.length if self._has_body else 0
        return self._feed.head(answer.status, answer.reason, (*fields, *self._told(checked)), length)

    def _told(self, checked: CheckedAnswer) -> Headers:
        told = self._service.told(self._admission, checked)
        said: Headers = (("Mock-Violation", in_a_header(told)),) if told else ()
        self._service.note_rewritten(self._admission, self._rewritten)
        return said + self._service.rewritten_header(self._admission)

    def _checked_head(self) -> CheckedAnswer:
        status, headers = self._answer.status, self._headers
        broken = () if self._check is None else self._check.of_head(status, headers, has_body=self._has_body)
        return CheckedAnswer(status, headers, b"", broken)

    def _checked(self) -> CheckedAnswer:
        """The whole answer, held against the document."""
        if self._is_recorded:
            return CheckedAnswer(self._answer.status, self._headers)
        if self._kept is None:
            said = f"{self._answer.size:,} bytes of its body were not looked at: more than {MOST_CHECKED:,}"
            self._service.note(self._admission, said)
            return self._checked_head()
        content, unread = plain_content(b"".join(self._kept), self._headers)
        if unread:
            self._service.note(self._admission, f"its body was not looked at: {unread}")
            return self._checked_head()
        check, status = self._check, self._answer.status
        if check is None:
            return CheckedAnswer(status, self._headers, content)
        try:
            broken = check.of_whole(status, self._headers, content, is_head=self._is_head)
        except NotRead as error:
            self._service.note(self._admission, f"its body was not looked at: {error}")
            return self._checked_head()._replace(content=content)
        return CheckedAnswer(status, self._headers, content, broken)
