"""An API of which nothing but its document is known."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial

from mockserver.engine.answering import Answering
from mockserver.engine.api import Api, Deferred, Handler, made
from mockserver.engine.conditional import conditional
from mockserver.engine.credentials import Credentials
from mockserver.engine.deprecation import marking
from mockserver.engine.idempotency import replay_of
from mockserver.engine.infer.handlers import inferred, made_by
from mockserver.engine.infer.owning import MISSING_REFERENCES
from mockserver.engine.infer.plan import plan
from mockserver.engine.infer.resource import SEEDS
from mockserver.engine.infer.sessions import Sessions
from mockserver.engine.pairing import Pairing, paired
from mockserver.engine.refusal import Refusal
from mockserver.engine.security import OFF, PRESENT, Security
from mockserver.engine.sending import OUTBOUND, Sender
from mockserver.spec.document import Spec
from mockserver.spec.operation import Operation
from mockserver.spec.schema import Schemas
from mockserver.spec.synthesize import Synthesizer


@dataclass(frozen=True, slots=True)
class Manner:
    """How such an API answers: `dynamic` fakes values instead of using examples, `seed` is that of all that is faked,
    `state` remembers what was sent. `security` says what is asked of callers: nothing (`off`), a credential of the
    right form (`present`), one of the `credentials` (`check`). Collections begin with `seeds` records, where
    neither examples nor `x-mock-seeds` say with how many.
    """

    dynamic: bool = False
    seed: int = 0
    state: bool = True
    security: str = PRESENT
    credentials: Credentials | None = None
    seeds: int = SEEDS


def warm() -> None:
    """Values can be faked at once: what that takes is imported."""
    schemas = Schemas({"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}})
    Synthesizer(schemas).value("")


def described(spec: Spec, manner: Manner) -> Api:
    """The API that answers every operation of the document: from what it remembers where the document's structure
    tells how, else from examples and schemas.
    """
    synthesizer = Synthesizer(spec.views.response)
    answering = Answering(synthesizer, manner.dynamic, manner.seed)
    planned = plan(spec)
    make = made_by(synthesizer, manner.seed, dynamic=manner.dynamic)
    kept = inferred(planned, spec, make, manner.seeds) if manner.state else None
    stateful = kept.handlers if kept is not None else {}
    forgetful = kept.minded if kept is not None else _as_it_is
    sessions = Sessions(spec, kept.ground, kept.stores) if kept is not None else None
    is_ended = sessions.is_ended if sessions else None
    guard = None if manner.security == OFF else Security(spec, manner.credentials, is_ended)

    delays = {role.operation: role.delay for role in planned.roles.values() if role.delay}

    pairings = {operation.id: Pairing(operation) for operation in spec.operations}

    sender = Sender(spec, answering)

    reads = {operation.path: operation for operation in spec.operations if operation.method == "GET"}

    def read_at(path: str) -> Handler | None:
        return conditioned(reads[path]) if path in reads else None

    @cache
    def conditioned(operation: Operation) -> Handler:
        role = planned.roles[operation.id]
        remembers = operation.id in stateful
        if remembers:
            own = answering.steered(operation, made(stateful[operation.id]))
            own = sender.announcing(role.collection, role.kind, own)
            own = paired(pairings[operation.id], answering, own, kept.knows(role) if kept is not None else None)
        else:
            own = made(forgetful(operation.id, paired(pairings[operation.id], answering, answering.handler(operation))))
        if sessions:
            own = sessions.around(operation, own, remembers=remembers)
        return conditional(operation, sender.calling_back(operation, own), remembers=remembers, reads=read_at)

    def handler(operation: Operation) -> Handler:
        return marking(operation, conditioned(operation))

    return Api(
        name=spec.name,
        handlers={operation.id: Deferred(partial(handler, operation)) for operation in spec.operations},
        collections=kept.collections if kept is not None else {},
        shelves=kept.shelves if kept is not None else {},
        render=Refusal(answering, pairings),
        assumptions=(MISSING_REFERENCES,) if kept is not None and kept.refers else (),
        guard=guard,
        webhooks=OUTBOUND,
        send=sender.send,
        replay_of=partial(replay_of, delays=delays),
        credential=guard.sample(spec.operations) if guard is not None else ("", ""),
        credentials=guard.samples if guard is not None else {},
        query_keys=guard.query_samples if guard is not None else {},
        delays=delays,
        answered_by={
            operation.id: "state" if kept is not None and planned.roles[operation.id].keeps else "document"
            for operation in spec.operations
        },
        is_complete=False,
    )


def _as_it_is(_operation: str, handler: Handler) -> Handler:
    return handler
