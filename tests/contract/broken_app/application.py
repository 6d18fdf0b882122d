"""A ticket tracker that keeps its document, openapi.yaml, but for the bugs that are planted by name."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from itertools import takewhile
from pathlib import Path
from threading import Lock
from typing import Any, Final

import flask
import yaml
from flask import request
from flask.typing import ResponseReturnValue
from jsonschema import Draft202012Validator
from werkzeug.exceptions import HTTPException, UnprocessableEntity, abort
from werkzeug.routing import IntegerConverter

Record = dict[str, Any]

BUGS: Final = {
    "wrong-type": "the votes of a ticket are a text",
    "missing-member": "the tickets of a list lack the member createdAt",
    "wrong-status": "an invalid change of a ticket is ignored with 200, where 422 is right",
    "undocumented-status": "a ticket is deleted with 202, which the document does not declare",
    "lost-write": "a change of a ticket is answered as if it were kept, and is not",
    "reused-id": "the id of a deleted ticket is given to the next one",
    "partial-batch": "a refused batch keeps the items before the first invalid one",
    "ignored-auth": "a ticket is shown and deleted without a key",
    "wrong-content-type": "a ticket is answered as text/plain",
    "server-error": "a title beyond ASCII is answered with 500",
    "repeating-page": "a page that is not the first begins with the last item of the page before",
    "replay": "a request with the same Idempotency-Key makes a second ticket",
}
DOCUMENT: Final = Path(__file__).with_name("openapi.yaml")
KEY: Final = "tracker-key"
"""The value of the header X-Api-Key that is known."""
LONGEST_BODY: Final = 100_000
DEFAULTS: Final = {"status": "open", "votes": 0}

_READ: Final = yaml.safe_load(DOCUMENT.read_text(encoding="utf-8"))


def application(*bugs: str) -> flask.Flask:
    """The tracker without any ticket, as a WSGI application; `POST /reset` empties it again."""
    unknown = {*bugs} - BUGS.keys()
    if unknown:
        raise ValueError(f"no bug is named {', '.join(sorted(unknown))}; there are {', '.join(BUGS)}")
    app = flask.Flask(__name__)
    app.logger.disabled = True
    app.url_map.converters["id"] = _Id
    app.url_map.merge_slashes = False
    app.config["MAX_CONTENT_LENGTH"] = LONGEST_BODY
    app.register_error_handler(HTTPException, _problem)
    tracker = Tracker(frozenset(bugs))
    app.before_request(tracker.authenticate)
    app.add_url_rule("/reset", view_func=tracker.reset, methods=["POST"])
    for rule, methods in tracker.routes().items():
        for method, view in methods.items():
            app.add_url_rule(f"/v1/tickets{rule}", view.__name__, view, methods=[method])
    inner, lock = app.wsgi_app, Lock()

    def one_at_a_time(environ: Any, start_response: Any) -> Any:
        with lock:
            return inner(environ, start_response)

    app.wsgi_app = one_at_a_time  # type: ignore[method-assign]
    return app


class _Id(IntegerConverter):
    regex = "[1-9][0-9]{0,8}"


def _problem(error: HTTPException) -> ResponseReturnValue:
    """An error as the document has it, with the headers that belong to it (Allow)."""
    answer = flask.Response(status=error.code, headers=dict(error.get_headers()))
    answer.data = json.dumps({"title": error.name, "status": error.code, "detail": error.description})
    answer.content_type = "application/problem+json"
    return answer


class Tracker:
    """The tickets and comments, and a method for each operation."""

    def __init__(self, bugs: frozenset[str]) -> None:
        self.bugs = bugs
        self.reset()

    def routes(self) -> dict[str, dict[str, Any]]:
        """The operations by path and method."""
        return {
            "": {"GET": self.list_tickets, "POST": self.create_ticket},
            "/batch": {"POST": self.create_tickets},
            "/<id:ticket>": {
                "GET": self.get_ticket,
                "PUT": self.replace_ticket,
                "PATCH": self.change_ticket,
                "DELETE": self.delete_ticket,
            },
            "/<id:ticket>/comments": {"GET": self.list_comments, "POST": self.create_comment},
            "/<id:ticket>/comments/<id:comment>": {"GET": self.get_comment, "DELETE": self.delete_comment},
        }

    def reset(self) -> ResponseReturnValue:
        self.tickets: dict[int, Record] = {}
        self.comments: dict[int, dict[int, Record]] = {}
        self.versions: dict[int, int] = {}
        self.replies: dict[str, tuple[object, Record]] = {}
        self.last = {"ticket": 0, "comment": 0, "version": 0}
        return "", 204

    def authenticate(self) -> None:
        request.get_data()  # A body that nobody reads would be taken for the next request of the connection.
        open_to_all = "ignored-auth" in self.bugs and request.endpoint in ("get_ticket", "delete_ticket")
        if request.path != "/reset" and request.headers.get("X-Api-Key") != KEY and not open_to_all:
            abort(401, "the header X-Api-Key has no known key")

    # Tickets

    def list_tickets(self) -> ResponseReturnValue:
        status = one("status")
        if status not in (None, "open", "closed"):
            abort(422, "status is open or closed")
        found = [ticket for ticket in self.tickets.values() if status in (None, ticket["status"])]
        answer = self.page(found)
        hidden = {"createdAt"} if "missing-member" in self.bugs else set[str]()
        answer["items"] = [
            {name: value for name, value in self.shown(ticket).items() if name not in hidden}
            for ticket in answer["items"]
        ]
        return answer

    def create_ticket(self) -> ResponseReturnValue:
        key = request.headers.get("Idempotency-Key")
        if key is not None and not re.fullmatch(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", key):
            abort(422, "Idempotency-Key is a UUID")
        given = body("NewTicket")
        if key in self.replies and "replay" not in self.bugs:
            first, made = self.replies[key]
            if first != given:
                abort(409, "this Idempotency-Key came with another body before")
        else:
            made = self.made(given)
            if key is not None:
                self.replies[key] = given, made
        headers = {"Location": f"/v1/tickets/{made['id']}", "ETag": made["etag"]}
        return self.shown(made), 201, headers

    def create_tickets(self) -> ResponseReturnValue:
        try:
            items = body("Batch")["items"]
        except UnprocessableEntity:
            if "partial-batch" in self.bugs:
                for item in takewhile(lambda item: fits(item, "NewTicket"), given_items()):
                    self.made(item)
            raise
        return {"items": [self.shown(self.made(item)) for item in items]}, 201

    def get_ticket(self, ticket: int) -> ResponseReturnValue:
        found = self.found(ticket)
        asked = [tag.strip().removeprefix("W/") for tag in request.headers.get("If-None-Match", "").split(",")]
        if found["etag"] in asked or asked == ["*"]:
            return "", 304, {"ETag": found["etag"]}
        return self.answered(found)

    def replace_ticket(self, ticket: int) -> ResponseReturnValue:
        self.unchanged(ticket)
        return self.answered(self.kept({**DEFAULTS, **body("NewTicket")}, ticket))

    def change_ticket(self, ticket: int) -> ResponseReturnValue:
        found = self.unchanged(ticket)
        try:
            changed = {**found, **body("TicketChange")}
        except UnprocessableEntity:
            if "wrong-status" in self.bugs:
                return self.answered(found)
            raise
        return self.answered(changed if "lost-write" in self.bugs else self.kept(changed, ticket))

    def delete_ticket(self, ticket: int) -> ResponseReturnValue:
        self.unchanged(ticket)
        del self.tickets[ticket], self.comments[ticket]
        self.replies = {key: reply for key, reply in self.replies.items() if reply[1]["id"] != ticket}
        if "reused-id" in self.bugs:
            self.last["ticket"] = max(self.tickets, default=0)
        return "", 202 if "undocumented-status" in self.bugs else 204

    # Comments

    def list_comments(self, ticket: int) -> ResponseReturnValue:
        self.found(ticket)
        return self.page([*self.comments[ticket].values()])

    def create_comment(self, ticket: int) -> ResponseReturnValue:
        self.found(ticket)
        given, number = body("NewComment"), self.next("comment")
        self.comments[ticket][number] = {"id": number, **given}
        return self.comments[ticket][number], 201, {"Location": f"/v1/tickets/{ticket}/comments/{number}"}

    def get_comment(self, ticket: int, comment: int) -> ResponseReturnValue:
        self.found(ticket)
        if comment not in self.comments[ticket]:
            abort(404, f"ticket {ticket} has no comment {comment}")
        return self.comments[ticket][comment]

    def delete_comment(self, ticket: int, comment: int) -> ResponseReturnValue:
        self.get_comment(ticket, comment)
        del self.comments[ticket][comment]
        return "", 204

    # Parts of them

    def next(self, what: str) -> int:
        self.last[what] += 1
        return self.last[what]

    def made(self, given: Record) -> Record:
        """A new ticket, kept."""
        number = self.next("ticket")
        self.comments[number] = {}
        return self.kept({**DEFAULTS, **given}, number)

    def kept(self, members: Record, number: int) -> Record:
        """The ticket as it is from now on, with the tag of this version."""
        if "server-error" in self.bugs:
            members["title"].encode("ascii")
        created = self.tickets.get(number, {"createdAt": datetime.now(UTC).isoformat()})["createdAt"]
        tag = f'"{self.next("version")}"'
        self.tickets[number] = {**members, "id": number, "createdAt": created, "etag": tag}
        return self.tickets[number]

    def found(self, number: int) -> Record:
        if number not in self.tickets:
            abort(404, f"there is no ticket {number}")
        return self.tickets[number]

    def unchanged(self, number: int) -> Record:
        """The ticket, unless `If-Match` names another version of it."""
        found = self.found(number)
        asked = [tag.strip() for tag in request.headers.get("If-Match", "*").split(",")]
        if found["etag"] not in asked and asked != ["*"]:
            abort(412, f"the ticket is {found['etag']} by now")
        return found

    def answered(self, ticket: Record) -> ResponseReturnValue:
        media_type = "text/plain" if "wrong-content-type" in self.bugs else "application/json"
        return json.dumps(self.shown(ticket)), 200, {"ETag": ticket["etag"], "Content-Type": media_type}

    def shown(self, ticket: Record) -> Record:
        votes = str(ticket["votes"]) if "wrong-type" in self.bugs else ticket["votes"]
        return {**{name: value for name, value in ticket.items() if name != "etag"}, "votes": votes}

    def page(self, records: list[Record]) -> Record:
        limit, offset = number("limit", 20, 1, 50), number("offset", 0, 0, 100_000)
        first = offset - 1 if "repeating-page" in self.bugs and offset else offset
        return {"items": records[first : first + limit], "total": len(records)}


# Requests


def body(schema: str) -> Any:
    """The body, which fits the schema."""
    if request.mimetype != "application/json":
        abort(415, "the body is application/json")
    given = parsed()
    error = next(validator(schema).iter_errors(given), None)
    if error is not None:
        abort(422, error.message)
    return given


def parsed() -> Any:
    """The body as JSON, read strictly."""
    try:
        return json.loads(request.get_data().decode("utf-8"), parse_constant=_refused, object_pairs_hook=_object)
    except (ValueError, RecursionError) as error:
        abort(400, f"the body is no JSON: {error}")


def _refused(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


def _object(pairs: list[tuple[str, Any]]) -> Record:
    if len(dict(pairs)) < len(pairs):
        raise ValueError("a member is there twice")
    return dict(pairs)


def given_items() -> list[Any]:
    """The items of a batch that was refused."""
    given = parsed()
    items = given.get("items") if isinstance(given, dict) else None
    return items if isinstance(items, list) else []


def validator(schema: str) -> Draft202012Validator:
    """Decides by a schema of the document."""
    return Draft202012Validator({"$ref": f"#/components/schemas/{schema}", "components": _READ["components"]})


def fits(value: object, schema: str) -> bool:
    """Whether a value is valid by a schema of the document."""
    return bool(validator(schema).is_valid(value))


def one(name: str) -> str | None:
    """A query parameter, which must not be repeated."""
    texts = request.args.getlist(name)
    if len(texts) > 1:
        abort(422, f"{name} is there {len(texts)} times")
    return texts[0] if texts else None


def number(name: str, default: int, least: int, most: int) -> int:
    """A query parameter that is a number within bounds."""
    text = one(name)
    if text is None:
        return default
    if not re.fullmatch(r"-?[0-9]{1,9}", text) or not least <= int(text) <= most:
        abort(422, f"{name} is a number from {least} to {most}")
    return int(text)
