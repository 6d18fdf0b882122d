"""What a probe looks at in answers."""

import pytest

from mockserver.contract.probe.look import ABSENT, TimedAnswer, look_of
from mockserver.contract.probe.probe_text import filled
from mockserver.contract.replay.player import PlayedAnswer, RequestAsSent
from mockserver.json_text import encode

BODY = {"total": 3, "items": [{"at": "2026-03-21T14:30:00Z"}, {"at": "2026-03-20T14:30:00Z"}], "name": None}


def answer(body=BODY, status=200, at=0.0, **headers):
    """An answer to nothing."""
    return TimedAnswer(PlayedAnswer(RequestAsSent("GET"), status, tuple(headers.items()), encode(body)), at)


@pytest.mark.parametrize(
    ("look", "seen"),
    [
        ("status", 200),
        ("/total", 3),
        ("/items/-1/at", "2026-03-20T14:30:00Z"),
        ("/items/*/at", ["2026-03-21T14:30:00Z", "2026-03-20T14:30:00Z"]),
        ("/nothing", ABSENT),
        ("header Allow", "GET"),
        ("has header Retry-After", False),
        ("has /name", True),
        ("type /name", "null"),
        ("type /items", "array"),
        ("count /items", 2),
        ("members /items/0", ["at"]),
        ("order /items/*/at", "down"),
        ("age /items/0/at", 9.0),
        ("/items/0/at ~ ^2026", True),
        ("/total = before /total", False),
        ("/total - before /total", 2),
        ("/items/0/at - before /at", 60),
        ("distinct status", 1),
        ("varies status", False),
    ],
)
def test_a_look_sees_a_part_of_an_answer(look, seen):
    """The part itself, or what is said of it."""
    before = answer({"total": 1, "at": "2026-03-21T14:29:00Z"})
    at = 1774071000.0  # 2026-03-21T05:30:00Z

    found = look_of(look).seen([answer(Allow="GET", at=at)], {"before": before})

    assert found == seen


def test_answers_to_a_repeated_request_may_differ():
    """How many values there are, and whether there is more than one."""
    answers = [answer(status=status) for status in (200, 429, 200)]

    assert look_of("distinct status").seen(answers, {}) == 2
    assert look_of("varies status").seen(answers, {}) is True
    assert look_of("status").seen(answers, {}) == [200, 429, 200]


def test_a_reference_alone_keeps_its_type():
    """In a longer text it becomes text."""
    body = {"ids": ["{thing /id}"], "name": "no. {thing /id | upper}", "plain": "{thing}/{id}"}

    found = filled(body, lambda reference: 7 if reference.name == "thing" else "?")

    assert found == {"ids": [7], "name": "no. 7", "plain": "7/?"}
