"""Every store does what the model does, whatever is asked in whatever order through two handles."""

from contextlib import ExitStack

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from mockserver.stores.memory_store import MemoryStore
from mockserver.stores.world_store import (
    DIRECTORY,
    Busy,
    CommitRequest,
    Lease,
    StoredSnapshot,
    courier_lease,
    writer_lease,
)
from tests.stores.implementations import NEEDED, STORES

WORLDS = st.sampled_from([DIRECTORY, "a", "b"])
HANDLES = st.sampled_from([0, 1])
CONTENTS = st.binary(max_size=8)
DUE = st.none() | st.sampled_from([1.0, 2.5, 4_000_000_000.125])
LEASES = st.sampled_from([writer_lease("a"), courier_lease("a"), writer_lease("b")])
HOLDERS = st.sampled_from(["one", "other"])
BACK = st.integers(-1, 12)
"""How many versions before the newest something was known; -1: one that is not there yet; many: nothing."""


def machine(name):
    """The class of the machine for the store of this name."""

    class StoreMachine(RuleBasedStateMachine):
        """Asks the store and the model the same, and compares their answers and all that can be read."""

        def __init__(self):
            super().__init__()
            self.open = ExitStack()
            self.handles = self.open.enter_context(STORES[name]())
            self.model = MemoryStore()
            self.commits: list[CommitRequest] = []
            self.leases: dict[str, tuple[Lease, Lease]] = {}
            """The last lease of each name as the store and the model know it: the numbers may differ."""

        def teardown(self):
            self.open.close()

        def known(self, world, back):
            newest = self.model.since(world, 0).version
            return max(newest - back, 0)

        def ask(self, handle, commit):
            """Appends to both; leases are each one's own."""
            stored, modelled = commit, commit
            if commit.lease is not None:
                lease, modelled_lease = self.leases[commit.lease.name]
                stored, modelled = commit._replace(lease=lease), commit._replace(lease=modelled_lease)
            answer, expected = self.handles[handle].append(stored), self.model.append(modelled)
            if isinstance(expected, Busy):
                assert isinstance(answer, Busy)
                assert 0 < answer.seconds <= 600
            else:
                assert answer == expected
            self.commits.append(commit)

        @rule(handle=HANDLES, world=WORLDS, content=CONTENTS, due=DUE)
        def append_newest(self, handle, world, content, due):
            self.ask(handle, CommitRequest(world, self.known(world, 0), self.id(), content, due))

        @rule(handle=HANDLES, world=WORLDS, back=BACK, content=CONTENTS)
        def append_late(self, handle, world, back, content):
            self.ask(handle, CommitRequest(world, self.known(world, back), self.id(), content))

        @rule(handle=HANDLES, world=WORLDS, back=BACK, content=CONTENTS)
        def append_with_directory(self, handle, world, back, content):
            directory = self.known(DIRECTORY, back)
            self.ask(handle, CommitRequest(world, self.known(world, 0), self.id(), content, directory=directory))

        @rule(handle=HANDLES, data=st.data(), world=WORLDS, back=st.integers(0, 1))
        def append_with_lease(self, handle, data, world, back):
            if not self.leases:
                return
            name = data.draw(st.sampled_from(sorted(self.leases)))
            self.ask(handle, CommitRequest(world, self.known(world, back), self.id(), b"l", lease=self.leases[name][0]))

        @rule(handle=HANDLES, data=st.data())
        def append_again(self, handle, data):
            if self.commits:
                self.ask(handle, data.draw(st.sampled_from(self.commits)))

        @rule(handle=HANDLES, world=WORLDS, back=st.integers(-1, 4), keep=st.integers(-2, 3), content=CONTENTS)
        def compact(self, handle, world, back, keep, content):
            version = self.known(world, back)
            asked = world, StoredSnapshot(version, content), version + keep
            assert self.handles[handle].compact(*asked) == self.model.compact(*asked)

        @rule(handle=HANDLES, world=WORLDS, back=st.integers(-1, 1))
        def drop(self, handle, world, back):
            version = self.known(world, back)
            assert self.handles[handle].drop(world, version) == self.model.drop(world, version)

        @rule(handle=HANDLES, name=LEASES, holder=HOLDERS)
        def lease(self, handle, name, holder):
            lease, expected = self.handles[handle].lease(name, holder, 600), self.model.lease(name, holder, 600)
            assert (lease is None) == (expected is None)
            if lease is None or expected is None:
                return
            assert lease.name == name
            before = self.leases.get(name)
            if before is not None:
                assert (lease == before[0], lease.fence > before[0].fence) == (
                    expected == before[1],
                    lease != before[0],
                )
            self.leases[name] = lease, expected

        @rule(handle=HANDLES, data=st.data())
        def release(self, handle, data):
            if self.leases:
                lease, modelled = self.leases[data.draw(st.sampled_from(sorted(self.leases)))]
                self.handles[handle].release(lease)
                self.model.release(modelled)

        @rule(handle=HANDLES, world=WORLDS, back=BACK)
        def since(self, handle, world, back):
            version = self.known(world, back)
            assert self.handles[handle].since(world, version) == self.model.since(world, version)

        @rule(handle=HANDLES, until=st.sampled_from([0.5, 1.0, 3.0, 5e9]), most=st.integers(1, 3))
        def due(self, handle, until, most):
            assert self.handles[handle].due(until, most) == self.model.due(until, most)

        @rule(handle=HANDLES)
        def read_all(self, handle):
            store = self.handles[handle]
            assert store.names() == self.model.names()
            for world in (DIRECTORY, "a", "b"):
                assert store.since(world, 0) == self.model.since(world, 0)

        def id(self):
            return len(self.commits).to_bytes(16)

    return StoreMachine


@pytest.mark.parametrize("name", STORES)
def test_a_store_does_what_the_model_does(name, request):
    """Appends early, late and again, snapshots, drops, leases, in any order, through two handles."""
    if name in NEEDED:
        request.getfixturevalue(NEEDED[name])

    run_state_machine_as_test(
        machine(name),
        settings=settings(
            max_examples=60, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
