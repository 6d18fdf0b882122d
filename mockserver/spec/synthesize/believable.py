"""Believable texts by what they are called: an e-mail address, a city, an IBAN. Faker is imported for the first one."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from threading import Lock
from typing import Any

from mockserver.spec.synthesize.catalogue import THINGS
from mockserver.spec.synthesize.fields import words_of
from mockserver.spec.synthesize.stream import Draw

DAY = 86_400
_1970 = datetime(1970, 1, 1, tzinfo=UTC)
Make = Callable[[Draw], str]

_PROVIDERS = ("address", "bank", "color", "company", "credit_card", "currency", "file", "internet", "job", "lorem")
_MORE = ("person", "phone_number", "misc", "barcode")
_LOCK = Lock()


@lru_cache(maxsize=1)
def _generator() -> Any:
    from faker import Faker

    providers = [f"faker.providers.{name}" for name in (*_PROVIDERS, *_MORE)]
    return Faker("en_US", providers=providers, use_weighting=False)["en_US"]


def faked(method: str, **arguments: Any) -> Make:
    """A text of one of Faker's methods, drawn from the place that the draw is at."""

    def make(draw: Draw) -> str:
        generator = _generator()
        with _LOCK:
            generator.random = draw
            return str(getattr(generator, method)(**arguments))

    return make


def moment(draw: Draw, name: str) -> float:
    """Epoch seconds that suit what a date is called: what is created lies before what is updated, and that before
    what expires, the moment of the stream in between.
    """
    said = words_of(name)
    first, last = next((days for starts, days in _DAYS if any(word.startswith(starts) for word in said)), (-700, -1))
    return draw.stream.at + draw.randint(first * DAY, last * DAY)


_DAYS = (
    (("creat", "insert", "regist", "since", "join", "start", "begin", "from", "first"), (-700, -400)),
    (("updat", "modif", "chang", "edit", "last", "seen", "sync"), (-399, -1)),
    (("expir", "end", "until", "due", "next", "valid_to", "deadline", "renew", "schedul"), (1, 365)),
    (("birth", "dob"), (-25_000, -7_000)),
)


def _date(form: str) -> Callable[[Draw, str], str]:
    def make(draw: Draw, name: str) -> str:
        return (_1970 + timedelta(seconds=moment(draw, name))).strftime(form)

    return make


DATES: Mapping[str, Callable[[Draw, str], str]] = {
    "date-time": _date("%Y-%m-%dT%H:%M:%SZ"),
    "date": _date("%Y-%m-%d"),
    "time": _date("%H:%M:%SZ"),
    "epoch": lambda draw, name: str(int(moment(draw, name))),
    "year": _date("%Y"),
    "http-date": _date("%a, %d %b %Y %H:%M:%S GMT"),
}
"""What the name of the field says more about: with it, and the draw."""


def digits(count: int) -> Make:
    """So many digits, the first not 0."""
    return lambda draw: str(draw.randrange(10 ** (count - 1), 10**count))


def hexadecimal(count: int) -> Make:
    """So many hexadecimal digits in lower case."""
    return lambda draw: f"{draw.getrandbits(4 * count):0{count}x}"


def uuid(draw: Draw) -> str:
    """A version 4 UUID in lower case."""
    h = hexadecimal(32)(draw)
    return f"{h[:8]}-{h[8:12]}-4{h[13:16]}-{'89ab'[int(h[16], 16) & 3]}{h[17:20]}-{h[20:]}"


def letters(alphabet: str, count: int) -> Make:
    """So many characters of an alphabet."""
    return lambda draw: "".join(draw.choices(alphabet, k=count))


def one_of(*texts: str) -> Make:
    """One of these."""
    return lambda draw: draw.choice(texts)


def decimal(low: int, high: int, places: int) -> Make:
    """A decimal number between two whole ones."""
    unit = 10**places
    return lambda draw: f"{draw.randint(low * unit, high * unit) / unit:.{places}f}"


def _version(draw: Draw) -> str:
    return f"{draw.randint(0, 5)}.{draw.randint(0, 20)}.{draw.randint(0, 20)}"


def _phone(draw: Draw) -> str:
    return f"+1{draw.randint(201, 989)}555{draw.randint(100, 199):04d}"


def _address(draw: Draw) -> str:
    return faked("address")(draw).replace("\n", ", ")


def _mail(draw: Draw) -> str:
    first, last = faked("first_name")(draw).lower(), faked("last_name")(draw).lower()
    return f"{first}.{last}@example.{draw.choice(('com', 'org', 'net'))}"


def _address_of(prefix: str, suffix: str = "") -> Make:
    return lambda draw: f"https://{prefix}example.com/{_slug(draw)}{suffix}"


def _slug(draw: Draw) -> str:
    return "-".join(words(draw, 2))


def words(draw: Draw, count: int) -> list[str]:
    """So many English words."""
    generator = _generator()
    with _LOCK:
        generator.random = draw
        return list(generator.words(count))


def _base64(draw: Draw) -> str:
    return b64encode(" ".join(words(draw, 2)).encode()).decode()


_BASE32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_AGENTS = (
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:140.0) Gecko/20100101 Firefox/140.0",
)
_TYPES = ("application/json", "application/pdf", "image/png", "text/plain")

KINDS: Mapping[str, Make] = {
    **THINGS,
    "account": digits(10),
    "address": _address,
    "barcode": faked("ean"),
    "base64": _base64,
    "bic": faked("swift"),
    "building": faked("building_number"),
    "card": faked("credit_card_number", card_type="visa"),
    "card-brand": one_of("visa", "mastercard", "amex"),
    "city": faked("city"),
    "color": faked("hex_color"),
    "company": faked("company"),
    "currency": one_of("EUR", "USD", "GBP", "JPY", "CHF"),
    "decimal": decimal(1, 500, 2),
    "department": one_of("Engineering", "Finance", "Marketing", "Sales", "Support"),
    "domain": lambda draw: f"{_slug(draw)}.example.com",
    "duration": lambda draw: f"PT{draw.randint(1, 59)}M",
    "email": _mail,
    "file": faked("file_name"),
    "first-name": faked("first_name"),
    "gender": one_of("female", "male", "other"),
    "hash": hexadecimal(40),
    "html": lambda draw: f"<p>{faked('sentence')(draw)}</p>",
    "iban": faked("iban"),
    "id": uuid,
    "image": _address_of("images.", ".png"),
    "ipv4": faked("ipv4_public"),
    "ipv6": faked("ipv6"),
    "job": faked("job"),
    "language": one_of("en", "de", "fr", "es", "it", "nl"),
    "last-name": faked("last_name"),
    "latitude": decimal(-90, 90, 6),
    "locale": one_of("en_US", "de_DE", "fr_FR", "es_ES"),
    "longitude": decimal(-180, 180, 6),
    "mac": faked("mac_address"),
    "media-type": one_of(*_TYPES),
    "month": lambda draw: f"{draw.randint(1, 12):02d}",
    "object-id": hexadecimal(24),
    "password": letters(_LETTERS, 14),
    "path": faked("file_path", depth=2),
    "person": faked("name"),
    "phone": _phone,
    "postcode": faked("postcode"),
    "semver": _version,
    "sentence": faked("sentence"),
    "sku": lambda draw: f"SKU-{draw.randint(10_000, 99_999)}",
    "slug": _slug,
    "state": faked("state"),
    "state-code": faked("state_abbr"),
    "status": one_of("active", "inactive", "pending"),
    "street": faked("street_address"),
    "text": faked("paragraph", nb_sentences=2),
    "time-zone": one_of("Europe/Berlin", "America/New_York", "Asia/Tokyo", "UTC"),
    "token": letters(_LETTERS, 32),
    "ulid": lambda draw: "01J" + letters(_BASE32, 23)(draw),
    "uri": _address_of(""),
    "user": faked("user_name"),
    "user-agent": one_of(*_AGENTS),
    "uuid": uuid,
    "vat": lambda draw: "DE" + digits(9)(draw),
    "word": lambda draw: words(draw, 1)[0],
}
"""Each kind of text, and how one is made."""
