"""Reports of a comparison: text for a terminal, JSON, JUnit, and regression cases."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

from mockserver.contract.checking.recording.masked_request import credential_parts
from mockserver.contract.compare.answer_view import shown, shown_of_mock
from mockserver.contract.compare.compare_options import CompareOptions
from mockserver.contract.compare.compare_run import CompareResult, FoundDivergence
from mockserver.contract.compare.divergence import Divergence, given_again
from mockserver.contract.compare.document_additions import overlay_of
from mockserver.contract.compare.proposals import ASSUMPTION, OVERLAY, RECORD, Proposal
from mockserver.contract.replay.difference import Difference, DifferenceKind
from mockserver.contract.replay.planned_request import AnswerReference, PlannedRequest
from mockserver.contract.replay.request_sequence import SHAPES, VALUES
from mockserver.contract.reports.curl_line import header_word
from mockserver.engine.body.yaml_text import write
from mockserver.engine.redaction.given_secrets import HARMLESS, given_secrets, masking, pair_of
from mockserver.engine.redaction.printable import printable
from mockserver.engine.redaction.redactor import Redactor
from mockserver.engine.redaction.secret_bodies import masked_value
from mockserver.engine.redaction.secret_names import is_secret
from mockserver.engine.redaction.secret_schemas import nothing_declared
from mockserver.engine.redaction.secret_text import MASK, SecretTexts
from mockserver.json_pointer import MISSING, tokens
from mockserver.json_text import Json, encode
from mockserver.problem import Unusable
from mockserver.server.whole_file import write_whole

_TOLD: Final = {
    DifferenceKind.FAILURE: "the answer",
    DifferenceKind.STATUS: "the status",
    DifferenceKind.BRANCH: "what the document says of the answer",
    DifferenceKind.HEADER: "the header {}",
    DifferenceKind.MISSING_MEMBER: "the member {}",
    DifferenceKind.ADDITIONAL: "the member {}",
    DifferenceKind.TYPE: "the type of {}",
    DifferenceKind.VALUE: "the value of {}",
    DifferenceKind.ORDER: "the order of {}",
    DifferenceKind.LENGTH: "the number of items of {}",
}
_ALIKE: Final = {True: "alike", False: "with the same status; something else differs in that answer then"}
_LONGEST: Final = 120
_KEPT_SHAPES: Final = (
    "The kept cases compare shapes, as this run did (`compares: shapes` in each), so they are green where only records "
    "differ. A case takes ids from what the lists have: where one is empty it is not settled, and exits with 2."
)
MOST_SHOWN: Final = 6
"""Steps of a sequence that are shown on the terminal: the last ones."""


def report_lines(result: CompareResult, options: CompareOptions, cases: dict[int, str]) -> Iterator[str]:
    """The report for a terminal. `cases` are the files of the regression cases by the numbers of the findings."""
    masked = masked_given(options)
    return (masked(printable(line)) for line in _lines(result, options, cases))


def masked_given(options: CompareOptions) -> Callable[[str], str]:
    """A function that masks the values of the user's headers in a text."""
    return masking(given_secrets(map(pair_of, options.headers)))


def _redactor(result: CompareResult, options: CompareOptions) -> Redactor:
    """The redactor of the API, which knows that the user's headers are credentials too."""
    service = result.api.service
    given = [(name, "") for name, _ in map(pair_of, options.headers) if name.lower() not in HARMLESS]
    return Redactor(service.spec, [*service.api.credentials.values(), *given]) if given else service.redactor


def _lines(result: CompareResult, options: CompareOptions, cases: dict[int, str]) -> Iterator[str]:
    for number, found in enumerate(result.found, 1):
        yield from _finding(number, found, result, options, cases.get(number, ""))
        yield ""
    credentials = [pair_of(text) for text in options.headers]
    redactor = _redactor(result, options).declared("")
    credentials.sort(key=lambda pair: not redactor.is_header(pair[0]))
    needed = [credential_parts(*pair) for pair in credentials if cases or redactor.is_header(pair[0])]
    variables = [part[0] for parts in needed for part in parts if isinstance(part, tuple)]
    if result.found:
        line = shlex.join(["mockserver", "serve", *result.served])
        yield f"The curl lines to the mock work again with: {line} --port {result.port}"
        if variables:
            yield f"Those to the other server need what was given by -H: {', '.join(f'${name}' for name in variables)}"
    yield from _proposals(result)
    if cases and result.compares == SHAPES:
        yield _KEPT_SHAPES
    if result.hint:
        yield f"{result.hint}. Nothing is proposed before that is mended."
    if result.varying:
        yield (
            "Not compared, since the other server answered the same requests with other statuses when they were sent "
            f"again: {', '.join(result.varying)}"
        )
    if result.left_out:
        yield f"Not sent, since they may change what others made (--all-writes): {', '.join(result.left_out)}"
    made_up = [one.id for one in result.api.operations if result.api.is_made_up(one)]
    if made_up and result.compares == VALUES:
        yield f"Compared by shape alone, since the mock remembers nothing of them: {', '.join(made_up)}"
    yield _summary(result, options)


def _summary(result: CompareResult, options: CompareOptions) -> str:
    requests = f"{result.steps} request{'s' * (result.steps != 1)}"
    many = f"{result.sequences} sequence{'s' * (result.sequences != 1)} of {requests} that both answered"
    found = len(result.found)
    differs = f"{found} difference{'s' * (found != 1)}" if found else "no difference"
    reads = "" if options.writes or options.replay else " Only reads were sent; --writes compares writes too."
    unplayed = f"{result.unplayed} request{'s' * (result.unplayed != 1)}"
    skipped = f" {unplayed} needed a record that one of them does not have." if result.unplayed else ""
    if not result.is_settled:
        differs = "nothing was settled, since "
        differs += _unsettled(result)
        differs += ","
    ended = "" if result.is_complete else " It ended before all was compared (--max-time, --max-sequences, --first)."
    ended = " It was stopped before all was compared." if result.is_stopped else ended
    return f"{result.api.name}: {differs} in {many}.{skipped}{reads}{ended}"


def _unsettled(result: CompareResult) -> str:
    if result.unplayed_reason:
        return f"a step was not played ({result.unplayed_reason})"
    if result.is_stopped:
        return "it was stopped"
    return "the other server's statuses vary" if result.steps else "none was sent"


def _finding(
    number: int, found: FoundDivergence, result: CompareResult, options: CompareOptions, case: str
) -> Iterator[str]:
    divergence, redactor = found.divergence, _redactor(result, options)
    yield f"{number}. {title(found)}"
    if found.also:
        yield f"   Also: {', '.join(found.also[:8])}{' …' if len(found.also) > 8 else ''}"
    rows = zip(divergence.sequence.steps, divergence.lefts, divergence.rights, strict=True)
    hidden = max(0, len(divergence.lefts) - MOST_SHOWN)
    if hidden:
        yield f"   steps 1 to {hidden} are not shown; --write DIR keeps all of them"
    for position, (step, left, right) in [*enumerate(rows, 1)][hidden:]:
        does = f" - {step.does}" if step.does else ""
        yield f"   step {position}: {step.method} {step.path}{does}{_taken(step)}"
        for name, view in (("mock", shown_of_mock(left)), ("other", shown(right, redactor, step.operation))):
            yield f"     {name + ':':6} {view.line}"
            yield f"            {view.curl}" if view.curl else "            not sent"
    for difference in divergence.differences[:8]:
        yield f"   {_difference(difference)}{_again(divergence, difference)}"
    if case:
        yield f"   Kept in {case}; to play it again: {replaying(options, case)}"


def _taken(step: PlannedRequest) -> str:
    """Says which values of the path are those of an earlier answer: who pastes the lines puts in what they are then."""
    values = [f"{name} is {value}" for name, value in step.path_values.items() if isinstance(value, AnswerReference)]
    return f" ({', '.join(values)})" if values else ""


def replaying(options: CompareOptions, case: str) -> str:
    """The command that plays a case as it was found; the values of the headers are variables of the shell."""
    pairs = [pair_of(text) for text in options.headers]
    sent = [f"-H {header_word(pair[0], credential_parts(*pair))}" for pair in pairs if _HEADER_NAME.fullmatch(pair[0])]
    given = [("--assume", f"{name}={option}") for name, option in options.assume.items()]
    given += [("--overlay", file) for file in options.overlays] + [("--ignore", name) for name in options.ignore]
    given += [("--root", options.root)] if options.root else []
    flags = ["--all-writes"] if options.all_writes else ["--writes"] if options.writes else []
    line = ["mockserver", "compare", options.api, "--url", options.url]
    more = [*(part for pair in given for part in pair), *flags, "--replay", case]
    return " ".join([shlex.join(line), *sent, shlex.join(more)])


_HEADER_NAME: Final = re.compile(r"[A-Za-z0-9_-]+")


def _again(divergence: Divergence, difference: Difference) -> str:
    """Says of an id given again which other record had it before; empty for all else."""
    found = given_again(divergence, difference)
    if found is None:
        return ""
    name = next((token for token in reversed(tokens(difference.place)) if not token.isdecimal()), "")
    given, other = (
        _value(difference.left if found.is_mocks else difference.right, name),
        _value(found.other_value, name),
    )
    who, beside = ("the mock", "the other server") if found.is_mocks else ("the other server", "the mock")
    return f" ({who} gave {given} again: it had stood for what is {other} on {beside})"


def title(found: FoundDivergence) -> str:
    """The divergence in one line."""
    first, step = found.divergence.differences[0], found.divergence.step
    name = step.operation or f"{step.method} {step.path}"
    return printable(f"{name}: {_difference(first)}{_again(found.divergence, first)}")


def _difference(difference: Difference) -> str:
    kind, place, left, right = difference
    what = _TOLD[kind].format(place or "the body")
    last = next((token for token in reversed(tokens(place)) if not token.isdecimal()), "")
    return f"{what}: mock {_value(left, last)}, other {_value(right, last)}"


def _value(value: Json, name: str) -> str:
    if value is MISSING:
        return "has none"
    if is_secret(name):
        return MASK
    value = masked_value(value, nothing_declared(), SecretTexts())
    text = value if isinstance(value, str) and "·" in value else encode(value).decode()
    text = printable(text) if value is not None else "null"
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _proposals(result: CompareResult) -> Iterator[str]:
    told: dict[str, tuple[Proposal, list[int]]] = {}
    for number, found in enumerate(result.found, 1):
        for proposal in found.proposals:
            told.setdefault(proposal.what, (proposal, []))[1].append(number)
    if not told and not result.parameters:
        return
    yield "What would make the mock like the other server:"
    for proposal, numbers in told.values():
        of = ", ".join(map(str, numbers))
        if proposal.kind == ASSUMPTION:
            yield f"   {proposal.what}"
            yield f"      {proposal.text.rstrip('.')}. With it the mock answers {of} {_ALIKE[proposal.is_tried]}."
        elif proposal.kind == RECORD:
            yield f"   For {of}, {proposal.text}:"
            yield from _indented(proposal.what)
    additions = [(proposal, numbers) for proposal, numbers in told.values() if proposal.kind == OVERLAY]
    if additions or result.parameters:
        yield "   An overlay (--overlay FILE) that"
        for proposal, numbers in additions:
            alike = [number for number in numbers if _is_tried(result.found[number - 1], proposal)]
            otherwise = [number for number in numbers if number not in alike]
            parts = [f"{', '.join(map(str, alike))} alike with it"] if alike else []
            parts += [f"{', '.join(map(str, otherwise))} otherwise all the same"] if otherwise else []
            yield f"      {proposal.text}: the mock answers {', '.join(parts)}"
        for proposal in result.parameters:
            yield f"      {proposal.text}: the other server takes it, which is no difference"
        yield from _indented(write(proposed_overlay(result)).decode())
    yield ""


def _is_tried(found: FoundDivergence, proposal: Proposal) -> bool:
    """Whether the divergence was gone with the proposal, which others may share."""
    return any(one.is_tried for one in found.proposals if one.what == proposal.what)


def _indented(text: str) -> Iterator[str]:
    yield from (f"      {line}" for line in text.rstrip("\n").split("\n"))


def proposed_overlay(result: CompareResult) -> Json:
    """The overlay with all proposed additions to the document; None if there are none."""
    proposals = [proposal for found in result.found for proposal in found.proposals if proposal.kind == OVERLAY]
    proposals += result.parameters
    actions = {proposal.what: proposal.action for proposal in proposals}
    return overlay_of(result.api.name, [*actions.values()]) if actions else None


def json_report(result: CompareResult, options: CompareOptions, cases: dict[int, str]) -> bytes:
    """The report as JSON."""
    redactor = _redactor(result, options)
    found = []
    for number, one in enumerate(result.found, 1):
        rows = zip(one.divergence.sequence.steps, one.divergence.lefts, one.divergence.rights, strict=True)
        steps = [
            {
                "method": step.method,
                "path": step.path,
                "operation": step.operation,
                "does": step.does,
                "mock": {"status": left.status, "failure": left.failure, **shown_of_mock(left)._asdict()},
                "other": {
                    "status": right.status,
                    "failure": right.failure,
                    **shown(right, redactor, step.operation)._asdict(),
                },
            }
            for step, left, right in rows
        ]
        differences = [
            {"kind": kind, "place": place, "mock": _value(left, place), "other": _value(right, place)}
            for kind, place, left, right in one.divergence.differences
        ]
        found.append({
            "title": title(one), "operation": one.divergence.step.operation, "differences": differences,
            "steps": steps, "also": one.also, "proposals": [proposal._asdict() for proposal in one.proposals],
            "case": cases.get(number, ""),
        })  # fmt: skip
    report = {
        "api": result.api.name, "url": options.url, "writes": options.writes, "seed": options.seed,
        "sequences": result.sequences, "requests": result.steps, "unplayed": result.unplayed,
        "complete": result.is_complete, "settled": result.is_settled, "hint": result.hint,
        "leftOut": [*result.left_out], "varying": [*result.varying], "differences": found,
        "parameters": [proposal._asdict() for proposal in result.parameters],
    }  # fmt: skip
    text = masked_given(options)(json.dumps(report, indent=2, ensure_ascii=False))
    return text.encode("utf-8", "replace") + b"\n"


def junit_report(result: CompareResult, options: CompareOptions) -> bytes:
    """The report as JUnit XML: one test that compares, and a failed one for each difference."""
    count = len(result.found)
    counts = {"tests": str(count + 1), "failures": str(count), "errors": str(int(not result.is_settled))}
    root = ET.Element("testsuites")
    suite = ET.SubElement(root, "testsuite", {"name": f"{result.api.name}: compare", **counts})
    whole = ET.SubElement(suite, "testcase", name="the servers were compared", classname=result.api.name)
    if not result.is_settled:
        ET.SubElement(whole, "error", message=_xml(printable(_summary(result, options))))
    for number, found in enumerate(result.found, 1):
        test = ET.SubElement(suite, "testcase", name=_xml(title(found)), classname=result.api.name)
        failure = ET.SubElement(test, "failure", message=_xml(title(found)))
        failure.text = _xml("\n".join(map(printable, _finding(number, found, result, options, ""))))
    text = ET.tostring(root, encoding="utf-8", xml_declaration=True).decode()
    return masked_given(options)(text).encode()


def _xml(text: str) -> str:
    return re.sub("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "?", text)


def write_cases(result: CompareResult, folder: Path, masked: Callable[[str], str] = str) -> dict[int, str]:
    """Writes each minimal sequence as a regression case, and the proposed overlay as `overlay.yaml`, their texts
    `masked`. Returns the files of the cases by number. Raises Unusable.
    """
    files = {}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number, found in enumerate(result.found, 1):
            step = found.divergence.step
            name = re.sub(
                r"[^A-Za-z0-9]+", "-", f"{step.operation or step.path} {found.divergence.differences[0].kind}"
            )
            file = folder / f"{number:02}-{name.strip('-')}.yaml"
            write_whole(file, masked(found.case(title(found), result.compares).decode()).encode())
            files[number] = str(file)
        overlay = proposed_overlay(result)
        if overlay is not None:
            write_whole(folder / "overlay.yaml", masked(write(overlay).decode()).encode())
    except OSError as error:
        raise Unusable(f"--write {folder}: cannot be written: {error.strerror or error}") from None
    return files
