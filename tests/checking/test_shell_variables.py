"""The curl lines of cases on a server."""

from mockserver.contract.suite.shell_variables import variables_in


def test_a_masked_header_is_a_variable_of_the_shell():
    """In double quotes, where the shell fills it in; what was not masked stays."""
    line = "curl -X GET -H 'X-Api-Key: [Filtered]' -H 'X-Other: a' http://127.0.0.1:1/books"

    assert variables_in(line) == "curl -X GET -H \"X-Api-Key: $X_API_KEY\" -H 'X-Other: a' http://127.0.0.1:1/books"
