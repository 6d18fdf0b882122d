"""A token without the word of its scheme is told where it opens nothing."""

import json

import pytest

from mockserver.contract.checking.authorization_hint import authorization_hint
from mockserver.contract.reports.run_record import ApiRun, OperationCoverage
from mockserver.openapi.model.document import load

BEARER = {"type": "http", "scheme": "bearer"}
BASIC = {"type": "http", "scheme": "basic"}
RAW = {"type": "apiKey", "in": "header", "name": "Authorization"}
OTHER = {"type": "apiKey", "in": "header", "name": "X-Key"}
WANTS_BEARER = (
    "shop: Authorization was sent as it was given, without a scheme word; the document wants `Authorization: Bearer …`"
)


@pytest.mark.parametrize(
    ("header", "schemes", "answers", "told"),
    [
        ("Authorization: s3cret", [BEARER], ["401"], WANTS_BEARER),
        ("authorization:s3cret", [{"type": "oauth2", "flows": {}}, OTHER], ["401", "403"], WANTS_BEARER),
        ("Authorization: s3cret", [BASIC], ["401"], WANTS_BEARER.replace("Bearer", "Basic")),
        ("Authorization: Bearer s3cret", [BEARER], ["401"], ""),
        ("Authorization: s3cret", [BEARER], ["401", "200"], ""),
        ("Authorization: s3cret", [BEARER], ["403"], ""),
        ("Authorization: s3cret", [BEARER, RAW], ["401"], ""),
        ("Authorization: s3cret", [OTHER], ["401"], ""),
        ("X-Other: s3cret", [BEARER], ["401"], ""),
    ],
)
def test_a_missing_scheme_word_is_told(tmp_path, header, schemes, answers, told):
    """Without the token, and only where nothing that wants a credential succeeded."""
    named = {f"s{number}": scheme for number, scheme in enumerate(schemes)}
    document = {
        "openapi": "3.0.3",
        "info": {"title": "Shop", "version": "1"},
        "components": {"securitySchemes": named},
        "security": [{"s0": []}],
        "paths": {"/items": {"get": {"responses": {"200": {"description": "Done."}}}}},
    }
    file = tmp_path / "shop.json"
    file.write_text(json.dumps(document))
    run = ApiRun("shop", coverage=[OperationCoverage("GET /items", 1, answers=dict.fromkeys(answers, 1))])

    assert authorization_hint(load(file, "shop"), run, [header]) == told
