"""Slugs of new records, made of their titles."""

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


def slug_id(store: Store, state: ApiState, scope: Scope, sent: Mapping[str, Json]) -> str:
    """Returns the slug of the title that was sent as an id; empty where ids are no slugs, or it is used."""
    member_path = store.collection.id_spec.member_path
    slug = slug_of(title_of(sent)) if member_path and plain(member_path[-1]) in SLUGS else ""
    is_free = bool(slug) and store.find(state, (*scope, slug)) is None and not store.is_deleted(state, (*scope, slug))
    return slug if is_free and store.seeds.ids.fits(slug) else ""


def slugs(store: Store, state: ApiState, record: Mapping[str, Json], sent: Mapping[str, Json]) -> dict[str, Json]:
    """Returns the slugs made of the title of a new record, followed by its id where another record has the same."""
    member_path = store.collection.id_spec.member_path
    names = [name for name in record if plain(name) in SLUGS and name not in sent and (name,) != member_path]
    found: dict[str, Json] = {}
    title = title_of(record) if names else ""
    for name in names if title else ():
        slug = slug_of(title)
        if having(store.every(state), (name,), slug):
            slug = f"{slug}-{store.seeds.id_of(record)}"
        place = store.record.members.get(name)
        if place is not None and store.context.accepts(place.pointer)(slug):
            found[name] = slug
    return found
