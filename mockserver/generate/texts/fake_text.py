"""Realistic texts by kind: an e-mail address, a city, an IBAN. Faker is imported for the first one."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from threading import Lock
from typing import Any
from unicodedata import normalize

from mockserver.generate.random_stream import Substream
from mockserver.generate.texts.catalogue import THINGS
from mockserver.generate.texts.vocabulary import VOCABULARY
from mockserver.spelling import words_of

DAY = 86_400
_1970 = datetime(1970, 1, 1, tzinfo=UTC)
Make = Callable[[Substream], str]

_PROVIDERS = ("address", "bank", "color", "company", "credit_card", "currency", "file", "internet", "job", "lorem")
_MORE = ("person", "phone_number", "misc", "barcode")
_LOCK = Lock()


@lru_cache(maxsize=1)
def _generator() -> Any:
    from faker import Faker

    providers = [f"faker.providers.{name}" for name in (*_PROVIDERS, *_MORE)]
    return Faker("en_US", providers=providers, use_weighting=False)["en_US"]


def faked(method: str, **arguments: Any) -> Make:
    """Generates a text with one of Faker's methods and the given random numbers."""

    def make(rng: Substream) -> str:
        generator = _generator()
        with _LOCK:
            generator.random = rng
            return str(getattr(generator, method)(**arguments))

    return make


def moment(rng: Substream, name: str, around: str = "") -> float:
    """Epoch seconds that suit the name of a date. Dates of one object lie near one moment, chosen by `around`: creation
    and start at it, end some hours later, update some days later; expiry lies after the moment of the seed key.
    """
    parts = words_of(name)
    for starts, first, last in _FAR_OFF:
        if any(word.startswith(starts) for word in parts):
            return rng.seed_key.at + rng.move(f"{around}|{name}|moment").randint(first * DAY, last * DAY)
    base = rng.seed_key.at + rng.move(f"{around}|moment").randint(-700 * DAY, -40 * DAY)
    later = next(((low, high) for starts, low, high in _LATER if any(word.startswith(starts) for word in parts)), None)
    return base if later is None else base + rng.move(f"{around}|{name}|moment").randint(*later)


HOUR = 3_600
_FAR_OFF = (
    (("expir", "exp", "until", "due", "next", "valid", "deadline", "renew", "schedul"), 1, 365),
    (("birth", "dob"), -25_000, -7_000),
)
_LATER = (
    (("updat", "modif", "chang", "edit", "last", "seen", "sync", "clos", "cancel", "process", "publi", "push"),
     DAY, 30 * DAY),
    (("out",), DAY, 7 * DAY),
    (("end", "finish", "complet", "arriv", "deliver", "measur", "read"), HOUR, 6 * HOUR),
)  # fmt: skip


def _date(form: str) -> Callable[[Substream, str, str], str]:
    def make(rng: Substream, name: str, around: str) -> str:
        if _is_end_date(name, form):
            return (_1970 + timedelta(seconds=rng.seed_key.at + rng.randint(DAY, 365 * DAY))).strftime(form)
        return (_1970 + timedelta(seconds=moment(rng, name, around))).strftime(form)

    return make


def _is_end_date(name: str, form: str) -> bool:
    """Whether the date is the end of a period and therefore in the future."""
    parts = words_of(name)
    return "end" in parts and ("H" not in form or parts[-1] in ("date", "end"))


DATES: Mapping[str, Callable[[Substream, str, str], str]] = {
    "date-time": _date("%Y-%m-%dT%H:%M:%SZ"),
    "date": _date("%Y-%m-%d"),
    "time": _date("%H:%M:%SZ"),
    "epoch": lambda rng, name, around: str(int(moment(rng, name, around))),
    "year": _date("%Y"),
    "http-date": _date("%a, %d %b %Y %H:%M:%S GMT"),
}
"""Generators that depend on the field's name and on the object as well."""


def digits(count: int) -> Make:
    """Generates `count` digits, the first not 0."""
    return lambda rng: str(rng.randrange(10 ** (count - 1), 10**count))


def hexadecimal(count: int) -> Make:
    """Generates `count` lower-case hexadecimal digits."""
    return lambda rng: f"{rng.getrandbits(4 * count):0{count}x}"


def uuid(rng: Substream) -> str:
    """A version 4 UUID in lower case."""
    h = hexadecimal(32)(rng)
    return f"{h[:8]}-{h[8:12]}-4{h[13:16]}-{'89ab'[int(h[16], 16) & 3]}{h[17:20]}-{h[20:]}"


def letters(alphabet: str, count: int) -> Make:
    """Generates `count` characters of an alphabet."""
    return lambda rng: "".join(rng.choices(alphabet, k=count))


def one_of(*texts: str) -> Make:
    """Chooses one of these texts."""
    return lambda rng: rng.choice(texts)


def decimal(low: int, high: int, places: int) -> Make:
    """Generates a decimal number between two integers."""
    unit = 10**places
    return lambda rng: f"{rng.randint(low * unit, high * unit) / unit:.{places}f}"


def _version(rng: Substream) -> str:
    return f"{rng.randint(0, 5)}.{rng.randint(0, 20)}.{rng.randint(0, 20)}"


def _phone(rng: Substream) -> str:
    return f"+1{rng.randint(201, 989)}555{rng.randint(100, 199):04d}"


def _address(rng: Substream) -> str:
    return f"{faked('street_address')(rng)}, {faked('city')(rng)}, {faked('state_abbr')(rng)} {faked('postcode')(rng)}"


def _person(rng: Substream) -> str:
    return f"{faked('first_name')(rng)} {faked('last_name')(rng)}"


def _mail(rng: Substream) -> str:
    first, last = faked("first_name")(rng).lower(), faked("last_name")(rng).lower()
    return f"{first}.{last}@example.{rng.choice(('com', 'org', 'net'))}"


def _address_of(prefix: str, suffix: str = "") -> Make:
    return lambda rng: f"https://{prefix}example.com/{_slug(rng)}{suffix}"


def _slug(rng: Substream) -> str:
    return slug_of(THINGS["title"](rng))


def slug_of(title: str) -> str:
    """The title as a URL segment: `Green Tea, 50 g` becomes `green-tea-50-g`."""
    plain = normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return "-".join(_IN_SLUGS.findall(plain))


_IN_SLUGS = re.compile("[a-z0-9]+")


def _sentence(rng: Substream) -> str:
    return f"{rng.choice(_SUBJECTS)} {rng.choice(_PREDICATES)}."


_SUBJECTS = (
    "The team",
    "The customer",
    "Our office",
    "The supplier",
    "The manager",
    "Support",
    "The client",
    "Accounting",
)
_PREDICATES = (
    "confirmed the date", "asked for a quick reply", "sent the documents", "approved the changes", "saw the details",
    "will follow up on Monday", "is waiting for an answer", "updated the address", "noted the request",
    "agreed to the new terms", "added a short summary", "closed the open points",
)  # fmt: skip


def _text(rng: Substream) -> str:
    return f"{_sentence(rng)} {_sentence(rng)}"


def words(rng: Substream, count: int) -> list[str]:
    """`count` English words."""
    generator = _generator()
    with _LOCK:
        generator.random = rng
        return list(generator.words(count))


def _base64(rng: Substream) -> str:
    return b64encode(" ".join(words(rng, 2)).encode()).decode()


_BASE32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_AGENTS = (
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:140.0) Gecko/20100101 Firefox/140.0",
)
_TYPES = ("application/json", "application/pdf", "image/png", "text/plain")

KINDS: Mapping[str, Make] = {
    **THINGS,
    **{kind: one_of(*entry.texts) for kind, entry in VOCABULARY.items()},
    **{f"digits-{count}": digits(count) for count in (2, 3, 4, 8, 9, 12)},
    "clock": lambda rng: f"{rng.randint(8, 17):02d}:{rng.choice(('00', '30'))}",
    "git-url": _address_of("git.", ".git"),
    "passport": lambda rng: rng.choice("CLX") + digits(8)(rng),
    "record-locator": letters("ABCDEFGHJKLMNPQRSTUVWXYZ23456789", 6),
    "repository-path": lambda rng: f"{faked('user_name')(rng)}/{rng.choice(VOCABULARY['repository'].texts)}",
    "sort-code": lambda rng: "-".join(f"{rng.randint(10, 99)}" for _ in range(3)),
    "ssh-url": lambda rng: f"git@git.example.com:{_slug(rng)}.git",
    "ssn": lambda rng: f"9{rng.randint(0, 99):02d}-{rng.randint(10, 99)}-{rng.randint(1000, 9999)}",
    "stamp": lambda rng: f"{int(moment(rng, 'last'))}.{rng.randint(100, 999_999):06d}",
    "version-tag": lambda rng: f"v{_version(rng)}",
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
    "domain": lambda rng: f"{_slug(rng)}.example.com",
    "duration": lambda rng: f"PT{rng.randint(1, 59)}M",
    "email": _mail,
    "file": faked("file_name"),
    "first-name": faked("first_name"),
    "gender": one_of("female", "male", "other"),
    "hash": hexadecimal(40),
    "html": lambda rng: f"<p>{_sentence(rng)}</p>",
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
    "month": lambda rng: f"{rng.randint(1, 12):02d}",
    "object-id": hexadecimal(24),
    "password": letters(_LETTERS, 14),
    "path": faked("file_path", depth=2),
    "person": _person,
    "phone": _phone,
    "postcode": faked("postcode"),
    "semver": _version,
    "sentence": _sentence,
    "sku": lambda rng: f"SKU-{rng.randint(10_000, 99_999)}",
    "slug": _slug,
    "state": faked("state"),
    "state-code": faked("state_abbr"),
    "status": one_of("active", "inactive", "pending"),
    "street": faked("street_address"),
    "text": _text,
    "time-zone": one_of("Europe/Berlin", "America/New_York", "Asia/Tokyo", "UTC"),
    "token": letters(_LETTERS, 32),
    "ulid": lambda rng: "01J" + letters(_BASE32, 23)(rng),
    "uri": _address_of(""),
    "user": faked("user_name"),
    "user-agent": one_of(*_AGENTS),
    "uuid": uuid,
    "vat": lambda rng: "DE" + digits(9)(rng),
    "word": one_of("standard", "basic", "premium", "custom", "internal", "general", "special"),
}
"""A generator for each kind of text."""
