"""Tells by a name whether a member, parameter, header or cookie holds a secret."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from mockserver.spelling import plain, words_of

_SECRET: Final = re.compile(
    r"(secret|secretkey|password|passwd|passphrase|passcode|passwort|pwd|tokens?|jwt|apikeys?|(access|private|signing|"
    r"encryption|master|shared|account|subscription|auth|session|function|functions|hmac)key|authorization|credentials?|"
    r"signature|totp|otp|cvv2?|cvc2?|codeverifier|clientassertion|samlresponse|connectionstring|authcode|"
    r"authorizationcode|securitycode|recoverycodes?|csrf|xsrf)(value|hash|digest|salt|confirmation|confirm|repeat|again|"
    r"plain|text|raw|old|new|current)?[0-9]{0,2}$"
)
_EXACT: Final = frozenset({"auth", "sig", "bearer", "assertion", "hmac", "pass"})
_NO_SECRET: Final = re.compile(r"(page|next|prev|previous|continuation|cursor|sync|skip|max|total|prompt|completion|"
                               r"input|output|cached|reasoning|remaining|used|num|count|bucket)tokens?$")  # fmt: skip
_KEY_THAT_OPENS_NOTHING: Final = frozenset({"idempotency", "cache", "surrogate", "sort", "partition", "routing",
                                            "request", "websocket", "dedup", "correlation"})  # fmt: skip
_HEADER_WORDS: Final = frozenset({"auth", "authorization", "authentication", "signature", "token", "secret", "session",
                                  "csrf", "xsrf", "credential", "credentials", "password", "jwt", "hmac", "assertion",
                                  "apikey", "sessionid"})  # fmt: skip
_WRITE_ONLY_WORDS: Final = _HEADER_WORDS | {
    "pin", "code", "key", "otp", "totp", "cvv", "cvc", "answer", "hash", "salt", "seed", "phrase", "mnemonic", "pass",
    "passcode", "passphrase", "pwd", "passwd", "cert", "certificate", "private", "challenge", "verifier", "tokens",
}  # fmt: skip
_PARTS: Final = re.compile(r"[\[\].]+")


@lru_cache(maxsize=8192)
def is_secret(name: str) -> bool:
    """Whether a member or parameter with this name holds a secret, as far as names tell. Of `user[password]` and
    `user.password` the last part counts.
    """
    for part in _PARTS.split(name):
        joined = plain(part)
        if joined in _EXACT or (_SECRET.search(joined) is not None and _NO_SECRET.search(joined) is None):
            return True
    return False


@lru_cache(maxsize=2048)
def is_secret_header(name: str) -> bool:
    """The same for a header, where whatever speaks of keys, sessions and signatures is for the receiver alone."""
    words = words_of(name)
    if is_secret(name) or name.lower().startswith(("x-auth-", "cookie", "set-cookie")):
        return True
    if _NO_SECRET.search(plain(name)) is not None or not words:
        return False
    if words[-1] == "key":
        return _KEY_THAT_OPENS_NOTHING.isdisjoint(words)
    return not _HEADER_WORDS.isdisjoint(words)


@lru_cache(maxsize=2048)
def is_secret_when_write_only(name: str) -> bool:
    """Whether a member that the document declares `writeOnly` holds a secret: `pin` or `answer` do where nobody reads
    them back.
    """
    return is_secret(name) or not _WRITE_ONLY_WORDS.isdisjoint(words_of(name))
