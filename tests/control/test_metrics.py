"""Numbers of a server in Prometheus' text form, read by Prometheus' own client."""

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from mockserver import __version__
from mockserver.control.metrics.request_counts import MOST_LABEL_SETS, RequestCounts
from mockserver.control.metrics.sample import Sample, exposition
from mockserver.control.metrics.worker_samples import WorkerSamples
from mockserver.server import running
from mockserver.stores.counted_store import CountedStore
from mockserver.stores.memory_store import MemoryStore, SharedMemory
from mockserver.stores.world_store import Behind, CommitRequest, Committed, StoreUnavailable

REQUESTS = "mockserver_requests_total"
PETS = "examples/pets.yaml"


def read(text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Each sample by its name and labels."""
    families = text_string_to_metric_families(text)
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


@pytest.fixture
def pets():
    """A server of its own, and a client of it."""
    with running(PETS) as mock, httpx.Client(base_url=mock.root, timeout=30) as client:
        yield client


def metrics(client: httpx.Client):
    """Every sample of a scrape."""
    return read(client.get("/__admin/metrics").text)


def requests(found, api, operation, status):
    """How many there were, by what a scrape found."""
    return found.get((REQUESTS, (("api", api), ("operation", operation), ("status", status))))


def test_requests_are_counted_by_api_operation_and_status(pets):
    """Those to no operation have an empty one; those of the control API are not among them."""
    for _ in range(3):
        pets.get("/pets")
    pets.get("/pets/999")
    pets.post("/pets", json={"name": 7})
    pets.get("/pets/v1/nowhere")
    pets.get("/__admin/worlds")

    found = metrics(pets)

    assert requests(found, "pets", "listPets", "200") == 3
    assert requests(found, "pets", "getPet", "404") == 1
    assert requests(found, "pets", "addPet", "422") == 1
    assert requests(found, "pets", "", "404") == 1
    assert sum(value for (name, _), value in found.items() if name == REQUESTS) == 6


def test_requests_to_the_control_api_are_counted_apart(pets):
    """By the operation of its document and the status; health checks are not."""
    pets.get("/__admin/worlds")
    pets.get("/__admin/worlds/nobody")
    pets.get("/__admin/nowhere")
    pets.get("/__admin/health")

    found = metrics(pets)

    counted = {
        (labels["operation"], labels["status"]): value
        for (name, pairs), value in found.items()
        if name == "mockserver_control_requests_total" and (labels := dict(pairs))
    }
    assert counted == {("listWorlds", "200"): 1, ("getWorld", "404"): 1, ("", "404"): 1}


def test_each_scrape_goes_on_from_the_last_one(pets):
    """Whatever happened to the world meanwhile."""
    pets.get("/pets")
    first = requests(metrics(pets), "pets", "listPets", "200")
    pets.get("/pets")
    pets.post("/__admin/reset")

    second = requests(metrics(pets), "pets", "listPets", "200")

    assert (first, second) == (1, 2)


def test_the_time_of_requests_is_a_histogram(pets):
    """Its buckets grow up to its count, in the order of their bounds."""
    for _ in range(4):
        pets.get("/pets")

    text = pets.get("/__admin/metrics").text
    families = {family.name: family for family in text_string_to_metric_families(text)}
    family = families["mockserver_request_duration_seconds"]
    buckets = [sample.value for sample in family.samples if sample.name.endswith("_bucket")]
    bounds = [sample.labels["le"] for sample in family.samples if sample.name.endswith("_bucket")]
    [count] = [sample.value for sample in family.samples if sample.name.endswith("_count")]
    [total] = [sample.value for sample in family.samples if sample.name.endswith("_sum")]

    assert family.type == "histogram"
    assert bounds == [
        *("0.0005", "0.001", "0.0025", "0.005", "0.01", "0.025", "0.05", "0.1"),
        *("0.25", "0.5", "1.0", "2.5", "5.0", "10.0", "+Inf"),
    ]
    assert buckets == sorted(buckets)
    assert (buckets[-1], count) == (4, 4)
    assert 0 < total < 10


def test_worlds_and_journals_are_told(pets):
    """In sum over all worlds, whose names are in no label."""
    pets.get("/pets")
    pets.get("/~other/pets/v1/pets")

    found = metrics(pets)

    assert found["mockserver_worlds", ()] == 2
    assert found["mockserver_journal_entries", ()] == 2
    assert found["mockserver_journal_bytes", ()] > 4_000
    assert found["mockserver_journal_dropped_total", ()] == 0
    assert found["mockserver_open_connections", ()] == 1
    assert found["mockserver_info", (("version", __version__),)] == 1


def test_what_journals_dropped_stays_counted_when_their_world_is_gone():
    """A counter never falls."""
    with running(PETS, journal=2) as mock, httpx.Client(base_url=mock.root, timeout=30) as client:
        for _ in range(5):
            client.get("/~brief/pets/v1/pets")
        before = metrics(client)["mockserver_journal_dropped_total", ()]
        client.delete("/__admin/worlds/brief")

        after = metrics(client)["mockserver_journal_dropped_total", ()]

    assert (before, after) == (3, 3)


def test_the_text_form_is_named(pets):
    """As Prometheus asks for it."""
    answer = pets.get("/__admin/metrics")

    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"


def test_label_values_may_have_any_characters():
    """Operation ids come from users' documents."""
    awkward = 'list "all"\\\nof them'
    counts = RequestCounts()
    counts.add(("pets", awkward, 200, 0.1))
    counters, _ = counts.samples()

    found = read(exposition({REQUESTS: counters}).decode())

    assert found == {(REQUESTS, (("api", "pets"), ("operation", awkward), ("status", "200"))): 1}


def test_the_number_of_label_sets_is_bounded():
    """What is beyond is counted together."""
    counts = RequestCounts()
    for number in range(MOST_LABEL_SETS + 500):
        counts.add(("pets", f"operation{number}", 200, 0.1))

    counters, _ = counts.samples()

    assert len(counters) == 2_001
    assert sum(sample.value for sample in counters) == 2_500
    assert {sample.value for sample in counters if sample.labels[0] == ("api", "(other)")} == {500}


# The store


def _commit(after: int, number: int) -> CommitRequest:
    return CommitRequest("default", after, bytes([number]) * 16, b"content")


def test_conflicts_and_retries_of_a_store_are_counted():
    """Of two replicas that commit at once, one was too late."""
    memory = SharedMemory()
    first, second = CountedStore(MemoryStore(memory)), CountedStore(MemoryStore(memory))

    answers = [first.append(_commit(0, 1)), second.append(_commit(0, 2))]
    version = second.since("default", 0).version
    answers.append(second.append(_commit(version, 3)))

    assert [type(answer) for answer in answers] == [Committed, Behind, Committed]
    assert (first.counts.asked, second.counts.asked) == ({"append": 1}, {"append": 2, "since": 1})
    assert (second.counts.conflicts, second.counts.retries) == (1, 1)
    assert second.counts.seconds["append"] > 0


def test_a_store_that_does_not_answer_is_counted():
    """And its error goes on."""

    class Away(MemoryStore):
        def names(self) -> tuple[str, ...]:
            raise StoreUnavailable("away")

    store = CountedStore(Away(SharedMemory()))

    with pytest.raises(StoreUnavailable):
        store.names()

    assert (store.counts.asked, store.counts.unavailable) == ({"names": 1}, {"names": 1})


def test_the_commits_of_a_server_are_counted(tmp_path):
    """A request is one append."""
    store = f"sqlite:{tmp_path / 'worlds.db'}"
    with running(PETS, store=store) as mock, httpx.Client(base_url=mock.root, timeout=30) as client:
        client.get("/pets")
        before = metrics(client)
        client.post("/pets", json={"name": "Bello", "species": "dog"})
        after = metrics(client)

    kind = (("kind", "append"),)
    assert after["mockserver_store_requests_total", kind] - before["mockserver_store_requests_total", kind] == 1
    assert after["mockserver_store_seconds_total", kind] > before["mockserver_store_seconds_total", kind]
    assert after["mockserver_store_conflicts_total", ()] == 0


# Several workers


def test_a_worker_tells_the_samples_of_all_and_goes_on_from_the_one_before():
    """Counters of a worker that ended are those that the next one begins with; what was a state of it is gone."""
    memory = WorkerSamples(1)
    memory.begin(1, dict)
    counted = [Sample("", (("api", "pets"),), 5)]
    memory.gathered({REQUESTS: counted, "mockserver_worlds": [Sample("", (), 3)]})

    memory.begin(1, dict)
    told = memory.gathered({REQUESTS: [Sample("", (("api", "pets"),), 2)], "mockserver_worlds": [Sample("", (), 1)]})

    assert told[REQUESTS] == [Sample("", (("worker", "1"), ("api", "pets")), 7)]
    assert told["mockserver_worlds"] == [Sample("", (("worker", "1"),), 1)]
