"""What the pages leave open about those who follow a short link."""

from __future__ import annotations

from mockserver.engine.api import Assumption
from mockserver.openapi.normalize.edits import ABSENT

VISIT = "GET https://xqr.co/{short_code}"
ANSWERS = "/paths/~1{short_code}/get/responses"
REDIRECT = {"$ref": "#/components/responses/Redirect"}

VISITS = (
    Assumption(
        "redirect-status",
        "With which status is a visitor sent on?",
        {"302": "302 Found.", "301": "301 Moved Permanently.", "307": "307 Temporary Redirect."},
        "302",
        f"{VISIT}, without following.",
        document={status: {f"{ANSWERS}/{status}": REDIRECT, f"{ANSWERS}/302": ABSENT} for status in ("301", "307")},
    ),
    Assumption(
        "visitor-refusal",
        "What does a visitor see of a link that leads nowhere?",
        {"page": "A small page.", "envelope": "The error that the API would answer."},
        "page",
        f"{VISIT} with a code that nobody has; look at the Content-Type.",
    ),
    Assumption(
        "gone-scans",
        "Does it count as a scan that somebody followed a disabled or expired link?",
        {"not-counted": "It does not.", "counted": "It does."},
        "not-counted",
        f"Disable a link, {VISIT}, and look at its `scan_count`.",
    ),
    Assumption(
        "head-scans",
        "Does it count as a scan that somebody asked with HEAD where a link leads?",
        {"not-counted": "It does not: programs that check links ask so.", "counted": "It does."},
        "not-counted",
        "HEAD https://xqr.co/{short_code}, and look at the link's `scan_count`.",
    ),
    Assumption(
        "scan-updated-at",
        "Does a scan move a link's `updated_at`?",
        {"kept": "It does not.", "moved": "It does."},
        "kept",
        f"{VISIT}, and read the link.",
    ),
    Assumption(
        "scan-thresholds",
        "At how many scans is `link.threshold` sent?",
        {
            "powers-of-ten": "At 100, 1,000, 10,000 and so on.",
            "thousands": "At each 1,000.",
            "never": "It is not sent.",
        },
        "powers-of-ten",
        "Make a webhook for `link.threshold`, and follow a link 1,000 times.",
    ),
    Assumption(
        "visitor-country",
        "What tells the country of a visitor?",
        {
            "edge-header": "The header CF-IPCountry, as an edge server sets it.",
            "language": "The region of the first language in Accept-Language.",
        },
        "edge-header",
        f"{VISIT} from a known country with another one in Accept-Language; look at the statistics.",
    ),
    Assumption(
        "visitor-address",
        "Which address has a visitor who comes through a proxy?",
        {"forwarded": "The first in X-Forwarded-For.", "peer": "The proxy's."},
        "forwarded",
        f"{VISIT} with X-Forwarded-For: 203.0.113.42; look at `ip` in `link.scanned`.",
    ),
)

RULES = (
    Assumption(
        "rule-conditions",
        "When does a routing rule match that has several conditions?",
        {"all": "When all of them hold.", "any": "When one of them holds."},
        "all",
        f"Give a rule a country and a device, and {VISIT} from there with another device.",
    ),
    Assumption(
        "hours-end",
        "Does a rule for the hours 9 to 17 hold at half past five?",
        {"exclusive": "It does not: it ends at 17:00.", "inclusive": "It does: the hour 17 belongs to it."},
        "exclusive",
        f"Give a rule hours that end with the present one, and {VISIT}.",
    ),
    Assumption(
        "hours-zone",
        "In which time zone are the hours of a rule?",
        {
            "utc": "UTC.",
            "visitor": "The visitor's, which an edge server names in CF-Timezone; UTC where it names none.",
        },
        "utc",
        f"Give a rule the present hour in UTC alone, and {VISIT} from another time zone.",
    ),
    Assumption(
        "percentage-scale",
        "How is half of the visitors written?",
        {"hundred": "50.", "one": "0.5."},
        "hundred",
        f"Give a rule the percentage 1, and {VISIT} a few times.",
    ),
    Assumption(
        "percentage-draw",
        "Does a rule's share of the visitors have the same visitors each time?",
        {"each-visit": "Each visit draws anew.", "by-visitor": "A visitor of one address and browser stays."},
        "each-visit",
        f"Give a rule the percentage 50, and {VISIT} ten times.",
    ),
)
