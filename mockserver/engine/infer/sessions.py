"""What login begins and logout ends: the tokens that this mock gave out, and those of them that are good no more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mockserver.engine.api import Handler
from mockserver.engine.call import Call
from mockserver.engine.infer.decisions import Way
from mockserver.engine.infer.ground import Ground
from mockserver.engine.infer.ids import alike
from mockserver.engine.infer.names import named, plain
from mockserver.engine.infer.reading import segments_of
from mockserver.engine.infer.shape import dig, put
from mockserver.engine.infer.store import MEMORY
from mockserver.engine.prefer import preference_of
from mockserver.spec.document import Spec
from mockserver.spec.operation import Operation
from mockserver.state.world import Realm
from mockserver.wire import Json, Response

_BEGINS: Final = named("login signin token tokens session sessions auth authenticate refresh register signup")
_ENDS: Final = named("logout signout logoff revoke")
_SESSIONS: Final = named("session sessions token tokens")
_CURRENT: Final = ("current", "me", "self")
_TOKENS: Final = named("token accesstoken authtoken sessiontoken bearertoken jwt")
_NOT_REMEMBERED: Final = "not-remembered="


class Sessions:
    """The operations of a document that give tokens out and those that end them; none where it has not both."""

    def __init__(self, spec: Spec, ground: Ground) -> None:
        self.ground = ground
        begins = {operation.id for operation in spec.operations if _begins(operation)}
        ends = {operation.id for operation in spec.operations if _ends(operation)}
        self.begins = begins if ends else set()
        self.ends = ends if begins else set()

    def __bool__(self) -> bool:
        return bool(self.begins)

    def is_ended(self, secret: str, world: Realm) -> bool:
        """Whether this mock gave the token out, and it was ended since."""
        known = world[MEMORY].get(_mark(secret))
        return known is not None and bool(known["ended"])

    def around(self, operation: Operation, handler: Handler, *, remembers: bool) -> Handler:
        """The handler, which gives out another token each time, or ends one. What `remembers` shows its own tokens."""
        if operation.id in self.begins:
            return self._beginning(operation, handler, varies=not remembers)
        return _ending(operation, handler) if operation.id in self.ends else handler

    def _beginning(self, operation: Operation, handler: Handler, *, varies: bool) -> Handler:
        def begin(call: Call, world: Realm) -> Response | Json:
            answer = handler(call, world)
            response = answer if type(answer) is Response else Response(200, answer)
            body = response.body
            if response.status >= 300 or not isinstance(body, dict) or preference_of(call.request).steers:
                return answer
            for way in [*_ways(body)]:
                if varies and not call.by_example:
                    body = self._varied(operation, body, way, world)
                token = dig(body, way)
                session = dig(body, (*way[:-1], "id"))
                world[MEMORY].replace({"id": _mark(token), "session": str(session), "ended": False})
            return answer if body is response.body else response._replace(body=body)

        return begin

    def _varied(self, operation: Operation, body: dict[str, Json], way: Way, world: Realm) -> dict[str, Json]:
        """The answer with another token than the logins before it had, as far as its schema allows one."""
        number = world.next_number(f"token {operation.id}")
        if number == 1:
            return body
        varied = put(body, way, alike(str(dig(body, way)), number - 1, f"{operation.id} {number}"))
        place = self.ground.reading(operation.id).shown
        fits = isinstance(varied, dict) and (place is None or self.ground.accepts(place.pointer)(varied))
        return varied if fits and isinstance(varied, dict) else body


def _ending(operation: Operation, handler: Handler) -> Handler:
    last = operation.path.rpartition("/")[2]
    parameter = last[1:-1] if last[:1] == "{" else ""

    def end(call: Call, world: Realm) -> Response | Json:
        answer = handler(call, world)
        if type(answer) is Response and answer.status >= 300:
            return answer
        named_session = str(call.path.get(parameter, "")) if parameter else ""
        if named_session and named_session not in _CURRENT:
            marks = [known["id"] for known in world[MEMORY].where(session=named_session)]
        else:
            marks = [_mark(_sent(call))]
        for mark in marks:
            known = world[MEMORY].get(mark)
            if known is not None:
                world[MEMORY].replace({"id": mark, "session": known["session"], "ended": True})
                call.notes = tuple(note for note in call.notes if not note.startswith(_NOT_REMEMBERED))
        return answer

    return end


def _sent(call: Call) -> str:
    """The token to be ended: the one that the body names, else the caller's."""
    said = call.body.get("token") if isinstance(call.body, dict) else None
    return said if isinstance(said, str) else call.secret or call.request.headers.get("Authorization", "")[7:].strip()


def _mark(token: Json) -> str:
    return f"token|{token}"


def _ways(body: dict[str, Json]) -> Iterator[Way]:
    """Where tokens stand in an answer, at most one object deep."""
    for name, value in body.items():
        if isinstance(value, str) and value and plain(name) in _TOKENS:
            yield (name,)
        elif isinstance(value, dict):
            yield from ((name, key) for key, held in value.items() if isinstance(held, str) and plain(key) in _TOKENS)


def _begins(operation: Operation) -> bool:
    last = (segments_of(operation.path) or ("",))[-1]
    return operation.method == "POST" and plain(last) in _BEGINS


def _ends(operation: Operation) -> bool:
    segments = [plain(segment) for segment in ("", "", *segments_of(operation.path))]
    if operation.method in ("POST", "DELETE") and segments[-1] in _ENDS:
        return True
    is_session = segments[-1] in _SESSIONS or (
        segments[-2] in _SESSIONS and (operation.path.endswith("}") or segments[-1] in _CURRENT)
    )
    return operation.method == "DELETE" and is_session
