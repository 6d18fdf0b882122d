"""Makes a Schemathesis schema of an API, for the tests of a user: its cases go to the mock or to a server, and what
fails is judged as in `mockserver check`.
"""

from __future__ import annotations

import atexit
import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.schemas import OpenApiSchema

from mockserver.contract.checking.checked_mock import known
from mockserver.contract.checking.checked_server import CheckedServer, ask, world_header
from mockserver.contract.checking.judgement import Judge, Judgement
from mockserver.contract.checking.preparation.flat_document import at_one_address, flat
from mockserver.contract.checking.secrets import secrets_of
from mockserver.contract.checking.sent_request import operations_of
from mockserver.contract.checking.tool_command import configuration, credential
from mockserver.contract.reports.findings import disagreement_lines, reclassified_of, refusal_lines
from mockserver.contract.suite.shell_variables import with_variables
from mockserver.engine.service import Service
from mockserver.json_text import Json, encode
from mockserver.openapi.model.document import load
from mockserver.problem import Unusable
from mockserver.server import Options, load_services
from mockserver.server.in_process import RunningMock, running
from mockserver.server.option_checks import refuse_unknown_options
from mockserver.testing.mock_servers import found_at
from mockserver.testing.session_coverage import watched

OWN_OPTIONS: Final = frozenset({"apis", "enforce_limits", "security", "credentials"})
"""Members of Options that follow from the check itself."""

IGNORED_AUTH: Final = "ST401"
GENERATED: Final = "GENERATED_AUTH"
"""Schemathesis takes a credential of the configuration for a made-up one where it made the case by chance; the other
phases hold it to the credential all the same.
"""


class ApiCases:
    """The schema of one API, the mock that its cases go to (None: a server), and the judgements so far."""

    def __init__(self, service: Service, schema: OpenApiSchema, mock: RunningMock | None, *, strict: bool) -> None:
        self.service = service
        self.schema = schema
        self.strict = strict
        self.judgements: list[Judgement] = []
        self._mock = mock
        self._count = None if mock is None else watched(mock)

    @property
    def whose(self) -> str:
        """What the cases are sent to, in words."""
        return "the server" if self._mock is None else "the mock"

    @property
    def coverage(self) -> Json:
        """What the cases exercised, as `GET /__admin/coverage` has it; of a server nothing is known."""
        return {"apis": [] if self._count is None else self._count.apis()}

    def begin(self) -> None:
        """Makes the world of the mock as new, if something was sent to it."""
        if self._mock is not None:
            worlds, name = self._mock.mock.worlds, world_of(self.service)
            if len(worlds[name].journal):
                worlds.reset(name)

    def judged_by(self, judge: Judge) -> None:
        """Reclassifies failures that are not the server's fault."""

        @self.schema.hook
        def after_call(_context: Any, _case: Any, response: Any) -> None:
            judge.note(response)

        @self.schema.hook
        def filter_failure(_context: Any, failure: Any, case: Any, response: Any) -> bool:
            if failure.code == IGNORED_AUTH and failure.scenario.name == GENERATED and _is_configured(case, response):
                return False
            judgement = None
            # As in the tool: what cannot be judged remains a failure.
            with suppress(AttributeError, LookupError, TypeError, ValueError, Unusable):
                judgement = judge(failure, case, response)
            if judgement is None or (self.strict and judgement.status):
                return True
            self.judgements.append(judgement)
            return False


def _is_configured(case: Any, response: Any) -> bool:
    """Whether the request has the headers of the configuration."""
    headers = case.operation.schema.config.headers_for(operation=case.operation) or {}
    return bool(headers) and all(response.request.headers.get(name) == value for name, value in headers.items())


MADE: Final[list[ApiCases]] = []
"""What this process made; pytest tells of all at the end."""
_open = ExitStack()
atexit.register(_open.close)


def api_cases(
    api: str | Path,
    folders: Sequence[Path],
    *,
    url: str,
    headers: Mapping[str, str],
    strict: bool,
    max_examples: int | None,
    seed: int | None,
    options: Mapping[str, Any],
) -> OpenApiSchema:
    """The schema that `mockserver.contract.cases` gives. Raises Unusable."""
    refuse_unknown_options(options, "cases", ("url", "headers", "strict", "max_examples", "seed"))
    for name in options.keys() & OWN_OPTIONS:
        raise Unusable(f"cases() takes no {name}: that follows from the check itself")
    chosen = Options(**options, apis=[found_at(str(api), folders)], enforce_limits=False)
    sent = tuple(f"{name}: {value}" for name, value in headers.items())
    services = load_services(chosen)
    if len(services) != 1:
        raise Unusable(f"cases() goes with one API or document; {api} has {len(services)}")
    with TemporaryDirectory() as name:
        folder = Path(name)
        mock = None
        if url:
            ask(url)
            [service] = services.values()
            document = at_one_address(service.spec.document)
            target = CheckedServer(url, (*sent, *world_header(url)), is_mock=False)
        else:
            mock = _open.enter_context(running(_with_secrets(chosen, services.values(), folder)))
            [service] = mock.mock.services.values()
            document = flat(service.spec.document)
            target = CheckedServer(f"{mock.root}/~{world_of(service)}/{service.name}", sent)
        file = folder / f"{service.name}.json"
        file.write_bytes(encode(document))
        schema = _schema(service, file, target, seed)
        schema.config.generation.update(max_examples=max_examples)
        made = ApiCases(service, schema, mock, strict=strict)
        made.judged_by(Judge(operations_of(load(file, service.name))))
    MADE.append(made)
    if mock is None:
        with_variables(url)
    return schema


def judged() -> list[Json]:
    """What was reclassified in this process, as JSON: for each schema its name, whose it is, and the judgements."""
    return [[made.service.name, made.whose, sorted({*made.judgements})] for made in MADE if made.judgements]


def judged_lines(judged: Iterable[Json]) -> list[str]:
    """The reclassified failures of several processes as lines."""
    found: dict[tuple[str, str], list[Judgement]] = {}
    for name, whose, judgements in judged:
        found.setdefault((name, whose), []).extend(Judgement(*judgement) for judgement in judgements)
    lines = []
    for (name, whose), judgements in found.items():
        reclassified = reclassified_of(judgements)
        if reclassified.refusals:
            lines.append(f"{name}: undeclared refusals; declare them, or let strict=True make them failures:")
            lines += refusal_lines(reclassified)
        lines += disagreement_lines(name, reclassified, whose)
    return lines


def world_of(service: Service) -> str:
    """The name of the world of a mock that the cases of an API are sent to."""
    return f"check-{service.name}"


def _with_secrets(options: Options, services: Iterable[Service], folder: Path) -> Options:
    """The options of a mock that takes the secrets of samples alone."""
    given = known(services, folder)
    return replace(options, security="check", credentials=given[-1]) if given else options


def _schema(service: Service, document: Path, target: CheckedServer, seed: int | None) -> OpenApiSchema:
    """The schema of the document, with the configuration that `mockserver check` runs the tool with."""
    file = configuration(service, document.with_suffix(".toml"), target)
    config = SchemathesisConfig.discover() if file is None else SchemathesisConfig.from_path(file)
    if seed is not None:
        config.update(seed=seed, max_failures=None)
    has_secrets = bool(secrets_of(service)) and (file is not None or not target.is_mock)
    own_header = () if has_secrets else credential(service, target)
    pairs = (header.partition(":") for header in (*own_header, *target.headers))
    if target.is_mock:
        config.output.sanitization.update(enabled=False)
    schema = schemathesis.openapi.from_dict(json.loads(document.read_bytes()), config=config)
    schema.config.update(base_url=target.url, headers={name.strip(): value.strip() for name, _, value in pairs})
    return schema
