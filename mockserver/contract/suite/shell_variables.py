"""Writes a variable of the shell into curl lines of Schemathesis where it masks a credential."""

from __future__ import annotations

import re
from typing import Any, Final

from schemathesis.generation.case import Case

from mockserver.contract.checking.recording.masked_request import variable_of_credential

_HEADER: Final = re.compile(r"-H '([\w-]+): \[Filtered\]'")
_MARK: Final = "mockserver_has_variables"


_addresses: Final[set[str]] = set()


def with_variables(url: str) -> None:
    """Makes the curl lines of cases for the server at this address work in a shell that has the credentials."""
    _addresses.add(url)
    if getattr(Case.as_curl_command, _MARK, False):
        return
    original = Case.as_curl_command

    def as_curl_command(self: Any, *given: Any, **named: Any) -> str:
        line = original(self, *given, **named)
        return variables_in(line) if self.operation.schema.config.base_url in _addresses else line

    setattr(as_curl_command, _MARK, True)
    Case.as_curl_command = as_curl_command  # type: ignore[method-assign]


def variables_in(line: str) -> str:
    """The curl line with `"X-Api-Key: $X_API_KEY"` for `'X-Api-Key: [Filtered]'`."""
    return _HEADER.sub(lambda found: f'-H "{found[1]}: ${variable_of_credential(found[1])}"', line)
