"""Every status that the document declares is answered by a request that stands here.

Left out is 500: only a mock that fails itself gives it, as in test_failures.py.
"""

import pytest

from mockserver.server import Options, load_services
from tests.vendors.vivoldi_world import (
    BULK,
    BY_DATE,
    BY_DATE_V1,
    BY_GROUP,
    BY_HOUR,
    BY_HOUR_V1,
    CREATE,
    CREATE_GROUP,
    DELETE,
    DELETE_GROUP,
    FREE,
    LIST,
    LIST_GROUPS,
    LIST_GROUPS_V1,
    NO_KEY,
    UPDATE,
    UPDATE_GROUP,
    make_link,
)

MUCH = b'{"grpIdx": 5066, "memo": "' + b"x" * 10 * 1024 * 1024 + b'"}'
OPERATIONS = {
    "createLinkGroup": ("POST", CREATE_GROUP),
    "updateLinkGroup": ("PUT", UPDATE_GROUP),
    "deleteLinkGroup": ("DELETE", DELETE_GROUP),
    "listLinkGroupsV1": ("GET", LIST_GROUPS_V1),
    "listLinkGroups": ("GET", LIST_GROUPS),
    "createLink": ("POST", CREATE),
    "createLinks": ("POST", BULK),
    "listLinks": ("GET", LIST),
    "updateLink": ("PUT", UPDATE),
    "deleteLink": ("DELETE", DELETE),
    "clicksByDate": ("GET", BY_DATE),
    "clicksByDateV1": ("GET", BY_DATE_V1),
    "clicksByHour": ("GET", BY_HOUR),
    "clicksByHourV1": ("GET", BY_HOUR_V1),
    "clicksByGroup": ("GET", BY_GROUP),
}
WITH_BODY = ("createLinkGroup", "updateLinkGroup", "createLink", "createLinks", "updateLink")


def usual(method, path):
    """A refusal of the service itself is a 200 as well: nothing is sent that the operation needs."""
    return lambda client: client.request(method, path)


def nameless(method, path):
    """No User-Agent."""
    return lambda client: client.request(method, path, headers={"User-Agent": ""})


def keyless(method, path):
    """No key."""
    return lambda client: client.request(method, path, headers=NO_KEY)


def too_often(method, path):
    """The first refusal to the Free account."""
    answers = lambda client: (client.request(method, path, headers=FREE) for _ in range(61))  # noqa: E731  # as its neighbours
    return lambda client: next(answer for answer in answers(client) if answer.status_code == 429)


def too_long(method, path):
    """More than 10 MiB."""
    return lambda client: client.request(method, path, content=MUCH)


def visit(path, **fields):
    """A visit of a new link with these fields, or of one that is there."""
    return lambda client: client.get(path.format(link=make_link(client, **fields) if fields else "none"))


def enter(password, **fields):
    """A password for a new link with these fields."""
    return lambda client: client.post(f"/{make_link(client, **fields)}", data={"pwd": password})


PAST, COMING = {"endYmdt": "2020-01-01 00:00:00"}, {"strtYmdt": "2098-01-01 00:00:00"}

SITUATIONS = {
    **{(name, 200): usual(*where) for name, where in OPERATIONS.items()},
    **{(name, 401): keyless(*where) for name, where in OPERATIONS.items()},
    **{(name, 403): nameless(*where) for name, where in OPERATIONS.items()},
    **{(name, 429): too_often(*where) for name, where in OPERATIONS.items()},
    **{(name, 413): too_long(*OPERATIONS[name]) for name in WITH_BODY},
    ("visitLink", 200): visit("/{link}", redirectType=200),
    ("visitLink", 301): visit("/{link}", redirectType=301),
    ("visitLink", 302): visit("/{link}", redirectType=302),
    ("visitLink", 403): visit("/{link}", **COMING),
    ("visitLink", 404): visit("/{link}"),
    ("visitLink", 410): visit("/{link}", **PAST),
    ("enterPassword", 200): enter("right", pwd="right", redirectType=200),
    ("enterPassword", 301): enter("right", pwd="right", redirectType=301),
    ("enterPassword", 302): enter("right", pwd="right"),
    ("enterPassword", 400): lambda client: client.post("/xY5h", data={"password": "x"}),
    ("enterPassword", 401): enter("wrong", pwd="right"),
    ("enterPassword", 403): enter("right", pwd="right", **COMING),
    ("enterPassword", 404): lambda client: client.post("/none", data={"pwd": "x"}),
    ("enterPassword", 410): enter("right", pwd="right", **PAST),
    ("enterPassword", 413): lambda client: client.post("/xY5h", data={"pwd": "x" * 10 * 1024 * 1024}),
    ("showQrCode", 200): visit("/{link}/qr", redirectType=302),
    ("showQrCode", 400): visit("/{link}/qr?size=big"),
    ("showQrCode", 404): visit("/{link}/qr"),
}
STOPPED = {(name, 400): where for name, where in OPERATIONS.items() if name in WITH_BODY}


@pytest.mark.parametrize(("operation", "status"), SITUATIONS)
def test_every_status_is_answered(vivoldi, admin, operation, status):
    """By the operation that declares it."""
    answer = SITUATIONS[operation, status](vivoldi)

    last = admin.get("/requests", params={"limit": 1}).json()["requests"][0]
    assert answer.status_code == status
    assert last["operation"] == operation


@pytest.mark.parametrize(("operation", "status"), STOPPED)
def test_a_status_of_another_assumption_is_answered(switched, operation, status):
    """400 is for a mock that is told to stop unreadable bodies on their way."""
    client = switched("vivoldi", **{"unreadable-body": "stop"})

    answer = client.request(*STOPPED[operation, status], content=b"{")

    assert answer.status_code == status


def test_these_are_all_statuses_of_the_document():
    """No operation declares another one, but for 500."""
    [service] = load_services(Options(apis=("vivoldi",))).values()

    declared = {(operation.id, int(status)) for operation in service.spec.operations for status in operation.answers}

    assert declared - {(operation.id, 500) for operation in service.spec.operations} == {*SITUATIONS, *STOPPED}
