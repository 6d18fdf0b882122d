"""Records name records that there are, hold them as they are kept, and their members agree."""

from __future__ import annotations

SHOP = """
openapi: 3.0.3
info: {title: Shop, version: "1"}
paths:
  /customers:
    get: {responses: {"200": {$ref: "#/components/responses/Customers"}}}
  /customers/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get: {responses: {"200": {$ref: "#/components/responses/Customer"}, "404": {description: None.}}}
  /tags:
    get: {responses: {"200": {$ref: "#/components/responses/Tags"}}}
  /tags/{slug}:
    parameters: [{name: slug, in: path, required: true, schema: {type: string}}]
    get: {responses: {"200": {$ref: "#/components/responses/Tag"}, "404": {description: None.}}}
  /orders:
    get: {responses: {"200": {$ref: "#/components/responses/Orders"}}}
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/OrderIn"}}}}
      responses: {"201": {$ref: "#/components/responses/Order"}}
  /orders/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get: {responses: {"200": {$ref: "#/components/responses/Order"}, "404": {description: None.}}}
components:
  responses:
    Customers: {description: x, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Customer"}}}}}
    Customer: {description: x, content: {application/json: {schema: {$ref: "#/components/schemas/Customer"}}}}
    Tags: {description: x, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Tag"}}}}}
    Tag: {description: x, content: {application/json: {schema: {$ref: "#/components/schemas/Tag"}}}}
    Orders: {description: x, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Order"}}}}}
    Order: {description: x, content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}}
  schemas:
    Customer:
      type: object
      required: [id, name]
      properties:
        id: {type: integer, readOnly: true}
        name: {type: string}
        referrerId: {type: integer, nullable: true, x-mock-references: customers}
        createdAt: {type: string, format: date-time, readOnly: true}
        updatedAt: {type: string, format: date-time, readOnly: true}
        deletedAt: {type: string, format: date-time, nullable: true}
    Tag: {type: object, required: [slug], properties: {slug: {type: string}, name: {type: string}}}
    Line:
      type: object
      required: [quantity, unitPrice, total]
      properties:
        quantity: {type: integer, minimum: 1, maximum: 9}
        unitPrice: {type: number, minimum: 0, maximum: 99}
        total: {type: number}
    OrderIn:
      type: object
      required: [customer_id]
      properties:
        customer_id: {type: integer}
        lines:
          type: array
          items: {type: object, required: [quantity, unitPrice], properties: {quantity: {type: integer}, unitPrice: {type: number}}}
    Order:
      type: object
      required: [id, customer_id, customer, billing, tags, lines, subtotal, tax, total]
      properties:
        id: {type: integer}
        customer_id: {type: integer}
        customer: {$ref: "#/components/schemas/Customer"}
        billing: {type: object, required: [customerId], properties: {customerId: {type: integer}}}
        tags: {type: array, minItems: 1, items: {$ref: "#/components/schemas/Tag"}}
        lines: {type: array, minItems: 1, items: {$ref: "#/components/schemas/Line"}}
        subtotal: {type: number, readOnly: true}
        tax: {type: number, readOnly: true}
        total: {type: number, readOnly: true}
"""  # noqa: E501


def test_first_records_name_records_that_there_are(serve):
    """The customers of the first orders can be read, and are the ones that the orders show."""
    client = serve(SHOP)

    orders = client.get("/orders").json()

    assert [order["customer_id"] for order in orders] == [1, 2, 3]
    assert [client.get(f"/customers/{order['customer_id']}").json() for order in orders] == [
        order["customer"] for order in orders
    ]


def test_embedded_lists_hold_records_of_their_collection(serve):
    """Each tag of an order is the tag that its own address shows."""
    client = serve(SHOP)

    tags = [tag for order in client.get("/orders").json() for tag in order["tags"]]

    assert len(tags) >= 3
    assert [client.get(f"/tags/{tag['slug']}").json() for tag in tags] == tags


def test_an_extension_says_what_a_member_names(serve):
    """`x-mock-references: customers` makes `referrerId` name a customer that is older, the first one none."""
    client = serve(SHOP)

    customers = client.get("/customers").json()

    assert [customer["referrerId"] for customer in customers] == [None, 1, 1]


def test_first_records_are_alive_and_changed_after_they_were_made(serve):
    """No first record was deleted, or changed before it was created."""
    client = serve(SHOP)

    customers = client.get("/customers").json()

    assert [customer["deletedAt"] for customer in customers] == [None, None, None]
    assert [customer["createdAt"] <= customer["updatedAt"] for customer in customers] == [True, True, True]


def test_sums_of_first_records_agree(serve):
    """Lines are quantity times price, the subtotal is that of the lines, and the total has the tax."""
    client = serve(SHOP)

    orders = client.get("/orders").json()

    for order in orders:
        for line in order["lines"]:
            assert line["total"] == round(line["quantity"] * line["unitPrice"], 2)
        assert order["subtotal"] == round(sum(line["total"] for line in order["lines"]), 2)
        assert order["total"] == round(order["subtotal"] + order["tax"], 2)


def test_sums_of_what_was_sent_are_added_up(serve):
    """The server says the amounts of the lines that a client sent, and their sum."""
    client = serve(SHOP)
    lines = [{"quantity": 2, "unitPrice": 1.5}, {"quantity": 1, "unitPrice": 4}]

    made = client.post("/orders", json={"customer_id": 1, "lines": lines}).json()

    assert [line["total"] for line in made["lines"]] == [3, 4]
    assert (made["subtotal"], made["tax"], made["total"]) == (7, 0, 7)


def test_amounts_of_too_many_digits_are_added_up_by_nobody(serve):
    """The order is created all the same."""
    client = serve(SHOP)
    lines = [{"quantity": 900_000_000_000_000, "unitPrice": 900_000_000_000_000.5}]

    made = client.post("/orders", json={"customer_id": 1, "lines": lines})

    assert made.status_code == 201


CLINIC = """
openapi: 3.0.3
info: {title: Clinic, version: "1"}
paths:
  /owners:
    get: {responses: {"200": {$ref: "#/components/responses/Owners"}}}
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Owner"}}}}
      responses: {"201": {$ref: "#/components/responses/Owner"}, "409": {description: Taken.}}
  /owners/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get: {responses: {"200": {$ref: "#/components/responses/Owner"}, "404": {description: None.}}}
    delete: {responses: {"204": {description: Gone.}, "404": {description: None.}}}
  /owners/{id}/pets:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get: {responses: {"200": {$ref: "#/components/responses/Pets"}, "404": {description: None.}}}
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Pet"}}}}
      responses: {"201": {$ref: "#/components/responses/Pet"}, "404": {description: None.}}
  /owners/{id}/pets/{petId}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: integer}}
      - {name: petId, in: path, required: true, schema: {type: integer}}
    get: {responses: {"200": {$ref: "#/components/responses/Pet"}, "404": {description: None.}}}
  /pets:
    get: {responses: {"200": {$ref: "#/components/responses/Pets"}}}
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Pet"}}}}
      responses: {"201": {$ref: "#/components/responses/Pet"}, "422": {description: No such owner.}}
  /pets/{petId}:
    parameters: [{name: petId, in: path, required: true, schema: {type: integer}}]
    get: {responses: {"200": {$ref: "#/components/responses/Pet"}, "404": {description: None.}}}
components:
  responses:
    Owners: {description: x, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Owner"}}}}}
    Owner: {description: x, content: {application/json: {schema: {$ref: "#/components/schemas/Owner"}}}}
    Pets: {description: x, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Pet"}}}}}
    Pet: {description: x, content: {application/json: {schema: {$ref: "#/components/schemas/Pet"}}}}
  schemas:
    Owner:
      type: object
      properties: {id: {type: integer, readOnly: true}, name: {type: string}, email: {type: string, format: email}}
    Pet:
      type: object
      properties:
        id: {type: integer, readOnly: true}
        name: {type: string}
        ownerId: {type: integer}
"""  # noqa: E501


def test_what_is_made_below_an_owner_is_in_the_whole_collection(serve):
    """A pet of an owner names the owner, and stands in the list of all pets and in that of this owner alone."""
    client = serve(CLINIC)

    made = client.post("/owners/2/pets", json={"name": "Rex"}).json()

    assert made == {"id": 4, "name": "Rex", "ownerId": 2}
    assert client.get("/pets/4").json() == made
    assert client.get("/owners/2/pets/4").json() == made
    assert made in client.get("/pets").json()
    assert [pet["ownerId"] for pet in client.get("/owners/2/pets").json()] == [2, 2]
    assert [pet["ownerId"] for pet in client.get("/owners/1/pets").json()] == [1]


def test_the_pet_of_another_owner_is_not_below_this_one(serve):
    """Below an owner are the owner's own pets; below none that there is are none."""
    client = serve(CLINIC)
    client.post("/owners/2/pets", json={"name": "Rex"})

    answers = [client.get(path).status_code for path in ("/owners/1/pets/4", "/owners/9/pets", "/owners/9/pets/4")]

    assert answers == [404, 404, 404]


def test_pets_go_with_their_owner(serve):
    """Who deletes an owner deletes the owner's pets, and no others."""
    client = serve(CLINIC)
    client.post("/owners/2/pets", json={"name": "Rex"})

    client.delete("/owners/2")

    assert [pet["ownerId"] for pet in client.get("/pets").json()] == [1, 3]


def test_a_reference_to_nothing_is_refused_where_that_is_declared(serve):
    """No pet is made for an owner that is not there, and the answer says by which assumption."""
    client = serve(CLINIC)

    refused = client.post("/pets", json={"name": "Rex", "ownerId": 9})

    assert refused.status_code == 422
    assert refused.headers["Mock-Assumption"] == "zoo.missing-references=refuse"
    assert len(client.get("/pets").json()) == 3


def test_references_to_nothing_are_taken_if_switched(serve):
    """`missing-references=accept` makes the pet, and so does the extension at one operation."""
    switched = serve(CLINIC, assume={"zoo.missing-references": "accept"})
    corrected = serve(CLINIC.replace("  /pets:\n", "  /pets:\n    x-mock-missing-references: accept\n"))

    answers = [client.post("/pets", json={"name": "Rex", "ownerId": 9}) for client in (switched, corrected)]

    assert [(answer.status_code, answer.json()["ownerId"]) for answer in answers] == [(201, 9), (201, 9)]


def test_an_email_that_is_taken_is_a_declared_conflict(serve):
    """The second owner with one e-mail address is refused, a third without one is not."""
    client = serve(CLINIC)
    sent = [{"email": "a@example.org"}, {"email": "a@example.org"}, {"name": "Ann"}]

    answers = [client.post("/owners", json=body).status_code for body in sent]

    assert answers == [201, 409, 201]


def test_a_list_below_a_record_is_told_by_its_key(serve):
    """`/customers/{id}/orders` has the orders of this customer, though the parameter is called as the orders' id."""
    below = '  /orders:\n    get: {responses: {"200"'
    client = serve(
        SHOP.replace(
            below,
            "  /customers/{id}/orders:\n"
            "    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]\n"
            '    get: {responses: {"200": {$ref: "#/components/responses/Orders"}}}\n' + below,
            1,
        )
    )
    made = client.post("/orders", json={"customer_id": 2}).json()

    orders = client.get("/customers/2/orders").json()

    assert [order["id"] for order in orders] == [2, made["id"]]
    assert made["customer"] == client.get("/customers/2").json()


BLOG = """
openapi: 3.0.3
info: {title: Blog, version: "1"}
paths:
  /authors:
    get: {responses: {"200": {$ref: "#/components/responses/Authors"}}}
  /authors/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get: {responses: {"200": {$ref: "#/components/responses/Author"}}}
  /posts:
    get: {responses: {"200": {$ref: "#/components/responses/Posts"}}}
  /posts/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get: {responses: {"200": {$ref: "#/components/responses/Post"}}}
  /posts/{id}/comments:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get: {responses: {"200": {$ref: "#/components/responses/Comments"}}}
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Comment"}}}}
      responses: {"201": {description: x, content: {application/json: {schema: {$ref: "#/components/schemas/Comment"}}}}}
components:
  responses:
    Authors: {description: x, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Author"}}}}}
    Author: {description: x, content: {application/json: {schema: {$ref: "#/components/schemas/Author"}}}}
    Posts: {description: x, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Post"}}}}}
    Post: {description: x, content: {application/json: {schema: {$ref: "#/components/schemas/Post"}}}}
    Comments: {description: x, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Comment"}}}}}
  schemas:
    Author:
      type: object
      properties:
        id: {type: integer}
        name: {type: string}
        city: {type: string}
        posts: {type: array, items: {$ref: "#/components/schemas/Post"}}
    Comment: {type: object, properties: {id: {type: integer, readOnly: true}, text: {type: string}}}
    Post:
      type: object
      properties:
        id: {type: integer}
        title: {type: string}
        author: {type: object, properties: {id: {type: integer}, name: {type: string}}}
        comments: {type: array, items: {$ref: "#/components/schemas/Comment"}}
"""  # noqa: E501


def test_a_part_of_a_record_is_that_of_the_record(serve):
    """A post's author, of which it shows the name alone, is called so at its own address."""
    client = serve(BLOG)

    authors = [post["author"] for post in client.get("/posts").json()]

    assert [author["id"] for author in authors] == [1, 2, 3]
    assert [client.get(f"/authors/{author['id']}").json()["name"] for author in authors] == [
        author["name"] for author in authors
    ]


def test_lists_inside_of_records_are_those_of_their_collections(serve):
    """A post shows the comments that its own list has, and an author those posts that name the author."""
    client = serve(BLOG)
    made = client.post("/posts/1/comments", json={"text": "Well said."}).json()

    post, author = (client.get(path).json() for path in ("/posts/1", "/authors/1"))

    assert post["comments"] == client.get("/posts/1/comments").json()
    assert post["comments"][-1] == made
    assert [each["id"] for each in author["posts"]] == [1]


CLUB = """
openapi: 3.0.3
info: {title: Club, version: "1"}
paths:
  /customers:
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/CustomerIn"}}}}
      responses: {"201": {$ref: "#/components/responses/Customer"}}
    get: {responses: {"200": {description: x, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Customer"}}}}}}}
  /customers/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get: {responses: {"200": {$ref: "#/components/responses/Customer"}, "404": {description: None.}}}
    patch:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/CustomerIn"}}}}
      responses: {"200": {$ref: "#/components/responses/Customer"}, "404": {description: None.}}
  /orders:
    get: {responses: {"200": {description: x, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Order"}}}}}}}
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/OrderIn"}}}}
      responses: {"201": {$ref: "#/components/responses/Order"}}
    patch:
      requestBody: {content: {application/json: {schema: {type: array, items: {allOf: [{$ref: "#/components/schemas/OrderIn"}, {properties: {id: {type: integer}}}]}}}}}
      responses:
        "200": {description: x, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Order"}}}}}
        "404": {description: None.}
        "409": {description: Taken.}
  /orders/batch:
    post:
      requestBody: {content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/OrderIn"}}}}}
      responses:
        "201": {description: x, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Order"}}}}}
        "409": {description: Taken, or no such customer.}
  /orders/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get: {responses: {"200": {$ref: "#/components/responses/Order"}, "404": {description: None.}}}
    patch:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/OrderIn"}}}}
      responses: {"200": {$ref: "#/components/responses/Order"}, "404": {description: None.}}
components:
  responses:
    Customer: {description: x, content: {application/json: {schema: {$ref: "#/components/schemas/Customer"}}}}
    Order: {description: x, content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}}
  schemas:
    CustomerIn: {type: object, properties: {name: {type: string}}}
    Customer: {type: object, required: [id, name], properties: {id: {type: integer, readOnly: true}, name: {type: string}}}
    OrderIn:
      type: object
      properties:
        note: {type: string}
        number: {type: string}
        customer: {type: object, required: [id], properties: {id: {type: integer}, name: {type: string}}}
    Order:
      type: object
      required: [id, customer]
      properties:
        id: {type: integer, readOnly: true}
        note: {type: string}
        number: {type: string, description: The number of the order; unique.}
        customer: {$ref: "#/components/schemas/Customer"}
"""  # noqa: E501


def test_what_is_held_by_reference_is_as_its_collection_has_it(serve):
    """A customer that is renamed is called so in the orders that name the customer, also once these are changed."""
    client = serve(CLUB)
    ann = client.post("/customers", json={"name": "Ann"}).json()["id"]
    order = client.post("/orders", json={"customer": {"id": ann}}).json()

    client.patch(f"/customers/{ann}", json={"name": "Anna"})
    read = client.get(f"/orders/{order['id']}").json()
    listed = client.get("/orders").json()[-1]
    patched = client.patch(f"/orders/{order['id']}", json={"note": "x"}).json()
    client.patch(f"/customers/{ann}", json={"name": "Anne"})
    again = client.get(f"/orders/{order['id']}").json()

    assert order["customer"] == {"id": ann, "name": "Ann"}
    assert [each["customer"]["name"] for each in (read, listed, patched, again)] == ["Anna", "Anna", "Anna", "Anne"]


def test_the_customers_of_first_orders_are_as_their_collection_has_them(serve):
    """A first customer that is renamed is called so in the first orders."""
    client = serve(CLUB)
    first = client.get("/orders").json()[0]

    client.patch(f"/customers/{first['customer']['id']}", json={"name": "Zed"})

    assert client.get(f"/orders/{first['id']}").json()["customer"]["name"] == "Zed"


def test_what_a_client_writes_of_a_held_record_stays(serve):
    """An order made with a customer's name keeps that name, until another request names the customer by the id."""
    client = serve(CLUB)
    ann = client.post("/customers", json={"name": "Ann"}).json()["id"]
    order = client.post("/orders", json={"customer": {"id": ann, "name": "Ann"}}).json()["id"]

    client.patch(f"/customers/{ann}", json={"name": "Anna"})
    client.patch(f"/orders/{order}", json={"note": "x"})
    kept = client.get(f"/orders/{order}").json()["customer"]["name"]
    client.patch(f"/orders/{order}", json={"customer": {"id": ann}})
    client.patch(f"/customers/{ann}", json={"name": "Anne"})
    named = client.get(f"/orders/{order}").json()["customer"]["name"]

    assert kept == "Ann"
    assert named == "Anne"


def test_several_changes_are_held_to_references_and_unique_members(serve):
    """A batch with a customer that is not there, or with a number that is taken, is refused and changes nothing."""
    client = serve(CLUB)
    one, two = (client.post("/orders", json={"number": number}).json()["id"] for number in ("A", "B"))

    lost = client.patch("/orders", json=[{"id": one, "note": "x"}, {"id": two, "customer": {"id": 999}}])
    taken = client.patch("/orders", json=[{"id": one, "note": "x"}, {"id": two, "number": "A"}])
    own = client.patch("/orders", json=[{"id": two, "number": "B"}])

    assert [answer.status_code for answer in (lost, taken, own)] == [404, 409, 200]
    assert "note" not in client.get(f"/orders/{one}").json()


def test_several_new_records_are_held_to_references_and_unique_members(serve):
    """A batch of new orders with a customer that is not there, or with one number twice, makes none of them."""
    client = serve(CLUB)
    before = len(client.get("/orders").json())

    lost = client.post("/orders/batch", json=[{"number": "A"}, {"customer": {"id": 999}}])
    twice = client.post("/orders/batch", json=[{"number": "A"}, {"number": "A"}])

    assert [lost.status_code, twice.status_code] == [409, 409]
    assert len(client.get("/orders").json()) == before


SURGERY = """
openapi: 3.1.0
info: {title: Surgery, version: "1"}
paths:
  /doctors:
    get: {responses: {"200": {$ref: "#/components/responses/Doctors"}}}
  /doctors/{doctorId}:
    parameters: [{name: doctorId, in: path, required: true, schema: {type: integer}}]
    get: {responses: {"200": {$ref: "#/components/responses/Doctor"}, "404": {description: None.}}}
  /doctors/{doctorId}/slots:
    parameters: [{name: doctorId, in: path, required: true, schema: {type: integer}}]
    get: {responses: {"200": {$ref: "#/components/responses/Slots"}, "404": {description: None.}}}
  /doctors/{doctorId}/slots/bulk:
    parameters: [{name: doctorId, in: path, required: true, schema: {type: integer}}]
    post:
      requestBody: {content: {application/json: {schema: {type: object, required: [slots], properties: {
        slots: {type: array, items: {type: object, required: [minutes], properties: {minutes: {type: integer}}}}}}}}}
      responses: {"201": {description: x, content: {application/json: {schema: {type: object, properties: {
        slots: {type: array, items: {$ref: "#/components/schemas/Slot"}}}}}}}}
  /slots/{slotId}:
    parameters: [{name: slotId, in: path, required: true, schema: {type: integer}}]
    get: {responses: {"200": {$ref: "#/components/responses/Slot"}, "404": {description: None.}}}
components:
  responses:
    Doctors: {description: x, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Doctor"}}}}}
    Doctor: {description: x, content: {application/json: {schema: {$ref: "#/components/schemas/Doctor"}}}}
    Slots: {description: x, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Slot"}}}}}
    Slot: {description: x, content: {application/json: {schema: {$ref: "#/components/schemas/Slot"}}}}
  schemas:
    Doctor: {type: object, required: [id, name], properties: {id: {type: integer}, name: {type: string}}}
    Slot: {type: object, required: [id, doctor_id, minutes], properties: {
      id: {type: integer}, doctor_id: {type: integer}, minutes: {type: integer}}}
"""  # noqa: E501


def test_records_that_are_listed_below_another_one_alone_are_kept(serve):
    """Nothing lists or makes all slots, and nothing changes one: a doctor's slots are those that name the doctor."""
    client = serve(SURGERY, seeds=2)

    made = client.post("/doctors/2/slots/bulk", json={"slots": [{"minutes": 30}, {"minutes": 45}]}).json()["slots"]
    listed = {doctor: client.get(f"/doctors/{doctor}/slots").json() for doctor in (1, 2)}

    assert [(slot["doctor_id"], slot["minutes"]) for slot in made] == [(2, 30), (2, 45)]
    assert listed[2][-2:] == made
    assert {slot["doctor_id"] for slot in listed[1]} == {1}
    assert client.get(f"/slots/{made[0]['id']}").json() == made[0]
    assert client.get("/slots/4711").status_code == 404
