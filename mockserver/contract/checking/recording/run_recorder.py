"""Records a run of Schemathesis: distinct failures with their shortest request, and what was exercised."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from mockserver.contract.checking.judgement import (
    CREATED_IS_MISSING,
    HEADER_NOT_MISSED,
    OF_STATE,
    SERVER_ERROR,
    UNDECLARED,
    VALID_REFUSED,
    Judgement,
)
from mockserver.contract.checking.recording.failure_details import IGNORED_AUTH, FailureDetails, Occurrence
from mockserver.contract.checking.recording.named_records import NamedRecords
from mockserver.contract.checking.recording.recorded_exchange import (
    content_type_of,
    media_type_of,
    sent_headers,
    without_user,
)
from mockserver.contract.checking.recording.refused_values import (
    MOST_SENT_VALUES,
    REFUSED_CANDIDATES,
    AcceptedValues,
)
from mockserver.contract.checking.recording.tool_output import hide_sections
from mockserver.contract.checking.repeated_keys import RepeatedKeys
from mockserver.contract.reports.har_report import har_entry
from mockserver.contract.reports.run_coverage import in_order
from mockserver.contract.reports.run_record import ApiRun, CheckFinding, OperationCoverage, ToolError, write_run
from mockserver.engine.redaction.given_secrets import given_secrets, masking, pair_of
from mockserver.engine.redaction.secret_text import SecretTexts
from mockserver.openapi.model.body_model import covering
from mockserver.openapi.model.document import Document
from mockserver.openapi.model.operation import Operation


class RecordedTarget(NamedTuple):
    """What is checked: the API, its address, and the header of the sample credential that opens the mock of it.
    `shows_secrets`: curl lines have whatever was sent. `strict`: an undeclared refusal is a failure. `keeps_exchanges`:
    all exchanges are written down. `operations` are those that are asked for, as `GET /items`; empty: all. `headers`
    are those that the user gave, `NAME: VALUE`. `max_time` are the seconds of the whole check, 0 if these are not
    bounded.
    """

    api: str
    address: str
    sample: tuple[str, str] = ("", "")
    shows_secrets: bool = False
    strict: bool = False
    keeps_exchanges: bool = False
    operations: Sequence[str] = ()
    headers: Sequence[str] = ()
    max_time: float = 0.0

    def write(self, document: Path) -> None:
        """Writes it beside the document, for `read`."""
        document.with_suffix(".target.json").write_text(json.dumps(self), encoding="utf-8")

    @classmethod
    def read(cls, document: Path) -> RecordedTarget:
        return cls(*json.loads(read_once(document.with_suffix(".target.json"))))


def read_once(file: Path) -> str:
    """The text of a file with credentials, which stays nowhere, whatever becomes of the run."""
    text = file.read_text(encoding="utf-8")
    file.unlink()
    return text


class RunRecorder:
    """Takes the events of one run."""

    def __init__(
        self, spec: Document, target: RecordedTarget, document: Path, records: NamedRecords, keys: RepeatedKeys
    ) -> None:
        self._target = target
        self._records = records
        self._keys = keys
        self._document = document
        given = [*map(pair_of, target.headers)]
        self._details = FailureDetails(
            target.api, spec, target.sample, [name for name, _ in given], shows_secrets=target.shows_secrets
        )
        self._masked = masking(() if target.shows_secrets else given_secrets(given))
        self._credentials = _credential_headers(spec)
        self._found: dict[tuple[str, ...], Occurrence] = {}
        self._times: Counter[tuple[str, ...]] = Counter()
        self._refused: dict[tuple[str, ...], list[Occurrence]] = {}
        self._tallies = {
            (operation.method.upper(), operation.path): _Tally(operation)
            for operation in spec.operations
            if not target.operations or f"{operation.method.upper()} {operation.path}" in target.operations
        }
        self._errors: dict[ToolError, None] = {}
        self._requests = 0
        self._generated = 0

    def take_scenario(self, recorder: Any) -> None:
        """Counts the exchanges of a scenario, and keeps its failures."""
        self._requests += len(recorder.interactions)
        for case_id, node in recorder.cases.items():
            exchange = recorder.interactions.get(case_id)
            if exchange is None:
                continue
            self._generated += node.parent_id is None or node.transition is not None
            tally = self._tallies.get((node.value.method.upper(), node.value.operation.path))
            if tally is not None:
                tally.take(node.value, exchange.response)
            failed = [check for check in recorder.checks.get(case_id, ()) if check.failure_info is not None]
            for check in failed:
                self._take_failure(check, node.value, exchange, recorder)
            if self._target.keeps_exchanges:
                self._write_exchange(node.value, exchange, [check.failure_info.failure.code for check in failed])

    def _write_exchange(self, case: Any, exchange: Any, failed: Sequence[str]) -> None:
        shown, url = self._details.exchange(case.method.upper(), case.operation.path, exchange)
        entry = json.dumps(har_entry(shown, url, failed), ensure_ascii=False)  # as secrets are spelled
        with exchanges_file(self._document).open("a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(self._masked(entry) + "\n")

    def _take_failure(self, check: Any, case: Any, exchange: Any, recorder: Any) -> None:
        info = check.failure_info
        failing = info.failure.case_id or case.id
        exchange = recorder.interactions.get(failing, exchange)
        earlier = [
            recorder.interactions[step]
            for step in _chain(info, failing, recorder)
            if step != failing and step in recorder.interactions
        ]
        operation = case.operation
        self._keep(
            Occurrence(
                check.name, info.failure, operation.method.upper(), operation.path, exchange, tuple(earlier), case
            )
        )

    def _keep(self, occurrence: Occurrence) -> None:
        identity = self._details.identity(occurrence)
        self._times[identity] += 1
        known = self._found.get(identity)
        if known is None or occurrence.length < known.length:
            self._found[identity] = occurrence
        if occurrence.failure.code == VALID_REFUSED and occurrence.case is not None:
            candidates = [*self._refused.get(identity, ()), occurrence]
            self._refused[identity] = sorted(candidates, key=lambda one: one.length)[:REFUSED_CANDIDATES]

    def _finding(self, identity: tuple[str, ...], occurrence: Occurrence) -> CheckFinding:
        tally = self._tallies.get((occurrence.method, occurrence.path))
        candidates = self._refused.get(identity)
        if candidates is None or tally is None:
            return self._details.finding(occurrence, self._times[identity])
        accepted = tally.accepted
        fewest = min(candidates, key=lambda one: (len(accepted.new_in(one.case)) or MOST_SENT_VALUES, one.length))
        return self._details.finding(fewest, self._times[identity], accepted)

    def _missing_record(self, identity: tuple[str, ...], occurrence: Occurrence) -> str:
        """The member by which each refused request names a record that no accepted request named; empty where one
        names none.
        """
        tally = self._tallies.get((occurrence.method, occurrence.path))
        candidates = self._refused.get(identity)
        if candidates is None or tally is None:
            return ""
        if any(one.exchange.response.status_code not in OF_STATE for one in candidates):
            return ""
        named = [self._records.first(tally.operation, tally.accepted.new_in(one.case)) for one in candidates]
        return Counter(named).most_common(1)[0][0] if all(named) else ""

    def _is_told_by_another(self, identity: tuple[str, ...]) -> bool:
        """Whether this is the undeclared status of a server error, which is a finding whatever is declared, or a
        missing header that is the credential, where no credential at all is wanted.
        """
        operation, _, code, place = identity
        if code == HEADER_NOT_MISSED and place.lower() in self._credentials:
            return any(one[0] == operation and one[2] == IGNORED_AUTH for one in self._found)
        return code == UNDECLARED and (operation, "not_a_server_error", SERVER_ERROR, place) in self._found

    def _is_replayed(self, occurrence: Occurrence) -> bool:
        """Whether what is missing was deleted, since it was created by an earlier request with the same key."""
        if occurrence.failure.code != CREATED_IS_MISSING:
            return False
        return any(self._keys.may_be_replayed(sent_headers(one.request)) for one in occurrence.earlier)

    def _tell_apart(self, missing: Mapping[tuple[str, ...], str]) -> None:
        """Writes down which refusals are no findings, since a record may not be there."""
        with self._document.with_suffix(".jsonl").open("a", encoding="utf-8") as file:
            for (operation, _, code, _), path in missing.items():
                method, _, template = operation.partition(" ")
                reason = f"the document does not say which records there are, and body {path} may name one that is not"
                file.write(json.dumps(Judgement(method, template, code, reason=reason)) + "\n")

    def take_error(self, event: Any) -> None:
        """Keeps what could not be tested, and why."""
        message = str(event.info.message).strip()
        shown = message if self._target.shows_secrets else SecretTexts().text(message)
        self._errors[ToolError(event.info.title, event.label, shown)] = None

    def take_end(self, event: Any) -> None:
        """Keeps the failures of checks of the whole run."""
        for failure in getattr(event, "failures", ()):
            self._keep(Occurrence(failure.title, failure, "", "", None))

    def save(self, context: Any, seconds: float, *, complete: bool) -> None:
        """Writes the record."""
        missing = {identity: self._missing_record(identity, one) for identity, one in self._found.items()}
        findings = [
            self._finding(identity, one)
            for identity, one in self._found.items()
            if not self._is_told_by_another(identity) and not missing[identity] and not self._is_replayed(one)
        ]
        self._tell_apart({identity: path for identity, path in missing.items() if path})
        warnings = getattr(context, "warnings", None)
        kinds: Mapping[str, Sequence[str]] = warnings.as_labels() if warnings is not None else {}
        run = ApiRun(
            api=self._target.api,
            address=without_user(self._target.address),
            seed=context.config.seed,
            seconds=round(seconds, 3),
            requests=self._requests,
            generated=self._generated,
            taken_back=sum(map(self._times.__getitem__, self._found)) - sum(finding.times for finding in findings),
            complete=complete,
            findings=sorted(findings, key=_order),
            coverage=[tally.coverage() for tally in self._tallies.values()],
            errors=[*self._errors],
            warnings={kind: labels for kind, labels in kinds.items() if labels},
        )
        write_run(run_file(self._document), run, self._masked)


def _credential_headers(spec: Document) -> frozenset[str]:
    """The headers of the document's security schemes, in lower case."""
    schemes = spec.document.get("components", {}).get("securitySchemes", {}).values()
    keys = (
        one for one in schemes if isinstance(one, dict) and one.get("type") == "apiKey" and one.get("in") == "header"
    )
    return frozenset({"authorization", *(str(one.get("name", "")).lower() for one in keys)})


def _chain(info: Any, failing: str, recorder: Any) -> list[str]:
    """The ids of the requests that show a failure, in order; those before a single request have nothing to do with
    it.
    """
    related = info.failure.related_case_ids()
    if not related and not hasattr(info.failure, "steps") and len(getattr(info, "steps", ())) < 2:
        return [failing]
    unneeded = getattr(info.failure, "unneeded", "")
    chain = recorder.iter_chain_cases(case_id=failing, related_case_ids=related)
    return [case.id for case in chain if case.id != unneeded]


_SEVERITIES = ("critical", "high", "medium", "low")


def _order(finding: CheckFinding) -> tuple[int, str, str, str]:
    rank = _SEVERITIES.index(finding.severity) if finding.severity in _SEVERITIES else len(_SEVERITIES)
    return rank, finding.operation, finding.code, finding.place


class _Tally:
    """Counts the requests and answers of one operation."""

    def __init__(self, operation: Operation) -> None:
        self.operation = operation
        self._requests = 0
        self._statuses = Counter(dict.fromkeys(operation.answers, 0))
        self._undocumented: Counter[str] = Counter()
        self._answers: Counter[str] = Counter()
        self._media_types: Counter[str] = Counter()
        self.accepted = AcceptedValues()
        bodies = operation.body.media if operation.body is not None else ()
        named = [f"{one.place} {one.name}" for one in operation.parameters] + [f"body {name}" for name in bodies]
        self._parameters = Counter(dict.fromkeys(named, 0))

    def take(self, case: Any, response: Any) -> None:
        self._requests += 1
        for name in self._given(case):
            if name in self._parameters:
                self._parameters[name] += 1
        if response is None:
            return
        status = response.status_code
        self._answers[str(status)] += 1
        if 200 <= status < 300:
            self.accepted.note(case)
        answer = self.operation.answer(status)
        if answer is None:
            self._undocumented[str(status)] += 1
            return
        self._statuses[answer.status] += 1
        media_type = media_type_of(response)
        if (
            media_type
            and answer.media
            and response.content
            and covering(answer.media, content_type_of(response)) is None
        ):
            self._media_types[f"{status} {media_type}"] += 1

    def _given(self, case: Any) -> list[str]:
        """The parameters and the body that a request has, by the names of the document."""
        places = {"path": case.path_parameters, "query": case.query, "cookie": case.cookies}
        given = [f"{place} {name}" for place, values in places.items() for name in values or ()]
        sent = {str(name).lower() for name in case.headers or ()}
        given += [
            f"header {one.name}"
            for one in self.operation.parameters
            if one.place == "header" and one.name.lower() in sent
        ]
        body = self.operation.body
        if body is not None and case.media_type:
            media = covering(body.media, str(case.media_type))
            given += [f"body {media.name}"] if media is not None else []
        return given

    def coverage(self) -> OperationCoverage:
        operation = self.operation
        return OperationCoverage(
            operation=f"{operation.method.upper()} {operation.path}",
            requests=self._requests,
            statuses=in_order(self._statuses),
            undocumented=in_order(self._undocumented),
            parameters=dict(self._parameters),
            media_types=in_order(self._media_types),
            answers=in_order(self._answers),
        )


def run_file(document: Path) -> Path:
    """The file for the record of a run, beside the document that Schemathesis reads."""
    return document.with_suffix(".run.json")


def exchanges_file(document: Path) -> Path:
    """The file for the exchanges of a run, as HAR entries."""
    return document.with_suffix(".har.jsonl")


def as_new(phase: Any) -> None:
    """Takes back that no check looked at anything in an earlier turn of a phase: with a time limit phases are repeated,
    and the display of Schemathesis, which comes after handlers, fails on scenarios of a phase that has this mark.
    """
    reason = phase.skip_reason
    if reason is not None and reason.value == "no_checks_ran":
        phase.skip_reason = None


def install_recorder(
    spec: Document, target: RecordedTarget, document: Path, records: NamedRecords, keys: RepeatedKeys
) -> None:
    """Makes the next run of Schemathesis write its record, and leave its own report of failures out."""
    from schemathesis import cli
    from schemathesis.engine import events

    recorder = RunRecorder(spec, target, document, records, keys)

    class Recording:
        """A handler of events, as Schemathesis calls it."""

        def __init__(self, *_: Any, **__: Any) -> None:
            self._seconds, self._complete = 0.0, False

        def start(self, _context: Any) -> None:
            """Nothing is to be prepared."""

        def handle_event(self, _context: Any, event: Any) -> None:
            if isinstance(event, events.PhaseStarted):
                as_new(event.phase)
            elif isinstance(event, events.ScenarioFinished) and event.recorder is not None:
                recorder.take_scenario(event.recorder)
            elif isinstance(event, events.NonFatalError):
                recorder.take_error(event)
            elif isinstance(event, events.EngineFinished):
                self._seconds = event.running_time
                self._complete = event.stop_reason.value != "interrupted"
                recorder.take_end(event)
                hide_sections()

        def shutdown(self, context: Any) -> None:
            recorder.save(context, self._seconds, complete=self._complete)

    cli.handler()(Recording)
