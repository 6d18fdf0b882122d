"""The journal as an HTTP archive (HAR 1.2), which browsers and proxies open."""

from __future__ import annotations

from collections.abc import Mapping

from mockserver import __version__
from mockserver.json_text import Json
from mockserver.problem import phrase


def archive(entries: list[Mapping[str, Json]]) -> Json:
    """The archive of journal entries, oldest first; their secrets were masked before."""
    creator = {"name": "mockserver", "version": __version__}
    return {"log": {"version": "1.2", "creator": creator, "entries": [_entry(entry) for entry in entries]}}


def _entry(entry: Mapping[str, Json]) -> Json:
    request, response = entry["request"], entry["response"]
    asked = {
        "method": request["method"],
        "url": request["absoluteUrl"],
        "httpVersion": "HTTP/1.1",
        "cookies": _pairs(request["cookies"]),
        "headers": _pairs(request["headers"]),
        "queryString": [
            {"name": name, "value": value} for name, values in request["query"].items() for value in values
        ],
        "headersSize": -1,
        "bodySize": len(request["body"].encode()),
    }
    if request["bodyEncoding"] is not None:
        asked["postData"] = {"mimeType": _type(request["headers"]), "text": request["body"]}
    coded = response["bodyEncoding"] == "base64"
    content = {
        "size": len(response["bodyAsBase64"]) * 3 // 4,
        "mimeType": _type(response["headers"]),
        "text": response["bodyAsBase64"] if coded else response["body"],
        **({"encoding": "base64"} if coded else {}),
    }
    return {
        "startedDateTime": entry["at"],
        "time": entry["tookMs"],
        "request": asked,
        "response": {
            "status": response["status"],
            "statusText": phrase(response["status"]) if response["status"] else "",
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": _pairs(response["headers"]),
            "content": content,
            "redirectURL": "",
            "headersSize": -1,
            "bodySize": -1,
            **({"_error": response["fault"]} if response["fault"] else {}),
        },
        "cache": {},
        "timings": {"send": 0, "wait": entry["tookMs"], "receive": 0},
        "_operation": entry["operation"],
        "_violations": entry["violations"],
    }


def _pairs(named: Mapping[str, str]) -> list[Json]:
    return [{"name": name, "value": value} for name, value in named.items()]


def _type(headers: Mapping[str, str]) -> str:
    return next((value for name, value in headers.items() if name.lower() == "content-type"), "")
