"""Samples of metrics, the families that they belong to, and the text that Prometheus reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

TEXT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
"""The media type of Prometheus' text form."""

COUNTER, GAUGE, HISTOGRAM = "counter", "gauge", "histogram"


class Sample(NamedTuple):
    """One value of a family. `suffix` is that of its name: `_bucket`."""

    suffix: str
    labels: tuple[tuple[str, str], ...]
    value: float


class MetricFamily(NamedTuple):
    """A family of samples: the kind of its values, and their description."""

    kind: str
    told: str


Samples = Mapping[str, Sequence[Sample]]
"""The samples of each family by its name."""

FAMILIES: Final[Mapping[str, MetricFamily]] = {
    "mockserver_info": MetricFamily(GAUGE, "The version of the server; always 1."),
    "mockserver_requests_total": MetricFamily(
        COUNTER, "Answered requests to APIs; operation is empty where there is none at the address."
    ),
    "mockserver_request_duration_seconds": MetricFamily(
        HISTOGRAM, "Time until an answer was made, with the store's part, without a delay that was asked for."
    ),
    "mockserver_control_requests_total": MetricFamily(
        COUNTER, "Answered requests to the control API; operation is empty where there is none at the address."
    ),
    "mockserver_open_connections": MetricFamily(GAUGE, "Connections of clients that are open."),
    "mockserver_worlds": MetricFamily(GAUGE, "Worlds that this process has in memory."),
    "mockserver_journal_entries": MetricFamily(GAUGE, "Exchanges in the journals of these worlds."),
    "mockserver_journal_bytes": MetricFamily(GAUGE, "What they take in memory, roughly."),
    "mockserver_journal_dropped_total": MetricFamily(COUNTER, "Exchanges that were dropped to make room for others."),
    "mockserver_webhooks_due": MetricFamily(GAUGE, "Webhooks that wait or are on their way."),
    "mockserver_webhook_attempts_total": MetricFamily(
        COUNTER, "Attempts to send a webhook: delivered, retried (it is sent once more), failed (it is not)."
    ),
    "mockserver_store_requests_total": MetricFamily(COUNTER, "What the store was asked for; a round trip each."),
    "mockserver_store_seconds_total": MetricFamily(COUNTER, "Time that the store took for it."),
    "mockserver_store_unavailable_total": MetricFamily(COUNTER, "Of these, what it could not answer."),
    "mockserver_store_conflicts_total": MetricFamily(COUNTER, "Commits that came too late, since another was faster."),
    "mockserver_store_retries_total": MetricFamily(COUNTER, "Commits that were not made, and are tried once more."),
}  # fmt: skip


def exposition(samples: Samples) -> bytes:
    """The samples as text, the families in their order."""
    return "".join(_lines(samples)).encode()


def _lines(samples: Samples) -> Iterable[str]:
    for name, family in FAMILIES.items():
        if found := samples.get(name):
            yield f"# HELP {name} {family.told}\n# TYPE {name} {family.kind}\n"
            for suffix, labels, value in found:
                told = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels)
                yield f"{name}{suffix}{{{told}}} {value:.17g}\n" if told else f"{name}{suffix} {value:.17g}\n"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
