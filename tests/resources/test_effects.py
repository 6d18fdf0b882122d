"""What an action sets on a record, by its name and by what the record has."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.resources.detect.effects import LESS, MORE, NEW, NOW, Action, effect_of, in_words
from mockserver.resources.detect.schema_shape import SchemaPlace, SchemaShapes

FLAG = {"type": "boolean"}
MOMENT = {"type": ["string", "null"], "format": "date-time"}
STAMP = {"type": "integer"}
TEXT = {"type": "string"}


def states(*names: str) -> Any:
    """A schema of these states."""
    return {"type": "string", "enum": [*names]}


def effect(action: str, members: Any, *, undo: bool = False) -> dict[str, Any]:
    """What the action sets on a record of these members."""
    shapes = SchemaShapes({})
    return effect_of(
        shapes, shapes.at(SchemaPlace({"type": "object", "properties": members}, "/it")), action, undo=undo
    )


@pytest.mark.parametrize(
    ("action", "members", "sets"),
    [
        ("complete", {"done": FLAG}, {"done": True}),
        ("complete", {"is_complete": FLAG, "completed_at": MOMENT}, {"is_complete": True, "completed_at": NOW}),
        ("complete", {"status": states("open", "done")}, {"status": "done"}),
        ("complete", {"status": states("done", "completed")}, {"status": "completed"}),
        ("close", {"closed": FLAG, "isOpen": FLAG}, {"closed": True, "isOpen": False}),
        (
            "reopen",
            {"closed": FLAG, "closedAt": MOMENT, "state": states("open", "closed")},
            {"closed": False, "closedAt": None, "state": "open"},
        ),
        ("unarchive", {"archived": FLAG, "archived_at": MOMENT}, {"archived": False, "archived_at": None}),
        ("publish", {"status": states("draft", "published")}, {"status": "published"}),
        ("unpublish", {"is_published": FLAG, "status": states("draft")}, {"is_published": False, "status": "draft"}),
        ("disable", {"enabled": FLAG, "active": FLAG}, {"enabled": False, "active": False}),
        ("activate", {"active": FLAG, "status": states("inactive", "active")}, {"active": True, "status": "active"}),
        ("unlock", {"locked": FLAG}, {"locked": False}),
        ("pin", {"pinned": FLAG}, {"pinned": True}),
        ("cancel", {"cancelled": FLAG, "canceled_at": STAMP}, {"cancelled": True, "canceled_at": NOW}),
        ("approve", {"status": states("pending", "approved")}, {"status": "approved"}),
        ("reject", {"approved": FLAG, "state": states("declined")}, {"approved": False, "state": "declined"}),
        ("resume", {"paused": FLAG, "status": states("paused", "active")}, {"paused": False, "status": "active"}),
        (
            "start",
            {"status": states("stopped", "starting", "running"), "started_at": MOMENT},
            {"status": "running", "started_at": NOW},
        ),
        ("mark-as-read", {"read": FLAG, "readAt": MOMENT}, {"read": True, "readAt": NOW}),
        ("markAsUnread", {"is_read": FLAG, "read_at": MOMENT}, {"is_read": False, "read_at": None}),
        ("set-default", {"isDefault": FLAG}, {"isDefault": True}),
        ("check-in", {"checked_in": FLAG, "checked_out": FLAG}, {"checked_in": True}),
        ("issue", {"issued": FLAG, "sued": FLAG}, {"issued": True}),
        ("ping", {"pings_left": STAMP, "status": states("open"), "done": FLAG, "created_at": MOMENT}, {}),
        ("vote", {"votes": STAMP, "votes_left": STAMP, "status": states("open"), "done": FLAG}, {"votes": MORE}),
        ("like", {"likes_count": STAMP, "liked": FLAG}, {"likes_count": MORE, "liked": True}),
        ("unlike", {"like_count": STAMP, "liked": FLAG}, {"like_count": LESS, "liked": False}),
        ("retry", {"retries": STAMP}, {"retries": MORE}),
        ("cancel", {"status": TEXT}, {"status": "cancelled"}),
        ("cancel", {"status": {**TEXT, "description": "OPEN, SHIPPED or CANCELED"}}, {"status": "CANCELED"}),
        ("submit", {"state": TEXT, "address_state": TEXT}, {"state": "submitted"}),
        ("ping", {"status": TEXT}, {}),
        ("accept", {"proposalState": states("SELLER_REVIEW", "BUYER_ACCEPTED")}, {"proposalState": "BUYER_ACCEPTED"}),
        ("accept", {"status": states("open", "not_accepted")}, {}),
        ("verify-email", {"email_verified": FLAG, "phone_verified": FLAG}, {"email_verified": True}),
        ("verifydkim", {"DKIMVerified": FLAG, "SPFVerified": FLAG}, {"DKIMVerified": True}),
        ("accept", {"accepted": MOMENT}, {"accepted": NOW}),
        ("cancel", {"cancelTime": MOMENT, "startTime": MOMENT}, {"cancelTime": NOW}),
        ("regenerate-token", {"token": TEXT, "name": TEXT}, {"token": NEW}),
        ("resetSecret", {"client_secret": TEXT, "secret_kind": states("a")}, {"client_secret": NEW}),
        ("lock", {"locked": FLAG, "state": TEXT}, {"locked": True}),
        ("pay", {"paid": FLAG, "status": TEXT}, {"paid": True, "status": "paid"}),
        ("cancel-action", {"status": TEXT, "action": {"type": ["object", "null"]}}, {"action": None}),
        ("remove-avatar", {"avatar": {"type": ["string", "null"]}, "removed": FLAG}, {"avatar": None}),
        ("unassign", {"assignee_id": {"type": ["integer", "null"]}}, {"assignee_id": None}),
        ("publish", {"published_on": MOMENT, "published_at": MOMENT}, {"published_at": NOW}),
        ("publish", {"draft": FLAG, "status": states("draft", "live")}, {"draft": False, "status": "live"}),
        ("update-branch", {"updated_at": MOMENT}, {}),
        ("start", {"status": states("STARTING", "IN_PROGRESS")}, {"status": "IN_PROGRESS"}),
        ("cancellation", {"status": states("open", "cancelled")}, {"status": "cancelled"}),
        ("follow", {"following": FLAG, "followersCount": STAMP}, {"following": True, "followersCount": MORE}),
        ("star", {"stargazers_count": STAMP}, {"stargazers_count": MORE}),
        ("priority", {"priority": STAMP}, {}),
        ("checkout", {"status": states("open", "checked_out")}, {"status": "checked_out"}),
        ("dismiss", {"state": {**TEXT, "example": "PENDING"}}, {"state": "DISMISSED"}),
        (
            "archive",
            {"type": TEXT, "attributes": {"type": "object", "properties": {"archived": FLAG}}},
            {"attributes": {"archived": True}},
        ),
        ("☃", {"done": FLAG}, {}),
    ],
)
def test_an_action_sets_the_members_that_are_called_so(action: str, members: Any, sets: dict[str, Any]) -> None:
    """By its participle, what else it is called, or the opposite; and nothing that is about something else."""
    assert effect(action, members) == sets


def test_a_description_names_the_state() -> None:
    """Where nothing is called as the action is; and the collection's own name says nothing."""
    shapes = SchemaShapes({})
    record = shapes.at(
        SchemaPlace({"type": "object", "properties": {"status": states("live", "draft", "open")}}, "/it")
    )

    found = effect_of(shapes, record, Action("withhold", "Takes a published post back to draft state."))

    assert found == {"status": "draft"}
    assert effect_of(shapes, record, Action("withhold", "From draft to live or to open.")) == {}
    assert effect_of(shapes, record, Action("reopen-issue", "", "issues")) == {"status": "open"}
    assert effect_of(shapes, record, Action("status", "Changes it, such as to draft.")) == {}


def test_what_undoes_an_action_sets_the_opposite() -> None:
    """A moment that cannot be null stays as it was."""
    members = {"starred": FLAG, "starred_at": MOMENT, "starred_on": {"type": "string", "format": "date"}}

    assert effect("star", members, undo=True) == {"starred": False, "starred_at": None}


def test_what_an_action_sets_is_told() -> None:
    """As `mockserver routes --explain` shows it."""
    assert in_words({"done": True, "closed_at": NOW, "read_at": None, "status": "open"}) == (
        "`done` to true, `closed_at` to the moment, `read_at` to null, `status` to `open`"
    )


def test_every_value_that_an_action_sets_is_told():
    """Lists too; a number is not taken for a truth value."""
    told = in_words({"tags": [], "done": True, "position": 1, "owner": None})

    assert told == "`tags` to `[]`, `done` to true, `position` to `1`, `owner` to null"
