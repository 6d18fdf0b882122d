"""The families of media types: each is read and written in one way."""

from __future__ import annotations

from typing import Final

JSON: Final = "json"
LINES: Final = "lines"
FORM: Final = "form"
MULTIPART: Final = "multipart"
XML: Final = "xml"
YAML: Final = "yaml"
EVENTS: Final = "events"
TEXT: Final = "text"
BINARY: Final = "binary"
_LINES = {"application/jsonl", "application/x-ndjson", "application/ndjson", "application/x-jsonlines",
          "application/json-seq", "application/jsonlines"}  # fmt: skip
_YAML = {"application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml", "text/vnd.yaml"}


def family(bare: str) -> str:
    """Returns the family of a media type that is in small letters and without parameters."""
    if bare.endswith(("/json", "+json")):
        return JSON
    if bare in _LINES:
        return LINES
    if bare == "application/x-www-form-urlencoded":
        return FORM
    if bare in ("application/xml", "text/xml") or bare.endswith("+xml"):
        return XML
    if bare in _YAML or bare.endswith("+yaml"):
        return YAML
    if bare == "text/event-stream":
        return EVENTS
    kind = bare.partition("/")[0]
    return kind if kind in (MULTIPART, TEXT) else BINARY
