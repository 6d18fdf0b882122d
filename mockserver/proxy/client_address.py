"""Rewrites header fields that name the upstream, so that they name the proxy."""

from __future__ import annotations

import re
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from mockserver.proxy.forwarded_headers import Fields
from mockserver.proxy.upstream_address import PORTS, UpstreamAddress


class ClientAddress(NamedTuple):
    """The address at which a client reaches what is at the `upstream`. `origin` are scheme and host as the client named
    them, empty where it named none; `prefix` stands there in the place of the upstream's own path. An upstream that was
    told the `origin`, where the proxy `keeps_host`, takes it for its own. `asked` is the address of the request.
    """

    upstream: UpstreamAddress
    origin: str
    host: str
    prefix: str
    keeps_host: bool = False
    asked: str = ""

    def rewritten(self, fields: Fields) -> tuple[Fields, list[str]]:
        """The fields with the proxy where they named the upstream, and the names of those that were changed.

        These are references in `Location` and `Content-Location`, those of `Link` and `Refresh`, whole addresses that
        are the value of another field, and the attributes `Domain` and `Path` of `Set-Cookie`.
        """
        found = [(name, self._value(name.lower(), value)) for name, value in fields]
        pairs = zip(fields, found, strict=True)
        return found, [*dict.fromkeys(before[0] for before, after in pairs if before != after)]

    def _value(self, name: str, value: str) -> str:
        if name == "set-cookie":
            return self._cookie(value)
        if name in _REFERENCES:
            moved = self._reference(value)
            # A redirect to the same address in https would become one to the address that was asked, without an end.
            return value if moved == self.asked and value != moved else moved
        if name in _WITHIN:
            return _WITHIN[name].sub(lambda found: found[1] + self._reference(found[2]), value)
        return self._reference(value) if _ADDRESS_WITH_PATH.match(value) else value

    def _reference(self, text: str) -> str:
        """The reference as it leads to the same place from the proxy. What is at the upstream, and not below its path,
        cannot be asked at the proxy: it is named with the upstream.
        """
        found = _AUTHORITY.match(text)
        if found is None and text[:1] != "/":
            return text
        if found is not None and not self._is_upstream(found[0]):
            return text
        rest = text if found is None else text[found.end() :]
        path = _PATH.match(rest)
        asked = "" if path is None else path[0]
        base = self.upstream.base
        if base and asked != base and not asked.startswith(base + "/"):
            return self.upstream.origin + rest if found is None else text
        moved = self.prefix + rest[len(base) :]
        moved = moved if moved[:1] == "/" else "/" + moved
        if found is not None and self.origin:
            return self.origin + (moved if rest or self.prefix else rest)
        return "/." + moved if moved != text and moved[1:2] in _SECOND_SLASH else moved

    def _is_upstream(self, authority: str) -> bool:
        """Whether scheme, host and port are those of the upstream."""
        try:
            parts = urlsplit(authority)
            scheme = parts.scheme or self.upstream.scheme
            port = parts.port or PORTS.get(scheme)
        except ValueError:
            return False
        known = scheme, parts.hostname or "", port
        if self.keeps_host and parts.netloc.lower() == urlsplit(self.origin).netloc.lower() != "":
            return True
        return "@" not in authority and known == (self.upstream.scheme, self.upstream.host.lower(), self.upstream.port)

    def _cookie(self, value: str) -> str:
        first, *attributes = value.split(";")
        kept = [first]
        for attribute in attributes:
            name, mark, text = attribute.partition("=")
            known = name.strip().lower()
            if known == "domain" and self._is_foreign(text.strip().lower().lstrip(".")):
                continue
            if known == "path" and text.strip() != "/":
                path = text.strip()
                base = self.upstream.base
                if path == base or path.startswith(base + "/"):
                    moved = self.prefix + path[len(base) :]
                    attribute = attribute if moved == path else f"{name}{mark}{moved or '/'}"
            kept.append(attribute)
        return ";".join(kept)

    def _is_foreign(self, domain: str) -> bool:
        """Whether a cookie of this domain is one of the upstream's, and none of the proxy's."""
        return _is_of(self.upstream.host.lower(), domain) and not _is_of(self.host.lower(), domain)


def _is_of(host: str, domain: str) -> bool:
    return host == domain or host.endswith("." + domain)


_REFERENCES: Final = frozenset({"location", "content-location"})
_WITHIN: Final = {
    "link": re.compile(r"(<\s*)([^<>\s]+)"),
    "refresh": re.compile(r"(^\s*[0-9.]+\s*[;,]\s*url\s*=\s*[\"']?)([^\"'\s]+)", re.IGNORECASE),
}
_AUTHORITY: Final = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*:)?//[^/?#\\]*")
_ADDRESS_WITH_PATH: Final = re.compile(r"https?://[^/?#\\\s]+/[^\s,;]*\Z", re.IGNORECASE)
_PATH: Final = re.compile(r"[^?#]*")
_SECOND_SLASH: Final = ("/", "\\")
