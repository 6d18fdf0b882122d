"""`mockserver serve`: serves a mock on a port and prints its addresses."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import click

from mockserver import __version__
from mockserver.cli.server_lines import EVERY_ADDRESS, address_of, kept_lines, notes, open_standard_files, say
from mockserver.cli.shared_options import (
    admin_token_option,
    apis_argument,
    assume_from_option,
    assume_option,
    assumed,
    delay_option,
    fail_option,
    host_option,
    journal_option,
    log_option,
    port_option,
    refuse_without_documents,
    root_option,
)
from mockserver.control import ServerStatus
from mockserver.control.metrics.process_samples import samples_of
from mockserver.control.metrics.worker_samples import WorkerSamples
from mockserver.engine.answers.sample_request import base_address, sample_curl
from mockserver.engine.service import Service
from mockserver.engine.steps.cors import LOCAL
from mockserver.loopback import is_loopback
from mockserver.problem import Unusable
from mockserver.server import (
    Beside,
    Drain,
    Options,
    WorkerProcesses,
    WorkerTask,
    create_mock,
    listen,
    listen_together,
    live_port,
    port_of,
    resumed,
    warmed,
    watched,
)
from mockserver.server import serve as serve_app
from mockserver.server.log_output import log_to_stderr
from mockserver.server.request_log import AUTO, JSON, TEXT, RequestLog
from mockserver.stores.store_address import read_store, refuse_workers
from mockserver.vendors import APIS

FOR_DOCUMENTS = ("dynamic", "seeds", "state", "security", "credentials", "root")
"""Options for APIs of which only the document is known."""

LONGEST_DRAIN = 300
"""The most seconds of `--drain-seconds`."""


@click.command(short_help="Serve the bundled APIs, an API of yours, or any OpenAPI document.")
@apis_argument
@port_option
@host_option
@click.option(
    "--limits",
    type=click.Choice(["on", "off"]),
    default="on",
    show_default=True,
    help="off: rate limits are counted and reported, and refuse nothing.",
)
@click.option(
    "--errors", is_flag=True, help="An answer of the mock that breaks its own document becomes a 500 that says how."
)
@click.option(
    "--dynamic",
    is_flag=True,
    help="Of your documents: what is not remembered is faked, instead of taken from examples.",
)
@click.option(
    "--seeds",
    type=click.IntRange(0, 100),
    default=3,
    show_default=True,
    help="Of your documents: how many records a collection begins with, where neither examples nor x-mock-seeds say; "
    "0: none.",
)
@click.option(
    "--state",
    type=click.Choice(["on", "off"]),
    default="on",
    show_default=True,
    help="Of your documents: off remembers nothing and answers from examples and schemas alone.",
)
@click.option(
    "--overlay",
    "overlays",
    multiple=True,
    metavar="[API=]FILE",
    help="Lay an OpenAPI Overlay over a document, yours or a bundled one. May be given often.",
)
@root_option
@click.option(
    "--handlers",
    multiple=True,
    metavar="[API=]FILE",
    help="A Python file with a table HANDLERS = {operation id: function of (call, state)}, which answer in the place "
    "of the mock, for any API. May be given often.",
)
@click.option(
    "--watch",
    is_flag=True,
    help="Read an API, yours or a bundled one, again when one of its files changes; what is remembered stays.",
)
@delay_option("each answer to a request that keeps the document")
@fail_option
@log_option
@click.option(
    "--cors",
    multiple=True,
    default=(LOCAL,),
    show_default=True,
    metavar="local|any|off|ORIGIN",
    help="Whose pages may call from a browser: those of this machine, any, none, those of https://app.example.com. "
    "May be given often.",
)
@click.option(
    "--security",
    type=click.Choice(["off", "present", "check"]),
    default="present",
    show_default=True,
    help="Of your documents: what callers have to show: nothing, a credential of the right form, one of --credentials.",
)
@click.option(
    "--credentials",
    default="",
    metavar="FILE",
    help="Of your documents: a YAML file of the credentials that --security check knows, each as "
    "token: {scheme, scopes, name}.",
)
@click.option(
    "--seed", type=int, default=0, show_default=True, help="The same seed and requests give the same ids and secrets."
)
@assume_option
@assume_from_option
@journal_option
@click.option(
    "--expire-worlds",
    type=click.FloatRange(0, min_open=True),
    metavar="SECONDS",
    help="Delete a world that was not used for so long, the default one excepted. Without it worlds stay.",
)
@click.option(
    "--allow-shutdown",
    is_flag=True,
    help="POST /__admin/shutdown ends the server.",
)
@click.option(
    "--store",
    envvar="MOCKSERVER_STORE",
    default="memory:",
    show_default=True,
    metavar="memory:|sqlite:FILE|redis://...",
    help="Where worlds are kept: in this process until it ends, in a file of its own, or in a Redis that several mocks "
    "share. Also read from MOCKSERVER_STORE, which keeps a password out of the list of processes.",
)
@click.option(
    "--store-prefix", default="", metavar="NAME", help="With Redis: keep these worlds apart from those of others in it."
)
@click.option(
    "--durability",
    type=click.Choice(["normal", "full"]),
    default="normal",
    show_default=True,
    help="With SQLite: what was answered outlives this process, however it ends; full: a loss of power too, and each "
    "request waits for the disk.",
)
@click.option(
    "--workers",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    help="Processes that serve the port. More than one need a Redis, and take neither --watch nor --live-port. One "
    "that dies is started again; all end together.",
)
@click.option(
    "--drain-seconds",
    type=click.FloatRange(0, LONGEST_DRAIN),
    default=0.0,
    show_default=True,
    help="Told to end, go on so long as before while /__admin/ready answers 503, so that a load balancer sends what "
    "comes next to others; then open requests are finished.",
)
@admin_token_option
@click.option(
    "--allow-host",
    "allow_hosts",
    multiple=True,
    metavar="HOST",
    help="Webhooks may go to this host, address or network (10.0.0.0/8) too, not to this machine alone; * allows all. "
    "May be given often.",
)
@click.option(
    "--trust-proxy",
    type=click.Choice(["local", "any", "off"]),
    is_flag=False,
    flag_value="any",
    default="local",
    show_default=True,
    help="Whose Forwarded, X-Forwarded-Proto, -Host, -Port and -Prefix say where addresses in answers begin: those of "
    "proxies on this machine, of any (--trust-proxy alone), of none.",
)
@click.option(
    "--live-port",
    "live",
    type=click.IntRange(1, 65535),
    help="Tell live clients what happens, over Socket.IO, on this port of their own. Needs the extra `live`.",
)
def serve(
    apis: Sequence[str],
    port: int,
    limits: str,
    state: str,
    live: int | None,
    watch: bool,
    log: str,
    cors: Sequence[str],
    **given: Any,
) -> None:
    """Serve the bundled APIs, those named, or that of any OpenAPI document, until Ctrl-C or SIGTERM. A document is
    named by its file, or by - for standard input.

    An API of yours is a folder: openapi.yaml, and as needed records.yaml (what is remembered at first),
    assumptions.yaml and api.py with API = Api(...). What they do not say is as the document tells.

    Each API answers at /{api}{server path}{path}, such as /xqr/api/v1/links. Put /~{world} in front, or send the header
    Mock-World, for a world of your own.

    Options that begin with `Of your documents` are for what is served from a file of yours; the bundled APIs beside it
    go by their own rules, and alone they refuse such an option.
    """
    open_standard_files()
    refuse_without_documents(click.get_current_context(), apis or tuple(APIS), FOR_DOCUMENTS)
    log_to_stderr()
    apis, workers, drain_seconds = apis or tuple(APIS), given.pop("workers"), given.pop("drain_seconds")
    given["assume"] = assumed(apis, given.pop("assume_from"), given["assume"])
    options = Options(apis=apis, enforce_limits=limits == "on", state=state == "on", cors=" ".join(cors), **given)
    refuse_workers(read_store(options.store, options.store_prefix, options.durability), workers)
    asked = ServeRequest(options, port, log, live, watch, drain_seconds)
    if workers == 1:
        listen(options.host, port).close()  # A port that is taken is told before the documents are read.
        serve_here(asked)
        return
    refuse_beside_workers(asked, workers)
    sockets = listen_together(options.host, port, workers)
    work = partial(serve_here, asked, samples=WorkerSamples(workers))
    sys.exit(WorkerProcesses(sockets, work, partial(say, err=True)).run())


@dataclass(frozen=True, slots=True)
class ServeRequest:
    """The arguments of `mockserver serve`: the options of the mock, and those of the process that serves it."""

    options: Options
    port: int
    log: str
    live: int | None
    watch: bool
    drain_seconds: float


def refuse_beside_workers(asked: ServeRequest, workers: int) -> None:
    """Raises Unusable for an option that one process alone can have."""
    given = f"--workers {workers}"
    if asked.live is not None:
        raise Unusable(
            f"{given}: --live-port is of one process, since a Socket.IO client has to come back to the one that knows "
            "it. Start one more mock on the same store, with --live-port and one worker: it tells what happens on all"
        )
    if asked.watch:
        raise Unusable(
            f"{given}: with --watch each worker would read the files at another moment, and two of them might answer "
            "by two documents. Start one worker while you edit"
        )
    if "-" in asked.options.apis:
        raise Unusable(f"{given}: standard input can be read by one process alone. Name the document's file")


def serve_here(asked: ServeRequest, task: WorkerTask | None = None, samples: WorkerSamples | None = None) -> None:
    """Serves in this process until it is told to end; with a task as one of several, which share their samples. Raises
    Unusable.
    """
    options, live = asked.options, asked.live
    status = ServerStatus() if task is None else ServerStatus(process=task.server, is_spokesman=task.is_first)
    mock = create_mock(options, status=status)
    if task is not None and samples is not None:
        status.workers = samples
        samples.begin(task.number, lambda: samples_of(mock.worlds, status))
    listening = listen(options.host, asked.port) if task is None else task.listening
    port = port_of(listening)
    mock.own_ports.update(known for known in (port, live) if known is not None)
    beside: list[Beside] = [live_port(mock, options.host, live)] if live is not None else []
    beside += [warmed(mock), resumed(mock)]
    if asked.watch:
        beside.append(watched(mock, options))
    if asked.log in (TEXT, JSON) or (asked.log == AUTO and sys.stderr.isatty()):
        request_log = RequestLog(mock.services, as_json=asked.log == JSON)
        mock.worlds.watch(request_log.put)
        beside.append(request_log.start)

    def ready() -> None:
        if task is not None:
            task.ready()
        if not status.is_spokesman:
            return
        say(welcome(mock.services, options, port, kept_lines(status, mock.worlds, options)))
        for line in notes(mock.services):
            say(line, err=True)
        if live is not None:
            say("\n".join(live_addresses(mock.services, address_of(options.host, live))))

    serve_app(mock.app, listening, ready, beside, drain=Drain(asked.drain_seconds, status.begin_draining))


def welcome(services: Mapping[str, Service], options: Options, port: int, kept: Sequence[str] = ()) -> str:
    """The addresses of the APIs, a request to try for each, the address of the control API, and where worlds are
    `kept`.
    """
    root = address_of(options.host, port)
    width = max(map(len, [*services, "control API"]))
    lines = [(service.name, base_address(service, root), sample_curl(service, root)) for service in services.values()]
    lines.append(("control API", f"{root}/__admin", _steering(options, root)))
    blocks = [f"  {name:<{width}}  {address}\n      {sample}" for name, address, sample in lines]
    return "\n\n".join([f"mockserver {__version__} serves", *blocks, *_reach(options, port), *kept, "Ctrl-C ends it."])


def _steering(options: Options, root: str) -> str:
    """A request to try with the control API and the page, or the reason why there is none."""
    page = f"\n      {root}/__admin/ in a browser shows requests and records"
    if options.admin_token:
        return f'curl -H "Authorization: Bearer TOKEN" {root}/__admin/apis     with the TOKEN of --admin-token{page}'
    if not is_loopback(options.host):
        return "closed, to this machine as to others, but for /health, /ready, /version: --admin-token TOKEN opens it"
    return f"curl {root}/__admin/apis{page}"


def _reach(options: Options, port: int) -> list[str]:
    """The clients that can send requests, if not only those on this machine."""
    if is_loopback(options.host):
        return []
    where = "any address of this machine" if options.host in EVERY_ADDRESS else options.host
    return [f"Other machines reach the APIs too, at {where}, port {port}."]


def live_addresses(services: Mapping[str, Service], root: str) -> list[str]:
    """The addresses for live clients, one line for each API with live channels."""
    lives = {name: service.api.live for name, service in services.items()}
    return [
        f"Live updates of {name}: Socket.IO namespace {live.namespace} at {root}/{name}{live.path}"
        for name, live in lives.items()
        if live is not None
    ]
