"""Answers of a checked server that do harm to whoever reads them."""

import subprocess
import sys

from tests.proxy.conftest import RawUpstream, as_json

DOCUMENT = """
openapi: 3.1.0
info: {title: Deep, version: "1"}
paths:
  /deep:
    get:
      operationId: deep
      responses: {"200": {description: d, content: {application/json: {schema: {type: object}}}}}
"""


def test_answers_nested_beyond_all_measure_end_no_check(tmp_path):
    """They are a finding, and the run goes to its end."""
    (tmp_path / "deep.yaml").write_text(DOCUMENT)
    server = RawUpstream(as_json(b"[" * 100_000 + b"]" * 100_000))
    command = [
        sys.executable, "-m", "mockserver", "check", "deep.yaml", "--url", server.root,
        "--phases", "fuzzing", "--max-examples", "2", "--seed", "1", "--max-time", "15",
    ]  # fmt: skip

    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    server.end()

    assert done.returncode == 1
    assert "GET /deep" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
