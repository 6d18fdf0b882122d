"""Seeded chance: the same for the same seed, never the same id twice."""

import re
from uuid import UUID

import pytest

from mockserver.state.random_source import Random


def some_of_everything(chance: Random) -> list[object]:
    """One draw of each kind, twice."""
    return [
        draw
        for _ in range(2)
        for draw in (
            chance.hex(16),
            chance.number(1000),
            chance.fraction(),
            chance.choose("abcdefgh"),
            chance.alphanumeric(12),
            chance.uuid(),
            chance.ulid(1_700_000_000.0),
        )
    ]


def test_the_same_seed_draws_the_same():
    """Whoever starts the mock again gets the same ids."""
    assert some_of_everything(Random(42)) == some_of_everything(Random(42))


def test_another_seed_draws_something_else():
    """Also one that differs by its sign alone."""
    draws = {Random(seed).uuid() for seed in (0, 1, -1, 10**30)}

    assert len(draws) == 4


def test_a_fork_draws_on_as_its_origin_does():
    """From the very digit where it was taken."""
    chance = Random(42)
    chance.hex(5)
    forked = chance.fork()

    assert some_of_everything(forked) == some_of_everything(chance)


def test_a_fork_does_not_move_its_origin():
    """What one draws is not missing in the other."""
    chance = Random(42)
    forked = chance.fork()

    some_of_everything(forked)

    assert some_of_everything(chance) == some_of_everything(Random(42))


@pytest.mark.parametrize("digits", [1, 16, 127, 128])
def test_hex_has_so_many_digits(digits):
    """Lower-case ones."""
    assert re.fullmatch(rf"[0-9a-f]{{{digits}}}", Random().hex(digits))


def test_a_uuid_is_one_of_version_4():
    """In lower case, with the variant of RFC 9562."""
    text = Random().uuid()

    parsed = UUID(text)

    assert (str(parsed), parsed.version, parsed.variant) == (text, 4, "specified in RFC 4122")


def test_a_ulid_begins_with_its_moment():
    """Ten characters of milliseconds, sixteen of chance, of Crockford's alphabet."""
    text = Random().ulid(1_469_918_176.385)

    assert re.fullmatch(r"01ARYZ6S41[0-9A-HJKMNP-TV-Z]{16}", text)


def test_ulids_of_later_moments_are_greater():
    """They sort as their moments do."""
    chance = Random()

    texts = [chance.ulid(at) for at in (1.0, 1.001, 2.0, 1_000_000.0)]

    assert texts == sorted(texts)


@pytest.mark.parametrize("length", [1, 12, 40])
def test_an_alphanumeric_text_has_its_length(length):
    """And nothing but letters and digits."""
    assert re.fullmatch(rf"[A-Za-z0-9]{{{length}}}", Random().alphanumeric(length))


@pytest.mark.parametrize(
    "draw",
    [
        lambda chance: chance.uuid(),
        lambda chance: chance.ulid(0.0),
        lambda chance: chance.hex(16),
        lambda chance: chance.alphanumeric(24),
    ],
    ids=["uuid", "ulid", "hex", "alphanumeric"],
)
def test_no_id_comes_twice(draw):
    """Ten thousand ids are ten thousand different ones."""
    chance = Random(3)

    draws = {draw(chance) for _ in range(10_000)}

    assert len(draws) == 10_000


def test_numbers_and_fractions_stay_in_their_range():
    """From 0 up to, not including, the end; and every number has its turn."""
    chance = Random()

    numbers = {chance.number(6) for _ in range(500)}
    fractions = [chance.fraction() for _ in range(500)]

    assert numbers == {0, 1, 2, 3, 4, 5}
    assert all(0 <= fraction < 1 for fraction in fractions)
