"""Keys that other records name, what descriptions of refusals say, and times that are yet to come."""

LIBRARY = """
openapi: 3.0.3
info: {title: Library, version: "1"}
paths:
  /books:
    get:
      responses:
        "200": {description: All., content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Book"}}}}}
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Book"}}}}
      responses:
        "201": {description: Made., content: {application/json: {schema: {$ref: "#/components/schemas/Book"}}}}
        "409": {description: The title exists.}
  /books/{isbn}:
    get:
      parameters: [{name: isbn, in: path, required: true, schema: {type: string}}]
      responses:
        "200": {description: One., content: {application/json: {schema: {$ref: "#/components/schemas/Book"}}}}
        "404": {description: None.}
  /books/{isbn}/holds:
    parameters: [{name: isbn, in: path, required: true, schema: {type: string}}]
    get:
      responses:
        "200": {description: All., content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Hold"}}}}}
    post:
      requestBody: {content: {application/json: {schema: {type: object, properties: {reader: {type: string}}}}}}
      responses:
        "201": {description: Made., content: {application/json: {schema: {$ref: "#/components/schemas/Hold"}}}}
        "404": {description: None.}
  /holds/{id}:
    get:
      parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
      responses:
        "200": {description: One., content: {application/json: {schema: {$ref: "#/components/schemas/Hold"}}}}
        "404": {description: None.}
  /loans:
    get:
      responses:
        "200": {description: All., content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Loan"}}}}}
    post:
      requestBody: {content: {application/json: {schema: {type: object, properties: {isbn: {type: string}}}}}}
      responses:
        "201": {description: Made., content: {application/json: {schema: {$ref: "#/components/schemas/Loan"}}}}
        "404": {description: None.}
  /loans/{loanId}/return:
    post:
      parameters: [{name: loanId, in: path, required: true, schema: {type: integer}}]
      responses:
        "200": {description: Back., content: {application/json: {schema: {$ref: "#/components/schemas/Loan"}}}}
        "404": {description: None.}
  /houses:
    get:
      responses:
        "200": {description: All., content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/House"}}}}}
  /houses/{code}:
    get:
      parameters: [{name: code, in: path, required: true, schema: {type: string}}]
      responses:
        "200": {description: One., content: {application/json: {schema: {$ref: "#/components/schemas/House"}}}}
  /houses/{code}/labels:
    parameters: [{name: code, in: path, required: true, schema: {type: string}}]
    get:
      responses:
        "200": {description: All., content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Label"}}}}}
    post:
      requestBody: {content: {application/json: {schema: {type: object, properties: {text: {type: string}}}}}}
      responses:
        "201": {description: Made., content: {application/json: {schema: {$ref: "#/components/schemas/Label"}}}}
  /talks:
    get:
      parameters:
        - {name: timeMin, in: query, schema: {type: string, format: date-time}, description: Bounds the talk's end time.}
        - {name: timeMax, in: query, schema: {type: string, format: date-time}, description: Bounds the talk's start time.}
      responses:
        "200": {description: All., content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Talk"}}}}}
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/NewTalk"}}}}
      responses:
        "201": {description: Made., content: {application/json: {schema: {$ref: "#/components/schemas/Talk"}}}}
  /talks/{id}:
    patch:
      parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/NewTalk"}}}}
      responses:
        "200": {description: One., content: {application/json: {schema: {$ref: "#/components/schemas/Talk"}}}}
components:
  schemas:
    Book: {type: object, required: [isbn, title], properties: {isbn: {type: string}, title: {type: string}}}
    Hold: {type: object, required: [id, isbn], properties: {id: {type: integer}, isbn: {type: string}, reader: {type: string}}}
    Loan:
      type: object
      required: [id, isbn, status]
      properties:
        id: {type: integer}
        isbn: {type: string}
        status: {type: string, enum: [lent, returned]}
        returned_at: {type: string, format: date-time, readOnly: true}
    House: {type: object, required: [code], properties: {code: {type: string}}}
    Label: {type: object, required: [id], properties: {id: {type: integer}, house_code: {type: string}, text: {type: string}}}
    Moment: {type: object, properties: {dateTime: {type: string, format: date-time}}}
    NewTalk:
      type: object
      properties: {about: {type: string}, start: {$ref: "#/components/schemas/Moment"}, end: {$ref: "#/components/schemas/Moment"}}
    Talk:
      allOf:
        - {$ref: "#/components/schemas/NewTalk"}
        - {type: object, required: [id, version], properties: {id: {type: integer}, version: {type: integer}}}
"""  # noqa: E501


def test_a_member_called_as_a_path_calls_the_key_of_others_names_them(serve):
    """`isbn` of a loan is that of `/books/{isbn}`: what is not there is refused with the declared 404."""
    library = serve(LIBRARY)
    library.post("/books", json={"isbn": "1", "title": "Elm"})

    made = library.post("/loans", json={"isbn": "1"})
    refused = library.post("/loans", json={"isbn": "2"})

    assert made.json()["isbn"] == "1"
    assert refused.status_code == 404


def test_what_is_made_below_such_a_record_is_read_at_its_own_path(serve):
    """`/books/{isbn}/holds` and `/holds/{id}` have the same records."""
    library = serve(LIBRARY)
    library.post("/books", json={"isbn": "1", "title": "Elm"})

    made = library.post("/books/1/holds", json={"reader": "Ann"}).json()

    assert (made["isbn"], made["reader"]) == ("1", "Ann")
    assert library.get(f"/holds/{made['id']}").json() == made
    assert library.get("/books/1/holds").json() == [made]


def test_a_409_that_names_a_member_is_about_it(serve):
    """`The title exists.`: no second book has it."""
    library = serve(LIBRARY)
    library.post("/books", json={"isbn": "1", "title": "Elm"})

    second = library.post("/books", json={"isbn": "2", "title": "Elm"})
    other = library.post("/books", json={"isbn": "2", "title": "Oak"})

    assert (second.status_code, other.status_code) == (409, 201)


def test_a_time_of_a_later_state_is_there_once_the_state_is(serve):
    """A loan is `returned_at` when it is returned, also where no path has loans one by one."""
    library = serve(LIBRARY)
    library.post("/books", json={"isbn": "1", "title": "Elm"})
    made = library.post("/loans", json={"isbn": "1"}).json()

    back = library.post(f"/loans/{made['id']}/return").json()

    assert made == {"id": made["id"], "isbn": "1", "status": "lent"}
    assert (back["status"], "returned_at" in back) == ("returned", True)
    assert back in library.get("/loans").json()


def test_a_member_may_name_the_parent_by_what_its_path_calls_it(serve):
    """`house_code` of a label below `/houses/{code}`."""
    library = serve(LIBRARY)
    code = library.get("/houses").json()[0]["code"]

    made = library.post(f"/houses/{code}/labels", json={"text": "Oak"}).json()

    assert (made["house_code"], made["text"]) == (code, "Oak")


def test_times_inside_of_objects_are_bounded(serve):
    """`timeMin` and `timeMax` are about `end.dateTime` and `start.dateTime`, as their descriptions say."""
    library = serve(LIBRARY)
    for day in ("2030-01-01", "2030-01-02", "2030-01-03"):
        times = {"start": {"dateTime": f"{day}T09:00:00Z"}, "end": {"dateTime": f"{day}T11:00:00Z"}}
        library.post("/talks", json={"about": day, **times})

    found = library.get("/talks?timeMin=2030-01-02T10:00:00Z&timeMax=2030-01-02T10:00:00Z").json()

    assert [talk["about"] for talk in found] == ["2030-01-02"]


def test_a_version_that_no_request_declares_counts_the_changes(serve):
    """It need not be `readOnly`."""
    library = serve(LIBRARY)
    made = library.post("/talks", json={"about": "Elms"}).json()

    changed = library.patch(f"/talks/{made['id']}", json={"about": "Oaks"}).json()

    assert (made["version"], changed["version"]) == (1, 2)


PAY = """
openapi: 3.0.3
info: {title: Pay, version: "1"}
paths:
  /customers:
    post:
      requestBody: {content: {application/x-www-form-urlencoded: {schema: {type: object, properties: {name: {type: string}}}}}}
      responses:
        "200": {description: Made., content: {application/json: {schema: {$ref: "#/components/schemas/Customer"}}}}
  /customers/{customer}:
    get:
      parameters: [{name: customer, in: path, required: true, schema: {type: string}}]
      responses:
        "200": {description: One., content: {application/json: {schema: {$ref: "#/components/schemas/Customer"}}}}
  /charges:
    post:
      requestBody:
        content:
          application/x-www-form-urlencoded:
            schema:
              type: object
              properties: {customer: {type: string}, expand: {type: array, items: {type: string}}}
            encoding: {expand: {style: deepObject, explode: true}}
      responses:
        "200": {description: Made., content: {application/json: {schema: {$ref: "#/components/schemas/Charge"}}}}
  /charges/{charge}:
    get:
      parameters: [{name: charge, in: path, required: true, schema: {type: string}}]
      responses:
        "200": {description: One., content: {application/json: {schema: {$ref: "#/components/schemas/Charge"}}}}
components:
  schemas:
    Customer: {type: object, required: [id], properties: {id: {type: string}, name: {type: string}}}
    Charge:
      type: object
      required: [id]
      properties: {id: {type: string}, customer: {anyOf: [{type: string}, {$ref: "#/components/schemas/Customer"}]}}
"""  # noqa: E501


def test_a_body_may_ask_for_related_records(serve):
    """`expand[]=customer` in the form of a creation: that answer has the customer, later ones its id."""
    pay = serve(PAY)
    customer = pay.post("/customers", data={"name": "Ann"}).json()

    made = pay.post("/charges", data={"customer": customer["id"], "expand[]": "customer"}).json()

    assert made["customer"] == customer
    assert pay.get(f"/charges/{made['id']}").json()["customer"] == customer["id"]


SWITCHES = """
openapi: 3.0.3
info: {title: Zoo, version: "1"}
paths:
  /feature-flags:
    get:
      responses:
        "200":
          description: All by key.
          content:
            application/json:
              schema:
                type: object
                required: [flags, total]
                properties:
                  flags: {type: object, additionalProperties: {$ref: "#/components/schemas/Flag"}}
                  total: {type: integer}
    post:
      requestBody:
        content:
          application/json:
            schema:
              allOf:
                - {$ref: "#/components/schemas/Flag"}
                - {type: object, required: [key], properties: {key: {type: string}}}
      responses:
        "201": {description: Made., content: {application/json: {schema: {$ref: "#/components/schemas/Flag"}}}}
  /feature-flags/{key}:
    get:
      parameters: [{name: key, in: path, required: true, schema: {type: string}}]
      responses:
        "200": {description: One., content: {application/json: {schema: {$ref: "#/components/schemas/Flag"}}}}
        "404": {description: None.}
components:
  schemas:
    Flag: {type: object, required: [on], properties: {on: {type: boolean}}}
"""


def test_a_key_that_only_the_request_has_is_that_of_the_record(serve):
    """In a map inside an envelope, which says how many there are."""
    client = serve(SWITCHES, seeds=0)

    made = client.post("/zoo/feature-flags", json={"key": "dark", "on": True})
    again = client.post("/zoo/feature-flags", json={"key": "dark", "on": False})

    assert (made.status_code, again.status_code) == (201, 409)
    assert client.get("/zoo/feature-flags/dark").json() == {"on": True}
    assert client.get("/zoo/feature-flags").json() == {"flags": {"dark": {"on": True}}, "total": 1}
