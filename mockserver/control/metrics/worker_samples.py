"""Shares the metrics of several worker processes, so that each of them can answer for all."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterable
from mmap import mmap
from struct import Struct
from typing import Final

from mockserver.control.metrics.sample import FAMILIES, GAUGE, Sample, Samples

ROOM: Final = 4 * 1024 * 1024
"""Bytes for the samples of one worker; what is not used takes no memory."""

PATIENCE: Final = 1.0
"""Seconds that whoever asks waits for the samples of the other workers; then it tells their last ones."""

_LOOK: Final = 0.05
"""Seconds between two looks whether somebody asks."""

_WANTED: Final = Struct("d")
_HEAD: Final = Struct("QdQ")
_FIRST: Final = 4096


class WorkerSamples:
    """Memory that the workers of a server share, made before they are forked.

    A worker tells its samples when one of them asks, and begins with the counters that the one before it told last, so
    that they never fall.
    """

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._memory = mmap(-1, _FIRST + workers * ROOM)
        self._number = 0
        self._before: dict[tuple[str, str, tuple[tuple[str, str], ...]], float] = {}
        self._lock = threading.Lock()

    def begin(self, number: int, collect: Callable[[], Samples]) -> None:
        """Makes this process the worker of this number, from 1, which has these samples."""
        self._number = number
        told, _ = self._read(number)
        self._before = {
            (name, sample.suffix, sample.labels): sample.value
            for name, samples in told.items()
            if FAMILIES[name].kind != GAUGE
            for sample in samples
        }

        def tell() -> None:
            told = 0.0
            while True:
                time.sleep(_LOOK)
                [wanted] = _WANTED.unpack_from(self._memory)
                if wanted > told:
                    told = time.monotonic()
                    self._write(collect(), told)

        threading.Thread(target=tell, name="worker-samples", daemon=True).start()

    def gathered(self, own: Samples) -> Samples:
        """The samples of all workers, each with the label `worker`."""
        now = time.monotonic()
        self._write(own, now)
        _WANTED.pack_into(self._memory, 0, now)
        deadline = now + PATIENCE
        while time.monotonic() < deadline:
            told = [self._read(number) for number in range(1, self._workers + 1)]
            if all(at >= now for _, at in told):
                break
            time.sleep(_LOOK / 2)
        return {
            name: [
                sample._replace(labels=(("worker", str(number)), *sample.labels))
                for number, (samples, _) in enumerate(told, 1)
                for sample in samples.get(name, ())
            ]
            for name in FAMILIES
        }

    def _write(self, samples: Samples, at: float) -> None:
        """Tells the samples of this worker, with what was counted before it."""
        content = json.dumps({name: [*self._with_before(name, found)] for name, found in samples.items()}).encode()
        if len(content) > ROOM - _HEAD.size:
            return
        place = self._place(self._number)
        with self._lock:
            [version, _, _] = _HEAD.unpack_from(self._memory, place)
            version += version % 2  # Who was killed while it wrote left it odd.
            _HEAD.pack_into(self._memory, place, version + 1, at, len(content))
            self._memory[place + _HEAD.size : place + _HEAD.size + len(content)] = content
            _HEAD.pack_into(self._memory, place, version + 2, at, len(content))

    def _with_before(self, name: str, samples: Iterable[Sample]) -> Iterable[Sample]:
        left = {key[1:]: value for key, value in self._before.items() if key[0] == name}
        for suffix, labels, value in samples:
            yield Sample(suffix, labels, value + left.pop((suffix, labels), 0))
        for (suffix, labels), value in left.items():
            yield Sample(suffix, labels, value)

    def _read(self, number: int) -> tuple[Samples, float]:
        """What the worker told last, and when; nothing where it is about to."""
        place = self._place(number)
        version, at, size = _HEAD.unpack_from(self._memory, place)
        content = self._memory[place + _HEAD.size : place + _HEAD.size + size]
        if not size or version % 2 or _HEAD.unpack_from(self._memory, place) != (version, at, size):
            return {}, 0.0
        read = json.loads(content)
        return {name: [_sample(*one) for one in found] for name, found in read.items()}, at

    @staticmethod
    def _place(number: int) -> int:
        return _FIRST + (number - 1) * ROOM


def _sample(suffix: str, labels: list[list[str]], value: float) -> Sample:
    return Sample(suffix, tuple((name, text) for name, text in labels), value)
