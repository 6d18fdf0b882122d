"""Rules of an API for the webhooks that it sends: headers, the meaning of answers, and what follows from them."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass

from mockserver.messages import Headers
from mockserver.state.records.record import Record
from mockserver.state.world import ApiState

AGENT = "mockserver"

TO_THIS_MOCK = "toThisMock"
"""The member of a delivery's `about` that says it was addressed to this mock by the document: by a relative address."""
"""What requests of the mock's own call their sender."""

ACCEPTED, RETRY, DROP = "delivered", "retry", "drop"


@dataclass(frozen=True, slots=True)
class DeliveryOutcome:
    """The outcome of one attempt: a status with the beginning of the answer's body, or an error in words. `took` is in
    seconds; `is_final` says that asking again is pointless.
    """

    status: int | None
    error: str | None
    answer: str = ""
    took: float = 0.0
    is_final: bool = False


def unsigned(_delivery: Record, _at: float) -> Headers:
    """No headers but those that every delivery has."""
    return ()


def post(_delivery: Record) -> str:
    """The method of most webhooks."""
    return "POST"


def retry_unless_2xx(_delivery: Record, status: int) -> str:
    """Any 2xx is a delivery; whatever else was answered is asked again."""
    return ACCEPTED if 200 <= status < 300 else RETRY


def digest(delivery: Record, moment: object = None) -> str:
    """The HMAC-SHA256 with the delivery's secret over the very bytes of its body, in hexadecimal digits; over the
    moment, a dot and the body where a moment is signed too.
    """
    signed = delivery["body"] if moment is None else f"{moment}.{delivery['body']}"
    return hmac.new(delivery["secret"].encode(), signed.encode(), hashlib.sha256).hexdigest()


@dataclass(frozen=True, slots=True)
class Webhooks:
    """Rules by which one API sends what its handlers put into `state.outbox`.

    `sign` makes the headers of one attempt from the delivery and the attempt's world time in epoch seconds: signature,
    event id, timestamp. `verdict` says what a status means for the delivery: "delivered", "retry" or "drop"; no answer
    at all is always a "retry".
    `method` is that of its requests.
    `attempted` is called after each attempt, in its transaction and under the world's lock, with the delivery as it now
    stands: there failures are counted and endpoints disabled. It writes nothing where it raises.

    A delivery is a record: `id`, `api`, `event`, `endpoint`, `url`, `body` (text), `secret`, `about`, `created`, `due`,
    `delays`, `timeout`, `state` ("due", "delivered", "failed") and `attempts`, each with `at`, `status` (None where
    nobody answered), `error` (None where somebody did), `answer` (how its body begins) and `took` in seconds. Times are
    world time in epoch seconds.
    """

    sign: Callable[[Record, float], Headers] = unsigned
    verdict: Callable[[Record, int], str] = retry_unless_2xx
    attempted: Callable[[Record, ApiState], None] | None = None
    method: Callable[[Record], str] = post
