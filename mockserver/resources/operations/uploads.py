"""Files: uploaded bytes are answered with their media type and file name until they are deleted."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from hashlib import blake2b, md5, sha1, sha256
from typing import Final, NamedTuple
from urllib.parse import quote, unquote

from mockserver.engine.body.charset import bare_type, parameter
from mockserver.engine.body.media_families import MULTIPART, family
from mockserver.engine.call import Call
from mockserver.engine.steps.step import Step
from mockserver.json_text import Json
from mockserver.messages import Headers, Response
from mockserver.openapi.model.body_model import covering
from mockserver.problem import INVALID, NOT_FOUND, Problem
from mockserver.resources.context import ResourceContext
from mockserver.resources.detect.decisions import Role
from mockserver.resources.detect.names import named
from mockserver.resources.detect.operation_view import Key, OperationView
from mockserver.resources.detect.roles.file_operations import (
    FILE_NAMES,
    address,
    encoded_member,
    file_members,
    is_declared_base64,
    is_file,
    item_key,
    takes_files,
)
from mockserver.resources.detect.schema_shape import SchemaShape
from mockserver.resources.records.record_keys import written
from mockserver.resources.records.seeds import Scope
from mockserver.resources.records.store import MEMORY, Store
from mockserver.spelling import plain
from mockserver.state.world import ApiState

_OCTETS: Final = "application/octet-stream"
_NAMED: Final = FILE_NAMES | named("name title")
_SIZES: Final = named("size filesize bytes length contentlength sizebytes sizeinbytes bytesize byte_size")
_TYPES: Final = named("contenttype mimetype mediatype mime filetype")


class StoredFile(NamedTuple):
    """An uploaded file; the member of its form and its file name may be empty."""

    content: bytes
    media_type: str
    name: str
    member: str = ""


def files_of(call: Call, encoded: str = "", *, strict: bool = True) -> list[StoredFile]:
    """Returns the files of a request: its whole body, the file parts of a form, or the base64 member `encoded`; where
    it is not `strict`, other texts are files as they are.
    """
    if encoded and isinstance(call.body, dict):
        return _decoded(call.body, encoded, strict=strict)
    request = call.request
    declared = request.headers.get("Content-Type") or ""
    media_type = declared or _OCTETS
    if family(bare_type(media_type)) == MULTIPART:
        return _parts(request.body, media_type)
    if not is_file(media_type) or not (request.body or declared):
        return []
    return [StoredFile(request.body, media_type, _file_name(request.headers.get("Content-Disposition") or ""))]


def _decoded(body: Mapping[str, Json], member: str, *, strict: bool) -> list[StoredFile]:
    """Returns the file in a base64 text, perhaps a `data:` address. Raises a Problem 422 where it is not base64 and has
    to be; elsewhere the file is the text.
    """
    text = body.get(member)
    if not isinstance(text, str):
        return []
    head, comma, data = text.partition(",") if text.startswith("data:") else ("", "", text)
    media_type = head.removeprefix("data:").partition(";")[0] if comma else ""
    named_so = {plain(name): value for name, value in body.items() if isinstance(value, str)}
    media_type = media_type or next((named_so[name] for name in _TYPES if name in named_so), _OCTETS)
    name = next((named_so[name] for name in sorted(_NAMED) if name in named_so), "")
    try:
        data = data.translate(_URL_SAFE)
        content = b64decode(data + "=" * (-len(data) % 4), validate=True)
    except ValueError:
        if strict:
            raise Problem(422, f"`{member}` is to be base64, and is not.", code=INVALID) from None
        content = text.encode()
    return [StoredFile(content, media_type, name.replace("\\", "/").rpartition("/")[2], member)]


_URL_SAFE: Final = str.maketrans("-_", "+/", "\r\n")


def _parts(content: bytes, media_type: str) -> list[StoredFile]:
    # Only documents with multipart bodies come here, and what reads those is imported for them.
    from mockserver.engine.body.multipart import parts_of

    parts = parts_of(content, parameter(media_type, "boundary"))
    return [
        StoredFile(
            part.content, part.media_type or _OCTETS, _file_name(part.headers.get("content-disposition", "")), part.name
        )
        for part in parts
        if part.is_file or (part.media_type and is_file(part.media_type) and not part.media_type.startswith("text/"))
    ]


def _file_name(disposition: str) -> str:
    """Returns the file name of a `Content-Disposition`, without folders."""
    from multipart import parse_options_header

    _, options = parse_options_header(disposition)
    extended = str(options.get("filename*", ""))
    name = unquote(extended.rpartition("''")[2]) if extended else str(options.get("filename", ""))
    return name.replace("\\", "/").rpartition("/")[2]


class Uploads:
    """Stores files under the path and the path values that they belong to."""

    def __init__(self, context: ResourceContext, stores: Mapping[str, Store]) -> None:
        self.context = context
        self.stores = stores

    def step(self, role: Role) -> Step | None:
        """Returns the step that stores, answers or deletes a file; None for an operation on no file."""
        view = self.context.view(role.operation)
        make = {"upload": self._upload, "download": self._download, "erase": self._erase}.get(role.kind)
        return None if make is None else make(view)

    def _upload(self, view: OperationView) -> Step:
        where = address(view.key)
        encoded, strict = encoded_member(view), is_declared_base64(view)

        def upload(call: Call, state: ApiState, answer: Response) -> Response:
            if call.preference.steers:
                return answer
            files = files_of(call, encoded, strict=strict)
            if files:
                _keep(state, _mark(where, _values(view, call, where)), files[0])
            return answer

        return Step("upload", after=upload)

    def _download(self, view: OperationView) -> Step:
        where = address(view.key)
        owner = self._owner(where)

        def download(call: Call, state: ApiState) -> Response | None:
            if call.preference.steers:
                return None
            values = _values(view, call, where)
            stored_file = state[MEMORY].get(_mark(where, values))
            if stored_file is not None and stored_file["data"] is not None:
                return self._answered(view, stored_file)
            is_new = owner is not None and owner.is_bound and _is_new(owner, values)
            if stored_file is not None or (is_new and view.declares("404")):
                raise Problem(404, f"Nothing was sent to {call.request.path}.", code=NOT_FOUND)
            return None

        return Step("download", download)

    def _erase(self, view: OperationView) -> Step:
        where = address(view.key)

        def refuse_erased(call: Call, state: ApiState) -> None:
            if call.preference.steers:
                return
            mark = _mark(where, _values(view, call, where))
            stored_file = state[MEMORY].get(mark)
            if stored_file is not None and stored_file["data"] is None and view.declares("404"):
                raise Problem(404, f"Nothing is at {call.request.path} any more.", code=NOT_FOUND)

        def erase(call: Call, state: ApiState, answer: Response) -> Response:
            if not call.preference.steers:
                state[MEMORY].replace({"id": _mark(where, _values(view, call, where)), "data": None})
            return answer

        return Step("erase", refuse_erased, erase)

    def _owner(self, where: Key) -> Store | None:
        """Returns the collection of the record that a file belongs to."""
        ends = [end for end in range(1, len(where) + 1) if where[end - 1] == "{}"]
        items = {item_key(store.collection): store for store in self.stores.values() if store.collection.item_path}
        return next((items[where[:end]] for end in reversed(ends) if where[:end] in items), None)

    def _answered(self, view: OperationView, stored_file: Mapping[str, Json]) -> Response:
        """Returns the declared answer with the bytes, in their own media type where the document declares it."""
        good = [status for status in view.operation.answers if status[0] == "2"] or ["200"]
        answer = view.operation.answers.get(good[0])
        media = answer.media if answer is not None else {}
        media_type = str(stored_file["type"])
        if media and covering(media, media_type) is None:
            media_type = next((name for name in media if "*" not in name), media_type)
        headers: Headers = (("Content-Type", media_type),)
        if stored_file["name"]:
            headers = (*headers, ("Content-Disposition", _disposition(str(stored_file["name"]))))
        status = int(good[0]) if good[0].isdecimal() else 200
        return Response(status, b64decode(stored_file["data"]), headers)


def _is_new(owner: Store, values: Scope) -> bool:
    """Returns whether a record is none of those that the collection began with."""
    count = len(owner.collection.scope) + (not owner.collection.singleton)
    return owner.key(values[:count]) not in owner.seed_collection.records


def _values(view: OperationView, call: Call, where: Key) -> Scope:
    return tuple(call.path[name] for name in view.parameters)[: where.count("{}")]


def _mark(where: Key, values: Scope) -> str:
    return f"bytes|{'/'.join(where)}|{written(values)}"


def _keep(state: ApiState, mark: str, file: StoredFile) -> None:
    data = b64encode(file.content).decode("ascii")
    state[MEMORY].replace({"id": mark, "data": data, "type": file.media_type, "name": file.name})


def _disposition(name: str) -> str:
    plainly = "".join(letter if " " <= letter <= "~" and letter not in '"\\' else "_" for letter in name)
    extended = f"; filename*=UTF-8''{quote(name, safe='')}" if plainly != name else ""
    return f'attachment; filename="{plainly}"{extended}'


class AttachedFiles:
    """The files in a request that creates or changes a record: stored with it, and described by its members."""

    def __init__(self, view: OperationView, store: Store) -> None:
        self.is_used = takes_files(view)
        self.encoded, self.is_strict = encoded_member(view), is_declared_base64(view)
        self.members = file_members(view) if self.is_used else frozenset()
        self.view = view
        self.store = store

    def without(self, sent: dict[str, Json]) -> dict[str, Json]:
        """Returns the members that were sent without the files."""
        return {name: value for name, value in sent.items() if name not in self.members}

    def keep(self, call: Call, state: ApiState, values: Scope, sent: Mapping[str, Json]) -> dict[str, Json]:
        """Stores the files at the record of these path values. Returns the members that describe them, except those
        that were sent.
        """
        files = files_of(call, self.encoded, strict=self.is_strict) if self.is_used else []
        if not files:
            return {}
        where = item_key(self.store.collection) if self.store.collection.item_path else address(self.view.key)
        if self.view.key[: len(where)] == where and address(self.view.key) != where:
            where = address(self.view.key)
        _keep(state, _mark(where, values[: where.count("{}")]), files[0])
        spelt = {plain(name) for name in sent}
        return {name: value for name, value in self._file_members(files[0]).items() if plain(name) not in spelt}

    def _file_members(self, file: StoredFile) -> dict[str, Json]:
        shapes, record = self.store.context.shapes, self.store.record
        members: dict[str, Json] = {}
        for name in record.members:
            value = _file_member(plain(name), shapes.member(record, name), file)
            if value is not None:
                members[name] = value
        return members


_DIGESTS: Final[Mapping[str, Callable[[bytes], str]]] = {
    "md5": lambda content: md5(content, usedforsecurity=False).hexdigest(),
    "sha1": lambda content: sha1(content, usedforsecurity=False).hexdigest(),
    "sha256": lambda content: sha256(content).hexdigest(),
    "checksum": lambda content: sha256(content).hexdigest(),
    "hash": lambda content: blake2b(content, digest_size=16).hexdigest(),
}


def _file_member(name: str, shape: SchemaShape, file: StoredFile) -> Json:
    """Returns the value of a member of this name that describes a file; None where it describes something else."""
    is_text, is_number = "string" in shape.types, bool(shape.types & {"integer", "number"})
    if name in _SIZES and is_number:
        return len(file.content)
    if name in _NAMED and is_text and file.name:
        return file.name
    if name in _TYPES and is_text:
        return bare_type(file.media_type)
    digest = next((digest for ending, digest in _DIGESTS.items() if name.endswith(ending)), None)
    return digest(file.content) if digest is not None and is_text else None
