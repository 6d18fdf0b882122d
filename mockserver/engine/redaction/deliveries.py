"""Shows outgoing deliveries without their secrets: what signs them, what they carry, what was answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockserver.engine.redaction.redactor import Redactor, masked_headers, scrubbed_value
from mockserver.engine.redaction.secret_bodies import masked_body, masked_value
from mockserver.engine.redaction.secret_schemas import nothing_declared
from mockserver.engine.redaction.secret_text import SecretTexts
from mockserver.json_text import Json
from mockserver.state.records.record import Record


def redacted_delivery(delivery: Record, redactor: Redactor) -> dict[str, Any]:
    """The delivery with secrets masked in its URL, headers, body and attempts; what signs it is masked wherever it
    stands.
    """
    texts = SecretTexts()
    secret = texts.hide(delivery["secret"]) if delivery["secret"] else None
    about = delivery["about"]
    headers = about.get("headers") if isinstance(about, Mapping) else None
    sent = headers if isinstance(headers, Mapping) else {}
    media_type = str(next((value for name, value in sent.items() if name.lower() == "content-type"), ""))
    shown: dict[str, Any] = {
        **delivery,
        "url": texts.text(delivery["url"]),
        "body": masked_body(
            delivery["body"].encode(), media_type, redactor.outgoing_body(delivery["event"]), texts
        ).decode("utf-8", "replace"),
        "about": masked_value({**about, "headers": {}} if sent else about, nothing_declared(), texts),
        "attempts": [_attempt(attempt, texts) for attempt in delivery["attempts"]],
    }
    if sent:
        shown["about"]["headers"] = masked_headers(sent, redactor, texts)
    scrub = texts.scrub()
    return {**{name: scrubbed_value(value, scrub) for name, value in shown.items()}, "secret": secret}


def _attempt(attempt: Mapping[str, Json], texts: SecretTexts) -> dict[str, Json]:
    error, answer = attempt["error"], attempt["answer"]
    shown = masked_body(answer.encode(), "", nothing_declared(), texts).decode("utf-8", "replace")
    return {**attempt, "error": error if error is None else texts.text(error), "answer": shown}
