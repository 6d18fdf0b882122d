"""Probes a server for the choices that documents leave open, for `mockserver assumptions --url`."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import click

from mockserver.cli.assumption_list import has_word, named_assumptions
from mockserver.contract.probe import probe_report as report
from mockserver.contract.probe.options_file import earlier_options, options_file
from mockserver.contract.probe.probe_run import ProbeOptions, indistinct_probes, probe_server, shown_url
from mockserver.contract.probe.probed_server import headers_of
from mockserver.contract.probe.prober import REFUTED, ProbeOutcome
from mockserver.contract.reports.findings import save
from mockserver.engine.redaction.given_secrets import given_secrets, masked_json, masking
from mockserver.problem import Unusable
from mockserver.server import Options
from mockserver.server.loading.selection import select
from mockserver.state.clock import machine_time


def try_probes(apis: Sequence[str], assume: Mapping[str, str], root: str) -> int:
    """Tells of the probes that do not tell the options apart; the exit code."""
    code = 0
    for api in apis:
        own = {name: option for name, option in assume.items() if len(apis) == 1 or name.startswith(f"{api}.")}
        name, gaps, total = indistinct_probes(Options(apis=(api,), assume=own, root=root))
        for line in report.distinction_lines(name, gaps, total):
            click.echo(line)
        code |= bool(gaps)
    return int(code)


def ask_server(
    apis: Sequence[str], url: str, search: str, *, as_json: bool, assume: Mapping[str, str], root: str, **given: Any
) -> int:
    """Asks the server, tells what it does, and returns the exit code. `given` are the options of --url. Raises
    Unusable.
    """
    if len(select(apis)) != 1:
        raise Unusable(f"--url goes with one API or document; {len(select(apis))} are selected. Name one: {apis[0]}")
    [api] = select(apis)
    names, file = _names(apis, root, given.pop("only"), search), given.pop("write")
    earlier = earlier_options(Path(file)) if file else {}
    options = _options(Options(apis=tuple(apis), assume=assume, root=root), url, names, **given)
    masked = masking(_secrets(options))
    found = probe_server(options, _progress if not as_json and sys.stderr.isatty() else lambda _: None)
    outcomes = [_masked(outcome, masked) for outcome in found]
    if as_json:
        click.echo(json.dumps(report.as_json(api, shown_url(url), outcomes), indent=2))
    else:
        for outcome in outcomes:
            click.echo("\n".join(report.outcome_lines(api, outcome)))
        click.echo(report.summary(api, outcomes))
    if why := report.nothing_settled(api, outcomes):
        click.echo(f"mockserver: {why}", err=True)
        if file:
            click.echo(f"{file} is {'left as it was' if Path(file).exists() else 'not written'}", err=True)
        return 2
    if file:
        content = options_file(api, shown_url(url), outcomes, machine_time(), apis[0], earlier)
        save(Path(file), content, "--write")
        click.echo(f"{file} has what it does: mockserver serve {apis[0]} --assume-from {file}", err=as_json)
    return int(any(outcome.result == REFUTED for outcome in outcomes))


def _options(
    options: Options,
    url: str,
    names: Sequence[str],
    *,
    headers: Sequence[str],
    callers: Sequence[tuple[str, str]],
    servers: Sequence[tuple[str, str]],
    values: Sequence[tuple[str, str]],
    **more: Any,
) -> ProbeOptions:
    by_caller: dict[str, list[str]] = {}
    for caller, header in callers:
        by_caller.setdefault(caller, []).append(header)
    others = {caller: headers_of(texts, f"--caller {caller}") for caller, texts in by_caller.items()}
    own = headers_of(headers, "--header")
    return ProbeOptions(options, url, own, others, names=names, servers=dict(servers), values=dict(values), **more)


def _secrets(options: ProbeOptions) -> list[str]:
    """The secrets in the headers of all callers, and in the query of the URL."""
    headers = [pair for each in (options.headers, *options.callers.values()) for pair in each.items()]
    return given_secrets([*headers, *parse_qsl(urlsplit(options.url).query)])


def _masked(outcome: ProbeOutcome, masked: Callable[[str], str]) -> ProbeOutcome:
    """The outcome with the texts of the server masked; names and options, which are the mock's, stay."""
    seen = [one._replace(request=masked(one.request), value=masked_json(one.value, masked)) for one in outcome.seen]
    left = tuple(masked(each) for each in outcome.left)
    return replace(outcome, seen=(*seen,), reason=masked(outcome.reason), left=left)


def _progress(name: str) -> None:
    click.echo(f"asking: {name}", err=True)


def _names(apis: Sequence[str], root: str, only: Sequence[str], search: str) -> tuple[str, ...]:
    """The names of the assumptions that are asked for. Raises Unusable for what is none."""
    every = [*named_assumptions(apis, root)]
    known = {one.name for _, one in every}
    for wanted in only:
        name = wanted.removeprefix(f"{every[0][0]}.") if every else wanted
        if name not in known:
            near = get_close_matches(name, known, 3) or sorted(known)
            raise Unusable(f"--only {wanted}: there is no such assumption; the nearest: {', '.join(near) or 'none'}")
    wanted_names = {name.rpartition(".")[2] for name in only}
    found = [named for named in every if has_word(named, search) and (not only or named[1].name in wanted_names)]
    if not found and every:
        raise Unusable(f"no assumption that is asked for has the word {search!r}")
    return tuple(one.name for _, one in found)
