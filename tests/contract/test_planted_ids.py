"""Ids and batches of a server whose records stand below one another and have texts for ids."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import flask
import pytest
from werkzeug.serving import make_server

BOOKINGS = """
openapi: 3.1.0
info: {title: Bookings, version: "1"}
paths:
  /rooms:
    get:
      operationId: listRooms
      responses: {"200": {description: all, content: {application/json: {schema: {
        type: array, items: {$ref: "#/components/schemas/Room"}}}}}}
  /rooms/{roomId}:
    parameters: [{$ref: "#/components/parameters/Room"}]
    get:
      operationId: getRoom
      responses:
        "200": {description: one, content: {application/json: {schema: {$ref: "#/components/schemas/Room"}}}}
        "404": {description: none}
  /rooms/{roomId}/slots:
    parameters: [{$ref: "#/components/parameters/Room"}]
    get:
      operationId: listSlots
      responses:
        "200": {description: all, content: {application/json: {schema: {
          type: array, items: {$ref: "#/components/schemas/Slot"}}}}}
        "404": {description: none}
  /rooms/{roomId}/slots/bulk:
    parameters: [{$ref: "#/components/parameters/Room"}]
    post:
      operationId: createSlots
      requestBody: {required: true, content: {application/json: {schema: {
        type: object, required: [slots], properties: {slots: {
          type: array, minItems: 1, maxItems: 9, items: {$ref: "#/components/schemas/NewSlot"}}}}}}}
      responses:
        "201": {description: made, content: {application/json: {schema: {type: object, required: [slots],
          properties: {slots: {type: array, items: {$ref: "#/components/schemas/Slot"}}}}}}}
        "404": {description: none}
        "422": {description: no}
  /slots/{slotId}:
    parameters: [{name: slotId, in: path, required: true, schema: {type: string, pattern: "^slt_[0-9]{6}$"}}]
    get:
      operationId: getSlot
      responses:
        "200": {description: one, content: {application/json: {schema: {$ref: "#/components/schemas/Slot"}}}}
        "404": {description: none}
  /bookings:
    get:
      operationId: listBookings
      responses: {"200": {description: all, content: {application/json: {schema: {
        type: array, items: {$ref: "#/components/schemas/Booking"}}}}}}
    post:
      operationId: book
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/NewBooking"}}}}
      responses:
        "201": {description: made, content: {application/json: {schema: {$ref: "#/components/schemas/Booking"}}}}
        "404": {description: no such slot}
        "409": {description: taken}
        "422": {description: no}
  /bookings/{bookingId}:
    parameters: [{name: bookingId, in: path, required: true, schema: {type: string, pattern: "^bkg_[0-9]{6}$"}}]
    get:
      operationId: getBooking
      responses:
        "200": {description: one, content: {application/json: {schema: {$ref: "#/components/schemas/Booking"}}}}
        "404": {description: none}
    delete:
      operationId: deleteBooking
      responses: {"204": {description: gone}, "404": {description: none}}
components:
  parameters:
    Room: {name: roomId, in: path, required: true, schema: {type: string, pattern: "^rom_[0-9]{6}$"}}
  schemas:
    Room: {type: object, required: [id, name], properties: {id: {type: string}, name: {type: string}}}
    NewSlot: {type: object, required: [hour], properties: {hour: {type: integer, minimum: 0, maximum: 23}}}
    Slot:
      type: object
      required: [id, room_id, hour]
      properties: {id: {type: string}, room_id: {type: string}, hour: {type: integer}}
    NewBooking:
      type: object
      required: [slot_id, note]
      properties: {slot_id: {type: string}, note: {type: string, maxLength: 80}}
    Booking:
      type: object
      required: [id, slot_id, note]
      properties: {id: {type: string}, slot_id: {type: string}, note: {type: string}}
"""
Record = dict[str, Any]

NAMED = {
    "partial-batch": "MS305 Refused request changed something: POST /rooms/{roomId}/slots/bulk",
    "next-to-greatest": "MS310 Id of a deleted record is given again: POST /bookings",
    "lowest-free": "MS310 Id of a deleted record is given again: POST /bookings",
    "number-of-all": "MS310 Id of a deleted record is given again: POST /bookings",
}


def booking_number(bug: str, count: int, bookings: dict[str, Record]) -> int:
    """The number of a new booking; `count` is that of all there ever were."""
    taken = {int(key[4:]) for key in bookings}
    by_bug: dict[str, int] = {
        "next-to-greatest": max(taken, default=0) + 1,
        "lowest-free": min({*range(1, len(taken) + 2)} - taken),
        "number-of-all": len(taken) + 1,
    }
    return by_bug.get(bug, count)


def application(bug: str, *, is_taken_once: bool) -> flask.Flask:
    """The bookings, with this bug; a slot is booked once or as often as one likes."""
    app = flask.Flask("bookings")
    rooms = {f"rom_{n:06d}": {"id": f"rom_{n:06d}", "name": f"Room {n}"} for n in (1, 2)}
    slots: dict[str, Record] = {}
    bookings: dict[str, Record] = {}
    given = {"slt": 0, "bkg": 0}
    gone: dict[str, str] = {}

    def new_id(prefix: str) -> str:
        given[prefix] += 1
        number = given[prefix] if prefix == "slt" else booking_number(bug, given[prefix], bookings)
        return f"{prefix}_{number:06d}"

    def slot(room: str, sent: Any) -> Record:
        hour = sent.get("hour") if isinstance(sent, dict) else None
        if not isinstance(hour, int | float) or isinstance(hour, bool) or hour != int(hour) or not 0 <= hour <= 23:
            flask.abort(422)
        return {"id": "", "room_id": room, "hour": int(hour)}

    def kept(made: Record) -> Record:
        made["id"] = new_id("slt")
        slots[made["id"]] = made
        return made

    @app.get("/rooms")
    def _rooms() -> list[Record]:
        return [*rooms.values()]

    @app.get("/rooms/<room>")
    def _room(room: str) -> Record:
        return rooms[room] if room in rooms else flask.abort(404)

    @app.get("/rooms/<room>/slots")
    def _slots(room: str) -> list[Record]:
        return [one for one in slots.values() if one["room_id"] == _room(room)["id"]]

    @app.post("/rooms/<room>/slots/bulk")
    def _bulk(room: str) -> tuple[Record, int]:
        _room(room)
        body = flask.request.get_json(silent=True)
        items = body.get("slots") if isinstance(body, dict) else None
        if not isinstance(items, list) or not 1 <= len(items) <= 9:
            flask.abort(422)
        if bug == "partial-batch":
            return {"slots": [kept(slot(room, item)) for item in items]}, 201
        return {"slots": [kept(one) for one in [slot(room, item) for item in items]]}, 201

    @app.get("/slots/<key>")
    def _slot(key: str) -> Record:
        return slots[key] if key in slots else flask.abort(404)

    @app.get("/bookings")
    def _bookings() -> list[Record]:
        return [*bookings.values()]

    @app.post("/bookings")
    def _book() -> tuple[Record, int]:
        body = flask.request.get_json(silent=True)
        named, note = (body.get("slot_id"), body.get("note")) if isinstance(body, dict) else (None, None)
        if not isinstance(named, str) or not isinstance(note, str) or len(note) > 80:
            flask.abort(422)
        if named not in slots:
            flask.abort(404)
        if is_taken_once and any(one["slot_id"] == named for one in bookings.values()):
            flask.abort(409)
        old = gone.get(named, "") if bug == "brings-back" else ""
        made = {"id": old or new_id("bkg"), "slot_id": named, "note": note}
        bookings[made["id"]] = made
        return made, 201

    @app.get("/bookings/<key>")
    def _booking(key: str) -> Record:
        return bookings[key] if key in bookings else flask.abort(404)

    @app.delete("/bookings/<key>")
    def _delete(key: str) -> tuple[str, int]:
        gone[_booking(key)["slot_id"]] = key
        del bookings[key]
        return "", 204

    for room in rooms:
        for hour in (8, 9, 10, 11, 12, 13):
            kept({"id": "", "room_id": room, "hour": hour})
    return app


@contextmanager
def served(bug: str, *, is_taken_once: bool) -> Iterator[str]:
    """The address of the bookings."""
    server = make_server("127.0.0.1", 0, application(bug, is_taken_once=is_taken_once), threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()


def found(folder: Path, url: str) -> tuple[list[str], int]:
    """The first line of each finding of the two checks, and the exit code."""
    (folder / "bookings.yaml").write_text(BOOKINGS)
    command = [sys.executable, "-m", "mockserver", "check", "bookings.yaml", "--url", url]
    checks = "no_partial_change_after_refusal,ids_are_not_reused"
    cheap = ["--checks", checks, "--phases", "coverage,fuzzing", "--max-examples", "5", "--seed", "1"]
    done = subprocess.run(
        [*command, *cheap, "--", "--no-color"], cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode in (0, 1), done.stdout[-4000:] + done.stderr[-2000:]
    return re.findall(r"^- (MS\d+ [^:]*: [A-Z]+ [^,\s]*)", done.stdout, re.MULTILINE), done.returncode


@pytest.mark.parametrize(
    ("bug", "is_taken_once"),
    [
        ("partial-batch", True),
        ("next-to-greatest", True),
        ("next-to-greatest", False),
        ("lowest-free", True),
        ("number-of-all", True),
    ],
)
def test_a_bug_is_found_where_ids_are_texts_and_records_have_parents(tmp_path, bug, is_taken_once):
    """It alone is named, also where the same booking cannot be made twice."""
    with served(bug, is_taken_once=is_taken_once) as url:
        told = found(tmp_path, url)

    assert told == ([NAMED[bug]], 1)


@pytest.mark.parametrize("sound", ["", "brings-back"])
def test_without_a_bug_nothing_is_told(tmp_path, sound):
    """Batches are made as a whole, and a number is given once, or again to the booking of the same slot."""
    with served(sound, is_taken_once=True) as url:
        told = found(tmp_path, url)

    assert told == ([], 0)
