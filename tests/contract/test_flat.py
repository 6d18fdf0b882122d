"""A document with one address for all its operations, as Schemathesis can take it."""

from mockserver.contract.flat import at_one_address, flat

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
