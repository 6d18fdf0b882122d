"""`mockserver proxy`: stands in front of a server, and holds what goes through to its document."""

from __future__ import annotations

import shlex
import sys
import threading
from pathlib import Path
from typing import Any, Final

import click

from mockserver import __version__
from mockserver.cli.server_lines import address_of, notes, open_standard_files, say
from mockserver.cli.shared_options import (
    admin_token_option,
    assume_from_option,
    assume_option,
    assumed,
    delay_option,
    fail_option,
    host_option,
    journal_option,
    log_option,
    port_option,
    root_option,
)
from mockserver.engine.answers.sample_request import sample_path, sample_read
from mockserver.engine.service import Service
from mockserver.problem import Unusable
from mockserver.server import Beside, Options, listen, port_of, warmed
from mockserver.server import serve as serve_app
from mockserver.server.log_output import log_to_stderr
from mockserver.server.request_log import AUTO, JSON, TEXT, RequestLog

FALLBACKS: Final = ("404", "405", "501")
"""Statuses by which a server says that it lacks an operation."""


REACH_SECONDS: Final = 3.0
"""Seconds in which the upstream is to take a connection at the start; else a warning says that it does not."""


def _statuses(_ctx: click.Context, _option: click.Parameter, value: str) -> frozenset[int]:
    given = [text.strip() for text in value.split(",") if text.strip()]
    for text in given:
        if text not in FALLBACKS:
            raise click.BadParameter(
                f"{text!r} says of no operation that it is lacking; expected {', '.join(FALLBACKS)}"
            )
    return frozenset(map(int, given))


@click.command(short_help="Forward to a server, and hold requests and answers to the document.")
@click.argument("api", metavar="API|FOLDER|DOCUMENT")
@click.argument("upstream", metavar="UPSTREAM")
@port_option
@host_option
@click.option(
    "--errors",
    is_flag=True,
    help="A request that breaks the document is refused without asking the upstream, and an answer that does so, also "
    "by an undeclared status, becomes a 502 that says how. Without it all passes as it is.",
)
@click.option(
    "--record",
    default="",
    metavar="DIR",
    help="Write what is seen into this folder, secrets masked; `mockserver serve DIR` replays it. At the end the "
    "session is played on such a mock: how many exchanges are answered as seen is told, and at the start of that "
    "`serve` which are not.",
)
@click.option(
    "--fallback",
    default="",
    callback=_statuses,
    metavar="STATUS[,STATUS]",
    help="The mock answers operations that the upstream lacks, as it says by 404, 405 or 501; by 404 only those "
    "that it has never answered otherwise.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(0, 3600, min_open=True),
    default=60.0,
    show_default=True,
    metavar="SECONDS",
    help="How long the upstream may be silent, before its answer and between two parts of it. A head that has begun "
    "has to end within 30 seconds.",
)
@click.option(
    "--keep-host",
    is_flag=True,
    help="Tell the upstream the Host that the client asked, in the place of its own, so that the links in its answers "
    "lead to the proxy.",
)
@click.option(
    "--overlay",
    "overlays",
    multiple=True,
    metavar="FILE",
    help="Lay an OpenAPI Overlay over the document. May be given often.",
)
@root_option
@delay_option("each request of an operation is forwarded")
@fail_option
@log_option
@assume_option
@assume_from_option
@journal_option
@admin_token_option
def proxy(
    api: str,
    upstream: str,
    port: int,
    record: str,
    fallback: frozenset[int],
    timeout: float,
    keep_host: bool,
    log: str,
    **given: Any,
) -> None:
    """Forward every request to UPSTREAM, such as http://127.0.0.1:8000 or https://api.example.com/v1, until Ctrl-C or
    SIGTERM, and hold requests and answers to the document.

    Nothing that passes is changed but header fields that name the UPSTREAM, such as Location: they name the proxy, so
    that clients stay there. What breaks the document is told in the header Mock-Violation and in the journal,
    /__admin/requests; with --errors it is refused.

    No other server than the UPSTREAM is reached, whatever a client sends. Redirects are passed on, not followed.
    WebSocket is not forwarded: who asks for it gets a 501.
    """
    from mockserver.proxy.proxy import create_proxy
    from mockserver.proxy.recording.recorder import refuse_other_files
    from mockserver.proxy.upstream_address import UpstreamAddress, upstream_address

    open_standard_files()
    log_to_stderr()
    given["assume"] = assumed((api,), given.pop("assume_from"), given["assume"])
    options = Options(apis=(api,), **given)
    address: UpstreamAddress = upstream_address(upstream)
    if record:
        refuse_other_files(Path(record))
    try:
        listen(options.host, port).close()
    except Unusable:
        create_proxy(options, upstream, timeout=timeout, fallback=fallback)  # What else is wrong is told first.
        raise
    made = create_proxy(options, upstream, timeout=timeout, fallback=fallback, record=record, keep_host=keep_host)
    listening = listen(options.host, port)
    port = port_of(listening)
    made.refuse_itself(options.host, port)
    made.mock.own_ports.add(port)
    beside: list[Beside] = [warmed(made.mock)]
    if made.recorder is not None:
        beside.append(made.recorder.start)
    if log in (TEXT, JSON) or (log == AUTO and sys.stderr.isatty()):
        request_log = RequestLog(made.mock.services, as_json=log == JSON)
        made.mock.worlds.watch(request_log.put)
        beside.append(request_log.start)

    def ready() -> None:
        say(_welcome(made.mock.services[made.name], str(address), options, port, record))
        for line in notes(made.mock.services):
            say(line, err=True)
        threading.Thread(target=_warn_of, args=(address,), daemon=True).start()

    serve_app(made.mock.app, listening, ready, beside, made.server)
    if made.recorder is not None and made.recorder.outcome is not None:
        say(_replayed(made.recorder.outcome, record), err=True)


def _warn_of(address: Any) -> None:
    """Says that the upstream takes no connection, if it does not."""
    reason = address.unreachable(REACH_SECONDS)
    if reason:
        say(
            f"mockserver: the upstream {address} does not answer yet: {reason}; requests get a 502 until it does",
            err=True,
        )


def _replayed(outcome: Any, record: str) -> str:
    """How many of the recorded exchanges `serve` answers as they were, by a replay."""
    many = "1 exchange" if outcome.seen == 1 else f"{outcome.seen} exchanges"
    played = "" if outcome.played == outcome.seen else f", the first {outcome.played} of which were played again"
    left = len(outcome.differing)
    told = f"mockserver: --record {record}: {many} recorded{played}; {outcome.played - left} replay as seen"
    return f"{told}, {left} do{'es' * (left == 1)} not: `mockserver serve {record}` says which" if left else told


def _welcome(service: Service, upstream: str, options: Options, port: int, record: str) -> str:
    root = address_of(options.host, port)
    operation = sample_read(service)
    sample = root + (service.spec.base_path if operation is None else sample_path(operation, {}))
    key = "     with a credential of the upstream" if operation is not None and operation.security else ""
    lines = [
        f"mockserver {__version__} forwards {root} to {upstream}",
        f"and holds what goes through to {service.name}. Violations: curl {root}/__admin/requests",
        f"Try: curl {shlex.quote(sample)}{key}",
    ]
    if options.admin_token:
        lines.append("(with `Authorization: Bearer` and the TOKEN of --admin-token)")
    if record:
        lines.append(f"What is seen is written into {record}; `mockserver serve {record}` replays it.")
    return "\n".join([*lines, "Ctrl-C ends it."])
