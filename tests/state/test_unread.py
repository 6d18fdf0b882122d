"""What is made when somebody first looks at it is made once, and only then."""

from __future__ import annotations

import threading

from mockserver.state.records.collection import keep_all
from mockserver.state.records.lazy_records import LazyCollections, LazyRecords
from mockserver.state.world import SeedCollection
from mockserver.state.worlds import Worlds

RECORDS = keep_all("id", [{"id": "a"}, {"id": "b"}])


class Maker:
    """Counts how often it made something."""

    def __init__(self, made):
        self.times = 0
        self._made = made

    def __call__(self):
        self.times += 1
        return self._made


def test_records_are_made_at_the_first_look():
    """Not before, and not at the second."""
    make = Maker(RECORDS)

    records = LazyRecords(make)
    before = make.times
    found = [records.get("a"), "b" in records, len(records), list(records)]

    assert (before, make.times) == (0, 1)
    assert found == [{"id": "a"}, True, 2, ["a", "b"]]


def test_shelves_are_made_once_for_all_worlds():
    """When a world is first asked for the API, not when it is made."""
    make = Maker({"links": SeedCollection("id", RECORDS)})

    worlds = Worlds({"shop": LazyCollections(make)})
    one, other = worlds["one"], worlds["other"]
    before = make.times
    found = [world.of("shop")["links"].get("a") for world in (one, other)]

    assert (before, make.times) == (0, 1)
    assert found == [{"id": "a"}, {"id": "a"}]


def test_two_threads_make_them_once():
    """The second one waits for the first."""
    entered, finish = threading.Event(), threading.Event()

    def make():
        times.append("made")
        entered.set()
        finish.wait(5)
        return {"links": SeedCollection("id", RECORDS)}

    times: list[str] = []
    seen: list[list[str]] = []
    seed_collections = LazyCollections(make)
    threads = [threading.Thread(target=lambda: seen.append(list(seed_collections))) for _ in range(2)]
    threads[0].start()
    entered.wait(5)
    threads[1].start()
    finish.set()
    for thread in threads:
        thread.join(5)

    assert (len(times), seen) == (1, [["links"], ["links"]])
