"""A group's setting goes before a link's, for all links of the group, at once: as their visitors see it.

Each test has two links in a group, one of which has the setting itself, to another value; then the group is changed.
"""

import pytest

from tests.vendors.pictures import text_of_png
from tests.vendors.vivoldi_world import (
    DONE,
    TARGET,
    UPDATE_GROUP,
    advance,
    clicks,
    freeze,
    led_to,
    make_group,
    make_link,
)

NOON = "2026-03-15 12:00:00"
ELSEWHERE = "https://example.com/over"


@pytest.fixture
def visitor(anonymous):
    """Somebody without any key."""
    return anonymous("vivoldi")


@pytest.fixture
def noon(admin):
    """The control API of a world where it is noon in Korea and stays so."""
    freeze(admin, NOON)
    return admin


def two_links(vivoldi, **own):
    """A new group, and two links in it: a plain one, and one with settings of its own."""
    idx = make_group(vivoldi)
    return idx, [make_link(vivoldi, grpIdx=idx), make_link(vivoldi, grpIdx=idx, **own)]


def change(vivoldi, idx, **settings):
    """The group is changed, as the vendor documents it."""
    assert vivoldi.put(UPDATE_GROUP, json={"grpIdx": idx, **settings}).json() == DONE


def statuses(visitor, links):
    """What following each of the links is answered."""
    return [visitor.get(f"/{link}").status_code for link in links]


@pytest.mark.usefixtures("noon")
def test_the_start_of_a_group_closes_all_its_links(vivoldi, visitor):
    """The link that was open since March by itself is closed until April too."""
    idx, links = two_links(vivoldi, strtYmdt="2026-03-01 00:00:00")
    before = statuses(visitor, links)

    change(vivoldi, idx, strtYmdt="2026-04-01 00:00:00")

    assert (before, statuses(visitor, links)) == ([302, 302], [403, 403])


def test_the_links_open_when_the_start_of_their_group_comes(vivoldi, visitor, noon):
    """All of them in the same second."""
    idx, links = two_links(vivoldi, strtYmdt="2026-06-01 00:00:00")
    change(vivoldi, idx, strtYmdt="2026-03-15 12:00:10")
    before = statuses(visitor, links)

    advance(noon, 10)

    assert (before, statuses(visitor, links)) == ([403, 403], [302, 302])


@pytest.mark.usefixtures("noon")
def test_the_end_of_a_group_expires_all_its_links(vivoldi, visitor):
    """The link that had until December by itself has expired too."""
    idx, links = two_links(vivoldi, endYmdt="2026-12-31 23:59:59")
    before = statuses(visitor, links)

    change(vivoldi, idx, endYmdt="2026-03-15 11:59:59")

    assert (before, statuses(visitor, links)) == ([302, 302], [410, 410])


@pytest.mark.usefixtures("noon")
def test_a_later_end_of_a_group_opens_links_again(vivoldi, visitor):
    """The group's end goes before an earlier one of the link."""
    idx, links = two_links(vivoldi, endYmdt="2026-01-01 00:00:00")
    before = statuses(visitor, links)

    change(vivoldi, idx, endYmdt="2026-12-31 23:59:59")

    assert (before, statuses(visitor, links)) == ([302, 410], [302, 302])


@pytest.mark.usefixtures("noon")
def test_the_expiry_page_of_a_group_is_that_of_all_its_links(vivoldi, visitor):
    """Latecomers are led where the group says, also from the link that had another page."""
    idx, links = two_links(vivoldi, expireUrl="https://example.com/own")
    change(vivoldi, idx, endYmdt="2026-03-15 11:59:59")
    before = [led_to(visitor.get(f"/{link}")) for link in links]

    change(vivoldi, idx, expireUrl=ELSEWHERE)

    assert before == [(410, None), (302, "https://example.com/own")]
    assert [led_to(visitor.get(f"/{link}")) for link in links] == [(302, ELSEWHERE), (302, ELSEWHERE)]


def test_the_password_of_a_group_is_that_of_all_its_links(vivoldi, visitor):
    """The link's own password opens it no longer."""
    idx, links = two_links(vivoldi, pwd="own")
    before = statuses(visitor, links)

    change(vivoldi, idx, pwd="shared")

    assert (before, statuses(visitor, links)) == ([302, 200], [200, 200])
    assert [visitor.post(f"/{link}", data={"pwd": "own"}).status_code for link in links] == [401, 401]
    assert [led_to(visitor.post(f"/{link}", data={"pwd": "shared"})) for link in links] == [(302, TARGET)] * 2


@pytest.mark.usefixtures("noon")
def test_the_cap_of_a_group_is_that_of_each_of_its_links(vivoldi, visitor):
    """One click each, also for the link that allowed a hundred by itself."""
    idx, links = two_links(vivoldi, acesMaxCnt=100)
    before = statuses(visitor, links)

    change(vivoldi, idx, acesMaxCnt=1)

    assert (before, statuses(visitor, links)) == ([302, 302], [403, 403])


def test_a_group_that_asks_for_messages_does_so_on_all_its_links(vivoldi, visitor):
    """A landing page instead of a redirect."""
    idx, links = two_links(vivoldi, notfSubscYn="N")
    before = statuses(visitor, links)

    change(vivoldi, idx, notfSubscYn="Y")

    after = [visitor.get(f"/{link}") for link in links]
    assert before == [302, 302]
    assert [(answer.status_code, "Notification" in answer.text) for answer in after] == [(200, True)] * 2


def test_the_codes_of_a_group_go_past_all_its_links(vivoldi, visitor):
    """A camera reads the original URL, where it read the short one."""
    idx, links = two_links(vivoldi, qrBypassYn="N")
    before = [text_of_png(visitor.get(f"/{link}/qr").content) for link in links]

    change(vivoldi, idx, qrBypassYn="Y")

    assert before == [f"https://vvd.bz/{link}" for link in links]
    assert [text_of_png(visitor.get(f"/{link}/qr").content) for link in links] == [TARGET, TARGET]


def test_a_group_leaves_visits_from_abroad_out_of_all_its_statistics(vivoldi, visitor):
    """They are led on as ever; those from home count."""
    idx, links = two_links(vivoldi)
    change(vivoldi, idx, blockOverseasSticsYn="Y")

    for country in ("FR", "us", "KR"):
        for link in links:
            answer = visitor.get(f"/{link}", headers={"CF-IPCountry": country, "User-Agent": country})
            assert answer.status_code == 302

    assert [clicks(vivoldi, link) for link in links] == [(1, 1), (1, 1)]


def test_without_it_visits_from_abroad_count(vivoldi, visitor):
    """The same three visits are three."""
    _, [link, _] = two_links(vivoldi)

    for country in ("FR", "us", "KR"):
        visitor.get(f"/{link}", headers={"CF-IPCountry": country, "User-Agent": country})

    assert clicks(vivoldi, link) == (3, 3)


@pytest.mark.parametrize(("setting", "kind"), [("pushNotifyYn", "push"), ("mailNotifyYn", "mail")])
def test_a_group_tells_of_the_clicks_of_all_its_links(vivoldi, visitor, admin, setting, kind):
    """Whichever link reaches the threshold."""
    idx, links = two_links(vivoldi)
    account = admin.get("/state/vivoldi/accounts/50742").json()
    admin.put("/state/vivoldi/accounts/50742", json={**account, "alert_at": 1})

    change(vivoldi, idx, **{setting: "Y"})

    assert statuses(visitor, links) == [302, 302]
    alerts = admin.get("/state/vivoldi/alerts").json()["records"]
    assert [(alert["kind"], alert["link"]) for alert in alerts[1:]] == [(kind, f"{link}@vvd.bz") for link in links]


def test_the_password_to_the_statistics_bars_no_visitor(vivoldi, visitor):
    """NonmemberSticsPwd is asked for elsewhere."""
    idx, links = two_links(vivoldi)

    change(vivoldi, idx, nonmemberSticsPwd="123456")

    assert statuses(visitor, links) == [302, 302]


def test_what_a_group_does_not_set_is_the_links_own(vivoldi, visitor):
    """The group's N, 0 and nothing let the link's own value through."""
    _, links = two_links(vivoldi, pwd="own")

    assert statuses(visitor, links) == [302, 200]


def test_what_a_group_takes_back_is_the_links_own_again(vivoldi, visitor):
    """With the group's password gone the link's opens its link, and the other one is open."""
    idx, links = two_links(vivoldi, pwd="own")
    change(vivoldi, idx, pwd="shared")

    change(vivoldi, idx, pwd="")

    assert statuses(visitor, links) == [302, 200]
    assert visitor.post(f"/{links[1]}", data={"pwd": "own"}).status_code == 302


def test_a_link_that_leaves_its_group_leaves_its_settings(vivoldi, visitor):
    """Moved out it is open, the other one stays closed."""
    idx, links = two_links(vivoldi)
    change(vivoldi, idx, pwd="shared")

    vivoldi.put("/api/link/v2/update", json={"linkId": links[0], "grpIdx": 0})

    assert statuses(visitor, links) == [302, 200]


@pytest.mark.usefixtures("noon")
def test_the_documented_change_ends_a_campaign(vivoldi, visitor):
    """The documented body opens the links of its group in March, and leads elsewhere from April on."""
    change(
        vivoldi,
        5066,
        nm="Instagram Group",
        memo="A group of links used in Instagram ads.",
        strtYmdt="2026-03-01 00:00:00",
        endYmdt="2026-03-31 23:59:59",
        expireUrl="https://example.com/event-expired",
    )

    answer = visitor.get("/Ig4m")

    assert led_to(answer) == (302, "https://example.com/instagram")


@pytest.mark.parametrize(
    ("now", "expected"),
    [("2026-02-28 23:59:59", (403, None)), ("2026-04-01 00:00:00", (302, "https://example.com/event-expired"))],
)
def test_outside_of_its_dates_a_campaign_is_closed(vivoldi, visitor, admin, now, expected):
    """The same change, before March and after it."""
    change(
        vivoldi,
        5066,
        strtYmdt="2026-03-01 00:00:00",
        endYmdt="2026-03-31 23:59:59",
        expireUrl="https://example.com/event-expired",
    )
    freeze(admin, now)

    answer = visitor.get("/Ig4m")

    assert led_to(answer) == expected
