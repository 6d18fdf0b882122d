"""Clicks by day, by hour and by group: the documented figures, and those that visitors just made."""

import pytest

from tests.vendors.vivoldi_world import (
    BUSINESS,
    BY_DATE,
    BY_DATE_V1,
    BY_GROUP,
    BY_HOUR,
    BY_HOUR_V1,
    DELETE,
    FREE,
    PERSONAL,
    PREMIUM,
    UPDATE,
    advance,
    freeze,
    make_group,
    make_link,
    verdict,
)

APRIL = {"startYmd": "2025-04-01", "endYmd": "2025-04-30"}
KYDR = {"linkId": "kYdr", "domain": "https://vvd.bz"}
SHOP = {"linkId": "스타벅스창동점", "domain": "https://vvd.im"}
TODAY = {"startYmd": "2026-03-15", "endYmd": "2026-03-15"}


@pytest.fixture
def visitor(anonymous):
    """Somebody without any key."""
    return anonymous("vivoldi")


def test_the_documented_days_of_a_link(vivoldi):
    """As the description prints them."""
    answer = vivoldi.get(BY_DATE_V1, params={**APRIL, **KYDR})

    assert answer.json() == {
        "code": 0,
        "message": "",
        "result": [
            {"ymd": "2025-04-01", "linkId": "kYdr", "domain": "https://vvd.bz", "acesCnt": 384, "pernCnt": 295},
            {"ymd": "2025-04-02", "linkId": "kYdr", "domain": "https://vvd.bz", "acesCnt": 1785, "pernCnt": 1720},
            {"ymd": "2025-04-03", "linkId": "kYdr", "domain": "https://vvd.bz", "acesCnt": 19542, "pernCnt": 19083},
            {"ymd": "2025-04-04", "linkId": "kYdr", "domain": "https://vvd.bz", "acesCnt": 3596, "pernCnt": 3274},
            {"ymd": "2025-04-05", "linkId": "kYdr", "domain": "https://vvd.bz", "acesCnt": 171, "pernCnt": 164},
        ],
    }


def test_the_documented_hours_of_a_link(vivoldi):
    """As the description of version 1 prints them, the hour as a text."""
    answer = vivoldi.get(BY_HOUR_V1, params={"ymd": "2025-04-20", **SHOP})

    about = {"linkId": "스타벅스창동점", "domain": "https://vvd.im"}
    counts = [("0", 24, 17), ("1", 121, 198), ("2", 84, 68), ("3", 21, 15), ("4", 1950, 1621), ("5", 7, 7)]
    assert answer.json()["result"] == [
        {"ymd": "2025-04-20", "hour": hour, **about, "acesCnt": aces, "pernCnt": pern} for hour, aces, pern in counts
    ]


def test_the_documented_hours_of_an_account(vivoldi):
    """The first rows of version 2 as printed, the hour as a number."""
    answer = vivoldi.get(BY_HOUR, params={"ymd": "2025-04-20"})

    assert answer.json()["result"][:2] == [
        {"ymd": "2025-04-20", "hour": 0, "acesCnt": 24, "pernCnt": 17},
        {"ymd": "2025-04-20", "hour": 1, "acesCnt": 121, "pernCnt": 198},
    ]


@pytest.mark.parametrize("name", ["grpIdx", "grpIdxList"])
def test_the_documented_clicks_of_groups(vivoldi, name):
    """The row of the description, and a group without clicks, under either name of the list."""
    answer = vivoldi.get(BY_GROUP, params={"ymd": "2025-04-20", name: "151,207,209", "pages": 1}, headers=PREMIUM)

    assert answer.json()["result"] == {
        "extra": {"pages": 1, "nextPages": 1, "nextYn": "N", "count": 3, "totalCount": 3},
        "list": [
            {"grpIdx": 151, "grpNm": "Electronics", "acesCnt": 181, "pernCnt": 164},
            {"grpIdx": 207, "grpNm": "Fashion", "acesCnt": 92, "pernCnt": 80},
            {"grpIdx": 209, "grpNm": "Toys", "acesCnt": 0, "pernCnt": 0},
        ],
    }


@pytest.mark.parametrize(
    ("params", "days"),
    [
        (KYDR, ["2025-04-01", "2025-04-02", "2025-04-03", "2025-04-04", "2025-04-05"]),
        ({}, ["2025-04-01", "2025-04-02", "2025-04-03", "2025-04-04", "2025-04-05", "2025-04-20"]),
        ({"grpIdx": 0}, ["2025-04-01", "2025-04-02", "2025-04-03", "2025-04-04", "2025-04-05", "2025-04-20"]),
        ({"grpIdx": 5067}, []),
        ({**KYDR, "grpIdx": 5067}, ["2025-04-01", "2025-04-02", "2025-04-03", "2025-04-04", "2025-04-05"]),
    ],
)
def test_days_are_those_of_a_link_a_group_or_the_account(vivoldi, params, days):
    """A link goes before a group."""
    answer = vivoldi.get(BY_DATE, params={**APRIL, **params})

    assert [row["ymd"] for row in answer.json()["result"]] == days


def test_visits_show_in_every_statistic(vivoldi, visitor, admin):
    """Two users, three clicks, two hours: by day, by hour, of the link, of its group."""
    freeze(admin, "2026-03-15 09:59:00")
    idx = make_group(vivoldi)
    link = make_link(vivoldi, grpIdx=idx)
    visitor.get(f"/{link}", headers={"User-Agent": "One"})
    advance(admin, 120)
    for agent in ("One", "Two"):
        visitor.get(f"/{link}", headers={"User-Agent": agent})
    pair = {"linkId": link, "domain": "https://vvd.bz"}

    days, group_days, hours, groups = (
        vivoldi.get(path, params=params).json()["result"]
        for path, params in (
            (BY_DATE, {**TODAY, **pair}),
            (BY_DATE, {**TODAY, "grpIdx": idx}),
            (BY_HOUR, {"ymd": "2026-03-15", **pair}),
            (BY_GROUP, {"ymd": "2026-03-15", "grpIdx": idx}),
        )
    )

    assert days == group_days == [{"ymd": "2026-03-15", "acesCnt": 3, "pernCnt": 2}]
    assert hours == [
        {"ymd": "2026-03-15", "hour": 9, "acesCnt": 1, "pernCnt": 1},
        {"ymd": "2026-03-15", "hour": 10, "acesCnt": 2, "pernCnt": 2},
    ]
    assert groups["list"] == [{"grpIdx": idx, "grpNm": "Made here", "acesCnt": 3, "pernCnt": 2}]


def test_a_day_begins_at_midnight_in_korea(vivoldi, visitor, admin):
    """A user who comes on two days is a unique user of each."""
    freeze(admin, "2026-03-14 23:59:59")
    link = make_link(vivoldi)
    visitor.get(f"/{link}")
    advance(admin, 10)
    visitor.get(f"/{link}")

    answer = vivoldi.get(
        BY_DATE,
        params={"startYmd": "2026-03-14", "endYmd": "2026-03-15", "linkId": link, "domain": "https://vvd.bz"},
    )

    assert answer.json()["result"] == [
        {"ymd": "2026-03-14", "acesCnt": 1, "pernCnt": 1},
        {"ymd": "2026-03-15", "acesCnt": 1, "pernCnt": 1},
    ]


def test_clicks_move_with_their_link(vivoldi):
    """A group's clicks are those of the links that are in it now."""
    vivoldi.put(UPDATE, json={"linkId": "kYdr", "grpIdx": 5067})

    answer = vivoldi.get(BY_GROUP, params={"ymd": "2025-04-01", "grpIdx": 5067})

    assert answer.json()["result"]["list"][0]["acesCnt"] == 384


def test_the_clicks_of_a_deleted_link_are_gone(vivoldi):
    """From the account's days too."""
    vivoldi.delete(DELETE, params=KYDR)

    answer = vivoldi.get(BY_DATE, params=APRIL)

    assert [row["ymd"] for row in answer.json()["result"]] == ["2025-04-20"]


def test_groups_are_paged(vivoldi):
    """Without a list all 41 groups are answered, 30 a page; those of others never."""
    first, second = (
        vivoldi.get(BY_GROUP, params={"ymd": "2025-04-20", "pages": page}).json()["result"] for page in (1, 2)
    )
    named = vivoldi.get(BY_GROUP, params={"ymd": "2025-04-20", "grpIdx": "7101,5066"}).json()["result"]

    assert (first["extra"]["nextYn"], second["extra"]["count"], second["extra"]["totalCount"]) == ("Y", 11, 41)
    assert [row["grpIdx"] for row in named["list"]] == [5066]


@pytest.mark.parametrize(
    ("path", "headers", "params", "code"),
    [
        (BY_DATE, FREE, APRIL, 1006),
        (BY_DATE, PERSONAL, APRIL, 1001),
        (BY_DATE, PERSONAL, {**APRIL, "grpIdx": 6311}, 1001),
        (BY_DATE, PERSONAL, {**APRIL, "linkId": "Wd2n", "domain": "https://vvd.bz"}, 0),
        (BY_DATE, PREMIUM, {**APRIL, "grpIdx": 151}, 0),
        (BY_HOUR, FREE, {"ymd": "2025-04-20"}, 1006),
        (BY_HOUR, PERSONAL, {"ymd": "2025-04-20"}, 1001),
        (BY_HOUR, PREMIUM, {"ymd": "2025-04-20"}, 0),
        (BY_DATE_V1, PREMIUM, {**APRIL, "linkId": "eL3c", "domain": "https://vvd.bz"}, 1006),
        (BY_DATE_V1, BUSINESS, {**APRIL, "linkId": "bZ9k", "domain": "https://vvd.bz"}, 0),
        (BY_HOUR_V1, PREMIUM, {"ymd": "2025-04-20", "linkId": "eL3c", "domain": "https://vvd.bz"}, 1006),
        (BY_GROUP, PERSONAL, {"ymd": "2025-04-20"}, 1006),
        (BY_GROUP, PREMIUM, {"ymd": "2025-04-20"}, 1001),
        (BY_GROUP, PREMIUM, {"ymd": "2025-04-20", "grpIdx": "1,2,3,4,5,6"}, 1001),
        (BY_GROUP, PREMIUM, {"ymd": "2025-04-20", "grpIdx": "151"}, 0),
        (BY_GROUP, BUSINESS, {"ymd": "2025-04-20"}, 0),
    ],
)
def test_statistics_need_a_plan(vivoldi, path, headers, params, code):
    """Personal sees single links, Premium groups of its choice and the account, Business everything."""
    answer = vivoldi.get(path, params=params, headers=headers)

    assert verdict(answer) == (200, code)


@pytest.mark.parametrize(
    ("path", "params", "code"),
    [
        (BY_DATE, {}, 1001),
        (BY_DATE, {"startYmd": "2025-04-01"}, 1001),
        (BY_DATE, {"startYmd": "2025-04-30", "endYmd": "2025-04-01"}, 1001),
        (BY_DATE, {"startYmd": "2025-03-31", "endYmd": "2025-04-30"}, 0),
        (BY_DATE, {"startYmd": "2025-03-30", "endYmd": "2025-04-30"}, 1001),
        (BY_DATE, {"startYmd": "2025-02-30", "endYmd": "2025-03-01"}, 1001),
        (BY_DATE, {"startYmd": "20250401", "endYmd": "2025-04-02"}, 1001),
        (BY_DATE, {**APRIL, "linkId": "kYdr"}, 1001),
        (BY_DATE, {**APRIL, "domain": "https://vvd.bz"}, 1001),
        (BY_DATE, {**APRIL, "linkId": "none", "domain": "https://vvd.bz"}, 1003),
        (BY_DATE, {**APRIL, "linkId": "kYdr", "domain": "https://vvd.im"}, 1004),
        (BY_DATE, {**APRIL, "grpIdx": 999999}, 1002),
        (BY_DATE_V1, APRIL, 1001),
        (BY_DATE_V1, {**APRIL, "linkId": "bio1", "domain": "https://vvd.im"}, 1003),
        (BY_HOUR, {}, 1001),
        (BY_HOUR, {"ymd": "2025-04-31"}, 1001),
        (BY_GROUP, {"grpIdx": "5066"}, 1001),
        (BY_GROUP, {"ymd": "2025-04-20", "grpIdx": "5066;5067"}, 1001),
        (BY_GROUP, {"ymd": "2025-04-20", "pages": 0}, 1001),
    ],
)
def test_what_statistics_cannot_answer_is_refused(vivoldi, path, params, code):
    """At most 31 days that exist, of links and groups that do."""
    answer = vivoldi.get(path, params=params)

    assert verdict(answer) == (200, code)


def test_statistics_may_be_five_per_cent_of_the_calls(vivoldi, admin):
    """Nine in a minute for Personal, then 429 until the minute ends; other calls go on."""
    freeze(admin, "2026-03-15 12:00:15")
    params = {**APRIL, "linkId": "Wd2n", "domain": "https://vvd.bz"}

    answers = [vivoldi.get(BY_DATE, params=params, headers=PERSONAL) for _ in range(10)]
    other = vivoldi.get("/api/link-group/v2/list", headers=PERSONAL)
    advance(admin, 45)

    assert [answer.status_code for answer in answers] == [200] * 9 + [429]
    assert answers[-1].headers["Retry-After"] == "45"
    assert other.status_code == 200
    assert vivoldi.get(BY_DATE, params=params, headers=PERSONAL).status_code == 200
