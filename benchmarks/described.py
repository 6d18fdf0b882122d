"""A described API: one order, a page of 20 and a new order, asked of the mock and of a bare function."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Final

from benchmarks.load import Ask
from benchmarks.measure import WSGI
from benchmarks.process import Subject

DOCUMENT: Final = Path(__file__).with_name("shop.yaml")
SHOP: Final = Subject(
    "mockserver", [sys.executable, "-m", "mockserver", "serve", str(DOCUMENT), "--port", "{port}"], warm_up=2
)
BARE: Final = replace(WSGI, prefix="")
LINES: Final = [{"sku": "SKU-1", "quantity": 2, "price": 3.5}, {"sku": "SKU-2", "quantity": 1}]


def order(customer: int) -> bytes:
    """The body of a new order of this customer."""
    return json.dumps({"customer_id": customer, "note": "by noon", "lines": LINES}).encode()


def asks() -> list[Ask]:
    """The three requests."""
    headers = {"Content-Type": "application/json"}
    return [
        Ask("get order", "GET", "/orders/7", {}),
        Ask("list of 20", "GET", "/orders?limit=20", {}),
        Ask("create order", "POST", "/orders", headers, (order(3), order(4)), status=201),
    ]
