"""Commits as bytes are read as they were: every kind of place, exchange and rule."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.codec.commit_codec import commit_of_bytes, commit_to_bytes, content_of_bytes, content_to_bytes
from mockserver.codec.packed import UnreadableCommit, packed
from mockserver.engine.interventions.fault import Delay, Fault
from mockserver.engine.interventions.next_answer import NextAnswer
from mockserver.engine.interventions.stub import Stub
from mockserver.engine.steps.conditional import Version
from mockserver.engine.steps.idempotency import StoredReply
from mockserver.messages import Delivery, Exchange, Request, Response
from mockserver.problem import Violation
from mockserver.state.clock import ClockState
from mockserver.state.commits.commit import Change, Commit, Content
from mockserver.state.event_feed import LiveEvent
from mockserver.state.interventions import RuleState
from mockserver.state.random_source import RandomState
from mockserver.state.records.collection import KeptRecord
from mockserver.state.records.record import Record
from mockserver.web.header_fields import HeaderFields

REPLY = StoredReply(b"\x01", b"\x02", Response(201, {"id": 2**70}, (("ETag", '"1"'),)), "req_1", 9.5, 1.0)
STUB = Stub(request={"urlPath": "/a"}, response={"jsonBody": None}, scenario="s", new_state="on", check=False, times=2)
CHANGES = {
    "a record": Change(("records", "shop", "orders"), 5, KeptRecord(2**32, {"id": 5, "tags": ["a"], "big": 2**80})),
    "a deleted record": Change(("records", "shop", "orders"), "x", None),
    "a delivery": Change(("outbox",), 1, KeptRecord(1, {"id": 1, "state": "due", "due": 1.5, "attempts": []})),
    "a sequence": Change(("sequences", "shop"), "orders", 7),
    "a meter": Change(("meters", "shop"), ("hour", "key"), [1.0, 2.5, 3.0]),
    "a reply": Change(("replies", "shop"), ("secret", "key"), REPLY),
    "a version": Change(("versions", "shop"), ("/a?", "", "secret"), Version(b"\xff", 12)),
    "a fault": Change(("rules", "fault"), "id", RuleState(Fault(status=503, headers={"A": "b"}, body=[1]), 1, 2, 1)),
    "a slow fault": Change(("rules", "fault"), "id", RuleState(Fault(delay=Delay(lower=1, upper=2), every=3), 2, 0, 0)),
    "a stub": Change(("rules", "stub"), "id", RuleState(STUB, 1, 0, 0)),
    "a next answer": Change(
        ("rules", "next answer"), "id", RuleState(NextAnswer("GET /a", body={"a": [None]}, times=3), 1, 0, 0)
    ),
    "a scenario": Change(("scenarios",), "s", "on"),
    "an event": Change(("feed",), 0, LiveEvent("shop", "ann", "orders", "made", {"id": 1})),
    "a removed exchange": Change(("journal",), (1, 2), None),
    "the clock": Change(("facts",), "clock", ClockState(0.0, None, float("-inf"))),
    "chance": Change(("facts",), "chance", RandomState(3, 40)),
    "no chance of rules": Change(("facts",), "rule_chance", None),
    "credentials": Change(("facts",), "issued", (("shop", "keys", Record({"id": "k"})),)),
    "a number": Change(("facts",), "exchanges", 4),
}  # fmt: skip
REQUEST = Request(
    "POST", "/ä", "a=%20", HeaderFields({"host": "a", "x": "é"}), b"\xff", "127.0.0.1", (413, "too-large", "x"),
    "/~w/shop", "/~w/shop/ä", "https://shop.example",
)  # fmt: skip
EXCHANGE = Exchange(
    3, 1.25, "w", "shop", "POST /orders", REQUEST, 503, (("A", "b"),), b"\x00", (Violation("body", "/a", "type", "m"),),
    (Violation("response", "/b", "enum", "m", "seen", ["a", 2**70]),), ("shop.fault=503",), "fault", 0.01, 2_600,
    Delivery(0.5, 10.0, "reset"),
)  # fmt: skip


@pytest.mark.parametrize("kind", CHANGES)
def test_a_change_is_read_as_it_was(kind: str):
    """With the types that the world's places expect."""
    change = CHANGES[kind]

    (read,) = commit_of_bytes(commit_to_bytes(Commit((change,)))).changes

    assert (read, types(read)) == (change, types(change))


def test_an_exchange_is_read_as_it_was():
    """All of its members, and the header fields in any case."""
    (read,) = commit_of_bytes(commit_to_bytes(Commit((), (EXCHANGE,)))).exchanges

    assert read._replace(request=REQUEST) == EXCHANGE
    assert read.request._replace(headers=REQUEST.headers) == REQUEST
    assert (dict(read.request.headers), read.request.headers["HOST"]) == ({"Host": "a", "X": "é"}, "a")


def test_an_exchange_is_written_without_the_code_that_its_delivery_calls():
    """What is called when a slow answer was given is called where it was given."""
    slow = EXCHANGE._replace(delivery=Delivery(0.5, finish=lambda: None))

    (read,) = commit_of_bytes(commit_to_bytes(Commit((), (slow,)))).exchanges

    assert read.delivery == Delivery(0.5)


def test_a_whole_content_is_read_as_it_was():
    """Alone, and in the commit of a world that began anew."""
    content = Content((CHANGES["a record"],), tuple(CHANGES.values()))

    assert content_of_bytes(content_to_bytes(content)) == content
    assert commit_of_bytes(commit_to_bytes(Commit((), (), content))).content == content


@pytest.mark.parametrize("written", [packed([2, [], [], None]), packed({}), packed([1, []]), packed(None)])
def test_bytes_of_another_form_are_refused(written: bytes):
    """With the form that is expected, so that whoever has changed versions is told."""
    with pytest.raises(UnreadableCommit, match=r"form 1\), got form"):
        commit_of_bytes(written)


def types(value: Any) -> Any:
    """The types of a value and of what is in it, as far as they are told apart."""
    if isinstance(value, tuple):
        return type(value), [types(item) for item in value]
    return "object" if isinstance(value, dict) else "array" if isinstance(value, list) else type(value)
