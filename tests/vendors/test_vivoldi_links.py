"""Short links: made, listed, changed and deleted as documented."""

import re

import pytest

from tests.vendors.vivoldi_world import (
    BULK,
    BUSINESS,
    CREATE,
    DELETE,
    DONE,
    FREE,
    LIST,
    PERSONAL,
    PREMIUM,
    TARGET,
    UPDATE,
    advance,
    freeze,
    led_to,
    link_row,
    links,
    make_link,
    verdict,
)

PERIOD = {"regStartYmdt": "2025-09-01 00:00:00", "regEndYmdt": "2025-09-10 23:59:59", "pages": 1}


# --- creation -----------------------------------------------------------------------------------------------


def test_a_new_link_has_a_generated_id(vivoldi):
    """The result is the short URL on vvd.bz, with four letters and digits."""
    answer = vivoldi.post(CREATE, json={"url": TARGET})

    body = answer.json()
    assert (body["code"], body["message"]) == (0, "")
    assert re.fullmatch(r"https://vvd\.bz/[A-Za-z0-9]{4}", body["result"])


def test_a_new_link_is_listed_with_its_defaults(vivoldi, admin):
    """Made by the API, untitled, redirecting with 302, in no group, never clicked."""
    freeze(admin, "2026-02-03 04:05:06")

    link = make_link(vivoldi)

    assert link_row(vivoldi, link) == {
        "linkId": link, "domain": "https://vvd.bz", "typeIdx": 103, "typeNm": "URL", "ttl": "NO TITLE", "url": TARGET,
        "grpIdx": 0, "grpNm": None, "redirectType": 302, "description": None, "metaImg": None, "memo": None,
        "brandLinkYn": "N", "notfSubscYn": "N", "qrBypassYn": "N", "pushNotifyYn": "N", "mailNotifyYn": "N",
        "createTypeIdx": 272, "strtYmdt": None, "endYmdt": None, "expireUrl": None, "acesMaxCnt": 0,
        "acesCnt": 0, "pernCnt": 0, "delYmdt": None,
        "regYmdt": "2026-02-03 04:05:06", "modYmdt": "2026-02-03 04:05:06",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "url"),
    [
        ({"brandLinkId": "spring-shop"}, "https://vvd.im/spring-shop"),
        ({"brandLinkId": "spring-shop", "domain": "https://vvd.bz"}, "https://vvd.im/spring-shop"),
        ({"brandLinkId": "spring-shop", "domain": "https://vvd.im"}, "https://vvd.im/spring-shop"),
        ({"brandLinkId": "spring-shop", "domain": "https://go.example.com"}, "https://go.example.com/spring-shop"),
        ({"brandLinkId": "스타벅스서울점"}, "https://vvd.im/스타벅스서울점"),
    ],
)
def test_a_chosen_id_moves_to_the_domain_of_brands(vivoldi, fields, url):
    """Unless a domain is named that is connected to the account."""
    answer = vivoldi.post(CREATE, json={"url": TARGET, **fields})

    assert answer.json() == {"code": 0, "message": "", "result": url}
    assert link_row(vivoldi, url.rpartition("/")[2])["brandLinkYn"] == "Y"


@pytest.mark.parametrize("empty", ["", None])
def test_an_empty_chosen_id_is_none(vivoldi, empty):
    """An id is generated."""
    link = make_link(vivoldi, brandLinkId=empty)

    assert link_row(vivoldi, link)["brandLinkYn"] == "N"


def test_a_chosen_id_is_given_once(vivoldi):
    """The second link of the same id is refused with 1007, and the first is as it was."""
    make_link(vivoldi, brandLinkId="spring-shop")

    answer = vivoldi.post(CREATE, json={"url": "https://example.com/other", "brandLinkId": "spring-shop"})

    assert verdict(answer) == (200, 1007)
    assert link_row(vivoldi, "spring-shop")["url"] == TARGET


def test_ids_tell_capital_letters_from_small_ones(vivoldi, anonymous):
    """Two links whose ids differ in case alone lead to two places."""
    make_link(vivoldi, brandLinkId="Shop", url="https://example.com/one")
    make_link(vivoldi, brandLinkId="shop", url="https://example.com/two")

    answers = [anonymous("vivoldi").get(path) for path in ("/Shop", "/shop")]

    assert [led_to(answer) for answer in answers] == [
        (302, "https://example.com/one"),
        (302, "https://example.com/two"),
    ]


def test_a_link_may_be_used_again(vivoldi):
    """With reuseYn the first link to the URL is answered, without it another is made."""
    first = make_link(vivoldi)

    again, other = make_link(vivoldi, reuseYn="Y"), make_link(vivoldi)

    assert again == first
    assert other != first


def test_a_deleted_link_is_not_used_again(vivoldi, admin):
    """Its date of deletion is past, so another one is made, and that is the first from now on."""
    freeze(admin, "2026-03-15 12:00:00")
    gone = make_link(vivoldi, delYmdt="2026-03-15 12:00:01")
    advance(admin, 1)

    made, again = make_link(vivoldi, reuseYn="Y"), make_link(vivoldi, reuseYn="Y")

    assert made != gone
    assert again == made


def test_reuse_begins_with_premium(vivoldi):
    """Below it the field is ignored, and another link is made."""
    made = [
        vivoldi.post(CREATE, json={"url": TARGET, "reuseYn": "Y"}, headers=PERSONAL).json()["result"] for _ in range(2)
    ]

    assert made[0] != made[1]


@pytest.mark.parametrize(("headers", "status"), [(FREE, 302), (PERSONAL, 301)])
def test_the_kind_of_redirect_begins_with_personal(vivoldi, anonymous, headers, status):
    """On Free it stays 302."""
    url = vivoldi.post(CREATE, json={"url": TARGET, "redirectType": 301}, headers=headers).json()["result"]

    answer = anonymous("vivoldi").get("/" + url.rpartition("/")[2])

    assert led_to(answer) == (status, TARGET)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, 1001),
        ({"url": ""}, 1001),
        ({"url": None}, 1001),
        ({"url": "example.com"}, 1001),
        ({"url": "ftp://example.com/x"}, 1001),
        ({"url": "https://example.com/a b"}, 1001),
        ({"url": "https://[::1"}, 1001),
        ({"url": "https://example.com:port/"}, 1001),
        ({"url": TARGET, "expireUrl": "https://[::1"}, 1001),
        ({"url": "https://example.com/\r\nSet-Cookie: x=1"}, 1001),
        ({"url": "https://example.com/" + "x" * 2981}, 1001),
        ({"url": "https://example.com/" + "한" * 1000}, 1001),
        ({"url": TARGET, "redirectType": 307}, 1001),
        ({"url": TARGET, "metaImg": "http://example.com/a.png"}, 1001),
        ({"url": TARGET, "delYmdt": "2026-02-30 00:00:00"}, 1001),
        ({"url": TARGET, "brandLinkId": "a/b"}, 1001),
        ({"url": TARGET, "brandLinkId": "a b"}, 1001),
        ({"url": TARGET, "notfSubscYn": True}, 1001),
        ({"url": TARGET, "grpIdx": 999999}, 1002),
        ({"url": TARGET, "grpIdx": 7101}, 1002),
        ({"url": TARGET, "domain": "https://go.example.org"}, 1004),
        ({"url": TARGET, "domain": "vvd.bz"}, 1001),
    ],
)
def test_a_link_that_cannot_be_made_is_not(vivoldi, body, code):
    """The call is refused with HTTP 200, and no link is there that was not before."""
    before = vivoldi.get(LIST, params={**PERIOD, "regEndYmdt": "2099-12-31 23:59:59"}).json()["result"]["extra"]

    answer = vivoldi.post(CREATE, json=body)

    after = vivoldi.get(LIST, params={**PERIOD, "regEndYmdt": "2099-12-31 23:59:59"}).json()["result"]["extra"]
    assert verdict(answer) == (200, code)
    assert after == before


def test_an_original_url_has_3000_bytes(vivoldi):
    """The longest one is taken."""
    answer = vivoldi.post(CREATE, json={"url": "https://example.com/" + "x" * 2980})

    assert verdict(answer) == (200, 0)


# --- many at once -------------------------------------------------------------------------------------------


def test_many_links_are_answered_in_their_order(vivoldi):
    """Each with its short URL and the URL that it leads to."""
    given = [{"url": f"https://example.com/{number}"} for number in range(3)]

    answer = vivoldi.post(BULK, json={"links": given})

    result = answer.json()["result"]
    assert [made["url"] for made in result] == [link["url"] for link in given]
    assert all(re.fullmatch(r"https://vvd\.bz/[A-Za-z0-9]{4}", made["shortUrl"]) for made in result)


@pytest.mark.parametrize(
    ("second", "code"),
    [
        ({"url": "x"}, 1001),
        ({}, 1001),
        ({"url": TARGET, "grpIdx": 999999}, 1002),
        ({"url": TARGET, "brandLinkId": "one"}, 1007),
    ],
)
def test_where_one_of_many_cannot_be_made_none_is(vivoldi, second, code):
    """The first of them is not there afterwards."""
    answer = vivoldi.post(BULK, json={"links": [{"url": TARGET, "brandLinkId": "one"}, second]})

    assert verdict(answer) == (200, code)
    assert links(vivoldi, linkId="one") == []


@pytest.mark.parametrize(("headers", "most"), [(PERSONAL, 100), (PREMIUM, 200), (BUSINESS, 300), ({}, 300)])
def test_the_plan_says_how_many_are_made_at_once(vivoldi, headers, most):
    """One more is refused whole, as many as the plan has are made."""
    given = [{"url": f"https://example.com/{number}"} for number in range(most + 1)]

    refused = vivoldi.post(BULK, json={"links": given}, headers=headers)
    taken = vivoldi.post(BULK, json={"links": given[:-1]}, headers=headers)

    assert verdict(refused) == (200, 1001)
    assert len(taken.json()["result"]) == most


@pytest.mark.parametrize(
    ("headers", "body", "code"),
    [
        (FREE, {"links": [{"url": TARGET}]}, 1006),
        ({}, {"links": []}, 1001),
        ({}, {}, 1001),
        ({}, {"links": {}}, 1001),
    ],
)
def test_many_links_need_a_plan_and_a_list(vivoldi, headers, body, code):
    """Free may not make many at once, and none is no list."""
    answer = vivoldi.post(BULK, json=body, headers=headers)

    assert verdict(answer) == (200, code)


# --- the list -----------------------------------------------------------------------------------------------


def test_the_documented_period_has_the_documented_page(vivoldi):
    """Two links in ten days of September, the first of them with the documented members."""
    answer = vivoldi.get(LIST, params=PERIOD)

    result = answer.json()["result"]
    assert result["extra"] == {"pages": 1, "nextPages": 1, "nextYn": "N", "count": 2, "totalCount": 2}
    assert result["list"][0].items() >= {
        "linkId": "createpostinglinks", "domain": "https://vvd.im", "typeIdx": 103, "typeNm": "URL",
    }.items()  # fmt: skip


def test_page_2_begins_with_the_31st_link(vivoldi):
    """Both pages are in the order of creation, and no link is on both."""
    params = {"regStartYmdt": "2025-12-10 00:00:00", "regEndYmdt": "2026-01-31 23:59:59"}

    first, second = (vivoldi.get(LIST, params={**params, "pages": page}).json()["result"] for page in (1, 2))

    listed = [row["regYmdt"] for row in first["list"] + second["list"]]
    assert (first["extra"]["nextPages"], first["extra"]["count"], second["extra"]["pages"]) == (2, 30, 2)
    assert listed == sorted(listed)
    assert not {row["linkId"] for row in first["list"]} & {row["linkId"] for row in second["list"]}


@pytest.mark.parametrize(
    ("filters", "ids"),
    [
        ({"linkId": "hj7V"}, ["hj7V"]),
        ({"linkId": "HJ7V"}, []),
        ({"domain": "https://go.example.com"}, ["docs"]),
        ({"url": "https://example.com/minutes"}, ["xY5h"]),
        ({"url": "https://example.com/min"}, []),
        ({"ttl": "YouTube vid"}, ["createpostinglinks"]),
        ({"brandLinkYn": "Y", "ttl": "forms"}, ["createformlinks"]),
        ({"grpIdx": 5066, "ttl": "Profile"}, ["Ig4m"]),
        ({"createTypeIdx": 272, "linkId": "Ig4m"}, ["Ig4m"]),
        ({"createTypeIdx": 274, "linkId": "Ig4m"}, []),
        ({"createTypeIdx": 0, "grpIdx": 0, "linkId": "Ig4m"}, ["Ig4m"]),
        ({"notfSubscYn": "Y"}, []),
        ({"qrBypassYn": "Y"}, []),
        ({"pushNotifyYn": "Y"}, []),
        ({"mailNotifyYn": "Y"}, []),
        ({"memo": "no such memo"}, []),
        ({"linkId": "notices"}, []),
        ({"linkId": "gone"}, []),
        ({"linkId": "bio1"}, []),
    ],
)
def test_the_list_is_filtered(vivoldi, filters, ids):
    """Ids, domains, URLs and flags whole, titles and notes in part; posts, deleted and other accounts' links never."""
    rows = links(vivoldi, **filters)

    assert [row["linkId"] for row in rows] == ids


@pytest.mark.parametrize(
    ("bounds", "found"),
    [
        ({"startDelYmdt": "2099-01-01 00:00:00"}, ["leaving"]),
        ({"endDelYmdt": "2099-12-31 00:00:00"}, ["leaving"]),
        ({"startDelYmdt": "2099-02-01 00:00:00", "endDelYmdt": "2099-12-31 00:00:00"}, []),
    ],
)
def test_the_list_is_filtered_by_the_date_of_deletion(vivoldi, bounds, found):
    """Links without one fit no such filter."""
    make_link(vivoldi, brandLinkId="leaving", delYmdt="2099-01-15 00:00:00")

    rows = links(vivoldi, **bounds)

    assert [row["linkId"] for row in rows] == found


@pytest.mark.parametrize(
    ("headers", "params", "code"),
    [
        (FREE, PERIOD, 1006),
        (PERSONAL, PERIOD, 1006),
        (PREMIUM, PERIOD, 0),
        ({}, {"pages": 1}, 1001),
        ({}, {"regStartYmdt": "2025-09-01 00:00:00", "regEndYmdt": "2025-09-10 23:59:59"}, 1001),
        ({}, {**PERIOD, "pages": 0}, 1001),
        ({}, {**PERIOD, "regStartYmdt": "2025-09-01"}, 1001),
        ({}, {**PERIOD, "regStartYmdt": "2025-02-30 00:00:00"}, 1001),
        ({}, {**PERIOD, "createTypeIdx": 271}, 1001),
        ({}, {**PERIOD, "brandLinkYn": "y"}, 1001),
    ],
)
def test_the_list_needs_a_plan_and_a_period(vivoldi, headers, params, code):
    """It begins with Premium; the period and the page have to be sent."""
    answer = vivoldi.get(LIST, params=params, headers=headers)

    assert verdict(answer) == (200, code)


# --- change -------------------------------------------------------------------------------------------------


def test_the_documented_change_is_done(vivoldi):
    """Title and note are as sent, the rest as it was."""
    before = link_row(vivoldi, "4Rt3")

    answer = vivoldi.put(
        UPDATE, json={"linkId": "4Rt3", "domain": "https://vvd.bz", "ttl": "new title", "memo": "new my memo"}
    )

    after = link_row(vivoldi, "4Rt3")
    assert answer.json() == DONE
    assert {name for name in after if after[name] != before[name]} == {"ttl", "memo", "modYmdt"}
    assert (after["ttl"], after["memo"]) == ("new title", "new my memo")


def test_visitors_follow_a_changed_link_at_once(vivoldi, anonymous):
    """To the new URL, with the new status."""
    vivoldi.put(UPDATE, json={"linkId": "4Rt3", "url": "https://example.com/new", "redirectType": 301})

    answer = anonymous("vivoldi").get("/4Rt3")

    assert led_to(answer) == (301, "https://example.com/new")


@pytest.mark.parametrize("empty", ["", None])
def test_an_empty_title_leaves_the_title(vivoldi, empty):
    """As documented."""
    vivoldi.put(UPDATE, json={"linkId": "4Rt3", "ttl": empty})

    assert link_row(vivoldi, "4Rt3")["ttl"] == "My first link"


@pytest.mark.parametrize("domain", [{}, {"domain": "https://vvd.im"}])
def test_a_link_is_moved_between_groups(vivoldi, domain):
    """Into one and out of it, on either domain."""
    link = make_link(vivoldi, **({"brandLinkId": "mover"} if domain else {}))

    moved = []
    for idx in (5066, "5067", 0):
        vivoldi.put(UPDATE, json={"linkId": link, **domain, "grpIdx": idx})
        moved.append(link_row(vivoldi, link))

    assert [(row["grpIdx"], row["grpNm"]) for row in moved] == [
        (5066, "Instagram"),
        (5067, "YouTube descriptions"),
        (0, None),
    ]


def test_a_link_to_no_url_stays_as_it_is(vivoldi, admin):
    """The call succeeds, and the post is untouched."""
    before = admin.get("/state/vivoldi/links/notices@vvd.im").json()

    answer = vivoldi.put(UPDATE, json={"linkId": "notices", "domain": "https://vvd.im", "ttl": "Other"})

    assert answer.json() == DONE
    assert admin.get("/state/vivoldi/links/notices@vvd.im").json() == before


def test_a_changed_url_begins_with_premium(vivoldi, anonymous):
    """Below it the URL stays, and the rest is done."""
    answer = vivoldi.put(
        UPDATE, json={"linkId": "Wd2n", "url": "https://example.com/other", "memo": "x"}, headers=PERSONAL
    )

    assert answer.json() == DONE
    assert led_to(anonymous("vivoldi").get("/Wd2n")) == (302, "https://example.com/gifts")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, 1001),
        ({"domain": "https://vvd.bz", "ttl": "x"}, 1001),
        ({"linkId": "4Rt3", "redirectType": 307}, 1001),
        ({"linkId": "4Rt3", "url": None}, 1001),
        ({"linkId": "4Rt3", "url": "https://example.com/" + "x" * 2981}, 1001),
        ({"linkId": "4Rt3", "grpIdx": 999999}, 1002),
        ({"linkId": "none", "ttl": "x"}, 1003),
        ({"linkId": "4rt3", "ttl": "x"}, 1003),
        ({"linkId": "bio1", "domain": "https://vvd.im", "ttl": "x"}, 1003),
        ({"linkId": "gone", "domain": "https://vvd.im", "ttl": "x"}, 1003),
        ({"linkId": "4Rt3", "domain": "https://vvd.im", "ttl": "x"}, 1004),
        ({"linkId": "docs", "ttl": "x"}, 1004),
    ],
)
def test_a_refused_change_changes_nothing(vivoldi, body, code):
    """The call is refused with HTTP 200, and the link reads as before."""
    before = link_row(vivoldi, "4Rt3")

    answer = vivoldi.put(UPDATE, json={"memo": "half", **body})

    assert verdict(answer) == (200, code)
    assert link_row(vivoldi, "4Rt3") == before


# --- deletion -----------------------------------------------------------------------------------------------


def test_a_deleted_link_is_gone_at_once(vivoldi, anonymous):
    """Visitors see that there is none, the list has it no longer."""
    answer = vivoldi.delete(DELETE, params={"linkId": "4Rt3", "domain": "https://vvd.bz"})

    assert answer.json() == DONE
    assert anonymous("vivoldi").get("/4Rt3").status_code == 404
    assert links(vivoldi, linkId="4Rt3") == []


def test_a_chosen_id_can_be_given_again(vivoldi, anonymous):
    """The new link begins without the old one's clicks."""
    make_link(vivoldi, brandLinkId="spring-shop")
    anonymous("vivoldi").get("/spring-shop")
    vivoldi.delete(DELETE, params={"linkId": "spring-shop", "domain": "https://vvd.im"})

    make_link(vivoldi, brandLinkId="spring-shop", url="https://example.com/again")

    row = link_row(vivoldi, "spring-shop")
    assert (row["url"], row["acesCnt"]) == ("https://example.com/again", 0)


def test_the_id_of_a_link_that_deleted_itself_can_be_given_again(vivoldi):
    """Its date of deletion is past, so it is as free as any."""
    link = make_link(vivoldi, brandLinkId="gone")

    assert link_row(vivoldi, link)["acesCnt"] == 0


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"linkId": "4Rt3"}, 1001),
        ({"domain": "https://vvd.bz"}, 1001),
        ({"linkId": "none", "domain": "https://vvd.bz"}, 1003),
        ({"linkId": "bio1", "domain": "https://vvd.im"}, 1003),
        ({"linkId": "4Rt3", "domain": "https://vvd.im"}, 1004),
    ],
)
def test_a_link_that_is_not_there_is_not_deleted(vivoldi, anonymous, params, code):
    """Refused, and visitors still follow the links that are."""
    answer = vivoldi.delete(DELETE, params=params)

    assert verdict(answer) == (200, code)
    assert [anonymous("vivoldi").get(path).status_code for path in ("/4Rt3", "/bio1")] == [302, 302]
