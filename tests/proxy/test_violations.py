"""What a proxy says of requests and answers that break the document."""

import json
import threading
import time

import httpx
import pytest

from tests.proxy.conftest import answering, as_json, raw_exchange

PET = b'{"id": 1, "name": "Max"}'


def _told(proxy):
    """The newest journal entry, as the control API shows it."""
    return httpx.get(f"{proxy.root}/__admin/requests").json()["requests"][0]


def test_what_keeps_the_document_passes_in_silence(proxied):
    """Neither a header nor the journal says anything of it."""
    proxy, _ = proxied(as_json(PET))

    answer = httpx.get(f"{proxy.root}/v1/pets/1")

    assert answer.content == PET
    assert "Mock-Violation" not in answer.headers
    told = _told(proxy)
    assert (told["operation"], told["answeredBy"], told["violations"], told["broken"]) == (
        "readPet",
        "upstream",
        [],
        [],
    )
    assert told["response"]["body"] == '{"id": 1, "name": "Max"}'
    assert told["tookMs"] > 0


def test_the_path_of_the_documents_server_may_be_left_out(proxied):
    """The upstream may have it in its own address."""
    proxy, upstream = proxied(as_json(PET), base="/v1")

    answer = httpx.get(f"{proxy.root}/pets/1")

    assert upstream.talks[0].line == b"GET /v1/pets/1 HTTP/1.1"
    assert "Mock-Violation" not in answer.headers
    assert _told(proxy)["operation"] == "readPet"


@pytest.mark.parametrize(
    ("base", "target", "line"),
    [
        ("/v1", "/v1/pets/1", b"GET /v1/pets/1 HTTP/1.1"),
        ("/v1", "/%761/pets/1?a=/v1", b"GET /v1/pets/1?a=/v1 HTTP/1.1"),
        ("/gate/v1", "/v1/pets/1", b"GET /gate/v1/pets/1 HTTP/1.1"),
        ("/v1", "/~blue/v1/pets/1", b"GET /v1/pets/1 HTTP/1.1"),
        ("", "/v1/pets/1", b"GET /v1/pets/1 HTTP/1.1"),
        ("/gate", "/v1/pets/1", b"GET /gate/v1/pets/1 HTTP/1.1"),
        ("/v1", "/v1x/pets", b"GET /v1/v1x/pets HTTP/1.1"),
        ("/v1", "/v1", b"GET /v1 HTTP/1.1"),
    ],
)
def test_the_path_of_the_documents_server_is_not_said_twice(proxied, base, target, line):
    """Where the upstream ends with it and the client sends it too."""
    proxy, upstream = proxied(as_json(PET), base=base)

    answer = raw_exchange(proxy.port, f"GET {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())

    assert upstream.talks[0].line == line
    assert answer.endswith(PET)


def test_a_wrong_request_reaches_the_upstream(proxied):
    """It is told in the header and in the journal, and not changed."""
    proxy, upstream = proxied(as_json(b'{"error": "no"}', b"400 Bad Request"))

    answer = httpx.post(f"{proxy.root}/v1/pets", content=b'{"name": 7}', headers={"Content-Type": "application/json"})

    assert upstream.talks[0].body == b'{"name": 7}'
    assert (answer.status_code, answer.json()) == (400, {"error": "no"})
    assert answer.headers["Mock-Violation"] == "1; body/name: expected a string, got an integer"
    assert [seen["pointer"] for seen in _told(proxy)["violations"]] == ["/name"]


def test_a_wrong_answer_passes(proxied):
    """It is told in the header and in the journal, and not changed."""
    proxy, _ = proxied(as_json(b'[{"id": 1}]'))

    answer = httpx.get(f"{proxy.root}/v1/pets?limit=x")

    assert (answer.status_code, answer.content) == (200, b'[{"id": 1}]')
    assert answer.headers["Mock-Violation"].startswith("2; query/limit: ")
    told = _told(proxy)
    assert [seen["place"] for seen in told["violations"]] == ["query"]
    assert [(seen["place"], seen["pointer"], seen["keyword"]) for seen in told["broken"]] == [
        ("response", "/0/name", "required")
    ]


@pytest.mark.parametrize(
    ("script", "said"),
    [
        (as_json(b"{}", b"418 I'm a teapot"), "1; response: status 418 is not declared; declared are 200, 404"),
        (
            answering(b"x", b"Content-Type: text/plain"),
            "1; response: text/plain is not declared; declared: application/json",
        ),
        (answering(b"x"), "1; response:  is not declared; declared: application/json"),
        (answering(b"{", b"Content-Type: application/json"), "1; response: the body is no JSON: "),
        (answering(b""), "1; response: a body is declared, and none was sent"),
    ],
)
def test_what_the_document_does_not_declare(proxied, script, said):
    """A status, a media type, no body, no JSON."""
    proxy, _ = proxied(script)

    answer = httpx.get(f"{proxy.root}/v1/pets/1")

    assert answer.headers["Mock-Violation"].startswith(said)


@pytest.mark.parametrize(
    ("method", "path", "said"),
    [
        ("GET", "/v1/cats", "1; path: No operation has the path /v1/cats."),
        ("PATCH", "/v1/pets", "1; path: /v1/pets does not take PATCH"),
    ],
)
def test_undocumented_operations_are_forwarded(proxied, method, path, said):
    """And told."""
    proxy, upstream = proxied(as_json(b"{}"))

    answer = httpx.request(method, proxy.root + path)

    assert answer.content == b"{}"
    assert answer.headers["Mock-Violation"].startswith(said)
    assert len(upstream.talks) == 1
    unmatched = httpx.get(f"{proxy.root}/__admin/requests/unmatched").json()
    assert len(unmatched["requests"]) == 1


def test_preflight_requests_are_no_violations(proxied):
    """Browsers send them of themselves."""
    proxy, upstream = proxied(answering(b"", b"Access-Control-Allow-Origin: *", status=b"204 No Content"), errors=True)

    answer = httpx.options(
        f"{proxy.root}/v1/pets", headers={"Origin": "http://a.test", "Access-Control-Request-Method": "POST"}
    )

    assert answer.status_code == 204
    assert len(upstream.talks) == 1


def test_errors_refuse_a_wrong_request(proxied):
    """As the document declares it, without asking the upstream."""
    proxy, upstream = proxied(as_json(PET), errors=True)

    answer = httpx.post(f"{proxy.root}/v1/pets", json={})
    missing = httpx.get(f"{proxy.root}/v1/cats")

    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/json"
    assert missing.status_code == 404
    assert "nearest" in missing.json()["detail"]
    assert upstream.talks == []


def test_errors_refuse_a_wrong_answer(proxied):
    """With a list of what is wrong."""
    proxy, _ = proxied(as_json(b'{"id": "one"}'), errors=True)

    answer = httpx.get(f"{proxy.root}/v1/pets/1")

    assert (answer.status_code, answer.headers["Content-Type"]) == (502, "application/problem+json")
    assert [one["location"] for one in answer.json()["validation"]] == [["response", "id"], ["response", "name"]]
    told = _told(proxy)
    assert (told["answeredBy"], len(told["broken"])) == ("broken-promise", 2)


@pytest.mark.parametrize(
    "script",
    [
        as_json(PET, b"202 Accepted"),
        answering(b"<p>Oops</p>", b"Content-Type: text/html", status=b"500 Internal Server Error"),
        answering(b"", status=b"202 Accepted"),
        answering(b"<p>Max</p>", b"Content-Type: text/html"),
        answering(b"<p>Max</p>" * 200_000, b"Content-Type: text/html"),
        lambda talk: talk.send(b"HTTP/1.1 500 No\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n"),
    ],
    ids=["status", "status and media type", "status without a body", "media type", "a long body", "no end"],
)
def test_errors_refuse_what_is_not_declared(proxied, script):
    """Whatever the body is: it is not waited for, and the next request is answered as well."""
    proxy, upstream = proxied(script, errors=True)

    answer = httpx.get(f"{proxy.root}/v1/pets/1")
    told = _told(proxy)
    upstream.script = as_json(PET)
    after = httpx.get(f"{proxy.root}/v1/pets/1")

    assert (answer.status_code, answer.headers["Content-Type"]) == (502, "application/problem+json")
    assert "is not declared" in answer.json()["detail"]
    assert "is not declared" in answer.headers["Mock-Violation"]
    assert (told["answeredBy"], told["response"]["status"]) == ("broken-promise", 502)
    assert (after.status_code, after.content) == (200, PET)


def test_errors_refuse_a_wrong_answer_that_a_fault_slows_down(proxied):
    """The fault is done to what the client gets."""
    proxy, _ = proxied(as_json(PET, b"202 Accepted"), errors=True)
    fault = {"operation": "readPet", "bytesPerSecond": 100_000, "times": 1}
    httpx.post(f"{proxy.root}/__admin/faults", json=fault).raise_for_status()

    answer = httpx.get(f"{proxy.root}/v1/pets/1")

    assert (answer.status_code, answer.json()["status"]) == (502, 502)
    assert "status 202 is not declared" in answer.headers["Mock-Violation"]


def test_errors_let_an_empty_answer_pass_that_has_no_declared_body(proxied):
    """Its head does not tell that it is empty."""
    proxy, _ = proxied(
        lambda talk: talk.send(b"HTTP/1.1 404 None\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), errors=True
    )

    answer = httpx.get(f"{proxy.root}/v1/pets/1")

    assert (answer.status_code, answer.content) == (404, b"")


def test_errors_let_right_answers_pass(proxied):
    """However long they take."""

    def script(talk):
        talk.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 24\r\n\r\n" + PET[:5])
        time.sleep(0.5)
        talk.send(PET[5:])

    proxy, _ = proxied(script, errors=True)

    answer = httpx.get(f"{proxy.root}/v1/pets/1")

    assert (answer.status_code, answer.content) == (200, PET)


def test_a_slow_answer_is_passed_on_and_told_in_the_journal(proxied):
    """Its headers are sent before anybody knows its body."""
    going = threading.Event()

    def script(talk):
        talk.send(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n6\r\n[{}\n, \r\n"
        )
        assert going.wait(5)
        talk.send(b"4\r\n{} ]\r\n0\r\n\r\n")

    proxy, _ = proxied(script)

    with httpx.stream("GET", f"{proxy.root}/v1/pets") as answer:
        going.set()
        content = b"".join(answer.iter_raw())

    assert content == b"[{}\n, {} ]"
    assert "Mock-Violation" not in answer.headers
    assert len(_told(proxy)["broken"]) == 4


def test_a_body_beyond_the_bound_is_not_looked_at(proxied):
    """The journal says so, and how many bytes there were."""
    content = json.dumps(["x" * 1024] * 2100).encode()
    proxy, _ = proxied(as_json(content))

    answer = httpx.get(f"{proxy.root}/v1/pets")

    assert answer.content == content
    assert "Mock-Violation" not in answer.headers
    told = _told(proxy)
    assert told["assumptions"] == [
        f"pets.upstream={len(content):} bytes of its body were not looked at: more than 2 097 152".replace(
            f"{len(content)}", f"{len(content):,}".replace(",", " ")
        )
    ]
    assert told["response"]["body"] == ""


def test_a_request_in_an_unknown_coding_passes(proxied):
    """Nobody but the upstream can tell whether it is right; the journal says so."""
    proxy, upstream = proxied(as_json(PET, b"201 Created"), errors=True)

    headers = {"Content-Type": "application/json", "Content-Encoding": "zstd"}
    answer = httpx.post(f"{proxy.root}/v1/pets", content=b"odd bytes", headers=headers)

    assert (answer.status_code, upstream.talks[0].body) == (201, b"odd bytes")
    assert _told(proxy)["violations"] == []
    assert "the request was not looked at: Content-Encoding is 'zstd'" in _told(proxy)["assumptions"][0]


def test_secrets_are_masked_in_what_is_told(proxied):
    """In the header as in the journal."""
    proxy, _ = proxied(as_json(b'{"id": "s3cretvalue99", "name": "Max"}'))

    answer = httpx.get(f"{proxy.root}/v1/pets/1", headers={"Authorization": "Bearer s3cretvalue99"})

    assert "s3cretvalue99" not in str(answer.headers)
    assert "s3cretvalue99" not in json.dumps(_told(proxy))
    assert "s3cretvalue99" in answer.text


def test_faults_stubs_and_delays_stand_in_front_of_the_upstream(proxied):
    """Whatever the control API of a mock is asked for, a proxy does to the upstream's answers."""
    proxy, upstream = proxied(as_json(PET))
    admin = f"{proxy.root}/__admin"

    httpx.post(f"{admin}/faults", json={"operation": "readPet", "status": 503, "times": 1}).raise_for_status()
    failed = httpx.get(f"{proxy.root}/v1/pets/1")
    httpx.post(f"{admin}/faults", json={"operation": "readPet", "break": "type", "times": 1}).raise_for_status()
    broken = httpx.get(f"{proxy.root}/v1/pets/1")
    httpx.post(f"{admin}/faults", json={"operation": "readPet", "delay": 300, "times": 1}).raise_for_status()
    began = time.monotonic()
    slow = httpx.get(f"{proxy.root}/v1/pets/1")
    waited = time.monotonic() - began
    httpx.post(f"{admin}/faults", json={"operation": "readPet", "connection": "reset", "times": 1}).raise_for_status()
    with pytest.raises(httpx.TransportError):
        httpx.get(f"{proxy.root}/v1/pets/1")
    stub = {"request": {"method": "GET", "urlPath": "/v1/pets/9"}, "response": {"jsonBody": {"id": 9, "name": "Own"}}}
    httpx.post(f"{admin}/mappings", json=stub).raise_for_status()
    stubbed = httpx.get(f"{proxy.root}/v1/pets/9")

    assert failed.status_code == 503
    assert broken.json() != {"id": 1, "name": "Max"}
    assert (slow.content, waited > 0.29) == (PET, True)
    assert stubbed.json() == {"id": 9, "name": "Own"}
    assert len(upstream.talks) == 2


def test_delay_and_fail_of_the_command_line(proxied):
    """They are faults that every world begins with."""
    proxy, upstream = proxied(as_json(PET), fail=("readPet=503",))

    answer = httpx.get(f"{proxy.root}/v1/pets/1")

    assert answer.status_code == 503
    assert upstream.talks == []
