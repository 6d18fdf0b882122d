"""Names that OpenAPI and JSON Schema define."""

from __future__ import annotations

from typing import Final

METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
"""The methods of a path item of OpenAPI 3.2; those of 2.0 are the first seven."""
METHODS_OF_2_0: Final = METHODS[:7]

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
"""The JSON Schema dialect that every document is normalized to."""
