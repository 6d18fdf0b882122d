"""The definition of one API: its handlers, records, credentials, limits, error bodies and assumptions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path

from mockserver.engine.assumptions import Assumption
from mockserver.engine.call import Call
from mockserver.engine.live_channels import LiveChannels
from mockserver.engine.record_fit import RecordFit
from mockserver.engine.steps.authenticate import Authenticator
from mockserver.engine.steps.idempotency import Idempotency
from mockserver.engine.steps.rate_limit import Limit
from mockserver.engine.steps.step import Handler
from mockserver.engine.webhooks.rules import Webhooks
from mockserver.json_text import Json
from mockserver.messages import Headers, Response
from mockserver.openapi.model.operation import Operation
from mockserver.problem import Problem, Unusable
from mockserver.state.records.record import Record
from mockserver.state.world import ApiState, SeedCollection

__all__ = ["Api", "CollectionSpec", "Deferred", "Handler", "made"]


class Deferred:
    """A handler that is made when it is first needed; `made` is that handler."""

    def __init__(self, make: Callable[[], Handler]) -> None:
        self._make = make

    @cached_property
    def made(self) -> Handler:
        return self._make()

    def __call__(self, call: Call, state: ApiState) -> Response | Json:
        return self.made(call, state)


def made(handler: Handler) -> Handler:
    """The handler itself, made now if it was to be made later."""
    return handler.made if isinstance(handler, Deferred) else handler


Send = Callable[[str, ApiState, str, Json, str], list[Record]]
"""(webhook, world, address, body, id of a record) -> the deliveries that wait for their time now. Raises Problem."""

Follow = Callable[[ApiState, str, Record | None, Record | None, Mapping[str, str]], None]


@dataclass(frozen=True, slots=True)
class CollectionSpec:
    """One collection: the member that holds a record's id, and the component schema that its public members fit.

    `values` are JSON Schemas of members that the document does not speak of and handlers take for granted. `fit` fits
    records that a store has kept while the document was another one; None: they stay as they were.
    """

    id_member: str
    schema: str = ""
    values: Mapping[str, Json] = field(default_factory=dict)
    fit: RecordFit | None = None


@dataclass(frozen=True, slots=True)
class Api:
    """One API: what its operations do, who may call them, how it says no, and what it assumes. All is optional.

    `name` is what it is served under: in a folder it is the folder's name, or what the command line says, whatever
    stands here. `handlers` maps ids of operations to functions of `(call, state)`, which return a JSON value, a
    Response, or raise a Problem. `collections` are what it remembers. `render` makes the answer of a Problem; None: as
    the document declares it, else `application/problem+json`. It may
    be called before the request matched any operation. `invalid_status` is the status of a Problem for a request that
    breaks its schema. `guard` knows the callers; None: as the document's security schemes say. `limits` bound how often
    they call. `replay` heeds idempotency keys. `headers` makes headers that every answer gets, `request_id` mints the
    id of one request. `webhooks` says how that is sent what handlers put into `state.outbox`. `assumptions` are the
    choices that a client can see and no document settles. `credential` is the header that opens most operations in the
    world of the records: `check`, the welcome and examples send it.

    `any_media_type` names the assumption whose option `ignore` reads a body as JSON whatever its Content-Type says;
    empty: a wrong one is a Problem 415. `screen` turns a request away before anyone asks who calls. `live` says what
    its clients are told as it happens. `follow` is what follows from a record that was written past the handlers,
    given the collection's name, the record before and after (None: there was none, there is none) and the options of
    the assumptions. `credentials` are the headers of further security schemes by name, `query_keys` the query
    parameters of such as are opened by one.

    The loader fills in the rest. `records` is the file of what worlds begin with, `seed_collections` are those of
    collections that no file names. `send` sends a webhook that the document declares. `replay_of` says how each
    operation heeds idempotency keys where that differs. `delays` are the seconds that slow operations take, by id;
    `answered_by` says what answers an operation where that is no code written for it. Where the API `is_complete`, its
    document has every answer; else a Problem may be said by one that it does not declare.
    """

    name: str = ""
    handlers: Mapping[str, Handler] = field(default_factory=dict)
    collections: Mapping[str, CollectionSpec] = field(default_factory=dict)
    render: Callable[[Problem, Call], Response] | None = None
    invalid_status: int = 422
    guard: Authenticator | None = None
    limits: tuple[Limit, ...] = ()
    replay: Idempotency | None = None
    headers: Callable[[Call], Headers] | None = None
    request_id: Callable[[ApiState], str] | None = None
    webhooks: Webhooks | None = None
    assumptions: Iterable[Assumption] = ()
    credential: tuple[str, str] = ("", "")
    credentials: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    query_keys: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    any_media_type: str = ""
    screen: Callable[[Call, ApiState], None] | None = None
    live: LiveChannels | None = None
    follow: Follow | None = None
    records: Path | None = None
    seed_collections: Mapping[str, SeedCollection] = field(default_factory=dict)
    send: Send | None = None
    replay_of: Callable[[Operation], Idempotency | None] | None = None
    delays: Mapping[str, float] = field(default_factory=dict)
    answered_by: Mapping[str, str] = field(default_factory=dict)
    is_complete: bool = True

    def choose(self, switched: Mapping[str, str]) -> dict[str, str]:
        """The option of every assumption: its default, or what it was switched to. Raises Unusable."""
        known = {assumption.name: assumption for assumption in self.assumptions}
        for name, option in switched.items():
            if name not in known:
                near = get_close_matches(name, known, 3)
                there = f"the nearest: {', '.join(near)}" if near else f"it has {', '.join(sorted(known)) or 'none'}"
                raise Unusable(f"{self.name} has no assumption {name!r}; {there}")
            if option not in known[name].options:
                raise Unusable(f"{self.name}.{name} has no option {option!r}; it has {', '.join(known[name].options)}")
        return {name: switched.get(name, assumption.default) for name, assumption in known.items()}

    def edits(self, switched: Mapping[str, str]) -> dict[str, Json]:
        """Returns the edits of the document under these options, by JSON pointer."""
        choices = {one.name: switched.get(one.name, one.default) for one in self.assumptions}
        return {
            pointer: value
            for assumption in self.assumptions
            for pointer, value in assumption.document.get(choices[assumption.name], {}).items()
        }
