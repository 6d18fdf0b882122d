"""Makes an API of a document alone: handlers, first records, steps and error bodies."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from mockserver.engine.answers.error_codes import ErrorCodes
from mockserver.engine.answers.errors import ErrorRenderer
from mockserver.engine.answers.example_pairs import Pairing, pairing_step
from mockserver.engine.answers.examples import ExampleResponder
from mockserver.engine.api import Api, Deferred, Handler, made
from mockserver.engine.steps.conditional import Conditional, conditional_step
from mockserver.engine.steps.credentials import Credentials
from mockserver.engine.steps.deprecation import deprecation_step
from mockserver.engine.steps.described_idempotency import replay_of
from mockserver.engine.steps.partial_content import partial_content_step
from mockserver.engine.steps.security_schemes import OFF, PRESENT, SecuritySchemes
from mockserver.engine.steps.step import Step, with_steps
from mockserver.engine.webhooks.sender import OUTBOUND, Sender
from mockserver.generate import Generator
from mockserver.openapi.model.document import Document
from mockserver.openapi.model.operation import Operation
from mockserver.openapi.schema.validator import Schemas
from mockserver.resources.detect.decisions import Plan
from mockserver.resources.detect.plan import plan
from mockserver.resources.detect.resource import SEEDS
from mockserver.resources.operations.handlers import InferredApi, inferred, made_by
from mockserver.resources.operations.login_sessions import Sessions
from mockserver.resources.relations.ownership import MISSING_REFERENCES


@dataclass(frozen=True, slots=True)
class DescribedOptions:
    """Options of such an API: `dynamic` fakes values instead of using examples, `seed` is that of all that is faked,
    `state` remembers what was sent. `security` says what is asked of callers: nothing (`off`), a credential of the
    right form (`present`), one of the `credentials` (`check`). Collections begin with `seeds` records, where neither
    examples nor `x-mock-seeds` say with how many.
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
    generator = Generator(spec.views.response)
    responder = ExampleResponder(generator, manner.dynamic, manner.seed)
    planned = plan(spec)
    make = made_by(generator, manner.seed, dynamic=manner.dynamic)
    kept = inferred(planned, spec, make, manner.seeds) if manner.state else None
    sessions = Sessions(spec, kept.context, kept.stores) if kept is not None else None
    is_ended = sessions.is_ended if sessions else None
    guard = None if manner.security == OFF else SecuritySchemes(spec, manner.credentials, is_ended)
    delays = {role.operation: role.delay for role in planned.roles.values() if role.delay}
    composer = _HandlerComposer(spec, planned, responder, kept, sessions)
    return Api(
        name=spec.name,
        handlers={operation.id: Deferred(partial(composer.handler, operation)) for operation in spec.operations},
        collections=kept.collections if kept is not None else {},
        seed_collections=kept.seed_collections if kept is not None else {},
        render=ErrorRenderer(responder, ErrorCodes(spec.document), composer.pairings),
        assumptions=(MISSING_REFERENCES,) if kept is not None and kept.refers else (),
        guard=guard,
        webhooks=OUTBOUND,
        send=composer.sender.send,
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


class _HandlerComposer:
    """Puts the steps of each operation around its handler, when its first request comes."""

    def __init__(
        self,
        spec: Document,
        planned: Plan,
        responder: ExampleResponder,
        kept: InferredApi | None,
        sessions: Sessions | None,
    ) -> None:
        self.pairings = {operation.id: Pairing(operation) for operation in spec.operations}
        self.sender = Sender(spec, responder)
        self._planned = planned
        self._responder = responder
        self._kept = kept
        self._sessions = sessions
        self._stateful = kept.handlers if kept is not None else {}
        self._reads = {operation.path: operation for operation in spec.operations if operation.method == "GET"}
        self._unconditional: dict[str, Handler] = {}

    def handler(self, operation: Operation) -> Handler:
        """The handler of the operation with all of its steps."""
        remembers = operation.id in self._stateful
        conditions = conditional_step(operation, remembers=remembers, reads=self._read_at)
        steps = [deprecation_step(operation), partial_content_step(operation), conditions]
        return with_steps(steps, self._without_conditions(operation))

    def _read_at(self, path: str) -> tuple[Conditional, Handler] | None:
        """The operation that reads what stands at this path template; None where none does."""
        read = self._reads.get(path)
        if read is None:
            return None
        conditional = Conditional(read, remembers=read.id in self._stateful, reads=self._read_at)
        return conditional, self._without_conditions(read)

    def _without_conditions(self, operation: Operation) -> Handler:
        """The handler with every step but those that look at the conditions of a request."""
        known = self._unconditional.get(operation.id)
        if known is not None:
            return known
        remembers = operation.id in self._stateful
        if remembers:
            own = with_steps(self._kept_steps(operation), made(self._stateful[operation.id]))
        else:
            own = with_steps(self._unkept_steps(operation), self._responder.handler(operation))
        session = self._sessions.step(operation, own, remembers=remembers) if self._sessions else None
        whole = self._unconditional[operation.id] = with_steps([self.sender.callback_step(operation), session], own)
        return whole

    def _kept_steps(self, operation: Operation) -> tuple[Step | None, ...]:
        role = self._planned.roles[operation.id]
        knows = self._kept.knows(role) if self._kept is not None else None
        return (
            pairing_step(self.pairings[operation.id], self._responder, knows),
            self.sender.webhook_step(role.collection, role.kind),
            self._responder.prefer_step(operation),
            self._responder.negotiation_step(operation),
        )

    def _unkept_steps(self, operation: Operation) -> tuple[Step | None, ...]:
        own = self._kept.unkept_steps(operation.id) if self._kept is not None else ()
        return (*own, pairing_step(self.pairings[operation.id], self._responder))
