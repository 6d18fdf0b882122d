"""What was taken away is gone also for operations that remember nothing themselves."""

DOCUMENT = """
openapi: 3.1.0
info: {title: Zoo, version: "1"}
paths:
  /keepers/{keeper}/keys/{key}:
    put: {responses: {"204": {description: It is there.}}}
    delete: {responses: {"204": {description: It is gone.}}}
  /keepers/{keeper}/keys/{key}/doors:
    get: {responses: {"200": {description: Its doors., content: {application/json: {schema: {type: integer}}}}}}
  /animals:
    get:
      responses: {"200": {description: All., content: {application/json: {schema: {type: array, items: &animal
        {type: object, required: [id], properties: {id: {type: integer}, name: {type: string}}}}}}}}
    post:
      requestBody: {content: {application/json: {schema: {type: object, properties: {name: {type: string}}}}}}
      responses: {"201": {description: Made., content: {application/json: {schema: *animal}}}}
  /animals/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get: {responses: {"200": {description: One., content: {application/json: {schema: *animal}}}}}
    delete: {responses: {"204": {description: Gone.}}}
  /animals/{id}/picture:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get: {responses: {"200": {description: Its picture., content: {image/png: {}}}}}
"""


def test_nothing_is_below_what_nobody_keeps_and_was_deleted(serve):
    """Until it is put there again; others are not concerned, and deleting is done twice as well."""
    client = serve(DOCUMENT)
    doors = "/zoo/keepers/1/keys/a/doors"

    statuses = [
        client.request(method, path).status_code
        for method, path in (
            ("GET", doors),
            ("DELETE", "/zoo/keepers/1/keys/a"),
            ("DELETE", "/zoo/keepers/1/keys/a"),
            ("GET", doors),
            ("GET", "/zoo/keepers/2/keys/a/doors"),
            ("PUT", "/zoo/keepers/1/keys/a"),
            ("GET", doors),
        )
    ]

    assert statuses == [200, 204, 204, 404, 200, 204, 200]


def test_nothing_is_below_a_record_that_was_deleted(serve):
    """Also where what is below is made of its schema alone."""
    client = serve(DOCUMENT)
    record = client.post("/zoo/animals", json={"name": "Ann"}).json()["id"]
    before = client.get(f"/zoo/animals/{record}/picture")
    client.delete(f"/zoo/animals/{record}")

    after = client.get(f"/zoo/animals/{record}/picture")

    assert (before.status_code, after.status_code) == (200, 404)


def test_what_there_is_one_of_is_gone_where_reading_may_say_so(serve):
    """Though nothing but DELETE writes it."""
    client = serve("""
        openapi: 3.1.0
        info: {title: Zoo, version: "1"}
        paths:
          /cages/{cage}/lock:
            parameters: [{name: cage, in: path, required: true, schema: {type: integer}}]
            get:
              responses:
                "200": {description: It., content: {application/json: {schema: &lock
                  {type: object, required: [brand], properties: {brand: {type: string}}}}}}
                "404": {description: None.}
            delete: {responses: {"200": {description: Gone., content: {application/json: {schema: *lock}}}}}
    """)

    statuses = [
        client.request(method, path).status_code
        for method, path in (("GET", "/cages/1/lock"), ("DELETE", "/cages/1/lock"), ("GET", "/cages/1/lock"))
    ]

    assert [*statuses, client.get("/cages/2/lock").status_code] == [200, 200, 404, 200]


def test_one_world_does_not_miss_what_another_deleted(serve):
    """Each world has its own."""
    client = serve(DOCUMENT)
    client.delete("/~one/zoo/keepers/1/keys/a")

    answers = [client.get(f"/~{world}/zoo/keepers/1/keys/a/doors").status_code for world in ("one", "two")]

    assert answers == [404, 200]


def test_a_world_is_imported_from_its_export_with_what_was_deleted(serve):
    """Whose ids are not given again."""
    client = serve(DOCUMENT, seeds=0)
    for name in ("Ann", "Bob"):
        client.post("/zoo/animals", json={"name": name})
    client.delete("/zoo/animals/2")
    exported = client.get("/__admin/worlds/default/export").json()

    answer = client.post("/__admin/worlds/copy/import", json=exported)

    assert answer.status_code == 204
    assert client.get("/~copy/zoo/animals/2/picture").status_code == 404
    assert client.post("/~copy/zoo/animals", json={"name": "Cid"}).json()["id"] == 3
