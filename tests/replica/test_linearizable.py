"""What is taken for linearizable, and what is not, of small histories whose answer is known."""

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.replica.linearizable import NEVER, Operation, linearization


def apply(state, request):
    """A register: `("write", value)`, `("read",)`, `("swap", old, new)`, which says whether it was so."""
    match request:
        case ("write", value):
            return "done", value
        case ("swap", old, new):
            return (True, new) if state == old else (False, state)
    return state, state


def write(asked, answered, value):
    """Writes the value, and is told so."""
    return Operation(asked, answered, ("write", value), "done")


def read(asked, answered, value):
    """Reads this value."""
    return Operation(asked, answered, ("read",), value)


def swap(asked, answered, old, new, *, is_done):
    """Writes the new value where the old one is."""
    return Operation(asked, answered, ("swap", old, new), is_done)


def is_linearizable(history):
    """Of a register that begins with 0."""
    return linearization(history, 0, apply).is_linearizable


@pytest.mark.parametrize(
    "history",
    [
        pytest.param([], id="nothing happened"),
        pytest.param([write(0, 1, 1), read(2, 3, 1)], id="one after the other"),
        pytest.param([write(0, 9, 1), read(1, 2, 0), read(3, 4, 1)], id="a write is seen once it took effect"),
        pytest.param([write(0, 9, 1), write(0, 9, 2), read(1, 2, 2), read(3, 4, 1)], id="writes at once have an order"),
        pytest.param([write(0, NEVER, 1), read(1, 2, 0), read(3, 4, 0)], id="unknown, and never done"),
        pytest.param([write(0, NEVER, 1), read(1, 2, 0), read(50, 51, 1)], id="unknown, and done late"),
        pytest.param([swap(0, 9, 0, 1, is_done=True), swap(0, 9, 0, 2, is_done=False)], id="one of two is first"),
    ],
)
def test_what_could_have_happened_one_after_the_other(history):
    """Each answer is explained by an order."""
    assert is_linearizable(history)


@pytest.mark.parametrize(
    "history",
    [
        pytest.param([write(0, 1, 1), read(2, 3, 0)], id="a read of what was before"),
        pytest.param([read(0, 1, 7)], id="a read of what nobody wrote"),
        pytest.param([write(0, 9, 1), read(1, 2, 1), read(3, 4, 0)], id="a write that is seen and then is not"),
        pytest.param(
            [write(0, 1, 1), write(0, 1, 2), read(2, 3, 1), read(4, 5, 2)], id="two orders of the same writes"
        ),
        pytest.param(
            [swap(0, 9, 0, 1, is_done=True), swap(0, 9, 0, 2, is_done=True)], id="both of two that exclude each other"
        ),
        pytest.param([write(0, NEVER, 1), read(1, 2, 1), read(3, 4, 0)], id="unknown, seen, and gone"),
        pytest.param([read(0, 1, 1), write(2, NEVER, 1)], id="unknown, and seen before it was asked for"),
        pytest.param([write(0, NEVER, 1), read(1, 2, 1), write(3, 4, 2), read(5, 6, 1)], id="unknown, and done twice"),
    ],
)
def test_what_could_not(history):
    """No order explains the answers."""
    assert not is_linearizable(history)


def test_what_does_not_fit_is_told():
    """The order up to there, and what is left."""
    history = [write(0, 1, 1), read(2, 3, 1), read(4, 5, 0)]

    found = linearization(history, 0, apply)

    assert found.order == tuple(history[:2])
    assert found.left == (history[2],)


def test_a_history_of_many_clients_takes_no_long_time():
    """Two thousand operations of eight clients, each at once with those of the others."""
    history = [write(turn, turn + 0.9, turn * 10 + client) for turn in range(250) for client in range(7)]
    history += [read(turn, turn + 0.95, turn * 10 + turn % 7) for turn in range(250)]

    assert is_linearizable(history)


requests = st.one_of(
    st.tuples(st.just("write"), st.integers(0, 2)),
    st.tuples(st.just("read")),
    st.tuples(st.just("swap"), st.integers(0, 2), st.integers(0, 2)),
)


@st.composite
def operations(draw):
    """One operation with an answer of its kind, right or not."""
    asked = draw(st.integers(0, 6))
    if draw(st.integers(0, 4)) == 0:
        return Operation(asked, NEVER, draw(requests))
    request = draw(requests)
    fits = {"write": st.just("done"), "read": st.integers(0, 2), "swap": st.booleans()}[request[0]]
    return Operation(asked, asked + draw(st.integers(0, 4)) + 0.5, request, draw(fits))


def brute_force(history):
    """The same by trying every order of every choice of those that are unknown."""
    unknown = [one for one in history if not one.is_known]
    for chosen in range(2 ** len(unknown)):
        happened = [one for one in history if one.is_known]
        happened += [one for at, one in enumerate(unknown) if chosen >> at & 1]
        if any(explains(order) for order in permutations(happened)):
            return True
    return False


def explains(order):
    """Nothing comes before what was answered before it was asked for, and each answer is right."""
    state, latest = 0, -1.0
    for one in order:
        if one.answered < latest:
            return False
        latest = max(latest, one.asked)
        answer, state = apply(state, one.request)
        if one.is_known and answer != one.answer:
            return False
    return True


@settings(max_examples=300)
@given(st.lists(operations(), max_size=5))
def test_all_orders_that_there_are_say_the_same(history):
    """Of small histories each order can be tried."""
    assert is_linearizable(history) == brute_force(history)
