"""The exchanges of a check as an HTTP archive (HAR 1.2), which browsers and proxies open."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from mockserver import __version__
from mockserver.json_text import Json
from mockserver.messages import Exchange
from mockserver.problem import phrase


def har_entry(shown: Exchange, url: str, failed: Iterable[str]) -> Json:
    """The entry of an exchange whose secrets were masked before. `url` is its address, `failed` are the codes of the
    checks that it failed; `_api`, `_operation` and `_failed` are members of our own, as HAR allows.
    """
    request, milliseconds = shown.request, round(shown.took * 1000, 3)
    headers = [{"name": name, "value": value} for name, value in shown.headers]
    asked: dict[str, Json] = {
        "method": request.method,
        "url": url,
        "httpVersion": "HTTP/1.1",
        "cookies": _cookies(request.headers.get("Cookie") or ""),
        "headers": [{"name": name, "value": value} for name, value in request.headers.items()],
        "queryString": [{"name": name, "value": value} for name, value in parse_qsl(urlsplit(url).query, True)],
        "headersSize": -1,
        "bodySize": len(request.body),
    }
    if request.body:
        media_type = request.headers.get("Content-Type") or ""
        asked["postData"] = {"mimeType": media_type, "params": [], **_text_of(request.body)}
    location = next((value for name, value in shown.headers if name.lower() == "location"), "")
    media_type = next((value for name, value in shown.headers if name.lower() == "content-type"), "")
    return {
        "startedDateTime": datetime.fromtimestamp(shown.at, UTC).isoformat(timespec="milliseconds"),
        "time": milliseconds,
        "request": asked,
        "response": {
            "status": shown.status,
            "statusText": phrase(shown.status) if shown.status else "",
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": headers,
            "content": {"size": len(shown.content), "mimeType": media_type, **_text_of(shown.content)},
            "redirectURL": location,
            "headersSize": -1,
            "bodySize": len(shown.content),
        },
        "cache": {},
        "timings": {"send": 0, "wait": milliseconds, "receive": 0},
        "_api": shown.api,
        "_operation": shown.operation,
        "_failed": [*failed],
    }


def _text_of(content: bytes) -> Mapping[str, str]:
    try:
        return {"text": content.decode()}
    except UnicodeDecodeError:
        return {"text": b64encode(content).decode(), "encoding": "base64"}


def _cookies(header: str) -> list[Json]:
    try:
        return [{"name": name, "value": cookie.value} for name, cookie in SimpleCookie(header).items()]
    except CookieError:
        return []


def har_report(files: Iterable[Path]) -> bytes:
    """The archive of all entries in these files, which have one a line."""
    lines = (line for file in files if file.exists() for line in file.read_text(encoding="utf-8").splitlines())
    creator = json.dumps({"name": "mockserver", "version": __version__})
    entries = ",\n".join(lines)
    return f'{{"log": {{"version": "1.2", "creator": {creator}, "entries": [\n{entries}\n]}}}}\n'.encode()
