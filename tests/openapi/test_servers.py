"""Where operations stand."""

import pytest

from mockserver.openapi.model.servers import NOWHERE, Server, served, servers_of


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
    """Variables without a list of values stand at their defaults."""
    [found] = servers_of({"servers": [server]}, (NOWHERE,))

    assert (found.host, found.path) == (host, path)


def test_a_server_is_there_for_every_value_of_its_variables():
    """That of the defaults first; a bounded number."""
    variables = {"area": {"enum": ["us", "eu"], "default": "eu"}, "version": {"enum": ["v1", "v2"]}}
    server = {"url": "https://{area}.zoo.example/{version}", "variables": variables}

    found = servers_of({"servers": [server]}, (NOWHERE,))

    assert [(one.host.partition(".")[0], one.path) for one in found] == [
        ("eu", "/v1"),
        ("eu", "/v2"),
        ("us", "/v1"),
        ("us", "/v2"),
    ]


def test_variables_make_a_bounded_number_of_servers():
    """Of which the defaults are one."""
    variables = {name: {"enum": [*"0123456789"], "default": "7"} for name in "abcde"}

    found = servers_of({"servers": [{"url": "/{a}{b}{c}{d}{e}", "variables": variables}]}, (NOWHERE,))

    assert (found[0].path, len(found)) == ("/77777", 100)


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

    found = served(document, "http://mock/zoo{}".format)

    assert found["servers"] == [{"url": "http://mock/zoo/v1"}]
    assert found["paths"]["/a"] == {"get": {}}
    assert found["paths"]["/b"]["servers"] == [{"url": "http://mock/zoo"}]
    assert found["paths"]["/b"]["get"]["servers"] == [{"url": "http://mock/zoo/people"}]
