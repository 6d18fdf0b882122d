"""Answers that looked right and were not: each shows what is so now, or says what it left out."""

from __future__ import annotations

import json

from mockserver.json_text import Json

TEXT, NUMBER, FLAG = {"type": "string"}, {"type": "integer"}, {"type": "boolean"}


def document(paths: Json, **schemas: Json) -> str:
    """A document with these paths and schemas."""
    head = {"openapi": "3.1.0", "info": {"title": "Desk", "version": "1"}}
    return json.dumps({**head, "paths": paths, "components": {"schemas": schemas}})


def ref(name: str) -> Json:
    """A reference to a schema."""
    return {"$ref": f"#/components/schemas/{name}"}


def holds(**members: Json) -> Json:
    """An object with these members."""
    return {"type": "object", "properties": members}


def answers(schema: Json, *, status: str = "200", missing: bool = False) -> Json:
    """Responses with a success in JSON."""
    found: Json = {status: {"description": "OK.", "content": {"application/json": {"schema": schema}}}}
    return {"responses": found | ({"404": {"description": "None."}} if missing else {})}


def takes(schema: Json, media: str = "application/json") -> Json:
    """A request body."""
    return {"requestBody": {"required": True, "content": {media: {"schema": schema}}}}


def at(name: str, schema: Json) -> Json:
    """A path parameter."""
    return {"parameters": [{"name": name, "in": "path", "required": True, "schema": schema}]}


USER = holds(id=NUMBER, username=TEXT, email=TEXT)
TASK = holds(
    id=NUMBER, title=TEXT, reason=TEXT, cancellation_reason=TEXT, done=FLAG, status={"enum": ["new", "cancelled"]}
)
PROJECT = holds(id=NUMBER, name=TEXT, owner={"allOf": [ref("User")], "readOnly": True})
TRACKER = document(
    {
        "/users": {
            "get": answers({"type": "array", "items": ref("User")}),
            "post": takes(holds(username=TEXT, email=TEXT)) | answers(ref("User"), status="201"),
        },
        "/users/{id}": at("id", NUMBER) | {"get": answers(ref("User"), missing=True)},
        "/projects": {
            "get": answers({"type": "array", "items": ref("Project")}),
            "post": takes(holds(name=TEXT, owner_id=NUMBER)) | answers(ref("Project"), status="201"),
        },
        "/projects/{id}": at("id", NUMBER) | {"get": answers(ref("Project"), missing=True)},
        "/tasks": {
            "get": answers({"type": "array", "items": ref("Task")}),
            "post": takes(holds(title=TEXT, reason=TEXT, done=FLAG)) | answers(ref("Task"), status="201"),
        },
        "/tasks/stats": {"get": answers(holds(total=NUMBER, done=NUMBER, open=NUMBER))},
        "/tasks/{id}": at("id", NUMBER) | {"get": answers(ref("Task"), missing=True)},
        "/tasks/{id}/cancel": at("id", NUMBER)
        | {"post": takes(holds(reason=TEXT, notify=FLAG)) | answers(ref("Task"))},
    },
    User=USER,
    Task=TASK,
    Project=PROJECT,
)


def test_an_embedded_record_behind_one_allof_is_the_record(serve):
    """`owner: {allOf: [User], readOnly: true}` shows the user that `owner_id` names."""
    api = serve(TRACKER)
    ann = api.post("/users", json={"username": "ann", "email": "ann@example.com"}).json()

    made = api.post("/projects", json={"name": "House", "owner_id": ann["id"]}).json()

    assert made["owner"] == {"id": ann["id"], "username": "ann", "email": "ann@example.com"}


def test_a_reason_of_an_action_is_not_that_of_the_record(serve):
    """`cancel` with a `reason` sets `cancellation_reason`; what the record has no member for is told."""
    api = serve(TRACKER)
    task = api.post("/tasks", json={"title": "Dig", "reason": "spring"}).json()

    answer = api.post(f"/tasks/{task['id']}/cancel", json={"reason": "rain", "notify": True})

    told = answer.json()
    assert (told["reason"], told["cancellation_reason"], told["status"]) == ("spring", "rain", "cancelled")
    assert answer.headers["Mock-Assumption"].endswith("not-remembered=`cancel` keeps nothing of /notify")


SHOP = document(
    {
        "/orders": {
            "get": answers({"type": "array", "items": ref("Order")}),
            "post": answers(ref("Order"), status="201"),
        },
        "/orders/{id}": at("id", NUMBER) | {"get": answers(ref("Order"), missing=True)},
        "/orders/{id}/cancel": at("id", NUMBER) | {"post": takes(holds(reason=TEXT)) | answers(ref("Order"))},
    },
    Order=holds(
        id={**NUMBER, "readOnly": True},
        status={"enum": ["new", "cancelled"], "readOnly": True},
        cancelReason={"type": ["string", "null"], "readOnly": True},
    ),
)


def test_a_reason_is_kept_where_only_the_server_sets_its_member(serve):
    """`cancelReason`, readOnly, by the `reason` of `cancel`."""
    api = serve(SHOP)
    order = api.post("/orders", json={}).json()

    api.post(f"/orders/{order['id']}/cancel", json={"reason": "rain"})

    assert api.get(f"/orders/{order['id']}").json() == {**order, "status": "cancelled", "cancelReason": "rain"}


def test_counts_of_what_is_not_done_are_counted(serve):
    """`open` beside `done` are the records whose flag says no."""
    api = serve(TRACKER, seeds=0)
    for flag in ({"done": True}, {"done": False}, {}):
        api.post("/tasks", json={"title": "Dig", **flag})

    assert api.get("/tasks/stats").json() == {"total": 3, "done": 1, "open": 2}


TAG = holds(id=NUMBER, name=TEXT, nbSites=NUMBER)
TAGS = document(
    {
        "/sites": {"get": answers({"type": "array", "items": ref("Site")}), "post": answers(ref("Site"), status="201")},
        "/sites/{id}": at("id", NUMBER) | {"get": answers(ref("Site"), missing=True)},
        "/tags": {
            "get": answers({"type": "array", "items": ref("Tag")}),
            "post": takes(ref("Tag")) | answers(ref("Tag"), status="201", missing=True),
        },
        "/tags/{id}": at("id", NUMBER) | {"get": answers(ref("Tag"), missing=True)},
    },
    Site=holds(id=NUMBER, url=TEXT),
    Tag=TAG,
)


def test_a_number_of_records_names_none_of_them(serve):
    """`nbSites: 495` says how many sites a tag has, and is not the id of a site that is not there."""
    api = serve(TAGS)

    made = api.post("/tags", json={"name": "urgent", "nbSites": 495})

    assert (made.status_code, made.json()["nbSites"]) == (201, 495)


FILES = document(
    {
        "/files": {
            "get": answers({"type": "array", "items": ref("File")}),
            "post": takes(holds(name=TEXT, body={"type": "string", "format": "binary"}), "multipart/form-data")
            | answers(ref("File"), status="201"),
        },
        "/files/{id}": at("id", TEXT) | {"get": answers(ref("File"), missing=True)},
    },
    File=holds(id=TEXT, Name=TEXT, Size=NUMBER),
)


def test_the_name_that_was_sent_is_that_of_the_file(serve):
    """Whatever the part of the form is called: `name` is what records have as `Name`."""
    api = serve(FILES)

    made = api.post("/files", data={"name": "plan.pdf"}, files={"body": ("tmp01.bin", b"12345", "application/pdf")})

    assert (made.json()["Name"], made.json()["Size"]) == ("plan.pdf", 5)


PERSON = holds(id=TEXT, email=TEXT, full_name=TEXT)
SIGNED = document(
    {
        "/users/signup": {"post": takes(holds(email=TEXT, password=TEXT, full_name=TEXT)) | answers(ref("Person"))},
        "/login/access-token": {
            "post": takes(holds(username=TEXT, password=TEXT), "application/x-www-form-urlencoded")
            | answers({**holds(access_token=TEXT), "required": ["access_token"]})
        },
        "/users/me": {"get": answers(ref("Person"))},
    },
    Person={**PERSON, "required": ["id", "email"]},
)


def test_who_signed_up_is_who_logs_in(serve):
    """Also where the answer to signing up has no token, and the login is at `/login/access-token`."""
    api = serve(SIGNED)
    ann = api.post("/users/signup", json={"email": "ann@example.com", "password": "x", "full_name": "Ann"}).json()

    form = {"username": "ann@example.com", "password": "x"}
    token = api.post("/login/access-token", data=form).json()["access_token"]

    assert ann["email"] == "ann@example.com"
    assert api.get("/users/me", headers={"Authorization": f"Bearer {token}"}).json() == ann


PATIENT = holds(id=NUMBER, name=TEXT)
PHOTO = holds(file={"type": "string", "format": "binary"})
CLINIC = document(
    {
        "/patients": {
            "get": answers({"type": "array", "items": ref("Patient")}),
            "post": takes(holds(name=TEXT)) | answers(ref("Patient"), status="201"),
        },
        "/patients/{id}": at("id", NUMBER) | {"get": answers(ref("Detail"), missing=True)},
        "/patients/{id}/photo": at("id", NUMBER)
        | {
            "post": takes(PHOTO, "multipart/form-data") | answers(ref("Patient")),
            "get": {"responses": {"200": {"description": "OK.", "content": {"image/png": {}}}}},
        },
    },
    Patient=PATIENT,
    Detail=holds(id=NUMBER, name=TEXT, visits={"type": "array", "items": TEXT}, history=TEXT),
)


def test_an_upload_answers_the_record_it_belongs_to(serve):
    """`POST /patients/{id}/photo`, which declares a patient, shows that patient and none of the schema's."""
    api = serve(CLINIC)
    made = api.post("/patients", json={"name": "Max"}).json()

    sent = api.post(f"/patients/{made['id']}/photo", files={"file": ("a.png", b"\x89PNG", "image/png")})

    assert sent.json() == made
    assert api.get(f"/patients/{made['id']}/photo").content == b"\x89PNG"


def linkage(kind: str) -> Json:
    """A JSON:API identifier."""
    return {**holds(type={"const": kind}, id=TEXT), "required": ["type", "id"]}


def resource(kind: str, attributes: Json, **relationships: Json) -> Json:
    """A JSON:API resource; each relationship has the schema of its linkage."""
    named = {name: holds(data=schema) for name, schema in relationships.items()}
    members = holds(type={"const": kind}, id=TEXT, attributes=holds(**attributes), relationships=holds(**named))
    return {**members, "required": ["type", "id"]}


MANY, ONE = {"type": "array", "items": linkage("books")}, {"anyOf": [linkage("authors"), {"type": "null"}]}
BOOK, AUTHOR = resource("books", {"title": TEXT}, author=ONE), resource("authors", {"name": TEXT}, books=MANY)


def data(schema: Json) -> Json:
    """A document with `data`."""
    return {**holds(data=schema), "required": ["data"]}


def collection(kind: str, name: str) -> Json:
    """The list of a kind, its creation and its items."""
    return {
        f"/{kind}": {
            "get": answers(data({"type": "array", "items": ref(name)}))
            | {"parameters": [{"name": "filter[author.name]", "in": "query", "schema": TEXT}]},
            "post": takes(data(ref(f"{name}New"))) | answers(data(ref(name)), status="201"),
        },
        f"/{kind}/{{id}}": at("id", TEXT) | {"get": answers(data(ref(name)), missing=True)},
    }


LIBRARY = document(
    {
        **collection("books", "Book"),
        **collection("authors", "Author"),
        "/books/{id}/author": at("id", TEXT)
        | {"get": answers(data({"anyOf": [ref("Author"), {"type": "null"}]}), missing=True)},
        "/authors/{id}/relationships/books": at("id", TEXT) | {"get": answers(data(MANY), missing=True)},
        "/authors/{id}/books": at("id", TEXT)
        | {"get": answers(data({"type": "array", "items": ref("Book")}), missing=True)},
    },
    Book=BOOK,
    Author=AUTHOR,
    BookNew={**BOOK, "required": ["type"]},
    AuthorNew={**AUTHOR, "required": ["type"]},
)


def test_related_records_of_json_api_are_told_from_either_side(serve):
    """Which books an author has follows from the books; a book without an author has `data: null`."""
    api = serve(LIBRARY)
    author = api.post("/authors", json={"data": {"type": "authors", "attributes": {"name": "Frisch"}}}).json()["data"]
    named = {"author": {"data": {"type": "authors", "id": author["id"]}}}
    book = api.post("/books", json={"data": {"type": "books", "relationships": named}}).json()["data"]
    alone = api.post("/books", json={"data": {"type": "books", "relationships": {"author": {"data": None}}}}).json()

    linked = api.get(f"/authors/{author['id']}/relationships/books")

    assert linked.json() == {"data": [{"type": "books", "id": book["id"]}]}
    assert api.get(f"/books/{alone['data']['id']}/author").json() == {"data": None}


def test_a_filter_by_the_name_of_a_linked_record_is_told_to_be_ignored(serve):
    """A linkage has an id and no name: the list is whole and says so, where it was empty and said nothing."""
    api = serve(LIBRARY)

    answer = api.get("/books", params={"filter[author.name]": "Frisch"})

    assert len(answer.json()["data"]) == 3
    assert "ignored-parameters" in answer.headers["Mock-Assumption"]
