"""Lists of records at a higher scope than their own, ids that are paths, and links to what is below a record."""

from __future__ import annotations

CLOUD = """
openapi: 3.0.3
info: {title: Cloud, version: "1"}
paths:
  /subscriptions/{sub}/resourceGroups:
    parameters: [&sub {name: sub, in: path, required: true, schema: {type: string}}]
    get: {responses: {"200": {description: x, content: {application/json: {schema: {type: object, properties: {value: {type: array, items: {$ref: "#/components/schemas/Thing"}}}}}}}}}
  /subscriptions/{sub}/resourceGroups/{group}:
    parameters: [*sub, &group {name: group, in: path, required: true, schema: {type: string}}]
    get: {responses: &thing {"200": {description: x, content: {application/json: {schema: {$ref: "#/components/schemas/Thing"}}}}, "404": {description: None.}}}
    put: {requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Thing"}}}}, responses: *thing}
  /subscriptions/{sub}/providers/Acme.Db/accounts:
    parameters: [*sub]
    get: {responses: &accounts {"200": {description: x, content: {application/json: {schema: {type: object, properties: {value: {type: array, items: {$ref: "#/components/schemas/Account"}}}}}}}}}
  /subscriptions/{sub}/resourceGroups/{group}/providers/Acme.Db/accounts:
    parameters: [*sub, *group]
    get: {responses: *accounts}
  /subscriptions/{sub}/resourceGroups/{group}/providers/Acme.Db/accounts/{account}:
    parameters: [*sub, *group, {name: account, in: path, required: true, schema: {type: string}}]
    get: {responses: &account {"200": {description: x, content: {application/json: {schema: {$ref: "#/components/schemas/Account"}}}}, "404": {description: None.}}}
    put: {requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Account"}}}}, responses: *account}
components:
  schemas:
    Thing:
      type: object
      properties: {id: {type: string, readOnly: true}, name: {type: string, readOnly: true}, location: {type: string}}
    Account:
      type: object
      properties:
        id: {type: string, readOnly: true}
        name: {type: string, readOnly: true}
        type: {type: string, readOnly: true}
        location: {type: string}
"""  # noqa: E501


def test_the_list_of_a_subscription_has_the_accounts_of_its_groups(serve):
    """Those of all of its groups, and none of another subscription."""
    client = serve(CLOUD)
    for sub, group, name in (("s1", "g1", "a1"), ("s1", "g2", "a2"), ("s2", "g1", "a3")):
        client.put(f"/subscriptions/{sub}/resourceGroups/{group}", json={"location": "x"})
        path = f"/subscriptions/{sub}/resourceGroups/{group}/providers/Acme.Db/accounts/{name}"
        client.put(path, json={"location": name})

    listed = client.get("/subscriptions/s1/providers/Acme.Db/accounts").json()["value"]

    assert {each["name"] for each in listed} >= {"a1", "a2"}
    assert "a3" not in {each["name"] for each in listed}


def test_the_id_of_a_resource_is_its_path(serve):
    """And its type is what the path says behind `providers`."""
    client = serve(CLOUD)
    path = "/subscriptions/s1/resourceGroups/g1/providers/Acme.Db/accounts/a1"
    client.put("/subscriptions/s1/resourceGroups/g1", json={"location": "x"})

    made = client.put(path, json={"location": "x"}).json()

    assert (made["id"], made["name"], made["type"]) == (path, "a1", "Acme.Db/accounts")
    assert client.get(made["id"]).json() == made


HAL = """
openapi: 3.0.3
info: {title: Projects, version: "1"}
paths:
  /projects:
    get: {responses: {"200": {description: x, content: {application/json: {schema: {type: object, required: [object, data, url], properties: {object: {type: string, enum: [list]}, url: {type: string}, data: {type: array, items: {$ref: "#/components/schemas/Project"}}}}}}}}}
  /projects/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get: {responses: {"200": {description: x, content: {application/json: {schema: {$ref: "#/components/schemas/Project"}}}}, "404": {description: None.}}}
  /projects/{id}/tasks:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get: {responses: {"200": {description: x, content: {application/json: {schema: {type: array, items: {type: object, properties: {title: {type: string}}}}}}}}}
components:
  schemas:
    Link: {type: object, properties: {href: {type: string}}}
    Project:
      type: object
      properties:
        id: {type: integer}
        tasks_url: {type: string, readOnly: true}
        _links: {type: object, properties: {self: {$ref: "#/components/schemas/Link"}, tasks: {$ref: "#/components/schemas/Link"}}}
"""  # noqa: E501


def test_links_lead_to_what_is_below_a_record(serve):
    """`_links.tasks` and `tasks_url` are the address of the project's tasks; `url` of a list is its own path."""
    client = serve(HAL)

    listed = client.get("/projects").json()
    project = client.get("/projects/2").json()

    assert listed["url"] == "/projects"
    assert project["_links"]["tasks"]["href"] == "http://127.0.0.1:4010/projects/2/tasks"
    assert project["tasks_url"] == "http://127.0.0.1:4010/projects/2/tasks"
    assert [each["_links"]["tasks"]["href"] for each in listed["data"]][1] == project["_links"]["tasks"]["href"]


SHALLOW = """
openapi: 3.0.3
info: {title: Forum, version: "1"}
paths:
  /forums:
    get: {responses: {"200": {description: x, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Forum"}}}}}}}
    post:
      requestBody: {content: {application/json: {schema: {type: object, properties: {name: {type: string}}}}}}
      responses: {"201": {description: x, content: {application/json: {schema: {$ref: "#/components/schemas/Forum"}}}}}
  /forums/{forumId}:
    parameters: [{name: forumId, in: path, required: true, schema: {type: integer}}]
    get: {responses: {"200": {description: x, content: {application/json: {schema: {$ref: "#/components/schemas/Forum"}}}}, "404": {description: None.}}}
  /forums/{forumId}/threads:
    parameters: [{name: forumId, in: path, required: true, schema: {type: integer}}]
    get: {responses: {"200": {description: x, content: {application/json: {schema: {type: array, items: {type: object, properties: {id: {type: integer}, title: {type: string}}}}}}}}}
    post:
      requestBody: {content: {application/json: {schema: {type: object, properties: {title: {type: string}}}}}}
      responses: {"201": {description: x, content: {application/json: {schema: {$ref: "#/components/schemas/Thread"}}}}, "404": {description: None.}}
  /threads/{threadId}:
    parameters: [{name: threadId, in: path, required: true, schema: {type: integer}}]
    get: {responses: {"200": {description: x, content: {application/json: {schema: {$ref: "#/components/schemas/Thread"}}}}, "404": {description: None.}}}
components:
  schemas:
    Forum: {type: object, required: [id, name, threads_count], properties: {id: {type: integer}, name: {type: string}, threads_count: {type: integer}}}
    Thread: {type: object, required: [id, title, forum_id], properties: {id: {type: integer}, forum_id: {type: integer}, title: {type: string}, text: {type: string}}}
"""  # noqa: E501


def test_what_is_made_below_a_record_stands_at_its_own_path(serve):
    """A thread that is made in a forum is read at `/threads/{id}`, names the forum, and is counted in it."""
    client = serve(SHALLOW)
    forum = client.post("/forums", json={"name": "One"}).json()["id"]

    made = client.post(f"/forums/{forum}/threads", json={"title": "t"}).json()

    assert (made["title"], made["forum_id"]) == ("t", forum)
    assert client.get(f"/threads/{made['id']}").json() == made
    assert client.get(f"/forums/{forum}/threads").json() == [{"id": made["id"], "title": "t"}]
    assert client.get(f"/forums/{forum}").json()["threads_count"] == 1
    assert client.get("/threads/99").status_code == 404
