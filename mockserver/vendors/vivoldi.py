"""Vivoldi: link groups, whose settings hold for all of their short links at once."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import datetime
from http import HTTPStatus
from math import ceil

from mockserver.engine.api import Api, Assumption, Kept
from mockserver.engine.call import Call
from mockserver.engine.guard import Guard
from mockserver.engine.limits import Limit, Window
from mockserver.problem import (
    FORBIDDEN,
    INVALID,
    MALFORMED,
    MEDIA_TYPE,
    NOT_FOUND,
    RATE_LIMITED,
    UNAUTHENTICATED,
    Problem,
    Violation,
)
from mockserver.state.collection import Collection
from mockserver.state.record import Record
from mockserver.state.world import Realm
from mockserver.wire import Json, Response

# A change of a group


def update_link_group(call: Call, world: Realm) -> Json:
    """The group has the settings that were sent, keeps the others, and gives away its secret if it is new."""
    sent = read(call)
    groups = world["groups"]
    group = groups.get(sent.pop("grpIdx"))
    if group is None or group.get("_account") != call.owner_id:
        if call.assume("unknown-group") == "ignore":
            return success(None)
        raise Problem(200, f"The group {call.body['grpIdx']} does not exist.", code=NOT_FOUND)
    keep_to_plan(call, sent)
    changes = {MEMBERS.get(name, name): value for name, value in sent.items()}
    reset_omitted(call, group, changes)
    keep_where_empty(call, group, changes)
    refuse_doubtful(call, groups, group, changes)
    secret = switch_webhook(call, world, group, changes)
    changed = any(group.get(member) != value for member, value in changes.items())
    if changed or call.assume("unchanged-group") == "touch":
        groups.update(group["idx"], {**changes, "modYmdt": timestamp(call)})
    return success(secret)


def read(call: Call) -> dict[str, Json]:
    """The fields that the call knows: integers are integers, an empty text is None, every date exists."""
    body = call.body
    sent = {name: body[name] for name in body if name in FIELDS}
    if len(sent) < len(body) and call.assume("unknown-fields") == "refuse":
        raise invalid(f"{', '.join(sorted(body.keys() - FIELDS))}: no such field.")
    for name in INTEGERS & sent.keys():
        if isinstance(sent[name], str) and call.assume("digit-strings") == "refuse":
            raise invalid(f"{name}: expected an integer, got a string.")
        sent[name] = int(sent[name])
    for name in TEXTS & sent.keys():
        text = sent[name] = sent[name] or None
        if text is not None and name in DATES:
            refuse_impossible(name, text)
        elif text is not None and len(text) > LONG and call.assume("long-texts") == "refuse":
            raise invalid(f"{name}: expected at most {LONG} characters, got {len(text)}.")
    if sent.get("webhookFrequency") == 200 and call.assume("frequency-200") == "refuse":
        raise invalid("webhookFrequency: 200 is none of 1, 50, 100, 300, 500, 1000.")
    return sent


def refuse_impossible(name: str, text: str) -> None:
    """A date of the right form may still be none: 30 February."""
    try:
        datetime.fromisoformat(text)
    except ValueError:
        raise invalid(f"{name}: {text} is no date.") from None


def keep_to_plan(call: Call, sent: dict[str, Json]) -> None:
    """What the account may not use is as if it had not been sent."""
    for fields, included, assumption, reason in GATES:
        beyond = fields & sent.keys()
        if not beyond or included(call.owner):
            continue
        if any(sent[name] == "Y" for name in beyond) and call.assume(assumption) == "refuse":
            raise Problem(200, reason, code=NOT_INCLUDED)
        for name in beyond:
            del sent[name]


def reset_omitted(call: Call, group: Record, changes: dict[str, Json]) -> None:
    """What was left out stays as it is, or falls back to its default where so assumed."""
    omitted = {MEMBERS.get(name, name): default for name, default in DEFAULTS.items() if name not in call.body}
    fallen = {name: default for name, default in omitted.items() if group.get(name, default) != default}
    if fallen and call.assume("omitted-fields") == "reset":
        changes.update(fallen)


def keep_where_empty(call: Call, group: Record, changes: dict[str, Json]) -> None:
    """An empty name is no change; another empty text clears, or is no change where so assumed."""
    if "nm" in changes and changes["nm"] is None:
        if call.assume("empty-name") == "refuse":
            raise invalid("nm: a group must have a name.")
        del changes["nm"]
    for name in CLEARABLE & call.body.keys():
        member = MEMBERS.get(name, name)
        losing = changes[member] is None and group.get(member) is not None
        if losing and call.assume("empty-values") == "keep":
            del changes[member]


def refuse_doubtful(call: Call, groups: Collection, group: Record, changes: Mapping[str, Json]) -> None:
    """Dates that shut every link off and a name that is taken pass, or are refused where so assumed."""
    start, end = (changes.get(name, group.get(name)) for name in ("strtYmdt", "endYmdt"))
    moved = (start, end) != (group.get("strtYmdt"), group.get("endYmdt"))
    if moved and start and end and end < start and call.assume("reversed-dates") == "refuse":
        raise invalid(f"endYmdt: {end} is before strtYmdt, {start}.")
    if changes.get("endYmdt") and end < timestamp(call) and call.assume("past-dates") == "refuse":
        raise invalid(f"endYmdt: {end} is past.")
    name = changes.get("nm", group["nm"])
    taken = name != group["nm"] and groups.where(_account=call.owner_id, nm=name)
    if taken and call.assume("duplicate-names") == "refuse":
        raise invalid(f"nm: another group has the name {name}.")


def switch_webhook(call: Call, world: Realm, group: Record, changes: dict[str, Json]) -> str | None:
    """The webhook's secret where this call makes it; a webhook that is on has somewhere to send to."""
    switch, secret = changes.get("webhookEnableYn"), group.get("_webhookSecretKey")
    if switch == "N" and secret is not None and call.assume("secret-after-off") == "forget":
        changes["_webhookSecretKey"] = None
    if switch != "Y":
        return None
    url: str | None = changes.get("webhookCallbackUrl")
    if "webhookCallbackUrl" not in changes and (stored := group.get("webhookCallbackUrl")) is not None:
        url = stored if call.assume("stored-callback") == "enough" else None
    if url is None:
        raise Problem(200, "webhookCallbackUrl is required when webhookEnableYn is Y.", code=NO_CALLBACK)
    if secret is not None:
        return None
    is_hex = call.assume("secret-format") == "hex"
    made: str = world.chance.hex(32) if is_hex else world.chance.alphanumeric(32)
    changes["_webhookSecretKey"] = made
    return made


# The lists


def list_link_groups_v1(call: Call, world: Realm) -> Json:
    """The first thirty groups of the account that fit the filters, as a bare array."""
    return success(rows(call, find_groups(call, world)[:30]))


def list_link_groups(call: Call, world: Realm) -> Json:
    """One page of the account's groups that fit the filters, and where it stands among the pages."""
    found = find_groups(call, world)
    total, page = len(found), call.query["pages"]
    size = int(call.assume("page-size")) if total > SMALLEST_PAGE else SMALLEST_PAGE
    last = max(1, ceil(total / size))
    if page > last and (choice := call.assume("page-past-end")) != "empty":
        if choice == "refuse":
            raise invalid(f"pages: there are {last}, got {page}.")
        page = last
    listed = rows(call, found[(page - 1) * size : page * size])
    more = page < last
    extra = {
        "pages": page,
        "nextPages": page + more,
        "nextYn": "Y" if more else "N",
        "count": len(listed),
        "totalCount": total,
    }
    return success({"extra": extra, "list": listed})


def find_groups(call: Call, world: Realm) -> list[Record]:
    """The account's groups that fit `grpIdx` and `nm`, by id."""
    idx, text, account = call.query.get("grpIdx"), call.query.get("nm", ""), call.owner_id
    found = world["groups"].list(
        lambda group: (
            group.get("_account") == account
            and (idx is None or group["idx"] == idx)
            and has_in_name(call, group["nm"], text)
        )
    )
    newest_first = len(found) > 1 and call.assume("list-order") == "newest-first"
    found.sort(key=lambda group: group["idx"], reverse=newest_first)
    return found


def has_in_name(call: Call, name: str, text: str) -> bool:
    """`text` is part of the name; whether in other letters of case, the assumption decides."""
    if text in name:
        return True
    return text.casefold() in name.casefold() and call.assume("name-filter-case") == "ignore"


def rows(call: Call, groups: list[Record]) -> list[Json]:
    """The groups as the lists show them: no password, no secret."""
    if not groups:
        return []
    shown = COLUMNS if call.assume("listed-settings") == "hide" else COLUMNS + SETTINGS
    listed = [{name: group[name] for name in shown if name in group} for group in groups]
    for row in listed:
        if row["memo"] is None and call.assume("listed-memo") == "empty-text":
            row["memo"] = ""
    return listed


# How Vivoldi speaks


def success(result: Json) -> Json:
    """The envelope of what was done."""
    return {"code": 0, "message": "", "result": result}


def invalid(detail: str) -> Problem:
    """What the call asks for cannot be understood or taken."""
    return Problem(200, detail, code=INVALID)


def timestamp(call: Call) -> str:
    """The moment of the call as the vendor writes it: `2026-03-01 00:00:00`."""
    offset = UTC_PLUS_9 if call.assume("time-zone") == "korea" else 0
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(call.at + offset))


NO_CALLBACK = "no-callback"
NOT_INCLUDED = "not-included"
NOT_UNDERSTOOD = 1001
CODES = {
    MALFORMED: NOT_UNDERSTOOD,
    MEDIA_TYPE: NOT_UNDERSTOOD,
    INVALID: NOT_UNDERSTOOD,
    NOT_FOUND: 1002,
    NO_CALLBACK: 1005,
    NOT_INCLUDED: 1006,
}
KOREAN = {
    400: "요청 본문을 읽을 수 없습니다.",
    401: "API 키가 올바르지 않습니다.",
    403: "차단된 클라이언트입니다. User-Agent를 확인해 주세요.",
    404: "요청한 경로를 찾을 수 없습니다.",
    405: "지원하지 않는 메서드입니다.",
    413: "요청 본문이 너무 큽니다.",
    429: "요청이 너무 많습니다. 잠시 후 다시 시도해 주세요.",
    500: "서버 오류가 발생했습니다. 다시 시도해 주세요.",
    1001: "요청 값이 올바르지 않습니다.",
    1002: "그룹을 찾을 수 없습니다.",
    1005: "webhookCallbackUrl 값이 필요합니다.",
    1006: "현재 요금제에서 사용할 수 없는 기능입니다.",
}


def render(problem: Problem, call: Call) -> Response:
    """What the service refuses is HTTP 200 with its `code`; what was stopped before has a status of its own."""
    status, code = 200, CODES.get(problem.code)
    if code is None or (problem.code == MALFORMED and call.assume("unreadable-body") == "stop"):
        status = problem.status
        if problem.code == RATE_LIMITED:
            call.assume("rate-limits")
        if problem.code == UNAUTHENTICATED:
            status = int(call.assume("bad-key"))
        if call.assume("stopped-bodies") == "text":
            text = HTTPStatus(status).phrase.encode()
            return Response(status, text, (("Content-Type", "text/plain; charset=utf-8"),))
        code = status
    elif code != NOT_UNDERSTOOD and call.assume("failure-codes") == "one":
        code = NOT_UNDERSTOOD
    message = " ".join(map(explain, problem.violations)) or problem.detail
    if wants_korean(call) and call.assume("message-language") == "requested":
        message = KOREAN.get(code, message)
    return Response(status, {"code": code, "message": message, "result": None})


def explain(violation: Violation) -> str:
    """One sentence: which field, and what is wrong with it."""
    where = ".".join(violation.location[1:]) or "The " + violation.place
    if violation.keyword == "required":
        return f"{where} is required."
    if where in DATES and violation.keyword in ("pattern", "anyOf", "maxLength"):
        return f"{where}: {violation.seen} is no date of the form YYYY-MM-DD HH:mm:ss."
    return f"{where}: {violation.message}."


def wants_korean(call: Call) -> bool:
    """Korean is the first language that the caller asks for."""
    language: str = call.request.headers.get("Accept-Language", "")
    return language.lower().startswith("ko")


# Who calls


def block_nameless(call: Call, _world: Realm) -> None:
    """A caller without a User-Agent is turned away, whatever its key."""
    agent: str = call.request.headers.get("User-Agent", "").strip()
    if agent and not agent.startswith(COMMON_CLIENTS):
        return
    choice = call.assume("blocked-clients")
    if choice == "common" or (choice == "nameless" and not agent):
        raise Problem(403, "Send a User-Agent that names your company or product.", code=FORBIDDEN)


COMMON_CLIENTS = (
    "axios/", "curl/", "Go-http-client/", "Java/", "node", "okhttp/", "PostmanRuntime/", "python-httpx/",
    "python-requests/", "Python-urllib/", "Wget/",
)  # fmt: skip

# What a group has

COLUMNS = (
    "idx", "nm", "memo", "linkCnt", "blockOverseasSticsYn", "notfSubscYn", "qrBypassYn", "pushNotifyYn",
    "mailNotifyYn", "webhookEnableYn", "webhookCallbackUrl", "webhookMetric", "webhookFrequency", "regYmdt",
    "modYmdt",
)  # fmt: skip
SETTINGS = ("strtYmdt", "endYmdt", "expireUrl", "acesMaxCnt")
MEMBERS = {"pwd": "_pwd", "nonmemberSticsPwd": "_nonmemberSticsPwd"}
DEFAULTS: Mapping[str, Json] = {
    "memo": None,
    "notfSubscYn": "N",
    "qrBypassYn": "N",
    "blockOverseasSticsYn": "N",
    "pushNotifyYn": "N",
    "mailNotifyYn": "N",
    "nonmemberSticsPwd": None,
    "strtYmdt": None,
    "endYmdt": None,
    "expireUrl": None,
    "pwd": None,
    "acesMaxCnt": 0,
    "webhookEnableYn": "N",
    "webhookCallbackUrl": None,
    "webhookMetric": "C",
    "webhookFrequency": 1,
}
FIELDS = {"grpIdx", "nm", *DEFAULTS}
INTEGERS = {"grpIdx", "acesMaxCnt", "webhookFrequency"}
DATES = {"strtYmdt", "endYmdt"}
CLEARABLE = {"memo", "expireUrl", "pwd", "nonmemberSticsPwd", *DATES}
TEXTS = {"nm", *CLEARABLE}
LONG = 255
SMALLEST_PAGE = 10
UTC_PLUS_9 = 9 * 3600

# What a plan includes

WEBHOOK = {"webhookEnableYn", "webhookCallbackUrl", "webhookMetric", "webhookFrequency"}
GATES: tuple[tuple[set[str], Callable[[Record], bool], str, str], ...] = (
    (
        {"pushNotifyYn", "mailNotifyYn"},
        lambda account: account["plan"] != "free",
        "notifications-below-plan",
        "Notifications are available from the Personal plan.",
    ),
    (
        WEBHOOK,
        lambda account: account["plan"] == "enterprise",
        "webhook-below-plan",
        "Webhooks are available on the Enterprise plan.",
    ),
    (
        WEBHOOK,
        lambda account: account["global_webhook"] is True,
        "webhook-without-global",
        "The account's global webhook is not active.",
    ),
)
MINUTE = {
    "free": 30,
    "personal": 180,
    "premium": 300,
    "business": 480,
    "business_plus": 768,
    "enterprise": 1_200,
}
HOUR = {
    "free": 600,
    "personal": 10_000,
    "premium": 15_000,
    "business": 25_000,
    "business_plus": 40_000,
    "enterprise": 60_000,
}
OLDER_MINUTE = {"free": 30, "personal": 180, "premium": 300, "business": 480}
OLDER_HOUR = {"free": 300, "personal": 1_800, "premium": 3_000, "business": 4_800}


def budgets(option: str, minute: Mapping[str, int], hour: Mapping[str, int], *, aligned: bool) -> tuple[Limit, ...]:
    """A minute's and an hour's calls of a key, under this option of the assumption."""
    return tuple(
        Limit(name, "caller", size, Window(seconds, aligned), when=("rate-limits", option))
        for name, size, seconds in (("minute", minute, 60), ("hour", hour, 3600))
    )


# What the documents leave open

PUT = "PUT /api/link-group/v1/update"
GET = "GET /api/link-group/v2/list"

ASSUMPTIONS = (
    Assumption(
        "blocked-clients",
        "Which User-Agents are unidentifiable and so answered 403?",
        {
            "nameless": "None at all and the empty one.",
            "common": "Those, and the ones that HTTP libraries and curl send unasked.",
            "nobody": "No User-Agent is blocked.",
        },
        "nameless",
        f"{GET} without a User-Agent, then as curl/8.5.0; look at the status.",
    ),
    Assumption(
        "bad-key",
        "Which status has a call whose key is missing, malformed or unknown?",
        {"401": "401.", "403": "403."},
        "401",
        f"{GET} without Authorization.",
    ),
    Assumption(
        "stopped-bodies",
        "What is the body of an answer that has another HTTP status than 200?",
        {
            "envelope": "The envelope; `code` repeats the status.",
            "text": "The name of the status, as plain text.",
        },
        "envelope",
        f"{GET} without Authorization; look at Content-Type and body.",
    ),
    Assumption(
        "rate-limits",
        "How many calls does a plan have, and when does a minute or an hour begin?",
        {
            "newest": "Today's table (Free 30 and 600), minutes and hours by the clock.",
            "first-call": "Today's table; a minute or an hour begins with the first call in it.",
            "older": "The older table (Free 30 and 300, Personal 180 and 1,800, Premium 300 and 3,000, "
            "Business 480 and 4,800), by the clock; the plans that it does not name have no limit.",
        },
        "newest",
        f"{GET} with the key of a Free account until 429, begun at several seconds of the minute.",
    ),
    Assumption(
        "retry-after",
        "Does a 429 say how long to wait?",
        {"send": "Retry-After has the seconds until the window ends.", "omit": "No header says it."},
        "send",
        f"{GET} with the key of a Free account until the answer is 429; look at the headers.",
    ),
    Assumption(
        "unreadable-body",
        "What is the answer to a body that is no JSON or ends too early?",
        {"refuse": "HTTP 200 with code 1001.", "stop": "HTTP 400."},
        "refuse",
        f"{PUT} with the body `{{`.",
    ),
    Assumption(
        "content-type",
        "What happens to a JSON body with another Content-Type?",
        {"ignore": "It is read as JSON.", "refuse": "HTTP 200 with code 1001."},
        "ignore",
        f"{PUT} with Content-Type: text/plain.",
    ),
    Assumption(
        "failure-codes",
        "Does `code` tell failures apart?",
        {"by-reason": "1001, 1002, 1005 and 1006, each for its reason.", "one": "Every failure is 1001."},
        "by-reason",
        f"{PUT} with an unknown grpIdx and with none; compare `code`.",
    ),
    Assumption(
        "message-language",
        "In which language is `message`?",
        {"english": "English.", "requested": "Korean where Accept-Language begins with ko, else English."},
        "english",
        f"{PUT} with the body {{}} and Accept-Language: ko.",
    ),
    Assumption(
        "time-zone",
        "In which zone are `modYmdt` and the dates of a group?",
        {"korea": "UTC+09:00.", "utc": "UTC."},
        "korea",
        f"{PUT}, then {GET}; compare `modYmdt` with the time.",
    ),
    Assumption(
        "unknown-group",
        "What is the answer where the account has no such group?",
        {"refuse": "A failure, code 1002.", "ignore": "Code 0; nothing is changed."},
        "refuse",
        f"{PUT} with grpIdx 999999999.",
    ),
    Assumption(
        "omitted-fields",
        "What happens to a setting that an update leaves out?",
        {
            "keep": "It stays as it is; the defaults are those of a new group.",
            "reset": "It falls back to its default: N, C, 1, no limit, none. The name stays.",
        },
        "keep",
        f"{PUT} with a memo, then with nothing but grpIdx; {GET} and look at the memo.",
    ),
    Assumption(
        "empty-values",
        'What do "" and null do to memo, expireUrl, pwd, strtYmdt, endYmdt and nonmemberSticsPwd?',
        {"clear": "The setting is gone.", "keep": "The setting stays as it is."},
        "clear",
        f'{PUT} with memo "x", then with memo ""; {GET} and look at the memo.',
    ),
    Assumption(
        "empty-name",
        'What does nm "" or null do?',
        {"keep": "The name stays as it is.", "refuse": "A failure, code 1001."},
        "keep",
        f'{PUT} with nm "".',
    ),
    Assumption(
        "unknown-fields",
        "What happens to fields that the call does not have?",
        {"ignore": "They are ignored.", "refuse": "A failure, code 1001."},
        "ignore",
        f"{PUT} with a field `colour`.",
    ),
    Assumption(
        "digit-strings",
        "May an integer be a string of digits?",
        {"accept": "It is taken for the integer.", "refuse": "A failure, code 1001."},
        "accept",
        f'{PUT} with acesMaxCnt "500".',
    ),
    Assumption(
        "long-texts",
        "How long may a name, a memo, an address or a password be?",
        {"accept": "Of any length.", "refuse": "At most 255 characters, else a failure, code 1001."},
        "accept",
        f"{PUT} with a memo of 256 characters.",
    ),
    Assumption(
        "frequency-200",
        "May webhookFrequency be 200, which is among the values but not among their explanations?",
        {"accept": "It may.", "refuse": "A failure, code 1001."},
        "accept",
        f"{PUT} with webhookFrequency 200.",
    ),
    Assumption(
        "reversed-dates",
        "May endYmdt be before strtYmdt?",
        {"accept": "It may; the links are blocked.", "refuse": "A failure, code 1001."},
        "accept",
        f"{PUT} with endYmdt a day before strtYmdt.",
    ),
    Assumption(
        "past-dates",
        "May endYmdt be past?",
        {"accept": "It may; the links are blocked at once.", "refuse": "A failure, code 1001."},
        "accept",
        f"{PUT} with endYmdt 2020-01-01 00:00:00.",
    ),
    Assumption(
        "duplicate-names",
        "May two groups of an account have the same name?",
        {"accept": "They may.", "refuse": "A failure, code 1001."},
        "accept",
        f"{PUT} with the nm of another group.",
    ),
    Assumption(
        "unchanged-group",
        "Does modYmdt move when an update changes nothing?",
        {"touch": "It is the time of the update.", "keep": "It stays as it is."},
        "touch",
        f"{PUT} with nothing but grpIdx; {GET} before and after.",
    ),
    Assumption(
        "notifications-below-plan",
        "What does pushNotifyYn or mailNotifyYn Y do on the Free plan?",
        {"ignore": "The flags are ignored, the rest is done.", "refuse": "A failure, code 1006."},
        "ignore",
        f"{PUT} with pushNotifyYn Y and the key of a Free account.",
    ),
    Assumption(
        "webhook-below-plan",
        "What does webhookEnableYn Y do below the Enterprise plan?",
        {"ignore": "The webhook fields are ignored, the rest is done.", "refuse": "A failure, code 1006."},
        "ignore",
        f"{PUT} with webhookEnableYn Y and the key of a Personal account.",
    ),
    Assumption(
        "webhook-without-global",
        "What does webhookEnableYn Y do while the account's global webhook is off?",
        {"ignore": "The webhook fields are ignored, the rest is done.", "refuse": "A failure, code 1006."},
        "ignore",
        f"{PUT} with webhookEnableYn Y, the global webhook switched off in the dashboard.",
    ),
    Assumption(
        "stored-callback",
        "Is a webhookCallbackUrl that the group stores enough for webhookEnableYn Y?",
        {"enough": "It is.", "send-again": "It has to be in the same call, else a failure, code 1005."},
        "enough",
        f"{PUT} with webhookCallbackUrl, then with webhookEnableYn Y alone.",
    ),
    Assumption(
        "secret-after-off",
        "Does the webhook's secret survive switching the webhook off?",
        {"keep": "It does; on again gives no result.", "forget": "It is gone; on again makes another."},
        "keep",
        f"{PUT} with webhookEnableYn Y, N and Y again; look at the last `result`.",
    ),
    Assumption(
        "secret-format",
        "What does a secret look like?",
        {"alphanumeric": "32 letters and digits.", "hex": "32 lower-case hexadecimal digits."},
        "alphanumeric",
        f"{PUT} with webhookEnableYn Y for a group that never had a webhook; look at `result`.",
    ),
    Assumption(
        "list-order",
        "In which order are groups listed?",
        {"oldest-first": "By ascending idx.", "newest-first": "By descending idx."},
        "oldest-first",
        f"{GET} with an account that has several groups.",
    ),
    Assumption(
        "page-size",
        "How many groups has a page?",
        {"30": "30.", "10": "10."},
        "30",
        f"{GET} with an account that has more than 30 groups; look at `extra.count`.",
    ),
    Assumption(
        "page-past-end",
        "What is beyond the last page?",
        {
            "empty": "An empty page, whose nextPages is its own number.",
            "last": "The last page again.",
            "refuse": "A failure, code 1001.",
        },
        "empty",
        f"{GET}?pages=1000.",
    ),
    Assumption(
        "name-filter-case",
        "Does the filter nm tell capital letters from small ones?",
        {"exact": "It does.", "ignore": "It does not."},
        "exact",
        f"{GET}?nm= with part of a name in the other case.",
    ),
    Assumption(
        "listed-settings",
        "Do the lists show strtYmdt, endYmdt, expireUrl and acesMaxCnt?",
        {"show": "They do.", "hide": "They end with modYmdt, as in the documented row."},
        "show",
        f"{GET} after an update with strtYmdt.",
    ),
    Assumption(
        "listed-memo",
        "How do the lists show a group without a memo?",
        {"null": "null.", "empty-text": 'As "".'},
        "null",
        f'{PUT} with memo "", then {GET}.',
    ),
)

HANDLERS = {
    "updateLinkGroup": update_link_group,
    "listLinkGroupsV1": list_link_groups_v1,
    "listLinkGroups": list_link_groups,
}

API = Api(
    name="vivoldi",
    handlers=HANDLERS,
    collections={
        "accounts": Kept("comp_idx"),
        "keys": Kept("key"),
        "groups": Kept("idx", schema="LinkGroup"),
    },
    render=render,
    guard=Guard(scheme="APIKey", owner=("accounts", "account")),
    limits=(
        *budgets("newest", MINUTE, HOUR, aligned=True),
        *budgets("first-call", MINUTE, HOUR, aligned=False),
        *budgets("older", OLDER_MINUTE, OLDER_HOUR, aligned=True),
    ),
    any_media_type="content-type",
    screen=block_nameless,
    retry_after="retry-after",
    assumptions=ASSUMPTIONS,
    credential=("Authorization", "APIKey 5oNyoLDuQ513cJ1rlYpJgHc9zu0H10F6"),
)
