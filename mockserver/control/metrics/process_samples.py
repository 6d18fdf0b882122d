"""The samples of this process, collected when somebody asks for them."""

from __future__ import annotations

from collections.abc import Sequence

from mockserver import __version__
from mockserver.control.metrics.sample import Sample, Samples
from mockserver.control.server_status import ServerStatus
from mockserver.state.worlds import Worlds
from mockserver.stores.counted_store import StoreCounts


def samples_of(worlds: Worlds, status: ServerStatus) -> Samples:
    """What there is to tell of these worlds and of the process of this status."""
    counters, times = status.requests.samples()
    here = worlds.here()
    journals = [world.journal for world in here]
    attempts = status.attempts()
    return {
        "mockserver_info": [Sample("", (("version", __version__),), 1)],
        "mockserver_requests_total": counters,
        "mockserver_request_duration_seconds": times,
        "mockserver_control_requests_total": status.control.samples(),
        "mockserver_open_connections": _one(len(status.requests.connections)),
        "mockserver_worlds": _one(len(here)),
        "mockserver_journal_entries": _one(sum(map(len, journals))),
        "mockserver_journal_bytes": _one(sum(journal.size for journal in journals)),
        "mockserver_journal_dropped_total": _one(
            worlds.dropped_before + sum(journal.dropped for journal in journals)
        ),
        "mockserver_webhooks_due": _one(sum(world.outbox.waiting for world in here)),
        "mockserver_webhook_attempts_total": [
            Sample("", (("outcome", outcome),), attempts.get(outcome, 0))
            for outcome in ("delivered", "retried", "failed")
        ],
        **(_of_store(status.store_counts) if status.store_counts is not None else {}),
    }  # fmt: skip


def _of_store(counts: StoreCounts) -> Samples:
    asked = sorted(counts.asked)
    return {
        "mockserver_store_requests_total": [Sample("", (("kind", kind),), counts.asked[kind]) for kind in asked],
        "mockserver_store_seconds_total": [Sample("", (("kind", kind),), counts.seconds[kind]) for kind in asked],
        "mockserver_store_unavailable_total": [
            Sample("", (("kind", kind),), counts.unavailable[kind]) for kind in asked
        ],
        "mockserver_store_conflicts_total": _one(counts.conflicts),
        "mockserver_store_retries_total": _one(counts.retries),
    }


def _one(value: float) -> Sequence[Sample]:
    return (Sample("", (), value),)
