"""Detects operations that take and answer files, and the paths that files belong to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from mockserver.engine.body.charset import bare_type
from mockserver.engine.body.media_families import BINARY, FORM, MULTIPART, TEXT, family
from mockserver.json_pointer import escaped
from mockserver.json_text import Json
from mockserver.problem import Unusable
from mockserver.resources.detect.decisions import CollectionPlan, Evidence, Role
from mockserver.resources.detect.names import named
from mockserver.resources.detect.operation_view import Key, OperationView, segments_of
from mockserver.resources.detect.schema_shape import SchemaPlace
from mockserver.spelling import plain, words_of

FILE_KINDS: Final = ("upload", "download", "erase")
"""Roles on files, and on no collection."""
_GENERIC: Final = named(
    "upload uploads download downloads content contents file raw data binary media bytes body blob stream original "
    "value src source attachment get put set add new preview view"
)
"""Last words of paths that do not say which file is meant: `/files/{id}/content`."""
_PICTURES: Final = re.compile(r"(?:image|audio|video|font)/", re.IGNORECASE)
_ANYTHING: Final = ("*/*", "application/*")


def is_file(media_type: str) -> bool:
    """Returns whether bodies of this media type are bytes that the mock does not parse."""
    bare = bare_type(media_type)
    return _PICTURES.match(bare) is not None or family(bare) in (BINARY, TEXT)


def takes_files(view: OperationView) -> bool:
    """Returns whether the body of an operation is a file, a form with one, or an object with a file as base64."""
    if encoded_member(view):
        return True
    content = _content(view, view.node.get("requestBody"), f"{view.operation.at}/requestBody")
    return any(
        _has_file(view, node, at) if family(bare_type(name)) == MULTIPART else _is_bytes(view, name, node, at)
        for name, node, at in content
    )


def encoded_member(view: OperationView) -> str:
    """Returns the member of a JSON body that is a file in base64: `content` of `{filename, content}`. Empty where there
    is none.
    """
    if view.body_place is None or view.body.is_list:
        return ""
    is_file_like = any(plain(name) in FILE_NAMES for name in view.body.members)
    for name in view.body.members:
        node = view.shapes.member(view.body, name).node
        node = node if isinstance(node, dict) else {}
        says_base64 = _is_base64(node) or "base64" in f"{plain(name)} {node.get('description', '')}".lower()
        member = view.shapes.member(view.body, name)
        if says_base64 and "string" in member.types and (is_file_like or plain(name) in _ENCODED):
            return name
    return ""


def is_declared_base64(view: OperationView) -> bool:
    """Returns whether that member takes nothing but base64; elsewhere it is one of the ways to send a file."""
    name = encoded_member(view)
    node = view.shapes.member(view.body, name).node if name else None
    return isinstance(node, dict) and (_is_base64(node) or not _MAY_BE_TEXT.search(str(node.get("description", ""))))


def _is_base64(node: Mapping[str, Json]) -> bool:
    return node.get("format") in ("byte", "base64") or node.get("contentEncoding") in ("base64", "base64url")


_MAY_BE_TEXT: Final = re.compile(r"\b(?:or|either|if|optional|may)\b", re.IGNORECASE)
"""Wordings by which a member is base64 in some requests only."""

FILE_NAMES: Final = named("filename originalname originalfilename fileoriginalname")
_ENCODED: Final = named(
    "content contents data file filedata filecontent filecontents base64 contentbase64 database64 filebase64 image "
    "imagedata attachment payload bytes"
)


def answers_files(view: OperationView) -> bool:
    """Returns whether all successes of an operation that have a body are files."""
    found = False
    for status, place in view.responses.items():
        if status[0] != "2":
            continue
        for name, node, at in _content(view, place.node, place.pointer):
            if not _is_bytes(view, name, node, at):
                return False
            found = True
    return found


def file_members(view: OperationView) -> frozenset[str]:
    """Returns the members of a form that are files."""
    content = _content(view, view.node.get("requestBody"), f"{view.operation.at}/requestBody")
    forms = ((node, at) for name, node, at in content if family(bare_type(name)) in (MULTIPART, FORM))
    return frozenset(name for node, at in forms for name in _files_of(view, node, at))


def _content(view: OperationView, owner: Json, at: str) -> Iterator[tuple[str, Json, str]]:
    try:
        owner, at = view.shapes.resolve(owner, at) if isinstance(owner, dict) else ({}, at)
    except Unusable:
        return
    content = owner.get("content") if isinstance(owner, dict) else None
    for name, node in (content if isinstance(content, dict) else {}).items():
        if isinstance(node, dict):
            yield name, node, f"{at}/content/{escaped(name)}"


def _is_bytes(view: OperationView, name: str, node: Mapping[str, Json], at: str) -> bool:
    if not is_file(name):
        return False
    if not isinstance(node.get("schema"), dict):
        return name.strip() not in _ANYTHING
    shape = view.shapes.at(SchemaPlace(node["schema"], f"{at}/schema"))
    is_text = not shape.is_object and not shape.is_list and (not shape.types or "string" in shape.types)
    return is_text and (name.strip() not in _ANYTHING or shape.format == "binary")


def _has_file(view: OperationView, node: Mapping[str, Json], at: str) -> bool:
    return bool([*_files_of(view, node, at)])


def _files_of(view: OperationView, node: Mapping[str, Json], at: str) -> Iterator[str]:
    if not isinstance(node.get("schema"), dict):
        return
    encoding = node.get("encoding")
    encoding = encoding if isinstance(encoding, dict) else {}
    shape = view.shapes.at(SchemaPlace(node["schema"], f"{at}/schema"))
    for name, place in shape.members.items():
        member = view.shapes.at(place)
        one = view.shapes.items(member) if member.is_list else member
        declared = encoding.get(name)
        kind = str(declared.get("contentType", "")) if isinstance(declared, dict) else ""
        is_media = isinstance(one.node, dict) and "contentMediaType" in one.node and "contentEncoding" not in one.node
        if one.format == "binary" or is_media or (kind and is_file(kind.partition(",")[0])):
            yield name


def address(key: Key) -> Key:
    """Returns the path that a file belongs to: without last words that do not say which file is meant."""
    if not key or key[-1] == "{}":
        return key
    noun = "-".join(word for word in words_of(key[-1]) if word not in _GENERIC)
    return (*key[:-1], noun) if noun else address(key[:-1])


def item_key(collection: CollectionPlan) -> Key:
    """Returns the path of a collection's records as a key."""
    return tuple("{}" if segment[:1] == "{" else segment for segment in segments_of(collection.item_path))


def file_roles(
    views: list[OperationView], roles: Mapping[str, Role], collections: Mapping[str, CollectionPlan]
) -> Iterator[Role]:
    """Yields the roles of operations that take, answer or delete files, and have none yet."""
    uploads = {where: view for view in views if (where := _takes_at(view, roles, collections)) is not None}
    downloads = [view for view in views if view.id not in roles and _is_download(view, uploads)]
    answered = {address(view.key) for view in downloads}
    for view in downloads:
        at = uploads[address(view.key)].operation
        yield _role(view, "download", f"{at.method} {at.path} takes the bytes that it answers")
    for view in views:
        if view.id in roles or not view.plain or address(view.key) not in answered:
            continue
        if view.method in _TAKING and takes_files(view):
            yield _role(view, "upload", "its body is what a GET beside it answers")
        elif view.method == "DELETE":
            yield _role(view, "erase", "a GET beside it answers the bytes that were sent there")


_TAKING: Final = ("PUT", "POST", "PATCH")


def _takes_at(view: OperationView, roles: Mapping[str, Role], collections: Mapping[str, CollectionPlan]) -> Key | None:
    """Returns the path that an uploaded file belongs to; None where the operation takes none."""
    if view.method not in _TAKING or not view.plain or not takes_files(view):
        return None
    role = roles.get(view.id)
    if role is not None and role.kind == "create" and role.collection in collections:
        return item_key(collections[role.collection])
    return address(view.key)


def _is_download(view: OperationView, uploads: Mapping[Key, OperationView]) -> bool:
    return view.method == "GET" and view.plain and address(view.key) in uploads and answers_files(view)


def _role(view: OperationView, kind: str, why: str) -> Role:
    return Role(view.id, kind, keys=view.parameters, evidence=(Evidence(why, 0.9),))
