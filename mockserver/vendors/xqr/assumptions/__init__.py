"""The ledger: every choice that a client of xQR can see and that no page of the vendor makes."""

from __future__ import annotations

from mockserver.vendors.xqr.assumptions import access, bulk, links, visits, webhooks

ASSUMPTIONS = (
    *bulk.STATUS,
    *bulk.CREATION,
    *links.READS,
    *links.WRITES,
    *links.STATISTICS,
    *access.CALLERS,
    *access.REFUSALS,
    *access.BUDGETS,
    *visits.VISITS,
    *visits.RULES,
    *webhooks.WEBHOOKS,
)
