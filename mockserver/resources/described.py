"""An API of which nothing but its document is known."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial

from mockserver.engine.answers.errors import ErrorRenderer
from mockserver.engine.answers.example_pairs import Pairing, paired
from mockserver.engine.answers.examples import ExampleResponder
from mockserver.engine.api import Api, Deferred, Handler, made
from mockserver.engine.steps.conditional import conditional
from mockserver.engine.steps.credentials import Credentials
from mockserver.engine.steps.deprecation import mark_deprecated
from mockserver.engine.steps.described_idempotency import replay_of
from mockserver.engine.steps.security_schemes import OFF, PRESENT, SecuritySchemes
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
    forgetful = kept.with_tombstones if kept is not None else _as_it_is
    sessions = Sessions(spec, kept.context, kept.stores) if kept is not None else None
    is_ended = sessions.is_ended if sessions else None
    guard = None if manner.security == OFF else SecuritySchemes(spec, manner.credentials, is_ended)

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
            own = answering.with_preferences(operation, made(stateful[operation.id]))
            own = sender.announcing(role.collection, role.kind, own)
            own = paired(pairings[operation.id], answering, own, kept.knows(role) if kept is not None else None)
        else:
            own = made(forgetful(operation.id, paired(pairings[operation.id], answering, answering.handler(operation))))
        if sessions:
            own = sessions.around(operation, own, remembers=remembers)
        return conditional(operation, sender.calling_back(operation, own), remembers=remembers, reads=read_at)

    def handler(operation: Operation) -> Handler:
        return mark_deprecated(operation, conditioned(operation))

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


def _as_it_is(_operation: str, handler: Handler) -> Handler:
    return handler
