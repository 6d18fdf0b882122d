"""The APIs and options of the mocks on one store: stored for each other, and compared."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from hashlib import blake2b
from typing import NamedTuple

from mockserver import __version__
from mockserver.codec.packed import packed
from mockserver.engine.service import Service
from mockserver.json_text import Json
from mockserver.replica.world_directory import Entry, WorldDirectory

log = logging.getLogger(__name__)

SERVED = "served"
"""The word of the directory's entries."""


class ServedSettings(NamedTuple):
    """The settings that all mocks on a store have to share: the `version` of mockserver, `options` by name, and a
    digest of each of the `apis`.
    """

    version: str
    options: Mapping[str, Json]
    apis: Mapping[str, str]


def served_settings(services: Mapping[str, Service], options: Mapping[str, Json]) -> ServedSettings:
    """The settings of this mock."""
    return ServedSettings(__version__, options, {name: digest_of(service) for name, service in services.items()})


def digest_of(service: Service) -> str:
    """Stands for what an API is by its files: document and first records, and the options of its assumptions."""
    records = service.api.records
    parts = [
        service.spec.document,
        records.read_bytes() if records is not None and records.is_file() else b"",
        dict(service.choices),
    ]
    return blake2b(packed(parts), digest_size=16).hexdigest()


class StoredSettings:
    """The settings that a store was last used with.

    `changed` are the APIs that were served otherwise before, since whenever the store is there: what is kept of them
    may not fit. `notices` are sentences about what differs between this mock and others on the store, or those before.
    """

    def __init__(
        self, directory: WorldDirectory, own: ServedSettings, is_unused: Callable[[], bool], *, is_shared: bool
    ) -> None:
        self._directory = directory
        self._own = own
        self._is_unused = is_unused
        self._advice = OF_ALL if is_shared else OF_ONE
        self._last: ServedSettings | None = None
        self._is_told = False
        self._before: tuple[str, ...] = ()
        self._beside: tuple[str, ...] = ()
        self.changed: set[str] = set()

    @property
    def notices(self) -> tuple[str, ...]:
        return self._before + self._beside

    def tell(self) -> bool:
        """Compares what the store was last used with, and tells it what it is used with now. Returns whether what is
        kept may not fit. Raises Problem 503 where the store does not answer; what is told already, and still known
        there, is not told again.
        """
        if self._is_told and self._last is not None:
            return False
        self._directory.refresh()
        last = self._last
        if last is not None:
            differing = [*_differences(last, self._own, "was {} and is {}")]
            if differing:
                self._before = (f"Before this mock, the store was used with other settings: {'; '.join(differing)}.",)
        of_unknown = [] if last is not None or self._is_unused() else [*self._own.apis]
        self._directory.add(lambda: self._entry(of_unknown))
        self._is_told = True
        for notice in self._before:
            log.warning("%s %s", notice, self._advice)
        return bool(self.changed & self._own.apis.keys()) and (bool(self._before) or bool(of_unknown))

    def renew(self, service: Service) -> None:
        """The API is another now, by a change of its files. Raises Problem 503 where that cannot be told."""
        self._own = self._own._replace(apis={**self._own.apis, service.name: digest_of(service)})
        self._directory.add(lambda: self._entry([service.name]))

    def _entry(self, changed: list[str]) -> Entry | None:
        last = self._last
        if last is not None and self._own.apis.keys() <= last.apis.keys() and not [*_differences(last, self._own, "")]:
            return None
        return [SERVED, self._own.version, {**self._own.options}, {**self._own.apis}, changed]

    def receive(self, word: str, about: Entry) -> None:
        """Has the settings of a mock that used the store."""
        if word != SERVED:
            return
        version, options, apis, changed = about
        before = {} if self._last is None else self._last.apis
        self.changed |= {name for name, digest in apis.items() if before.get(name, digest) != digest} | {*changed}
        self._last = ServedSettings(version, options, {**before, **apis})
        if self._is_told:
            self._compare_beside(ServedSettings(version, options, apis))

    def _compare_beside(self, other: ServedSettings) -> None:
        differing = [*_differences(self._own, other, "is {} here and {} there")]
        self._beside = ()
        if differing:
            notice = f"Another mock uses this store with other settings: {'; '.join(differing)}."
            self._beside = (notice,)
            log.warning("%s %s", notice, self._advice)

    def entries(self) -> list[Entry]:
        """What says all that is known."""
        last = self._last
        return [] if last is None else [[SERVED, last.version, last.options, last.apis, sorted(self.changed)]]

    def forget(self) -> None:
        """Nothing that was known holds."""
        self._last = None
        self.changed.clear()


OF_ONE = "What is kept is fitted to what is served now, and told where it does not fit."
OF_ALL = "Serve the same, with the same options and version, at all mocks of one store."


def _differences(before: ServedSettings, now: ServedSettings, words: str) -> Iterator[str]:
    """What differs, with the words for one value and the other."""
    for name in sorted(before.apis.keys() & now.apis.keys()):
        if before.apis[name] != now.apis[name]:
            yield f"{name} has another document, other first records or other assumptions"
    for name in sorted(before.options.keys() & now.options.keys()):
        if before.options[name] != now.options[name]:
            yield f"{name} {words.format(_shown(before.options[name]), _shown(now.options[name]))}"
    if before.version != now.version:
        yield f"mockserver {words.format(before.version, now.version)}"


def _shown(value: Json) -> str:
    return ("off", "on")[value] if isinstance(value, bool) else str(value)
