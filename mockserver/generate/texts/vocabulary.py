"""Words by domain: each kind of text with the field names that have it and the texts to choose from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple


class VocabularyEntry(NamedTuple):
    """Field names, separated by commas, and their texts."""

    names: str
    texts: tuple[str, ...]


def _entry(names: str, texts: str) -> VocabularyEntry:
    return VocabularyEntry(names, tuple(texts.split("|")))


VOCABULARY: Final[Mapping[str, VocabularyEntry]] = {
    # people
    "blood-type": _entry("blood type, blood group", "A+|A-|B+|O+|O-|AB+"),
    "marital-status": _entry("marital status", "single|married|divorced|widowed"),
    "relationship": _entry("relationship, relation", "spouse|parent|child|sibling|friend"),
    "salutation": _entry("salutation, honorific, name prefix", "Ms.|Mr.|Dr."),
    "pronouns": _entry("pronouns", "she/her|he/him|they/them"),
    "role": _entry("role, access level, permission level, author association", "member|admin|owner|guest"),
    "presence": _entry("presence, online status", "active|away|offline"),
    "emoji": _entry("emoji, status emoji, icon emoji", ":wave:|:tada:|:rocket:|:thumbsup:|:coffee:"),
    # trade
    "product-type": _entry("product type, item type", "Furniture|Kitchen|Office|Clothing|Travel"),
    "category": _entry("category, category name, collection, genre", "Home|Garden|Books|Music|Sports|Food"),
    "tag": _entry("tag, keyword, topic, flag", "new|popular|featured|seasonal|limited|classic|bestseller"),
    "type": _entry("type, kind, group, tier, variant", "standard|basic|premium|custom|internal"),
    "size": _entry("size, size name", "S|M|L|XL"),
    "material": _entry("material, fabric", "cotton|linen|oak|steel|glass|wool"),
    "color-name": _entry("color name, variant title, finish", "Black|White|Navy|Forest Green|Sand"),
    "unit": _entry("unit, unit of measure, uom", "piece|box|kg|litre"),
    "weight-unit": _entry("weight unit", "kg|g|lb"),
    "length-unit": _entry("length unit, distance unit, dimension unit", "cm|m|in"),
    "payment-method": _entry(
        "payment method, payment type, gateway, payment gateway, payment provider", "card|paypal|bank_transfer"
    ),
    "payment-status": _entry("payment status, financial status", "paid|pending|refunded"),
    "fulfilment": _entry(
        "fulfillment status, fulfilment status, delivery status, shipment status, shipping status",
        "delivered|shipped|processing",
    ),
    "shipping-method": _entry("shipping method, delivery method, shipping option", "Standard|Express|Pickup"),
    "carrier": _entry("carrier, courier, shipping carrier", "DHL|UPS|FedEx|USPS"),
    "coupon": _entry("coupon, coupon code, discount code, promo code, voucher code", "WELCOME10|SPRING15|FREESHIP"),
    # money
    "account-type": _entry("account type", "checking|savings|business"),
    "transaction-type": _entry("transaction type, entry type, payment direction", "debit|credit|transfer|fee"),
    "bank": _entry("bank, bank name, issuer, issuing bank", "First National Bank|Harbour Bank|City Savings Bank"),
    "branch-office": _entry("branch, branch name, bank branch", "Main Street|City Centre|Harbour Square"),
    "network": _entry("network, card network", "visa|mastercard|amex"),
    "remittance": _entry(
        "remittance information, payment reference, statement descriptor, purpose",
        "Invoice payment|Monthly rent|Salary|Office supplies|Membership fee",
    ),
    # health
    "allergy": _entry("allergy, allergen", "pollen|peanuts|penicillin|latex|lactose"),
    "specialty": _entry("specialty, speciality", "Cardiology|Dermatology|Neurology|Paediatrics|Oncology"),
    "medication": _entry("medication, drug, medicine", "Ibuprofen|Amoxicillin|Metformin|Lisinopril|Omeprazole"),
    "dosage": _entry("dosage, dose, strength", "200 mg|500 mg|10 mg|5 ml"),
    "frequency": _entry("frequency, recurrence, billing interval", "daily|weekly|monthly"),
    "diagnosis": _entry("diagnosis, condition", "Hypertension|Seasonal allergy|Type 2 diabetes|Migraine|Asthma"),
    "icd": _entry("icd code, icd10 code, icd 10 code, diagnosis code", "I10|J30.2|E11.9|G43.9|J45.9"),
    "blood-pressure": _entry("blood pressure", "118/76|124/80|131/84"),
    "insurer": _entry("insurance provider, insurer, insurance company", "Harbour Health|Blue Summit|Northern Care"),
    "pharmacy": _entry("pharmacy", "Main Street Pharmacy|City Pharmacy|Harbour Pharmacy"),
    "instructions": _entry(
        "instructions, directions", "Take with water after a meal.|Handle with care.|Ring the bell on arrival."
    ),
    # travel
    "airline": _entry("airline, airline name, operating carrier", "Lufthansa|Delta|KLM|Iberia|Qantas"),
    "airline-code": _entry("airline code, carrier code, airline iata", "LH|DL|KL|IB|QF"),
    "airport-code": _entry(
        "airport, airport code, iata, iata code, departure airport, arrival airport, origin airport, "
        "destination airport, origin code, destination code",
        "FRA|JFK|AMS|MAD|LHR|SFO|NRT|SYD",
    ),
    "flight-number": _entry("flight number, flight no", "LH400|DL47|KL643|IB3170|QF1"),
    "aircraft": _entry("aircraft, aircraft type, equipment", "Airbus A320|Boeing 737|Airbus A350|Boeing 787"),
    "cabin": _entry("cabin, cabin class, travel class, fare class", "economy|premium_economy|business|first"),
    "gate": _entry("gate", "A12|B7|C23|D4"),
    "terminal": _entry("terminal", "1|2|3"),
    "seat": _entry("seat, seat number, seat no", "12A|14C|7F|21D"),
    "meal": _entry("meal, meal preference, diet", "standard|vegetarian|vegan|halal|kosher"),
    "room": _entry("room, room number, room no, room name", "101|204|312|415"),
    "room-type": _entry("room type, bed type", "single|double|twin|suite"),
    "amenity": _entry("amenity, facility", "wifi|pool|parking|gym|breakfast"),
    "hotel": _entry("hotel, hotel name, property name", "Grand Harbour Hotel|Park View Inn|The Meadow House"),
    "hotel-chain": _entry("chain, hotel chain", "Harbour Hotels|Meadow Inns|Summit Resorts"),
    "wish": _entry("special requests, special request, preferences", "Late arrival|Quiet room|Window seat"),
    # code
    "repository": _entry(
        "repository, repo, repository name, repo name, package name, package",
        "web-client|api-server|billing|design-tokens|docs|mobile-app",
    ),
    "programming-language": _entry("programming language", "Python|Go|TypeScript|Java|Rust"),
    "licence": _entry("license, licence, license name, spdx id", "MIT|Apache-2.0|GPL-3.0|BSD-3-Clause"),
    "git-branch": _entry(
        "default branch, ref, git branch, base branch, head branch, target commitish, target branch, source branch",
        "main|develop|release|fix-login",
    ),
    "visibility": _entry("visibility, privacy, access", "public|private"),
    "label": _entry("label name, label", "bug|enhancement|documentation|question"),
    "milestone": _entry("milestone", "v1.0|v1.1|v2.0|Backlog"),
    "priority": _entry("priority, severity, urgency, impact", "low|medium|high"),
    "environment": _entry("environment, env, stage", "production|staging|development"),
    "region": _entry("cloud region, availability zone, datacenter, data center", "eu-central-1|us-east-1|eu-west-1"),
    "commit-message": _entry(
        "commit message, commit title",
        "Fix the login form|Add tests for the parser|Update dependencies|Remove unused code",
    ),
    "operating-system": _entry("os, operating system, platform", "linux|macos|windows|android|ios"),
    # messages
    "channel": _entry("channel, channel name", "general|random|announcements|support"),
    "direction": _entry("direction", "inbound|outbound"),
    "event": _entry(
        "event, event type, event name, topics subscribed, subscribed event",
        "order.created|order.updated|customer.created|payment.succeeded",
    ),
    "scope": _entry("scope, scopes, permission, oauth scope", "read|write"),
    "subject": _entry(
        "subject, subject line, mail subject, ticket subject",
        "Question about the invoice|Meeting on Monday|Your order is on its way|Update on the project|"
        "Welcome to the team",
    ),
    "reason": _entry(
        "reason, cancel reason, cancellation reason, reason text",
        "Requested by the customer|Out of stock|Duplicate entry|Schedule conflict|Regular check",
    ),
    "chat": _entry(
        "message text, chat message",
        "Good morning, everyone!|The meeting starts at ten.|Thanks, that works for me.|I will look into it today.",
    ),
    "error": _entry(
        "error, error message, failure message, error description",
        "The request timed out|The address is not known|The value is not allowed",
    ),
    "issue-state": _entry("state, issue state", "open|closed"),
    "second-line": _entry(
        "address2, address 2, address line2, address line 2, line2, line 2, street 2",
        "Apt. 4|Suite 210|Floor 3",
    ),
    # what a member holds of some owners alone
    "bio": _entry("", "Writes about design and travel.|Runs the support team.|Maintainer of open source projects."),
    "error-code": _entry("error code, failure code", "invalid_request|not_found|timeout"),
    "goal": _entry(
        "purpose, goal, objective",
        "Plans and dates of the team|Tools for the daily work|Questions and answers|Small fixes and clearer messages",
    ),
    "json-type": _entry("", "application/json"),
    "message-status": _entry("", "sent|delivered|read"),
    "message-type": _entry("message type", "text|image|file"),
    "metric-unit": _entry("", "mmHg|bpm|%"),
    "order-status": _entry("order status", "processing|shipped|delivered"),
    "owner-type": _entry("owner type, account kind", "User|Organization"),
    "product-html": _entry("", "<p>Made to last, for every day.</p>|<p>Light, compact and easy to clean.</p>"),
    "product-text": _entry(
        "product description",
        "Made to last, for every day.|Light, compact and easy to clean.|A classic in a new colour.",
    ),
    "remark": _entry("", "Bring the earlier results.|Follow-up in six weeks.|No further steps needed."),
    "stay": _entry("", "Quiet rooms in the old town.|Family-run, close to the station.|By the sea, with breakfast."),
    "user-state": _entry("", "active|inactive|invited"),
    "visit-reason": _entry("", "Annual check-up|Follow-up visit|Vaccination|Back pain"),
    "visit-status": _entry("appointment status", "scheduled|confirmed|completed"),
}
"""By kind."""
