"""Receives worlds whose records were kept while the documents of their APIs were others."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Collection as Names
from collections.abc import Iterator, Mapping

from mockserver.engine.record_fit import RecordFit
from mockserver.engine.service import Service
from mockserver.openapi.schema.verdict import VERDICT
from mockserver.state.commits.commit import Change, Commit, Content
from mockserver.state.commits.contents import begin_from, receive
from mockserver.state.records.collection import Collection, KeptRecord
from mockserver.state.records.seed_collection import SeedCollection
from mockserver.state.world import World

log = logging.getLogger(__name__)

MOST_COMPARED = 2_000
"""Records of one collection of a world that are compared with a document that changed."""

MOST_MEMBERS = 5
"""Members that are named of those that do not fit."""


class KeptRecords:
    """Fits records to the present documents of the APIs in `changed`, as they are received. A record whose id can be
    none of its collection any more is kept as what is not served at all is, and so is there again once it can be.
    """

    def __init__(self, services: Mapping[str, Service], changed: Names[str]) -> None:
        self._services = services
        self._changed = changed

    def begin_from(self, world: World, content: Content) -> None:
        """The world has this content, and nothing else but its journal."""
        if not self._changed:
            begin_from(world, content)
            return
        origin_aside: list[Change] = []
        aside: list[Change] = []
        begin_from(world, self._of_content(content, origin_aside, aside))
        _keep_aside(world, origin_aside, aside)

    def receive(self, world: World, commit: Commit) -> None:
        """The world is as it was where the commit was made, right after it."""
        if not self._changed:
            receive(world, commit)
            return
        origin_aside: list[Change] = []
        aside: list[Change] = []
        content = None if commit.content is None else self._of_content(commit.content, origin_aside, aside)
        changes = tuple(self._fitted(commit.changes, aside))
        receive(world, commit._replace(changes=changes, content=content))
        _keep_aside(world, origin_aside, aside)

    def _of_content(self, content: Content, origin_aside: list[Change], aside: list[Change]) -> Content:
        return Content(
            tuple(self._fitted(content.origin, origin_aside)),
            tuple(self._fitted(content.changes, aside)),
        )

    def _fitted(self, changes: tuple[Change, ...], aside: list[Change]) -> Iterator[Change]:
        """Yields the changes as the collections take them; those of records that have no place are set `aside`."""
        for change in changes:
            fit = self._fit_of(*change.place[1:]) if change.place[0] == "records" else None
            if fit is None:
                yield change
                continue
            kept: KeptRecord | None = change.value
            found = fit.fitted(change.key, None if kept is None else kept.members)
            if found is None:
                aside.append(change)
            else:
                value = None if kept is None or found.members is None else KeptRecord(kept.birth, found.members)
                yield Change(change.place, found.id, value)

    def _fit_of(self, api: str, name: str) -> RecordFit | None:
        if api not in self._changed or api not in self._services:
            return None
        spec = self._services[api].api.collections.get(name)
        return None if spec is None else spec.fit

    def findings(self, world: World) -> tuple[str, ...]:
        """What there is in the world that the present documents do not show as it is kept: a sentence for each
        collection.
        """
        if not self._changed and world.unserved.is_empty:
            return ()
        return (*_of_unserved(world), *self._of_unfit(world))

    def _of_unfit(self, world: World) -> Iterator[str]:
        for api in sorted(self._changed & world.states.keys()):
            state = world.of(api)
            for name in state.names:
                fit = self._fit_of(api, name)
                if fit is not None and (sentence := _unfit(world, state[name], fit)):
                    yield sentence


def _keep_aside(world: World, origin: list[Change], later: list[Change]) -> None:
    for change in origin:
        world.unserved.keep(change, is_origin=True)
    for change in later:
        world.unserved.keep(change)


def _of_unserved(world: World) -> Iterator[str]:
    """A sentence for each collection of which something is kept and nothing served."""
    counts: Counter[tuple[str, ...]] = Counter()
    for place, value in world.unserved.latest():
        if place[0] == "records" and value is not None:
            counts[place[1:]] += 1
    for (api, name), count in sorted(counts.items()):
        if name.startswith("_"):
            continue
        if api in world.origin and name in world.origin[api]:
            yield (
                f"{_records(count)} of {api} {name} cannot have {'its id' if count == 1 else 'their ids'} under the "
                "present document: kept, and neither listed nor found until it allows that again"
            )
        else:
            yield f"{_records(count)} of {api} {name}, which is not served now, {_is(count)} kept"


def _unfit(world: World, collection: Collection, fit: RecordFit) -> str:
    """A sentence about the records that were written and do not fit; empty: all do."""
    if collection.is_untouched and world.origin.get(collection.api) is world.fixtures.get(collection.api):
        return ""
    fixtures: Mapping[str, SeedCollection] = world.fixtures.get(collection.api, {})
    first = fixtures[collection.name].records if collection.name in fixtures else {}
    written = [record for record in collection if first.get(record[collection.id_member]) is not record]
    members: Counter[str] = Counter()
    unfit = 0
    for record in written[:MOST_COMPARED]:
        losses = fit.losses(record)
        unfit += bool(losses)
        members.update(dict.fromkeys(losses, 1))
    VERDICT.take_limits()  # Of no request, whose answer by this thread would note them.
    if not unfit:
        return ""
    named = ", ".join(pointer or "the whole record" for pointer, _ in members.most_common(MOST_MEMBERS))
    more = f" and {len(members) - MOST_MEMBERS} more" if len(members) > MOST_MEMBERS else ""
    among = f" among the first {MOST_COMPARED:,}" if len(written) > MOST_COMPARED else ""
    return (
        f"{_records(unfit)} of {collection.api} {collection.name}{among} {'does' if unfit == 1 else 'do'} not fit "
        f"the present document ({named}{more}): kept as written, and answers that have to show something else say "
        "`replaced-values`"
    )


def _records(count: int) -> str:
    return "1 record" if count == 1 else f"{count:,} records"


def _is(count: int) -> str:
    return "is" if count == 1 else "are"
