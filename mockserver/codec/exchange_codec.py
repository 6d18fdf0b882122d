"""Exchanges as plain values, and the way back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from msgspec.msgpack import Encoder

from mockserver.codec.packed import refused
from mockserver.messages import Delivery, Exchange, Headers, Request, make
from mockserver.problem import Violation
from mockserver.web.header_fields import HeaderFields


def exchange_to_plain(exchange: Exchange) -> list[Any]:
    """The members of the exchange, without the code that its delivery calls."""
    request, delivery = exchange.request, exchange.delivery
    by_name = getattr(request.headers, "by_name", None)
    headers = by_name if by_name is not None else {name.lower(): value for name, value in request.headers.items()}
    plain: list[Any] = [*exchange]
    plain[_REQUEST] = [*request._replace(headers=headers)]
    plain[_VIOLATIONS] = [_violation_to_plain(violation) for violation in exchange.violations]
    plain[_BROKEN] = [_violation_to_plain(violation) for violation in exchange.broken]
    plain[_DELIVERY] = None if delivery is None else [*delivery[:_FINISH]]
    return plain


def is_plain(exchange: Exchange) -> bool:
    """Whether the exchange has no members but those that `packed_at_once` takes."""
    return (
        exchange.delivery is None
        and not (exchange.violations or exchange.broken)
        and type(exchange.request.headers) is HeaderFields
    )


def packed_at_once(value: Any) -> bytes | None:
    """The bytes of a value with plain exchanges in it; None: there is a number or a text in it that MessagePack does
    not have.
    """
    try:
        return _ENCODER.encode(value)
    except (OverflowError, UnicodeEncodeError):
        return None


def exchange_of_plain(plain: list[Any]) -> Exchange:
    """The exchange that has these members."""
    request: list[Any] = plain[_REQUEST]
    request[_HEADERS] = HeaderFields(request[_HEADERS])
    if request[_UNREAD] is not None:
        request[_UNREAD] = tuple(request[_UNREAD])
    plain[_REQUEST] = make(Request, request)
    plain[_RESPONSE_HEADERS] = headers_of_plain(plain[_RESPONSE_HEADERS])
    plain[_VIOLATIONS] = tuple(Violation(*members) for members in plain[_VIOLATIONS])
    plain[_BROKEN] = tuple(Violation(*members) for members in plain[_BROKEN])
    plain[_ASSUMPTIONS] = tuple(plain[_ASSUMPTIONS])
    if plain[_DELIVERY] is not None:
        plain[_DELIVERY] = Delivery(*plain[_DELIVERY])
    return make(Exchange, plain)


def headers_of_plain(pairs: Iterable[list[str]]) -> Headers:
    """The header fields of these pairs."""
    return tuple((name, value) for name, value in pairs)


def _violation_to_plain(violation: Violation) -> list[Any]:
    return [
        violation.place, violation.pointer, violation.keyword, violation.message, violation.seen, violation.expected,
    ]  # fmt: skip


def _by_name(value: Any) -> dict[str, str]:
    return value.by_name if type(value) is HeaderFields else refused(value)


_ENCODER: Final = Encoder(enc_hook=_by_name)
_REQUEST, _RESPONSE_HEADERS, _VIOLATIONS, _BROKEN, _ASSUMPTIONS, _DELIVERY = map(
    Exchange._fields.index, ("request", "headers", "violations", "broken", "assumptions", "delivery")
)
_HEADERS, _UNREAD = map(Request._fields.index, ("headers", "unread"))
_FINISH = Delivery._fields.index("finish")
