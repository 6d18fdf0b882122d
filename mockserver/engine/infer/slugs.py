"""The slugs of new records, which follow from their titles."""

from __future__ import annotations

from collections.abc import Mapping

from mockserver.engine.infer.indexing import having
from mockserver.engine.infer.names import plain
from mockserver.engine.infer.seeds import Scope
from mockserver.engine.infer.store import Store
from mockserver.spec.synthesize.agreement import SLUGS, titled
from mockserver.spec.synthesize.believable import slug_of
from mockserver.state.world import Realm
from mockserver.wire import Json


def slug_id(store: Store, world: Realm, scope: Scope, sent: Mapping[str, Json]) -> str:
    """The id of a new record that is a slug: that of the title which was sent; empty where it is none, or taken."""
    way = store.kept.ident.way
    slug = slug_of(titled(sent)) if way and plain(way[-1]) in SLUGS else ""
    is_free = bool(slug) and store.find(world, (*scope, slug)) is None and not store.is_gone(world, (*scope, slug))
    return slug if is_free and store.seeds.ids.fits(slug) else ""


def slugs(store: Store, world: Realm, record: Mapping[str, Json], sent: Mapping[str, Json]) -> dict[str, Json]:
    """The slugs that follow from the title of a new record, with its id where another record has them."""
    title, way = titled(record), store.kept.ident.way
    found: dict[str, Json] = {}
    for name in record if title else ():
        if plain(name) in SLUGS and name not in sent and (name,) != way:
            slug = slug_of(title)
            if having(store.every(world), (name,), slug):
                slug = f"{slug}-{store.seeds.id_of(record)}"
            place = store.record.members.get(name)
            if place is not None and store.ground.accepts(place.pointer)(slug):
                found[name] = slug
    return found
