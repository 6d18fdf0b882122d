"""What the vivoldi mock does where it is told to assume something else, and that it says what it assumed."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from tests.vendors.vivoldi_world import DONE, FREE, NO_KEY, PERSONAL

UPDATE = "/api/link-group/v1/update"
LIST_V1 = "/api/link-group/v1/list"
LIST = "/api/link-group/v2/list"

WEBHOOKS_OFF = {"Authorization": "APIKey eN1tW5oHk7KzRb3MxQs9LvTd6PfJc8Ya"}
NAMED = {"User-Agent": "AcmeLinks/1.0"}
KOREAN = {"Accept-Language": "ko-KR,ko;q=0.9"}

HOOK = "https://api.example.com/webhook"
ON = {"webhookEnableYn": "Y", "webhookCallbackUrl": HOOK}


def put(client, idx=5066, headers=None, **fields):
    """The answer to an update of one group."""
    return client.put(UPDATE, json={"grpIdx": idx, **fields}, headers=headers)


def row(client, idx=5066, headers=None):
    """The group as the vendor's own list shows it."""
    return client.get(LIST, params={"grpIdx": idx}, headers=headers).json()["result"]["list"][0]


def code(answer):
    """HTTP status and code."""
    return answer.status_code, answer.json()["code"]


def assumed(answer):
    """What the answer says that it relies on, `name=option`."""
    named = answer.headers.get("Mock-Assumption", "")
    return {text.removeprefix("vivoldi.") for text in named.split(", ")} - {""}


def broken(answer):
    """Whether the mock noticed that the answer breaks the document."""
    return "Mock-Violation" in answer.headers


def spent(client):
    """The first answer 429 to the Free account; a minute may end on the way."""
    answers = (client.get(LIST_V1, headers=FREE) for _ in range(61))
    return next(answer for answer in answers if answer.status_code == 429)


# --- defaults ---------------------------------------------------------------------------------------------

SITUATIONS = {
    "blocked-clients=nameless": lambda client: client.get(LIST, headers={"User-Agent": "curl/8.5.0"}),
    "bad-key=401": lambda client: client.get(LIST, headers=NO_KEY),
    "stopped-bodies=envelope": lambda client: client.get("/api/nothing"),
    "rate-limits=newest": spent,
    "retry-after=send": spent,
    "unreadable-body=refuse": lambda client: client.put(UPDATE, content=b"{"),
    "content-type=ignore": lambda client: client.put(UPDATE, content=b'{"grpIdx": 5066}'),
    "failure-codes=by-reason": lambda client: put(client, 999999),
    "message-language=english": lambda client: client.put(UPDATE, json={}, headers=KOREAN),
    "time-zone=korea": put,
    "unknown-group=refuse": lambda client: put(client, 999999),
    "omitted-fields=keep": lambda client: put(client, nm="Renamed"),
    "empty-values=clear": lambda client: put(client, memo=""),
    "empty-name=keep": lambda client: put(client, nm=""),
    "unknown-fields=ignore": lambda client: put(client, colour="red"),
    "digit-strings=accept": lambda client: put(client, "5066"),
    "long-texts=accept": lambda client: put(client, memo="x" * 256),
    "frequency-200=accept": lambda client: put(client, webhookFrequency=200),
    "reversed-dates=accept": lambda client: put(client, strtYmdt="2098-03-01 00:00:00", endYmdt="2098-02-01 00:00:00"),
    "past-dates=accept": lambda client: put(client, endYmdt="2020-01-01 00:00:00"),
    "duplicate-names=accept": lambda client: put(client, nm="Podcast"),
    "unchanged-group=touch": put,
    "notifications-below-plan=ignore": lambda client: put(client, 7101, FREE, pushNotifyYn="Y"),
    "webhook-below-plan=ignore": lambda client: put(client, 6310, PERSONAL, **ON),
    "webhook-without-global=ignore": lambda client: put(client, 4801, WEBHOOKS_OFF, **ON),
    "stored-callback=enough": lambda client: put(client, 5074, webhookEnableYn="Y"),
    "secret-after-off=keep": lambda client: put(client, 5071, webhookEnableYn="N"),
    "secret-format=alphanumeric": lambda client: put(client, **ON),
    "list-order=oldest-first": lambda client: client.get(LIST),
    "page-size=30": lambda client: client.get(LIST),
    "page-past-end=empty": lambda client: client.get(LIST, params={"pages": 3}),
    "name-filter-case=exact": lambda client: client.get(LIST, params={"nm": "instagram"}),
    "listed-settings=show": lambda client: client.get(LIST),
    "listed-memo=null": lambda client: client.get(LIST, params={"grpIdx": 5069}),
}


@pytest.mark.parametrize("assumption", SITUATIONS)
def test_an_answer_names_what_it_relies_on(vivoldi, assumption):
    """Where an assumption decides about an answer, the answer says which, and which way."""
    answer = SITUATIONS[assumption](vivoldi)

    assert assumption in assumed(answer)


@pytest.mark.parametrize(
    ("request_of", "relied_on"),
    [
        (lambda client: client.get(LIST, params={"grpIdx": 999999}, headers=NAMED), set()),
        (lambda client: client.get(LIST, params={"grpIdx": 2}, headers=NAMED), {"listed-settings=show"}),
        (lambda client: put(client, 5067, NAMED, memo="new"), {"omitted-fields=keep", "time-zone=korea"}),
        (lambda client: put(client, 5100, NAMED, nm="Boxes"), {"omitted-fields=keep", "time-zone=korea"}),
        (lambda client: client.put(UPDATE, json={}, headers=NAMED), set()),
    ],
)
def test_an_answer_names_nothing_else(vivoldi, request_of, relied_on):
    """What would have come out the same under every option is not named."""
    answer = request_of(vivoldi)

    assert assumed(answer) == relied_on


# --- calls that are stopped on their way --------------------------------------------------------------------


@pytest.mark.parametrize("agent", ["curl/8.5.0", "python-requests/2.32.3", "okhttp/4.12.0", ""])
def test_common_clients_may_be_blocked(switched, agent):
    """Blocked are the names that HTTP libraries send unasked; a name of one's own is served."""
    client = switched("vivoldi", **{"blocked-clients": "common"})

    answer = client.get(LIST, headers={"User-Agent": agent})

    assert code(answer) == (403, 403)
    assert code(client.get(LIST, headers=NAMED)) == (200, 0)


def test_nobody_may_be_blocked(switched):
    """A call without a name is served like any other."""
    client = switched("vivoldi", **{"blocked-clients": "nobody"})

    answer = client.get(LIST, headers={"User-Agent": ""})

    assert code(answer) == (200, 0)


@pytest.mark.parametrize("key", ["", "APIKey zZ9yY8xX7wW6vV5uU4tT3sS2rR1qQ0pP", "Bearer x"])
def test_a_bad_key_may_be_forbidden(switched, key):
    """The status, and the code that repeats it, are 403."""
    client = switched("vivoldi", **{"bad-key": "403"})

    answer = client.get(LIST, headers={"Authorization": key})

    assert code(answer) == (403, 403)
    assert not broken(answer)


@pytest.mark.parametrize(
    ("method", "path", "headers", "status", "text"),
    [
        ("GET", LIST, NO_KEY, 401, "Unauthorized"),
        ("GET", LIST, {"User-Agent": ""}, 403, "Forbidden"),
        ("GET", "/api/nothing", {}, 404, "Not Found"),
        ("POST", UPDATE, {}, 405, "Method Not Allowed"),
    ],
)
def test_a_stopped_call_may_be_answered_without_an_envelope(switched, method, path, headers, status, text):
    """The body is the name of the status; what the service itself refuses keeps its envelope."""
    client = switched("vivoldi", **{"stopped-bodies": "text"})

    answer = client.request(method, path, headers=headers)

    assert (answer.status_code, answer.text) == (status, text)
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert code(put(client, 999999)) == (200, 1002)


def test_the_older_table_has_no_limit_for_enterprise(switched):
    """1,201 calls in a row, one more than today's table allows in a minute, are answered."""
    client = switched("vivoldi", **{"rate-limits": "older"})

    statuses = {client.get(LIST, params={"grpIdx": 2}).status_code for _ in range(1201)}

    assert statuses == {200}


def test_the_older_table_limits_free(switched):
    """The Free account's minute is spent under the older table too."""
    client = switched("vivoldi", **{"rate-limits": "older"})

    answer = spent(client)

    assert code(answer) == (429, 429)


def test_a_minute_may_begin_with_the_first_call(switched):
    """Thirty calls are answered, the next is not, and the wait is what is left of a minute that began with them."""
    client = switched("vivoldi", **{"rate-limits": "first-call"})

    answers = [client.get(LIST_V1, headers=FREE) for _ in range(31)]

    assert [answer.status_code for answer in answers] == [200] * 30 + [429]
    assert int(answers[-1].headers["Retry-After"]) > 40


def test_a_429_may_not_say_how_long_to_wait(switched):
    """There is no Retry-After, and the answer keeps its document."""
    client = switched("vivoldi", **{"retry-after": "omit"})

    answer = spent(client)

    assert "Retry-After" not in answer.headers
    assert not broken(answer)


@pytest.mark.parametrize("content", [b"", b"{", b'{"grpIdx": 5066, "acesMaxCnt": NaN}', b"[" * 100_000])
def test_an_unreadable_body_may_be_a_bad_request(switched, content):
    """What is no JSON is stopped with 400; what is JSON and wrong is refused as ever."""
    client = switched("vivoldi", **{"unreadable-body": "stop"})

    answer = client.put(UPDATE, content=content, headers={"Content-Type": "application/json"})

    assert code(answer) == (400, 400)
    assert not broken(answer)
    assert code(client.put(UPDATE, json=[])) == (200, 1001)


# --- how it is said -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_other_content_types_may_be_refused(switched, kind):
    """A JSON body under another name is code 1001; with a charset it is still JSON."""
    client = switched("vivoldi", **{"content-type": "refuse"})

    answer = client.put(UPDATE, content=b'{"grpIdx": 5066}', headers={"Content-Type": kind})

    named = {"Content-Type": "application/json; charset=utf-8"}
    assert code(answer) == (200, 1001)
    assert code(client.put(UPDATE, content=b'{"grpIdx": 5066}', headers=named)) == (200, 0)


@pytest.mark.parametrize(("idx", "fields"), [(999999, {}), (5066, {"webhookEnableYn": "Y"}), (5066, {"memo": 1})])
def test_failures_may_all_have_one_code(switched, idx, fields):
    """Only the message tells an unknown group, a webhook without a receiver and a wrong type apart."""
    client = switched("vivoldi", **{"failure-codes": "one"})

    answer = put(client, idx, **fields)

    assert code(answer) == (200, 1001)


@pytest.mark.parametrize(
    ("request_of", "message"),
    [
        (lambda client: client.put(UPDATE, json={}, headers=KOREAN), "요청 값이 올바르지 않습니다."),
        (lambda client: put(client, 999999, KOREAN), "그룹을 찾을 수 없습니다."),
        (lambda client: client.get(LIST, headers={**KOREAN, **NO_KEY}), "API 키가 올바르지 않습니다."),
    ],
)
def test_messages_may_be_korean(switched, request_of, message):
    """The reason is given in Korean to those who ask for it first."""
    client = switched("vivoldi", **{"message-language": "requested"})

    answer = request_of(client)

    assert answer.json()["message"] == message


@pytest.mark.parametrize("language", ["en", "de", "en, ko;q=0.5", ""])
def test_messages_stay_english_for_the_others(switched, language):
    """Who asks for another language first is told in English."""
    client = switched("vivoldi", **{"message-language": "requested"})

    answer = client.put(UPDATE, json={}, headers={"Accept-Language": language})

    assert answer.json()["message"] == "grpIdx is required."


def test_dates_may_be_utc(switched):
    """The time of change is the moment of the update in UTC."""
    client = switched("vivoldi", **{"time-zone": "utc"})

    put(client)

    changed = datetime.strptime(row(client)["modYmdt"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    assert abs(datetime.now(UTC) - changed) < timedelta(minutes=5)


# --- what an update does ------------------------------------------------------------------------------------


@pytest.mark.parametrize("idx", [999999, 7101])
def test_an_unknown_group_may_be_passed_over(switched, idx):
    """The call is done, and another account's group is as it was."""
    client = switched("vivoldi", **{"unknown-group": "ignore"})

    answer = put(client, idx, nm="Mine")

    assert answer.json() == DONE
    assert row(client, 7101, FREE)["nm"] == "Bio links"


def test_what_is_left_out_may_fall_back(switched):
    """Settings that are not sent have their defaults again; the name, the links and the birth are the group's own."""
    client = switched("vivoldi", **{"omitted-fields": "reset"})

    answer = put(client, 5075, memo="Over")

    group = row(client, 5075)
    assert answer.json() == DONE
    assert {name: value for name, value in group.items() if name != "modYmdt"} == {
        "idx": 5075, "nm": "Black Friday 2025", "memo": "Over", "linkCnt": 41,
        "blockOverseasSticsYn": "N", "notfSubscYn": "N", "qrBypassYn": "N", "pushNotifyYn": "N",
        "mailNotifyYn": "N", "webhookEnableYn": "N", "webhookCallbackUrl": None, "webhookMetric": "C",
        "webhookFrequency": 1, "regYmdt": "2025-11-12 09:00:00",
        "strtYmdt": None, "endYmdt": None, "expireUrl": None, "acesMaxCnt": 0,
    }  # fmt: skip


def test_a_webhook_that_falls_back_needs_its_address_again(switched):
    """Where what is left out falls back, a stored address is no longer there to rely on."""
    client = switched("vivoldi", **{"omitted-fields": "reset"})

    answer = put(client, 5074, webhookEnableYn="Y")

    assert code(answer) == (200, 1005)
    assert row(client, 5074)["webhookCallbackUrl"] == "https://hooks.example.com/vivoldi/shop"


@pytest.mark.parametrize("empty", ["", None])
@pytest.mark.parametrize(
    ("idx", "field", "value"),
    [
        (5066, "memo", "Links in the profile and in stories"),
        (5068, "strtYmdt", "2025-09-01 00:00:00"),
        (5068, "endYmdt", "2025-11-30 23:59:59"),
        (5068, "expireUrl", "https://example.com/newsletter"),
    ],
)
def test_an_empty_value_may_leave_the_setting(switched, idx, field, value, empty):
    """An empty string or null is no change."""
    client = switched("vivoldi", **{"empty-values": "keep"})

    answer = put(client, idx, **{field: empty})

    assert answer.json() == DONE
    assert row(client, idx)[field] == value


REFUSALS = [
    ("empty-name", {"nm": ""}, {"nm": "Named"}),
    ("empty-name", {"nm": None}, {}),
    ("unknown-fields", {"colour": "red"}, {"memo": "known"}),
    ("digit-strings", {"grpIdx": "5066"}, {"grpIdx": 5066}),
    ("digit-strings", {"acesMaxCnt": "500"}, {"acesMaxCnt": 500}),
    ("digit-strings", {"webhookFrequency": "50"}, {"webhookFrequency": 50}),
    ("long-texts", {"memo": "x" * 256}, {"memo": "x" * 255}),
    ("long-texts", {"nm": "x" * 256}, {"nm": "x" * 255}),
    ("frequency-200", {"webhookFrequency": 200}, {"webhookFrequency": 300}),
    (
        "reversed-dates",
        {"strtYmdt": "2098-03-01 00:00:00", "endYmdt": "2098-02-01 00:00:00"},
        {"strtYmdt": "2098-03-01 00:00:00", "endYmdt": "2098-03-01 00:00:00"},
    ),
    ("past-dates", {"endYmdt": "2020-01-01 00:00:00"}, {"endYmdt": "2098-01-01 00:00:00"}),
    ("duplicate-names", {"nm": "Podcast"}, {"nm": "Instagram"}),
]


@pytest.mark.parametrize(("name", "refused", "taken"), REFUSALS)
def test_what_is_taken_may_be_refused(switched, name, refused, taken):
    """The call is refused whole with code 1001, the group is as it was, and the neighbouring value is taken."""
    client = switched("vivoldi", **{name: "refuse"})
    before = row(client)

    answer = client.put(UPDATE, json={"grpIdx": 5066, "pushNotifyYn": "N", **refused})

    assert code(answer) == (200, 1001)
    assert row(client) == before
    assert client.put(UPDATE, json={"grpIdx": 5066, **taken}).json() == DONE


def test_a_reversed_end_is_seen_against_the_stored_start(switched):
    """An end before the start that the group stores is refused."""
    client = switched("vivoldi", **{"reversed-dates": "refuse"})

    answer = put(client, 5077, endYmdt="2020-01-01 00:00:00")

    assert code(answer) == (200, 1001)


def test_an_update_without_a_change_may_leave_the_time(switched):
    """With nothing to change the group stays as it is, its time of change included; with something it does not."""
    client = switched("vivoldi", **{"unchanged-group": "keep"})
    before = row(client)

    answers = [put(client), put(client, nm="Instagram")]

    assert [answer.json() for answer in answers] == [DONE, DONE]
    assert row(client) == before
    assert put(client, nm="Renamed").json() == DONE
    assert row(client)["modYmdt"] != before["modYmdt"]


# --- what a plan includes -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "idx", "key", "fields"),
    [
        ("notifications-below-plan", 7101, FREE, {"pushNotifyYn": "Y"}),
        ("notifications-below-plan", 7101, FREE, {"mailNotifyYn": "Y"}),
        ("webhook-below-plan", 6310, PERSONAL, ON),
        ("webhook-below-plan", 7101, FREE, {"webhookEnableYn": "Y"}),
        ("webhook-without-global", 4801, WEBHOOKS_OFF, ON),
    ],
)
def test_what_the_plan_does_not_include_may_be_refused(switched, name, idx, key, fields):
    """The whole call is refused with code 1006; the same fields with N pass."""
    client = switched("vivoldi", **{name: "refuse"})
    before = row(client, idx, key)

    answer = put(client, idx, key, memo="half", **fields)

    off = {field: "N" for field in fields if field.endswith("Yn")}
    assert code(answer) == (200, 1006)
    assert row(client, idx, key) == before
    assert put(client, idx, key, **off).json() == DONE


# --- webhooks -----------------------------------------------------------------------------------------------


def test_a_stored_address_may_not_be_enough(switched):
    """The address has to be sent in the call that switches the webhook on."""
    client = switched("vivoldi", **{"stored-callback": "send-again"})

    answer = put(client, 5074, webhookEnableYn="Y")

    assert code(answer) == (200, 1005)
    assert code(put(client, 5074, **ON)) == (200, 0)


def test_a_secret_may_be_forgotten(switched):
    """On, off and on again gives two secrets."""
    client = switched("vivoldi", **{"secret-after-off": "forget"})
    first = put(client, **ON).json()["result"]
    put(client, webhookEnableYn="N")

    second = put(client, webhookEnableYn="Y").json()["result"]

    assert second is not None
    assert second != first


def test_a_secret_may_be_hexadecimal(switched):
    """The secret has 32 lower-case hexadecimal digits."""
    client = switched("vivoldi", **{"secret-format": "hex"})

    answer = put(client, **ON)

    assert re.fullmatch(r"[0-9a-f]{32}", answer.json()["result"])
    assert not broken(answer)


# --- the lists ----------------------------------------------------------------------------------------------


def test_groups_may_be_listed_newest_first(switched):
    """Both lists begin with the highest id."""
    client = switched("vivoldi", **{"list-order": "newest-first"})

    old, new = client.get(LIST_V1).json()["result"], client.get(LIST, params={"pages": 2}).json()["result"]["list"]

    assert (old[0]["idx"], old[-1]["idx"]) == (5108, 5076)
    assert new[-1]["idx"] == 2


def test_a_page_may_have_ten_groups(switched):
    """41 groups are five pages, the last with one."""
    client = switched("vivoldi", **{"page-size": "10"})

    extras = [client.get(LIST, params={"pages": page}).json()["result"]["extra"] for page in (1, 5)]

    assert extras == [
        {"pages": 1, "nextPages": 2, "nextYn": "Y", "count": 10, "totalCount": 41},
        {"pages": 5, "nextPages": 5, "nextYn": "N", "count": 1, "totalCount": 41},
    ]


def test_beyond_the_end_there_may_be_the_last_page(switched):
    """Page 1000 is page 2."""
    client = switched("vivoldi", **{"page-past-end": "last"})

    answer = client.get(LIST, params={"pages": 1000})

    assert answer.json() == client.get(LIST, params={"pages": 2}).json()


def test_beyond_the_end_there_may_be_a_refusal(switched):
    """Page 3 is refused with code 1001; page 1 of an empty list is not."""
    client = switched("vivoldi", **{"page-past-end": "refuse"})

    answer = client.get(LIST, params={"pages": 3})

    assert code(answer) == (200, 1001)
    assert code(client.get(LIST, params={"grpIdx": 999999})) == (200, 0)


@pytest.mark.parametrize(("text", "ids"), [("INSTAGRAM", [5066, 5106]), ("podCAST", [5099]), ("nobody", [])])
def test_names_may_be_found_in_either_case(switched, text, ids):
    """Capital and small letters are the same to the filter."""
    client = switched("vivoldi", **{"name-filter-case": "ignore"})

    answer = client.get(LIST, params={"nm": text})

    assert [group["idx"] for group in answer.json()["result"]["list"]] == ids


def test_rows_may_end_with_the_documented_fields(switched):
    """A row is exactly the one that the vendor prints."""
    client = switched("vivoldi", **{"listed-settings": "hide"})

    answer = client.get(LIST, params={"grpIdx": 2})

    assert answer.json()["result"]["list"] == [
        {
            "idx": 2, "nm": "XXX Advertiser Group", "memo": "2-year contract", "linkCnt": 68,
            "blockOverseasSticsYn": "N", "notfSubscYn": "Y", "qrBypassYn": "N", "pushNotifyYn": "Y",
            "mailNotifyYn": "N", "webhookEnableYn": "N", "webhookCallbackUrl": None, "webhookMetric": "C",
            "webhookFrequency": 1, "regYmdt": "2024-07-20 02:42:00", "modYmdt": "2025-02-12 11:20:50",
        }
    ]  # fmt: skip


def test_a_group_without_a_memo_may_show_an_empty_one(switched):
    """No memo is an empty text, and what the group stores does not change."""
    client = switched("vivoldi", **{"listed-memo": "empty-text"})

    put(client, memo="")

    assert row(client)["memo"] == ""
