"""Users of tokens: `/me` shows the user whose registration or login gave out the token."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Final

from mockserver.engine.answers.examples import examples_of
from mockserver.engine.call import Call
from mockserver.engine.steps.step import Handler, Step
from mockserver.json_text import Json
from mockserver.messages import Response
from mockserver.openapi.model.operation import Operation
from mockserver.problem import ALREADY_EXISTS, Problem
from mockserver.resources.context import ResourceContext
from mockserver.resources.detect.decisions import MemberPath
from mockserver.resources.detect.names import named
from mockserver.resources.detect.operation_view import segments_of
from mockserver.resources.detect.schema_shape import dig, put
from mockserver.resources.records.projection import public
from mockserver.resources.records.store import MEMORY, Store
from mockserver.spelling import plain, singular
from mockserver.state.world import ApiState

_ME: Final = named("me user whoami profile currentuser userinfo self account myself viewer")
"""Last words of paths that show the user of the request."""

_USER: Final = named("user account profile member customer person me")
_ENVELOPES: Final = ("data", "result")
_WHO: Final = ("email", "emailaddress", "username", "login", "userid", "phone", "phonenumber")
"""Members that identify users, the best first."""

_SECRETS: Final = named("password passwd passphrase pin secret otp code passwordconfirmation confirmpassword")
_WITH_USERS: Final = named(
    "token accesstoken authtoken jwt refreshtoken tokentype expires expiresin expiresat scope idtoken"
)
"""Members beside a user in the answer of a login."""

_REFRESH: Final = ("refresh_token", "refreshToken", "refresh")
_NOT_REMEMBERED: Final = "not-remembered="


class TokenUsers:
    """The users that logins answered with, each under the key that it is remembered by."""

    def __init__(self, context: ResourceContext, stores: Mapping[str, Store]) -> None:
        self.context = context
        self._stores = stores
        self._read: tuple[Operation, Handler] | None = None

    def is_shown_by(self, operation: Operation) -> bool:
        """Returns whether the operation shows or changes the user of the request."""
        last = (segments_of(operation.path) or ("",))[-1]
        return operation.method in ("GET", "PUT", "PATCH") and "{" not in operation.path and plain(last) in _ME

    def logged_in(self, call: Call, body: dict[str, Json], state: ApiState) -> tuple[dict[str, Json], str]:
        """Returns the answer of a login with its user, and the key of that user; an empty key where the answer has no
        user.
        """
        sent = {name: value for name, value in _flat(call.body).items() if plain(name) not in _SECRETS}
        who = _identity(sent)
        key = _key_of_names(sent, state) or (f"user|{who}" if who else self._refreshed(sent, state))
        member_path = _user_in(body)
        answered = dig(body, member_path) if member_path is not None else {}
        if not key or state[MEMORY].get(key) is None:
            key = key or "user|"
            self._remember(
                state, key, self._new_user(call, answered if isinstance(answered, dict) else {}, sent, who, state)
            )
        for name in _identities(sent):
            state[MEMORY].replace({"id": _alias(name), "key": key})
        if member_path is None or not isinstance(answered, dict) or call.by_example:
            return body, key
        return self._overlaid(call, body, member_path, self._user(state, key)) or body, key

    def register(self, call: Call, state: ApiState) -> None:
        """Notes whom a registration names. A Problem 409 where that one is registered already, or a record."""
        names = _identities(_flat(call.body))
        for name in names:
            if self._store is not None:
                is_known = any(_is_user(record, name) for record in self._store.every(state))
            else:
                is_known = f"registered|{name}" in state[MEMORY]
            if is_known:
                raise Problem(409, "There is such a user already.", code=ALREADY_EXISTS)
        for name in names:
            state[MEMORY].replace({"id": f"registered|{name}"})

    def step(self, operation: Operation, handler: Handler) -> Step:
        """Returns the step of an operation on the user of the request, who is found by the token. `handler` answers
        without this step.
        """
        if operation.method == "GET" and self._read is None:
            self._read = operation, handler

        def show(call: Call, state: ApiState, answer: Response) -> Response:
            key, body = self._key_of(call, state), answer.body
            if not key or answer.status >= 300 or call.preference.steers or not isinstance(body, dict):
                return answer
            member_path = _user_in(body) or ()
            if operation.method != "GET":
                self._change(call, state, key, dig(body, member_path) if member_path else body)
            answered = self._overlaid(call, body, member_path, self._user(state, key))
            return answer if answered is None else answer._replace(body=answered)

        return Step("user", after=show)

    def _overlaid(
        self, call: Call, body: dict[str, Json], member_path: MemberPath, user: Mapping[str, Json]
    ) -> dict[str, Json] | None:
        """Returns the answer with this user at `member_path`, without unknown members where the schema allows that;
        None where no such answer fits the schema.
        """
        shown = dig(body, member_path) if member_path else body
        whole = {name: user.get(name, value) for name, value in shown.items()}
        beside = _WITH_USERS if not member_path else frozenset()
        least = {name: value for name, value in whole.items() if name in user or plain(name) in beside}
        for candidate in (least, whole):
            changed = put(body, member_path, candidate) if member_path else candidate
            if not user.keys().isdisjoint(candidate) and isinstance(changed, dict) and self._fits(call, changed):
                return changed
        return None

    def _new_user(
        self, call: Call, answered: Mapping[str, Json], sent: Mapping[str, Json], who: str, state: ApiState
    ) -> tuple[dict[str, Json], Json]:
        """Returns the user of a first login, and the id of its record if it has one in a collection."""
        store = self._store
        if store is None or not who:
            shown = self._shown(call, state)
            known = {**shown, **answered} if _is_exemplified(call) else {**answered, **shown}
            return {**known, **{name: value for name, value in sent.items() if name in known}}, None
        for record in store.every(state):
            if _is_user(record, who):
                return {}, store.values(record)[-1]
        answered_id = (
            dig(answered, store.collection.id_spec.member_path) if store.collection.id_spec.member_path else None
        )
        if isinstance(answered_id, str | int) and store.find(state, (answered_id,)) is not None:
            return {}, answered_id
        new_id = store.new_id(state, ())
        key = f"{store.name}/{new_id}"
        given = {name: value for name, value in sent.items() if name in store.record.members}
        made = store.composer.new(given, store.record, key, call.at, store.named((new_id,)))
        store.add(state, store.identified(made, (new_id,)), (new_id,), given)
        return {}, new_id

    @cached_property
    def _store(self) -> Store | None:
        """The collection whose records are users."""
        for name, store in self._stores.items():
            members = {plain(member) for member in store.record.members}
            if (
                singular(plain(name)) in _USER
                and not store.collection.scope
                and not store.collection.singleton
                and members & {*_WHO[:4]}
            ):
                return store
        return None

    def _shown(self, call: Call, state: ApiState) -> dict[str, Json]:
        """Returns the user that `/me` shows to an unknown caller."""
        if self._read is None:
            return {}
        operation, handler = self._read
        try:
            found = handler(call.reading(operation, {}), state)
        except Problem:
            return {}
        body = found.body if type(found) is Response else found
        shown = dig(body, member_path) if isinstance(body, dict) and (member_path := _user_in(body)) else body
        return dict(shown) if isinstance(shown, dict) else {}

    def _remember(self, state: ApiState, key: str, found: tuple[dict[str, Json], Json]) -> None:
        user, record_id = found
        state[MEMORY].replace({"id": key, "user": user, "record": record_id})

    def _user(self, state: ApiState, key: str) -> Mapping[str, Json]:
        """Returns the user as it is stored now."""
        known = state[MEMORY].get(key)
        if known is None:
            return {}
        record = None
        if known["record"] is not None and self._store is not None:
            record = self._store.find(state, (known["record"],))
        return public(record) if record is not None else known["user"]

    def _change(self, call: Call, state: ApiState, key: str, shown: Mapping[str, Json]) -> None:
        """Stores the user with the members that were sent."""
        sent = {name: value for name, value in _flat(call.body).items() if plain(name) not in _SECRETS}
        known = state[MEMORY].get(key)
        if known is None:
            return
        store, record_id = self._store, known["record"]
        old = store.find(state, (record_id,)) if store is not None and record_id is not None else None
        if store is not None and old is not None:
            given = {name: value for name, value in sent.items() if name in store.record.members}
            record = store.composer.changed(public(old), given, store.record, call.at)
            store.add(state, record, (record_id,), given)
        else:
            user = {**known["user"], **{name: value for name, value in sent.items() if name in shown}}
            self._remember(state, key, (user, None))
        call.notes = tuple(note for note in call.notes if not note.startswith(_NOT_REMEMBERED))

    def _key_of(self, call: Call, state: ApiState) -> str:
        secret = (call.secret or call.request.headers.get("Authorization") or "").rpartition(" ")[2]
        known = state[MEMORY].get(f"token|{secret}") if secret else None
        return str(known["user"]) if known is not None and known.get("user") else ""

    def _refreshed(self, sent: Mapping[str, Json], state: ApiState) -> str:
        """Returns the key of the user whose token is refreshed."""
        tokens = (sent[name] for name in _REFRESH if isinstance(sent.get(name), str))
        known = next((found for token in tokens if (found := state[MEMORY].get(f"token|{token}"))), None)
        return str(known["user"]) if known is not None and known.get("user") else ""

    def _fits(self, call: Call, body: Json) -> bool:
        place = self.context.view(call.operation.id).shown if call.operation is not None else None
        return place is None or self.context.accepts(place.pointer)(body)


def _is_user(record: Mapping[str, Json], who: Json) -> bool:
    return who in (str(value).lower() for name, value in record.items() if plain(name) in _WHO)


def _is_exemplified(call: Call) -> bool:
    """Returns whether the document has an example of the whole answer."""
    answers = call.operation.answers.items() if call.operation is not None else ()
    return any(examples_of(media) for status, answer in answers if status[0] == "2" for media in answer.media.values())


def _flat(body: Json) -> dict[str, Json]:
    """Returns the members of a body and of the objects in it."""
    if not isinstance(body, dict):
        return {}
    inner = [member for member in body.values() if isinstance(member, dict)]
    return {name: value for each in (*inner, body) for name, value in each.items()}


def identity_in(body: Json) -> str:
    """Returns the value in a body that identifies a user; empty where there is none."""
    return _identity(_flat(body))


def _identity(sent: Mapping[str, Json]) -> str:
    """Returns the value that identifies the caller; empty where none was sent."""
    return next(iter(_identities(sent)), "")


def _identities(sent: Mapping[str, Json]) -> list[str]:
    """Returns the values that identify the caller, the best first."""
    by_name = {plain(name): value for name, value in sent.items() if isinstance(value, str) and value}
    return [by_name[name].lower() for name in _WHO if name in by_name]


def _alias(name: str) -> str:
    return f"alias|{name}"


def _key_of_names(sent: Mapping[str, Json], state: ApiState) -> str:
    """Returns the key of the user who has one of these names; empty where none has."""
    known = (state[MEMORY].get(_alias(name)) for name in _identities(sent))
    return next((str(found["key"]) for found in known if found is not None), "")


def _user_in(body: Mapping[str, Json]) -> MemberPath | None:
    """Returns the path of the user in an answer, at most two objects deep; None where there is none."""
    for name, value in body.items():
        if isinstance(value, dict) and plain(name) in _USER:
            return (name,)
    for name in _ENVELOPES:
        inner = body.get(name)
        if isinstance(inner, dict) and (member_path := _user_in(inner)) is not None:
            return (name, *member_path)
    return () if any(plain(name) in _WHO for name in body) else None


def refresh_tokens(body: Mapping[str, Json]) -> Iterator[str]:
    """Yields the refresh tokens in an answer."""
    for each in (body, *(value for value in body.values() if isinstance(value, dict))):
        yield from (each[name] for name in _REFRESH if isinstance(each.get(name), str))
