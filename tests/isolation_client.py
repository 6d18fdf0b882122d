"""One of several processes that work in worlds of their own: `python -m tests.isolation_client PORT CALLS WORLD ...`.

Prints, as JSON, everything of another world that it was shown, how many requests it sent, and in each world how many of
those for links were within its limit.
"""

from __future__ import annotations

import http.client
import json
import sys
from typing import Any

from mockserver.vendors import APIS

NAME, VALUE = APIS["xqr"].credential
FROZEN = {"at": "2026-03-20T09:00:00Z"}


class Tenant:
    """A client of one world: what it wrote there, what it may spend, what it asked to fail."""

    def __init__(self, connection: http.client.HTTPConnection, world: str) -> None:
        self.connection, self.world = connection, world
        self.names: dict[int, str] = {}
        self.foreign: list[str] = []
        self.sent = self.remaining = self.allowed = self.failures = 0
        self.call("POST", "/__admin/clock/freeze", FROZEN)

    def call(self, method: str, path: str, json_body: object = None) -> tuple[int, Any]:
        body = None if json_body is None else json.dumps(json_body)
        headers = {"Content-Type": "application/json", NAME: VALUE}
        self.connection.request(method, f"/~{self.world}{path}", body, headers)
        answer = self.connection.getresponse()
        content = answer.read()
        return answer.status, json.loads(content) if content else None

    def expect(self, what: str, seen: object, wanted: object) -> None:
        if seen != wanted:
            self.foreign.append(f"{self.world}: {what}: {str(seen)[:200]} instead of {str(wanted)[:200]}")

    def step(self, number: int) -> None:
        """One request to an API, of five kinds in turn."""
        self.sent += 1
        kind = number % 5
        if kind in {0, 3}:
            name = f"{self.world}-{number}"
            status, made = self.call("POST", "/bodies/things", {"name": name})
            self.expect("a creation", (status, made.get("name"), made.get("id") in self.names), (201, name, False))
            self.names[made["id"]] = name
        elif kind == 1:
            newest = max(self.names)
            status, seen = self.call("GET", f"/bodies/things/{newest}")
            self.expect("a record", (status, seen.get("name")), (200, self.names[newest]))
        elif kind == 2:
            self.list_things()
        else:
            self.spend()
        if number % 50 == 7 and self.world.endswith(("0", "3", "7")):
            self.failures += 1
            self.call("POST", "/__admin/faults", {"operation": "listThings", "status": 503, "times": 1})

    def list_things(self, limit: int = 5) -> None:
        status, seen = self.call("GET", f"/bodies/things?limit={limit}")
        self.expect("a failure", status, 503 if self.failures else 200)
        if status == 503:
            self.failures -= 1
            return
        shown = {record["id"]: record["name"] for record in seen if str(record.get("name")).startswith("iso-")}
        self.expect("a list", shown, {key: self.names.get(key) for key in shown})
        if limit == 1000:
            self.expect("the records", shown, self.names)

    def spend(self) -> None:
        status, seen = self.call("GET", "/xqr/api/v1/links?limit=1")
        if status == 429:
            return
        self.allowed += 1
        remaining = seen["meta"]["rate_limit"]["remaining"]
        self.expect("a budget", remaining, self.remaining - 1 if self.remaining else remaining)
        self.remaining = remaining

    def close(self) -> None:
        """All records are there, and the journal has what was sent here, and nothing else."""
        while self.failures:
            self.sent += 1
            self.list_things()
        self.sent += 1
        self.list_things(1000)
        _, seen = self.call("GET", "/__admin/requests?limit=1000")
        self.expect("a journal", len(seen["requests"]), self.sent)
        texts = [json.dumps(entry["request"]) for entry in seen["requests"]]
        named = {
            word for text in texts for word in text.replace('"', " ").replace("\\", " ").split() if word[:4] == "iso-"
        }
        self.expect("journalled", [word for word in named if not word.startswith(self.world + "-")], [])


def main(port: str, calls: str, *worlds: str) -> None:
    """Goes round the worlds, a request in each."""
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=60)
    tenants = [Tenant(connection, world) for world in worlds]
    for number in range(int(calls)):
        for tenant in tenants:
            tenant.step(number)
    for tenant in tenants:
        tenant.close()
    connection.close()
    foreign = [seen for tenant in tenants for seen in tenant.foreign]
    sent = sum(tenant.sent for tenant in tenants)
    print(json.dumps({"sent": sent, "foreign": foreign, "allowed": [tenant.allowed for tenant in tenants]}))  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
