"""What the documents of Spotzee leave open, by subject."""

from __future__ import annotations

from mockserver.vendors.spotzee.ledger.access import ACCESS
from mockserver.vendors.spotzee.ledger.answers import ANSWERS
from mockserver.vendors.spotzee.ledger.contacts import CONTACTS
from mockserver.vendors.spotzee.ledger.reads import READS
from mockserver.vendors.spotzee.ledger.toggles import TOGGLES

ASSUMPTIONS = (*TOGGLES, *READS, *CONTACTS, *ACCESS, *ANSWERS)
