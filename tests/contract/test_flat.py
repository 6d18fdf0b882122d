"""A document with one address for all its operations, as Schemathesis can take it."""

from mockserver.contract.checking.preparation.flat_document import at_one_address, flat

DOCUMENT = {
    "openapi": "3.1.0",
    "servers": [{"url": "https://todo.example/api"}],
    "paths": {
        "/tasks": {"get": {"operationId": "listTasks"}},
        "/{list}": {"servers": [{"url": "https://people.example"}], "get": {"operationId": "visitList"}},
    },
}


def test_servers_are_written_into_the_paths():
    """Each path stands below its own server."""
    found = flat(DOCUMENT)

    assert found == {
        "openapi": "3.1.0",
        "paths": {
            "/api/tasks": {"get": {"operationId": "listTasks"}},
            "/{list}": {"get": {"operationId": "visitList"}},
        },
    }


def test_a_real_server_is_asked_for_what_it_has():
    """A path at another address is left out."""
    found = at_one_address(DOCUMENT)

    assert [*found["paths"]] == ["/tasks"]


def test_an_operation_may_have_a_server_of_its_own():
    """It then stands at another path than the others; what they share is at both."""
    item = {
        "parameters": [{"name": "id"}],
        "get": {"operationId": "one"},
        "delete": {"operationId": "two", "servers": [{"url": "/v2"}]},
    }

    found = flat({**DOCUMENT, "paths": {"/tasks": item}})

    assert found["paths"] == {
        "/api/tasks": {"parameters": [{"name": "id"}], "get": {"operationId": "one"}},
        "/v2/tasks": {"parameters": [{"name": "id"}], "delete": {"operationId": "two"}},
    }


def test_a_path_may_be_a_reference():
    """It is followed, since what it leads to may have servers."""
    document = {**DOCUMENT, "paths": {"/a": {"$ref": "#/components/pathItems/A"}}}
    shared = {"servers": [{"url": "/b"}], "get": {"operationId": "a"}}

    found = flat({**document, "components": {"pathItems": {"A": shared}}})

    assert found["paths"] == {"/b/a": {"get": {"operationId": "a"}}}


def test_references_into_paths_follow_them():
    """A response of another path is found where that path stands now; a parameter stands in its own place."""
    limit = {"name": "limit", "in": "query"}
    task = {"get": {"parameters": [limit], "responses": {"200": {"description": "Fine."}}}}
    other = {
        "parameters": [{"$ref": "#/paths/~1tasks~1%7Bid%7D/get/parameters/0"}],
        "get": {"responses": {"200": {"$ref": "#/paths/~1tasks~1%7Bid%7D/get/responses/200"}}},
    }

    found = flat({**DOCUMENT, "paths": {"/tasks/{id}": task, "/other": other}})["paths"]["/api/other"]

    assert found["parameters"] == [limit]
    assert found["get"]["responses"]["200"] == {"$ref": "#/paths/~1api~1tasks~1%7Bid%7D/get/responses/200"}


def test_headers_that_openapi_ignores_are_no_parameters():
    """What a client accepts is told by media types, whatever a parameter of that name says."""
    item = {"get": {"parameters": [{"name": "Accept", "in": "header"}, {"name": "X-Trace", "in": "header"}]}}

    found = flat({**DOCUMENT, "paths": {"/tasks": item}})

    assert found["paths"]["/api/tasks"]["get"]["parameters"] == [{"name": "X-Trace", "in": "header"}]
