"""Spotzee: who receives what, set for up to a hundred contacts in one call."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from math import ceil
from typing import NamedTuple

from mockserver.engine.api import Api, Assumption, Kept
from mockserver.engine.call import Call
from mockserver.engine.guard import Guard
from mockserver.engine.limits import Limit, SlidingWindow, Window
from mockserver.engine.paging import Rank, page_beside, read_cursor, write_cursor
from mockserver.engine.replay import Replay
from mockserver.problem import (
    FORBIDDEN,
    INVALID,
    KEY_INVALID,
    KEY_MISMATCH,
    MALFORMED,
    MEDIA_TYPE,
    NO_METHOD,
    NO_OPERATION,
    NOT_FOUND,
    RATE_LIMITED,
    TOO_LARGE,
    UNAUTHENTICATED,
    Problem,
    Violation,
)
from mockserver.spec.edits import ABSENT
from mockserver.state.collection import Collection
from mockserver.state.record import Record
from mockserver.state.world import Realm
from mockserver.wire import Headers, Json, Response

# Toggles

Contacts = Mapping[str, dict[str | None, Record]]
"""The project's contacts by each of their identities: `external_id`, `anonymous_id`."""


class Fault(NamedTuple):
    """Why one toggle was not applied."""

    code: str
    message: str


def batch_toggle_subscriptions(call: Call, world: Realm) -> Json:
    """Each contact has the state asked for; a toggle that fails says why in its place and holds up no other."""
    contacts = own_contacts(call, world)
    touched: set[tuple[int, int]] = set()
    results, faults = [], []
    for index, item in enumerate(call.body):
        result = {"index": index, **echo(call, item)}
        fault = toggle(call, world, index, contacts, touched)
        if fault is None:
            result["state"] = int(item["state"])
        else:
            faults.append(fault)
            if isinstance(item, dict) and is_state(item.get("state")) and call.assume("failed-states") == "show":
                result["state"] = int(item["state"])
            result["error"] = fault._asdict()
        results.append(result)
    if len(faults) == len(results) and faults and call.assume("all-failed") == "refuse":
        code, message = faults[0]
        raise Problem(CATALOGUE[code][0], message, code=code)
    return {"results": results, "succeeded": len(results) - len(faults), "failed": len(faults)}


def own_contacts(call: Call, world: Realm) -> Contacts:
    """The contacts of the project, ready to be found by what a toggle calls them."""
    project = call.owner_id
    own = world["users"].list(lambda contact: contact["project_id"] == project)
    return {name: {contact.get(name): contact for contact in own} for name in IDENTITIES}


def echo(call: Call, item: Json) -> dict[str, Json]:
    """What an outcome repeats of its toggle: the type, and the identities that were sent, as they were sent."""
    if not isinstance(item, dict):
        return {}
    shown = {name: item[name] for name in ("subscription_id", *IDENTITIES) if name in item}
    number: Json = item.get("subscription_id")
    if type(number) is not int and is_whole(number):
        shown["subscription_id"] = int(number)
    for name in IDENTITIES:
        if name not in item and call.assume("identity-echo") == "both":
            shown[name] = None
    return shown


def toggle(call: Call, world: Realm, index: int, contacts: Contacts, touched: set[tuple[int, int]]) -> Fault | None:
    """One contact has the state asked for, or the reason why not."""
    item = call.body[index]
    if (fault := find_fault(call, item)) is not None:
        return fault
    contact = resolve(call, item, contacts)
    if contact is None:
        return Fault(MISSING, "Contact identity could not be resolved.")
    number = int(item["subscription_id"])
    kind = world["subscriptions"].get(number)
    if kind is None or kind["project_id"] != call.owner_id:
        return miss_type(call, index, number)
    if contact.get("_archived") and call.assume("archived-contacts") == "refuse":
        return Fault("archived_user_conflict", "The contact is archived.")
    choice = contact["id"], number
    if choice in touched and call.assume("repeated-toggles") == "refuse":
        return Fault("state_conflict", "An earlier toggle of this batch was for the same contact and type.")
    touched.add(choice)
    link(call, world, contact, item, contacts)
    if record_state(call, world["states"], choice, int(item["state"])) and call.assume("contact-updated-at") == "now":
        world["users"].update(contact["id"], {"updated_at": timestamp(call.at)})
    return None


def find_fault(call: Call, item: Json) -> Fault | None:
    """What is wrong with a toggle that the document lets through only where an assumption says so."""
    if call.choices["bad-items"] == "item" and (fault := find_bad_value(call, item)) is not None:
        return fault
    number = item["subscription_id"]
    if isinstance(number, str):
        call.assume("digit-strings")
    elif abs(number) > LARGEST_EXACT:
        call.assume("large-numbers")
    if item.keys() - FIELDS:
        call.assume("unknown-fields")
    external, anonymous = map(item.get, IDENTITIES)
    if external == "" or anonymous == "":
        call.assume("empty-identities")
    if not external and not anonymous:
        call.assume("no-identity")
        return Fault("parameter_missing", NAMELESS)
    return None


def find_bad_value(call: Call, item: Json) -> Fault | None:
    """What would have refused the whole batch if it were not for one assumption."""
    if not isinstance(item, dict):
        return faulty(call, "A toggle is an object.")
    if (unknown := item.keys() - FIELDS) and call.assume("unknown-fields") == "refuse":
        return faulty(call, f"{', '.join(sorted(unknown))}: no field of a toggle.", "parameter_unknown")
    for name in ("subscription_id", "state"):
        if name not in item:
            return faulty(call, f"{name} is required.", "parameter_missing")
    number = item["subscription_id"]
    if not is_whole(number) or (isinstance(number, str) and call.assume("digit-strings") == "refuse"):
        return faulty(call, "subscription_id: expected an integer.")
    if abs(int(number)) > LARGEST_EXACT and call.assume("large-numbers") == "refuse":
        return faulty(call, f"subscription_id: {number} is too large.")
    if not is_state(item["state"]):
        return faulty(call, "state: expected 0, 1 or 2.")
    for name in IDENTITIES:
        identity = item.get(name)
        if not isinstance(identity, str | None):
            return faulty(call, f"{name}: expected text.")
        if identity == "" and call.assume("empty-identities") == "refuse":
            return faulty(call, f"{name} is empty.", "parameter_invalid_empty")
    return None


def faulty(call: Call, message: str, code: str = "parameter_invalid_format") -> Fault:
    """The fault of an item that would refuse the whole batch under the other option."""
    call.assume("bad-items")
    return Fault(code, message)


def is_whole(value: Json) -> bool:
    """Whether this is an integer: 7, 7.0, and the digits of one."""
    if isinstance(value, str):
        return value.isascii() and value.isdecimal() and len(value) <= LONGEST_NUMBER
    return isinstance(value, int | float) and not isinstance(value, bool) and value == int(value)


def is_state(value: Json) -> bool:
    """Whether this is 0, 1 or 2."""
    return not isinstance(value, bool | str) and value in STATES


def resolve(call: Call, item: Json, contacts: Contacts) -> Record | None:
    """The contact that a toggle names: the external id decides where both are given."""
    external, anonymous = map(item.get, IDENTITIES)
    unnamed = contacts["anonymous_id"].get(anonymous) if anonymous else None
    if not external:
        return unnamed
    contact = contacts["external_id"].get(external)
    if unnamed is None:
        return contact
    if contact is None:
        return unnamed if call.assume("both-identities") == "fall-back" else None
    if contact["id"] != unnamed["id"] and call.assume("both-identities") == "must-agree":
        return None
    return contact


def link(call: Call, world: Realm, contact: Record, item: Json, contacts: Contacts) -> None:
    """A contact that was found by its external id has the anonymous id that nobody has, where that is assumed."""
    external, anonymous = map(item.get, IDENTITIES)
    if not external or not anonymous or anonymous in contacts["anonymous_id"]:
        return
    if call.assume("new-anonymous-ids") == "link":
        linked = world["users"].update(contact["id"], {"anonymous_id": anonymous})
        contacts["external_id"][external] = contacts["anonymous_id"][anonymous] = linked


def miss_type(call: Call, index: int, number: int) -> Fault:
    """The fault of a type that the project does not have; a Problem where it refuses the whole batch."""
    message = f"This project has no subscription type {number}."
    option = call.assume("unknown-types")
    if option == "missing":
        raise Problem(404, message, code=NOT_FOUND, about=f"{index}.subscription_id")
    if option == "invalid":
        violation = Violation("body", f"/{index}/subscription_id", "enum", message, str(number))
        raise Problem(422, message, code=INVALID, violations=(violation,))
    return Fault(MISSING, message)


def record_state(call: Call, states: Collection, choice: tuple[int, int], state: int) -> bool:
    """What a contact chose for a type is on record; False where it was so already, and nothing was written."""
    contact_id, number = choice
    slot = f"{contact_id}:{number}"
    record = states.get(slot)
    if record is None:
        ids = {"_id": slot, "user_id": contact_id, "subscription_id": number}
        states.insert({**ids, "state": state, "updated_at": timestamp(call.at)})
    elif record["state"] == state:
        return False
    else:
        states.update(slot, {"state": state, "updated_at": timestamp(call.at)})
    return True


# Reads


def list_subscription_types(call: Call, world: Realm) -> Response:
    """One page of the project's subscription types."""
    return list_page(call, [public(kind) for kind in own_types(call, world)], "id")


def get_contact(call: Call, world: Realm) -> Json:
    """The contact with this external id; another project's is as missing as one that never was."""
    contact = public(find_contact(call, world))
    if contact["external_id"] == contact.get("anonymous_id") and call.assume("unnamed-contacts") == "null":
        contact["external_id"] = None
    return contact


def list_contact_subscriptions(call: Call, world: Realm) -> Response:
    """One page of the states of a contact, one for every subscription type of the project."""
    contact, states = find_contact(call, world), world["states"]
    entries = []
    for kind in own_types(call, world):
        record = states.get(f"{contact['id']}:{kind['id']}")
        state = untouched_state(call, kind) if record is None else record["state"]
        if state is not None:
            entries.append(
                {"subscription_id": kind["id"], "state": state, "name": kind["name"], "channel": kind["channel"]}
            )
    return list_page(call, entries, "subscription_id")


def own_types(call: Call, world: Realm) -> list[Record]:
    """The subscription types of the project."""
    project = call.owner_id
    return world["subscriptions"].list(lambda kind: kind["project_id"] == project)


def untouched_state(call: Call, kind: Record) -> int | None:
    """The state of a type that the contact never chose anything for; None where it is not shown."""
    option = call.assume("untouched-states")
    if option == "hidden":
        return None
    return UNSUBSCRIBED if option == "public-unsubscribed" and kind["is_public"] else SUBSCRIBED


def find_contact(call: Call, world: Realm) -> Record:
    """The contact that the path names. A Problem 404 where the project has none of that name."""
    external_id, project = call.path["userId"], call.owner_id
    found = world["users"].list(
        lambda contact: contact["external_id"] == external_id and contact["project_id"] == project
    )
    if not found or (found[0].get("_archived") and call.assume("archived-reads") == "missing"):
        raise Problem(404, f"This project has no contact {external_id}.", code=NOT_FOUND, about="id")
    return found[0]


def list_page(call: Call, entries: list[dict[str, Json]], id_member: str) -> Response:
    """The page that was asked for, with the cursors of its neighbours."""
    query = call.query
    found = listed = search(call, entries)
    if len(found) > 1 and "direction=" not in call.request.query:
        call.assume("list-order")
    if query["sort"] != id_member:
        call.assume("sort-fields")
    cursor, backwards = find_place(call, entries, id_member), query["page"] == "prev"
    if cursor == NOWHERE:
        cursor, listed = None, found if call.assume("lost-cursors") == "begin" else []
    if backwards and cursor is None and listed:
        backwards = call.assume("prev-without-cursor") == "last-page"
    rank, size = rank_by(query["sort"], id_member), page_size(call)
    page = page_beside(cursor, listed, rank, size, descending=query["direction"] == "desc", backwards=backwards)
    shown = page.entries
    if size < 0 and call.assume("unlimited-pages") == "count":
        size = len(shown)
    edges = [entry[id_member] for entry in shown] or [cursor and cursor[-1]]
    body = {
        "results": shown,
        "nextCursor": None if page.is_last else write_cursor({"id": edges[-1]}),
        "prevCursor": None if page.is_first else write_cursor({"id": edges[0]}),
        "limit": size,
    }
    if call.assume("list-headers") == "omit":
        return Response(200, body)
    return Response(200, body, (("X-Total-Count", str(len(found))), ("X-Limit", str(size))))


def search(call: Call, entries: list[dict[str, Json]]) -> list[dict[str, Json]]:
    """The entries that `q` keeps."""
    words = call.query.get("q", "").casefold()
    if not words or (option := call.assume("search")) == "ignore":
        return entries
    if option == "start":
        return [entry for entry in entries if entry["name"].casefold().startswith(words)]
    return [entry for entry in entries if words in entry["name"].casefold()]


def page_size(call: Call) -> int:
    """`limit`, where 0 stands for the default and a negative number for all there are."""
    limit: int = call.query["limit"]
    if limit == 0:
        call.assume("limit-zero")
    return limit or PAGE_SIZE


def find_place(call: Call, entries: list[dict[str, Json]], id_member: str) -> Rank | None:
    """The rank that the cursor names: NOWHERE for an entry that is not there, which only its id could still place."""
    text = call.query.get("cursor")
    if text is None:
        return None
    value, sort = read_cursor(text), call.query["sort"]
    number = value.get("id") if isinstance(value, dict) else None
    if type(number) is not int:
        call.assume("bad-cursors")
        return None
    if sort == id_member:
        return (True, number, number)
    rank = rank_by(sort, id_member)
    return next((rank(entry) for entry in entries if entry[id_member] == number), NOWHERE)


NOWHERE: Rank = ()


def rank_by(member: str, id_member: str) -> Callable[[dict[str, Json]], Rank]:
    """Sorts by a member, in any case of letters, null first; by id among equals."""

    def rank(entry: dict[str, Json]) -> Rank:
        value = entry[member]
        return (value is not None, value.casefold() if isinstance(value, str) else value, entry[id_member])

    return rank


def public(record: Record) -> dict[str, Json]:
    """The record without what is only the mock's."""
    return {name: value for name, value in record.items() if name[0] != "_"}


# How Spotzee speaks


def mint_request_id(world: Realm) -> str:
    """The prefix and a ULID of this moment."""
    return "req_" + world.chance.ulid(world.clock.now())


def headers(call: Call) -> Headers:
    """The request's id and the release on every answer; what is left to the key where keys have limits."""
    own: Headers = (("X-Request-Id", call.request_id),)
    if call.choices["version-echo"] == "always" or "Spotzee-Version" in call.request.headers:
        own = (*own, ("Spotzee-Version", RELEASE))
    reading = call.budget.get("read") or call.budget.get("write")
    if reading is None:
        return own
    return (
        *own,
        ("X-RateLimit-Limit", str(reading.limit)),
        ("X-RateLimit-Remaining", str(reading.remaining)),
        ("X-RateLimit-Reset", str(max(0, ceil(reading.reset - call.at)))),
        ("X-RateLimit-Tier", call.owner["_plan"]),
    )


def render(problem: Problem, call: Call) -> Response:
    """The envelope of every error: a code with its title, what went wrong this time, and where."""
    if problem.code == INVALID:
        status, code, where, message = judge(problem, call)
    else:
        status, code, where, message = verdict(problem, call)
    option = call.assume("error-form")
    docs = "https://spotzee.com/docs" if option == "moved-docs" else "https://docs.spotzee.com"
    body = {
        "status": "error",
        "code": code,
        "title": CATALOGUE[code][1],
        "message": message,
        "error": message,
        "type": f"{docs}/main-api/errors#{code}",
        "request_id": call.request_id,
        **where,
    }
    if problem.about in EDGE:
        del body["request_id"]
    if option == "least":
        body = {name: value for name, value in body.items() if name not in ("title", "type", "request_id")}
    media_type = "application/json" if option == "plain-json" else "application/problem+json"
    own = [("Content-Type", media_type)]
    if status == 401 and call.assume("challenge") == "send":
        own.append(("WWW-Authenticate", "Bearer"))
    return Response(status, body, tuple(own))


Verdict = tuple[int, str, dict[str, Json], str]
"""The status and the code of an error, `param` or `errors`, and its message."""


def verdict(problem: Problem, call: Call) -> Verdict:
    """Of everything but values that break the document."""
    status, message = problem.status, problem.detail
    code, param = REASONS.get(problem.code, (problem.code, ""))
    param = problem.about if param == "" else param
    if code not in CATALOGUE:
        code = "internal_error"
    if problem.code == NO_METHOD and call.assume("wrong-method") == "missing":
        status, code = 404, MISSING
    elif problem.code == MEDIA_TYPE or (problem.code == TOO_LARGE and call.assume("large-body") == "bad-request"):
        status = 400
    elif problem.code == RATE_LIMITED:
        whose, assumption = ("address", "edge-windows") if problem.about in EDGE else ("key", "per-key-limits")
        call.assume(assumption)
        message = f"Too many requests came from this {whose}; wait {problem.retry_after} seconds."
    return status, code, {"param": param} if param else {}, message


def judge(problem: Problem, call: Call) -> Verdict:
    """Of values that break the document: a parameter or header by its name, else every field of the body."""
    for violation in problem.violations:
        rely(call, violation)
    beside = [violation for violation in problem.violations if violation.place != "body"]
    if beside:
        name = beside[0].location[1]
        keywords = {violation.keyword for violation in beside if violation.location[1] == name}
        unknown = name == "Spotzee-Version" and keywords == {"enum"}
        code = "version_unsupported" if unknown else "parameter_invalid_format"
        return 400, code, {"param": name}, f"{name}: {beside[0].message}."
    errors = field_errors(problem.violations, call)
    if call.assume("field-errors") == "bad-request":
        first = errors[0]
        return 400, first["code"], {"param": first["param"]}, f"{first['param']}: {first['message']}."
    named = ", ".join(error["param"] for error in errors[:3]) + (", …" if len(errors) > 3 else "")
    return 422, "validation_failed", {"errors": errors}, f"The body cannot be taken as it is; see {named}."


def field_errors(violations: tuple[Violation, ...], call: Call) -> list[dict[str, str]]:
    """Each field at fault once. A toggle that names nobody is missing its external id."""
    errors: dict[str, dict[str, str]] = {}
    for violation in violations:
        if not is_nameless(violation, call):
            for param in params_of(violation, call):
                code = FIELD_CODES.get(violation.keyword, "parameter_invalid_format")
                errors.setdefault(param, field_error(param, code, violation.message))
    for violation in violations:
        index = violation.pointer.split("/")[1] if is_nameless(violation, call) else ""
        if index and not any(f"{index}.{name}" in errors for name in IDENTITIES):
            param = f"{index}.{IDENTITIES[0]}"
            errors[param] = {"param": param, "code": "parameter_missing", "message": NAMELESS}
    return [*errors.values()]


def is_nameless(violation: Violation, call: Call) -> bool:
    """Whether this says that a toggle has neither identity; the document asks for one of them to be a text."""
    if violation.keyword == "anyOf":
        return True
    if violation.pointer.rpartition("/")[2] not in IDENTITIES:
        return False
    if violation.keyword == "minLength":
        return call.choices["empty-identities"] != "refuse"
    return violation.keyword == "required" or violation.expected == "string"


def params_of(violation: Violation, call: Call) -> list[str]:
    """The dotted paths of what is at fault: `0.state`; `body` for all of it."""
    path = ".".join(violation.location[1:])
    if violation.keyword == "additionalProperties":
        return [f"{path}.{name}" for name in call.body[int(path)] if name not in FIELDS]
    return [path or "body"]


def field_error(param: str, code: str, message: str) -> dict[str, str]:
    """One entry of `errors`."""
    text = {"parameter_missing": "Required", "parameter_unknown": "Not a field of a toggle"}.get(code)
    return {"param": param, "code": code, "message": text or message[0].upper() + message[1:]}


def rely(call: Call, violation: Violation) -> None:
    """The exchange remembers the assumptions without which this would be no violation."""
    place, member = violation.place, violation.pointer.rpartition("/")[2]
    named = ASSUMED.get((place, member, violation.keyword))
    if named:
        call.assume(named)
    if place != "body" or not violation.pointer:
        return
    if violation.keyword == "additionalProperties":
        call.assume("unknown-fields")
    elif is_nameless(violation, call):
        call.assume("no-identity")
    else:
        call.assume("bad-items")
    if member == "subscription_id" and violation.keyword == "type" and violation.seen[:1] == '"':
        call.assume("digit-strings")


ASSUMED = {
    ("header", "Spotzee-Version", "enum"): "version-check",
    ("header", "Spotzee-Version", "format"): "version-check",
    ("query", "cursor", "pattern"): "bad-cursors",
    ("query", "cursor", "maxLength"): "bad-cursors",
    ("query", "limit", "not"): "limit-zero",
    ("query", "sort", "enum"): "sort-fields",
    ("body", "subscription_id", "maximum"): "large-numbers",
    ("body", "subscription_id", "minimum"): "large-numbers",
    ("body", "external_id", "minLength"): "empty-identities",
    ("body", "anonymous_id", "minLength"): "empty-identities",
}
"""What the document asks for by assumption only."""


def timestamp(at: float) -> str:
    """ISO 8601 in UTC with milliseconds: `2026-04-28T05:14:00.000Z`."""
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at)) + f".{int(at * 1000) % 1000:03}Z"


RELEASE = "2026-04-28"
MISSING = "resource_missing"
NAMELESS = "Either external_id or anonymous_id must be present"
IDENTITIES = ("external_id", "anonymous_id")
FIELDS = frozenset(("subscription_id", "state", *IDENTITIES))
UNSUBSCRIBED, SUBSCRIBED = 0, 1
STATES = (0, 1, 2)
PAGE_SIZE = 25
LARGEST_EXACT, LONGEST_NUMBER = 2**53 - 1, 15

CATALOGUE = {
    "parameter_missing": (400, "Parameter missing"),
    "parameter_invalid_empty": (400, "Parameter empty"),
    "parameter_invalid_format": (400, "Invalid format"),
    "parameter_unknown": (400, "Parameter unknown"),
    "idempotency_key_invalid": (400, "Idempotency key invalid"),
    "version_unsupported": (400, "Version not supported"),
    "authentication_required": (401, "Authentication required"),
    "permission_denied": (403, "Permission denied"),
    "resource_missing": (404, "Resource missing"),
    "state_conflict": (409, "State conflict"),
    "archived_user_conflict": (409, "Contact archived"),
    "idempotency_key_mismatch": (409, "Idempotency key mismatch"),
    "validation_failed": (422, "Request validation failed"),
    "rate_limited": (429, "Rate limit exceeded"),
    "internal_error": (500, "Internal error"),
}
"""The documented codes that this part of the API can give: status and title."""

REASONS: Mapping[str, tuple[str, str | None]] = {
    UNAUTHENTICATED: ("authentication_required", None),
    FORBIDDEN: ("permission_denied", None),
    NO_OPERATION: (MISSING, None),
    NO_METHOD: ("parameter_invalid_format", None),
    NOT_FOUND: (MISSING, ""),
    RATE_LIMITED: ("rate_limited", None),
    MALFORMED: ("parameter_invalid_format", "body"),
    TOO_LARGE: ("parameter_invalid_format", "body"),
    MEDIA_TYPE: ("parameter_invalid_format", "Content-Type"),
    KEY_INVALID: ("idempotency_key_invalid", "Idempotency-Key"),
    KEY_MISMATCH: ("idempotency_key_mismatch", "Idempotency-Key"),
}
"""The code and the `param` of the engine's Problems; an empty `param` is what the Problem is about, None is none."""

FIELD_CODES = {
    "required": "parameter_missing",
    "minItems": "parameter_invalid_empty",
    "minLength": "parameter_invalid_empty",
    "additionalProperties": "parameter_unknown",
}

# Who calls, and how often

ROLES = ("support", "smtpproxy", "editor", "publisher", "admin")


def check_key(key: Record, _call: Call) -> None:
    """Only a secret key that was not revoked is good for these operations."""
    if key["scope"] != "secret" or key["revoked"]:
        raise Problem(401, "Send a secret project key as a Bearer token.", code=UNAUTHENTICATED)


def permit(call: Call, _world: Realm, roles: tuple[str, ...]) -> None:
    """The key's role is at least the one that the operation takes."""
    role = call.caller["role"]
    if role != ROLES[-1] and call.request.method != "GET":
        call.assume("toggle-role")
    for needed in roles:
        if ROLES.index(role) < ROLES.index(needed):
            raise Problem(403, f"The role {role} may not do this; it takes {needed}.", code=FORBIDDEN)


def plan(call: Call) -> str:
    """The name of a key's budget: its project's plan, whether it reads or writes, and `mcp` where that doubles it."""
    request = call.request
    kind = "read" if request.method in ("GET", "HEAD", "OPTIONS") else "write"
    doubled = " mcp" if request.headers.get("x-spotzee-client-type") == "mcp" else ""
    return f"{call.owner['_plan']} {kind}{doubled}"


def ten_seconds(kind: str, *plans: tuple[str, int, float]) -> dict[str, int]:
    """Requests in ten seconds by the name of the budget, from requests per second and the burst that is let pass."""
    sizes = {f"{name} {kind}": int(rate * 10 * burst) for name, rate, burst in plans}
    return sizes | {f"{name} mcp": 2 * size for name, size in sizes.items()}


READS = ten_seconds("read", ("starter", 200, 1.5), ("professional", 1_000, 1.5), ("enterprise", 5_000, 2))
WRITES = ten_seconds("write", ("starter", 100, 1.5), ("professional", 500, 1.5), ("enterprise", 2_500, 2))
EDGE = ("minute", "ten-seconds")
ON = ("per-key-limits", "on")
# Both rules of the edge are documented as live, though a thousand in ten seconds is always used up first.
LIMITS = (
    Limit("minute", "address", 8_000, Window(60), when=("edge-windows", "fixed")),
    Limit("ten-seconds", "address", 1_000, Window(10), when=("edge-windows", "fixed")),
    Limit("minute", "address", 8_000, SlidingWindow(60), when=("edge-windows", "sliding")),
    Limit("ten-seconds", "address", 1_000, SlidingWindow(10), when=("edge-windows", "sliding")),
    Limit("read", "caller", READS, SlidingWindow(10), when=ON),
    Limit("write", "caller", WRITES, SlidingWindow(10), when=ON),
)

# What the documents leave open

BATCH = "POST /subscriptions/batch"
SCHEMAS = "/components/schemas"
PARAMETERS = "/components/parameters"
ITEM = f"{SCHEMAS}/BatchToggleItem"
NUMBER = f"{ITEM}/properties/subscription_id"
RESULT = f"{SCHEMAS}/BatchToggleResult"
ERRORS = (
    "BadRequest", "Unauthenticated", "Forbidden", "NotFound", "Conflict", "TooLarge", "Invalid", "RateLimited",
    "InternalError",
)  # fmt: skip


def as_plain_json(response: str) -> dict[str, Json]:
    """The error may come as `application/json` too."""
    content = f"/components/responses/{response}/content"
    return {f"{content}/application~1json": {"schema": {"$ref": f"#{content}/application~1problem+json/schema"}}}


ASSUMPTIONS = (
    # the batch
    Assumption(
        "all-failed",
        "What is answered when no toggle of a batch could be applied?",
        {"accept": "200 with every outcome.", "refuse": "The error of the first, with the status of its code."},
        "accept",
        f"{BATCH} with one unknown external_id.",
    ),
    Assumption(
        "unknown-types",
        "What happens to a toggle whose subscription type the project does not have?",
        {
            "item": "Its outcome is resource_missing.",
            "missing": "The whole batch is a 404.",
            "invalid": "The whole batch is a 422 that names the field.",
        },
        "item",
        f"{BATCH} with a good toggle and one of subscription_id 999999; read the first back.",
    ),
    Assumption(
        "no-identity",
        "What happens to a toggle that has neither external_id nor anonymous_id?",
        {"refuse": "The whole batch is refused.", "item": "Its outcome is parameter_missing."},
        "refuse",
        f"{BATCH} with a good toggle and one without identities.",
        document={"item": {f"{ITEM}/anyOf": ABSENT}},
    ),
    Assumption(
        "empty-identities",
        "What is an identity that is an empty text?",
        {"absent": "The same as null: it is passed over.", "refuse": "A field that cannot be used."},
        "absent",
        f'{BATCH} with external_id "" and a known anonymous_id.',
        document={"refuse": {f"{ITEM}/properties/{name}/minLength": 1 for name in IDENTITIES}},
    ),
    Assumption(
        "both-identities",
        "Which contact is meant when both identities are given and do not name the same one?",
        {
            "external": "That of the external_id, or none.",
            "fall-back": "That of the external_id, else that of the anonymous_id.",
            "must-agree": "None.",
        },
        "external",
        f"{BATCH} with an unknown external_id and a known anonymous_id, then with those of two contacts.",
    ),
    Assumption(
        "new-anonymous-ids",
        "What happens to an anonymous_id that no contact has, beside a known external_id?",
        {"ignore": "Nothing.", "link": "The contact has it from now on."},
        "ignore",
        f"{BATCH} with a known external_id and a new anonymous_id; GET the contact.",
    ),
    Assumption(
        "bad-items",
        "What does a toggle with a missing or impossible value do to the others?",
        {"refuse": "The whole batch is refused.", "item": "Nothing: it fails alone."},
        "refuse",
        f"{BATCH} with a good toggle and one of state 3; read the first back.",
        document={
            "item": {
                f"{SCHEMAS}/BatchToggleRequest/items": {},
                f"{RESULT}/required": ["index"],
                **{f"{RESULT}/properties/{name}": {} for name in ("subscription_id", *IDENTITIES)},
            }
        },
    ),
    Assumption(
        "field-errors",
        "Which status has JSON whose fields are missing or impossible?",
        {"unprocessable": "422 validation_failed with every field.", "bad-request": "400 with the first of them."},
        "unprocessable",
        f"{BATCH} with state 3.",
    ),
    Assumption(
        "digit-strings",
        "Are the digits of a number a subscription_id?",
        {"refuse": "No.", "accept": "Yes."},
        "refuse",
        f'{BATCH} with subscription_id "7".',
        document={"accept": {f"{NUMBER}/type": ["integer", "string"], f"{NUMBER}/pattern": "^[0-9]{1,15}$"}},
    ),
    Assumption(
        "large-numbers",
        "What is a subscription_id beyond 9007199254740991?",
        {"refuse": "A number that cannot be used.", "look-up": "That of a type that is not there."},
        "refuse",
        f"{BATCH} with subscription_id 9007199254740992.",
        document={"look-up": {f"{NUMBER}/minimum": ABSENT, f"{NUMBER}/maximum": ABSENT}},
    ),
    Assumption(
        "unknown-fields",
        "What happens to a field of a toggle that nobody documents?",
        {"ignore": "It is ignored.", "refuse": "It is refused as parameter_unknown."},
        "ignore",
        f"{BATCH} with a toggle that has a field `note`.",
        document={"refuse": {f"{ITEM}/additionalProperties": False}},
    ),
    Assumption(
        "repeated-toggles",
        "What happens to a second toggle of the same contact and type in one batch?",
        {"apply": "The last one wins, all succeed.", "refuse": "It fails with state_conflict."},
        "apply",
        f"{BATCH} with the same contact and type twice, states 1 and 2.",
    ),
    Assumption(
        "archived-contacts",
        "Can an archived contact be toggled?",
        {"refuse": "No: archived_user_conflict.", "accept": "Yes."},
        "refuse",
        f"{BATCH} with the external_id of an archived contact.",
    ),
    Assumption(
        "failed-states",
        "Does the outcome of a toggle that failed show a state?",
        {"hide": "No, only the error.", "show": "Yes, the one asked for."},
        "hide",
        f"{BATCH} with an unknown external_id; look at its outcome.",
        document={"show": {f"{RESULT}/oneOf": ABSENT}},
    ),
    Assumption(
        "identity-echo",
        "Which identities does an outcome repeat?",
        {"sent": "Those that were sent.", "both": "Both; null for one that was not sent."},
        "sent",
        f"{BATCH} with an external_id alone; look at its outcome.",
    ),
    Assumption(
        "contact-updated-at",
        "Is a contact updated whose state was set?",
        {"kept": "No: its updated_at stays.", "now": "Yes: its updated_at moves."},
        "kept",
        f"{BATCH} with a state that changes; GET the contact.",
    ),
    # the reads
    Assumption(
        "untouched-states",
        "What is shown of a type that the contact never chose anything for?",
        {
            "subscribed": "State 1.",
            "public-unsubscribed": "State 0 where the type is public, else 1.",
            "hidden": "It is not in the list.",
        },
        "subscribed",
        "GET /users/{userId}/subscriptions of a contact that was just made.",
    ),
    Assumption(
        "unnamed-contacts",
        "What is the external_id of a contact that is only known anonymously?",
        {"repeat": "Its anonymous_id.", "null": "null."},
        "repeat",
        "Identify a contact by an anonymous_id alone; GET it.",
        document={"null": {f"{SCHEMAS}/Contact/properties/external_id/type": ["string", "null"]}},
    ),
    Assumption(
        "archived-reads",
        "Can an archived contact be read?",
        {"show": "Yes.", "missing": "No: 404."},
        "show",
        "Archive a contact; GET it.",
    ),
    Assumption(
        "list-order",
        "In which direction are types and states sorted when none is asked for?",
        {"descending": "The highest id first.", "ascending": "The lowest id first."},
        "descending",
        "GET /subscriptions of a project with two types.",
        document={"ascending": {f"{PARAMETERS}/Direction/schema/default": "asc"}},
    ),
    Assumption(
        "sort-fields",
        "By which fields can types and states be sorted?",
        {"shown": "By every field that they show.", "id": "By their id alone."},
        "shown",
        "GET /subscriptions?sort=name.",
        document={
            "id": {
                f"{PARAMETERS}/TypeSort/schema/enum": ["id"],
                f"{PARAMETERS}/TypeSort/example": "id",
                f"{PARAMETERS}/StateSort/schema/enum": ["subscription_id"],
                f"{PARAMETERS}/StateSort/example": "subscription_id",
            }
        },
    ),
    Assumption(
        "search",
        "What does `q` look for in types and states?",
        {"anywhere": "Names that have it in them.", "start": "Names that begin with it.", "ignore": "Nothing."},
        "anywhere",
        "GET /subscriptions?q= with the end of a name.",
    ),
    Assumption(
        "limit-zero",
        "What does limit=0 ask for?",
        {"default": "25 entries.", "refuse": "Nothing that there is: 400."},
        "default",
        "GET /subscriptions?limit=0.",
        document={"refuse": {f"{PARAMETERS}/Limit/schema/not": {"const": 0}}},
    ),
    Assumption(
        "unlimited-pages",
        "What does `limit` show on a page of all entries?",
        {"as-sent": "-1.", "count": "How many there are."},
        "as-sent",
        "GET /subscriptions?limit=-1.",
    ),
    Assumption(
        "bad-cursors",
        "What happens to a cursor that was not given out?",
        {"refuse": "400.", "ignore": "The list begins anew."},
        "refuse",
        "GET /subscriptions?cursor=x.",
        document={"ignore": {f"{SCHEMAS}/Cursor/pattern": ABSENT, f"{SCHEMAS}/Cursor/maxLength": ABSENT}},
    ),
    Assumption(
        "lost-cursors",
        "What follows a cursor whose entry is gone, in a list that is not sorted by id?",
        {"end": "Nothing: the page is empty.", "begin": "The list, from its beginning."},
        "end",
        "GET /subscriptions?sort=name with the cursor of a type of another project.",
    ),
    Assumption(
        "prev-without-cursor",
        "Which page is the previous one where there is no cursor?",
        {"first-page": "The first.", "last-page": "The last."},
        "first-page",
        "GET /subscriptions?page=prev&limit=1.",
    ),
    Assumption(
        "list-headers",
        "Do lists carry X-Total-Count and X-Limit?",
        {"send": "Yes.", "omit": "No."},
        "send",
        "GET /subscriptions; look at the headers.",
    ),
    # who may
    Assumption(
        "toggle-role",
        "Which role may toggle?",
        {"editor": "editor and higher.", "support": "Any.", "admin": "admin alone."},
        "editor",
        f"{BATCH} with a key of each role.",
        document={
            role: {"/paths/~1subscriptions~1batch/post/security": [{"secretKey": [role]}]}
            for role in ("support", "admin")
        },
    ),
    Assumption(
        "role-check",
        "What is a request refused for whose caller may not make it and whose body cannot be taken?",
        {"role-first": "The role: 403.", "body-first": "The body."},
        "role-first",
        f"{BATCH} with the body [] and a key of the role support.",
    ),
    Assumption(
        "scheme-case",
        "May `Bearer` be written in another case?",
        {"exact": "Only `Bearer` is taken.", "ignore": "`bearer` is as good."},
        "exact",
        "GET /subscriptions with Authorization: bearer and a good key.",
    ),
    Assumption(
        "challenge",
        "Does a 401 carry WWW-Authenticate?",
        {"send": "Yes: Bearer.", "omit": "No."},
        "send",
        "GET /subscriptions without a key; look at the headers.",
        document={"omit": {"/components/headers/WwwAuthenticate/required": False}},
    ),
    # how it says no
    Assumption(
        "error-form",
        "Which members and which media type have errors?",
        {
            "whole": "All that are documented, as application/problem+json.",
            "plain-json": "The same as application/json.",
            "least": "Without title, type and request_id.",
            "moved-docs": "All, with a type below spotzee.com/docs.",
        },
        "whole",
        "GET /users/nobody; look at Content-Type and body.",
        document={
            "plain-json": {pointer: value for name in ERRORS for pointer, value in as_plain_json(name).items()},
            "least": {f"{SCHEMAS}/Error/required": ["status", "code", "message", "error"]},
            "moved-docs": {
                f"{SCHEMAS}/Error/properties/type/pattern": (
                    r"^https://(docs\.spotzee\.com|spotzee\.com/docs)/main-api/errors#[a-z_]+$"
                )
            },
        },
    ),
    Assumption(
        "version-check",
        "What happens to a Spotzee-Version that is no release?",
        {"refuse": "400.", "ignore": "It is ignored."},
        "refuse",
        "GET /subscriptions with Spotzee-Version: 2025-01-01.",
        document={"ignore": {f"{PARAMETERS}/Version/schema": {"type": "string"}}},
    ),
    Assumption(
        "version-echo",
        "Which answers carry Spotzee-Version?",
        {"always": "All.", "when-sent": "Those to requests that have it."},
        "always",
        "GET /subscriptions without Spotzee-Version; look at the headers.",
    ),
    Assumption(
        "content-type",
        "What happens to a JSON body with another Content-Type?",
        {"refuse": "400.", "ignore": "It is read as JSON."},
        "refuse",
        f"{BATCH} with Content-Type: text/plain.",
    ),
    Assumption(
        "large-body",
        "Which status has a body that is too large?",
        {"too-large": "413.", "bad-request": "400."},
        "too-large",
        f"{BATCH} with some megabytes of white space.",
    ),
    Assumption(
        "wrong-method",
        "Which status has a method that a path does not know?",
        {"not-allowed": "405 with Allow.", "missing": "404 resource_missing."},
        "not-allowed",
        "PUT /subscriptions/batch.",
    ),
    # repeating
    Assumption(
        "idempotency",
        "Does an Idempotency-Key have an effect?",
        {"enforce": "Yes: answers are kept for 24 hours.", "ignore": "No, nor is a bad one refused."},
        "enforce",
        f"{BATCH} twice with the same key and body; look for Idempotent-Replayed.",
        document={"ignore": {f"{PARAMETERS}/IdempotencyKey/schema": {"type": "string"}}},
    ),
    Assumption(
        "replay-request-id",
        "Which X-Request-Id has an answer that is given again?",
        {"new": "One of its own.", "first": "That of the first time."},
        "new",
        f"{BATCH} twice with the same key and body; compare X-Request-Id.",
    ),
    # how much
    Assumption(
        "edge-windows",
        "How are the requests of an address counted?",
        {"fixed": "Anew with each minute and each ten seconds of the clock.", "sliding": "Over the time before each."},
        "fixed",
        "GET /subscriptions in a steady stream until 429; look at how soon requests are served again.",
    ),
    Assumption(
        "per-key-limits",
        "Do keys have limits of their own, by plan?",
        {"off": "No.", "on": "Yes, and every answer to a key tells what is left in the X-RateLimit headers."},
        "off",
        "GET /subscriptions; look for X-RateLimit-Limit.",
    ),
)

HANDLERS = {
    "batchToggleSubscriptions": batch_toggle_subscriptions,
    "listSubscriptionTypes": list_subscription_types,
    "getContact": get_contact,
    "listContactSubscriptions": list_contact_subscriptions,
}

API = Api(
    name="spotzee",
    handlers=HANDLERS,
    collections={
        "projects": Kept("id"),
        "keys": Kept("value", values={"role": {"enum": [*ROLES]}}),
        "users": Kept("id", schema="Contact"),
        "subscriptions": Kept("id", schema="SubscriptionType"),
        "states": Kept("_id"),
    },
    render=render,
    guard=Guard(
        scheme="Bearer",
        owner=("projects", "project_id"),
        check=check_key,
        permit=permit,
        scheme_case="scheme-case",
        permit_order="role-check",
    ),
    limits=LIMITS,
    plan=plan,
    replay=Replay(
        header="Idempotency-Key",
        ttl=24 * 3600,
        replayed=("Idempotent-Replayed", "true"),
        forgotten=frozenset({401, 403, 408, 425, 429}),
        enforced="idempotency",
        same_id="replay-request-id",
    ),
    headers=headers,
    request_id=mint_request_id,
    any_media_type="content-type",
    assumptions=ASSUMPTIONS,
    credential=("Authorization", "Bearer sk_01HXY7Z9K8M5J2N4P6Q8R0S1T2"),
)
