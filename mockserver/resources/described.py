"""An API of which nothing but its document is known."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial

from mockserver.engine.answers.errors import ErrorRenderer
from mockserver.engine.answers.example_pairs import Pairing, pairing_step
from mockserver.engine.answers.examples import ExampleResponder
from mockserver.engine.api import Api, Deferred, Handler, made
from mockserver.engine.steps.conditional import Conditional, conditional_step
from mockserver.engine.steps.credentials import Credentials
from mockserver.engine.steps.deprecation import deprecation_step
from mockserver.engine.steps.described_idempotency import replay_of
from mockserver.engine.steps.security_schemes import OFF, PRESENT, SecuritySchemes
from mockserver.engine.steps.step import Step, with_steps
from mockserver.engine.webhooks.sender import OUTBOUND, Sender
from mockserver.generate import Generator
from mockserver.openapi.model.document import Document
from mockserver.openapi.model.operation import Operation
from mockserver.openapi.schema.validator import Schemas
from mockserver.resources.detect.plan import plan
from mockserver.resources.detect.resource import SEEDS
from mockserver.resources.operations.handlers import inferred, made_by
from mockserver.resources.operations.login_sessions import Sessions
from mockserver.resources.relations.ownership import MISSING_REFERENCES


@dataclass(frozen=True, slots=True)
class DescribedOptions:
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
    Generator(schemas).value("")


def described_api(spec: Document, manner: DescribedOptions) -> Api:
    """The API that answers every operation of the document: from what it remembers where the document's structure
    tells how, else from examples and schemas.
    """
    synthesizer = Generator(spec.views.response)
    answering = ExampleResponder(synthesizer, manner.dynamic, manner.seed)
    planned = plan(spec)
    make = made_by(synthesizer, manner.seed, dynamic=manner.dynamic)
    kept = inferred(planned, spec, make, manner.seeds) if manner.state else None
    stateful = kept.handlers if kept is not None else {}
    sessions = Sessions(spec, kept.context, kept.stores) if kept is not None else None
    is_ended = sessions.is_ended if sessions else None
    guard = None if manner.security == OFF else SecuritySchemes(spec, manner.credentials, is_ended)

    delays = {role.operation: role.delay for role in planned.roles.values() if role.delay}

    pairings = {operation.id: Pairing(operation) for operation in spec.operations}

    sender = Sender(spec, answering)

    reads = {operation.path: operation for operation in spec.operations if operation.method == "GET"}

    def read_at(path: str) -> tuple[Conditional, Handler] | None:
        read = reads.get(path)
        if read is None:
            return None
        return Conditional(read, remembers=read.id in stateful, reads=read_at), unconditional(read)

    def kept_steps(operation: Operation) -> tuple[Step | None, ...]:
        role = planned.roles[operation.id]
        return (
            pairing_step(pairings[operation.id], answering, kept.knows(role) if kept is not None else None),
            sender.webhook_step(role.collection, role.kind),
            answering.prefer_step(operation),
            answering.negotiation_step(operation),
        )

    def unkept_steps(operation: Operation) -> tuple[Step | None, ...]:
        own = kept.unkept_steps(operation.id) if kept is not None else ()
        return (*own, pairing_step(pairings[operation.id], answering))

    @cache
    def unconditional(operation: Operation) -> Handler:
        remembers = operation.id in stateful
        if remembers:
            own = with_steps(kept_steps(operation), made(stateful[operation.id]))
        else:
            own = with_steps(unkept_steps(operation), answering.handler(operation))
        session = sessions.step(operation, own, remembers=remembers) if sessions else None
        return with_steps([sender.callback_step(operation), session], own)

    def handler(operation: Operation) -> Handler:
        remembers = operation.id in stateful
        conditions = conditional_step(operation, remembers=remembers, reads=read_at)
        return with_steps([deprecation_step(operation), conditions], unconditional(operation))

    return Api(
        name=spec.name,
        handlers={operation.id: Deferred(partial(handler, operation)) for operation in spec.operations},
        collections=kept.collections if kept is not None else {},
        seed_collections=kept.seed_collections if kept is not None else {},
        render=ErrorRenderer(answering, pairings),
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
