"""Schemathesis over real documents of different styles, with state: every check, every phase.

What it finds is compared with a list: an exception is a finding, by its code and the operations that it may have, for
which the document or Schemathesis is the reason, not the mock.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

EVERY = "every operation"

UNDECLARED = "ST103"
CONTENT_TYPE = "ST105"
INVALID_TAKEN = "ST201"
VALID_REFUSED = "ST202"
ANOTHER_METHOD = "ST204"
ALLOW = "ST205"

NO_REFUSAL = "the document declares no answer to an invalid request, or to a record that is gone"
NO_401 = "the document asks for a credential and declares no answer to a request without one"
FILES = "an array of files in a multipart body: none at all, and one that reads `{}`, cannot be told from others"
TWO_TEMPLATES = "another path template fits the same address, and its methods are taken there"
TEXT_IDS = "ids are texts in answers and integers in paths, so that a link from one to the other may lead nowhere"
DECODED = "an example in the path has slashes, which the server hands over decoded, so that there is no such path"

DOCUMENTS: Mapping[str, Mapping[tuple[str, str], str]] = {
    "adyen.com/DisputeService-v30": {},
    "apideck.com/webhook": {},
    "azure.com/automation-sourceControl": {(CONTENT_TYPE, EVERY): DECODED},
    "botschaft.local": {},
    "breadcrumbs.one": {},
    "bufferapp.com": {
        (ANOTHER_METHOD, "GET /1/updates/create{mediaTypeExtension}"): TWO_TEMPLATES,
        (ALLOW, "OPTIONS /1/updates/create{mediaTypeExtension}"): TWO_TEMPLATES,
    },
    "carbone.io": {
        (ALLOW, "OPTIONS /render/{renderId}"): TWO_TEMPLATES,
        (ALLOW, "OPTIONS /render/{templateId}"): TWO_TEMPLATES,
    },
    "clarify.io": {},
    "core.ac.uk": {},
    "doqs.dev": {},
    "elevenlabs.io": {
        (UNDECLARED, EVERY): NO_REFUSAL,
        (INVALID_TAKEN, "POST /v1/voices/add"): FILES,
        (INVALID_TAKEN, "POST /v1/voices/{voice_id}/edit"): FILES,
        (VALID_REFUSED, "POST /v1/voices/add"): FILES,
    },
    "exlibrisgroup.com/tasklists": {(UNDECLARED, EVERY): NO_401},
    "googleapis.com/licensing": {(UNDECLARED, EVERY): NO_REFUSAL},
    "hubapi.com/webhooks": {(VALID_REFUSED, "Stateful tests"): TEXT_IDS},
    "miataru.com": {},
    "nexmo.com/application": {(UNDECLARED, EVERY): NO_REFUSAL},
    "notion.com": {(UNDECLARED, EVERY): NO_REFUSAL},
    "okta.local": {(UNDECLARED, EVERY): NO_REFUSAL},
    "openlinksw.com/osdb": {},
    "openstf.io": {},
    "thesmsworks.co.uk": {},
}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_mock_keeps_the_document(corpus: Path, tmp_path: Path, document: str) -> None:
    """All that is found is an exception with a reason; every operation was asked."""
    report = tmp_path / "report.json"
    command = [sys.executable, "-m", "mockserver", "check", f"api={corpus / document}.json", "--"]
    cheap = ["--max-examples", "2", "--seed", "1", "--no-shrink", "--continue-on-failure", "--warnings", "off"]
    written = ["--report", "json", "--report-json-path", str(report), "--suppress-health-check", "all", "--no-color"]

    done = subprocess.run([*command, *cheap, *written], capture_output=True, text=True, timeout=300, check=False)

    assert report.exists(), done.stdout[-3000:] + done.stderr[-3000:]
    said = json.loads(report.read_text())
    found = [(failure["code"], operation) for failure in said["failures"] for operation in failure["operations"]]
    known = DOCUMENTS[document]
    new = [(code, operation) for code, operation in found if not {(code, operation), (code, EVERY)} & known.keys()]
    assert new == [], done.stdout[-8000:]
    assert said["errors"] == []
    assert said["operations"]["tested"] == said["operations"]["total"]
