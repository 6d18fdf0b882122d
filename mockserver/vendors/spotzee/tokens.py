"""Session tokens of one contact for a browser, valid for 15 minutes."""

from __future__ import annotations

from mockserver.engine.call import Call
from mockserver.engine.timestamps import utc_milliseconds
from mockserver.json_text import Json
from mockserver.problem import NOT_FOUND, Problem
from mockserver.state.records.record import Record
from mockserver.state.world import ApiState

TOKEN_HEADERS = ("X-Spotzee-Contact-Token", "X-Spotzee-User-Token")
LIFETIME = 15 * 60


def mint(call: Call, contact: Record) -> Json:
    """A token that is bound to this contact of the caller's project, and the moment at which it ends."""
    import jwt

    made = int(call.at)
    ends = made + LIFETIME
    claims = {"project_id": call.owner_id, "user_id": contact["id"], "iat": made, "exp": ends}
    token = jwt.encode(claims, call.owner["_session_secret"], algorithm="HS256")
    return {"token": token, "expires_at": utc_milliseconds(ends)}


def contact_of_token(call: Call, state: ApiState) -> Record:
    """The contact whose token came with the request. A Problem 401 where there is none that is good at this moment,
    or 404 where so assumed of one that was deleted.
    """
    name = next((name for name in TOKEN_HEADERS if call.request.headers.get(name)), "")
    if not name:
        message = f"Send the session token of a contact as {TOKEN_HEADERS[0]}."
        raise Problem(401, message, code="authentication_required", about=TOKEN_HEADERS[0])
    claims = read(call, call.request.headers[name])
    if claims.get("project_id") != call.owner_id:
        raise refusal(name, "is no session token of this project")
    if not call.at < claims["exp"]:
        raise refusal(name, f"ended at {utc_milliseconds(claims['exp'])}; have a new session made")
    contact = state["users"].get(claims["user_id"])
    if contact is None:
        if call.assume("orphan-tokens") == "missing":
            raise Problem(404, "The contact of this session was deleted.", code=NOT_FOUND, about=name)
        raise refusal(name, "belongs to a contact that was deleted")
    return contact


def read(call: Call, token: str) -> dict[str, Json]:
    """The claims of a token that this project signed; empty where it did not."""
    import jwt

    kept = {"verify_exp": False, "verify_iat": False, "require": ["exp", "user_id"]}
    try:
        claims: dict[str, Json] = jwt.decode(
            token,
            call.owner["_session_secret"],
            algorithms=["HS256"],
            options=kept,  # type: ignore[arg-type]  # the times are the world's, and looked at by `bearer`
        )
    except (jwt.InvalidTokenError, UnicodeError):
        return {}
    return claims


def refusal(name: str, reason: str) -> Problem:
    """The Problem 401 of a token that is not valid."""
    return Problem(401, f"The token in {name} {reason}.", code="authentication_required", about=name)
