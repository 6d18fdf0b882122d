"""Reads the probes of an API from its file, and names the line of a mistake."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import Any, Final

from mockserver.contract.probe.look import Look, look_of
from mockserver.contract.probe.probe import (
    CONNECTED,
    CONTROL,
    HEARD,
    REQUEST,
    SAID,
    WEBHOOKS,
    ClockSpan,
    Probe,
    ProbeBook,
    ProbeCaller,
    ProbeStep,
    ProbeValue,
)
from mockserver.contract.probe.probe_text import GIVEN, MOST_ITEMS, OF, TIMES, all_references
from mockserver.contract.replay.planned_request import NO_BODY
from mockserver.engine.assumptions import Assumption
from mockserver.json_pointer import escaped
from mockserver.json_text import Json
from mockserver.openapi.source.source import Source, read
from mockserver.openapi.standards import METHODS
from mockserver.problem import Unusable

MOST_STEPS_OF_PROBE: Final = 60
"""Steps of one probe."""
MOST_TIMES: Final = 30_000
"""How often one step is sent."""
LONGEST_WAIT: Final = 3600.0
"""Seconds before one step."""
MOST_PADDING: Final = 64 * 1024 * 1024
"""Bytes of white space after one body."""

_STEP: Final = (
    "as", "send", "headers", "body", "text", "padding", "caller", "look", "undo", "times", "until", "pace", "at-once",
    "wait", "within", "unless", "safe", "may-fail", "limits", "control", "by-hand", "connect", "namespace", "say",
    "receive", "from", "done-in",
)  # fmt: skip
_PROBE: Final = ("steps", "unsettled", "alike", "costs")
_ACTS: Final = ("send", "control", "connect", "say", "receive")
"""The members of which a step has one: what it does."""
_UNLESS: Final = re.compile(r"([a-z][a-z0-9-]*)(?: ([1-5][0-9]{2}))?")
_SPAN: Final = re.compile(r"([0-9]+)-([0-9]+) of ([0-9]+)")


def read_probe_book(path: Path, assumptions: Iterable[Assumption]) -> ProbeBook:
    """The probes in the file at `path`; none where there is no file. Raises Unusable with the file, its line and what
    is wrong.
    """
    if not path.exists():
        return ProbeBook()
    return _ProbeReader(read(path, strict=True), {one.name: one for one in assumptions}).book()


class _ProbeReader:
    def __init__(self, source: Source, assumptions: Mapping[str, Assumption]) -> None:
        self._source = source
        self._assumptions = assumptions
        self._callers: Mapping[str, ProbeCaller] = {}
        self._values: Mapping[str, ProbeValue] = {}
        self._shared: dict[str, ProbeStep] = {}
        self._connections: set[str] = set()

    def book(self) -> ProbeBook:
        whole = self._mapping(self._source.value, "", ("headers", "callers", "values", "reference", "steps", "probes"))
        headers = whole.get("headers", {})
        if not _are_texts(headers):
            raise self._mistake("/headers", "expected a mapping of names to texts")
        callers = self._mapping(whole.get("callers", {}), "/callers")
        self._callers = {name: self._caller(name, value) for name, value in callers.items()}
        values = self._mapping(whole.get("values", {}), "/values")
        self._values = {name: self._value(name, value) for name, value in values.items()}
        for name, value in self._mapping(whole.get("steps", {}), "/steps").items():
            self._shared[name] = self._step(value, f"/steps/{escaped(name)}", name)
        probes = self._mapping(whole.get("probes", {}), "/probes")
        reference = self._reference(whole["reference"]) if "reference" in whole else None
        return ProbeBook(
            {name: self._probe(name, value) for name, value in probes.items()}, self._callers, self._values, headers,
            reference,
        )  # fmt: skip

    def _reference(self, value: Json) -> ProbeStep:
        step = self._step({"send": value}, "/reference")
        self._refuse_unknown_references(step, (), "/reference")
        if not step.is_safe:
            raise self._mistake("/reference", f"{value!r} may change something; expected a GET")
        return step

    def _caller(self, name: str, value: Json) -> ProbeCaller:
        at = f"/callers/{escaped(name)}"
        self._mapping(value, at, ("needs", "mock"), ("needs", "mock"))
        if not isinstance(value["needs"], str) or not _are_texts(value["mock"]):
            raise self._mistake(at, "expected `needs`, a text, and `mock`, a mapping of headers to texts")
        return ProbeCaller(name, value["needs"], value["mock"])

    def _value(self, name: str, value: Json) -> ProbeValue:
        at = f"/values/{escaped(name)}"
        self._mapping(value, at, ("needs", "mock"), ("needs", "mock"))
        if not _are_texts(value) or name in GIVEN:
            raise self._mistake(at, f"expected `needs` and `mock`, two texts, and a name other than {', '.join(GIVEN)}")
        return ProbeValue(name, value["needs"], value["mock"])

    def _probe(self, name: str, value: Json) -> Probe:
        at = f"/probes/{escaped(name)}"
        if name not in self._assumptions:
            raise self._mistake(at, f"there is no assumption {name!r}{_nearest(name, self._assumptions)}")
        self._mapping(value, at, _PROBE)
        if ("steps" in value) is ("unsettled" in value):
            raise self._mistake(at, "expected either `steps` or `unsettled`, the reason why there are none")
        unsettled = value.get("unsettled", "")
        if not isinstance(unsettled, str) or ("unsettled" in value and not unsettled):
            raise self._mistake(at, "has an `unsettled` that is no text")
        steps = self._steps(value["steps"], f"{at}/steps") if "steps" in value else ()
        if not isinstance(costs := value.get("costs", ""), str):
            raise self._mistake(at, "has `costs` that are no text: what it takes for good")
        alike = self._alike(value.get("alike", {}), at, self._assumptions[name])
        return Probe(name, steps, unsettled, alike, costs)

    def _alike(self, value: Json, at: str, assumption: Assumption) -> Mapping[frozenset[str], str]:
        """The pairs of options that no request tells apart: `first, second` mapped to the reason."""
        found = {}
        for pair, reason in self._mapping(value, f"{at}/alike").items():
            names = frozenset(name.strip() for name in pair.split(","))
            if len(names) != 2 or not names <= assumption.options.keys() or not isinstance(reason, str):
                known = ", ".join(assumption.options)
                raise self._mistake(f"{at}/alike", f"expected two of the options {known}, as `one, other`: reason")
            found[names] = reason
        return found

    def _steps(self, value: Json, at: str) -> tuple[ProbeStep, ...]:
        if not isinstance(value, list) or not 0 < len(value) <= MOST_STEPS_OF_PROBE:
            raise self._mistake(at, f"expected a list of 1 to {MOST_STEPS_OF_PROBE} steps")
        steps: list[ProbeStep] = []
        self._connections = set()
        for number, item in enumerate(value):
            place = f"{at}/{number}"
            step = self._shared_step(item, place) if isinstance(item, str) else self._step(item, place)
            self._refuse_unknown_references(step, steps, place)
            steps.append(step)
        if not any(step.looks for step in steps):
            raise self._mistake(at, "no step has a `look`, so nothing is compared")
        return tuple(steps)

    def _shared_step(self, name: str, at: str) -> ProbeStep:
        if name not in self._shared:
            raise self._mistake(at, f"there is no shared step {name!r}{_nearest(name, self._shared)}")
        if self._shared[name].kind == CONNECTED:
            self._connections.add(name)
        return self._shared[name]

    def _step(self, value: Json, at: str, name: str = "") -> ProbeStep:
        self._mapping(value, at, _STEP)
        kind, method, target, channel = self._act(value, at)
        headers = value.get("headers", {})
        if not isinstance(headers, dict) or not all(text is None or isinstance(text, str) for text in headers.values()):
            raise self._mistake(at, "`headers` are no mapping of names to texts, or null for one that is not sent")
        if "body" in value and "text" in value:
            raise self._mistake(at, "has both a `body` and a `text`")
        for member, (is_met, expected) in _EXPECTED.items():
            if member in value and not is_met(value[member]):
                raise self._mistake(at, f"`{member}` is {value[member]!r}; expected {expected}")
        if value.get("caller", "") and value["caller"] not in self._callers:
            raise self._mistake(at, f"there is no caller {value['caller']!r}{_nearest(value['caller'], self._callers)}")
        _refuse_bad_lists(value.get("body"), partial(self._mistake, at))
        undo = value.get("undo", [])
        return ProbeStep(
            value.get("as", name), method, target, headers, value.get("body", NO_BODY), value.get("text"),
            value.get("caller", ""), self._looks(value.get("look", []), at),
            tuple(self._sending(each, at) for each in ([undo] if isinstance(undo, str) else undo)),
            value.get("times", 1), float(value.get("wait", 0)), value.get("receive", 0),
            value.get("may-fail", False), value.get("safe", False), value.get("limits") == "seen",
            value.get("at-once", False), value.get("until", 0), float(value.get("pace", 0)),
            _span(value["within"]) if "within" in value else None, value.get("padding", 0),
            self._unless(value.get("unless", []), at),
            kind, channel, value.get("namespace", "/"), value.get("by-hand", False), float(value.get("done-in", 0)),
        )  # fmt: skip

    def _unless(self, value: Json, at: str) -> Mapping[str, int]:
        """The steps of `unless`, each with the status that it names, or 0."""
        found = {}
        for text in [value] if isinstance(value, str) else value:
            match = _UNLESS.fullmatch(text) if isinstance(text, str) else None
            if match is None:
                raise self._mistake(
                    at, f"`unless` has {text!r}; expected the name of a step, and a status after it or none"
                )
            found[match[1]] = int(match[2] or 0)
        return found

    def _act(self, value: Mapping[str, Any], at: str) -> tuple[str, str, str, str]:
        """What a step does: its kind, method, target, and the connection or address that it goes by."""
        acts = [name for name in _ACTS if name in value]
        if len(acts) != 1:
            raise self._mistake(
                at, f"expected one of {', '.join(_ACTS)}, such as `send: GET /v1/links`, or `receive: 2` for webhooks"
            )
        [act] = acts
        if act == "send":
            return REQUEST, *self._sending(value["send"], at), ""
        if act == "control":
            method, _, path = str(value["control"]).partition(" ")
            if method.lower() not in METHODS or not path.startswith("/"):
                raise self._mistake(at, f"{value['control']!r}; expected a request of the control API: `GET /outbox`")
            return CONTROL, method, path, ""
        if act == "receive":
            name = value.get("from", "")
            if name and name not in self._connections and "{" not in name:
                raise self._mistake(at, f"`from` is {name!r}; expected a step that connects, or a reference to a value")
            return (HEARD if name in self._connections else WEBHOOKS), "GET", "", name
        if not isinstance(value[act], str):
            raise self._mistake(at, f"`{act}` is no text")
        if act == "connect":
            self._connections.add(value.get("as", ""))
            return CONNECTED, "CONNECT", value["connect"], ""
        if value["say"] not in self._connections:
            raise self._mistake(at, f"`say` names {value['say']!r}, which no earlier step connects")
        return SAID, "GET", "", value["say"]

    def _sending(self, value: Json, at: str) -> tuple[str, str]:
        method, space, target = value.partition(" ") if isinstance(value, str) else ("", "", "")
        if not space or method.lower() not in METHODS or not target.startswith(("/", "https://", "http://", "{")):
            raise self._mistake(at, f"{value!r} is no request; expected a method and a path: `GET /v1/links`")
        return method, target

    def _looks(self, value: Json, at: str) -> tuple[Look, ...]:
        texts = [value] if isinstance(value, str) else value
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            raise self._mistake(at, "`look` is neither a text nor a list of texts")
        try:
            return tuple(map(look_of, texts))
        except ValueError as error:
            raise self._mistake(at, str(error)) from None

    def _refuse_unknown_references(self, step: ProbeStep, earlier: Iterable[ProbeStep], at: str) -> None:
        known = {*self._values, *(one.name for one in earlier)}
        sent = [step.target, dict(step.headers), None if step.body is NO_BODY else step.body, step.text]
        sent += [step.channel] if step.kind == WEBHOOKS else []
        try:
            asked = [*all_references(sent)]
            undone = [*all_references([target for _, target in step.undo])]
        except ValueError as error:
            raise self._mistake(at, str(error)) from None
        wanted = [each.name for each in asked if not each.is_given] + [look.earlier for look in step.looks]
        wanted += step.unless
        wanted += [each.name for each in undone if not each.is_given and each.name != step.name]
        for name in filter(None, wanted):
            if name not in known:
                raise self._mistake(at, f"refers to {name!r}, which no earlier step is called{_nearest(name, GIVEN)}")

    def _mapping(self, value: Json, at: str, known: Iterable[str] = (), needed: Iterable[str] = ()) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise self._mistake(at, "expected a mapping")
        known = tuple(known)
        for name in value:
            if known and name not in known:
                raise self._mistake(
                    f"{at}/{escaped(name)}", f"{name!r} is not known here; known are {', '.join(known)}"
                )
        if missing := [name for name in needed if name not in value]:
            raise self._mistake(at, f"lacks {', '.join(missing)}")
        return value

    def _mistake(self, pointer: str, message: str) -> Unusable:
        return Unusable(message, where=f"{self._source.name}:{self._source.line(pointer)}")


def _refuse_bad_lists(value: Json, mistake: Callable[[str], Unusable]) -> None:
    """Refuses lists of which it is not clear how long they are, or which are too long."""
    if isinstance(value, dict):
        times = value.get(TIMES)
        if (TIMES in value or OF in value) and (value.keys() != {TIMES, OF} or not _is_number(0, MOST_ITEMS)(times)):
            raise mistake(f"expected {TIMES}, a number up to {MOST_ITEMS}, and {OF}, an item, and nothing beside them")
        for member in value.values():
            _refuse_bad_lists(member, mistake)
    elif isinstance(value, list):
        for item in value:
            _refuse_bad_lists(item, mistake)


def _span(text: str) -> ClockSpan:
    """The span that `45-50 of 60` says."""
    begin, end, period = map(float, text.replace("-", " ").replace(" of", "").split())
    return ClockSpan(begin, end, period)


def _is_span(text: Json) -> bool:
    found = _SPAN.fullmatch(text) if isinstance(text, str) else None
    return found is not None and int(found[1]) <= int(found[2]) < int(found[3]) <= LONGEST_WAIT


def _are_texts(value: Json) -> bool:
    return isinstance(value, dict) and all(isinstance(text, str) for text in value.values())


def _nearest(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, [*known], 3)
    return f"; the nearest: {', '.join(near)}" if near else ""


def _is_number(least: float, most: float, kinds: Any = int) -> Callable[[Json], bool]:
    return lambda value: isinstance(value, kinds) and not isinstance(value, bool) and least <= value <= most


_TRUTH: Final = (lambda value: isinstance(value, bool), "true or false")
_TEXT: Final = (lambda value: isinstance(value, str), "a text")
_EXPECTED: Final[Mapping[str, tuple[Callable[[Json], bool], str]]] = {
    "as": _TEXT,
    "text": _TEXT,
    "caller": _TEXT,
    "undo": (
        lambda value: (
            isinstance(value, str) or (isinstance(value, list) and all(isinstance(one, str) for one in value))
        ),
        "a request or a list of them",
    ),
    "times": (_is_number(1, MOST_TIMES), f"a number from 1 to {MOST_TIMES}"),
    "wait": (_is_number(0, LONGEST_WAIT, (int, float)), f"seconds from 0 to {LONGEST_WAIT:.0f}"),
    "receive": (_is_number(1, 100), "a number from 1 to 100"),
    "safe": _TRUTH,
    "may-fail": _TRUTH,
    "at-once": _TRUTH,
    "until": (_is_number(100, 599), "a status"),
    "pace": (_is_number(0, 60, (int, float)), "seconds from 0 to 60"),
    "done-in": (_is_number(0, LONGEST_WAIT, (int, float)), f"seconds from 0 to {LONGEST_WAIT:.0f}"),
    "within": (_is_span, f"seconds of a period up to {LONGEST_WAIT:.0f}, as in `45-50 of 60`"),
    "padding": (_is_number(1, MOST_PADDING), f"a number of bytes up to {MOST_PADDING}"),
    "unless": (lambda value: isinstance(value, (str, list)), "a text or a list of texts"),
    "by-hand": _TRUTH,
    "namespace": _TEXT,
    "from": _TEXT,
    "limits": (lambda value: value == "seen", "`seen`"),
}
