"""What the vivoldi mock promises: link groups, changed in one call and read back through the lists."""

import json
import re
import shutil
import subprocess
from datetime import datetime, timedelta, timezone
from itertools import takewhile

import pytest

from mockserver.engine.fixture_records import read_fixtures
from mockserver.json_text import Json
from mockserver.messages import Request
from mockserver.server import Options, load_services, shipped
from mockserver.state.worlds import Worlds

UPDATE = "/api/link-group/v1/update"
LIST_V1 = "/api/link-group/v1/list"
LIST = "/api/link-group/v2/list"

ENTERPRISE = "APIKey 5oNyoLDuQ513cJ1rlYpJgHc9zu0H10F6"
CALLER = {"Authorization": ENTERPRISE, "User-Agent": "AcmeLinks/1.0"}
FREE = "APIKey fR3eQ7vXk2LmPz9TbWn4YcHd8JsGa1Ue"
PERSONAL = "APIKey pE6rS0nAl4KwVt8BqXm2ZhCj5DyGu9Fo"
WEBHOOKS_OFF = "APIKey eN1tW5oHk7KzRb3MxQs9LvTd6PfJc8Ya"
UNKNOWN = "APIKey zZ9yY8xX7wW6vV5uU4tT3sS2rR1qQ0pP"

DOCUMENTED = """{
"grpIdx": 5066,
"nm": "Instagram Group",
"memo": "A group of links used in Instagram ads.",
"strtYmdt": "2026-03-01 00:00:00",
"endYmdt": "2026-03-31 23:59:59",
"expireUrl": "https://example.com/event-expired"
}"""
DONE = {"code": 0, "message": "", "result": None}
SECRET = re.compile(r"[A-Za-z0-9]{32}")
HOOK = "https://api.example.com/webhook"
BODY_LIMIT = 10 * 1024 * 1024
DEEP = 100_000
KOREA = timezone(timedelta(hours=9))

FIELDS_OF_A_ROW = {
    "idx", "nm", "memo", "linkCnt", "blockOverseasSticsYn", "notfSubscYn", "qrBypassYn", "pushNotifyYn",
    "mailNotifyYn", "webhookEnableYn", "webhookCallbackUrl", "webhookMetric", "webhookFrequency", "regYmdt",
    "modYmdt", "strtYmdt", "endYmdt", "expireUrl", "acesMaxCnt",
}  # fmt: skip


def row(client, idx, **headers):
    """The group as the vendor's own list shows it."""
    return client.get(LIST, params={"grpIdx": idx}, headers=headers).json()["result"]["list"][0]


def settings(client, idx, **headers):
    """The group without the time of its last change."""
    return {name: value for name, value in row(client, idx, **headers).items() if name != "modYmdt"}


def stored(admin, idx):
    """The group as the world keeps it, with what no client is shown."""
    return admin.get(f"/state/vivoldi/groups/{idx}").json()


def put_as_free(client, update):
    """The answer to an update with the key of the Free account."""
    return client.put(UPDATE, json=update, headers={"Authorization": FREE})


def refusal(answer):
    """Status, code and result of a refusal that is nothing but the envelope with a reason."""
    body = answer.json()
    assert body.keys() == {"code", "message", "result"}
    assert isinstance(body["message"], str)
    assert body["message"]
    return answer.status_code, body["code"], body["result"]


def undisturbed(client, before):
    """Group 5066 reads as before, its time of change included, and the next good update is done."""
    return row(client, 5066) == before and client.put(UPDATE, json={"grpIdx": 5066}).json() == DONE


# --- the documented example ---------------------------------------------------------------------------------


def test_the_documented_example_answers_as_documented(vivoldi):
    """The documented body, sent as printed, is answered with code 0, an empty message and no result."""
    answer = vivoldi.put(UPDATE, content=DOCUMENTED, headers={"Content-Type": "application/json"})

    assert (answer.status_code, answer.json()) == (200, DONE)


@pytest.mark.port
@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl on this machine")
def test_the_documented_example_works_with_curl(vivoldi):
    """A real curl gets the documented body."""
    url = f"{str(vivoldi.base_url).rstrip('/')}{UPDATE}"
    headers = ["-H", f"Authorization: {ENTERPRISE}", "-H", "Content-Type: application/json"]

    run = subprocess.run(
        ["curl", "-sS", "-X", "PUT", url, *headers, "-d", DOCUMENTED],
        capture_output=True,
        check=True,
        timeout=20,
    )

    assert json.loads(run.stdout) == DONE


def test_the_documented_example_is_visible_in_the_list(vivoldi):
    """What the documented call sent is what the list shows afterwards; what it did not send is as it was."""
    before = settings(vivoldi, 5066)

    vivoldi.put(UPDATE, content=DOCUMENTED, headers={"Content-Type": "application/json"})

    assert settings(vivoldi, 5066) == before | {
        "nm": "Instagram Group",
        "memo": "A group of links used in Instagram ads.",
        "strtYmdt": "2026-03-01 00:00:00",
        "endYmdt": "2026-03-31 23:59:59",
        "expireUrl": "https://example.com/event-expired",
    }


def test_answers_are_json(vivoldi):
    """The answer names its content type."""
    answer = vivoldi.put(UPDATE, content=DOCUMENTED)

    assert answer.headers["Content-Type"].split(";")[0] == "application/json"


def test_the_same_update_again_succeeds(vivoldi):
    """Sending the same values twice is a success both times and leaves the same settings."""
    vivoldi.put(UPDATE, content=DOCUMENTED)
    once = settings(vivoldi, 5066)

    answer = vivoldi.put(UPDATE, content=DOCUMENTED)

    assert answer.json() == DONE
    assert settings(vivoldi, 5066) == once


# --- every field --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("nm", "Instagram Group"),
        ("nm", "인스타그램 그룹"),
        ("memo", "A group of links used in Instagram ads."),
        ("notfSubscYn", "Y"),
        ("qrBypassYn", "Y"),
        ("blockOverseasSticsYn", "Y"),
        ("pushNotifyYn", "N"),
        ("mailNotifyYn", "Y"),
        ("strtYmdt", "2026-03-01 00:00:00"),
        ("endYmdt", "2026-03-31 23:59:59"),
        ("endYmdt", "2028-02-29 12:00:00"),
        ("expireUrl", "https://example.com/event-expired"),
        ("expireUrl", "http://example.com/event-expired"),
        ("acesMaxCnt", 1000),
        ("acesMaxCnt", 0),
        ("webhookCallbackUrl", "https://api.example.com/webhook"),
        ("webhookMetric", "P"),
        ("webhookFrequency", 50),
        ("webhookFrequency", 100),
        ("webhookFrequency", 200),
        ("webhookFrequency", 300),
        ("webhookFrequency", 500),
        ("webhookFrequency", 1000),
    ],
)
def test_one_field_is_changed_and_the_others_are_not(vivoldi, field, value):
    """A call with one field changes that field alone: nothing falls back to its default."""
    before = settings(vivoldi, 5066)

    answer = vivoldi.put(UPDATE, json={"grpIdx": 5066, field: value})

    assert answer.json() == DONE
    assert settings(vivoldi, 5066) == before | {field: value}


def test_fields_left_out_keep_values_that_differ_from_the_defaults(vivoldi):
    """A group with its webhook on, every 50 clicks, keeps both when only its name is changed."""
    vivoldi.put(UPDATE, json={"grpIdx": 5071, "nm": "Clicks"})

    group = row(vivoldi, 5071)
    assert (group["webhookEnableYn"], group["webhookFrequency"]) == ("Y", 50)


@pytest.mark.parametrize(("field", "member"), [("pwd", "_pwd"), ("nonmemberSticsPwd", "_nonmemberSticsPwd")])
def test_passwords_are_kept_and_never_shown(vivoldi, admin, field, member):
    """A password is stored with the group and appears in no list."""
    answer = vivoldi.put(UPDATE, json={"grpIdx": 5066, field: "open sesame"})

    assert answer.json() == DONE
    assert stored(admin, 5066)[member] == "open sesame"
    assert "open sesame" not in vivoldi.get(LIST, params={"grpIdx": 5066}).text


def test_an_update_without_settings_only_touches_the_time_of_change(vivoldi):
    """With nothing but grpIdx the call is done and only modYmdt moves."""
    before = row(vivoldi, 5066)

    answer = vivoldi.put(UPDATE, json={"grpIdx": 5066})

    after = row(vivoldi, 5066)
    assert answer.json() == DONE
    assert {name for name in after if after[name] != before[name]} == {"modYmdt"}


def test_the_time_of_change_is_korean_time(vivoldi):
    """The time of change is the moment of the update at UTC+09:00."""
    vivoldi.put(UPDATE, json={"grpIdx": 5066})

    changed = datetime.strptime(row(vivoldi, 5066)["modYmdt"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=KOREA)
    assert abs(datetime.now(KOREA) - changed) < timedelta(minutes=5)


@pytest.mark.parametrize("empty", ["", None])
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("memo", "A note"),
        ("expireUrl", "https://example.com/event-expired"),
        ("strtYmdt", "2026-03-01 00:00:00"),
        ("endYmdt", "2026-03-31 23:59:59"),
    ],
)
def test_an_empty_value_clears(vivoldi, field, value, empty):
    """An empty string or null clears a text, an address or a date."""
    vivoldi.put(UPDATE, json={"grpIdx": 5066, field: value})

    answer = vivoldi.put(UPDATE, json={"grpIdx": 5066, field: empty})

    assert answer.json() == DONE
    assert row(vivoldi, 5066)[field] is None


@pytest.mark.parametrize("empty", ["", None])
@pytest.mark.parametrize(("field", "member"), [("pwd", "_pwd"), ("nonmemberSticsPwd", "_nonmemberSticsPwd")])
def test_an_empty_value_clears_a_password(vivoldi, admin, field, member, empty):
    """An empty string or null takes a password away."""
    vivoldi.put(UPDATE, json={"grpIdx": 5066, field: "open sesame"})

    answer = vivoldi.put(UPDATE, json={"grpIdx": 5066, field: empty})

    assert answer.json() == DONE
    assert stored(admin, 5066)[member] is None


@pytest.mark.parametrize("empty", ["", None])
def test_an_empty_name_leaves_the_name(vivoldi, empty):
    """A group always has a name: an empty one changes nothing."""
    answer = vivoldi.put(UPDATE, json={"grpIdx": 5066, "nm": empty})

    assert answer.json() == DONE
    assert row(vivoldi, 5066)["nm"] == "Instagram"


@pytest.mark.parametrize(
    ("field", "text", "number"),
    [("acesMaxCnt", "500", 500), ("acesMaxCnt", "0", 0), ("webhookFrequency", "50", 50)],
)
def test_integers_may_be_strings_of_digits(vivoldi, field, text, number):
    """A string of digits is taken for an integer, also for the group itself, and is kept as an integer."""
    answer = vivoldi.put(UPDATE, json={"grpIdx": "5066", field: text})

    assert answer.json() == DONE
    assert row(vivoldi, 5066)[field] == number


def test_an_end_before_the_start_is_taken(vivoldi):
    """Dates that shut off every link are the caller's own affair."""
    dates = {"strtYmdt": "2026-03-31 00:00:00", "endYmdt": "2026-03-01 00:00:00"}

    answer = vivoldi.put(UPDATE, json={"grpIdx": 5066, **dates})

    assert answer.json() == DONE
    assert row(vivoldi, 5066).items() >= dates.items()


def test_dates_in_the_past_are_taken(vivoldi):
    """An end in the past switches a campaign off at once."""
    answer = vivoldi.put(UPDATE, json={"grpIdx": 5066, "endYmdt": "2020-01-01 00:00:00"})

    assert answer.json() == DONE
    assert row(vivoldi, 5066)["endYmdt"] == "2020-01-01 00:00:00"


def test_two_groups_may_have_one_name(vivoldi):
    """The name of another group of the account is as good as any."""
    answer = vivoldi.put(UPDATE, json={"grpIdx": 5066, "nm": "Podcast"})

    assert answer.json() == DONE
    assert [group["idx"] for group in vivoldi.get(LIST_V1, params={"nm": "Podcast"}).json()["result"]] == [
        5066,
        5099,
    ]


@pytest.mark.parametrize(
    "unknown",
    [
        {"kakaoNotifyYn": "Y"},
        {"colour": {"of": ["anything"]}},
        {"idx": 1, "linkCnt": 999, "regYmdt": "2000-01-01 00:00:00", "modYmdt": "2000-01-01 00:00:00"},
        {"_account": 61208, "_pwd": "x", "_webhookSecretKey": "x", "webhookSecretKey": "x"},
    ],
)
def test_unknown_fields_are_ignored(vivoldi, admin, unknown):
    """Fields that the call does not have are ignored, also those that the group has but nobody may set."""
    before = {name: value for name, value in stored(admin, 5066).items() if name != "modYmdt"}

    answer = vivoldi.put(UPDATE, json={"grpIdx": 5066, **unknown})

    after = {name: value for name, value in stored(admin, 5066).items() if name != "modYmdt"}
    assert answer.json() == DONE
    assert after == before
    assert row(vivoldi, 5066)["modYmdt"] != "2000-01-01 00:00:00"


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/xml", ""])
def test_json_is_read_whatever_it_is_called(vivoldi, kind):
    """The body is read as JSON, whatever its content type says."""
    answer = vivoldi.put(UPDATE, content=DOCUMENTED, headers={"Content-Type": kind})

    assert (answer.status_code, answer.json()) == (200, DONE)


def test_a_body_needs_no_content_type(vivoldi):
    """Without a content type the body is read as JSON too."""
    answer = vivoldi.put(UPDATE, content=DOCUMENTED)

    assert (answer.status_code, answer.json()) == (200, DONE)


def test_idempotency_keys_are_of_no_account(vivoldi):
    """Two different updates under one Idempotency-Key are both done."""
    key = {"Idempotency-Key": "8f14e45f"}
    vivoldi.put(UPDATE, json={"grpIdx": 5066, "memo": "first"}, headers=key)

    vivoldi.put(UPDATE, json={"grpIdx": 5066, "memo": "second"}, headers=key)

    assert row(vivoldi, 5066)["memo"] == "second"


# --- webhooks -----------------------------------------------------------------------------------------------


def test_the_first_webhook_makes_a_secret(vivoldi, admin):
    """Switching the webhook on returns the secret key that was made for the group, 32 letters and digits."""
    answer = vivoldi.put(UPDATE, json={"grpIdx": 5066, "webhookEnableYn": "Y", "webhookCallbackUrl": HOOK})

    body = answer.json()
    assert (body["code"], body["message"]) == (0, "")
    assert SECRET.fullmatch(body["result"])
    assert stored(admin, 5066)["_webhookSecretKey"] == body["result"]


def test_a_webhook_that_is_on_is_listed_without_its_secret(vivoldi):
    """The list shows that the webhook is on and where it goes; the secret is shown once and never again."""
    answer = vivoldi.put(UPDATE, json={"grpIdx": 5066, "webhookEnableYn": "Y", "webhookCallbackUrl": HOOK})

    listed = vivoldi.get(LIST, params={"grpIdx": 5066})
    group = listed.json()["result"]["list"][0]
    assert (group["webhookEnableYn"], group["webhookCallbackUrl"]) == ("Y", HOOK)
    assert answer.json()["result"] not in listed.text


def test_a_secret_is_made_once(vivoldi):
    """The second time the webhook is switched on there is no result."""
    on = {"grpIdx": 5066, "webhookEnableYn": "Y", "webhookCallbackUrl": HOOK}
    vivoldi.put(UPDATE, json=on)

    answer = vivoldi.put(UPDATE, json=on)

    assert answer.json() == DONE


def test_a_secret_survives_switching_off(vivoldi, admin):
    """On, off and on again: the secret is the first one and is not returned again."""
    on = {"grpIdx": 5066, "webhookEnableYn": "Y", "webhookCallbackUrl": HOOK}
    secret = vivoldi.put(UPDATE, json=on).json()["result"]
    off = vivoldi.put(UPDATE, json={"grpIdx": 5066, "webhookEnableYn": "N"})

    again = vivoldi.put(UPDATE, json=on)

    assert (off.json(), again.json()) == (DONE, DONE)
    assert stored(admin, 5066)["_webhookSecretKey"] == secret


def test_a_group_with_a_secret_gets_no_other(vivoldi):
    """A group whose webhook is on already has its secret: the result is null."""
    answer = vivoldi.put(UPDATE, json={"grpIdx": 5071, "webhookEnableYn": "Y", "webhookCallbackUrl": HOOK})

    assert answer.json() == DONE


def test_two_groups_have_two_secrets(vivoldi):
    """The secret belongs to one group."""
    secrets = {
        vivoldi.put(UPDATE, json={"grpIdx": idx, "webhookEnableYn": "Y", "webhookCallbackUrl": HOOK}).json()["result"]
        for idx in (5066, 5067, 5068)
    }

    assert len(secrets) == 3


def test_a_stored_address_is_enough(vivoldi):
    """A group that stores a callback URL may be switched on without sending it again."""
    answer = vivoldi.put(UPDATE, json={"grpIdx": 5074, "webhookEnableYn": "Y"})

    assert SECRET.fullmatch(answer.json()["result"])
    assert row(vivoldi, 5074)["webhookCallbackUrl"] == "https://hooks.example.com/vivoldi/shop"


def test_a_webhook_needs_an_address(vivoldi):
    """Without a callback URL, sent or stored, the whole call is refused with code 1005."""
    before = row(vivoldi, 5066)

    answer = vivoldi.put(UPDATE, json={"grpIdx": 5066, "nm": "Hooked", "webhookEnableYn": "Y"})

    assert refusal(answer) == (200, 1005, None)
    assert undisturbed(vivoldi, before)


@pytest.mark.parametrize(("key", "idx"), [(PERSONAL, 6310), (FREE, 7101), (WEBHOOKS_OFF, 4801)])
@pytest.mark.parametrize("address", [{}, {"webhookCallbackUrl": HOOK}])
def test_webhook_fields_are_ignored_where_they_are_not_included(vivoldi, admin, key, idx, address):
    """Below Enterprise, or with the global webhook off, webhook fields are ignored and the rest is done."""
    before = settings(vivoldi, idx, Authorization=key)
    hook = {"webhookEnableYn": "Y", "webhookMetric": "P", "webhookFrequency": 100, **address}

    answer = vivoldi.put(UPDATE, json={"grpIdx": idx, "memo": "new", **hook}, headers={"Authorization": key})

    assert answer.json() == DONE
    assert settings(vivoldi, idx, Authorization=key) == before | {"memo": "new"}
    assert stored(admin, idx)["_webhookSecretKey"] is None


def test_notifications_are_ignored_on_free(vivoldi):
    """On the Free plan the push and mail flags are ignored and the rest is done."""
    before = settings(vivoldi, 7101, Authorization=FREE)
    flags = {"pushNotifyYn": "Y", "mailNotifyYn": "Y", "qrBypassYn": "Y"}

    answer = vivoldi.put(UPDATE, json={"grpIdx": 7101, **flags}, headers={"Authorization": FREE})

    assert answer.json() == DONE
    assert settings(vivoldi, 7101, Authorization=FREE) == before | {"qrBypassYn": "Y"}


def test_notifications_begin_with_personal(vivoldi):
    """On the Personal plan the push and mail flags are taken."""
    flags = {"pushNotifyYn": "Y", "mailNotifyYn": "Y"}

    answer = vivoldi.put(UPDATE, json={"grpIdx": 6311, **flags}, headers={"Authorization": PERSONAL})

    assert answer.json() == DONE
    assert row(vivoldi, 6311, Authorization=PERSONAL).items() >= flags.items()


# --- the lists ----------------------------------------------------------------------------------------------


def test_the_list_shows_the_documented_row(vivoldi):
    """The row that the vendor's list page prints is in the list, field for field."""
    answer = vivoldi.get(LIST, params={"grpIdx": 2})

    group = answer.json()["result"]["list"][0]
    assert group.items() >= {
        "idx": 2, "nm": "XXX Advertiser Group", "memo": "2-year contract", "linkCnt": 68,
        "blockOverseasSticsYn": "N", "notfSubscYn": "Y", "qrBypassYn": "N", "pushNotifyYn": "Y",
        "mailNotifyYn": "N", "webhookEnableYn": "N", "webhookCallbackUrl": None,
        "webhookMetric": "C", "webhookFrequency": 1, "regYmdt": "2024-07-20 02:42:00",
        "modYmdt": "2025-02-12 11:20:50",
    }.items()  # fmt: skip


def test_a_page_with_one_row_says_so(vivoldi):
    """The page block of a single page repeats its own number as the next one."""
    answer = vivoldi.get(LIST, params={"grpIdx": 5066})

    assert answer.json()["result"]["extra"] == {
        "pages": 1, "nextPages": 1, "nextYn": "N", "count": 1, "totalCount": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("params", "extra", "first", "last"),
    [
        ({}, {"pages": 1, "nextPages": 2, "nextYn": "Y", "count": 30, "totalCount": 41}, 2, 5096),
        ({"pages": 1}, {"pages": 1, "nextPages": 2, "nextYn": "Y", "count": 30, "totalCount": 41}, 2, 5096),
        (
            {"pages": 2},
            {"pages": 2, "nextPages": 2, "nextYn": "N", "count": 11, "totalCount": 41},
            5097,
            5108,
        ),
    ],
)
def test_the_list_is_paged_by_thirty(vivoldi, params, extra, first, last):
    """Thirty groups a page; the block beside them says where the reader is and whether there is more."""
    answer = vivoldi.get(LIST, params=params)

    result = answer.json()["result"]
    assert answer.status_code == 200
    assert result["extra"] == extra
    assert (len(result["list"]), result["list"][0]["idx"], result["list"][-1]["idx"]) == (
        extra["count"],
        first,
        last,
    )


@pytest.mark.parametrize("page", [3, 1000])
def test_a_page_past_the_end_is_empty(vivoldi, page):
    """Beyond the last page there is an empty list, and no failure."""
    answer = vivoldi.get(LIST, params={"pages": page})

    body = answer.json()
    assert (body["code"], body["result"]["list"]) == (0, [])
    assert body["result"]["extra"] == {
        "pages": page, "nextPages": page, "nextYn": "N", "count": 0, "totalCount": 41,
    }  # fmt: skip


def test_groups_are_listed_by_ascending_id(vivoldi):
    """Both pages together are in the order of the ids, each group once."""
    pages = [vivoldi.get(LIST, params={"pages": page}).json()["result"]["list"] for page in (1, 2)]

    ids = [group["idx"] for page in pages for group in page]
    assert ids == sorted(set(ids))


def test_the_old_list_is_a_bare_array_of_thirty(vivoldi):
    """Version 1 answers with the first thirty groups and no page block."""
    answer = vivoldi.get(LIST_V1)

    result = answer.json()["result"]
    assert isinstance(result, list)
    assert (len(result), result[0]["idx"], result[-1]["idx"]) == (30, 2, 5096)


def test_the_old_list_knows_no_pages(vivoldi):
    """Version 1 ignores the page number, as it ignores everything that it does not know."""
    answer = vivoldi.get(LIST_V1, params={"pages": 2, "colour": "red"})

    assert answer.json()["result"][0]["idx"] == 2


@pytest.mark.parametrize("path", [LIST_V1, LIST])
def test_rows_show_the_documented_fields_and_no_secret(vivoldi, path):
    """Every row has the fields of a group, and no password, no secret, nothing of the mock's own."""
    answer = vivoldi.get(path)

    result = answer.json()["result"]
    groups = result if path == LIST_V1 else result["list"]
    assert all(group.keys() == FIELDS_OF_A_ROW for group in groups)


@pytest.mark.parametrize(
    ("params", "ids"),
    [
        ({"grpIdx": 5066}, [5066]),
        ({"nm": "Instagram"}, [5066, 5106]),
        ({"nm": "gram re"}, [5106]),
        ({"nm": "Trade fair"}, [5072, 5073]),
        ({"nm": "매장"}, [5085, 5086]),
        ({"nm": "A/B test"}, [5105]),
        ({"nm": "Instagram", "grpIdx": 5106}, [5106]),
        ({"nm": "Podcast", "grpIdx": 5106}, []),
        ({"nm": "no such name"}, []),
        ({"nm": "%"}, []),
        ({"nm": ".*"}, []),
        ({"grpIdx": 999999}, []),
        ({"grpIdx": 7101}, []),
    ],
)
def test_both_lists_filter_by_id_and_part_of_the_name(vivoldi, params, ids):
    """The id is exact, nm is any part of the name, both must fit; to find nothing is no failure."""
    old, new = vivoldi.get(LIST_V1, params=params).json(), vivoldi.get(LIST, params=params).json()

    assert (old["code"], [group["idx"] for group in old["result"]]) == (0, ids)
    assert (new["code"], [group["idx"] for group in new["result"]["list"]]) == (0, ids)


def test_an_empty_name_filters_nothing(vivoldi):
    """An empty nm is part of every name."""
    answer = vivoldi.get(LIST, params={"nm": ""})

    assert answer.json()["result"]["extra"]["totalCount"] == 41


@pytest.mark.parametrize(("key", "ids"), [(FREE, [7101, 7102]), (PERSONAL, [6310, 6311]), (WEBHOOKS_OFF, [4801, 4802])])
def test_an_account_sees_its_own_groups(vivoldi, key, ids):
    """The key decides whose groups are listed."""
    answer = vivoldi.get(LIST, headers={"Authorization": key})

    assert [group["idx"] for group in answer.json()["result"]["list"]] == ids


@pytest.mark.parametrize(
    ("path", "query"),
    [
        (LIST, "grpIdx=abc"),
        (LIST, "grpIdx=1.5"),
        (LIST, "grpIdx=-1"),
        (LIST, "pages=0"),
        (LIST, "pages=-1"),
        (LIST, "pages=two"),
        (LIST, "pages=1.5"),
        (LIST_V1, "grpIdx=abc"),
        (LIST_V1, "grpIdx=1.5"),
    ],
)
def test_a_bad_filter_is_refused(vivoldi, path, query):
    """A filter that is no number of its range is refused with HTTP 200 and code 1001."""
    before = row(vivoldi, 5066)

    answer = vivoldi.get(f"{path}?{query}")

    assert refusal(answer) == (200, 1001, None)
    assert undisturbed(vivoldi, before)


# --- who may call -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "credential",
    [
        None,
        UNKNOWN,
        "Bearer 5oNyoLDuQ513cJ1rlYpJgHc9zu0H10F6",
        "5oNyoLDuQ513cJ1rlYpJgHc9zu0H10F6",
        "APIKey",
        "APIKey short",
    ],
)
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [("PUT", UPDATE, {"grpIdx": 5066, "nm": "Mine"}), ("GET", LIST, None), ("GET", LIST_V1, None)],
)
def test_a_call_needs_a_known_key(vivoldi, anonymous, credential, method, path, body):
    """Without a key, with an unknown one and in any other form the answer is 401."""
    before = row(vivoldi, 5066)
    headers = {"Authorization": credential} if credential else {}

    answer = anonymous("vivoldi").request(method, path, json=body, headers=headers)

    assert refusal(answer) == (401, 401, None)
    assert undisturbed(vivoldi, before)


def test_a_key_in_the_query_is_no_key(vivoldi, anonymous):
    """The key counts in the header only."""
    before = row(vivoldi, 5066)

    answer = anonymous("vivoldi").get(LIST, params={"Authorization": ENTERPRISE, "apiKey": ENTERPRISE})

    assert refusal(answer) == (401, 401, None)
    assert undisturbed(vivoldi, before)


@pytest.mark.parametrize(
    ("method", "path", "body"), [("PUT", UPDATE, {"grpIdx": 5066, "nm": "Mine"}), ("GET", LIST, None)]
)
@pytest.mark.parametrize("agent", [None, ""])
def test_a_call_needs_a_user_agent(vivoldi, method, path, body, agent):
    """Without a User-Agent, or with an empty one, the caller is blocked."""
    before = row(vivoldi, 5066)
    request = vivoldi.build_request(method, path, json=body)
    del request.headers["User-Agent"]
    if agent is not None:
        request.headers["User-Agent"] = agent

    answer = vivoldi.send(request)

    assert refusal(answer) == (403, 403, None)
    assert undisturbed(vivoldi, before)


@pytest.mark.parametrize("agent", ["curl/8.5.0", "python-requests/2.32", "AcmeLinks/1.0"])
def test_every_user_agent_with_a_name_is_served(vivoldi, agent):
    """Common clients are not blocked."""
    answer = vivoldi.get(LIST, headers={"User-Agent": agent})

    assert answer.json()["code"] == 0


def test_a_group_of_another_account_cannot_be_changed(vivoldi):
    """Another account's group is as unknown as one that does not exist."""
    before = settings(vivoldi, 7101, Authorization=FREE)

    answer = vivoldi.put(UPDATE, json={"grpIdx": 7101, "nm": "Mine"})

    assert refusal(answer) == (200, 1002, None)
    assert settings(vivoldi, 7101, Authorization=FREE) == before


def test_a_key_of_another_account_does_not_reach_the_group(vivoldi):
    """A valid key of another account gets code 1002 and changes nothing."""
    before = row(vivoldi, 5066)

    answer = vivoldi.put(UPDATE, json={"grpIdx": 5066, "nm": "Mine"}, headers={"Authorization": FREE})

    assert refusal(answer) == (200, 1002, None)
    assert undisturbed(vivoldi, before)


def test_the_plan_limits_the_calls_of_a_minute(vivoldi):
    """The plan's calls are answered; beyond them the answer is 429 with the seconds to wait."""
    # A minute may end on the way, so two budgets and one call are what is sure to exceed one of them.
    answers = [vivoldi.get(LIST_V1, headers={"Authorization": FREE}) for _ in range(61)]

    refused = next(answer for answer in answers if answer.status_code != 200)
    assert all(answer.status_code == 200 for answer in answers[:30])
    assert refusal(refused) == (429, 429, None)
    assert 1 <= int(refused.headers["Retry-After"]) <= 60


@pytest.mark.parametrize(
    ("plan", "minute", "hour"),
    [
        ("free", 30, 600),
        ("personal", 180, 10_000),
        ("premium", 300, 15_000),
        ("business", 480, 25_000),
        ("business_plus", 768, 40_000),
        ("enterprise", 1_200, 60_000),
    ],
)
def test_the_last_call_of_a_plan_is_the_last(plan, minute, hour):
    """Of a minute and of an hour: the one after it waits for the next."""
    service = load_services(Options(apis=("vivoldi",)))["vivoldi"]
    fixture = read_fixtures(service.api, shipped("fixtures", "vivoldi"))

    answers = {}
    for name, size in (("minute", minute), ("hour", hour)):
        world = Worlds({"vivoldi": fixture})[f"{plan}-{name}"]
        world.clock.freeze(1_773_543_600.0)
        state, request = world.of("vivoldi"), Request("GET", LIST_V1, "grpIdx=1", CALLER, b"", "192.0.2.1")
        state["accounts"].update(50742, {"plan": plan})
        service.serve(request, world)
        for (meter, _), numbers in state.meters.items():
            numbers[2] = size - 1 if meter == name else 0
        exchanges = [service.serve(request, world) for _ in range(2)]
        answers[name] = [(exchange.status, dict(exchange.headers).get("Retry-After")) for exchange in exchanges]

    assert answers == {"minute": [(200, None), (429, "60")], "hour": [(200, None), (429, "3600")]}


def test_an_update_beyond_the_limit_is_not_done(vivoldi, admin):
    """The last update that was answered 200 is the last one that was done."""
    updates = ({"grpIdx": 7101, "memo": str(number)} for number in range(61))

    accepted = list(takewhile(lambda update: put_as_free(vivoldi, update).status_code == 200, updates))

    assert 30 <= len(accepted) <= 60
    assert stored(admin, 7101)["memo"] == accepted[-1]["memo"]


def test_keys_do_not_share_a_limit(vivoldi):
    """When one key is spent the others are served."""
    spent = [vivoldi.get(LIST_V1, headers={"Authorization": FREE}).status_code for _ in range(61)]

    answer = vivoldi.get(LIST_V1)

    assert 429 in spent
    assert answer.status_code == 200


def test_enterprise_is_served_beyond_the_smaller_plans(vivoldi):
    """Two hundred calls, too many for Free and Personal, are nothing to Enterprise; no header counts them."""
    answers = [vivoldi.get(LIST_V1, params={"grpIdx": 5066}) for _ in range(200)]

    assert {answer.status_code for answer in answers} == {200}
    assert not [name for name in answers[-1].headers if "ratelimit" in name.lower().replace("-", "")]


# --- what is refused ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b" ",
        b"{",
        b"hello",
        b"'grpIdx'",
        b'{"grpIdx": 5066, "nm": "cut',
        b'{"grpIdx": 5066, "nm": "comma",}',
        b'{"grpIdx": 5066, "nm": "two"} {}',
        b"{'grpIdx': 5066}",
        b'{"grpIdx": 5066, "acesMaxCnt": NaN}',
        b'{"grpIdx": 5066, "unknown": NaN}',
        b'{"grpIdx": 5066, "acesMaxCnt": Infinity}',
        b'{"grpIdx": 5066, "acesMaxCnt": -Infinity}',
        b'{"grpIdx": 5066, "nm": "one", "nm": "two"}',
        b'{"grpIdx": 5067, "grpIdx": 5066}',
        b'{"grpIdx": 5066, "nm": "\xff\xfe"}',
        b'{"grpIdx": 5066, "nm": "\\ud800"}',
        pytest.param(b"[" * DEEP, id="deep"),
        pytest.param(b"[" * DEEP + b"]" * DEEP, id="deep-closed"),
        pytest.param(b'{"grpIdx": 5066, "x": ' + b"[" * DEEP + b"]" * DEEP + b"}", id="deep-inside"),
        pytest.param(b'{"a":' * DEEP + b"1" + b"}" * DEEP, id="deep-objects"),
    ],
)
def test_what_is_no_json_is_refused(vivoldi, content):
    """A body that cannot be read exactly as JSON is refused with HTTP 200 and code 1001."""
    before = row(vivoldi, 5066)

    answer = vivoldi.put(UPDATE, content=content, headers={"Content-Type": "application/json"})

    assert refusal(answer) == (200, 1001, None)
    assert undisturbed(vivoldi, before)


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("application/x-www-form-urlencoded", b"grpIdx=5066&nm=Form"),
        ("text/plain", b"grpIdx: 5066"),
        ("application/xml", b"<grpIdx>5066</grpIdx>"),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="grpIdx"\r\n\r\n5066\r\n--x--\r\n',
        ),
    ],
)
def test_other_kinds_of_body_are_refused(vivoldi, kind, content):
    """Forms, XML and plain text are no JSON: code 1001."""
    before = row(vivoldi, 5066)

    answer = vivoldi.put(UPDATE, content=content, headers={"Content-Type": kind})

    assert refusal(answer) == (200, 1001, None)
    assert undisturbed(vivoldi, before)


@pytest.mark.parametrize("body", [[], [{"grpIdx": 5066, "nm": "listed"}], "5066", 5066, 1.5, True, None])
def test_the_body_is_an_object(vivoldi, body):
    """Anything but an object is refused with code 1001."""
    before = row(vivoldi, 5066)

    answer = vivoldi.put(UPDATE, content=json.dumps(body), headers={"Content-Type": "application/json"})

    assert refusal(answer) == (200, 1001, None)
    assert undisturbed(vivoldi, before)


@pytest.mark.parametrize("body", [{}, {"nm": "Whose?"}, {"idx": 5066, "nm": "Whose?"}, {"GRPIDX": 5066}])
def test_the_group_must_be_named(vivoldi, body):
    """Without grpIdx the call is refused with code 1001."""
    before = row(vivoldi, 5066)

    answer = vivoldi.put(UPDATE, json=body)

    assert refusal(answer) == (200, 1001, None)
    assert undisturbed(vivoldi, before)


@pytest.mark.parametrize("idx", [999999, 1, 0, "999999", 5080])
def test_an_unknown_group_is_refused(vivoldi, idx):
    """A group that does not exist is refused with HTTP 200 and code 1002."""
    before = row(vivoldi, 5066)

    answer = vivoldi.put(UPDATE, json={"grpIdx": idx, "nm": "Nobody"})

    assert refusal(answer) == (200, 1002, None)
    assert undisturbed(vivoldi, before)


NO_INTEGERS: tuple[Json, ...] = (
    None,
    True,
    1.5,
    -1,
    "",
    "-1",
    "1.5",
    "many",
    " 5",
    "0x10",
    "1e3",
    "५",
    "5066\n",
    "9" * 5000,
    10**30,
    [],
    [1],
    {},
)
NO_TEXTS: tuple[Json, ...] = (5, 1.5, True, [], ["text"], {})
NO_FLAGS: tuple[Json, ...] = (None, "", "y", "n", "X", "YN", "true", 1, 0, True, False, [], ["Y"], {})
NO_DATES: tuple[Json, ...] = (
    20260301, True, [], {}, " ", "soon", "2026-03-01", "2026-03-01T00:00:00", "2026-03-01 00:00",
    "2026-03-01 00:00:00Z", "2026-03-01 00:00:00\n", "2026-3-1 0:0:0", "2026-03-01 24:00:00",
    "2026-03-01 00:60:00", "2026-03-01 00:00:60", "2026-13-01 00:00:00", "2026-00-01 00:00:00",
    "2026-03-00 00:00:00", "2026-03-32 00:00:00", "2026-04-31 00:00:00", "2026-02-30 00:00:00",
    "2026-02-29 00:00:00", "1900-02-29 00:00:00", "0000-01-01 00:00:00",
)  # fmt: skip
NO_ADDRESSES: tuple[Json, ...] = (
    5, True, [], {}, "example.com", "//example.com", "ftp://example.com/x", "javascript:alert(1)", "https://",
)  # fmt: skip
NO_FREQUENCIES: tuple[Json, ...] = (
    None,
    0,
    2,
    10,
    -1,
    1.5,
    True,
    "",
    "2",
    "Y",
    "1501002003005001000",
    [],
    [1],
    {},
)
NO_METRICS: tuple[Json, ...] = (None, "", "c", "X", "CP", 1, True, [], {})

WRONG: dict[str, tuple[Json, ...]] = {
    "grpIdx": NO_INTEGERS,
    "nm": NO_TEXTS,
    "memo": NO_TEXTS,
    "notfSubscYn": NO_FLAGS,
    "qrBypassYn": NO_FLAGS,
    "blockOverseasSticsYn": NO_FLAGS,
    "pushNotifyYn": NO_FLAGS,
    "mailNotifyYn": NO_FLAGS,
    "nonmemberSticsPwd": NO_TEXTS,
    "strtYmdt": NO_DATES,
    "endYmdt": NO_DATES,
    "expireUrl": NO_ADDRESSES,
    "pwd": NO_TEXTS,
    "acesMaxCnt": NO_INTEGERS,
    "webhookEnableYn": NO_FLAGS,
    "webhookCallbackUrl": (None, "", *NO_ADDRESSES),
    "webhookMetric": NO_METRICS,
    "webhookFrequency": NO_FREQUENCIES,
}


@pytest.mark.parametrize("value", ["2026-03-01", "2026-03-01T00:00:00Z", "soon"])
def test_a_wrong_date_is_told_the_form(vivoldi, value):
    """The message shows how a date is written, however the one sent is wrong."""
    answer = vivoldi.put(UPDATE, json={"grpIdx": 5066, "strtYmdt": value})

    assert answer.json()["message"] == f'strtYmdt: "{value}" is no date of the form YYYY-MM-DD HH:mm:ss.'


@pytest.mark.parametrize(
    ("field", "value"),
    [
        pytest.param(field, value, id=f"{field}-{json.dumps(value)[:40]}")
        for field, values in WRONG.items()
        for value in values
    ],
)
def test_a_wrong_value_refuses_the_whole_call(vivoldi, field, value):
    """One value of a wrong type, form or range: code 1001, and none of the other fields is changed."""
    before = row(vivoldi, 5066)
    body = {"grpIdx": 5066, "nm": "Half", "memo": "half", "qrBypassYn": "Y"} | {field: value}

    answer = vivoldi.put(UPDATE, json=body)

    assert refusal(answer) == (200, 1001, None)
    assert undisturbed(vivoldi, before)


def test_a_wrong_webhook_value_is_refused_on_every_plan(vivoldi):
    """A field above the plan is ignored when it is well-formed; a wrong type is refused all the same."""
    before = row(vivoldi, 7101, Authorization=FREE)

    answer = vivoldi.put(UPDATE, json={"grpIdx": 7101, "webhookEnableYn": True}, headers={"Authorization": FREE})

    assert refusal(answer) == (200, 1001, None)
    assert row(vivoldi, 7101, Authorization=FREE) == before


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", UPDATE, "PUT"),
        ("POST", UPDATE, "PUT"),
        ("PATCH", UPDATE, "PUT"),
        ("DELETE", UPDATE, "PUT"),
        ("POST", LIST_V1, "GET"),
        ("PUT", LIST_V1, "GET"),
        ("POST", LIST, "GET"),
        ("DELETE", LIST, "GET"),
    ],
)
def test_a_wrong_method_is_told_the_right_one(vivoldi, method, path, allowed):
    """Another method on a known path is answered 405 with the method that is allowed."""
    before = row(vivoldi, 5066)

    answer = vivoldi.request(method, path)

    tokens = {token.strip() for token in answer.headers["Allow"].split(",")}
    assert refusal(answer) == (405, 405, None)
    assert (allowed in tokens, method in tokens) == (True, False)
    assert undisturbed(vivoldi, before)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/api/link-group/v9/update",
        f"{UPDATE}/",
        f"{LIST}/5066",
        "/API/link-group/v2/list",
        "/api/nothing/v1/list",
    ],
)
def test_an_unknown_path_is_refused_in_the_same_form(vivoldi, path):
    """A path that does not exist is answered 404 with the envelope, never with a page."""
    before = row(vivoldi, 5066)

    answer = vivoldi.get(path)

    assert refusal(answer) == (404, 404, None)
    assert answer.headers["Content-Type"].split(";")[0] == "application/json"
    assert undisturbed(vivoldi, before)


def test_an_over_long_body_is_refused(vivoldi):
    """A body of more than 10 MiB is answered 413."""
    before = row(vivoldi, 5066)
    content = b'{"grpIdx": 5066, "memo": "' + b"x" * BODY_LIMIT + b'"}'

    answer = vivoldi.put(UPDATE, content=content, headers={"Content-Type": "application/json"})

    assert refusal(answer) == (413, 413, None)
    assert undisturbed(vivoldi, before)


@pytest.mark.parametrize("sent", [b'{"grpIdx": 5066, "nm": "Cut"}', b'{"grpIdx": 5066, "nm": "C', b""])
def test_a_truncated_body_is_refused(vivoldi, raw, sent):
    """A body shorter than announced is refused with code 1001, even if what arrived can be read."""
    before = row(vivoldi, 5066)
    head = (
        f"PUT /~{raw.world}/vivoldi{UPDATE} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: truncated/1\r\n"
        f"Authorization: {ENTERPRISE}\r\nContent-Type: application/json\r\nContent-Length: 500\r\n"
        "Connection: close\r\n\r\n"
    )

    answer = raw(head.encode() + sent)

    assert answer.split(b"\r\n")[0].startswith(b"HTTP/1.1 200")
    assert b'"code":1001' in answer.replace(b" ", b"")
    assert undisturbed(vivoldi, before)


def test_a_refused_call_leaves_every_group_alone(vivoldi):
    """After a refusal every group of the account reads as before."""
    before = [vivoldi.get(LIST, params={"pages": page}).json() for page in (1, 2)]

    vivoldi.put(UPDATE, json={"grpIdx": 5066, "nm": "Half", "strtYmdt": "2026-02-30 00:00:00"})

    assert [vivoldi.get(LIST, params={"pages": page}).json() for page in (1, 2)] == before


def test_an_update_touches_one_group(vivoldi):
    """All other groups of the account read as before."""
    others = [group for group in vivoldi.get(LIST_V1).json()["result"] if group["idx"] != 5066]

    vivoldi.put(UPDATE, content=DOCUMENTED)

    assert [group for group in vivoldi.get(LIST_V1).json()["result"] if group["idx"] != 5066] == others


@pytest.mark.parametrize("language", ["en", "ko", "de", "xx"])
def test_messages_are_english(vivoldi, language):
    """The reason is given in English whatever language is asked for."""
    answer = vivoldi.put(UPDATE, json={}, headers={"Accept-Language": language})

    assert answer.json()["message"].isascii()
