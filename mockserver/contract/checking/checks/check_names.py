"""The checks of our own by name, each with what it requires; without Schemathesis, for `--help`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

NAMES: Final[Mapping[str, str]] = {
    "read_your_writes": "what was created, replaced or changed reads as it was written",
    "list_and_item_agree": "an item reads as the list shows it",
    "repeatable_put_and_delete": "PUT and DELETE do the same when they are sent twice",
    "idempotency_key_replay": "a request with the same idempotency key makes nothing new",
    "no_partial_change_after_refusal": "a request that is refused for a part of its body changes nothing",
    "paging_covers_each_item_once": "the pages of a list have each item once",
    "filters_return_only_matches": "a filtered list has only items that match",
    "conditional_requests": "If-None-Match gets 304 and a stale If-Match 412, where these are declared",
    "ids_are_not_reused": "a new record does not get the id of a deleted one",
    "seed_examples_answered_as_printed": "requests that the document prints (x-source: seed) get the printed answer",
    "mislabelled_json_fits_schema": "JSON that is sent as another media type still has the declared schema",
}
