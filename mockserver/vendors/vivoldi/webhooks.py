"""Webhooks of clicks: their receivers, their bodies and their signatures."""

from __future__ import annotations

from hashlib import sha256

from mockserver.engine.call import Call
from mockserver.engine.webhooks.rules import Webhooks, digest
from mockserver.json_text import encode
from mockserver.messages import Headers
from mockserver.state.records.record import Record
from mockserver.state.world import ApiState
from mockserver.vendors.vivoldi.envelope import timestamp


def send_event(call: Call, state: ApiState, link: Record, group: Record | None, *, is_new: bool) -> None:
    """Sends the click to the group's webhook, else to the account's, where its count is a multiple of the frequency."""
    account = state["accounts"][link["_account"]]
    if account["plan"] != "enterprise" or account["global_webhook"] is not True:
        return
    kind, url, secret, metric, frequency = receiver(call, account, group)
    if not url or not secret or (metric == "P" and not is_new):
        return
    reached = reached_by(call, state, link, group if kind == "GROUP" else None)
    if reached[COUNTS[metric]] % frequency:
        return
    counts = {**reached, "metric": metric, "frequency": frequency} if call.assume("event-body") == "counts" else {}
    payload = {
        "compIdx": account["comp_idx"],
        "grpIdx": link["grpIdx"],
        "linkId": link["linkId"],
        "domain": link["domain"],
        "url": link["url"],
        **counts,
        "eventYmdt": timestamp(call),
    }
    state.outbox.put(
        event="click",
        url=url,
        body=encode(payload),
        endpoint=group["idx"] if kind == "GROUP" and group is not None else f"account {account['comp_idx']}",
        secret=secret,
        delays=DELAYS if call.assume("webhook-retries") == "three" else (),
        timeout=TIMEOUT,
        about={
            "event_id": state.chance.hex(32),
            "kind": kind,
            "comp_idx": account["comp_idx"],
            "signs": call.assume("signed-text"),
        },
    )


DELAYS = (1.0, 5.0, 30.0)
TIMEOUT = 5.0
COUNTS = {"C": "acesCnt", "P": "pernCnt"}


def receiver(call: Call, account: Record, group: Record | None) -> tuple[str, str | None, str | None, str, int]:
    """Kind, address, secret, metric and frequency of the webhook that events of a link go to."""
    if group is not None and group["webhookEnableYn"] == "Y":
        about = (group[name] for name in ("webhookCallbackUrl", "_webhookSecretKey"))
        url, secret = about
        return "GROUP", url, secret, group["webhookMetric"], group["webhookFrequency"]
    if not account["webhook_url"]:
        return "GLOBAL", None, None, "C", 1
    metric = "C" if call.assume("global-events") == "clicks" else "P"
    return "GLOBAL", account["webhook_url"], account["webhook_secret"], metric, 1


def reached_by(call: Call, state: ApiState, link: Record, group: Record | None) -> dict[str, int]:
    """The counts that decide about a webhook: those of the link, or of all links of the group."""
    counted = [link]
    if group is not None and call.assume("webhook-count") == "group":
        counted = state["links"].find("grpIdx", group["idx"])
    return {name: sum(one[name] for one in counted) for name in COUNTS.values()}


def sign(delivery: Record, at: float) -> Headers:
    """The headers of one attempt: the event keeps its id, the attempt has its own."""
    about, body, milliseconds = delivery["about"], delivery["body"], round(at * 1000)
    attempt = f"{about['event_id']} {len(delivery['attempts'])}"
    signature = digest(delivery, None if about["signs"] == "body" else milliseconds)
    return (
        ("Content-Type", "application/json"),
        ("X-Vivoldi-Request-Id", sha256(attempt.encode()).hexdigest()[:32]),
        ("X-Vivoldi-Event-Id", about["event_id"]),
        ("X-Vivoldi-Webhook-Type", about["kind"]),
        ("X-Vivoldi-Resource-Type", "URL"),
        ("X-Vivoldi-Action-Type", "NONE"),
        ("X-Vivoldi-Comp-Idx", str(about["comp_idx"])),
        ("X-Vivoldi-Timestamp", str(milliseconds)),
        ("X-Content-SHA256", sha256(body.encode()).hexdigest()),
        ("X-Vivoldi-Signature", f"t={milliseconds},v1={signature},alg=hmac-sha256"),
    )


OUTBOUND = Webhooks(sign=sign)
