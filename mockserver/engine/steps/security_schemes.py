"""Authenticates callers as the security schemes of a document ask: 401 and 403."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple
from urllib.parse import unquote, unquote_plus

from mockserver.engine.call import Call
from mockserver.engine.steps.credentials import Credential, Credentials
from mockserver.json_text import Json
from mockserver.messages import Headers
from mockserver.openapi.model.document import Document, Resolver
from mockserver.openapi.model.operation import Operation
from mockserver.openapi.model.text_pairs import cookies_of, pairs_of
from mockserver.problem import FORBIDDEN, UNAUTHENTICATED, Problem
from mockserver.state.records.record import Record
from mockserver.state.world import ApiState

OFF: Final = "off"
PRESENT: Final = "present"
CHECK: Final = "check"

_SAMPLE_USER: Final = "user:password"

ABSENT, MISSHAPEN, UNKNOWN, FORBIDDING, GOOD = range(5)
"""How far a caller came with a scheme: nothing was sent, it has not the form, nobody has it, its scopes do not do."""


class PresentedCredential(NamedTuple):
    """The credential that a request has for one scheme; `secret` is empty where it has not the form of the scheme."""

    seen: bool
    secret: str = ""


@dataclass(frozen=True, slots=True)
class Scheme:
    """One security scheme: how its credential is found in a call, what is asked for in words, what a 401 says of it
    (`WWW-Authenticate`), and a header that would do, if it stands in one, or the name of the `query` parameter.
    """

    name: str
    find: Callable[[Call], PresentedCredential]
    expected: str
    challenge: str
    write: Callable[[str], tuple[str, str]] | None = None
    passes: bool = False
    sample: str = "example-token"
    query: str = ""


class SchemeResult(NamedTuple):
    """The result of one alternative: that of the worst of its schemes."""

    rank: int
    scheme: Scheme | None = None
    scopes: tuple[str, ...] = ()
    secret: str = ""
    credential: Credential | None = None


class SecuritySchemes:
    """The guard of a document's API. A call must keep one of its operation's alternatives: with a credential of the
    right form for each scheme in it; where `credentials` are given, with one of those, and with its scopes. A secret
    that `is_ended` in a world is not known there any more.
    """

    permit_order = ""

    def __init__(
        self,
        spec: Document,
        credentials: Credentials | None = None,
        is_ended: Callable[[str, ApiState], bool] | None = None,
    ) -> None:
        self._schemes = schemes_of(spec)
        self._credentials = credentials
        self._is_ended = is_ended
        self.on_admitted: Callable[[str], None] | None = None
        self._operations: dict[Operation, tuple[tuple[tuple[Scheme, tuple[str, ...]], ...], ...]] = {}

    def authenticate(self, call: Call, state: ApiState) -> None:
        """`call.secret` is the credential, `call.caller` what is known of who has it. A Problem 401 or 403."""
        best = SchemeResult(-1)
        for alternative in self._alternatives(call.operation) if call.operation is not None else ():
            verdict = self._verdict(alternative, call)
            if verdict.rank > best.rank:
                best = verdict
            if verdict.rank == GOOD:
                break
        if best.rank == GOOD and best.secret and self._is_ended is not None and self._is_ended(best.secret, state):
            best = best._replace(rank=UNKNOWN)
        if best.rank == GOOD:
            known = best.credential
            call.secret = best.secret
            call.caller = Record({} if known is None else {"name": known.name, "scopes": [*(known.scopes or ("*",))]})
            return
        raise self._refusal(best, call)

    @property
    def samples(self) -> Mapping[str, tuple[str, str]]:
        """A header for each scheme that a header opens, by the scheme's name, ready to be sent."""
        return {scheme.name: scheme.write(secret) for scheme, secret in self._sendable() if scheme.write is not None}

    @property
    def query_samples(self) -> Mapping[str, tuple[str, str]]:
        """A query parameter for each scheme that one opens, by the scheme's name."""
        return {scheme.name: (scheme.query, secret) for scheme, secret in self._sendable() if scheme.query}

    @property
    def secrets(self) -> Mapping[str, str]:
        """A secret of the right form for each scheme, by the scheme's name."""
        return {name: scheme.sample for name, scheme in self._schemes.items() if not scheme.passes}

    @property
    def is_listed(self) -> bool:
        """Whether only the credentials of a list are known."""
        return self._credentials is not None

    def issue(self, token: str) -> list[tuple[str, str, str, str]]:
        """Makes a credential with this token for each scheme, and returns where each is sent (`header`, `query` or
        `cookie`), the name there, the whole value and the secret. From now on it is known as the best known one is.
        """
        made = []
        for scheme in self._schemes.values():
            if scheme.passes:
                continue
            secret = f"{token}:{token}" if scheme.sample == _SAMPLE_USER else token
            name, value = scheme.write(secret) if scheme.write is not None else (scheme.query, secret)
            place = "query" if scheme.query else "header"
            if name == "Cookie":
                place, (name, _, value) = "cookie", value.partition("=")
            self.admit(secret)
            made.append((place, name, value, secret))
        return list(dict.fromkeys(made))

    def admit(self, secret: str) -> None:
        """The secret, or the header value that ends with it, is known from now on, with all scopes of its scheme;
        `on_admitted` is told.
        """
        self.know(secret)
        if self.on_admitted is not None and self._credentials is not None:
            self.on_admitted(secret)

    def know(self, secret: str) -> None:
        """The same for a secret that was admitted elsewhere."""
        if self._credentials is not None:
            token = secret.rpartition(" ")[2]
            self._credentials.setdefault(token, Credential())
            if pair := _basic(token):
                self._credentials.setdefault(pair, Credential())

    def sample(self, operations: Iterable[Operation]) -> tuple[str, str]:
        """The header that opens the most of these operations by itself; empty where none does."""
        samples = self.samples
        counts = Counter(
            name for operation in operations for needed in operation.security if len(needed) == 1 for name in needed
        )
        return next((samples[name] for name, _ in counts.most_common() if name in samples), ("", ""))

    def permission(self, _scopes: tuple[str, ...]) -> None:
        """No step: `authenticate` asks for the scopes with the credential."""

    def _sendable(self) -> Iterator[tuple[Scheme, str]]:
        for name, scheme in self._schemes.items():
            secret = scheme.sample if self._credentials is None else self._credentials.best(name)
            if secret:
                yield scheme, secret

    def _alternatives(self, operation: Operation) -> tuple[tuple[tuple[Scheme, tuple[str, ...]], ...], ...]:
        known = self._operations.get(operation)
        if known is None:
            known = self._operations[operation] = tuple(
                tuple((self._schemes[name], scopes) for name, scopes in needed.items() if name in self._schemes)
                for needed in operation.security
            )
        return known

    def _verdict(self, alternative: tuple[tuple[Scheme, tuple[str, ...]], ...], call: Call) -> SchemeResult:
        verdicts = [self._one(scheme, scopes, call) for scheme, scopes in alternative]
        worst = min(verdicts, key=lambda verdict: verdict.rank, default=SchemeResult(GOOD))
        if worst.rank < GOOD:
            return worst
        return next((verdict for verdict in verdicts if verdict.secret), worst)

    def _one(self, scheme: Scheme, scopes: tuple[str, ...], call: Call) -> SchemeResult:
        if scheme.passes:
            return SchemeResult(GOOD)
        seen, secret = scheme.find(call)
        if not secret:
            return SchemeResult(MISSHAPEN if seen else ABSENT, scheme)
        if self._credentials is None:
            return SchemeResult(GOOD, scheme, (), secret)
        credential = self._credentials.get(secret)
        if credential is None or credential.scheme not in ("", scheme.name):
            return SchemeResult(UNKNOWN, scheme)
        missing = tuple(scope for scope in scopes if not credential.has(scope))
        return SchemeResult(FORBIDDING if missing else GOOD, scheme, missing, secret, credential)

    def _refusal(self, verdict: SchemeResult, call: Call) -> Problem:
        scheme = verdict.scheme
        if verdict.rank == FORBIDDING and scheme is not None:
            listed = " ".join(verdict.scopes)
            said = f'{scheme.challenge}, error="insufficient_scope", scope="{_quotable(listed)}"'
            headers = (("WWW-Authenticate", said),) if scheme.challenge.startswith("Bearer") else ()
            detail = f"The credential lacks what this operation asks for: the scope {', '.join(verdict.scopes)}."
            return Problem(403, detail, code=FORBIDDEN, headers=headers)
        alternatives = self._alternatives(call.operation) if call.operation is not None else ()
        expected = " or ".join(" with ".join(one.expected for one, _ in needed) for needed in alternatives)
        seen = {
            MISSHAPEN: f"What was sent as a credential has not the form that is asked for: expected {expected}.",
            UNKNOWN: f"The credential is not known; expected {expected}, with one that is.",
        }.get(verdict.rank, f"No credential was sent; expected {expected}.")
        wrong = scheme if verdict.rank == UNKNOWN else None
        return Problem(401, seen, code=UNAUTHENTICATED, headers=_challenges(alternatives, wrong))


def _challenges(alternatives: tuple[tuple[tuple[Scheme, tuple[str, ...]], ...], ...], wrong: Scheme | None) -> Headers:
    said = {}
    for scheme, _ in (entry for needed in alternatives for entry in needed):
        if scheme.challenge:
            invalid = scheme is wrong and scheme.challenge.startswith("Bearer")
            said[scheme.challenge] = scheme.challenge + (', error="invalid_token"' if invalid else "")
    return tuple(("WWW-Authenticate", challenge) for challenge in said.values())


# The schemes


def schemes_of(spec: Document) -> Mapping[str, Scheme]:
    """The security schemes of the document by name."""
    nodes = spec.document.get("components", {}).get("securitySchemes", {})
    resolve = Resolver(spec.document)
    realm = _quotable(str(spec.document.get("info", {}).get("title", "")))
    found = {name: resolve(node, f"/components/securitySchemes/{name}")[0] for name, node in nodes.items()}
    return {name: _MAKE[node["type"]](name, node, realm) for name, node in found.items() if node.get("type") in _MAKE}


def _quotable(text: str) -> str:
    return re.sub(r"[^ !#-\[\]-~]", "", text)[:200]


def _key(name: str, node: Json, _realm: str) -> Scheme:
    key, place = node["name"], node["in"]
    challenge = f'ApiKey name="{_quotable(key)}", in="{place}"'
    find, word, write = _KEYS[place]
    sends = None if write is None else lambda secret: write(key, secret)
    query = key if place == "query" else ""
    return Scheme(name, find(key), f"the {word} `{key}`", challenge, sends, sample="example-key", query=query)


def _header_key(key: str) -> Callable[[Call], PresentedCredential]:
    def find(call: Call) -> PresentedCredential:
        text = call.request.headers.get(key)
        return PresentedCredential(text is not None, (text or "").strip())

    return find


def _query_key(key: str) -> Callable[[Call], PresentedCredential]:
    def find(call: Call) -> PresentedCredential:
        texts = pairs_of(call.request.query).get(key)
        return PresentedCredential(texts is not None, unquote_plus(texts[-1]) if texts else "")

    return find


def _cookie_key(key: str) -> Callable[[Call], PresentedCredential]:
    def find(call: Call) -> PresentedCredential:
        texts = cookies_of(call.request.headers.get("Cookie") or "").get(key)
        return PresentedCredential(texts is not None, unquote(texts[-1]) if texts else "")

    return find


Find = Callable[[Call], PresentedCredential]
Write = Callable[[str, str], tuple[str, str]]
_KEYS: Mapping[str, tuple[Callable[[str], Find], str, Write | None]] = {
    "header": (_header_key, "header", lambda key, secret: (key, secret)),
    "query": (_query_key, "query parameter", None),
    "cookie": (_cookie_key, "cookie", lambda key, secret: ("Cookie", f"{key}={secret}")),
}


def _http(name: str, node: Json, realm: str) -> Scheme:
    word = node["scheme"].strip()
    lowered = word.lower()
    if lowered == "basic":
        challenge = f'Basic realm="{realm}", charset="UTF-8"'
        expected = "`Authorization: Basic <user:password in base64>`"
        return Scheme(name, _after(lowered, _basic), expected, challenge, _as_basic, sample=_SAMPLE_USER)
    if lowered == "bearer":
        return _bearer(name, node, realm)
    word = _quotable(word)
    expected = f"`Authorization: {word} <credentials>`"
    challenge = f'{word} realm="{realm}"'
    return Scheme(name, _after(lowered, str), expected, challenge, lambda secret: ("Authorization", f"{word} {secret}"))


def _bearer(name: str, _node: Json, realm: str) -> Scheme:
    find = _after("bearer", _token)
    return Scheme(name, find, "`Authorization: Bearer <token>`", f'Bearer realm="{realm}"', _as_bearer)


def _mutual(name: str, _node: Json, _realm: str) -> Scheme:
    return Scheme(name, lambda _: PresentedCredential(seen=True), "a client certificate", "", passes=True)


_MAKE: Mapping[str, Callable[[str, Json, str], Scheme]] = {
    "apiKey": _key, "http": _http, "oauth2": _bearer, "openIdConnect": _bearer, "mutualTLS": _mutual,
}  # fmt: skip


def _after(word: str, read: Callable[[str], str]) -> Callable[[Call], PresentedCredential]:
    """Reads the text in `Authorization` behind the word of the scheme, in any case."""

    def find(call: Call) -> PresentedCredential:
        given = call.request.headers.get("Authorization")
        if not given:
            return PresentedCredential(seen=False)
        scheme, _, rest = given.strip().partition(" ")
        return PresentedCredential(seen=True, secret=read(rest.strip()) if scheme.lower() == word else "")

    return find


def _token(text: str) -> str:
    """The token; empty for what is none (RFC 6750)."""
    return text if re.fullmatch("[A-Za-z0-9._~+/-]+=*", text) else ""


def _basic(text: str) -> str:
    """`user:password`; empty for what is not those two in base64 (RFC 7617)."""
    try:
        pair = b64decode(text, validate=True).decode()
    except ValueError:
        return ""
    return pair if ":" in pair else ""


def _as_basic(secret: str) -> tuple[str, str]:
    return "Authorization", f"Basic {b64encode(secret.encode()).decode()}"


def _as_bearer(secret: str) -> tuple[str, str]:
    return "Authorization", f"Bearer {secret}"
