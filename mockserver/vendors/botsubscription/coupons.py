"""Coupons: their discount on an amount."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from mockserver.engine.call import Call
from mockserver.engine.timestamps import utc_milliseconds
from mockserver.json_text import Json
from mockserver.state.records.record import Record
from mockserver.state.world import ApiState
from mockserver.vendors.botsubscription.envelope import OWN, missing, succeed

CENT = Decimal("0.01")


def validate_coupon(call: Call, state: ApiState) -> Json:
    """The discount of the coupon on the amount, or the reasons against it. The coupon is not redeemed."""
    body = call.body
    coupons = OWN.all(call, state, "coupons")
    coupon = next((coupon for coupon in coupons if coupon["code"] == body["code"]), None)
    if coupon is None:
        raise missing("Coupon")
    amount = Decimal(str(body["amount"]))
    reasons = reasons_against(coupon, body, utc_milliseconds(call.at))
    discount = Decimal(0) if reasons else discount_of(coupon, amount)
    data = {
        "coupon_id": coupon["coupon_id"],
        "eligible": not reasons,
        "reasons": reasons,
        "original_amount": without_trailing_zeros(amount),
        "applied_amount": without_trailing_zeros(discount),
        "final_amount": without_trailing_zeros(amount - discount),
        "currency": body["currency"],
    }
    return succeed(call, data)


def reasons_against(coupon: Record, body: Json, now: str) -> list[str]:
    """The reasons for which the coupon cannot be used; empty where it can."""
    plans, most = coupon["plan_ids"], coupon["max_redemptions"]
    against = {
        "COUPON_ARCHIVED": coupon["status"] != "active",
        "COUPON_NOT_STARTED": coupon["valid_from"] is not None and now < coupon["valid_from"],
        "COUPON_EXPIRED": coupon["valid_until"] is not None and now > coupon["valid_until"],
        "COUPON_USED_UP": most is not None and coupon["redemptions"] >= most,
        "PLAN_NOT_ELIGIBLE": bool(plans) and body.get("plan_id") not in plans,
        "CURRENCY_MISMATCH": coupon["discount_type"] == "fixed" and coupon["currency"] != body["currency"],
    }
    return [reason for reason, holds in against.items() if holds]


def discount_of(coupon: Record, amount: Decimal) -> Decimal:
    """The discount to the cent, at most the amount."""
    value = Decimal(coupon["discount_value"])
    if coupon["discount_type"] == "percentage":
        value = amount * value / 100
    return min(value.quantize(CENT, ROUND_HALF_UP), amount)


def without_trailing_zeros(amount: Decimal) -> str:
    """The amount without zeros at its end: `6`, `23.99`."""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


HANDLERS = {"validateCoupon": validate_coupon}
