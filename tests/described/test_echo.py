"""Operations that remember nothing answer with what was sent, under its own names."""

from __future__ import annotations

import re

import pytest

CLUB = """
openapi: 3.1.0
info: {title: Club, version: "1"}
paths:
  /profiles/{username}:
    parameters: [{name: username, in: path, required: true, schema: {type: string}}]
    get:
      responses:
        "200":
          description: A profile.
          content:
            application/json:
              schema:
                type: object
                properties:
                  profile: {type: object, properties: {username: {type: string}, bio: {type: string}}}
              example: {profile: {username: jake, bio: Works at the club.}}
  /register:
    post:
      requestBody:
        content:
          application/json:
            schema:
              type: object
              properties:
                user: {type: object, properties: {email: {type: string}, password: {type: string}, age: {type: string}}}
      responses:
        "201":
          description: The new user.
          content:
            application/json:
              schema:
                type: object
                properties:
                  user:
                    type: object
                    required: [id, email, token]
                    properties:
                      {id: {type: integer}, email: {type: string}, age: {type: integer}, token: {type: string}}
                  errors: {type: array, items: {type: string}}
              example: {user: {id: 12, email: jake@club.example, age: 30, token: t0}, errors: [none]}
  /rooms/{id}/quote:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    post:
      requestBody:
        content:
          application/json:
            schema: {type: object, properties: {nights: {type: integer}, guest: {type: string}}}
      responses:
        "200":
          description: A price.
          content:
            application/json:
              schema:
                type: object
                required: [room_id, nights, price, guest]
                properties:
                  room_id: {type: integer}
                  nights: {type: integer, maximum: 30}
                  price: {type: number}
                  guest: {type: string}
"""


@pytest.fixture
def club(serve):
    """Operations of which none has a collection."""
    return serve(CLUB)


def test_a_value_of_the_path_is_in_the_answer(club):
    """Under its own name, though the example has another; the rest is the example's."""
    assert club.get("/profiles/ann").json() == {"profile": {"username": "ann", "bio": "Works at the club."}}


def test_a_registered_user_is_the_one_that_was_sent(club):
    """Converted where the answer has another type, without the password and without errors."""
    user = club.post("/register", json={"user": {"email": "ann@club.example", "password": "x", "age": "44"}}).json()

    assert user == {"user": {"id": 12, "email": "ann@club.example", "age": 44, "token": "t0"}}


def test_two_creations_have_two_ids(club):
    """The first has that of the example."""
    ids = [club.post("/register", json={"user": {"email": "a"}}).json()["user"]["id"] for _ in range(3)]

    assert ids == [12, 13, 14]


def test_an_answer_made_of_its_schema_repeats_what_was_sent_too(club):
    """The id in the path is that of the room; a number over the answer's bound is not shown."""
    quote = club.post("/rooms/7/quote", json={"nights": 3, "guest": "Ann"}).json()
    far = club.post("/rooms/7/quote", json={"nights": 300, "guest": "Ann"}).json()

    assert (quote["room_id"], quote["nights"], quote["guest"]) == (7, 3, "Ann")
    assert (far["room_id"], far["nights"] <= 30, far["guest"]) == (7, True, "Ann")


def test_an_example_that_is_asked_for_stays_as_it_is(club):
    """As does everything with `--state off`."""
    answer = club.get("/profiles/ann", headers={"Prefer": "code=200"})

    assert answer.json()["profile"]["username"] == "jake"


WORDS = """
openapi: 3.0.3
info: {title: Words, version: "1"}
paths:
  /weather:
    get:
      parameters:
        - {name: city, in: query, schema: {type: string}}
        - {name: units, in: query, schema: {type: string, default: metric}}
        - {name: days, in: query, schema: {type: array, items: {type: integer}}}
      responses:
        "200":
          description: Today's.
          content:
            application/json:
              schema:
                type: object
                properties:
                  {city: {type: string}, units: {type: string}, temp: {type: number}, days: {type: integer}}
              example: {city: Paris, units: imperial, temp: 5, days: 2}
  /messages:
    post:
      requestBody: {content: {application/json: {schema: {type: object, properties: {text: {type: string}}}}}}
      responses:
        "201":
          description: Sent.
          content:
            application/json:
              schema:
                type: object
                properties: {sid: {type: string, pattern: "^SM[0-9a-f]{32}$"}, text: {type: string}}
"""


def test_a_read_says_what_it_was_asked_for(serve):
    """By its query, with defaults; several values are no single one."""
    client = serve(WORDS)

    told = client.get("/zoo/weather?city=Oslo&days=1&days=3").json()

    assert told == {"city": "Oslo", "units": "metric", "temp": 5, "days": 2}


def test_each_creation_has_an_id_whatever_that_is_called(serve):
    """Of the form that its schema gives."""
    client = serve(WORDS)

    made = [client.post("/zoo/messages", json={"text": "hi"}).json() for _ in range(3)]

    assert len({message["sid"] for message in made}) == 3
    assert all(re.fullmatch("SM[0-9a-f]{32}", message["sid"]) for message in made)
