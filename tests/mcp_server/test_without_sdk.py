"""What a mock costs that no agent asks, and what it says where the SDK is not installed."""

import subprocess
import sys
from pathlib import Path

PETS = str(Path(__file__).parent.parent.parent / "examples" / "pets.yaml")


def test_without_the_package_it_is_told_what_to_install():
    """All else of the control API is there, and nothing of the SDK was imported before."""
    code = (
        "import sys; sys.modules['mcp'] = None; sys.modules['mcp_types'] = None\n"
        "import httpx\n"
        "from mockserver.server import create_app\n"
        f"app = create_app({PETS!r})\n"
        "client = httpx.Client(transport=httpx.WSGITransport(app=app), base_url='http://localhost:4010/__admin')\n"
        "print(client.get('/clock').status_code)\n"
        "answer = client.post('/mcp', json={'jsonrpc': '2.0', 'id': 1, 'method': 'tools/list'})\n"
        "print(answer.status_code, answer.headers['Content-Type'], answer.json()['detail'])\n"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)

    assert done.stdout.splitlines()[0] == "200", done.stderr
    assert done.stdout.splitlines()[1].startswith("501 application/problem+json The tools for agents need the Python")
    assert "pip install 'mockserver[mcp]'" in done.stdout


def test_the_sdk_is_not_imported_before_the_first_message():
    """A mock that no agent asks does not pay for it."""
    code = (
        "import sys, httpx\n"
        "from mockserver.server import create_app\n"
        f"app = create_app({PETS!r})\n"
        "client = httpx.Client(transport=httpx.WSGITransport(app=app), base_url='http://localhost:4010/__admin')\n"
        "print(client.get('/apis').status_code, sorted({'mcp', 'mcp_types', 'starlette'} & {*sys.modules}))\n"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)

    assert done.stdout == "200 []\n", done.stderr
