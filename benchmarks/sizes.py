"""What requests to a described API cost among few and among many records: in this process, without a server."""

from __future__ import annotations

import gc
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from statistics import median
from typing import Any, Final

from benchmarks.described import DOCUMENT, order
from benchmarks.failure import Failed
from mockserver.server import Options, create_app
from mockserver.web.door import WsgiApp

SIZES: Final = (10, 10_000, 100_000)
EACH: Final = 5
"""Orders of one customer."""
ROUNDS, REQUESTS = 15, 20


@dataclass
class Shop:
    """The shop with so many orders; `gone` counts those that were deleted."""

    size: int
    app: WsgiApp = field(init=False)
    gone: int = 0

    def __post_init__(self) -> None:
        self.app = create_app(Options(apis=(str(DOCUMENT),)))
        for number in range(100, self.size, -1):
            self.send("DELETE", f"/orders/{number}")
        for number in range(100, self.size):
            self.send("POST", "/orders", order(number // EACH))

    def send(self, method: str, path: str, body: bytes = b"") -> Any:
        """The JSON value of one answer; None where it has none. Raises Failed for what is no success."""
        path, _, query = path.partition("?")
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "HTTP_HOST": "127.0.0.1:4010",
            "HTTP_ACCEPT": "*/*",
        }
        if body:
            sent: dict[str, Any] = {
                "CONTENT_TYPE": "application/json",
                "CONTENT_LENGTH": str(len(body)),
                "wsgi.input": BytesIO(body),
            }
            environ |= sent
        told: list[str] = []
        content = b"".join(self.app(environ, lambda status, _headers: told.append(status)))
        if not told[0].startswith("2"):
            raise Failed(f"{method} {path} was answered with {told[0]}: {content[:500]!r}")
        return json.loads(content) if content else None


def _create(shop: Shop, number: int) -> None:
    shop.send("POST", "/orders", order(number))


def _read(shop: Shop, number: int) -> None:
    shop.send("GET", f"/orders/{_an_id(shop, number)}")


def _change(shop: Shop, number: int) -> None:
    shop.send("PATCH", f"/orders/{_an_id(shop, number)}", b'{"note": "%d"}' % number)


def _delete(shop: Shop, number: int) -> None:
    """One that was made for it, whose making is not timed."""
    shop.send("DELETE", f"/orders/{number}")


def _page(shop: Shop, number: int) -> None:
    shop.send("GET", f"/orders?limit=5&offset={number % 5}")


def _last_page(shop: Shop, number: int) -> None:
    """One of two, since a list that is asked for again is not made again."""
    shop.send("GET", f"/orders?limit=5&offset={shop.size - 5 - number % 2}")


def _filter(shop: Shop, number: int) -> None:
    """Of one of two customers, for the same reason."""
    shop.send("GET", f"/orders?customer_id={(shop.size - 1) // EACH - number % 2}")


def _an_id(shop: Shop, number: int) -> int:
    """Of one of the ten newest that were there at first."""
    return shop.size - number % 10


REQUESTS_OF: Final[Mapping[str, Callable[[Shop, int], None]]] = {
    "create": _create,
    "read": _read,
    "change": _change,
    "delete": _delete,
    "page of 5": _page,
    "last page of 5": _last_page,
    "filter by foreign key": _filter,
}


def measure_sizes() -> list[dict[str, Any]]:
    """Microseconds of each request among each number of records: the median of rounds, in each the mean of several.
    The sizes take turns within a round. Raises Failed.
    """
    shops = [Shop(size) for size in SIZES]
    gc.collect()
    gc.freeze()
    took: dict[tuple[str, int], list[float]] = {}
    for number in range(ROUNDS + 1):
        for request, ask in REQUESTS_OF.items():
            for shop in shops:
                spent = _timed(shop, ask, _made(shop) if request == "delete" else [*range(REQUESTS)])
                if number:
                    took.setdefault((request, shop.size), []).append(spent)
    gc.unfreeze()
    return [{"request": request, "records": size, "cost": median(costs)} for (request, size), costs in took.items()]


def _made(shop: Shop) -> list[int]:
    """The ids of orders that were made just now."""
    return [shop.send("POST", "/orders", order(1_000_000))["id"] for _ in range(REQUESTS)]


def _timed(shop: Shop, ask: Callable[[Shop, int], None], numbers: list[int]) -> float:
    began = time.perf_counter()
    for number in numbers:
        ask(shop, number)
    return (time.perf_counter() - began) * 1e6 / len(numbers)
