"""What the journal shows of secrets."""

import time

import pytest

from mockserver.engine.redaction.secret_bodies import masked_body, masked_value
from mockserver.engine.redaction.secret_names import is_secret
from mockserver.engine.redaction.secret_schemas import nothing_declared
from mockserver.engine.redaction.secret_text import SecretTexts, mask_credential

STATUS = "/api/v1/links/bulk/status"


def test_a_credential_is_cut_to_its_first_characters(control, xqr):
    """The scheme and four characters tell which it was; none of the rest is anywhere in the entry."""
    xqr.get("/api/v1/links", headers={"Cookie": "session=0123456789abcdef; theme=dark", "X-Api-Key": "k" * 40})

    entry = control.get("/requests/1")

    headers = entry.json()["request"]["headers"]
    assert headers["Authorization"] == "Bearer xqr_***"
    assert (headers["Cookie"], headers["X-Api-Key"]) == ("session=***; theme=***", "kkkk***")
    assert "xqr_pk_" not in entry.text


def test_secrets_in_a_body_are_cut(control, xqr):
    """Members named as secrets are, at any depth and also in what is no JSON; the others are shown whole."""
    xqr.patch(STATUS, json={"ids": [], "deep": [{"clientSecret": "0123456789abcdef", "pwd": 1234}], "note": "seen"})
    xqr.patch(STATUS, content=b'{"password": "hunter2", "note": "seen')

    whole, torn = (control.get(f"/requests/{number}").json()["request"] for number in (1, 2))

    assert whole["json"] == {"ids": [], "deep": [{"clientSecret": "0123***", "pwd": "***"}], "note": "seen"}
    assert torn["body"] == '{"password": "***", "note": "seen'


def test_secrets_in_a_query_are_cut(control, xqr):
    """A token among the parameters is no less a token."""
    xqr.get("/api/v1/links", params={"access_token": "0123456789abcdef", "limit": 3})

    assert control.get("/requests/1").json()["request"]["query"] == {"access_token": ["0123***"], "limit": ["3"]}


def test_a_violation_does_not_tell_a_secret(control, vivoldi):
    """The value that was seen is cut from the violation and from its message."""
    vivoldi.put("/api/link-group/v1/update", json={"grpIdx": "x", "pwd": ["hunter2"]})

    entry = control.get("/requests/1")

    assert "hunter2" not in str(entry.json()["violations"])


NAMES = {
    "secret": True, "webhookSecretKey": True, "password": True, "new_password": True, "pwd": True, "token": True,
    "X-Auth-Token": True, "refreshToken": True, "apiKey": True, "x-api-key": True, "Authorization": True,
    "next_page_token": False, "pageToken": False, "tokens_used": False, "secretary": False, "key": False, "name": False,
}  # fmt: skip


@pytest.mark.parametrize(("name", "expected"), NAMES.items())
def test_names_tell_secrets(name, expected):
    """By their end, however they are spelled; the cursor of a page is none."""
    assert is_secret(name) is expected


CREDENTIALS = {
    "Bearer 0123456789abcdef": "Bearer 0123***",
    "APIKEY 0123456789abcdef": "APIKEY 0123***",
    "0123456789abcdef": "0123***",
    "Bearer short": "Bearer ***",
    "": "***",
}


@pytest.mark.parametrize(("value", "expected"), CREDENTIALS.items())
def test_a_credential_keeps_its_scheme(value, expected):
    """And the first characters, where enough of them remain unsaid."""
    assert mask_credential(value) == expected


def test_what_is_no_secret_stays(control):
    """Flags, nulls and empty texts under a secret's name tell nothing; other values are left as they are."""
    value = {"password": None, "secret": "", "token": True, "count": 1, "items": [1.5, "x"]}

    assert masked_value(value, nothing_declared(), SecretTexts()) == value
    assert SecretTexts().text("a=1&token=0123456789abcdef&b=2") == "a=1&token=0123***&b=2"


MIB = 1024 * 1024

LARGE = {
    "markup": (b"<a>" * MIB, "application/xml", b"<a><a>", b"bytes, of which 262,143 are shown)"),
    "text": (b"token=abcdefgh " * MIB, "text/plain", b"token=*** token", b"bytes, of which 1,048,5"),
    "form": (b"token=abcdefgh&" * MIB, "application/x-www-form-urlencoded", b"token=***&", b"bytes, of which 1,048,5"),
    "JSON": (
        b'["abcdefgh"' + b',"b"' * MIB + b"]",
        "application/json",
        b"(",
        b"of which none are shown: more than 2,097,152)",
    ),
    "a tag": (b'<a password="' + b"abcdefgh" * MIB, "application/xml", b"\n...", b"of which 0 are shown)"),
}


@pytest.mark.parametrize("name", LARGE)
def test_of_a_very_large_body_the_beginning_is_shown(name):
    """Cut where no secret is cut in two, with a note on how much there was; soon."""
    content, media_type, start, note = LARGE[name]

    began = time.process_time()
    shown = masked_body(content, media_type, nothing_declared(), SecretTexts())
    took = time.process_time() - began

    assert shown.startswith(start)
    assert note in shown[-100:]
    assert b"abcdefgh" not in shown
    assert took < 2


def test_a_large_json_body_is_shown_whole():
    """Up to the bound, with its secrets masked."""
    content = b'[{"password":"abcdefgh"}' + b',"b"' * 400_000 + b"]"

    shown = masked_body(content, "application/json", nothing_declared(), SecretTexts())

    assert shown == content.replace(b"abcdefgh", b"***")
