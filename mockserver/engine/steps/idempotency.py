"""Replays the stored answer of an Idempotency-Key that was seen before; 409 for another request."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import NamedTuple

from mockserver.engine.call import Call
from mockserver.messages import Response
from mockserver.problem import IN_PROGRESS, KEY_INVALID, KEY_MISMATCH, Problem
from mockserver.state.world import ApiState

MOST_KEPT = 5_000
"""Answers of one API in one world; beyond that the oldest is forgotten before its time."""


_SOON = 1
"""Seconds after which it is worth while to ask again for the answer to a request that still runs."""


class StoredReply(NamedTuple):
    """An answer that is given again: to the same request, until `until`, but not before `ready` (epoch seconds)."""

    fingerprint: bytes
    body: bytes
    response: Response
    request_id: str
    until: float
    ready: float = 0.0


@dataclass(frozen=True, slots=True)
class Idempotency:
    """Idempotency keys of `header`, one scope per credential.

    The first answer to a key is kept for `ttl` seconds and given again to the same method, path and body, with the
    header `replayed`; another request under the same key is a Problem `mismatch`. Answers that are 5xx, one of
    `forgotten`, or carry Retry-After are not kept, nor those given before the key was looked at.

    `enforced` names the assumption whose option `ignore` takes no notice of keys, `same_id` the one whose option
    `first` gives the answer again with the request id that it had, `compared` the one whose option `body` takes a
    request of another path for the same one if only its body is. Empty: none of them.

    Requests of one world are answered one after the other, so that none meets another that still runs, but for a slow
    one, whose answer takes its `delay` in seconds: a Problem 409 until then on the world's clock. `running`
    names the collection of those that are said to: records with the `key` as their id and the `caller` it belongs to,
    the value of a credential. A request with such a key is a Problem 409. Empty: there are none.
    """

    header: str
    ttl: float
    replayed: tuple[str, str]
    methods: frozenset[str] = field(default=frozenset({"POST", "PATCH"}))
    forgotten: frozenset[int] = field(default=frozenset({408, 425, 429}))
    longest: int = 255
    enforced: str = ""
    same_id: str = ""
    running: str = ""
    compared: str = ""
    mismatch: int = 409
    delay: float = 0.0

    def replay(self, call: Call, state: ApiState) -> Response | None:
        """The answer that this request got before, if any; raises Problem 400 for a bad key, 409 for another
        request's.
        """
        key = call.request.headers.get(self.header)
        if key is None or call.request.unread is not None:
            return None
        if self.enforced and call.assume(self.enforced) == "ignore":
            return None
        if not key.strip() or len(key) > self.longest:
            raise Problem(400, f"{self.header} must have 1 to {self.longest} characters.", code=KEY_INVALID)
        if self.running and self._still_runs(key, call, state):
            message = f"The first request with this {self.header} is still running; ask again in {_SOON} s."
            raise Problem(409, message, code=IN_PROGRESS, retry_after=_SOON)
        call.idempotency_key = key
        kept: StoredReply | None = state.replies.get((call.secret, key))
        if kept is None or kept.until <= call.at:
            return None
        if kept.fingerprint != _fingerprint(call) and not self._is_enough(kept, call):
            raise Problem(self.mismatch, f"This {self.header} was used for another request.", code=KEY_MISMATCH)
        if kept.ready > call.at:
            wait = math.ceil(kept.ready - call.at)
            message = f"The first request with this {self.header} is still running; ask again in {wait} s."
            raise Problem(409, message, code=IN_PROGRESS, retry_after=wait)
        call.replayed = True
        if self.same_id and call.assume(self.same_id) == "first":
            call.request_id = kept.request_id
        return kept.response._replace(headers=(*kept.response.headers, self.replayed))

    def _is_enough(self, kept: StoredReply, call: Call) -> bool:
        """Whether a request of another method or path is the same one, because it has the same body."""
        return bool(self.compared) and kept.body == _digest(call.request.body) and call.assume(self.compared) == "body"

    def _still_runs(self, key: str, call: Call, state: ApiState) -> bool:
        first = state[self.running].get(key)
        return first is not None and first.get("caller") == call.secret

    def keep(self, call: Call, state: ApiState, response: Response) -> None:
        """From now on the answer is given again to the same request under the same key."""
        if call.replayed or response.status >= 500 or response.status in self.forgotten:
            return
        if any(name == "Retry-After" for name, _ in response.headers):
            return
        slot = (call.secret, call.idempotency_key)
        kept: StoredReply | None = state.replies.get(slot)
        if kept is None or kept.until <= call.at:
            _forget_expired(state, call.at)
            if len(state.replies) >= MOST_KEPT:
                del state.replies[next(iter(state.replies))]
            ends, ready = call.at + self.ttl, call.at + self.delay if self.delay else 0.0
            body = _digest(call.request.body)
            state.replies[slot] = StoredReply(_fingerprint(call), body, response, call.request_id, ends, ready)

    def finish(self, call: Call, state: ApiState) -> None:
        """The slow answer has been given, whatever the world's clock says: whoever got it may ask again."""
        slot = call.secret, call.idempotency_key
        kept: StoredReply | None = state.replies.get(slot)
        if kept is not None and not call.replayed and kept.ready == call.at + self.delay:
            state.replies[slot] = kept._replace(ready=0.0)


def _forget_expired(state: ApiState, now: float) -> None:
    """Replies are kept in the order of their age, so the expired ones stand in front."""
    expired = []
    for slot, kept in state.replies.items():
        if kept.until > now:
            break
        expired.append(slot)
    for slot in expired:
        del state.replies[slot]


def _fingerprint(call: Call) -> bytes:
    request = call.request
    return _digest(b"\0".join((request.method.encode(), request.path.encode(), request.query.encode(), request.body)))


def _digest(content: bytes) -> bytes:
    return blake2b(content, digest_size=16).digest()
