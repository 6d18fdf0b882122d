"""Answers that are made of a document alone."""

import pytest

ZOO = """
openapi: 3.1.0
info: {title: Zoo, version: "1"}
servers: [{url: "https://zoo.example/v1"}]
paths:
  /animals/{id}:
    get:
      operationId: getAnimal
      parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
      responses:
        "200":
          description: An animal.
          headers:
            X-Left: {required: true, schema: {type: integer, minimum: 5}}
            X-Keeper: {example: Kim, schema: {type: string}}
            Content-Type: {schema: {type: string}}
          content:
            application/json:
              schema: {$ref: "#/components/schemas/Animal"}
              examples:
                broken: {value: {id: one}}
                lion: {value: {id: 1, name: Leo}}
                seal: {value: {id: 2, name: Robbie}}
            text/plain: {schema: {type: string, examples: [Leo the lion]}}
        "404":
          description: No such animal.
          content: {application/json: {schema: {$ref: "#/components/schemas/Error"}, example: {message: Gone.}}}
        "5XX": {description: Trouble.}
    delete:
      operationId: deleteAnimal
      parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
      responses: {"204": {description: Gone.}, "200": {description: Kept.}}
  /animals:
    get:
      operationId: listAnimals
      responses:
        "200":
          description: Animals.
          content:
            application/json: {schema: {type: array, minItems: 1, items: {$ref: "#/components/schemas/Animal"}}}
        default: {description: Trouble., content: {application/json: {schema: {$ref: "#/components/schemas/Error"}}}}
  /riddle:
    get:
      operationId: getRiddle
      responses:
        "200":
          description: Nothing fits.
          content: {application/json: {schema: {type: integer, minimum: 5, maximum: 4}}}
components:
  schemas:
    Animal:
      type: object
      required: [id, name]
      properties: {id: {type: integer}, name: {type: string}, email: {type: string, format: email}}
    Error: {type: object, required: [message], properties: {message: {type: string}, code: {type: integer}}}
"""


@pytest.fixture
def zoo(serve):
    """A zoo that remembers nothing."""
    return serve(ZOO, state=False)


def test_the_first_example_that_fits_its_schema_is_the_answer(zoo):
    """One that breaks it would be a broken promise."""
    answer = zoo.get("/v1/animals/7")

    assert (answer.status_code, answer.json()) == (200, {"id": 1, "name": "Leo"})
    assert "Mock-Violation" not in answer.headers


def test_declared_headers_are_sent(zoo):
    """With their examples, else with values of their schemas; the media type is that of the body."""
    headers = zoo.get("/v1/animals/7").headers

    assert (headers["X-Left"], headers["X-Keeper"], headers["Content-Type"]) == ("5", "Kim", "application/json")


@pytest.mark.parametrize(
    "asked", [{"headers": {"Prefer": "example=seal"}}, {"params": {"__example": "seal"}}], ids=["header", "query"]
)
def test_an_example_can_be_preferred(zoo, asked):
    """By its name, as Prism's users do; the answer says that it was."""
    answer = zoo.get("/v1/animals/7", **asked)

    assert answer.json() == {"id": 2, "name": "Robbie"}
    assert answer.headers["Preference-Applied"] == "example=seal"


def test_a_status_can_be_preferred(zoo):
    """With what the document declares for it."""
    answer = zoo.get("/v1/animals/7", headers={"Prefer": "code=404"})

    assert (answer.status_code, answer.json()) == (404, {"message": "Gone."})


def test_a_range_answers_for_its_statuses(zoo):
    """`5XX` is what 503 is declared by."""
    assert zoo.get("/v1/animals/7", headers={"Prefer": "code=503"}).status_code == 503


def test_an_example_that_is_not_declared_cannot_be_preferred(zoo):
    """The answer says what there is."""
    answer = zoo.get("/v1/animals/7", headers={"Prefer": "example=bear"})

    said = "example 'bear' was preferred, which the document does not declare; declared: broken, lion, seal"
    assert (answer.status_code, answer.json()["message"]) == (404, said)


def test_a_status_that_is_not_declared_is_answered_and_marked(zoo):
    """As RFC 9457 has it, with what is declared."""
    answer = zoo.get("/v1/animals/7", headers={"Prefer": "code=418"})

    assert (answer.status_code, answer.headers["Content-Type"]) == (418, "application/problem+json")
    assert answer.json() == {
        "type": "about:blank",
        "title": "I'm a Teapot",
        "status": 418,
        "detail": "status 418 was preferred, which the document does not declare; declared: 200, 404, 5XX",
    }
    assert answer.headers["Preference-Applied"] == "code=418"
    marked = "zoo.undeclared-status=418 is not declared; answered as application/problem+json"
    assert answer.headers["Mock-Assumption"] == marked


@pytest.mark.parametrize(("code", "has_body"), [(202, True), (204, False), (304, False)])
def test_a_success_that_is_not_declared_breaks_no_promise(serve, code, has_body):
    """It is what was asked for, also where broken promises are errors."""
    shop = serve(
        """
        openapi: 3.0.3
        info: {title: Shop, version: "1"}
        paths: {/orders: {get: {responses: {"200": {description: All.}}}}}
        """,
        errors=True,
    )

    answer = shop.get("/orders", headers={"Prefer": f"code={code}"})

    assert (answer.status_code, bool(answer.content)) == (code, has_body)
    assert "Mock-Violation" not in answer.headers


def test_a_status_that_lets_no_body_in_has_none(serve):
    """Whatever the document declares for a 205."""
    shop = serve(
        """
        openapi: 3.0.3
        info: {title: Shop, version: "1"}
        paths: {/form: {delete: {responses: {"205": {description: Empty., content: {application/json: {schema: {}}}}}}}}
        """,
        errors=True,
    )

    answer = shop.delete("/form")

    assert (answer.status_code, answer.content, "Mock-Violation" in answer.headers) == (205, b"", False)


def test_the_default_answers_for_a_status_that_is_not_declared(serve):
    """In its schema, with the status that was asked for, and marked."""
    error = "{type: object, required: [status], properties: {status: {type: integer}, message: {type: string}}}"
    shop = serve(
        f"""
        openapi: 3.0.3
        info: {{title: Shop, version: "1"}}
        paths:
          /orders:
            get:
              responses:
                "200": {{description: All.}}
                default: {{description: No., content: {{application/json: {{schema: {error}}}}}}}
        """
    )

    answer = shop.get("/orders", headers={"Prefer": "code=429"})

    assert (answer.status_code, answer.json()["status"]) == (429, 429)
    assert answer.headers["Mock-Assumption"] == "zoo.undeclared-status=429 is not declared; answered as its default"


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("__code=40", "query/__code: code='40': expected a status from 100 to 599"),
        ("__dynamic=maybe", "query/__dynamic: dynamic='maybe': expected true or false"),
        ("__seed=x", "query/__seed: seed='x': expected an integer"),
    ],
)
def test_a_preference_has_to_make_sense(zoo, query, said):
    """Else it is refused as any parameter is."""
    answer = zoo.get(f"/v1/animals?{query}")

    assert (answer.status_code, answer.json()["message"]) == (422, said)


def test_beside_a_success_the_default_is_an_error(serve):
    """A creation is answered with its 201, not with the body of errors."""
    client = serve(
        """
openapi: 3.1.0
info: {title: Hooks, version: "1"}
paths:
  /hooks:
    post:
      responses:
        default: {description: Trouble., content: {application/json: {schema: {type: object}, example: {error: no}}}}
        "201": {description: Made., content: {application/json: {schema: {type: object}, example: {id: 1}}}}
"""
    )

    answer = client.post("/hooks")

    assert (answer.status_code, answer.json()) == (201, {"id": 1})


def test_values_can_be_faked(zoo):
    """Believable, and the same for the same seed."""
    asked = {"headers": {"Prefer": "dynamic=true, seed=7"}}

    first, again = zoo.get("/v1/animals", **asked), zoo.get("/v1/animals", **asked)
    other = zoo.get("/v1/animals", headers={"Prefer": "dynamic=true, seed=8"})

    assert first.json() == again.json() != other.json()
    assert all("@" in animal.get("email", "@") for animal in first.json())


def test_all_values_can_be_faked(serve):
    """`--dynamic`, from which a request may depart."""
    zoo = serve(ZOO, state=False, dynamic=True)

    assert zoo.get("/v1/animals/7").json() != {"id": 1, "name": "Leo"}
    assert zoo.get("/v1/animals/7", headers={"Prefer": "dynamic=false"}).json() == {"id": 1, "name": "Leo"}


def test_the_lowest_success_is_the_answer(zoo):
    """Whatever the order in the document."""
    answer = zoo.delete("/v1/animals/7")

    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("text/plain", "text/plain"),
        ("text/*;q=0.5, application/json;q=0.4", "text/plain"),
        ("text/plain;q=0, */*", "application/json"),
        ("*/*", "application/json"),
        ("application/*, text/plain;q=0.9", "application/json"),
    ],
)
def test_the_client_chooses_the_media_type(zoo, accept, media_type):
    """By `Accept`, qualities and ranges included."""
    answer = zoo.get("/v1/animals/7", headers={"Accept": accept})

    assert answer.headers["Content-Type"] == media_type
    assert answer.text.startswith("Leo" if media_type == "text/plain" else "{")


def test_no_acceptable_media_type_is_a_406(zoo):
    """Which names those that there are."""
    answer = zoo.get("/v1/animals/7", headers={"Accept": "image/png"})

    assert answer.status_code == 406
    assert answer.json()["detail"] == "Accept is 'image/png'; there is application/json, text/plain."


def test_a_head_is_a_get_without_its_body(zoo):
    """Where the document has no HEAD of its own."""
    answer = zoo.head("/v1/animals/7")

    assert (answer.status_code, answer.content, answer.headers["Content-Length"]) == (200, b"", "21")


def test_what_nothing_fits_is_said(zoo):
    """The nearest value is sent, and what it breaks is told."""
    answer = zoo.get("/v1/riddle")

    assert answer.status_code == 200
    assert answer.headers["Mock-Violation"].startswith("1; ")
    assert "zoo.unfit-values=" in answer.headers["Mock-Assumption"]


@pytest.mark.parametrize("path", ["/v1/animals", "/animals", "/zoo/v1/animals"])
def test_one_document_is_served_with_and_without_its_servers_path(zoo, path):
    """As Prism's users are used to."""
    assert zoo.get(path).status_code == 200


def test_a_path_may_begin_with_the_name_of_its_api(serve):
    """Then it means itself, as the document says it; with the name in front it is found as well."""
    zoo = serve(ZOO.replace("https://zoo.example/v1", "https://zoo.example").replace("/riddle", "/zoo/riddle"))

    assert zoo.get("/zoo/riddle").status_code == zoo.get("/zoo/zoo/riddle").status_code == 200
    assert zoo.get("/zoo/animals").status_code == 200


SENDING = """
openapi: 3.1.0
info: {title: Sending, version: "1"}
paths:
  /framed:
    get:
      responses:
        "200":
          description: Its headers are the server's, or none.
          headers:
            Content-Length: {schema: {type: integer}, example: 3}
            Transfer-Encoding: {schema: {type: string}, example: chunked}
            "X-One\\r\\nX-Two": {schema: {type: string}, example: "1"}
            X-Three: {schema: {type: string}, example: "3\\r\\nX-Four: 4"}
          content: {application/json: {schema: {type: string}, example: hello}}
  /upgraded:
    get:
      responses: {"101": {description: Another protocol.}, "404": {description: None.}}
  /emptied:
    get:
      responses: {"204": {description: Gone., content: {application/json: {example: 1}}}}
"""


def test_no_example_says_how_an_answer_is_sent(serve):
    """What frames the body is the server's, a name that is no header's is left out, and no text begins a new line."""
    headers = serve(SENDING, state=False).get("/framed").headers

    assert (headers.get_list("Content-Length"), headers["X-Three"]) == (["7"], "3X-Four: 4")
    assert not [name for name in headers if name.startswith(("transfer", "x-one", "x-two", "x-four"))]


def test_what_only_announces_an_answer_is_none(serve):
    """A 101 would leave the client waiting for another protocol."""
    sending = serve(SENDING, state=False)

    statuses = [sending.get("/upgraded", headers=headers).status_code for headers in ({}, {"Prefer": "code=101"})]

    assert statuses == [404, 422]


@pytest.mark.parametrize("state", [True, False])
def test_a_204_has_no_body(serve, state):
    """Even where its document declares one."""
    answer = serve(SENDING, state=state).get("/emptied")

    assert (answer.status_code, answer.content, "Content-Length" in answer.headers) == (204, b"", False)
    assert "Mock-Violation" not in answer.headers


@pytest.mark.parametrize("path", ["/v1/zoo", "/zoo", "/zoo/v1/zoo", "/zoo/zoo"])
def test_a_collection_may_have_the_name_of_its_api(serve, path):
    """With and without the server's path, with and without the name in front."""
    zoo = serve(ZOO.replace("/riddle", "/zoo"))

    assert zoo.get(path).status_code == 200


OLD = """
openapi: 3.1.0
info: {title: Zoo, version: "1"}
paths:
  /old:
    get:
      deprecated: true
      parameters: [{name: n, in: query, schema: {type: integer}}]
      responses: {"200": {description: Old.}}
    delete:
      deprecated: true
      responses: {"204": {description: Gone., headers: {deprecation: {required: true, schema: {const: soon}}}}}
    put: {responses: {"204": {description: Not old.}}}
"""


def test_a_deprecated_operation_says_so(serve):
    """Whether it answers or refuses; in the document's words where it has any."""
    zoo = serve(OLD)

    answers = [zoo.get("/old"), zoo.get("/old?n=x"), zoo.delete("/old"), zoo.put("/old")]

    assert [(answer.status_code, answer.headers.get("Deprecation")) for answer in answers] == [
        (200, "true"),
        (422, "true"),
        (204, "soon"),
        (204, None),
    ]


def test_a_page_may_read_the_declared_headers(serve):
    """Each is named, since a browser that sends credentials along takes `*` for a name."""
    shop = serve(
        """
        openapi: 3.0.3
        info: {title: Shop, version: "1"}
        paths:
          /orders:
            get:
              responses:
                "200":
                  description: All.
                  headers: {X-Total-Count: {schema: {type: integer}}, ETag: {schema: {type: string}}}
                "429": {description: Later., headers: {X-RateLimit-Reset: {schema: {type: integer}}}}
        """
    )

    exposed = shop.get("/orders", headers={"Origin": "http://localhost:3000"}).headers["Access-Control-Expose-Headers"]

    assert {"X-Total-Count", "X-RateLimit-Reset", "Preference-Applied"} < {*exposed.split(", ")}
    assert exposed.split(", ").count("ETag") == 1
