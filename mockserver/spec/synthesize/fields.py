"""What a field's name says about its value: two tables, from the words of a name to a kind of text or a range."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple


class Span(NamedTuple):
    """Numbers that a field of this name has: from `low` to `high` in steps of `step`."""

    low: int
    high: int
    step: Fraction = Fraction(1)


_TEXTS: Mapping[str, str] = {
    "account": "account number, bank account, account no",
    "address": "address, billing address, shipping address, formatted address, location",
    "barcode": "barcode, ean, gtin, upc",
    "base64": "base64, b64, encoded content",
    "bic": "bic, swift, swift code",
    "building": "house number, building number, street number",
    "card": "card number, credit card, pan",
    "card-brand": "card brand, card type, brand",
    "city": "city, town, locality, city name, place of birth",
    "color": "color, colour, hex color, background color",
    "company": "company, company name, organization, organisation, organization name, employer, business name, "
    "legal name, merchant, merchant name, vendor, supplier, manufacturer, publisher",
    "country": "country, country name, nationality",
    "country-code": "country code, country iso, iso country, country iso code, alpha2",
    "currency": "currency, currency code, iso currency",
    "date": "date, birthday, birth date, date of birth, dob, day",
    "date-time": "created at, updated at, deleted at, at, created, updated, modified, created on, updated on, "
    "timestamp, datetime, date time, time stamp, last modified, last login, last seen, expires, expiry, expires at, "
    "created date, updated date, modified date, creation date, start date, end date, due date, since, until",
    "decimal": "price, amount, total, subtotal, cost, fee, balance, tax, discount, unit price, net, gross, rate, value",
    "department": "department, team, division",
    "domain": "domain, domain name, host, hostname, host name, fqdn, server name",
    "duration": "duration",
    "email": "email, e mail, mail, email address, mail address, contact email, recipient, sender, reply to",
    "file": "file, filename, file name, attachment",
    "first-name": "first name, firstname, given name, forename, fname, nickname, middle name",
    "gender": "gender, sex",
    "hash": "hash, sha, sha1, checksum, digest, fingerprint, commit, commit id, etag",
    "html": "html, html body",
    "iban": "iban",
    "id": "id, identifier, guid, reference id, external id, request id, correlation id, trace id",
    "image": "image, photo, avatar, avatar url, image url, photo url, logo, logo url, icon, icon url, thumbnail, "
    "thumbnail url, picture, picture url, cover",
    "ipv4": "ip, ip address, ipv4, ip addr, remote addr, client ip",
    "ipv6": "ipv6, ipv6 address",
    "job": "job, job title, occupation, profession, position",
    "language": "language, lang, language code",
    "last-name": "last name, lastname, surname, family name, lname",
    "latitude": "latitude, lat",
    "locale": "locale, culture",
    "longitude": "longitude, lng, lon, long",
    "mac": "mac, mac address",
    "media-type": "mime type, content type, media type, mimetype",
    "month": "month, exp month, expiry month",
    "password": "password, passwd, passphrase",
    "path": "path, file path, directory, folder",
    "person": "full name, fullname, display name, customer name, contact name, author, author name, owner, owner name, "
    "cardholder, card holder, account holder, user full name, person, contact, assignee",
    "phone": "phone, phone number, telephone, mobile, mobile number, fax, cell, cell phone, tel, msisdn, mobile phone",
    "postcode": "zip, zip code, postcode, postal code, zipcode",
    "semver": "version, app version, api version, software version",
    "sentence": "subject, headline, summary, caption, subtitle, message, note, reason, remark, hint, detail, error",
    "sku": "sku, product code, article number, item number, part number, mpn",
    "slug": "slug, handle, permalink",
    "state": "state name, province, region, county",
    "state-code": "state code, region code, province code",
    "status": "status",
    "street": "street, street address, address line, address line1, address1, line1, street name, address line 1",
    "text": "description, body, text, comment, content, bio, about, notes, comments, long description, abstract",
    "time": "time, start time of day, opening time, closing time",
    "time-zone": "timezone, time zone, tz",
    "title": "title, name, label, product name, product, item name, project name, group name",
    "token": "token, access token, refresh token, api key, apikey, secret, client secret, key, signature, secret key",
    "ulid": "ulid",
    "uri": "url, uri, link, href, website, homepage, web site, callback, callback url, webhook, endpoint, self, first, "
    "last, previous, redirect uri, html url",
    "user": "username, user name, login, user, screen name, account name, uid",
    "user-agent": "user agent, browser",
    "uuid": "uuid",
    "vat": "vat, vat number, vat id, tax id, tax number, tin",
    "word": "tag, keyword, category, type, kind, group, topic",
    "year": "year, exp year, expiry year",
}

_CENT = Fraction(1, 100)
_FINE = Fraction(1, 1_000_000)
_NUMBERS: tuple[tuple[str, Span], ...] = (
    ("price, amount, total, subtotal, cost, fee, balance, net, gross, salary, revenue, value", Span(1, 500, _CENT)),
    ("tax, discount, rate, percent, percentage, ratio, progress, vat", Span(0, 100, _CENT)),
    ("score, rating, stars", Span(1, 5, Fraction(1, 10))),
    ("confidence, probability, weight factor", Span(0, 1, _CENT)),
    ("lat, latitude", Span(-90, 90, _FINE)),
    ("lng, lon, long, longitude", Span(-180, 180, _FINE)),
    ("age", Span(18, 90)),
    ("year", Span(2015, 2026)),
    ("month", Span(1, 12)),
    ("day", Span(1, 28)),
    ("hour", Span(0, 23)),
    ("minute, second", Span(0, 59)),
    ("page, current page, page number", Span(1, 5)),
    ("per page, page size, limit, size", Span(10, 100)),
    ("offset, index, position, order, rank, priority, sequence", Span(0, 20)),
    ("port", Span(1024, 65535)),
    ("quantity, qty, count, stock, items, total count, views, likes", Span(1, 100)),
    ("width, height, length", Span(10, 2000)),
    ("weight", Span(1, 100, _CENT)),
    ("bytes, file size, content length", Span(100, 1_000_000)),
    ("code, status code", Span(200, 204)),
    ("expires in, expires in seconds, ttl, max age", Span(300, 86_400, Fraction(300))),
    ("id", Span(1, 1_000_000)),
)

_KIND_OF = {name: kind for kind, names in _TEXTS.items() for name in names.split(", ")}
_SPAN_OF = {name: span for names, span in _NUMBERS for name in names.split(", ")}
_DATED = {
    "at",
    "on",
    "date",
    "time",
    "timestamp",
    "created",
    "updated",
    "modified",
    "expires",
    "expiry",
    "since",
    "until",
}
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


@lru_cache(maxsize=4096)
def words_of(name: str) -> tuple[str, ...]:
    """The words of a field's name in lower case: `billingAddress_Line1` has four."""
    return tuple(word.lower() for word in _WORDS.findall(name))


def endings(name: str) -> Iterator[str]:
    """What a name ends in, the longest first, and in the singular."""
    words = words_of(name)
    for start in range(max(0, len(words) - 4), len(words)):
        ending = " ".join(words[start:])
        yield ending
        if ending.endswith("s") and not ending.endswith("ss"):
            yield ending[:-1]


@lru_cache(maxsize=4096)
def kind_of(name: str) -> str:
    """The kind of text that a field of this name holds, empty where the name says nothing."""
    return next((kind for ending in endings(name) if (kind := _KIND_OF.get(ending))), "")


@lru_cache(maxsize=4096)
def span_of(name: str) -> Span | None:
    """The numbers that a field of this name holds, None where the name says nothing."""
    return next((span for ending in endings(name) if (span := _SPAN_OF.get(ending))), None)


@lru_cache(maxsize=4096)
def is_dated(name: str) -> bool:
    """Whether a number of this name is a moment in epoch seconds."""
    words = words_of(name)
    return bool(words) and words[-1] in _DATED
