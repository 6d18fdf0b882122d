"""What a divergence tells beyond the two values."""

import json

import pytest

from mockserver.contract.compare.compare_options import CompareOptions
from mockserver.contract.compare.compare_report import replaying
from mockserver.contract.compare.divergence import Divergence, GivenAgain, given_again
from mockserver.contract.replay.difference import Difference, DifferenceKind
from mockserver.contract.replay.planned_request import PlannedRequest
from mockserver.contract.replay.player import PlayedAnswer, RequestAsSent
from mockserver.contract.replay.request_sequence import RequestSequence

POST = PlannedRequest("POST", "/books", operation="createBook")
PATCH = PlannedRequest("PATCH", "/books/{id}", operation="changeBook")
GET = PlannedRequest("GET", "/books/{id}", operation="getBook")
LIST = PlannedRequest("GET", "/books", operation="listBooks")


def diverging(steps, lefts, rights, *found):
    """A divergence with these bodies."""
    left, right = (
        tuple(PlayedAnswer(RequestAsSent("GET"), 200, (), json.dumps(body).encode()) for body in bodies)
        for bodies in (lefts, rights)
    )
    return Divergence(RequestSequence(tuple(steps)), left, right, tuple(found))


@pytest.mark.parametrize(
    ("lefts", "rights", "expected"),
    [
        ((1, 2), (7, 7), GivenAgain(is_mocks=False, other_value=1)),
        ((1, 1), (7, 8), GivenAgain(is_mocks=True, other_value=7)),
        ((1, 2), (7, "x"), None),
    ],
)
def test_an_id_given_again_is_known_by_the_record_that_had_it(lefts, rights, expected):
    """On either side."""
    found = Difference(DifferenceKind.VALUE, "/book/id", lefts[1], rights[1])
    bodies = [[{"book": {"id": one}} for one in side] for side in (lefts, rights)]

    assert given_again(diverging([POST, POST], *bodies, found), found) == expected


def test_one_lost_member_is_one_loss_however_it_is_read():
    """A value of before, and none at all; of another member, or after another write, it is another one."""
    reads = [
        diverging([POST, write, read], [{}] * 3, [{}] * 3, Difference(DifferenceKind(kind), place, "a", "b"))
        for write, read, kind, place in (
            (PATCH, GET, "value", "/note"),
            (PATCH, LIST, "missing", "/items/0/note"),
            (PATCH, GET, "value", "/title"),
            (POST, GET, "value", "/note"),
            (PATCH, GET, "length", "/tags"),
        )
    ]

    assert [one.lost == reads[0].lost for one in reads] == [True, True, False, False, False]


def test_the_line_that_plays_a_case_again_has_no_secret():
    """The headers are variables of the shell, and all that was given beside them is there."""
    headers = ["X-Api-Key: s3cret", "Authorization: Bearer s3cret", "Cookie: sid=s3cret"]
    options = CompareOptions("pets.yaml", "http://127.0.0.1:1/v1", headers=headers, writes=True, ignore=["a b"])

    assert replaying(options, "cases/1.yaml") == (
        'mockserver compare pets.yaml --url http://127.0.0.1:1/v1 -H "X-Api-Key: $X_API_KEY" '
        '-H "Authorization: Bearer $TOKEN" -H "Cookie: sid=$SID" '
        "--ignore 'a b' --writes --replay cases/1.yaml"
    )
