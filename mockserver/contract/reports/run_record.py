"""The record of one API's check: its findings, its coverage and what went wrong, as values and as a file."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path

from mockserver.json_text import Json


@dataclass(frozen=True, slots=True)
class ShownSide:
    """One side of an exchange as reports show it, without secrets: of a request `head` is `POST http://...`, of an
    answer `201 Created`. `at` is the JSON pointer of the part of the body that is shown, empty if it is the whole.
    """

    head: str
    media_type: str = ""
    at: str = ""
    body: str = ""


@dataclass(frozen=True, slots=True)
class CheckFinding:
    """One failure of one operation, seen `times` times in a run, with its shortest request.

    `place` is where the document says otherwise: a pointer into it, else what distinguishes this failure from others of
    the same check. `why` are lines of text; `pointer`, `keyword`, `expected` and `seen` are given for a broken schema,
    the last two as JSON. `curl` are the commands that repeat it, in order; `masked`: a secret was left out of them.
    """

    api: str
    operation: str
    check: str
    code: str
    title: str
    severity: str
    place: str = ""
    times: int = 1
    why: Sequence[str] = ()
    pointer: str = ""
    keyword: str = ""
    expected: str = ""
    seen: str = ""
    sent: ShownSide | None = None
    came: ShownSide | None = None
    curl: Sequence[str] = ()
    masked: bool = False

    @property
    def id(self) -> str:
        """The fingerprint: the same in every run that finds this, whatever was sent and came."""
        return fingerprint(self.api, self.operation, self.check, self.code, self.place)


def fingerprint(*identity: str) -> str:
    """Ten hexadecimal digits of API, operation, check, code and place."""
    return sha256("\0".join(identity).encode()).hexdigest()[:10]


@dataclass(frozen=True, slots=True)
class OperationCoverage:
    """Requests and answers of one operation. `statuses` counts the answers of each documented response (`200`, `4XX`,
    `default`), `undocumented` those of other statuses; `parameters` counts the requests with each documented parameter
    (`query limit`) and body (`body application/json`); `media_types` are the undocumented ones (`200 text/html`);
    `answers` counts all answers by their status (`404`), whatever documents it.
    """

    operation: str
    requests: int = 0
    statuses: Mapping[str, int] = field(default_factory=dict)
    undocumented: Mapping[str, int] = field(default_factory=dict)
    parameters: Mapping[str, int] = field(default_factory=dict)
    media_types: Mapping[str, int] = field(default_factory=dict)
    answers: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ToolError:
    """What kept Schemathesis from testing something: a network error, a part of the document that it cannot use."""

    title: str
    operation: str
    message: str


@dataclass(frozen=True, slots=True)
class ApiRun:
    """The record of one API. `seconds` is the time of the run; `complete`: it was not stopped before its end.
    `requests` counts all that were recorded, `generated` those of them that are cases of a phase, not sent by a check
    to look closer. `taken_back` counts failures that turned out to be none at the end. `warnings` has the operations of
    each kind of warning.
    """

    api: str
    address: str = ""
    seed: int | None = None
    seconds: float = 0.0
    requests: int = 0
    generated: int = 0
    taken_back: int = 0
    complete: bool = False
    findings: Sequence[CheckFinding] = ()
    coverage: Sequence[OperationCoverage] = ()
    errors: Sequence[ToolError] = ()
    warnings: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def tested(self) -> int:
        """The operations that at least one request was sent to."""
        return sum(operation.requests > 0 for operation in self.coverage)

    def as_json(self) -> Json:
        value = asdict(self)
        for member, finding in zip(value["findings"], self.findings, strict=True):
            member["id"] = finding.id
        return value


def write_run(file: Path, run: ApiRun, masked: Callable[[str], str] = str) -> None:
    """Writes a record, for `read_run`; `masked` masks further secrets in its text."""
    file.write_text(masked(json.dumps(run.as_json(), ensure_ascii=False)), encoding="utf-8", errors="surrogatepass")


def read_run(file: Path, api: str) -> ApiRun:
    """Reads a record; a missing file is a run that never began."""
    if not file.exists():
        return ApiRun(api)
    value = json.loads(file.read_text(encoding="utf-8", errors="surrogatepass"))
    return ApiRun(
        **{
            **value,
            "findings": tuple(map(_finding, value["findings"])),
            "coverage": tuple(OperationCoverage(**node) for node in value["coverage"]),
            "errors": tuple(ToolError(**node) for node in value["errors"]),
        }
    )


def _finding(node: dict[str, Json]) -> CheckFinding:
    sides = {name: ShownSide(**node[name]) if node[name] is not None else None for name in ("sent", "came")}
    return CheckFinding(**{name: value for name, value in {**node, **sides}.items() if name != "id"})
