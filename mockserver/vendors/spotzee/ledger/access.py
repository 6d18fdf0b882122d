"""What no page says of who may do what, and how often."""

from __future__ import annotations

from mockserver.engine.api import Assumption
from mockserver.vendors.spotzee.ledger.places import BATCH, roles

ACCESS = (
    Assumption(
        "toggle-role",
        "Which role may toggle?",
        {"editor": "editor and higher.", "support": "Any.", "admin": "admin alone."},
        "editor",
        f"{BATCH} with a key of each role.",
        document={
            role: roles(role, "/subscriptions/batch post", "/users/{userId}/subscriptions patch")
            for role in ("support", "admin")
        },
    ),
    Assumption(
        "role-check",
        "What is a request refused for whose caller may not make it and whose body cannot be taken?",
        {"role-first": "The role: 403.", "body-first": "The body."},
        "role-first",
        f"{BATCH} with the body [] and a key of the role support.",
    ),
    Assumption(
        "scheme-case",
        "May `Bearer` be written in another case?",
        {"exact": "Only `Bearer` is taken.", "ignore": "`bearer` is as good."},
        "exact",
        "GET /subscriptions with Authorization: bearer and a good key.",
    ),
    Assumption(
        "challenge",
        "Does a 401 carry WWW-Authenticate?",
        {"send": "Yes: Bearer.", "omit": "No."},
        "send",
        "GET /subscriptions without a key; look at the headers.",
        document={"omit": {"/components/headers/WwwAuthenticate/required": False}},
    ),
    Assumption(
        "session-role",
        "Which role may have a session token made?",
        {"editor": "editor and higher.", "support": "Any."},
        "editor",
        "POST /users/{userId}/sessions with a key of each role.",
        document={"support": roles("support", "/users/{userId}/sessions post")},
    ),
    Assumption(
        "settings-role",
        "Which role may read keys and webhook endpoints?",
        {"admin": "admin alone.", "support": "Any."},
        "admin",
        "GET /keys and GET /webhooks with a key of each role.",
        document={
            "support": roles("support", "/keys get", "/keys/{keyId} get", "/webhooks get", "/webhooks/{endpointId} get")
        },
    ),
    Assumption(
        "me-routes",
        "Do publishable keys open the routes of a contact's own browser?",
        {"serve": "Yes, with a session token.", "refuse": "No: 401."},
        "serve",
        "GET /users/me with a publishable key and a session token.",
    ),
    Assumption(
        "identifying-keys",
        "Do publishable keys open identify and alias?",
        {"any": "Yes, as they open events.", "secret": "No: 401."},
        "any",
        "POST /identify with a publishable key.",
        document={"secret": roles("editor", "/identify post", "/alias post")},
    ),
    Assumption(
        "me-secret-keys",
        "Which status has a route of a contact's own browser for a secret key?",
        {"unauthenticated": "401.", "forbidden": "403."},
        "unauthenticated",
        "GET /users/me with a secret key and a session token.",
    ),
    Assumption(
        "orphan-tokens",
        "Which status has a session token whose contact was deleted meanwhile?",
        {"unauthenticated": "401: it opens nothing.", "missing": "404: the contact is not there."},
        "unauthenticated",
        "POST /users/{userId}/sessions, DELETE /users/{userId}, and GET /users/me with the token.",
    ),
    Assumption(
        "system-keys",
        "Can a system key be changed or deleted?",
        {"refuse": "No: 409 state_conflict.", "accept": "Yes."},
        "refuse",
        "DELETE /keys/{keyId} of a key whose is_system_key is true.",
    ),
    Assumption(
        "edge-windows",
        "How are the requests of an address counted?",
        {"fixed": "Anew with each minute and each ten seconds of the clock.", "sliding": "Over the time before each."},
        "fixed",
        "GET /subscriptions in a steady stream until 429; look at how soon requests are served again.",
    ),
    Assumption(
        "per-key-limits",
        "Do keys have limits of their own, by plan?",
        {"off": "No.", "on": "Yes, and every answer to a key tells what is left in the X-RateLimit headers."},
        "off",
        "GET /subscriptions; look for X-RateLimit-Limit.",
    ),
)
