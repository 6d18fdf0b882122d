"""Addresses, keys and small steps that the tests of vivoldi share."""

from typing import Any

import httpx

CREATE_GROUP = "/api/link-group/v1/create"
UPDATE_GROUP = "/api/link-group/v1/update"
DELETE_GROUP = "/api/link-group/v1/delete"
LIST_GROUPS = "/api/link-group/v2/list"
LIST_GROUPS_V1 = "/api/link-group/v1/list"
CREATE = "/api/link/v2/create"
BULK = "/api/link/v1/createBulk"
UPDATE = "/api/link/v2/update"
DELETE = "/api/link/v1/delete"
LIST = "/api/link/v1/list"
BY_DATE = "/api/statistics/v2/clicks-by-date"
BY_DATE_V1 = "/api/statistics/v1/clicks-by-date"
BY_HOUR = "/api/statistics/v2/clicks-by-hour"
BY_HOUR_V1 = "/api/statistics/v1/clicks-by-hour"
BY_GROUP = "/api/link/v1/clicks-by-group"

FREE = {"Authorization": "APIKey fR3eQ7vXk2LmPz9TbWn4YcHd8JsGa1Ue"}
PERSONAL = {"Authorization": "APIKey pE6rS0nAl4KwVt8BqXm2ZhCj5DyGu9Fo"}
PREMIUM = {"Authorization": "APIKey pR4mU8iTc1XvLw7NzBs5QyGj2HdKf9Eo"}
BUSINESS = {"Authorization": "APIKey bU6sN3eWs8RtYk1PqMv4ZcXh7LgDj2Fa"}
NO_KEY = {"Authorization": ""}

DONE = {"code": 0, "message": "", "result": None}
TARGET = "https://example.com/spring?from=mail"


def verdict(answer: httpx.Response) -> tuple[int, int]:
    """HTTP status and code."""
    return answer.status_code, answer.json()["code"]


def make_group(client: httpx.Client, **fields: Any) -> int:
    """The id of a new group."""
    idx: int = client.post(CREATE_GROUP, json={"nm": "Made here", **fields}).json()["result"]
    return idx


def make_link(client: httpx.Client, **fields: Any) -> str:
    """The id of a new link to TARGET."""
    url: str = client.post(CREATE, json={"url": TARGET, **fields}).json()["result"]
    return url.rpartition("/")[2]


def group_row(client: httpx.Client, idx: int) -> Any:
    """The group as the vendor's own list shows it."""
    return client.get(LIST_GROUPS, params={"grpIdx": idx}).json()["result"]["list"][0]


def links(client: httpx.Client, headers: dict[str, str] | None = None, **filters: Any) -> Any:
    """The rows of the list of links that fit the filters, of all times."""
    params = {"regStartYmdt": "2020-01-01 00:00:00", "regEndYmdt": "2099-12-31 23:59:59", "pages": 1, **filters}
    return client.get(LIST, params=params, headers=headers).json()["result"]["list"]


def link_row(client: httpx.Client, link_id: str) -> Any:
    """The link as the vendor's own list shows it."""
    return links(client, linkId=link_id)[0]


def clicks(client: httpx.Client, link_id: str) -> tuple[int, int]:
    """Clicks and unique users of a link."""
    row = link_row(client, link_id)
    return row["acesCnt"], row["pernCnt"]


def freeze(admin: httpx.Client, korean: str) -> None:
    """It is this time in Korea, and stays so."""
    admin.post("/clock/freeze", json={"at": korean.replace(" ", "T") + "+09:00"}).raise_for_status()


def advance(admin: httpx.Client, seconds: float) -> None:
    """It is so much later."""
    admin.post("/clock/advance", json={"seconds": seconds}).raise_for_status()


def led_to(answer: httpx.Response) -> tuple[int, str | None]:
    """Status and address of a redirect."""
    return answer.status_code, answer.headers.get("Location")
