"""What the documents leave open about calls, groups and their lists."""

from __future__ import annotations

from mockserver.engine.api import Assumption

PUT = "PUT /api/link-group/v1/update"
GET = "GET /api/link-group/v2/list"

STOPPED = ("Unreadable", "Unauthorized", "Blocked", "BodyTooLong", "TooManyRequests", "ServerError")
PLAIN = {"text/plain": {"schema": {"type": "string"}}}

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
        document={"text": {f"/components/responses/{name}/content": PLAIN for name in STOPPED}},
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
        {"by-reason": "1001 to 1007, each for its reason.", "one": "Every failure is 1001."},
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
        "In which zone are the dates of groups, links and statistics?",
        {"korea": "UTC+09:00.", "utc": "UTC."},
        "korea",
        f"{PUT}, then {GET}; compare `modYmdt` with the time.",
    ),
    Assumption(
        "unknown-group",
        "What is the answer where the account has no such group?",
        {"refuse": "A failure, code 1002.", "ignore": "Code 0, as if no group had been named."},
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
        'What do "" and null do to a memo, an address, a password, a description or a date?',
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
        "How long may a name, a title, a memo or a password be?",
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
        "In which order are groups and links listed?",
        {
            "oldest-first": "By ascending idx or time of creation.",
            "newest-first": "By descending idx or time of creation.",
        },
        "oldest-first",
        f"{GET} with an account that has several groups.",
    ),
    Assumption(
        "page-size",
        "How many rows has a page of a list?",
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
        "Do the filters by part of a name, title or memo tell capital letters from small ones?",
        {"exact": "They do.", "ignore": "They do not."},
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
