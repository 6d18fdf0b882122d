"""What the documents leave open about new groups, links, statistics, visitors and webhooks."""

from __future__ import annotations

from mockserver.engine.api import Assumption

CREATE_GROUP = "POST /api/link-group/v1/create"
CREATE = "POST /api/link/v2/create"
BULK = "POST /api/link/v1/createBulk"
UPDATE = "PUT /api/link/v2/update"
BY_DATE = "GET /api/statistics/v2/clicks-by-date"

ASSUMPTIONS = (
    Assumption(
        "created-group",
        "What is `result` where a group was made?",
        {"idx": "The group's id.", "null": "null; the lists show the id."},
        "idx",
        f"{CREATE_GROUP} with nothing but nm; look at `result`.",
        document={"null": {"/components/schemas/LinkGroupCreated/properties/result": {"type": "null"}}},
    ),
    Assumption(
        "webhook-at-creation",
        "What does webhookEnableYn Y do in the call that makes a group?",
        {
            "store": "The webhook is on; its secret is made by the first update with Y, and nothing is sent before.",
            "ignore": "It stays off until an update.",
        },
        "store",
        f"{CREATE_GROUP} with webhookEnableYn Y and a webhookCallbackUrl, then list the group.",
    ),
    Assumption(
        "webhook-address",
        "Which addresses may receive events?",
        {
            "https": "https, and http on this machine (localhost, 127.0.0.1, [::1]), so that a test can receive.",
            "any": "https and http.",
        },
        "https",
        "PUT /api/link-group/v1/update with webhookCallbackUrl http://example.com/hook.",
    ),
    Assumption(
        "fields-below-plan",
        "What do redirectType, reuseYn and a changed url do on a plan that does not include them?",
        {"ignore": "They are ignored, the rest is done.", "refuse": "A failure, code 1006."},
        "ignore",
        f"{CREATE} with redirectType 301 and the key of a Free account.",
    ),
    Assumption(
        "link-settings",
        "Has a link a validity, an expiry page, a password and a click cap of its own?",
        {
            "accept": "It has, under the names of the group's: strtYmdt, endYmdt, expireUrl, pwd, acesMaxCnt.",
            "ignore": "Only groups have them; a link's are unknown fields.",
        },
        "accept",
        f"{CREATE} with pwd, then follow the link.",
    ),
    Assumption(
        "bulk-failures",
        "What happens where one of many links cannot be made?",
        {"refuse": "None is made; the failure is the answer.", "skip": "The others are made and answered."},
        "refuse",
        f"{BULK} with two links, the second with a grpIdx that does not exist.",
    ),
    Assumption(
        "bulk-size",
        "How many links may one call make on the plans above Business?",
        {"300": "300, as on Business.", "any": "As many as are sent."},
        "300",
        f"{BULK} with 301 links and the key of an Enterprise account.",
    ),
    Assumption(
        "statistics-limit",
        "What is five per cent of the calls of a minute?",
        {
            "share": "Rounded down: Free 1, Personal 9, Premium 15, Business 24, Business Plus 38, Enterprise 60.",
            "none": "No limit of its own; statistics count like any other call.",
        },
        "share",
        f"{BY_DATE} with the key of a Personal account until 429.",
    ),
    Assumption(
        "days-without-clicks",
        "Do statistics of version 2 list days and hours without clicks?",
        {"omit": "They do not.", "list": "They do, with zeros."},
        "omit",
        f"{BY_DATE} for a link that was clicked on one day of the month.",
    ),
    Assumption(
        "listed-unknown-groups",
        "What happens to groups in the list of clicks by group that the account does not have?",
        {"skip": "They have no row.", "refuse": "A failure, code 1002."},
        "skip",
        "GET /api/link/v1/clicks-by-group with a known and an unknown grpIdx.",
    ),
    Assumption(
        "unset-group-settings",
        "Which value holds where the group's is N, 0 or empty and the link has one of its own?",
        {"link": "The link's.", "group": "The group's: a link in a group has no setting of its own."},
        "link",
        f"{CREATE} with pwd and the grpIdx of a group without one, then follow the link.",
    ),
    Assumption(
        "notice-status",
        "Which HTTP status has a page that leads nowhere?",
        {
            "by-reason": "404 for no link, 403 before strtYmdt and above acesMaxCnt, 410 after endYmdt.",
            "200": "200.",
        },
        "by-reason",
        "Follow a link that has expired and has no expireUrl.",
    ),
    Assumption(
        "expiry-redirect",
        "Which HTTP status leads to expireUrl?",
        {"302": "302.", "301": "301."},
        "302",
        "Follow a link that has expired and has an expireUrl.",
    ),
    Assumption(
        "above-cap",
        "Does expireUrl also take those who come after the last click that acesMaxCnt allows?",
        {"notice": "No: they see a notice.", "expiry-page": "Yes: they are led there."},
        "notice",
        "Follow a link with acesMaxCnt 1 and an expireUrl twice.",
    ),
    Assumption(
        "wrong-password",
        "Which HTTP status has the form after a wrong password?",
        {"401": "401.", "200": "200."},
        "401",
        "Follow a link with a password and send a wrong one.",
    ),
    Assumption(
        "password-order",
        "Is the password asked before a visitor is told that the link is closed?",
        {"last": "No: dates and the cap come first.", "first": "Yes."},
        "last",
        "Follow an expired link that has a password.",
    ),
    Assumption(
        "group-cap",
        "Which clicks does a group's acesMaxCnt bound?",
        {"each-link": "Those of each of its links by itself.", "whole-group": "Those of all its links together."},
        "each-link",
        "Give a group with two links the cap 1, follow one, then the other.",
    ),
    Assumption(
        "blocked-visits",
        "Is a visit counted that leads nowhere?",
        {"ignore": "It is not.", "count": "It is."},
        "ignore",
        f"Follow an expired link, then {BY_DATE}.",
    ),
    Assumption(
        "head-requests",
        "Is a HEAD request to a short link a click?",
        {"ignore": "No: who only asks for the headers has not followed it.", "count": "Yes, like GET."},
        "ignore",
        f"HEAD https://vvd.bz/{{linkId}}, then {BY_DATE}.",
    ),
    Assumption(
        "visitor-headers",
        "What tells the address and the country of a visitor?",
        {
            "proxy": "The first address in X-Forwarded-For and the country in CF-IPCountry, else the connection.",
            "connection": "The connection alone, which is from home.",
        },
        "proxy",
        f"Follow a link with X-Forwarded-For 203.0.113.7 and 203.0.113.8, then {BY_DATE}; look at pernCnt.",
    ),
    Assumption(
        "same-visitor",
        "Who is the same visitor?",
        {"address-and-agent": "The same address with the same User-Agent.", "address": "The same address."},
        "address-and-agent",
        f"Follow a link with two User-Agents from one address, then {BY_DATE}; look at pernCnt.",
    ),
    Assumption(
        "repeated-clicks",
        "From when do the five seconds run in which the same visitor is not counted again?",
        {"first": "From the click that was counted.", "push-back": "From the last one, counted or not."},
        "first",
        f"Follow a link three times, three seconds apart, then {BY_DATE}.",
    ),
    Assumption(
        "qr-image",
        "What kind of image is a QR code?",
        {"png": "PNG.", "svg": "SVG."},
        "png",
        "GET https://vvd.bz/{linkId}/qr?size=200; look at Content-Type.",
    ),
    Assumption(
        "event-body",
        "What does the body of an event tell?",
        {
            "counts": "The link, how far its counts are, what they are counted by, and when.",
            "click": "The link, and when it was clicked.",
        },
        "counts",
        "Receive an event; look at its body.",
        document={
            "click": {
                "/components/schemas/ClickEvent/required": ["compIdx", "grpIdx", "linkId", "domain", "url", "eventYmdt"]
            }
        },
    ),
    Assumption(
        "global-events",
        "Which clicks are told to the account's own webhook?",
        {"clicks": "Each one.", "users": "The first of each unique user."},
        "clicks",
        "Set a global webhook, follow a link without a group twice, six seconds apart.",
    ),
    Assumption(
        "webhook-count",
        "Which count does webhookFrequency go by?",
        {"link": "That of the link that was clicked.", "group": "That of all links of the group."},
        "link",
        "Set webhookFrequency 50 on a group with two links, follow each 25 times.",
    ),
    Assumption(
        "webhook-retries",
        "How often is an event sent again, and when?",
        {"three": "Three times, after 1, 5 and 30 seconds.", "none": "Never."},
        "three",
        "Answer an event with 500; wait for X-Vivoldi-Event-Id to come again.",
    ),
    Assumption(
        "signed-text",
        "What is signed in X-Vivoldi-Signature?",
        {"timestamp-and-body": "The timestamp, a full stop and the body.", "body": "The body alone."},
        "timestamp-and-body",
        "Receive an event and compute the signature both ways.",
    ),
)
