"""Assembles a mock from its APIs, worlds and applications."""

from __future__ import annotations

import gc
import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Protocol

from mockserver.control import Access, ServerStatus, create_control
from mockserver.engine.fixture_records import read_fixtures
from mockserver.engine.service import Service
from mockserver.engine.webhooks.courier import Courier
from mockserver.engine.webhooks.destination import allow
from mockserver.engine.webhooks.rules import Webhooks
from mockserver.loopback import is_loopback
from mockserver.openapi.normalize.normalizer import ERROR
from mockserver.problem import Problem, Unusable
from mockserver.server.loading.api_files import files_of_api
from mockserver.server.loading.selection import Selection, files_of, select
from mockserver.server.loading.services import load_service, load_services
from mockserver.server.serve_options import Options
from mockserver.server.standing_faults import standing_faults
from mockserver.server.watch import Watch
from mockserver.state.records.lazy_records import LazyCollections
from mockserver.state.world import SeedCollection
from mockserver.state.world_expiry import Expiry
from mockserver.state.worlds import Worlds
from mockserver.stores.counted_store import CountedStore
from mockserver.stores.store_address import open_store, read_store
from mockserver.stores.world_store import WorldStore
from mockserver.web.door import Door

log = logging.getLogger(__name__)


class WorldRunner(Protocol):
    """Runs worlds on a store. What it is made of is imported where there is one."""

    store: WorldStore

    def begin(self, worlds: Worlds) -> None:
        """Goes on with what waits in the store, and follows what others do."""

    def renew(self, service: Service) -> None:
        """The API is another now, by a change of its files."""

    def close(self) -> None:
        """Ends what was begun, and closes the store."""


@dataclass(frozen=True, slots=True)
class Mock:
    """The WSGI application, its APIs by name, and the worlds that they share. `own_ports` are those that it is served
    on, to which no webhook goes. `replica` runs the worlds on a store; None: they are in this process alone. `status`
    is what the control API tells of the process.
    """

    app: Door
    services: dict[str, Service]
    worlds: Worlds
    own_ports: set[int] = field(default_factory=set)
    replica: WorldRunner | None = None
    status: ServerStatus = field(default_factory=ServerStatus)


def create_mock(
    options: Options, door: type[Door] = Door, service: type[Service] = Service, status: ServerStatus | None = None
) -> Mock:
    """The WSGI application and its parts, of these kinds, in a process of this status. Raises Unusable."""
    status = status or ServerStatus()
    services = load_services(options, service)
    selection = select(options.apis)
    fixtures = {
        name: _initial_records(service, is_bundled=selection[name] is None) for name, service in services.items()
    }
    if not options.admin_token.isascii():
        raise Unusable("--admin-token has characters that a header cannot carry; expected ASCII")
    own_ports: set[int] = set()
    hooks = {name: service.api.webhooks or Webhooks() for name, service in services.items()}
    # Serving clears the environment, so the trusted certificates are read before.
    certificates = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
    courier = Courier(hooks, allow(options.allow_hosts, own_ports), certificates)
    worlds = Worlds(
        fixtures,
        seed=options.seed,
        journal_limit=options.journal,
        listener=courier.notice,
        expire=options.expire_worlds,
        standing=standing_faults(options, services),
    )
    worlds.on_expiring = Expiry(worlds.every, worlds.delete, worlds.read_unread).watch
    access = Access(options.admin_token, loopback=is_loopback(options.host))
    replica = _kept_outside(options, worlds, services, status)
    control = create_control(services, worlds, access, status.end_server if options.allow_shutdown else None, status)
    app = door(services, worlds, control, trust_proxy=options.trust_proxy)
    worlds.on_deleted, worlds.on_forked = app.forget_world, app.fork_world
    if read_store(options.store).kind != "redis":
        app.load_variant = partial(_variant, options, service)
    status.requests, status.attempts = app.requests, courier.outcomes
    return Mock(app, services, worlds, own_ports, replica, status)


def _variant(options: Options, kind: type[Service], api: str, assumed: Mapping[str, str]) -> Service:
    """The API under these options of its assumptions. Raises Unusable."""
    if kind.is_of_upstream:
        raise Unusable("the answers are those of another server; only a mock can be told to answer otherwise")
    named = {f"{api}.{name}": option for name, option in assumed.items()}
    return load_service(api, select(options.apis), replace(options, assume={**options.assume, **named}), kind)


def _kept_outside(
    options: Options, worlds: Worlds, services: Mapping[str, Service], status: ServerStatus
) -> WorldRunner | None:
    """What runs the worlds on the store of the options; None: they stay in this process. Raises Unusable."""
    address = read_store(options.store, options.store_prefix, options.durability)
    opened = open_store(address, options.durability)
    if opened is None:
        return None
    from mockserver.replica.replica import Replica

    store = CountedStore(opened)
    replica = Replica(store)
    try:
        replica.keep(worlds, services, options_in_common(options))
    except Problem as problem:
        store.close()
        raise Unusable(f"--store: {problem.detail}") from None
    status.store, status.store_kind, status.store_counts = store, address.kind, store.counts
    if status.is_spokesman:
        for warning in store.check().warnings:
            log.warning(warning)
    return replica


def options_in_common(options: Options) -> dict[str, int | bool]:
    """The options that all mocks on one store have to have in common, beside those that change the APIs."""
    return {
        "--seed": options.seed,
        "--seeds": options.seeds,
        "--dynamic": options.dynamic,
        "--state": options.state,
    }


def resumed(mock: Mock) -> Callable[[], Callable[[], None]]:
    """A function that goes on with what waits in the store, and returns what closes it."""

    def begin() -> Callable[[], None]:
        replica = mock.replica
        if replica is None:
            return lambda: None
        replica.begin(mock.worlds)
        return replica.close

    return begin


def _initial_records(service: Service, *, is_bundled: bool) -> Mapping[str, SeedCollection]:
    """The initial records of worlds. Raises Unusable for a user's invalid records file; a bundled file is read at the
    first request.
    """
    api = service.api
    read = partial(read_fixtures, api, api.records)
    return LazyCollections(read) if is_bundled else read()


def warmed(mock: Mock) -> Callable[[], None]:
    """A function that prepares the serving process in the background: imports what generates values, and reads the
    fixtures.
    """
    is_faking = not all(service.api.is_complete for service in mock.services.values())

    def warm() -> None:
        if is_faking:
            from mockserver.resources.described import warm as fetch_faker

            fetch_faker()
        for name, seed_collections in mock.worlds.fixtures.items():
            try:
                len(seed_collections)
            except Unusable as error:
                log.critical("%s answers nothing but 500: %s", name, error)
        gc.freeze()

    return Thread(target=warm, name="warm", daemon=True).start


def watched(mock: Mock, options: Options) -> Callable[[], None]:
    """A function that, called in the serving process, reloads an API whenever one of its files has changed. An API that
    cannot be loaded leaves the previous one in place.
    """

    def renewal(name: str) -> Callable[[], tuple[Path, ...]]:
        def read_again() -> tuple[Path, ...]:
            try:
                files = renew(mock, name, options)
            except Unusable as error:
                log.warning("%s is served as it was before: %s", name, error)
                return ()
            errors = sum(diagnostic.severity == ERROR for diagnostic in mock.services[name].spec.diagnostics)
            log.warning(
                "%s was read again%s", name, f"; `mockserver lint` tells of {errors} errors in it" if errors else ""
            )
            return files

        return read_again

    selection = select(options.apis)
    watches = [
        Watch(_watched_files(service, selection, options), renewal(name)) for name, service in mock.services.items()
    ]

    def start() -> None:
        for watch in watches:
            watch.start()

    return start


def renew(mock: Mock, name: str, options: Options) -> tuple[Path, ...]:
    """Reloads the API and keeps its state. Returns its files. Raises Unusable."""
    selection = select(options.apis)
    service = load_service(name, selection, options)
    mock.worlds.renew(name, _initial_records(service, is_bundled=selection[name] is None))
    mock.app.replace(service)
    if mock.replica is not None:
        mock.replica.renew(service)
    return _watched_files(service, selection, options)


def _watched_files(service: Service, selection: Selection, options: Options) -> tuple[Path, ...]:
    """Every file that the API is made of."""
    name = service.name
    handlers = files_of("--handlers", options.handlers, selection).get(name, ())
    return (*service.spec.files, *files_of_api(name, selection[name]).beside, *handlers)
