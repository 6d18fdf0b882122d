"""Connections to Redis: each question is answered, or told to be unanswerable, within a second."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Any

from redis.exceptions import AuthenticationError, BusyLoadingError, NoScriptError, RedisError, ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError

from mockserver.problem import Unusable
from mockserver.stores.redis.redis_address import RedisAddress
from mockserver.stores.redis.redis_route import RedisConnection, RedisRoute
from mockserver.stores.redis.redis_scripts import Script
from mockserver.stores.redis.redis_trouble import REFUSALS, Trouble, code_of, trouble_of
from mockserver.stores.world_store import StoreUnavailable

log = logging.getLogger(__name__)

ANSWER_SECONDS = 0.8
"""Within which a question is answered, or given up."""

ATTEMPT_SECONDS = 0.4
"""Within which an answer is waited for, before the question is asked again on another connection."""

PATIENT_SECONDS = 5.0
"""After which a question is given up whose answer has not begun, although Redis answers others meanwhile."""

PRESENT_SECONDS = 0.15
"""Within which Redis answers a PING, or is not there."""

_PIECE = 1 << 18
"""Bytes of a long question that are sent at once, each within ATTEMPT_SECONDS."""

MOST_SLOW = 10_000
"""Keys that are asked for patiently; where there are more, all begin anew."""

COPY_SECONDS = 0.25
"""Within which the replicas of Redis have a commit, where they are waited for."""

LOGIN_ATTEMPTS = 3
"""At the start, of a Redis that is slow to answer."""

MOST_CONNECTIONS = 64
"""Questions at once; the others wait for one of these connections."""

PAUSE = 0.05
LONGEST_PAUSE = 0.5
"""Between two attempts while Redis is away: the first, and the longest."""

Word = str | bytes | int | float

_FIRST_KEY = 3
"""Its place among the words of a script."""

_ANSWERS = (ResponseError, BusyLoadingError, AuthenticationError)
"""Errors with which Redis answers; all others are that it did not."""


@dataclass(slots=True)
class _Question:
    """What is asked, whether copies are waited for, and whether it `may_be_done` although there was no answer."""

    words: Sequence[Word]
    copies: int
    may_be_done: bool = False

    @property
    def key(self) -> Word:
        """The first key of a script, else the command."""
        return self.words[_FIRST_KEY] if len(self.words) > _FIRST_KEY else self.words[0]


class RedisConnections:
    """Asks Redis, by any number of threads at once.

    A question that finds no answer on one connection is asked again on another, so all questions are such that being
    asked twice changes nothing. Once Redis was away for one question, all are given up at once, until a thread that
    tries all the time has found it back and able to write.
    """

    def __init__(self, address: RedisAddress) -> None:
        self.shown = address.shown
        self._route = RedisRoute(address)
        self._probe_key = f"{{{address.prefix}}}:probe"
        self._secrets = address.secrets
        self._idle: deque[RedisConnection] = deque()
        self._free = threading.BoundedSemaphore(MOST_CONNECTIONS)
        self._era = 0
        self._lock = threading.Lock()
        self._outage: str | None = None
        self._slow: set[Word] = set()
        self._closed = threading.Event()

    def log_in(self) -> None:
        """Raises Unusable where Redis refuses the login, or is not to be trusted; whoever is not there yet may come."""
        for _ in range(LOGIN_ATTEMPTS):
            try:
                self._attempt(_Question(("PING",), 0), monotonic() + ANSWER_SECONDS, is_last=True)
            except RedisTimeoutError:
                continue
            except RedisError as error:
                if code_of(error) in REFUSALS:
                    raise Unusable(f"--store: {self._trouble(error).reason}") from None
            return

    def run(self, script: Script, keys: Sequence[str], arguments: Sequence[Word], copies: int = 0) -> Any:
        """What the script answers. Where `copies` are asked for, a pair: that, and how many replicas of Redis had what
        it wrote within COPY_SECONDS. Raises StoreUnavailable.
        """
        try:
            return self.ask("EVALSHA", script.digest, len(keys), *keys, *arguments, copies=copies)
        except NoScriptError:
            return self.ask("EVAL", script.source, len(keys), *keys, *arguments, copies=copies)

    def ask(self, *words: Word, copies: int = 0) -> Any:
        """The answer. Raises StoreUnavailable, and NoScriptError where Redis does not have the script."""
        if self._outage is not None:
            raise StoreUnavailable(self._outage, nothing_done=True)
        end = monotonic() + ANSWER_SECONDS
        question, pause, reason = _Question(words, copies), 0.0, ""
        if question.key in self._slow and self._is_there():
            return self._ask_patiently(question, end)
        while True:
            now = monotonic()
            is_last = now + ATTEMPT_SECONDS > end
            try:
                return self._attempt(question, end if is_last else now + ATTEMPT_SECONDS, is_last=is_last)
            except NoScriptError:
                raise
            except (RedisError, OSError) as error:
                if isinstance(error, RedisTimeoutError) and not is_last and self._is_there():
                    return self._ask_patiently(question, end)
                trouble = self._trouble(error)
                if not reason or not trouble.may_pass or isinstance(error, _ANSWERS):
                    reason = trouble.reason
                if not trouble.may_pass:
                    break
                self._begin_era()
                if monotonic() + pause >= end or self._closed.wait(pause):
                    if isinstance(error, RedisTimeoutError):
                        self._take_for_slow(question.key)
                    self._begin_outage(reason)
                    break
                pause = PAUSE
        raise StoreUnavailable(reason, nothing_done=not question.may_be_done)

    def probe(self, copies: int = 0) -> int:
        """Writes what is gone at once, and returns how many replicas of Redis had it. Raises StoreUnavailable where
        Redis takes no writes.
        """
        answer = self.ask("SET", self._probe_key, "", "PX", 1, copies=copies)
        return int(answer[1]) if copies else 0

    def connect(self, seconds: float) -> RedisConnection:
        """A connection of one's own, on which nothing takes longer. Raises RedisError."""
        return self._route.connect(seconds)

    def close(self) -> None:
        self._closed.set()
        self._begin_era()

    @property
    def outage(self) -> str | None:
        """Why all questions are given up at once; None: they are asked."""
        return self._outage

    def _attempt(self, question: _Question, end: float, *, is_last: bool) -> Any:
        """Asks once. Reading gives up after ATTEMPT_SECONDS by itself, so only the last attempt, which has less, looks
        at the time.
        """
        if not self._free.acquire(timeout=max(0.0, end - monotonic())):
            reason = f"all {MOST_CONNECTIONS} connections to Redis are in use ({self.shown})"
            raise StoreUnavailable(reason, nothing_done=not question.may_be_done)
        try:
            era = self._era
            try:
                connection = self._idle.pop()
            except IndexError:
                connection = self._new_connection(end)
            may_be_done, question.may_be_done = question.may_be_done, True
            try:
                _send(connection, question)
                if is_last and not connection.can_read(max(0.001, end - monotonic())):
                    raise RedisTimeoutError("no answer in time")
                answer = _read(connection, question)
            except BaseException as error:
                if isinstance(error, _ANSWERS):
                    question.may_be_done = may_be_done
                if isinstance(error, ResponseError):
                    self._put_back(connection, era)
                else:
                    connection.disconnect()
                raise
            self._put_back(connection, era)
            return answer
        finally:
            self._free.release()

    def _is_there(self) -> bool:
        """Whether Redis answers another question in time, so that only the one before takes long."""
        end = monotonic() + PRESENT_SECONDS
        with suppress(RedisError, OSError):
            era, connection = self._era, self._new_connection(end)
            connection.send_command("PING")
            if connection.can_read(max(0.001, end - monotonic())):
                connection.read_response()
                self._put_back(connection, era)
                return True
            connection.disconnect()
        return False

    def _ask_patiently(self, question: _Question, end: float) -> Any:
        """Asks once more, for as long as Redis answers others: the question is long, or its answer is, or that was
        lost. From `end` on Redis is looked after. Raises StoreUnavailable.
        """
        with self._free:
            began = monotonic()
            try:
                connection = self._route.connect(ATTEMPT_SECONDS)
                try:
                    _send_in_pieces(connection, question)
                    self._wait_patiently(connection, end)
                    answer = _read(connection, question)
                finally:
                    connection.disconnect()
            except NoScriptError:
                raise
            except (RedisError, OSError) as error:
                raise StoreUnavailable(self._trouble(error).reason) from error
        if monotonic() - began < ATTEMPT_SECONDS:
            self._slow.discard(question.key)
        return answer

    def _wait_patiently(self, connection: RedisConnection, end: float) -> None:
        """Until the answer begins. Raises RedisTimeoutError once Redis answers others no more either."""
        last = monotonic() + PATIENT_SECONDS
        while not connection.can_read(max(0.001, end - monotonic())):
            if monotonic() > last or not self._is_there():
                raise RedisTimeoutError("no answer in time")
            end = monotonic() + ATTEMPT_SECONDS

    def _take_for_slow(self, key: Word) -> None:
        """What stands at the key may be so large that Redis was busy with it; if it is back, it is asked patiently."""
        if len(self._slow) >= MOST_SLOW:
            self._slow.clear()
        self._slow.add(key)

    def _put_back(self, connection: RedisConnection, era: int) -> None:
        if era == self._era and not self._closed.is_set():
            self._idle.append(connection)
        else:
            connection.disconnect()

    def _new_connection(self, end: float) -> RedisConnection:
        """Made by a thread of its own, since looking up a name may take as long as it likes."""
        made: SimpleQueue[RedisConnection | Exception] = SimpleQueue()
        threading.Thread(target=self._make, args=(made, end), name="redis-connect", daemon=True).start()
        try:
            result = made.get(timeout=max(0.001, end - monotonic()))
        except Empty:
            raise RedisTimeoutError("no connection in time") from None
        if isinstance(result, Exception):
            raise result
        return result

    def _make(self, made: SimpleQueue[RedisConnection | Exception], end: float) -> None:
        era = self._era
        try:
            connection = self._route.connect(ATTEMPT_SECONDS)
        except (RedisError, OSError, ValueError) as error:
            made.put(error)
            return
        if monotonic() < end:
            made.put(connection)
        else:
            self._put_back(connection, era)

    def _begin_era(self) -> None:
        """What was connected before is connected to who is away, or takes no writes."""
        self._era += 1
        self._route.forget()
        while self._idle:
            with suppress(IndexError):
                self._idle.pop().disconnect()

    def _begin_outage(self, reason: str) -> None:
        with self._lock:
            if self._outage is not None or self._closed.is_set():
                return
            self._outage = reason
        log.warning("the store is away, and requests are answered 503 until it is back: %s", reason)
        threading.Thread(target=self._wait_for_return, name="redis-return", daemon=True).start()

    def _wait_for_return(self) -> None:
        pause = PAUSE
        while not self._closed.wait(pause):
            pause = min(2 * pause, LONGEST_PAUSE)
            try:
                connection = self._route.connect(ATTEMPT_SECONDS)
                connection.send_command("SET", self._probe_key, "", "PX", 1)
                connection.read_response()
            except (RedisError, OSError, ValueError) as error:
                self._route.forget()
                self._outage = self._trouble(error).reason
            else:
                self._put_back(connection, self._era)
                self._outage = None
                log.warning("the store is back: Redis answers (%s)", self.shown)
                return

    def _trouble(self, error: Exception) -> Trouble:
        return trouble_of(error, self.shown, self._secrets)


def _send(connection: RedisConnection, question: _Question) -> None:
    connection.send_command(*question.words)
    if question.copies:
        connection.send_command("WAIT", question.copies, round(COPY_SECONDS * 1000))


def _send_in_pieces(connection: RedisConnection, question: _Question) -> None:
    packed = connection.pack_command(*question.words)
    if question.copies:
        packed += connection.pack_command("WAIT", question.copies, round(COPY_SECONDS * 1000))
    pieces = (part[start : start + _PIECE] for part in packed for start in range(0, len(part), _PIECE))
    connection.send_packed_command(pieces)


def _read(connection: RedisConnection, question: _Question) -> Any:
    return _read_both(connection) if question.copies else connection.read_response()


def _read_both(connection: RedisConnection) -> tuple[Any, int]:
    """The answer and that of WAIT behind it; both are read, also where the first is an error."""
    try:
        answer, error = connection.read_response(), None
    except ResponseError as raised:
        answer, error = None, raised
    copied = int(connection.read_response())
    if error is not None:
        raise error
    return answer, copied
