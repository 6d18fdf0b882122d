"""Learns from the exchanges of a proxy, and writes what it learned into a folder that `mockserver serve` serves."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Final

import orjson

from mockserver.engine.redaction.exchanges import redacted
from mockserver.json_text import Json
from mockserver.messages import Exchange
from mockserver.openapi.source.overlay import overlaid
from mockserver.problem import Unusable
from mockserver.proxy.proxied_service import FORWARDED, ProxiedService
from mockserver.proxy.recording.folder_lock import FolderLock
from mockserver.proxy.recording.recorded_breaches import RecordedBreaches, is_unfaithful
from mockserver.proxy.recording.recorded_examples import RecordedExamples
from mockserver.proxy.recording.recorded_records import RecordedRecords
from mockserver.proxy.recording.session_replay import ReplayOutcome, SessionReplay
from mockserver.server.loading.api_files import DOCUMENTS, RECORDS
from mockserver.server.whole_file import UNFINISHED, write_whole

log = logging.getLogger(__name__)

OVERLAY: Final = "overlay.yaml"
_TITLE: Final = "Seen by a proxy of "
INTERVAL: Final = 1.0
"""Seconds between two looks at what was not written yet."""
MOST_WAITING: Final = 2_000
"""Exchanges that wait to be learned from; those beyond are left out, which is logged."""
MOST_WAITING_BYTES: Final = 64 * 1024 * 1024
"""Bytes of the bodies of these."""


class Recorder:
    """Writes into `folder` what the upstream answers to the operations of a document, secrets masked. `put` takes an
    exchange and returns at once; a thread that `start` begins does the rest. `outcome` says at the end which
    exchanges a mock of the folder answers otherwise.
    """

    def __init__(self, service: ProxiedService, folder: Path, own: FolderLock) -> None:
        self._service = service
        self._folder = folder
        self._own = own
        self._examples = RecordedExamples()
        self._records = RecordedRecords(service.spec)
        self._breaches = RecordedBreaches()
        self._beyond_replay = RecordedBreaches()
        self._waiting: deque[tuple[Exchange, bool]] = deque()
        self._waiting_bytes = 0
        self._left_out = 0
        self._session = SessionReplay()
        self.outcome: ReplayOutcome | None = None
        self._counting = threading.Lock()
        self._is_over = threading.Event()
        self._thread: threading.Thread | None = None

    def put(self, exchange: Exchange) -> None:
        """Has this exchange recorded soon, if the upstream answered it whole."""
        if exchange.answered_by != FORWARDED or exchange.fault or not exchange.status:
            return
        if not exchange.operation and not is_unfaithful(exchange):
            return
        is_kept = self._session.keep(exchange)
        size = _size(exchange)
        if len(self._waiting) < MOST_WAITING and self._waiting_bytes + size <= MOST_WAITING_BYTES:
            with self._counting:
                self._waiting_bytes += size
            self._waiting.append((exchange, is_kept))
        else:
            self._left_out += 1

    def start(self) -> Callable[[], None]:
        """Begins to record, in this process; returns the function that ends it, when all is written."""
        self.write()
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()
        return self._end

    def _end(self) -> None:
        self._is_over.set()
        if self._thread is not None:
            self._thread.join()
            self._replay()
        self._own.release()

    def _replay(self) -> None:
        """Plays the session on a mock of what was recorded, and writes down what that answers otherwise."""
        if not self._session.seen:
            return
        try:
            outcome = self._session.play(self._folder, self._service)
            differing = self._beyond_replay
            for exchange, difference in (*outcome.differing, *((one, "") for one in outcome.unplayed)):
                operation = self._service.operation(exchange.operation)
                differing.add(operation, redacted(exchange, self._service), difference)
            self._breaches = differing
            self.write()
            self.outcome = outcome
        except (OSError, Unusable) as error:
            log.warning("--record %s: the session could not be played again: %s", self._folder, error)
        except Exception:
            log.exception("--record %s: the session could not be played again", self._folder)

    def _run(self) -> None:
        is_over = False
        while not is_over:
            is_over = self._is_over.wait(INTERVAL)
            if self._learn():
                try:
                    self.write()
                except (OSError, Unusable) as error:
                    log.warning("--record %s: cannot be written: %s", self._folder, error)

    def _learn(self) -> bool:
        """Whether something new was seen."""
        waiting, learned = self._waiting, False
        while waiting:
            exchange, is_kept = waiting.popleft()
            with self._counting:
                self._waiting_bytes -= _size(exchange)
            operation = self._service.operation(exchange.operation)
            try:
                shown = redacted(exchange, self._service)
                self._breaches.add(operation, shown)
                if not is_kept:
                    self._beyond_replay.add(operation, shown)
                if operation is None:
                    learned = True
                    continue
                found = self._service.seek(shown.request.method, shown.request.path)
                path = found[1] if isinstance(found, tuple) else {}
                self._examples.add(operation, shown, path)
                self._records.add(operation, shown, path)
                learned = True
            except Exception:
                log.exception("--record: %s could not be recorded", exchange.operation or exchange.request.method)
        left_out, self._left_out = self._left_out, 0
        if left_out:
            log.warning("--record: %d exchanges came too fast to be recorded", left_out)
        return learned

    def write(self) -> None:
        """Writes the folder, each file at once or not at all. Raises OSError, Unusable."""
        folder, document = self._folder, self._service.spec.document
        folder.mkdir(parents=True, exist_ok=True)
        actions = [*self._examples.actions(), *self._breaches.actions()]
        overlay: Json = {
            "overlay": "1.0.0",
            "info": {"title": f"{_TITLE}{self._service.name}", "version": "1"},
            "actions": actions or [{"target": "$.info", "update": {}}],
        }
        _write(folder / OVERLAY, overlay)
        _write(folder / DOCUMENTS[0], overlaid(document, (folder / OVERLAY,)).document)
        _write(folder / RECORDS, self._records.collections())


def recorder(service: ProxiedService, folder: Path) -> Recorder:
    """The recorder into a folder that is new, empty, or was recorded into before. Raises Unusable."""
    if folder.exists() and not folder.is_dir():
        raise Unusable(f"--record {folder}: is no folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        own = FolderLock(folder)
    except OSError as error:
        raise Unusable(f"--record {folder}: cannot be written: {error.strerror or error}") from None
    refuse_other_files(folder)
    begun = [file for file in folder.iterdir() if file.name.startswith(UNFINISHED)]
    made = Recorder(service, folder, own)
    try:
        for file in begun:
            file.unlink(missing_ok=True)
        made.write()
    except OSError as error:
        raise Unusable(f"--record {folder}: cannot be written: {error.strerror or error}") from None
    return made


def refuse_other_files(folder: Path) -> None:
    """Raises Unusable for a folder with files that no recorder wrote. Hidden files are nobody's concern."""
    try:
        seen = {file.name for file in folder.iterdir() if not file.name.startswith(".")} if folder.is_dir() else set()
    except OSError as error:
        raise Unusable(f"--record {folder}: cannot be read: {error.strerror or error}") from None
    foreign = seen - {OVERLAY, DOCUMENTS[0], RECORDS} if _is_recorded(folder / OVERLAY) else seen
    if foreign:
        said = ", ".join(sorted(foreign)[:5])
        raise Unusable(f"--record {folder}: has files that were not recorded ({said}); name a new folder")


def _is_recorded(overlay: Path) -> bool:
    """Whether this overlay was written by a recorder."""
    try:
        found = orjson.loads(overlay.read_bytes())
        return bool(found["info"]["title"].startswith(_TITLE))
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return False


def _size(exchange: Exchange) -> int:
    return len(exchange.content) + len(exchange.request.body)


def _write(file: Path, value: Json) -> None:
    """Writes JSON, which is YAML that every reader understands in the same way."""
    write_whole(file, orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
