"""Whoever runs probes can receive the webhooks that they make a server send."""

import httpx

from mockserver.contract.probe.webhook_receiver import receiving


def test_webhooks_arrive_under_the_name_of_who_waits_for_them():
    """With their headers and body; the last segment may be the status that they are answered with."""
    with receiving() as receiver:
        answers = [
            httpx.post(f"{receiver.address}/one", json={"event": "link.created"}, headers={"X-Signature": "s"}),
            httpx.post(f"{receiver.address}/one/503", content=b"plain"),
            httpx.post(f"{receiver.address}/two"),
        ]
        arrived = receiver.arrived("one")

    assert [answer.status_code for answer in answers] == [200, 503, 200]
    assert [webhook.data["body"] for webhook in arrived] == [{"event": "link.created"}, "plain"]
    assert arrived[0].headers["x-signature"] == "s"


def test_a_body_that_is_too_large_is_refused():
    """And is not kept."""
    with receiving() as receiver:
        answer = httpx.post(f"{receiver.address}/one", content=b"x" * 1_048_577)
        arrived = receiver.arrived("one")

    assert (answer.status_code, arrived) == (413, [])
