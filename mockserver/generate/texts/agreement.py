"""Makes members of one object consistent: a slug follows from the title, an e-mail address from the name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from mockserver.generate.texts.fake_text import slug_of
from mockserver.generate.texts.field_names import kind_of
from mockserver.json_text import Json
from mockserver.spelling import words_of

SLUGS: Final = frozenset({"slug", "handle", "permalink", "urlslug", "urlkey"})
_TITLES: Final = ("title", "name", "headline", "subject")
_FIRST: Final = ("firstname", "givenname", "forename", "fname")
_LAST: Final = ("lastname", "familyname", "surname", "lname")
_NAMES: Final = frozenset({"fullname", "displayname", "realname", "name"})
_LOGINS: Final = frozenset({"username", "login", "screenname", "nickname", "handle"})


def consistent_members(value: Mapping[str, Json], owners: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """The members whose texts follow from others, with those texts; `owners` are names that the object may have."""
    by_name = {"".join(words_of(name)): name for name in value}
    person = _person(value, by_name, owners)
    title = title_of(value)
    for joined, name in by_name.items():
        if not isinstance(value[name], str):
            continue
        if joined in SLUGS and title and not person:
            yield name, slug_of(title)
        elif person and joined in _NAMES:
            yield name, " ".join(person)
        elif person and joined in _LOGINS:
            yield name, slug_of("".join(person)).replace("-", "")
        elif person and joined in ("email", "emailaddress", "mail"):
            domain = str(value[name]).partition("@")[2] or "example.com"
            yield name, f"{'.'.join(map(slug_of, person))}@{domain}"


def title_of(value: Mapping[str, Json]) -> str:
    """The title of the object; empty if it has none."""
    by_name = {"".join(words_of(name)): text for name, text in value.items() if isinstance(text, str)}
    return next((by_name[name] for name in _TITLES if by_name.get(name)), "")


def _person(value: Mapping[str, Json], by_name: Mapping[str, str], owners: tuple[str, ...]) -> tuple[str, ...]:
    """First and last name of a person; empty if the object describes none."""

    def found(names: tuple[str, ...]) -> str:
        texts = (value[by_name[name]] for name in names if name in by_name)
        return next((text for text in texts if isinstance(text, str) and text), "")

    if (first := found(_FIRST)) and (last := found(_LAST)):
        return first, last
    whole = found(("fullname", "name", "realname", "displayname"))
    is_person = kind_of("name", owners) == "person" or "fullname" in by_name
    return tuple(whole.split()) if is_person and whole.count(" ") == 1 else ()
