"""Decides before the handler which faults a request gets, and applies them to its answer."""

from __future__ import annotations

from typing import Final, NamedTuple

from mockserver.engine.call import FAULT, Call
from mockserver.engine.interventions.contract_break import broken, schema_of
from mockserver.engine.interventions.fault import Delay, Fault
from mockserver.engine.interventions.matching.request_pattern import AskedRequest
from mockserver.messages import Delivery, Response
from mockserver.problem import FORBIDDEN, INTERNAL, INVALID, NOT_FOUND, RATE_LIMITED, UNAUTHENTICATED, Problem, phrase
from mockserver.state.clock import LONGEST_DELAY
from mockserver.state.interventions import Rules
from mockserver.state.random_source import Random

CODES: Final = {
    400: INVALID, 401: UNAUTHENTICATED, 403: FORBIDDEN, 404: NOT_FOUND, 422: INVALID, 429: RATE_LIMITED, 500: INTERNAL,
}  # fmt: skip
"""The reason that each status usually has, by which an API finds its own words for it."""


class Strike(NamedTuple):
    """What goes wrong with one request: the `fault` that does more than slow it down, if any, and how long it takes:
    `delay` seconds, then `rate` bytes of the body a second (0: at once).
    """

    fault: Fault | None
    delay: float
    rate: int

    @property
    def replaces(self) -> bool:
        """Whether the request is not carried out."""
        return self.fault is not None and self.fault.replaces

    def answered_by(self, usual: str) -> str:
        """What the journal says that answered."""
        return usual if self.fault is None else FAULT

    def spoiled(self, answer: Response, call: Call) -> Response:
        """The answer as it is sent, whose body is in bytes; `call.delivery` says how."""
        fault, ends = self.fault, ""
        if fault is not None:
            ends = fault.connection
            if fault.breaks:
                answer = _broken(answer, fault, call) or _said_unbroken(answer, fault, call)
            if fault.content_type:
                answer = _relabelled(answer, fault.content_type)
        if ends or self.delay or self.rate:
            own = call.delivery or Delivery()
            delay = min(own.delay + self.delay, LONGEST_DELAY)
            call.delivery = own._replace(
                delay=delay, bytes_per_second=self.rate or own.bytes_per_second, fault=ends or own.fault
            )
        return answer


def asked_problem(status: int) -> Problem:
    """The Problem of a failure that a test asked for, with the reason that the status usually has."""
    detail = f"{phrase(status)}. This failure was asked for: a fault of the mock."
    return Problem(status, detail, code=CODES.get(status) or phrase(status).lower().replace(" ", "-"))


def strike(call: Call, asked: AskedRequest, faults: Rules, chance: Random) -> Strike | None:
    """What goes wrong with this request: the first fault that is due decides, together with those before it that only
    slow the answer down; faults behind it do not see the request.
    """
    delay, rate, decisive = 0.0, 0, None
    struck: list[str] = []
    for rule in faults:
        fault: Fault = rule.value
        if not fault.fits(asked) or not faults.apply(rule):
            continue
        struck.append(fault.told())
        delay += fault.delay.seconds(chance) if isinstance(fault.delay, Delay) else fault.delay / 1000
        rate = rate or fault.bytes_per_second
        if not fault.only_slows:
            decisive = fault
            break
    if not struck:
        return None
    call.note(FAULT, " and ".join(struck))
    return Strike(decisive, delay, rate)


def _broken(answer: Response, fault: Fault, call: Call) -> Response | None:
    media_type = answer.headers[0][1] if answer.headers else ""
    changed = broken(answer.body, fault.breaks, fault.pointer, schema_of(call.operation, answer.status, media_type))
    return None if changed is None else answer._replace(body=changed)


def _said_unbroken(answer: Response, fault: Fault, call: Call) -> Response:
    """The answer as it is, which says that it has nothing that the fault could break."""
    asked = f"breaks {fault.breaks}"
    told = f"breaks nothing: this answer has no member {'at the pointer' if fault.pointer else 'for it'}"
    call.notes = tuple(note.replace(asked, told) if note.startswith(f"{FAULT}=") else note for note in call.notes)
    headers = ((name, text.replace(asked, told) if name == _SAID else text) for name, text in answer.headers)
    return answer._replace(headers=tuple(headers))


_SAID: Final = "Mock-Assumption"


def _relabelled(answer: Response, content_type: str) -> Response:
    others = tuple(header for header in answer.headers if header[0].lower() != "content-type")
    return answer._replace(headers=(("Content-Type", content_type), *others))
