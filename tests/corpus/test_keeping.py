"""Well-known APIs, served from nothing but their documents: what is created is read, listed, changed, and then gone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from mockserver.server import Options, create_app

Json = Any
Way = tuple[str, ...]


def dig(value: Json, way: Way) -> Json:
    """The value at the end of a way through members."""
    for name in way:
        value = value[name]
    return value


@dataclass(frozen=True)
class Story:
    """How one API has its records.

    `new` makes the body of the number-th one, `form` says that bodies are forms; `ident` leads to the id in an answer,
    `item` is a record's own path, `listed` leads to a page's records. `limit` is the parameter that makes a page short,
    `after` says how to ask for the next page, given this one. `change` is a method and a body, `changed` what the
    record says then.
    """

    document: str
    path: str
    item: str
    new: Callable[[int], Json]
    ident: Way
    listed: Way
    limit: str
    after: Callable[[httpx.Response], Mapping[str, str] | str]
    change: tuple[str, Json]
    changed: tuple[Way, Json]
    form: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)


MOST = 20
MESSAGES = "/2010-04-01/Accounts/AC00000000000000000000000000000001/Messages"
MAPS = "/api/v1/namespaces/default/configmaps"

STORIES = [
    Story(
        "stripe.com",
        "/v1/customers",
        "/v1/customers/{}",
        lambda number: {"email": f"ann{number}@example.com"},
        ("id",),
        ("data",),
        "limit",
        lambda page: {"starting_after": page.json()["data"][-1]["id"]},
        ("POST", {"name": "Bea"}),
        (("name",), "Bea"),
        form=True,
    ),
    Story(
        "github.com/api.github.com",
        "/repos/octo/world/milestones",
        "/repos/octo/world/milestones/{}",
        lambda number: {"title": f"v{number}"},
        ("number",),
        (),
        "per_page",
        lambda page: page.links["next"]["url"],
        ("PATCH", {"title": "v9"}),
        (("title",), "v9"),
    ),
    Story(
        "kubernetes.io",
        MAPS,
        f"{MAPS}/{{}}",
        lambda number: {"metadata": {"name": f"map-{number}"}, "data": {"a": "1"}},
        ("metadata", "name"),
        ("items",),
        "limit",
        lambda page: {"continue": page.json()["metadata"]["continue"]},
        ("PATCH", {"data": {"b": "2"}}),
        (("data",), {"a": "1", "b": "2"}),
        headers={"Content-Type": "application/merge-patch+json"},
    ),
    Story(
        "twilio.com/api",
        f"{MESSAGES}.json",
        f"{MESSAGES}/{{}}.json",
        lambda number: {"To": "+4930000000", "From": "+4930000001", "Body": f"Hello {number}"},
        ("sid",),
        ("messages",),
        "PageSize",
        lambda page: page.json()["next_page_uri"],
        ("POST", {"Body": ""}),
        (("body",), ""),
        form=True,
    ),
    Story(
        "asana.com",
        "/tasks",
        "/tasks/{}",
        lambda number: {"data": {"name": f"Task {number}"}},
        ("data", "gid"),
        ("data",),
        "limit",
        lambda page: {"offset": page.json()["data"][-1]["gid"]},
        ("PUT", {"data": {"name": "Another"}}),
        (("data", "name"), "Another"),
    ),
    Story(
        "box.com",
        "/users",
        "/users/{}",
        lambda number: {"name": f"Ann {number}"},
        ("id",),
        ("entries",),
        "limit",
        lambda page: {"offset": str(page.json()["offset"] + page.json()["limit"])},
        ("PUT", {"name": "Bea"}),
        (("name",), "Bea"),
    ),
    Story(
        "digitalocean.com",
        "/v2/account/keys",
        "/v2/account/keys/{}",
        lambda number: {"name": f"key {number}", "public_key": "ssh-rsa AAAA"},
        ("ssh_key", "id"),
        ("ssh_keys",),
        "per_page",
        lambda page: page.json()["links"]["pages"]["next"],
        ("PUT", {"name": "other"}),
        (("ssh_key", "name"), "other"),
    ),
    Story(
        "gitea.io",
        "/repos/octo/world/labels",
        "/repos/octo/world/labels/{}",
        lambda number: {"name": f"bug {number}", "color": "#ff0000"},
        ("id",),
        (),
        "limit",
        lambda page: {"page": str(int(page.url.params.get("page", 1)) + 1)},
        ("PATCH", {"name": "feature"}),
        (("name",), "feature"),
    ),
]


@dataclass(frozen=True)
class Told:
    """One story with a client of the API that it is about."""

    story: Story
    client: httpx.Client

    def ask(self, method: str, path: str, body: Json = None, **more: Any) -> httpx.Response:
        """The answer, which kept the document."""
        written = {} if body is None else {"data" if self.story.form else "json": body}
        answer = self.client.request(method, path, **written, **more)
        assert "mock-violation" not in answer.headers
        return answer

    def create(self, number: int) -> str:
        """The id of a new record."""
        answer = self.ask("POST", self.story.path, self.story.new(number))
        assert answer.status_code in (200, 201), answer.text
        return str(dig(answer.json(), self.story.ident))

    def at(self, record_id: str) -> str:
        return self.story.item.format(record_id)

    def pages(self) -> Iterator[list[str]]:
        """The ids on each page of two, until one is short or names no next one."""
        story, inner = self.story, self.story.ident[-1 if self.story.ident[0] != "metadata" else 0 :]
        answer = self.ask("GET", story.path, params={story.limit: "2"})
        for _ in range(MOST):
            found = [str(dig(record, inner)) for record in dig(answer.json(), story.listed)]
            yield found
            if len(found) < 2:
                return
            try:
                after = story.after(answer)
            except (KeyError, TypeError):
                return
            where, more = (after, {}) if isinstance(after, str) else (story.path, {story.limit: "2", **after})
            answer = self.ask("GET", where, params=more or None)
        raise AssertionError(f"more than {MOST} pages")


@pytest.fixture(params=STORIES, ids=lambda story: story.document)
def told(corpus: Path, request: pytest.FixtureRequest) -> Iterator[Told]:
    """Each API in turn, in this process, with the credential that its document asks for."""
    app = create_app(Options(apis=(f"api={corpus / request.param.document}.json",)))
    with httpx.Client(transport=httpx.WSGITransport(app=app), base_url="http://127.0.0.1:4010") as client:
        [api] = client.get("/__admin/apis").json()["apis"]
        client.base_url = api["baseUrl"]
        if api["credential"]:
            client.headers[api["credential"]["header"]] = api["credential"]["value"]
        yield Told(request.param, client)


def test_what_was_created_is_read_back(told: Told) -> None:
    """With what was sent, as often as it is asked for."""
    record_id = told.create(1)

    first, second = told.ask("GET", told.at(record_id)), told.ask("GET", told.at(record_id))

    assert first.status_code == 200
    assert str(dig(first.json(), told.story.ident)) == record_id
    assert first.json() == second.json()


def test_what_was_created_is_on_one_of_the_pages(told: Told) -> None:
    """Each record is on one page, and each page has two but for the last."""
    made = [told.create(number) for number in (1, 2, 3)]

    pages = [*told.pages()]

    found = [record_id for page in pages for record_id in page]
    assert {*made} <= {*found}
    assert len(found) == len({*found})
    assert [len(page) for page in pages[:-1]] == [2] * (len(pages) - 1)


def test_what_was_changed_stays_so(told: Told) -> None:
    """The change is read back, and what it does not speak of is as it was."""
    record_id = told.create(1)
    method, body = told.story.change
    way, value = told.story.changed

    changed = told.ask(method, told.at(record_id), body, headers=dict(told.story.headers))

    assert changed.status_code == 200, changed.text
    assert dig(told.ask("GET", told.at(record_id)).json(), way) == value


def test_what_was_deleted_is_gone(told: Told) -> None:
    """It can be neither read nor found among the others; those are still there."""
    kept, gone = told.create(1), told.create(2)

    deleted = told.ask("DELETE", told.at(gone))

    found = [record_id for page in told.pages() for record_id in page]
    assert deleted.status_code in (200, 204)
    assert told.ask("GET", told.at(gone)).status_code == 404
    assert told.ask("GET", told.at(kept)).status_code == 200
    assert (kept in found, gone in found) == (True, False)
