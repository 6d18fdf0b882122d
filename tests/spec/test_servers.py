"""Where operations stand."""

import pytest

from mockserver.spec.servers import NOWHERE, Server, served, servers_of


@pytest.mark.parametrize(
    ("server", "host", "path"),
    [
        ({"url": "https://api.zoo.example/v2/"}, "api.zoo.example", "/v2"),
        ({"url": "https://zoo.example"}, "zoo.example", ""),
        ({"url": "/v2"}, "", "/v2"),
        ({"url": "v2"}, "", "/v2"),
        ({"url": "/"}, "", ""),
        (
            {"url": "https://{where}.zoo.example/{base}", "variables": {"where": {"default": "eu"}}},
            "eu.zoo.example",
            "",
        ),
        ({"url": "http://[broken"}, "", ""),
        ({}, "", ""),
    ],
)
def test_a_server_has_a_host_and_a_path(server, host, path):
    """Variables stand at their defaults."""
    [found] = servers_of({"servers": [server]}, (NOWHERE,))

    assert (found.host, found.path) == (host, path)


@pytest.mark.parametrize("node", [{}, {"servers": []}, {"servers": None}, {"servers": ["nonsense"]}])
def test_without_servers_those_above_hold(node):
    """As OpenAPI has it."""
    above = (Server("/v1", "", "/v1"),)

    assert servers_of(node, above) == above


def test_a_served_document_names_the_mock_alone():
    """For the document, its paths and its operations."""
    operation = {"servers": [{"url": "https://zoo.example/people"}]}
    document = {
        "servers": [{"url": "https://zoo.example/v1"}, {"url": "https://test.zoo.example/v1"}],
        "paths": {"/a": {"get": {}}, "/b": {"servers": [{"url": "https://zoo.example"}], "get": operation}},
    }

    found = served(document, "http://mock/zoo")

    assert found["servers"] == [{"url": "http://mock/zoo/v1"}]
    assert found["paths"]["/a"] == {"get": {}}
    assert found["paths"]["/b"]["servers"] == [{"url": "http://mock/zoo"}]
    assert found["paths"]["/b"]["get"]["servers"] == [{"url": "http://mock/zoo/people"}]
