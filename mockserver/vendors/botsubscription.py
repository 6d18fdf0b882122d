"""BotSubscription: the Discord roles and Telegram channels of a project, renamed and switched many at a time."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from mockserver.engine.api import Api, Assumption, Kept
from mockserver.engine.call import Call
from mockserver.engine.guard import Guard
from mockserver.engine.limits import Limit, Meter, TokenBucket, Window
from mockserver.problem import (
    FORBIDDEN,
    INVALID,
    MALFORMED,
    MEDIA_TYPE,
    NO_METHOD,
    NOT_FOUND,
    RATE_LIMITED,
    TOO_LARGE,
    Problem,
    Violation,
)
from mockserver.spec.edits import ABSENT
from mockserver.state.record import Record
from mockserver.state.world import Realm
from mockserver.wire import Headers, Json, Response

# Targets

Wish = tuple[bool | None, str | None]
"""What `is_enabled` and `target_name` shall be; None: as they are."""


def list_targets(call: Call, world: Realm) -> Json:
    """One page of the project's targets, and how many there are on all pages."""
    project = call.owner_id
    targets = world["targets"].list(lambda target: target["_project"] == project)
    if len(targets) > 1 and (order := call.assume("list-order")) != "oldest-first":
        targets.sort(key=ORDERS[order], reverse=order == "newest-first")
    limit, offset = paging(call, len(targets))
    page = [public(target) for target in targets[offset : offset + limit]]
    total = len(targets)
    if len(page) < total and call.assume("list-total") == "page":
        total = len(page)
    return succeed(call, page, total)


ORDERS = {
    "newest-first": lambda target: target.birth,
    "by-name": lambda target: target["target_name"].casefold(),
}


def paging(call: Call, total: int) -> tuple[int, int]:
    """`limit` and `offset`; what the document takes under another option only is mended here."""
    limit, offset = call.query["limit"], call.query["offset"]
    if not isinstance(limit, int) or limit < 1:
        call.assume("bad-paging")
        limit = int(call.assume("page-size"))
    if not isinstance(offset, int) or offset < 0:
        call.assume("bad-paging")
        offset = 0
    if limit > LONGEST_PAGE:
        call.assume("large-page")
        limit = LONGEST_PAGE
    if offset and call.assume("list-offset") == "ignore":
        offset = 0
    if total - offset > SHORTEST_DEFAULT and "limit=" not in call.request.query:
        call.assume("page-size")
    return limit, offset


SHORTEST_DEFAULT, LONGEST_PAGE = 10, 100


def get_target(call: Call, world: Realm) -> Json:
    """The target as an array of one; one that the project does not have is an empty result, no error."""
    targets, target_id = world["targets"], call.path["target_id"]
    target = targets.get(target_id)
    if target is None:
        target = targets.get(known_spelling(call, target_id))
    if target is None or target["_project"] != call.owner_id:
        return succeed(call, [], 0)
    return succeed(call, [public(target)], 1)


def known_spelling(call: Call, target_id: str) -> str:
    """The id as a target would have it."""
    if not UUID.fullmatch(target_id):
        call.assume("malformed-target-ids")
    elif (lowered := target_id.lower()) != target_id and call.assume("uuid-case") == "ignore":
        return lowered
    return target_id


def update_targets(call: Call, world: Realm) -> Json:
    """The project's targets among those named are as asked; the answer shows each as it is now, in that order."""
    targets = world["targets"]
    items = call.body if call.choices["invalid-items"] == "refuse" else fitting_items(call)
    if len(items) > LONGEST_ARRAY:
        call.assume("long-array")
    wishes, found = own_targets(call, world, items)

    changing: dict[Wish, list[str]] = {}
    idle: dict[Wish, list[str]] = {}
    emptied = set()
    for target in found:
        target_id, is_enabled = target["target_id"], target["is_enabled"]
        wish = enabled, name = wishes[target_id]
        if enabled in (None, is_enabled) and name in (None, target["target_name"]):
            idle.setdefault(wish, []).append(target_id)
            continue
        changing.setdefault(wish, []).append(target_id)
        if enabled is False and is_enabled and target["kind"] == "guild":
            emptied.add(target_id)

    passed_over = {target_id for wish, ids in idle.items() if not counts(call, wish) for target_id in ids}
    for wish, ids in changing.items():
        targets.update_all(ids, changes_of(wish))
    if emptied:
        disable_children(call, world, emptied)

    answered = [targets[target["target_id"]] for target in found if target["target_id"] not in passed_over]
    births = [target.birth for target in answered]
    if births != sorted(births) and call.assume("answer-order") == "creation":
        answered.sort(key=lambda target: target.birth)
    total = len(answered)
    return succeed(call, [*map(public, answered)], total, message=f"Successfully updated {total} target(s)")


def own_targets(call: Call, world: Realm, items: list[Json]) -> tuple[dict[str, Wish], list[Record]]:
    """The wishes by target, and the project's targets that the items name, in this order."""
    project, find, wishes = call.owner_id, world["targets"].get, gather_wishes(call, items)
    named = wishes if len(wishes) == len(items) else name_repeated(call, items, wishes)
    found = [target for target in map(find, named) if target is not None and target["_project"] == project]
    if found and len(found) == len(named):
        return wishes, found
    lowered = [{**item, "target_id": item["target_id"].lower()} for item in items]
    if lowered != items and call.assume("uuid-case") == "ignore":
        return own_targets(call, world, lowered)
    refuse_missing(call, found)
    return wishes, found


def fitting_items(call: Call) -> list[Json]:
    """The items that are valid by themselves; the document does not look at them when the others are skipped."""
    fitting = [item for item in call.body if fits(item, call.choices)]
    if len(fitting) < len(call.body):
        call.assume("invalid-items")
    return fitting


def fits(item: Json, choices: Mapping[str, str]) -> bool:
    """Whether one item is valid, under the options of the other assumptions."""
    if not isinstance(item, dict) or not isinstance(target_id := item.get("target_id"), str):
        return False
    enabled, name = item.get("is_enabled", False), item.get("target_name", "unchanged")
    if choices["null-values"] == "ignore":
        enabled, name = enabled is not None and enabled, "unchanged" if name is None else name
    return (
        UUID.fullmatch(target_id) is not None
        and isinstance(enabled, bool)
        and isinstance(name, str)
        and (name.strip() != "" or choices["blank-names"] == "accept")
        and (len(name) <= LONGEST_NAME or choices["long-names"] == "accept")
    )


LONGEST_ARRAY, LONGEST_NAME = 100, 255


def gather_wishes(call: Call, items: list[Json]) -> dict[str, Wish]:
    """The last word on each target by its id, in the order in which they were first named."""
    wishes: dict[str, Wish] = {}
    for item in items:
        target_id, enabled, name = item["target_id"], item.get("is_enabled"), item.get("target_name")
        if len(item) > 1 + (enabled is not None) + (name is not None):
            look_beside(call, item)
        if name is not None:
            name = tidy(call, name)
        if target_id in wishes:
            before = wishes[target_id]
            enabled, name = before[0] if enabled is None else enabled, before[1] if name is None else name
        wishes[target_id] = enabled, name
    return wishes


def name_repeated(call: Call, items: list[Json], wishes: dict[str, Wish]) -> Collection[str]:
    """The targets to answer with where some were named more than once."""
    option = call.assume("duplicate-targets")
    if option == "refuse":
        raise Problem(422, "A target is named more than once.", code=INVALID)
    return wishes if option == "merge" else [item["target_id"] for item in items]


def tidy(call: Call, name: str) -> str:
    """The name as it is kept."""
    trimmed = name.strip()
    if not trimmed:
        call.assume("blank-names")
    if len(name) > LONGEST_NAME:
        call.assume("long-names")
    return trimmed if trimmed != name and call.assume("name-spaces") == "trim" else name


def look_beside(call: Call, item: Json) -> None:
    """A Problem 422 where an item has fields that cannot be written, and they are not ignored."""
    if None in (item.get("is_enabled", ""), item.get("target_name", "")):
        call.assume("null-values")
    unwritable = item.keys() - {"target_id", "is_enabled", "target_name"}
    if unwritable and call.assume("unwritable-fields") == "refuse":
        raise Problem(422, f"Cannot be updated: {', '.join(sorted(unwritable))}.", code=INVALID)


def refuse_missing(call: Call, found: list[Record]) -> None:
    """A Problem 404 where something that was named is no target of the project, and it is not just passed over."""
    if not call.body:
        call.assume("empty-array")
    elif not found and call.assume("nothing-matched") == "empty":
        return
    elif not found or call.assume("unknown-targets") == "refuse":
        raise Problem(404, "Target not found", code=NOT_FOUND)


def counts(call: Call, wish: Wish) -> bool:
    """Whether a target counts as updated that was as wished already."""
    if wish != (None, None):
        return call.assume("unchanged-targets") == "count"
    option = call.assume("empty-items")
    if option == "refuse":
        raise Problem(422, "Either is_enabled or target_name is required.", code=INVALID)
    return option == "count"


def changes_of(wish: Wish) -> dict[str, Json]:
    """The fields that a wish has a word on."""
    enabled, name = wish
    changes: dict[str, Json] = {} if enabled is None else {"is_enabled": enabled}
    if name is not None:
        changes["target_name"] = name
    return changes


def disable_children(call: Call, world: Realm, guilds: set[str]) -> None:
    """The targets inside these guilds are disabled too, if that is what is assumed; the answer does not show them."""
    children = world["targets"].list(lambda target: target["parent_target_id"] in guilds and target["is_enabled"])
    if children and call.assume("disabled-guild") == "cascade":
        world["targets"].update_all([child["target_id"] for child in children], {"is_enabled": False})


def public(target: Record) -> Json:
    """The target without what is only the mock's."""
    shown = {**target}
    del shown["_project"]
    return shown


# How BotSubscription speaks


def succeed(call: Call, data: list[Json], total: int, **message: str) -> Json:
    """The flat envelope of a success, in the documented order."""
    request = call.request
    return {
        "ok": True,
        "request_id": call.request_id,
        "method": request.method,
        "path": request.path,
        "code": 200,
        "total": total,
        **message,
        "data": data,
    }


def mint_request_id(world: Realm) -> str:
    """A version 4 UUID."""
    return world.chance.uuid()


def headers(call: Call) -> Headers:
    """The key's budget of this minute; the address's where no key is known."""
    budget = call.budget
    if call.choices["rate-limit-headers"] == "tightest":
        reading = min(budget.values(), key=lambda reading: reading.remaining)
    else:
        reading = budget.get("key") or budget["address"]
    return (
        ("X-RateLimit-Limit", str(reading.limit)),
        ("X-RateLimit-Remaining", str(reading.remaining)),
        ("X-RateLimit-Reset", str(int(reading.reset))),
    )


REVOKED = "revoked-key"
UNSEEN = "unseen-project"
STATUSES = {
    MALFORMED: ("unreadable-body", {"bad-request": 400, "unprocessable": 422}),
    INVALID: ("invalid-values", {"unprocessable": 422, "bad-request": 400}),
    MEDIA_TYPE: ("content-type", {"refuse": 415, "bad-request": 400}),
    TOO_LARGE: ("large-body", {"too-large": 413, "bad-request": 400}),
    NO_METHOD: ("wrong-method", {"not-allowed": 405, "not-found": 404}),
    FORBIDDEN: ("missing-permission", {"forbidden": 403, "unauthorized": 401}),
    REVOKED: ("revoked-keys", {"unauthorized": 401, "forbidden": 403}),
    UNSEEN: ("unseen-projects", {"not-found": 404, "forbidden": 403}),
}
"""The reasons whose status nobody documents: the assumption, and the status under each option."""

CODES = {
    400: "BAD_REQUEST",
    401: "UNAUTHORIZED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    413: "PAYLOAD_TOO_LARGE",
    415: "UNSUPPORTED_MEDIA_TYPE",
    422: "VALIDATION_ERROR",
    429: "RATE_LIMIT_EXCEEDED",
    500: "INTERNAL_ERROR",
}
PHRASES = {422: "UNPROCESSABLE_ENTITY", 500: "INTERNAL_SERVER_ERROR"}


def render(problem: Problem, call: Call) -> Response:
    """`ok` false, who asked for what, and `error` with one code and message."""
    status, request = problem.status, call.request
    for violation in problem.violations:
        rely(call, violation)
    if problem.code in STATUSES:
        assumption, statuses = STATUSES[problem.code]
        status = statuses[call.assume(assumption)]
    envelope = {
        "ok": False,
        "request_id": call.request_id,
        "method": request.method,
        "path": request.path,
        "code": status,
        "error": {},
    }
    if problem.code == RATE_LIMITED:
        return Response(status, refuse_for_now(envelope, problem, call))
    code = CODES.get(status, CODES[500])
    if status in PHRASES and call.assume("code-names") == "phrase":
        code = PHRASES[status]
    message = "; ".join(map(explain, problem.violations)) or problem.detail
    envelope["error"] = {"error_code": code, "message": message}
    challenge = (("WWW-Authenticate", "Bearer"),) if status == 401 else ()
    return Response(status, envelope, challenge)


def refuse_for_now(envelope: dict[str, Json], problem: Problem, call: Call) -> Json:
    """The body of a 429, with its code in both of the vendor's styles."""
    call.assume("rate-limit-headers")
    call.assume("burst-scope" if problem.about == "burst" else "rate-window")
    wait = problem.retry_after
    message = f"Rate limit exceeded. Please retry after {wait} seconds."
    if call.assume("rate-limit-body") == "as-printed":
        del envelope["ok"]
        return {**envelope, "error": {"message": message, "code": CODES[429], "retry_after": wait}}
    error = {"message": message, "code": CODES[429], "error_code": CODES[429], "retry_after": wait}
    return {**envelope, "error": error}


def explain(violation: Violation) -> str:
    """Where, and what is wrong: `/0/is_enabled: expected a boolean, got null`."""
    return f"{violation.pointer or violation.place}: {violation.message}"


BOUNDS = {
    ("body", "", "minItems"): "empty-array",
    ("body", "", "maxItems"): "long-array",
    ("body", "target_name", "minLength"): "blank-names",
    ("body", "target_name", "pattern"): "blank-names",
    ("body", "target_name", "maxLength"): "long-names",
    ("path", "target_id", "format"): "malformed-target-ids",
    ("query", "limit", "maximum"): "large-page",
    ("query", "limit", "minimum"): "bad-paging",
    ("query", "limit", "type"): "bad-paging",
    ("query", "offset", "minimum"): "bad-paging",
    ("query", "offset", "type"): "bad-paging",
}
"""What the document asks for by assumption only."""


def rely(call: Call, violation: Violation) -> None:
    """The exchange remembers the assumptions without which this would be no violation."""
    member = violation.pointer.rpartition("/")[2]
    bound = BOUNDS.get((violation.place, member, violation.keyword))
    if bound is not None:
        call.assume(bound)
    if violation.place == "body" and violation.pointer:
        if violation.seen == "null" and member in ("is_enabled", "target_name"):
            call.assume("null-values")
        call.assume("invalid-items")


# Who calls


def check_key(key: Record, _call: Call) -> None:
    """A revoked key is no longer good for anything."""
    if key["revoked_at"] is not None:
        raise Problem(401, "This API key was revoked.", code=REVOKED)


def permit(call: Call, _world: Realm, permissions: tuple[str, ...]) -> None:
    """The project is the caller's, who has the permission or `all` of them."""
    project = call.path["project_id"]
    if project != call.owner_id:
        if not UUID.fullmatch(project) and call.assume("malformed-projects") == "invalid":
            raise Problem(422, "project_id: expected a UUID", code=INVALID)
        raise Problem(404, "Project not found", code=UNSEEN)
    held = call.caller["permissions"]
    for permission in permissions:
        if permission not in held and "all" not in held and call.assume("missing-permission") != "allow":
            raise Problem(403, f"The permission {permission} is missing.", code=FORBIDDEN)


UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

MINUTES: Mapping[str, Meter] = {
    "fixed": Window(60),
    "from-first": Window(60, aligned=False),
    "refilling": TokenBucket(60),
}
LIMITS = (
    *(Limit("address", "address", 300, meter, when=("rate-window", option)) for option, meter in MINUTES.items()),
    *(Limit("key", "caller", 100, meter, when=("rate-window", option)) for option, meter in MINUTES.items()),
    Limit("burst", "caller", 20, Window(1), when=("burst-scope", "key")),
    Limit("burst", "address", 20, Window(1), when=("burst-scope", "address")),
)

# What the documents leave open

SCHEMAS = "/components/schemas"
ENABLED = f"{SCHEMAS}/TargetUpdate/properties/is_enabled"
NAME = f"{SCHEMAS}/TargetUpdate/properties/target_name"
REFUSED = f"{SCHEMAS}/RateLimitRefusal"
LIMIT = "/components/parameters/Limit/schema"
OFFSET = "/components/parameters/Offset/schema"
NONE_UPDATED = {
    f"{SCHEMAS}/UpdatedTargets/properties/total/minimum": 0,
    f"{SCHEMAS}/UpdatedTargets/properties/data/minItems": 0,
}


def renamed_code(response: str, code: str) -> dict[str, Json]:
    """What reads otherwise in the document where a response has another error code."""
    content = f"/components/responses/{response}/content/application~1json"
    return {
        f"{content}/schema/properties/error/properties/error_code/const": code,
        f"{content}/example/error/error_code": code,
    }


ASSUMPTIONS = (
    # the update
    Assumption(
        "unknown-targets",
        "What happens to items of an update whose id no target of the project has, when others do match?",
        {"skip": "They are passed over and not counted.", "refuse": "404 NOT_FOUND, nothing is changed."},
        "skip",
        "PATCH …/targets with one known and one random UUID; look at the status, `total` and `data`.",
    ),
    Assumption(
        "nothing-matched",
        "What is answered when no item of an update names a target of the project?",
        {"not-found": "404 NOT_FOUND.", "empty": "200 with `total` 0 and no targets."},
        "not-found",
        "PATCH …/targets with a single random UUID.",
        document={"empty": NONE_UPDATED},
    ),
    Assumption(
        "duplicate-targets",
        "What happens when an update names a target more than once?",
        {
            "merge": "Later values win; it is answered and counted once, where it was first named.",
            "count-each": "Later values win; it is answered and counted for each mention.",
            "refuse": "422, nothing is changed.",
        },
        "merge",
        "PATCH …/targets with the same id twice and two names; look at `total`, `data` and the name.",
    ),
    Assumption(
        "uuid-case",
        "Does an id in capital letters name the target?",
        {"ignore": "It does: a UUID is a number.", "exact": "It is another id, which no target has."},
        "ignore",
        "GET …/targets/{target_id} with the id in capital letters.",
    ),
    Assumption(
        "empty-items",
        "Does an item with neither `is_enabled` nor `target_name` count?",
        {"count": "It is answered and counted.", "skip": "It is passed over.", "refuse": "422, nothing is changed."},
        "count",
        "PATCH …/targets with an item that has only a `target_id`.",
        document={"skip": NONE_UPDATED},
    ),
    Assumption(
        "unchanged-targets",
        "Does a target count as updated that had the values already?",
        {"count": "It is answered and counted.", "skip": "Only targets that changed are."},
        "count",
        "Send the same update twice; compare `total`.",
        document={"skip": NONE_UPDATED},
    ),
    Assumption(
        "unwritable-fields",
        "What happens to fields of an item that are read-only or unknown?",
        {"ignore": "They are ignored.", "refuse": "422, nothing is changed."},
        "ignore",
        "PATCH …/targets with an item that has a `plan_count`.",
    ),
    Assumption(
        "null-values",
        "What does null stand for in `is_enabled` and `target_name`?",
        {"refuse": "Nothing: 422.", "ignore": "As if the field were left out."},
        "refuse",
        "PATCH …/targets with `is_enabled: null`.",
        document={"ignore": {f"{ENABLED}/type": ["boolean", "null"], f"{NAME}/type": ["string", "null"]}},
    ),
    Assumption(
        "invalid-items",
        "What does one invalid item do to the others?",
        {"refuse": "422, nothing is changed.", "skip": "Only the invalid one is passed over."},
        "refuse",
        "PATCH …/targets with one good item and one whose `is_enabled` is a number; read both back.",
        document={"skip": {f"{SCHEMAS}/TargetUpdates/items": {}, **NONE_UPDATED}},
    ),
    Assumption(
        "answer-order",
        "In which order are updated targets answered?",
        {"request": "In that of the request.", "creation": "In that of the list, oldest first."},
        "request",
        "PATCH …/targets with two known ids, then with the two swapped; compare `data`.",
    ),
    Assumption(
        "disabled-guild",
        "What does disabling a guild do to its channels and roles?",
        {"leave": "Nothing.", "cascade": "They are disabled too, but not answered."},
        "leave",
        "Disable a guild that has an enabled role; read the role.",
    ),
    Assumption(
        "empty-array",
        "Is an update without items taken?",
        {"refuse": "No: 422.", "accept": "Yes: 200 with `total` 0."},
        "refuse",
        "PATCH …/targets with [].",
        document={"accept": {f"{SCHEMAS}/TargetUpdates/minItems": 0, **NONE_UPDATED}},
    ),
    Assumption(
        "long-array",
        "How many items may an update have?",
        {"refuse": "100; with more it is a 422.", "accept": "Any number."},
        "refuse",
        "PATCH …/targets with 101 items.",
        document={
            "accept": {
                f"{SCHEMAS}/TargetUpdates/maxItems": ABSENT,
                f"{SCHEMAS}/UpdatedTargets/properties/total/maximum": ABSENT,
                f"{SCHEMAS}/UpdatedTargets/properties/data/maxItems": ABSENT,
            }
        },
    ),
    Assumption(
        "name-spaces",
        "What happens to white space around a name?",
        {"trim": "It is dropped.", "keep": "It is kept."},
        "trim",
        "Rename a target to ' x '; read it back.",
    ),
    Assumption(
        "blank-names",
        "May a name be empty or nothing but white space?",
        {"refuse": "No: 422.", "accept": "Yes."},
        "refuse",
        "PATCH …/targets with an empty `target_name`.",
        document={"accept": {f"{NAME}/minLength": ABSENT, f"{NAME}/pattern": ABSENT}},
    ),
    Assumption(
        "long-names",
        "How long may a name be?",
        {"refuse": "255 characters; a longer one is a 422.", "accept": "Any length."},
        "refuse",
        "PATCH …/targets with a `target_name` of 256 characters.",
        document={"accept": {f"{NAME}/maxLength": ABSENT}},
    ),
    # the reads
    Assumption(
        "list-order",
        "In which order are targets listed?",
        {
            "oldest-first": "In the order in which they were added.",
            "newest-first": "The last added first.",
            "by-name": "By name, in any case.",
        },
        "oldest-first",
        "Connect two targets whose names are in reverse order; list them.",
    ),
    Assumption(
        "page-size",
        "How many targets does a list hold when no `limit` is given?",
        {"20": "20, as for plans.", "10": "10, as for users.", "50": "50, as for admins."},
        "20",
        "GET …/targets of a project with more than 50 targets; count them.",
        document={option: {f"{LIMIT}/default": int(option)} for option in ("10", "50")},
    ),
    Assumption(
        "list-offset",
        "Does the list take an `offset`?",
        {"skip": "So many targets are left out.", "ignore": "It is ignored."},
        "skip",
        "GET …/targets?offset=1; compare the first target.",
    ),
    Assumption(
        "list-total",
        "What does `total` of a list count?",
        {"all": "All targets of the project.", "page": "Those on this page."},
        "all",
        "GET …/targets?limit=1 of a project with several targets.",
    ),
    Assumption(
        "large-page",
        "What happens to a `limit` above 100?",
        {"refuse": "422.", "clamp": "The page holds 100."},
        "refuse",
        "GET …/targets?limit=101.",
        document={"clamp": {f"{LIMIT}/maximum": ABSENT}},
    ),
    Assumption(
        "bad-paging",
        "What happens to a `limit` below 1, an `offset` below 0, or one that is no whole number?",
        {"refuse": "422.", "default": "The default takes its place."},
        "refuse",
        "GET …/targets?limit=0 and ?offset=abc.",
        document={
            "default": {
                f"{LIMIT}/type": ["integer", "string"],
                f"{LIMIT}/minimum": ABSENT,
                f"{OFFSET}/type": ["integer", "string"],
                f"{OFFSET}/minimum": ABSENT,
            }
        },
    ),
    Assumption(
        "malformed-target-ids",
        "What does reading a target answer whose id is no UUID?",
        {"refuse": "422.", "empty": "The empty result of a missing target."},
        "refuse",
        "GET …/targets/not-a-uuid.",
        document={"empty": {"/components/parameters/TargetId/schema/format": ABSENT}},
    ),
    # who may
    Assumption(
        "unseen-projects",
        "What is a project that is unknown or not the token's?",
        {"not-found": "404 NOT_FOUND.", "forbidden": "403 FORBIDDEN."},
        "not-found",
        "GET …/targets with a random UUID as the project, and with another account's project.",
    ),
    Assumption(
        "malformed-projects",
        "What is a project whose id is no UUID?",
        {"unseen": "The same as one that is unknown.", "invalid": "422."},
        "unseen",
        "GET /v2/projects/x/targets.",
    ),
    Assumption(
        "missing-permission",
        "What happens to a user without `targets:read` or `targets:update`?",
        {
            "forbidden": "403 FORBIDDEN.",
            "unauthorized": "401 UNAUTHORIZED.",
            "allow": "Targets ask for no permission.",
        },
        "forbidden",
        "GET and PATCH …/targets as an admin who may only read payments.",
    ),
    Assumption(
        "revoked-keys",
        "How is a revoked key refused?",
        {"unauthorized": "401 UNAUTHORIZED.", "forbidden": "403 FORBIDDEN."},
        "unauthorized",
        "Revoke a key; GET …/targets with it.",
    ),
    Assumption(
        "scheme-case",
        "May `Bearer` be written in another case?",
        {"exact": "Only `Bearer` is taken.", "ignore": "`bearer` is as good."},
        "exact",
        "GET …/targets with Authorization: bearer and a good key.",
    ),
    Assumption(
        "permission-order",
        "What is refused first: a caller who may not, or a request that is invalid?",
        {"caller-first": "The caller: 403 or 404.", "body-first": "The request: 400, 415 or 422."},
        "caller-first",
        "PATCH …/targets with [] as a user who may only read.",
    ),
    # how it says no
    Assumption(
        "unreadable-body",
        "Which status has a body that is missing, cut or no JSON?",
        {"bad-request": "400 BAD_REQUEST.", "unprocessable": "422, as for invalid values."},
        "bad-request",
        "PATCH …/targets with the body '['.",
    ),
    Assumption(
        "invalid-values",
        "Which status has JSON of the wrong shape, and a parameter out of its bounds?",
        {"unprocessable": "422.", "bad-request": "400 BAD_REQUEST."},
        "unprocessable",
        "PATCH …/targets with an object in place of the array.",
    ),
    Assumption(
        "content-type",
        "What happens to a JSON body with another Content-Type?",
        {"refuse": "415.", "bad-request": "400 BAD_REQUEST.", "ignore": "It is read as JSON."},
        "refuse",
        "PATCH …/targets with Content-Type: text/plain.",
    ),
    Assumption(
        "large-body",
        "Which status has a body that is too large?",
        {"too-large": "413.", "bad-request": "400 BAD_REQUEST."},
        "too-large",
        "PATCH …/targets with a body of some megabytes of white space.",
    ),
    Assumption(
        "wrong-method",
        "Which status has a method that a path does not know?",
        {"not-allowed": "405 METHOD_NOT_ALLOWED.", "not-found": "404 NOT_FOUND."},
        "not-allowed",
        "PUT …/targets.",
    ),
    Assumption(
        "code-names",
        "What is the `error_code` of a 422 and of a 500?",
        {
            "reason": "VALIDATION_ERROR and INTERNAL_ERROR.",
            "phrase": "UNPROCESSABLE_ENTITY and INTERNAL_SERVER_ERROR.",
        },
        "reason",
        "PATCH …/targets with []; look at `error.error_code`.",
        document={
            "phrase": {
                f"{SCHEMAS}/ErrorCode/enum": [*(CODES | PHRASES).values()],
                **renamed_code("ValidationError", PHRASES[422]),
                **renamed_code("InternalError", PHRASES[500]),
            }
        },
    ),
    # how much
    Assumption(
        "rate-window",
        "How are the requests of a minute counted?",
        {
            "fixed": "Anew with each minute of the clock.",
            "from-first": "Anew with the first request after a minute has passed.",
            "refilling": "The budget refills evenly.",
        },
        "fixed",
        "Send a request every tenth of a second until 429; look at X-RateLimit-Remaining around the reset.",
    ),
    Assumption(
        "burst-scope",
        "Whose are the 20 requests of a second?",
        {"key": "Each token has its own.", "address": "All tokens of an address share them."},
        "key",
        "Send 15 requests with each of two keys within one second.",
    ),
    Assumption(
        "rate-limit-headers",
        "Which of the budgets do the X-RateLimit headers show?",
        {
            "key": "The minute of the token; of the address where no token is known.",
            "tightest": "Whichever has the least left.",
        },
        "key",
        "Send one request; X-RateLimit-Limit is 100 or 20.",
    ),
    Assumption(
        "rate-limit-body",
        "Which envelope does a 429 have?",
        {
            "both": "That of every error, its code as `code` and as `error_code`.",
            "as-printed": "That of the page on rate limits: no `ok`, and only `code`.",
        },
        "both",
        "Send 30 requests at once; look at the body of a 429.",
        document={
            "as-printed": {
                f"{REFUSED}/required": ["request_id", "method", "path", "code", "error"],
                f"{REFUSED}/properties/ok": ABSENT,
                f"{REFUSED}/properties/error/required": ["message", "code", "retry_after"],
                f"{REFUSED}/properties/error/properties/error_code": ABSENT,
                "/components/responses/RateLimited/content/application~1json/example/ok": ABSENT,
                "/components/responses/RateLimited/content/application~1json/example/error/error_code": ABSENT,
            }
        },
    ),
)

HANDLERS = {
    "listTargets": list_targets,
    "getTarget": get_target,
    "updateTargets": update_targets,
}

API = Api(
    name="botsubscription",
    handlers=HANDLERS,
    collections={
        "projects": Kept("project_id"),
        "keys": Kept("token"),
        "targets": Kept("target_id", schema="Target"),
    },
    render=render,
    guard=Guard(
        scheme="Bearer",
        owner=("projects", "project_id"),
        check=check_key,
        permit=permit,
        scheme_case="scheme-case",
        permit_order="permission-order",
    ),
    limits=LIMITS,
    headers=headers,
    request_id=mint_request_id,
    any_media_type="content-type",
    assumptions=ASSUMPTIONS,
    credential=("Authorization", "Bearer YOUR_TOKEN"),
)
