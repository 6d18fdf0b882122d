"""Derives the kind of text or the range of numbers of a field from the words of its name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from mockserver.generate.texts.vocabulary import VOCABULARY
from mockserver.spelling import words_of


class Span(NamedTuple):
    """The numbers of a field: from `low` to `high` in steps of `step`."""

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
    "card-brand": "card brand, card type",
    "city": "city, town, locality, city name, place of birth",
    "color": "color, colour, hex color, background color",
    "company": "company, company name, brand, brand name, organization, organisation, organization name, employer, "
    "business name, legal name, merchant, merchant name, vendor, supplier, manufacturer, publisher",
    "country": "country, country name, nationality",
    "country-code": "country code, country iso, iso country, country iso code, alpha 2, iso 2",
    "country-code-3": "alpha 3, iso 3, country code 3",
    "currency": "currency, price unit, currency iso code, currency code, iso currency",
    "date": "date, birthday, birth date, date of birth, dob, day",
    "date-time": "create time, update time, expire time, delete time, "
    "created at, updated at, deleted at, at, created, updated, modified, created on, updated on, "
    "timestamp, datetime, date time, time stamp, last modified, last login, last seen, expires, expiry, expires at, "
    "created date, updated date, modified date, creation date, start date, end date, due date, since, until",
    "decimal": "spent, total spent, price, amount, total, subtotal, cost, fee, balance, tax, discount, unit price, "
    "net, gross, rate, value",
    "department": "department, team, division",
    "domain": "domain, domain name, host, hostname, host name, fqdn, server name",
    "duration": "duration",
    "email": "email, e mail, mail, email address, mail address, contact email, recipient, sender, reply to",
    "file": "file, filename, file name, attachment",
    "first-name": "first name, firstname, given name, forename, fname, nickname, middle name",
    "gender": "gender, sex",
    "hash": "hash, sha, sha 1, parent, tree, tree sha, commit sha, head sha, checksum, digest, fingerprint, commit, "
    "commit id, etag",
    "html": "html, html body",
    "iban": "iban",
    "invoice-number": "invoice number, invoice no, bill number",
    "isbn": "isbn, isbn 13",
    "isbn-10": "isbn 10",
    "md5": "md 5, md 5 hash, md 5 sum, md 5 checksum",
    "order-number": "order number, order no, order reference",
    "product": "product name, product, item name",
    "reference": "reference number, booking reference, confirmation number, case number, ticket number",
    "sha256": "sha 256, sha 256 hash, sha 256 sum, sha 256 checksum",
    "sha512": "sha 512",
    "vin": "vin, vehicle identification number",
    "id": "id, identifier, guid, reference id, external id, request id, correlation id, trace id",
    "image": "image, src, photo, avatar, avatar url, image url, photo url, logo, logo url, icon, icon url, thumbnail, "
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
    "person": "full name, fullname, display name, customer name, contact name, author, author name, owner, owner "
    "name, cardholder, card holder, cardholder name, card holder name, account holder, holder, holder name, user "
    "full name, person, contact, assignee, doctor, doctor name, physician, primary physician, prescribed by, "
    "passenger name, guest name, real name, creator, committer, reviewer, approver, manager, sender name, recipient "
    "name",
    "phone": "phone, from phone, to phone, phone number, telephone, mobile, mobile number, fax, cell, cell phone, "
    "tel, msisdn, mobile phone",
    "postcode": "zip, zip code, postcode, postal code, zipcode",
    "semver": "version, app version, api version, software version",
    "sentence": "purpose text, status text, alt, alt text, fallback, headline, summary, caption, subtitle, message, "
    "note, remark, hint, detail",
    "sku": "sku, product code, article number, item number, part number, mpn",
    "slug": "slug, handle, permalink",
    "state": "state name, province, region, county",
    "state-code": "state code, region code, province code",
    "status": "status",
    "street": "street, line1, line 1, street address, address line, address line1, address1, address 1, street name, "
    "address line 1",
    "text": "description, body, text, long text, comment, content, bio, about, notes, comments, long description, "
    "abstract",
    "time": "time, start time of day, opening time, closing time",
    "time-zone": "timezone, time zone, tz",
    "title": "title, name, label, project name, group name",
    "token": "token, access token, refresh token, api key, apikey, secret, client secret, key, signature, secret key",
    "ulid": "ulid",
    "digits-2": "pin length",
    "digits-3": "cvc, cvv, cvv2, security code, card verification value, country calling code",
    "digits-4": "pin, last4, last 4, last four, card last4, card last 4, mcc, merchant category code, otp, "
    "verification code",
    "digits-8": "mrn, medical record number, insurance number, policy number, member number, member id number, "
    "loyalty number, customer number, employee number",
    "digits-9": "routing number, aba, routing no, duns",
    "digits-12": "tracking number, tracking no, tracking code, waybill, waybill number, rrn",
    "sort-code": "sort code",
    "ssn": "ssn, social security number",
    "passport": "passport, passport number, passport no, document number, id number",
    "record-locator": "pnr, record locator, booking code",
    "git-url": "clone url, git url",
    "ssh-url": "ssh url",
    "version-tag": "tag name, release tag, git tag",
    "stamp": "ts, thread ts, event ts, last read",
    "clock": "check in time, check out time, opens, closes",
    "uri": "url, uri, link, href, website, homepage, web site, callback, callback url, webhook, endpoint, self, "
    "first, last, previous, redirect uri, html url",
    "user": "username, user name, login, user, screen name, account name, uid",
    "user-agent": "user agent, browser",
    "uuid": "uuid",
    "vat": "vat, vat number, vat id, tax id, tax number, tin",
    "word": "word",
    "year": "year, exp year, expiry year",
}

_CENT = Fraction(1, 100)
_FINE = Fraction(1, 1_000_000)
_NUMBERS: tuple[tuple[str, Span], ...] = (
    ("price, amount, total, subtotal, cost, fee, balance, net, gross, salary, revenue, value", Span(1, 500, _CENT)),
    ("tax, discount, rate, percent, percentage, ratio, progress, vat", Span(0, 100, _CENT)),
    ("rating, average rating, review score", Span(3, 5, Fraction(1, 10))),
    ("score, stars", Span(1, 5, Fraction(1, 10))),
    ("interest rate, apr, apy, tax rate, vat rate", Span(0, 20, _CENT)),
    ("exchange rate, conversion rate, fx rate", Span(0, 2, _CENT)),
    ("overdraft limit, credit limit, spending limit, daily limit, card limit", Span(500, 10_000, Fraction(100))),
    ("heart rate, pulse, bpm", Span(58, 96)),
    ("systolic", Span(105, 138)),
    ("diastolic", Span(65, 88)),
    ("respiratory rate", Span(12, 20)),
    ("oxygen saturation, spo 2, humidity", Span(90, 99)),
    ("body temperature", Span(36, 38, Fraction(1, 10))),
    ("temperature, temp", Span(12, 37, Fraction(1, 10))),
    ("height cm", Span(150, 195)),
    ("weight kg", Span(48, 105, Fraction(1, 10))),
    ("guests, adults, passengers, occupancy, party size, rooms", Span(1, 4)),
    ("children, infants, stops, layovers, refills", Span(0, 2)),
    ("nights, days, night count", Span(1, 14)),
    ("duration, minutes, duration minutes", Span(15, 180, Fraction(5))),
    ("seats, seats available, available seats, capacity, members", Span(1, 180)),
    ("distance, distance km, distance miles", Span(5, 900)),
    ("tz offset, utc offset", Span(-18_000, 32_400, Fraction(3600))),
    ("additions, deletions, files changed, changed files, attempts, retries", Span(1, 60)),
    ("file size, size in bytes, bytes, byte size", Span(1_000, 900_000)),
    ("confidence, probability, weight factor", Span(0, 1, _CENT)),
    ("lat, latitude", Span(-90, 90, _FINE)),
    ("lng, lon, long, longitude", Span(-180, 180, _FINE)),
    ("age", Span(18, 90)),
    ("exp year, expiry year, expiration year", Span(2028, 2032)),
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
    ("content length", Span(100, 1_000_000)),
    ("code, status code", Span(200, 204)),
    ("expires in, expires in seconds, ttl, max age", Span(300, 86_400, Fraction(300))),
    ("id", Span(1, 1_000_000)),
)

_KIND_OF = {
    **{name: kind for kind, names in _TEXTS.items() for name in names.split(", ")},
    **{name: kind for kind, entry in VOCABULARY.items() for name in entry.names.split(", ") if name},
}
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
_LITTLE = {"name", "title", "label", "display name", "code", "number"}
_CALLED: Mapping[str, str] = {
    "city": "city, town",
    "company": "company, organization, organisation, employer, business, merchant, vendor, supplier, manufacturer, "
    "publisher, brand, tenant, carrier, airline, bank",
    "country": "country",
    "department": "department, team, division",
    "person": "person, user, customer, employee, author, contact, owner, member, patient, student, teacher, driver, "
    "guest, passenger, artist, actor, candidate, attendee, client, subscriber, profile, recipient, assignee, creator",
    "pet": "pet, animal, dog, cat",
    "product": "product, item, goods, variant",
    "state": "state, province, region",
    "task": "task, todo, issue, ticket, reminder",
}
_CODED: Mapping[str, str] = {
    "country-code": "country",
    "currency": "currency",
    "invoice-number": "invoice",
    "language": "language",
    "order-number": "order",
    "state-code": "state, province",
}
_OF_OWNER: Mapping[str, Mapping[str, str]] = {
    "card": {"number": "card", "brand": "network", "type": "network"},
    "address, location, venue, billing, shipping": {"state": "state-code"},
    "repository, repo, package, module, project": {
        "branch": "git-branch",
        "name": "repository",
        "language": "programming-language",
        "full name": "repository-path",
        "description": "goal",
    },
    "channel, room": {"name": "channel", "topic": "goal", "purpose": "goal"},
    "label": {"name": "label"},
    "branch": {"name": "git-branch"},
    "commit": {"message": "commit-message", "branch": "git-branch", "tag": "version-tag"},
    "asset, attachment, file, document, upload": {"name": "file", "title": "file"},
    "reaction": {"name": "emoji"},
    "message, chat, sms, post": {
        "text": "chat",
        "body": "chat",
        "from": "phone",
        "to": "phone",
        "type": "message-type",
        "status": "message-status",
        "channel": "channel",
    },
    "email, mail": {"from": "email", "to": "email", "cc": "email", "bcc": "email"},
    "webhook, hook": {"event": "event", "content type": "json-type"},
    "counterparty, beneficiary, payee, creditor, debtor": {"name": "company"},
    "hotel, property, accommodation": {"name": "hotel", "description": "stay"},
    "airport": {"name": "city", "code": "airport-code"},
    "airline": {"name": "airline", "code": "airline-code"},
    "flight": {"origin": "airport-code", "destination": "airport-code", "number": "flight-number"},
    "product, item, variant": {"description": "product-text", "body": "product-text", "html": "product-html"},
    "user, member, employee, person, profile": {"title": "job", "bio": "bio", "state": "user-state"},
    "transaction, payment, transfer, entry": {
        "type": "transaction-type",
        "description": "remittance",
        "reference": "reference",
        "status": "payment-status",
    },
    "owner": {"type": "owner-type"},
    "release": {"name": "version-tag", "body": "goal"},
    "discount, coupon, voucher, promotion": {"code": "coupon"},
    "appointment, visit": {
        "reason": "visit-reason",
        "note": "remark",
        "department": "specialty",
        "status": "visit-status",
    },
    "order, shipment": {"status": "order-status", "state": "order-status"},
    "patient, student": {"name": "person"},
    "city": {"state": "state"},
    "error": {"code": "error-code", "message": "error"},
    "vital, measurement, observation": {"unit": "metric-unit"},
}
"""Kinds of members that depend on the object they belong to."""
_BY_OWNER = {
    (owner, member): kind
    for owners, members in _OF_OWNER.items()
    for owner in owners.split(", ")
    for member, kind in members.items()
}
_OWNED = tuple(
    {name: kind for kind, names in table.items() for name in names.split(", ")} for table in (_CALLED, _CODED)
)
_FORMS = {
    "dto", "response", "request", "model", "schema", "input", "output", "out", "in", "read", "create", "update",
    "detail", "details", "summary", "entity", "resource", "base", "object", "public", "info", "data", "v",
}  # fmt: skip
"""Words in schema names that describe a form of the thing, not the thing."""


def endings(name: str) -> Iterator[str]:
    """The endings of a name, longest first, also in the singular."""
    words = words_of(name)
    for start in range(max(0, len(words) - 4), len(words)):
        ending = " ".join(words[start:])
        yield ending
        if ending.endswith("ies"):
            yield ending[:-3] + "y"
        if ending.endswith("s") and not ending.endswith("ss"):
            yield ending[:-1]


@lru_cache(maxsize=4096)
def kind_of(name: str, owners: tuple[str, ...] = ()) -> str:
    """The kind of text of a field with this name; empty if the name does not tell. A generic name such as `name` takes
    its kind from the first known one of its `owners`: names of schemas, members or collections.
    """
    little = " ".join(words_of(name))
    for owner in map(_noun, owners):
        of_owner = (_BY_OWNER.get((owner, member)) for member in (little, little.removesuffix("s")))
        found = next((kind for kind in of_owner if kind is not None), None)
        if found is not None:
            return found
    if little in _LITTLE:
        for owner in owners:
            owned = _OWNED[little in ("code", "number")].get(_noun(owner), "")
            if owned and (little != "title" or owned != "person"):
                return owned
    return next((kind for ending in endings(name) if (kind := _KIND_OF.get(ending))), "")


def _noun(owner: str) -> str:
    """The singular noun in the name of a schema, member or collection: `product` for `ProductResponseV2`."""
    stated = [word for word in words_of(owner) if not word.isdigit()]
    nouns = [word for word in stated if word not in _FORMS] or stated or [""]
    last = nouns[-1]
    if last.endswith("ies"):
        return last[:-3] + "y"
    return last[:-1] if last.endswith("s") and not last.endswith("ss") and last != "goods" else last


@lru_cache(maxsize=4096)
def span_of(name: str) -> Span | None:
    """The numbers of a field with this name; None if the name does not tell."""
    return next((span for ending in endings(name) if (span := _SPAN_OF.get(ending))), None)


@lru_cache(maxsize=4096)
def is_dated(name: str) -> bool:
    """Whether a number with this name is a moment in epoch seconds."""
    words = words_of(name)
    return bool(words) and words[-1] in _DATED
