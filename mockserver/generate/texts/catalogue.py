"""Realistic names and numbers of things: products, business documents, books, vehicles, countries with their codes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from mockserver.generate.random_stream import Substream

Make = Callable[[Substream], str]


class Country(NamedTuple):
    """A country with its English name and its ISO 3166-1 codes."""

    name: str
    alpha2: str
    alpha3: str


COUNTRIES: Final = tuple(
    Country(*line.split("/"))
    for line in (
        "United States/US/USA", "Germany/DE/DEU", "France/FR/FRA", "United Kingdom/GB/GBR", "Netherlands/NL/NLD",
        "Spain/ES/ESP", "Italy/IT/ITA", "Japan/JP/JPN", "Canada/CA/CAN", "Australia/AU/AUS", "Sweden/SE/SWE",
        "Brazil/BR/BRA", "India/IN/IND", "Mexico/MX/MEX", "Poland/PL/POL", "Austria/AT/AUT",
    )
)  # fmt: skip


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_ADJECTIVES: Final = _words(
    "Amber Blue Bright Calm Classic Clear Compact Copper Coral Crimson Golden Green Grand Ivory Light Modern Northern "
    "Quiet Rapid Silver Smart Solid Swift Urban"
)
_MATERIALS: Final = _words("Bamboo Canvas Ceramic Cotton Glass Leather Linen Oak Steel Walnut Wool Marble")
_PRODUCTS: Final = (
    "Backpack", "Bottle", "Chair", "Clock", "Coffee Mug", "Desk Lamp", "Headphones", "Jacket", "Keyboard", "Kettle",
    "Notebook", "Pillow", "Shelf", "Speaker", "Table", "Wallet",
)  # fmt: skip
_NOUNS: Final = _words(
    "Anchor Atlas Bridge Compass Falcon Forest Garden Harbour Horizon Island Lantern Meadow Mountain Orchard Pioneer "
    "River Summit Valley Voyage Willow"
)
_VERBS: Final = _words("Check Plan Prepare Review Schedule Send Update Write")
_OBJECTS: Final = (
    "the budget", "the contract", "the documentation", "the invoice", "the launch", "the meeting", "the release notes",
    "the report", "the roadmap", "the workshop",
)  # fmt: skip
_PETS: Final = _words("Bella Charlie Coco Daisy Lucy Luna Max Milo Molly Oscar Rocky Ruby Simba Toby")


def _joined(*lists: tuple[str, ...]) -> Make:
    return lambda rng: " ".join(rng.choice(words) for words in lists)


def _numbered(prefix: str) -> Make:
    return lambda rng: f"{prefix}-{rng.randint(10_000, 99_999)}"


def _digits(rng: Substream, count: int) -> str:
    return f"{rng.randrange(10**count):0{count}d}"


def _isbn(rng: Substream) -> str:
    """13 digits, the last of which is the check digit."""
    digits = "978" + _digits(rng, 9)
    total = sum(int(digit) * (3 if number % 2 else 1) for number, digit in enumerate(digits))
    return f"{digits}{-total % 10}"


def _isbn_10(rng: Substream) -> str:
    digits = _digits(rng, 9)
    rest = -sum(int(digit) * (10 - number) for number, digit in enumerate(digits)) % 11
    return f"{digits}{'X' if rest == 10 else rest}"


def _vin(rng: Substream) -> str:
    """17 characters, the ninth of which is the check digit."""
    head = "1HG" + "".join(rng.choices(_OF_VINS, k=5))
    tail = "".join(rng.choices(_OF_VINS, k=2)) + _digits(rng, 6)
    total = sum(_worth(char) * weight for char, weight in zip(f"{head}0{tail}", _WEIGHTS, strict=True))
    return f"{head}{'X' if total % 11 == 10 else total % 11}{tail}"


_OF_VINS: Final = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789"
_WEIGHTS: Final = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_WORTHS: Final = dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", map(int, "12345678123457923456789"), strict=True))


def _worth(char: str) -> int:
    return _WORTHS.get(char) or int(char)


def _hexadecimal(count: int) -> Make:
    return lambda rng: f"{rng.getrandbits(4 * count):0{count}x}"


THINGS: Final[Mapping[str, Make]] = {
    "invoice-number": _numbered("INV"),
    "isbn": _isbn,
    "isbn-10": _isbn_10,
    "md5": _hexadecimal(32),
    "order-number": _numbered("ORD"),
    "pet": lambda rng: rng.choice(_PETS),
    "product": _joined(_MATERIALS, _PRODUCTS),
    "reference": _numbered("REF"),
    "sha256": _hexadecimal(64),
    "sha512": _hexadecimal(128),
    "task": _joined(_VERBS, _OBJECTS),
    "title": _joined(_ADJECTIVES, _NOUNS),
    "vin": _vin,
}
"""A generator for each kind of text."""

COUNTRY_KINDS: Final[Mapping[str, Callable[[Country], str]]] = {
    "country": lambda country: country.name,
    "country-code": lambda country: country.alpha2,
    "country-code-3": lambda country: country.alpha3,
}
"""The texts about a country; those of one object are about the same country."""
