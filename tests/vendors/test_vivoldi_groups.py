"""Groups come and go: a new one has the documented defaults, a deleted one leaves its links behind."""

import pytest

from tests.vendors.vivoldi_world import (
    CREATE_GROUP,
    DELETE_GROUP,
    DONE,
    FREE,
    LIST_GROUPS,
    LIST_GROUPS_V1,
    TARGET,
    UPDATE_GROUP,
    clicks,
    freeze,
    group_row,
    led_to,
    link_row,
    links,
    make_group,
    make_link,
    verdict,
)

DOCUMENTED = {
    "nm": "Youtube Group",
    "memo": "A group of links included in the description section of a YouTube video.",
    "nonmemberSticsPwd": "123456",
}
HOOK = "https://api.example.com/webhook"


def test_the_documented_group_is_made(vivoldi):
    """The documented body is answered with the id of a group that the list shows with it."""
    answer = vivoldi.post(CREATE_GROUP, json=DOCUMENTED)

    body = answer.json()
    assert (body["code"], body["message"]) == (0, "")
    assert group_row(vivoldi, body["result"])["memo"] == DOCUMENTED["memo"]


def test_a_new_group_has_the_documented_defaults(vivoldi, admin):
    """Nothing but a name gives a group without links, with every flag N and no bounds."""
    freeze(admin, "2026-02-03 04:05:06")

    idx = make_group(vivoldi, nm="Plain")

    assert group_row(vivoldi, idx) == {
        "idx": idx, "nm": "Plain", "memo": None, "linkCnt": 0,
        "blockOverseasSticsYn": "N", "notfSubscYn": "N", "qrBypassYn": "N", "pushNotifyYn": "N", "mailNotifyYn": "N",
        "webhookEnableYn": "N", "webhookCallbackUrl": None, "webhookMetric": "C", "webhookFrequency": 1,
        "regYmdt": "2026-02-03 04:05:06", "modYmdt": "2026-02-03 04:05:06",
        "strtYmdt": None, "endYmdt": None, "expireUrl": None, "acesMaxCnt": 0,
    }  # fmt: skip


def test_a_group_is_made_with_every_setting(vivoldi):
    """What an update takes, a new group takes too."""
    given = {
        "blockOverseasSticsYn": "Y", "notfSubscYn": "Y", "qrBypassYn": "Y", "pushNotifyYn": "Y", "mailNotifyYn": "Y",
        "strtYmdt": "2026-03-01 00:00:00", "endYmdt": "2026-03-31 23:59:59",
        "expireUrl": "https://example.com/event-expired", "acesMaxCnt": 1000,
        "webhookEnableYn": "Y", "webhookCallbackUrl": HOOK, "webhookMetric": "P", "webhookFrequency": 50,
    }  # fmt: skip

    idx = make_group(vivoldi, **given)

    assert group_row(vivoldi, idx).items() >= given.items()


def test_two_new_groups_have_two_ids(vivoldi):
    """No id is given twice, not even after a deletion."""
    first = make_group(vivoldi)
    vivoldi.delete(DELETE_GROUP, params={"grpIdx": first})

    second = make_group(vivoldi)

    assert second != first


def test_the_secret_of_a_new_group_is_given_by_its_first_update(vivoldi):
    """A webhook that is on from the beginning has its secret handed out when it is switched on once more."""
    idx = make_group(vivoldi, webhookEnableYn="Y", webhookCallbackUrl=HOOK)

    answer = vivoldi.put(UPDATE_GROUP, json={"grpIdx": idx, "webhookEnableYn": "Y"})

    assert len(answer.json()["result"]) == 32


def test_a_free_account_makes_a_group_without_what_its_plan_lacks(vivoldi):
    """Notifications and webhooks are ignored, the rest is done."""
    given = {"nm": "Small", "pushNotifyYn": "Y", "webhookEnableYn": "Y", "qrBypassYn": "Y"}

    answer = vivoldi.post(CREATE_GROUP, json=given, headers=FREE)

    listed = vivoldi.get(LIST_GROUPS, params={"grpIdx": answer.json()["result"]}, headers=FREE)
    group = listed.json()["result"]["list"][0]
    assert (group["pushNotifyYn"], group["webhookEnableYn"], group["qrBypassYn"]) == ("N", "N", "Y")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, 1001),
        ({"memo": "nameless"}, 1001),
        ({"nm": ""}, 1001),
        ({"nm": None}, 1001),
        ({"nm": 5}, 1001),
        ({"nm": "x", "acesMaxCnt": -1}, 1001),
        ({"nm": "x", "strtYmdt": "2026-02-30 00:00:00"}, 1001),
        ({"nm": "x", "webhookCallbackUrl": "http://example.com/hook"}, 1001),
        ({"nm": "x", "webhookCallbackUrl": "https://[::1"}, 1001),
        ({"nm": "x", "expireUrl": "https://[::1"}, 1001),
        ({"nm": "x", "webhookEnableYn": "Y"}, 1005),
        ([], 1001),
    ],
)
def test_a_group_that_cannot_be_made_is_not(vivoldi, body, code):
    """The call is refused with HTTP 200, and there are as many groups as before."""
    answer = vivoldi.post(CREATE_GROUP, json=body)

    assert verdict(answer) == (200, code)
    assert vivoldi.get(LIST_GROUPS).json()["result"]["extra"]["totalCount"] == 41


def test_a_deleted_group_is_gone(vivoldi):
    """Neither list shows it, and it cannot be changed."""
    answer = vivoldi.delete(DELETE_GROUP, params={"grpIdx": 5066})

    assert answer.json() == DONE
    assert vivoldi.get(LIST_GROUPS, params={"grpIdx": 5066}).json()["result"]["list"] == []
    assert vivoldi.get(LIST_GROUPS_V1, params={"grpIdx": 5066}).json()["result"] == []
    assert verdict(vivoldi.put(UPDATE_GROUP, json={"grpIdx": 5066})) == (200, 1002)


def test_links_survive_their_group(vivoldi):
    """The links of a deleted group are in none, and are otherwise as they were."""
    before = link_row(vivoldi, "Ig4m")

    vivoldi.delete(DELETE_GROUP, params={"grpIdx": 5066})

    assert link_row(vivoldi, "Ig4m") == before | {"grpIdx": 0, "grpNm": None}


def test_what_a_deleted_group_had_set_holds_no_longer(vivoldi, anonymous):
    """A link that its group had shut is open again, with its clicks counted on."""
    idx = make_group(vivoldi, endYmdt="2020-01-01 00:00:00")
    link = make_link(vivoldi, grpIdx=idx)
    shut = anonymous("vivoldi").get(f"/{link}")

    vivoldi.delete(DELETE_GROUP, params={"grpIdx": idx})

    assert shut.status_code == 410
    assert led_to(anonymous("vivoldi").get(f"/{link}")) == (302, TARGET)
    assert clicks(vivoldi, link) == (1, 1)


@pytest.mark.parametrize(
    ("params", "code"),
    [({}, 1001), ({"grpIdx": "x"}, 1001), ({"grpIdx": -1}, 1001), ({"grpIdx": 999999}, 1002), ({"grpIdx": 7101}, 1002)],
)
def test_a_group_that_is_not_there_is_not_deleted(vivoldi, params, code):
    """Unknown, another account's or no number: refused, and nothing is gone."""
    answer = vivoldi.delete(DELETE_GROUP, params=params)

    assert verdict(answer) == (200, code)
    assert vivoldi.get(LIST_GROUPS).json()["result"]["extra"]["totalCount"] == 41
    assert vivoldi.get(LIST_GROUPS, headers=FREE).json()["result"]["extra"]["totalCount"] == 2


def test_the_list_counts_the_links_of_a_group(vivoldi):
    """One more, one moved away, one deleted: linkCnt follows, and the list of links has as many."""
    idx = make_group(vivoldi)
    kept, moved, deleted = (make_link(vivoldi, grpIdx=idx) for _ in range(3))

    vivoldi.put("/api/link/v2/update", json={"linkId": moved, "grpIdx": 0})
    vivoldi.delete("/api/link/v1/delete", params={"linkId": deleted, "domain": "https://vvd.bz"})

    assert group_row(vivoldi, idx)["linkCnt"] == 1
    assert [row["linkId"] for row in links(vivoldi, grpIdx=idx)] == [kept]


def test_the_documented_group_has_its_documented_links(vivoldi):
    """The row that the list's description prints has 68 links, and they are there."""
    answer = vivoldi.get(
        "/api/link/v1/list",
        params={"regStartYmdt": "2024-01-01 00:00:00", "regEndYmdt": "2026-12-31 23:59:59", "pages": 3, "grpIdx": 2},
    )

    assert answer.json()["result"]["extra"] == {
        "pages": 3, "nextPages": 3, "nextYn": "N", "count": 8, "totalCount": 68,
    }  # fmt: skip
