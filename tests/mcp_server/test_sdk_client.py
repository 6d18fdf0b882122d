"""The tools as an agent uses them: the SDK's own client, over a port, against servers that users start."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator

import httpx
import httpx2
import pytest
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client

from mockserver.mcp_server.tool_table import TOOLS
from tests.conftest import free_port, wait_for

TOKEN = "s3cret-t0ken"
SECRET = "Bearer xqr_pk_a1b2c3d4." + "x" * 64
SECONDS = 60
"""For all that one test asks."""


def use(url, work, *, mode="auto", headers=None):
    """What `work` makes of a connected client, within bounded time."""

    async def run():
        async with (
            asyncio.timeout(SECONDS),
            httpx2.AsyncClient(headers=headers, timeout=SECONDS) as http,
            Client(streamable_http_client(url, http_client=http), mode=mode) as client,
        ):
            return await work(client)

    return asyncio.run(run())


async def value(client, tool, **arguments):
    """The JSON that a tool answers with."""
    result = await client.call_tool(tool, arguments)
    assert result.is_error is False, result.content
    return json.loads(result.content[0].text)


async def refusal(client, tool, **arguments):
    """The texts of a tool that did not do what it was asked for."""
    result = await client.call_tool(tool, arguments)
    assert result.is_error is True, result.content
    return [content.text for content in result.content]


@pytest.fixture
def url(port_server, world) -> str:
    """The address of the tools in this test's world."""
    return f"{port_server.root}/~{world}/__admin/mcp"


@pytest.fixture(scope="module")
def guarded() -> Iterator[str]:
    """A server that wants a token."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "mockserver", "serve", "examples/pets.yaml", "--port", str(port)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "MOCKSERVER_ADMIN_TOKEN": TOKEN},
    )
    try:
        wait_for(f"http://127.0.0.1:{port}/__admin/health", process)
        yield f"http://127.0.0.1:{port}/__admin/mcp"
    finally:
        process.terminate()
        process.communicate(timeout=20)


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_the_tools_are_listed_with_what_they_take(url, mode):
    """By clients of the present protocol, and by those that begin with a handshake."""
    tools = use(url, lambda client: client.list_tools(), mode=mode).tools

    listed = {tool.name: tool for tool in tools}
    assert [*listed] == [*TOOLS]
    assert listed["get_record"].input_schema["required"] == ["api", "collection", "id"]
    assert listed["list_apis"].annotations.read_only_hint is True
    assert listed["reset_world"].annotations.destructive_hint is True


def test_an_agent_tests_its_code_with_a_world_of_its_own(url, port_server, world):
    """Finds out what is served, forks, writes, breaks, runs its code, verifies, goes back."""

    async def work(client):
        apis = await value(client, "list_apis")
        [read] = (await value(client, "list_operations", api="xqr", operation="getLink"))["operations"]
        fork = await value(client, "fork_world", world=world, body={"name": f"{world}-agent"})
        mine = fork["name"]
        links = await value(client, "list_records", api="xqr", collection="links", limit=1, world=mine)
        [link] = links["records"]
        await value(client, "take_snapshot", world=mine, body={"name": f"{mine}-before"})
        await value(
            client, "patch_record", api="xqr", collection="links", id=link["id"], body={"enabled": False}, world=mine
        )
        await value(client, "add_fault", body={"operation": "listLinks", "status": 503, "times": 1}, world=mine)
        own = f"{fork['url']}/xqr/api/v1/links"
        async with httpx2.AsyncClient(headers={"Authorization": SECRET}) as code:
            broken = await code.get(own)
            seen = await code.get(f"{own}/{link['id']}")
        verified = await value(
            client, "verify_requests", body={"request": {"operation": "getLink"}, "count": {"exactly": 1}}, world=mine
        )
        told = await refusal(client, "verify_requests", body={"request": {"method": "DELETE"}}, world=mine)
        diff = await value(client, "compare_world", world=mine)
        await client.call_tool("restore_world", {"world": mine, "body": {"snapshot": f"{mine}-before"}})
        after = await value(client, "get_record", api="xqr", collection="links", id=link["id"], world=mine)
        await client.call_tool("delete_world", {"world": mine})
        names = [known["name"] for known in (await value(client, "list_worlds"))["worlds"]]
        return apis, read, mine, link, broken, seen, verified, told, diff, after, names

    apis, read, mine, link, broken, seen, verified, told, diff, after, names = use(url, work)

    assert [api["name"] for api in apis["apis"]] == ["xqr", "botsubscription", "vivoldi", "spotzee"]
    assert (read["method"], read["answeredBy"]) == ("GET", "handler")
    assert (broken.status_code, seen.status_code, seen.json()["data"]["enabled"]) == (503, 200, False)
    assert verified["verified"] is True
    assert told[0] == "409 Not verified: expected at least 1 request, there are 0."
    assert len(json.loads(told[1])["nearest"]) > 0
    assert link["id"] in json.dumps(diff)
    assert (link["enabled"], after["enabled"]) == (True, True)
    assert (world in names, mine in names) == (True, False)


def test_time_goes_on_when_an_agent_says_so(url):
    """Frozen, an hour later, and as it was."""

    async def work(client):
        frozen = await value(client, "freeze_clock", body={"at": "2026-03-20T09:00:00Z"})
        later = await value(client, "advance_clock", body={"seconds": 3600})
        reset = await value(client, "reset_clock")
        return frozen, later, reset

    frozen, later, reset = use(url, work)

    assert (frozen["now"], frozen["frozen"]) == ("2026-03-20T09:00:00.000Z", True)
    assert later["now"] == "2026-03-20T10:00:00.000Z"
    assert (reset["frozen"], reset["offset"]) == (False, 0)


def test_errors_of_the_control_api_are_those_of_the_tool(url):
    """Their own text, with the places that are wrong."""

    async def work(client):
        return [
            await refusal(client, "list_records", api="zoo", collection="lions"),
            await refusal(client, "add_fault", body={"status": "broken"}),
            await refusal(client, "list_records", api="xqr", collection="links", limit=5000),
            await refusal(client, "list_record", api="xqr"),
            await refusal(client, "get_clock", world="no/world"),
        ]

    unknown, invalid, limit, no_tool, no_world = use(url, work)

    assert unknown == ["404 Not Found: No API 'zoo' is served; served are xqr, botsubscription, vivoldi, spotzee."]
    assert invalid[0] == "422 Unprocessable Entity: body/status: expected an integer, got a string"
    assert json.loads(invalid[1])["violations"][0]["pointer"] == "/status"
    assert limit[0].startswith("422 Unprocessable Entity: query/limit:")
    assert no_tool[0].startswith("There is no tool 'list_record'; there are list_apis, ")
    assert no_world[0].startswith("4")


def test_secrets_are_masked(url, port_server, world):
    """As the control API masks them, in every way to look at a request."""
    httpx.get(f"{port_server.root}/~{world}/xqr/api/v1/links", headers={"Authorization": SECRET})

    async def work(client):
        shown = [
            await value(client, "list_requests"),
            await value(client, "find_requests", body={"operation": "listLinks"}),
        ]
        return [*shown, await value(client, "get_request", id=1)]

    listed, found, one = use(url, work)

    assert [
        entry["request"]["headers"]["Authorization"][:10] for entry in (*listed["requests"], *found["requests"])
    ] == ["Bearer xqr"] * 2
    assert "x" * 64 not in json.dumps([listed, found, one])


def test_agents_do_not_meet(url):
    """Several at the same time, each in a world of its own."""

    async def work(client):
        async def agent(number):
            await client.call_tool(
                "freeze_clock", {"world": f"agent{number}", "body": {"at": f"20{number}0-01-01T00:00:00Z"}}
            )
            return (await value(client, "get_clock", world=f"agent{number}"))["now"][:4]

        return await asyncio.gather(*(agent(number) for number in range(3, 9)))

    assert use(url, work) == ["2030", "2040", "2050", "2060", "2070", "2080"]


def test_the_token_opens_the_tools(guarded):
    """It goes with each message, and each call of a tool."""

    async def work(client):
        return await value(client, "list_records", api="pets", collection="pets")

    found = use(guarded, work, headers={"Authorization": f"Bearer {TOKEN}"})

    assert found["meta"]["total"] == 3


@pytest.mark.parametrize("mode", ["auto", "legacy"])
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": f"Bearer {TOKEN}", "Origin": "https://evil.example"},
        {"Authorization": f"Bearer {TOKEN}", "Sec-Fetch-Site": "cross-site"},
    ],
    ids=["none", "wrong", "foreign origin", "foreign page"],
)
def test_without_the_token_or_from_a_foreign_page_nothing_is_told(guarded, headers, mode):
    """The client cannot even connect, and no tool is named."""
    raised: list[BaseException] = []
    try:
        listed = use(guarded, lambda client: client.list_tools(), headers=headers, mode=mode)
    except Exception as error:  # noqa: BLE001 - which one it is, is the SDK's affair
        raised.append(error)
    else:
        pytest.fail(f"it listed {listed}")

    status = httpx.post(guarded, json={"jsonrpc": "2.0", "id": 1, "method": "tools/list"}, headers=headers).status_code

    assert len(raised) == 1
    assert status == (403 if len(headers) == 2 else 401)


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example:4010"])
def test_another_host_name_is_refused(port_server, host):
    """A name that somebody made to lead here is not the machine's."""
    answer = httpx.post(
        f"{port_server.root}/__admin/mcp",
        json={"jsonrpc": "2.0", "id": 1, "method": "tools/list"},
        headers={"Host": host, "Accept": "application/json, text/event-stream"},
    )

    assert answer.status_code == 403
