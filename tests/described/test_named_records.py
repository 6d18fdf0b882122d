"""Members that name records by plain names, descriptions and unions; what is taken twice, and what is not there."""

from __future__ import annotations

BOARDS = """
openapi: 3.0.3
info: {title: Boards, version: "1"}
paths:
  /users:
    get: {responses: {"200": {description: x, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/User"}}}}}}}
    post:
      requestBody: {content: {application/json: {schema: {type: object, properties: {name: {type: string}, email: {type: string}}}}}}
      responses: {"201": {description: x, content: {application/json: {schema: {$ref: "#/components/schemas/User"}}}}, "409": {description: Taken.}}
  /users/{userId}:
    parameters: [{name: userId, in: path, required: true, schema: {type: string}}]
    get: {responses: {"200": {description: x, content: {application/json: {schema: {$ref: "#/components/schemas/User"}}}}, "404": {description: None.}}}
    patch:
      requestBody: {content: {application/json: {schema: {type: object, properties: {name: {type: string}, email: {type: string}}}}}}
      responses: {"200": {description: x, content: {application/json: {schema: {$ref: "#/components/schemas/User"}}}}, "404": {description: None.}}
  /boards:
    get: {responses: {"200": {description: x, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Board"}}}}}}}
    post:
      requestBody: {content: {application/json: {schema: {type: object, properties: {title: {type: string}, owner: {type: string}}}}}}
      responses: {"201": {description: x, content: {application/json: {schema: {$ref: "#/components/schemas/Board"}}}}, "422": {description: No such owner.}}
  /boards/{boardId}:
    parameters: [{name: boardId, in: path, required: true, schema: {type: string}}]
    get: {responses: {"200": {description: x, content: {application/json: {schema: {$ref: "#/components/schemas/Board"}}}}}}
  /boards/{boardId}/members:
    parameters: [{name: boardId, in: path, required: true, schema: {type: string}}]
    get: {responses: {"200": {description: x, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/User"}}}}}}}
    post:
      requestBody: {content: {application/json: {schema: {type: object, required: [userId], properties: {userId: {type: string}}}}}}
      responses: {"201": {description: x, content: {application/json: {schema: {$ref: "#/components/schemas/Board"}}}}, "404": {description: None.}}
  /boards/{boardId}/members/{userId}:
    parameters:
      - {name: boardId, in: path, required: true, schema: {type: string}}
      - {name: userId, in: path, required: true, schema: {type: string}}
    delete: {responses: {"204": {description: Gone.}, "404": {description: None.}}}
  /boards/{boardId}/cards:
    parameters: [{name: boardId, in: path, required: true, schema: {type: string}}]
    get: {responses: {"200": {description: x, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Card"}}}}}}}
    post:
      requestBody: {content: {application/json: {schema: {type: object, properties: {title: {type: string}}}}}}
      responses: {"201": {description: x, content: {application/json: {schema: {$ref: "#/components/schemas/Card"}}}}}
  /cards:
    get:
      parameters: [{name: board, in: query, schema: {type: string}}]
      responses: {"200": {description: x, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Card"}}}}}}
    post:
      requestBody: {content: {application/json: {schema: {type: object, properties: {title: {type: string}, board: {type: string}, dueOn: {type: string, format: date}}}}}}
      responses: {"201": {description: x, content: {application/json: {schema: {$ref: "#/components/schemas/Card"}}}}, "400": {description: Bad.}}
  /cards/{cardId}:
    parameters: [{name: cardId, in: path, required: true, schema: {type: string}}]
    get: {responses: {"200": {description: x, content: {application/json: {schema: {$ref: "#/components/schemas/Card"}}}}, "404": {description: None.}}}
  /cards/{cardId}/move:
    parameters: [{name: cardId, in: path, required: true, schema: {type: string}}]
    post:
      requestBody: {content: {application/json: {schema: {type: object, properties: {boardId: {type: string}}}}}}
      responses: {"200": {description: x, content: {application/json: {schema: {$ref: "#/components/schemas/Card"}}}}, "404": {description: None.}}
  /cards/{cardId}/finish:
    parameters: [{name: cardId, in: path, required: true, schema: {type: string}}]
    post: {responses: {"200": {description: x, content: {application/json: {schema: {$ref: "#/components/schemas/Card"}}}}, "404": {description: None.}}}
components:
  schemas:
    User: {type: object, required: [id, name], properties: {id: {type: string}, name: {type: string}, email: {type: string}}}
    Board:
      type: object
      required: [id, title, owner, members]
      properties:
        id: {type: string}
        title: {type: string}
        owner: {type: string, description: The id of the user who made it.}
        members: {type: array, items: {type: string}}
    Card:
      type: object
      required: [id, title, board, assignee]
      properties:
        id: {type: string}
        title: {type: string, description: Must be unique.}
        board: {type: string}
        assignee: {anyOf: [{type: string}, {$ref: "#/components/schemas/User"}]}
        board_detail: {type: object, readOnly: true, properties: {id: {type: string}, title: {type: string}}}
        finishedOn: {type: string, format: date}
        finishedAt: {type: string, format: date-time, readOnly: true, nullable: true}
"""  # noqa: E501


def test_first_records_name_others_by_plain_names_and_descriptions(serve):
    """`board` of a card, `owner` that is the id of a user, and a user or the id of one, which is shown as the id."""
    client = serve(BOARDS)

    users, boards, cards = (client.get(path).json() for path in ("/users", "/boards", "/cards"))

    assert {board["owner"] for board in boards} <= {user["id"] for user in users}
    assert {card["board"] for card in cards} <= {board["id"] for board in boards}
    titles = {board["id"]: board["title"] for board in boards}
    assert [card["board_detail"]["title"] for card in cards] == [titles[card["board"]] for card in cards]


def test_a_card_below_a_board_is_one_of_all_cards(serve):
    """It names the board, shows it beside, and is found by the filter; moved, it is below the other one."""
    client = serve(BOARDS)
    one, two = (client.post("/boards", json={"title": title}).json()["id"] for title in ("One", "Two"))

    made = client.post(f"/boards/{one}/cards", json={"title": "c"}).json()
    found = client.get("/cards", params={"board": one}).json()
    client.post(f"/cards/{made['id']}/move", json={"boardId": two})

    assert (made["board"], made["board_detail"]["title"]) == (one, "One")
    assert [card["id"] for card in found] == [made["id"]]
    assert client.get(f"/boards/{one}/cards").json() == []
    assert [card["board_detail"]["title"] for card in client.get(f"/boards/{two}/cards").json()] == ["Two"]


def test_an_owner_that_is_not_there_is_refused(serve):
    """Since the document says whose id `owner` is, and declares 422."""
    client = serve(BOARDS)

    assert client.post("/boards", json={"title": "x", "owner": "nobody"}).status_code == 422


def test_what_is_not_there_is_noted_where_no_answer_says_so(serve):
    """A card is made for a board that is not there, below it or by its name, and the answer tells."""
    client = serve(BOARDS)

    answers = [
        client.post("/boards/none/cards", json={"title": "c"}),
        client.post("/cards", json={"title": "d", "board": "none"}),
        client.get("/boards/none/cards"),
    ]

    assert [answer.status_code for answer in answers] == [201, 201, 200]
    assert ["missing-records=" in answer.headers.get("Mock-Assumption", "") for answer in answers] == [True, True, True]


def test_a_member_is_added_by_id_and_the_answer_is_the_board(serve):
    """As the schema of the answer has it; the board then lists the ids, and the list below it the users."""
    client = serve(BOARDS)
    board = client.post("/boards", json={"title": "One"}).json()
    ann = client.post("/users", json={"name": "Ann"}).json()

    answer = client.post(f"/boards/{board['id']}/members", json={"userId": ann["id"]}).json()

    assert board["members"] == []
    assert (answer["id"], answer["title"], answer["members"]) == (board["id"], "One", [ann["id"]])
    assert client.get(f"/boards/{board['id']}").json()["members"] == [ann["id"]]
    assert client.get(f"/boards/{board['id']}/members").json() == [ann]
    assert client.delete(f"/boards/{board['id']}/members/{ann['id']}").status_code == 204
    assert client.get(f"/boards/{board['id']}").json()["members"] == []


def test_what_is_unique_is_refused_by_every_write(serve):
    """A PATCH that takes another's e-mail is 409, which POST alone declares; a title that must be unique is 400."""
    client = serve(BOARDS)
    ann, bob = (client.post("/users", json={"email": f"{name}@x.io"}).json()["id"] for name in ("ann", "bob"))
    client.post("/cards", json={"title": "c"})

    assert client.patch(f"/users/{bob}", json={"email": "ann@x.io"}).status_code == 409
    assert client.patch(f"/users/{ann}", json={"email": "ann@x.io"}).status_code == 200
    assert client.post("/cards", json={"title": "c"}).status_code == 400


def test_an_action_leaves_dates_that_clients_write(serve):
    """`finish` says when in `finishedAt`, which only the server writes, not in `finishedOn`."""
    client = serve(BOARDS.replace("dueOn: {type: string, format: date}", "finishedOn: {type: string, format: date}"))
    made = client.post("/cards", json={"title": "c", "finishedOn": "2020-01-02"}).json()

    finished = client.post(f"/cards/{made['id']}/finish").json()

    assert finished["finishedOn"] == "2020-01-02"
    assert finished["finishedAt"] is not None
