"""Masks the secrets of exchanges and problems of one API."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Final

from mockserver.engine.redaction.declared_secrets import NOTHING, DeclaredSecrets, OutgoingSecrets, credentials_of
from mockserver.engine.redaction.secret_bodies import masked_body, masked_value
from mockserver.engine.redaction.secret_schemas import SecretSchema
from mockserver.engine.redaction.secret_text import MASK, SecretTexts, mask_credential, parts_of_credential
from mockserver.json_pointer import value_at
from mockserver.json_text import Json, Malformed, encode, read_json
from mockserver.messages import Exchange, Request, Response
from mockserver.openapi.model.document import Document
from mockserver.openapi.model.operation import Operation
from mockserver.problem import Problem, Violation

Scrub = Callable[[str], str]
MOST_SCANNED: Final = 256 * 1024
"""Bytes of a request's body that are searched for secrets when an error about it is written."""


class Redactor:
    """Knows the secrets of one API: `credentials` are the headers that open it. Without a document, by names alone."""

    def __init__(self, spec: Document | None = None, credentials: Iterable[tuple[str, str]] = ()) -> None:
        self._spec = spec
        self._operations = {} if spec is None else {operation.id: operation for operation in spec.operations}
        self._credentials = credentials_of(spec, credentials)
        self._declared: dict[str, DeclaredSecrets] = {}

    def exchange(self, exchange: Exchange) -> Exchange:
        """The exchange with every secret masked wherever it stands: path, query, headers, bodies, violations. A secret
        that was found in one place is masked in all others too.
        """
        declared = self.declared(exchange.operation)
        texts = SecretTexts(declared.is_query)
        request = _masked_request(exchange.request, declared, texts)
        media_type = next((value for name, value in exchange.headers if name.lower() == "content-type"), "")
        headers = tuple((name, _masked_header(name, value, declared, texts)) for name, value in exchange.headers)
        content = masked_body(
            exchange.content,
            media_type,
            declared.response_body(exchange.status),
            texts,
            secret=declared.hides_answer and _is_bare(exchange.content),
        )
        scrub = texts.scrub()
        return exchange._replace(
            request=_scrubbed_request(request, scrub),
            headers=tuple((name, scrub(value)) for name, value in headers),
            content=_scrubbed_bytes(content, scrub),
            violations=self.violations(exchange.violations, exchange, scrub),
            broken=self.violations(exchange.broken, exchange, scrub),
            assumptions=tuple(map(scrub, exchange.assumptions)),
        )

    def declared(self, operation: str) -> DeclaredSecrets:
        """The secrets of the operation with this id; of another id what the API declares for all."""
        name = operation if operation in self._operations else ""
        found = self._declared.get(name)
        if found is None:
            found = self._declared[name] = DeclaredSecrets(self._credentials, self._operations.get(name))
        return found

    def outgoing_body(self, event: str) -> SecretSchema:
        """The schema of the body that a webhook or callback of this name sends."""
        return NOTHING if self._spec is None else self._outgoing.body(event)

    @cached_property
    def _outgoing(self) -> OutgoingSecrets:
        return OutgoingSecrets(self._spec)

    # Problems

    def scrub(self, request: Request, operation: Operation | None) -> Scrub:
        """A function that masks in texts whatever secret the request has."""
        declared = self.declared("" if operation is None else operation.id)
        texts = SecretTexts(declared.is_query)
        body = request.body if len(request.body) <= MOST_SCANNED else b""
        _masked_request(request._replace(body=body), declared, texts)
        return texts.scrub()

    def problem(self, problem: Problem, request: Request, operation: Operation | None, scrub: Scrub) -> Problem:
        """The Problem without the secrets of the request, in its text as in its violations."""
        shown = self.violations(problem.violations, _bare_exchange(request, operation), scrub)
        detail = problem.detail
        for before, after in zip(problem.violations, shown, strict=True):
            detail = detail.replace(before.message, after.message)
        return _with_texts(problem, scrub(detail), shown)

    def broken(
        self, found: tuple[Violation, ...], request: Request, operation: Operation, response: Response
    ) -> tuple[Violation, ...]:
        """What breaks the document in an answer, without the secrets of the answer and of its request."""
        status, body, headers = response
        exchange = _bare_exchange(request, operation)._replace(status=status, headers=headers, content=encode(body))
        return self.exchange(exchange._replace(broken=found)).broken

    def violations(self, found: tuple[Violation, ...], exchange: Exchange, scrub: Scrub) -> tuple[Violation, ...]:
        """The violations without secrets: those that are about one, and those that repeat one."""
        return tuple(_scrubbed(one, scrub, is_secret=self.is_about_secret(exchange, one)) for one in found)

    def is_about_secret(self, exchange: Exchange, violation: Violation) -> bool:
        """Whether the violation is about a secret, or about a value that has one in it."""
        declared, (place, *path) = self.declared(exchange.operation), violation.location
        if place == "header":
            return any(map(declared.is_header, path[:1]))
        if place in ("query", "path"):
            return any(map(declared.is_query, path[:1])) or place == "query" == "".join(path)
        if place == "cookie":
            return True
        is_answer = place == "response"
        schema = declared.response_body(exchange.status) if is_answer else declared.request_body
        return _leads_to_secret(schema, path, exchange.content if is_answer else exchange.request.body)


BY_NAMES: Final = Redactor()
"""What is told of exchanges of no API."""


def masked_whole(_text: str) -> str:
    """A mask in the place of a text whose secrets are not known."""
    return MASK


def masked_response(response: Response, scrub: Scrub) -> Response:
    """The answer with the texts of its body scrubbed."""
    body = response.body
    if body is None or scrub is str:
        return response
    return response._replace(
        body=_scrubbed_bytes(body, scrub) if isinstance(body, bytes) else scrubbed_value(body, scrub)
    )


def _bare_exchange(request: Request, operation: Operation | None) -> Exchange:
    """The request with an answer of which nothing is known yet."""
    name = "" if operation is None else operation.id
    return Exchange(0, 0, "", "", name, request, 0, (), b"", (), (), (), "", 0, 0)


def _with_texts(problem: Problem, detail: str, violations: tuple[Violation, ...]) -> Problem:
    if detail == problem.detail and violations == problem.violations:
        return problem
    return Problem(
        problem.status,
        detail,
        code=problem.code,
        about=problem.about,
        violations=violations,
        headers=problem.headers,
        retry_after=problem.retry_after,
    )


def _masked_request(request: Request, declared: DeclaredSecrets, texts: SecretTexts) -> Request:
    sent = request.headers
    headers = {name: _masked_header(name, value, declared, texts) for name, value in sent.items()}
    media_type = sent.get("Content-Type") or ""
    path, asked = (_masked_path(one, declared, texts) for one in (request.path, request.asked))
    return request._replace(
        path=path,
        asked=asked,
        query=texts.query(request.query, declared.is_query),
        headers=ShownHeaders(headers),
        body=masked_body(request.body, media_type, declared.request_body, texts),
    )


def masked_headers(headers: Mapping[str, Json], redactor: Redactor, texts: SecretTexts) -> dict[str, str]:
    """The headers of an outgoing request with its credentials masked."""
    declared = redactor.declared("")
    return {name: _masked_header(name, str(value), declared, texts) for name, value in headers.items()}


class ShownHeaders(dict[str, str]):
    """Headers as they are shown: a dictionary in which names are looked up in any case."""

    def __getitem__(self, name: str) -> str:
        lowered = name.lower()
        for known, value in self.items():
            if known.lower() == lowered:
                return value
        raise KeyError(name)

    def get(self, name: str, default: str | None = None) -> str | None:  # type: ignore[override]  # a header or nothing
        try:
            return self[name]
        except KeyError:
            return default


def _masked_path(path: str, declared: DeclaredSecrets, texts: SecretTexts) -> str:
    for part in declared.secret_path(path):
        path = path.replace(part, texts.hide(part))
    return texts.text(path)


def _masked_header(name: str, value: str, declared: DeclaredSecrets, texts: SecretTexts) -> str:
    lowered = name.lower()
    if lowered in ("cookie", "set-cookie"):
        return _masked_cookies(value, texts, is_set=lowered == "set-cookie")
    if declared.is_header(name):
        texts.found.update(parts_of_credential(value))
        return mask_credential(value)
    return texts.text(value)


def _masked_cookies(value: str, texts: SecretTexts, *, is_set: bool) -> str:
    """Every cookie without its value; of one that is set, with its attributes."""
    first, *rest = value.split(";")
    shown = [_masked_cookie(first, texts), *(rest if is_set else (_masked_cookie(pair, texts) for pair in rest))]
    return ";".join(shown)


def _masked_cookie(pair: str, texts: SecretTexts) -> str:
    name, equals, value = pair.partition("=")
    if not equals:
        return MASK if pair.strip() else pair
    texts.found.add(value.strip('" '))
    return f"{name}={MASK}"


def _leads_to_secret(schema: SecretSchema, path: list[str], content: bytes) -> bool:
    """Whether the way to a part of the body leads into a secret, or ends at a value that has one in it."""
    for token in path:
        if schema.holds_secret(token) or (token.isdecimal() and schema.item.is_password):
            return True
        is_item = token.isdecimal() and schema.item.is_declared
        schema = schema.item if is_item else schema.member(token)
    try:
        value = value_at(read_json(content), path, None)
    except Malformed:
        return False
    return isinstance(value, (dict, list)) and masked_value(value, schema, SecretTexts()) != value


def _scrubbed(violation: Violation, scrub: Scrub, *, is_secret: bool) -> Violation:
    """The violation without the value, if that was a secret or had one in it."""
    message = violation.message
    if is_secret and violation.seen:
        bare = violation.seen.strip('"')
        message = message.replace(violation.seen, MASK).replace(bare, MASK) if bare else message
        if "{" in message or "[" in message:  # of an object or array that is repeated otherwise
            message = f"does not keep `{violation.keyword}`"
    seen = MASK if is_secret and violation.seen else scrub(violation.seen)
    message = scrub(message)
    if seen == violation.seen and message == violation.message:
        return violation
    return replace(violation, seen=seen, message=message)


def _scrubbed_request(request: Request, scrub: Scrub) -> Request:
    if scrub is str:
        return request
    return request._replace(
        path=scrub(request.path),
        asked=scrub(request.asked),
        query=scrub(request.query),
        headers=ShownHeaders({name: scrub(value) for name, value in request.headers.items()}),
        body=_scrubbed_bytes(request.body, scrub),
    )


def _scrubbed_bytes(content: bytes, scrub: Scrub) -> bytes:
    """The body with secrets masked in its texts alone where it is JSON, so that it remains that."""
    if scrub is str or not content:
        return content
    charset = "utf-8"
    try:
        text = content.decode()
    except UnicodeDecodeError:
        charset = "latin-1"
        text = content.decode(charset)
    shown = scrub(text)
    if shown == text:
        return content
    try:
        return encode(scrubbed_value(read_json(content), scrub))
    except Malformed:
        return shown.encode(charset, "replace")


def _is_bare(content: bytes) -> bool:
    """Whether a body is one text, of JSON or without a form."""
    return content[:1] not in (b"", b"{", b"[", b"<")


def scrubbed_value(value: Json, scrub: Scrub) -> Json:
    """The JSON value with every text in it scrubbed."""
    if isinstance(value, str):
        return scrub(value)
    if isinstance(value, dict):
        return {name: scrubbed_value(member, scrub) for name, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [scrubbed_value(item, scrub) for item in value]
    return value
