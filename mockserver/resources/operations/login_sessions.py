"""Login and logout: gives out tokens, remembers their users, and refuses tokens that were ended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from mockserver.engine.call import Call
from mockserver.engine.steps.step import Handler, Step
from mockserver.json_text import Json
from mockserver.messages import Response
from mockserver.openapi.model.document import Document
from mockserver.openapi.model.operation import Operation
from mockserver.resources.context import ResourceContext
from mockserver.resources.detect.decisions import MemberPath
from mockserver.resources.detect.names import named
from mockserver.resources.detect.operation_view import segments_of
from mockserver.resources.detect.schema_shape import SchemaShape, SchemaShapes, dig, put
from mockserver.resources.operations.token_users import TokenUsers, identity_in, refresh_tokens
from mockserver.resources.records.ids import alike
from mockserver.resources.records.store import MEMORY, Store
from mockserver.spelling import plain
from mockserver.state.world import ApiState

_BEGINS: Final = named(
    "login signin token tokens accesstoken authtoken session sessions auth authenticate refresh register signup"
)
_REGISTERS: Final = named("register registration signup")
_ENDS: Final = named("logout signout logoff revoke")
_SESSIONS: Final = named("session sessions token tokens")
_CURRENT: Final = ("current", "me", "self")
TOKENS: Final = named("token accesstoken authtoken sessiontoken bearertoken jwt")
_PASSWORDS: Final = named("password passphrase pin")
_PEOPLE: Final = named("users user accounts account customers members people profiles")
_NOT_REMEMBERED: Final = "not-remembered="


class Sessions:
    """The operations that give out tokens, end them, or show the user of the token. Empty where tokens are only given
    out.
    """

    def __init__(self, spec: Document, context: ResourceContext, stores: Mapping[str, Store]) -> None:
        self.context = context
        self.users = TokenUsers(context, stores)
        begins = {operation.id for operation in spec.operations if _begins(operation) or self._registers(operation)}
        ends = {operation.id for operation in spec.operations if _ends(operation)}
        shows = {operation.id for operation in spec.operations if self.users.is_shown_by(operation)}
        self.begins = begins if ends or shows else set()
        self.ends = ends if begins else set()
        self.shows = shows if begins else set()

    def _registers(self, operation: Operation) -> bool:
        """Returns whether a POST registers a user: a password is sent and a token answered."""
        last = (segments_of(operation.path) or ("",))[-1]
        if operation.method != "POST" or plain(last) not in _PEOPLE:
            return False
        view, shapes = self.context.view(operation.id), self.context.shapes
        if view.shown is None:
            return False
        return _has(shapes, view.body, _PASSWORDS) and _has(shapes, shapes.at(view.shown), TOKENS)

    def __bool__(self) -> bool:
        return bool(self.begins)

    def is_ended(self, secret: str, state: ApiState) -> bool:
        """Returns whether this mock gave out the token and it was ended since."""
        known = state[MEMORY].get(_mark(secret))
        return known is not None and bool(known["ended"])

    def step(self, operation: Operation, handler: Handler, *, remembers: bool) -> Step | None:
        """Returns the step that gives out a new token at each call, ends one, or shows its user; None for any other
        operation. An operation that `remembers` answers with its own tokens. `handler` answers without this step.
        """
        if operation.id in self.begins:
            return self._beginning(operation, varies=not remembers)
        if operation.id in self.shows:
            return self.users.step(operation, handler)
        return _ending(operation) if operation.id in self.ends else None

    def _beginning(self, operation: Operation, *, varies: bool) -> Step:
        last = plain((segments_of(operation.path) or ("",))[-1])
        is_refusable = varies and bool(self.shows) and last in _REGISTERS and "409" in operation.answers

        def begin(call: Call, state: ApiState, answer: Response) -> Response:
            body = answer.body
            if answer.status >= 300 or not isinstance(body, dict | str) or call.preference.steers:
                return answer
            if is_refusable:
                call.notes = _remembered(call)
                self.users.register(call, state)
            member_paths = [*_token_paths(body)]
            if not member_paths:
                return self._registered(call, answer, state)
            user = ""
            if self.shows and isinstance(body, dict):
                admitted, user = self.users.logged_in(call, body, state)
                body = admitted if varies else body
                call.notes = _remembered(call)
            for member_path in member_paths:
                if varies and not call.by_example:
                    body = self._varied(operation, body, member_path, state)
                session = str(dig(body, (*member_path[:-1], "id"))) if member_path else ""
                state[MEMORY].replace(
                    {"id": _mark(dig(body, member_path)), "session": session, "ended": False, "user": user}
                )
            for token in refresh_tokens(body) if isinstance(body, dict) else ():
                state[MEMORY].replace({"id": _mark(token), "session": "", "ended": False, "user": user})
            return answer if body is answer.body else answer._replace(body=body)

        return Step("login", after=begin)

    def _registered(self, call: Call, answer: Response, state: ApiState) -> Response:
        """Returns the answer of a registration that gives out no token: its user is the one that logs in later."""
        if not self.shows or len(self.begins) == 1 or not isinstance(answer.body, dict) or not identity_in(call.body):
            return answer
        body, _ = self.users.logged_in(call, answer.body, state)
        call.notes = _remembered(call)
        return answer._replace(body=body)

    def _varied(self, operation: Operation, body: Json, member_path: MemberPath, state: ApiState) -> Json:
        """Returns the answer with a token that no login had before, as far as its schema allows one."""
        number = state.next_number("token")
        if _mark(dig(body, member_path)) not in state[MEMORY]:
            return body
        varied = put(body, member_path, alike(str(dig(body, member_path)), number - 1, f"{operation.id} {number}"))
        place = self.context.view(operation.id).shown
        return varied if place is None or self.context.accepts(place.pointer)(varied) else body


def _has(shapes: SchemaShapes, shape: SchemaShape, names: frozenset[str]) -> bool:
    """Returns whether one of these members exists, at most one object deep."""
    inner = (name for place in shape.members.values() for name in shapes.at(place).members)
    return any(plain(name) in names for name in (*shape.members, *inner))


def _ending(operation: Operation) -> Step:
    last = operation.path.rpartition("/")[2]
    parameter = last[1:-1] if last[:1] == "{" else ""

    def end(call: Call, state: ApiState, answer: Response) -> Response:
        if answer.status >= 300:
            return answer
        named_session = str(call.path.get(parameter, "")) if parameter else ""
        if named_session and named_session not in _CURRENT:
            marks = [known["id"] for known in state[MEMORY].where(session=named_session)]
        else:
            marks = [_mark(_sent(call))]
        for mark in marks:
            known = state[MEMORY].get(mark)
            if known is not None:
                state[MEMORY].replace({**known, "ended": True})
                call.notes = _remembered(call)
        return answer

    return Step("logout", after=end)


def _remembered(call: Call) -> tuple[str, ...]:
    """Returns the notes of the call without the one that nothing is remembered."""
    return tuple(note for note in call.notes if not note.startswith(_NOT_REMEMBERED))


def _sent(call: Call) -> str:
    """Returns the token to be ended: the one in the body, else the caller's."""
    token = call.body.get("token") if isinstance(call.body, dict) else None
    return token if isinstance(token, str) else call.secret or call.request.headers.get("Authorization", "")[7:].strip()


def _mark(token: Json) -> str:
    return f"token|{token}"


def _token_paths(body: Json, deeper: int = 2) -> Iterator[MemberPath]:
    """Yields the paths of tokens in an answer, at most two objects deep; a text is itself one."""
    if isinstance(body, str) and body:
        yield ()
    for name, value in body.items() if isinstance(body, dict) else ():
        if isinstance(value, str) and value and plain(name) in TOKENS:
            yield (name,)
        elif isinstance(value, dict) and deeper:
            yield from ((name, *member_path) for member_path in _token_paths(value, deeper - 1))


def _begins(operation: Operation) -> bool:
    last = (segments_of(operation.path) or ("",))[-1]
    return operation.method == "POST" and plain(last) in _BEGINS


def _ends(operation: Operation) -> bool:
    segments = [plain(segment) for segment in ("", "", *segments_of(operation.path))]
    if operation.method in ("POST", "DELETE", "GET") and segments[-1] in _ENDS:
        return True
    is_session = segments[-1] in _SESSIONS or (
        segments[-2] in _SESSIONS and (operation.path.endswith("}") or segments[-1] in _CURRENT)
    )
    return operation.method == "DELETE" and is_session
