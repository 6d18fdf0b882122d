"""What whoever follows a short link meets, and what of it is counted."""

import re
from html.parser import HTMLParser

import pytest

from tests.vendors.pictures import text_of_png
from tests.vendors.vivoldi_world import TARGET, UPDATE, advance, clicks, freeze, led_to, make_link

NOON = "2026-03-15 12:00:00"


@pytest.fixture
def visitor(anonymous):
    """Somebody without any key."""
    return anonymous("vivoldi")


class Page(HTMLParser):
    """What a page has: its attributes by tag, and its text."""

    def __init__(self, answer):
        super().__init__()
        self.tags: dict[str, list[dict[str, str | None]]] = {}
        self.text = ""
        self.feed(answer.text)

    def handle_starttag(self, tag, attrs):
        self.tags.setdefault(tag, []).append(dict(attrs))

    def handle_data(self, data):
        self.text += data


# --- redirects ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302])
def test_a_visitor_is_redirected(vivoldi, visitor, status):
    """With the link's own status, to the original URL, without a body."""
    link = make_link(vivoldi, redirectType=status)

    answer = visitor.get(f"/{link}")

    assert led_to(answer) == (status, TARGET)
    assert answer.content == b""


def test_a_page_of_its_own_shows_messengers_what_it_is_about(visitor):
    """Title, description and image as meta tags, and browsers go on by themselves."""
    answer = visitor.get("/hj7V")

    page = Page(answer)
    meta = {tag.get("property") or tag.get("name"): tag["content"] for tag in page.tags["meta"] if "content" in tag}
    assert answer.status_code == 200
    assert (meta["og:title"], meta["og:description"], meta["og:image"]) == (
        "Our new bicycle",
        "Eleven kilograms, belt drive.",
        "https://example.com/bicycle.jpg",
    )
    assert {"http-equiv": "refresh", "content": "0; url=https://example.com/bicycles/new"} in page.tags["meta"]


def test_what_an_owner_wrote_is_no_markup(vivoldi, visitor):
    """Titles, descriptions and addresses are escaped wherever they stand on a page."""
    evil = '"><script>alert(1)</script>'
    link = make_link(vivoldi, redirectType=200, ttl=evil, description=evil, url=f"https://example.com/?{evil}")

    page = Page(visitor.get(f"/{link}"))

    assert "script" not in page.tags
    assert [tag["href"] for tag in page.tags["a"]] == [f"https://example.com/?{evil}"]


def test_an_address_beyond_ascii_is_percent_encoded(vivoldi, visitor):
    """As headers need it; what is encoded already stays as it is."""
    link = make_link(vivoldi, url="https://example.com/한글?q=%20é")

    answer = visitor.get(f"/{link}")

    assert led_to(answer) == (302, "https://example.com/%ED%95%9C%EA%B8%80?q=%20%C3%A9")


@pytest.mark.parametrize("link", ["none", "4rt3", "gone", "4Rt3%20", "<script>"])
def test_an_unknown_link_is_a_page(visitor, link):
    """404, whole HTML with language and title, and nothing of what was asked for in it."""
    answer = visitor.get(f"/{link}")

    page = Page(answer)
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "text/html; charset=utf-8")
    assert page.tags["html"] == [{"lang": "en"}]
    assert "title" in page.tags
    assert "script" not in page.tags


def test_visitors_need_no_user_agent(visitor):
    """What blocks callers of the API does not block visitors."""
    request = visitor.build_request("GET", "/4Rt3")
    del request.headers["User-Agent"]

    answer = visitor.send(request)

    assert answer.status_code == 302


@pytest.mark.parametrize(
    ("host", "path", "url"),
    [
        ("vvd.bz", "/4Rt3", "https://example.com/welcome"),
        ("vvd.im", "/notices", "https://example.com/notices"),
        ("VVD.IM:80", "/createpostinglinks", "https://example.com/posts/youtube"),
    ],
)
def test_a_link_is_followed_by_its_own_host(server, world, admin, host, path, url):
    """Where the vendor's domains lead to the mock, the short URL works as printed."""
    with server.client("", {"Host": host, "Mock-World": world}) as client:
        answer = client.get(path)

    assert led_to(answer) == (302, url)


@pytest.mark.parametrize(("host", "path"), [("vvd.im", "/4Rt3"), ("vvd.bz", "/notices")])
def test_a_link_stands_on_one_domain(server, world, admin, host, path):
    """On the other one there is none."""
    with server.client("", {"Host": host, "Mock-World": world}) as client:
        answer = client.get(path)

    assert answer.status_code == 404


def test_the_same_id_may_stand_on_two_domains(vivoldi, visitor):
    """Without a host that says which, the vendor's own domain goes first; with the custom one, that."""
    make_link(vivoldi, brandLinkId="twice", url="https://example.com/im")
    make_link(vivoldi, brandLinkId="twice", url="https://example.com/go", domain="https://go.example.com")

    plain, custom = visitor.get("/twice"), visitor.get("/twice", headers={"Host": "go.example.com"})

    assert led_to(plain) == (302, "https://example.com/im")
    assert led_to(custom) == (302, "https://example.com/go")


# --- bounds -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "status"),
    [
        ("2026-02-28 23:59:59", 403),
        ("2026-03-01 00:00:00", 302),
        ("2026-03-31 23:59:59", 302),
        ("2026-04-01 00:00:00", 410),
    ],
)
def test_a_link_is_open_from_its_start_to_its_end(vivoldi, visitor, admin, now, status):
    """Both moments are part of it; before and after there is a notice."""
    link = make_link(vivoldi, strtYmdt="2026-03-01 00:00:00", endYmdt="2026-03-31 23:59:59")
    freeze(admin, now)

    answer = visitor.get(f"/{link}")

    assert answer.status_code == status


def test_latecomers_are_led_elsewhere(vivoldi, visitor, admin):
    """After the end to expireUrl, before the start to a notice."""
    link = make_link(
        vivoldi, strtYmdt="2026-03-01 00:00:00", endYmdt="2026-03-31 23:59:59", expireUrl="https://example.com/over"
    )
    freeze(admin, "2026-02-01 00:00:00")
    early = visitor.get(f"/{link}")

    freeze(admin, "2026-04-01 00:00:00")
    late = visitor.get(f"/{link}")

    assert early.status_code == 403
    assert led_to(late) == (302, "https://example.com/over")


def test_a_link_is_deleted_at_its_date(vivoldi, visitor, admin):
    """A second before it leads on, then it is gone, and its group has one link less."""
    freeze(admin, "2026-03-15 11:59:59")
    link = make_link(vivoldi, delYmdt=NOON)
    before = visitor.get(f"/{link}")

    advance(admin, 1)
    after = visitor.get(f"/{link}")

    assert (before.status_code, after.status_code) == (302, 404)


def test_clicks_above_the_cap_are_blocked(vivoldi, visitor, admin):
    """The last click that is allowed leads on, the next one does not, nor to expireUrl, and is not counted."""
    link = make_link(vivoldi, acesMaxCnt=2, expireUrl="https://example.com/over")
    freeze(admin, NOON)

    statuses = []
    for _ in range(3):
        statuses.append(visitor.get(f"/{link}").status_code)
        advance(admin, 10)

    assert statuses == [302, 302, 403]
    assert clicks(vivoldi, link)[0] == 2


# --- password -----------------------------------------------------------------------------------------------


def test_a_link_asks_for_its_password(visitor):
    """The form has one labelled field, is sent by POST to where it stands, and nobody is led on."""
    answer = visitor.get("/xY5h")

    page = Page(answer)
    [field], [form], [label] = page.tags["input"], page.tags["form"], page.tags["label"]
    assert answer.status_code == 200
    assert (form["method"], "action" in form) == ("post", False)
    assert (field["name"], field["type"], label["for"]) == ("pwd", "password", field["id"])


def test_the_right_password_leads_on(vivoldi, visitor):
    """And counts, where the form did not."""
    visitor.get("/xY5h")
    before = clicks(vivoldi, "xY5h")

    answer = visitor.post("/xY5h", data={"pwd": "open sesame"})

    assert led_to(answer) == (302, "https://example.com/minutes")
    assert (before, clicks(vivoldi, "xY5h")) == ((3, 2), (4, 3))


@pytest.mark.parametrize("password", ["", "Open Sesame", "open sesame "])
def test_a_wrong_password_shows_the_form_again(vivoldi, visitor, password):
    """With 401 and a hint, and nothing is counted."""
    answer = visitor.post("/xY5h", data={"pwd": password})

    page = Page(answer)
    assert answer.status_code == 401
    assert "not the password" in page.text
    assert page.tags["input"][0]["aria-invalid"] == "true"
    assert clicks(vivoldi, "xY5h") == (3, 2)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", "application/x-www-form-urlencoded"),
        (b"password=x", "application/x-www-form-urlencoded"),
        (b"pwd: open sesame", "text/plain"),
    ],
)
def test_a_form_without_a_password_is_a_page_too(vivoldi, visitor, content, kind):
    """400 as HTML, and nobody is led on."""
    answer = visitor.post("/xY5h", content=content, headers={"Content-Type": kind})

    assert (answer.status_code, answer.headers["Content-Type"]) == (400, "text/html; charset=utf-8")
    assert clicks(vivoldi, "xY5h") == (3, 2)


def test_a_form_to_a_link_without_a_password_leads_on(visitor):
    """There is nothing to ask."""
    answer = visitor.post("/4Rt3", data={"pwd": "whatever"})

    assert led_to(answer) == (302, "https://example.com/welcome")


# --- messages and QR codes ----------------------------------------------------------------------------------


def test_a_push_link_asks_before_it_leads_on(vivoldi, visitor):
    """The landing page has a way on to the original URL for those who refuse; the visit counts."""
    link = make_link(vivoldi, notfSubscYn="Y")

    answer = visitor.get(f"/{link}")

    page = Page(answer)
    assert answer.status_code == 200
    assert [tag["href"] for tag in page.tags["a"]] == [TARGET]
    assert "Notification.requestPermission" in page.text
    assert clicks(vivoldi, link) == (1, 1)


def test_a_qr_code_leads_to_the_short_link(vivoldi, visitor):
    """It is a PNG of at most the size that was asked for; to show it counts nothing."""
    answer = visitor.get("/4Rt3/qr", params={"size": 150})

    width = int.from_bytes(answer.content[16:20])
    assert answer.headers["Content-Type"] == "image/png"
    assert 100 <= width <= 150
    assert text_of_png(answer.content) == "https://vvd.bz/4Rt3"
    assert clicks(vivoldi, "4Rt3") == (12, 9)


def test_a_qr_code_may_go_past_the_link(vivoldi, visitor):
    """With qrBypassYn it has the original URL in it."""
    vivoldi.put(UPDATE, json={"linkId": "4Rt3", "qrBypassYn": "Y"})

    answer = visitor.get("/4Rt3/qr")

    assert text_of_png(answer.content) == "https://example.com/welcome"


@pytest.mark.parametrize(("path", "status"), [("/none/qr", 404), ("/4Rt3/qr?size=0", 400), ("/4Rt3/qr?size=big", 400)])
def test_a_qr_code_that_cannot_be_shown_is_a_page(visitor, path, status):
    """HTML as everywhere on this side."""
    answer = visitor.get(path)

    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "text/html; charset=utf-8")


# --- counting -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("pauses", "counted"), [([4.9], 1), ([5], 2), ([3, 3], 2), ([3, 3, 3], 2)])
def test_the_same_visitor_counts_once_in_five_seconds(vivoldi, visitor, admin, pauses, counted):
    """From the click that was counted; who comes again later is the same unique user."""
    link = make_link(vivoldi)
    freeze(admin, NOON)
    visitor.get(f"/{link}")

    for pause in pauses:
        advance(admin, pause)
        visitor.get(f"/{link}")

    assert clicks(vivoldi, link) == (counted, 1)


@pytest.mark.parametrize(
    ("link", "status", "target"), [("4Rt3", 302, "https://example.com/welcome"), ("none", 404, None)]
)
def test_who_only_asks_where_a_link_leads_is_told(visitor, link, status, target):
    """A HEAD is answered as a GET is, without a body."""
    answer = visitor.head(f"/{link}")

    assert (led_to(answer), answer.content) == ((status, target), b"")


def test_who_only_asks_where_a_link_leads_has_not_clicked(vivoldi, visitor):
    """Checkers of links move no count, use up no cap, and a GET right after is counted."""
    link = make_link(vivoldi, acesMaxCnt=1)
    asked = [visitor.head(f"/{link}").status_code for _ in range(3)]
    before = clicks(vivoldi, link)

    followed = visitor.get(f"/{link}").status_code

    assert (asked, before) == ([302, 302, 302], (0, 0))
    assert (followed, clicks(vivoldi, link)) == (302, (1, 1))


def test_other_visitors_count_at_once(vivoldi, visitor):
    """Another address or another User-Agent is somebody else."""
    link = make_link(vivoldi)

    for address, agent in (("203.0.113.7", "One"), ("203.0.113.8", "One"), ("203.0.113.8, 10.0.0.1", "Two")):
        visitor.get(f"/{link}", headers={"X-Forwarded-For": address, "User-Agent": agent})

    assert clicks(vivoldi, link) == (3, 3)


def test_the_owner_is_told_at_the_threshold(vivoldi, visitor, admin):
    """By push and by mail, as the link asks, once."""
    link = make_link(vivoldi, pushNotifyYn="Y", mailNotifyYn="Y")
    account = admin.get("/state/vivoldi/accounts/50742").json()
    admin.put("/state/vivoldi/accounts/50742", json={**account, "alert_at": 2})

    for agent in ("One", "Two", "Three"):
        visitor.get(f"/{link}", headers={"User-Agent": agent})

    alerts = admin.get("/state/vivoldi/alerts").json()["records"]
    told = [(alert["kind"], alert["acesCnt"]) for alert in alerts if alert["link"] == f"{link}@vvd.bz"]
    assert told == [("push", 2), ("mail", 2)]


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_links_are_only_read(visitor, method):
    """Other methods are told the right ones."""
    answer = visitor.request(method, "/4Rt3")

    assert (answer.status_code, set(re.findall("[A-Z]+", answer.headers["Allow"]))) == (405, {"GET", "HEAD", "POST"})
