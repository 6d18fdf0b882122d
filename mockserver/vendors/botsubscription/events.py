"""Events of targets: sent to live clients at once, and to the project's webhooks through the outbox."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from mockserver.json_text import Json
from mockserver.state.event_feed import LiveEvent
from mockserver.state.records.collection import Found
from mockserver.state.records.record import Record
from mockserver.state.world import ApiState

Change = tuple[Record | None, Record | None]
"""A target before and after; None: there was none, there is none any more."""

API, CHANNEL = "botsubscription", "targets"
BACKOFF: Mapping[str, tuple[float, ...]] = {
    "two-hours": (10, 60, 300, 1_800, 7_200),
    "a-day": (60, 300, 1_800, 7_200, 21_600, 57_600),
    "once": (),
}
ATTEMPT_SECONDS = 10.0


def has_audience(state: ApiState, project: str) -> bool:
    """Whether a live client or a webhook receives events of the project's targets."""
    return state.world.feed.has_subscriber or bool(hooks_of(state, project))


def hooks_of(state: ApiState, project: str) -> Found:
    """The webhooks that the project's events go to."""
    return [hook for hook in state["webhooks"].find("_project", project) if not hook["_paused"]]


def announce(state: ApiState, choices: Mapping[str, str], changes: Iterable[Change]) -> None:
    """Sends the events of each change, once the transaction has succeeded."""
    # Ids are of a stream of their own: whether anybody listens does not change what requests are answered.
    ids = state.chance.substream(f"events {state.next_number('events')}")
    for before, after in changes:
        target = after if after is not None else before
        if target is not None and has_audience(state, target["_project"]):
            for event in event_names(before, after, choices):
                send_event(state, choices, event, live_body(target, event, ids.uuid(), state.clock.now(), choices))


def event_names(before: Record | None, after: Record | None, choices: Mapping[str, str]) -> list[str]:
    """The names of the events between the two states of a target; empty where they are alike."""
    if before is None:
        return ["target.added"]
    if after is None:
        return ["target.removed"]
    events = ["target.renamed"] if before["target_name"] != after["target_name"] else []
    if before["is_enabled"] != after["is_enabled"]:
        events.append("target.enabled" if after["is_enabled"] else "target.disabled")
    return events if choices["event-names"] == "each-its-own" else ["target.updated"] * bool(events)


def send_event(state: ApiState, choices: Mapping[str, str], event: str, body: Json) -> None:
    """Publishes one event to the feed, and puts it into the outbox for the project's webhooks where they get it."""
    project = body["project_id"]
    state.world.feed.publish(LiveEvent(API, project, CHANNEL, event, body))
    hooks = hooks_of(state, project)
    if not hooks or (choices["webhook-events"] == "added-only" and event != "target.added"):
        return
    content = json.dumps(webhook_body(body, event, choices), ensure_ascii=False, separators=(",", ":")).encode()
    for hook in hooks:
        state.outbox.put(
            event=event,
            url=hook["url"],
            body=content,
            endpoint=hook["id"],
            secret=hook["_secret"],
            delays=BACKOFF[choices["webhook-backoff"]],
            timeout=ATTEMPT_SECONDS,
            about={"event_id": body["event_id"], "unlisted": choices["unlisted-statuses"]},
        )


def live_body(target: Record, event: str, event_id: str, at: float, choices: Mapping[str, str]) -> Json:
    """The message to live clients: the envelope of every broadcast, the channel's members, and the target."""
    body = {
        "event_id": event_id,
        "emitted_at": round(at * 1000),
        "channel": CHANNEL,
        "project_id": target["_project"],
        "platform": target["platform"],
    }
    if event == "target.removed" and choices["removed-targets"] == "id-only":
        return {**body, "target_id": target["target_id"]}
    return {**body, "target": {name: target[name] for name in SNAPSHOT}}


SNAPSHOT = (
    "target_id",
    "target_name",
    "platform",
    "kind",
    "external_id",
    "is_enabled",
    "parent_target_id",
    "plan_count",
    "participant_count",
)


def webhook_body(body: Json, event: str, choices: Mapping[str, str]) -> Json:
    """The body of the event for webhooks."""
    if choices["webhook-body"] == "flat":
        return {"event": event, **body}
    inner = {name: value for name, value in body.items() if name not in ("event_id", "emitted_at")}
    return {"event": event, "event_id": body["event_id"], "emitted_at": body["emitted_at"], "data": inner}


def follow(
    state: ApiState, collection: str, before: Record | None, after: Record | None, choices: Mapping[str, str]
) -> None:
    """Sends the events of a target that the control API wrote, and counts the plans of targets after a plan was
    written, as the vendor's bot and dashboard would.
    """
    if collection == "targets":
        announce(state, choices, [(before, after)])
    if collection == "plans":
        recount(state, {target for plan in (before, after) if plan is not None for target in plan["_targets"]})


def recount(state: ApiState, target_ids: Iterable[str]) -> None:
    """Stores in each of these targets the number of plans that hold it."""
    targets = state["targets"]
    held = [target_id for plan in state["plans"] for target_id in plan["_targets"]]
    for target in targets.pick(target_ids):
        if (count := held.count(target["target_id"])) != target["plan_count"]:
            targets.update(target["target_id"], {"plan_count": count})
