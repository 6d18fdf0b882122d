"""Makes the slugs of new records from their titles."""

from __future__ import annotations

from collections.abc import Mapping

from mockserver.generate.texts.agreement import SLUGS, title_of
from mockserver.generate.texts.fake_text import slug_of
from mockserver.json_text import Json
from mockserver.resources.query.value_index import having
from mockserver.resources.records.seeds import Scope
from mockserver.resources.records.store import Store
from mockserver.spelling import plain
from mockserver.state.world import ApiState


class Slugs:
    """The slugs of one collection: whether its ids `are_ids` of this kind, and the other `members` of a record that are
    slugs.
    """

    def __init__(self, store: Store) -> None:
        member_path = store.collection.id_spec.member_path
        self._store = store
        self.are_ids = bool(member_path) and plain(member_path[-1]) in SLUGS
        self.members = tuple(name for name in store.record.members if plain(name) in SLUGS and (name,) != member_path)

    def id_of(self, state: ApiState, scope: Scope, sent: Mapping[str, Json]) -> str:
        """Returns the slug of the title that was sent as an id; empty where there is none, or it is used."""
        store, slug = self._store, slug_of(title_of(sent))
        values = (*scope, slug)
        is_free = bool(slug) and store.find(state, values) is None and not store.is_deleted(state, values)
        return slug if is_free and store.seeds.ids.fits(slug) else ""

    def made(self, state: ApiState, record: Mapping[str, Json], sent: Mapping[str, Json]) -> dict[str, Json]:
        """Returns the slugs made of the title of a new record, followed by its id where another record has the same."""
        store = self._store
        names = [name for name in self.members if name in record and name not in sent]
        found: dict[str, Json] = {}
        title = title_of(record) if names else ""
        for name in names if title else ():
            slug = slug_of(title)
            if having(store.every(state), (name,), slug):
                slug = f"{slug}-{store.seeds.id_of(record)}"
            if store.context.accepts(store.record.members[name].pointer)(slug):
                found[name] = slug
        return found
