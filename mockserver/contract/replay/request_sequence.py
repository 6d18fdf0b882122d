"""Sequences of planned requests, as values and as YAML files."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from mockserver.contract.replay.planned_request import (
    EXPRESSION,
    JSON_MEDIA,
    NO_BODY,
    AnswerReference,
    KnownValue,
    PlannedRequest,
    PlannedValue,
    UniqueText,
    of_run,
    replaced,
)
from mockserver.engine.body.yaml_text import write
from mockserver.json_pointer import escaped
from mockserver.json_text import Json
from mockserver.openapi.source.source import Source, parse, read
from mockserver.openapi.standards import METHODS
from mockserver.problem import Unusable

MOST_STEPS: Final = 1000
"""Steps of one sequence that is read from a file."""

_MEMBERS: Final = {
    "name": str, "operation": str, "method": str, "path": str, "path_values": dict, "query": dict, "headers": dict,
    "media_type": str, "credentials": bool, "does": str,
}  # fmt: skip
_ALL: Final = (*_MEMBERS, "body")
_HEAD: Final = ("about", "api", "compares", "steps")
_STANDARD_METHODS: Final = tuple(map(str.upper, METHODS))


VALUES, SHAPES = "values", "shapes"
"""What of two answers is compared: values, or their shapes alone, since the records are others on each server."""


@dataclass(frozen=True, slots=True)
class RequestSequence:
    """Requests that are played one after the other. `api` is the name of the API, `about` says what they show;
    `compares` is VALUES or SHAPES.
    """

    steps: tuple[PlannedRequest, ...]
    api: str = ""
    about: str = ""
    compares: str = VALUES

    def position(self, step: int | str) -> int:
        """The index of the step with this number (from 1) or name. Raises LookupError."""
        if isinstance(step, str):
            return {known.name: number for number, known in enumerate(self.steps)}[step]
        if not 1 <= step <= len(self.steps):
            raise LookupError(step)
        return step - 1

    def of_run(self, run: str) -> RequestSequence:
        """The sequence with the texts of one run in the place of each UniqueText."""
        return replace(self, steps=tuple(of_run(step, run) for step in self.steps))

    def without(self, removed: Collection[int]) -> RequestSequence | None:
        """The sequence without the steps at these indexes; None if one of the others refers to one of them."""
        kept = [number for number in range(len(self.steps)) if number not in removed]
        now = {old + 1: new + 1 for new, old in enumerate(kept)}
        try:
            return replace(self, steps=tuple(_renumbered(self.steps[number], self, now) for number in kept))
        except LookupError:
            return None

    def users_of(self, index: int) -> set[int]:
        """The indexes of this step and of all that refer to it, directly or not."""
        found = {index}
        for number, step in enumerate(self.steps):
            if any(self.position(reference.step) in found for reference in step.references):
                found.add(number)
        return found

    def serialized(self) -> bytes:
        """The sequence as YAML, which `load_sequence` reads."""
        head = {name: text for name, text in (("about", self.about), ("api", self.api)) if text}
        head |= {"compares": self.compares} if self.compares != VALUES else {}
        return write({**head, "steps": [*map(_step_as_data, self.steps)]})


def load_sequence(
    file: Path | bytes, name: str = "<sequence>", methods: Collection[str] = _STANDARD_METHODS
) -> RequestSequence:
    """The sequence in a file of YAML or JSON, or in its bytes; its requests have one of these methods. Raises Unusable
    with file, line and mistake.
    """
    source = read(file, strict=True) if isinstance(file, Path) else parse(file, name, strict=True)
    return _SequenceReader(source, methods).sequence()


def _renumbered(step: PlannedRequest, sequence: RequestSequence, now: Mapping[int, int]) -> PlannedRequest:
    """The step with its references to step numbers as they are now. Raises LookupError for a step that is gone."""

    def reference(value: PlannedValue) -> PlannedValue:
        if not isinstance(value, AnswerReference):
            return value
        number = now[sequence.position(value.step) + 1]
        return value._replace(step=number) if isinstance(value.step, int) else value

    if not step.references:
        return step
    parts = (replaced(part, reference) for part in (step.path_values, step.query, step.headers, step.body))
    path_values, query, headers, body = parts
    return replace(step, path_values=path_values, query=query, headers=headers, body=body)


def _step_as_data(step: PlannedRequest) -> Json:
    data: dict[str, Json] = {
        "name": step.name, "does": step.does, "operation": step.operation, "method": step.method, "path": step.path,
        "path_values": step.path_values, "query": step.query, "headers": step.headers,
    }  # fmt: skip
    data = {member: _as_data(value) for member, value in data.items() if value}
    if step.has_body:
        data |= {"media_type": step.media_type} if step.media_type != JSON_MEDIA else {}
        data["body"] = _as_data(step.body)
    return data if step.is_authenticated else {**data, "credentials": False}


def _as_data(value: PlannedValue) -> Json:
    if isinstance(value, AnswerReference):
        place = {"$header": value.header} if value.header else {"$at": value.pointer}
        return {"$from": value.step, **place, **({"$capitals": True} if value.in_capitals else {})}
    if isinstance(value, KnownValue):
        return {"$known": value.name}
    if isinstance(value, UniqueText):
        return {"$unique": value.text}
    if isinstance(value, Mapping):
        data = {name: _as_data(member) for name, member in value.items()}
        return {"$literal": data} if any(name in _MARKS for name in data) else data
    return [*map(_as_data, value)] if isinstance(value, list) else value


_MARKS: Final = ("$from", "$known", "$unique", "$literal")


class _SequenceReader:
    """Reads a sequence and names the line of a mistake."""

    def __init__(self, source: Source, methods: Collection[str]) -> None:
        self._source = source
        self._methods = methods
        self._earlier: list[str] = []

    def sequence(self) -> RequestSequence:
        value = self._source.value
        if not isinstance(value, dict) or not isinstance(value.get("steps"), list) or not value["steps"]:
            raise self._refusal("", "expected a mapping with `steps`, a list of requests")
        for name, member in value.items():
            if name not in _HEAD:
                raise self._refusal(f"/{escaped(name)}", f"{name!r} is not known here; known are {', '.join(_HEAD)}")
            if name != "steps" and not isinstance(member, str):
                raise self._refusal(f"/{name}", f"`{name}` is no text")
        compares = value.get("compares", VALUES)
        if compares not in (VALUES, SHAPES):
            raise self._refusal("/compares", f"`compares` is {compares!r}; expected {VALUES} or {SHAPES}")
        if len(value["steps"]) > MOST_STEPS:
            raise self._refusal("/steps", f"has {len(value['steps'])} steps; at most {MOST_STEPS} are played")
        steps = tuple(self._step(step, f"/steps/{number}") for number, step in enumerate(value["steps"]))
        return RequestSequence(steps, value.get("api", ""), value.get("about", ""), compares)

    def _step(self, step: Json, at: str) -> PlannedRequest:
        if not isinstance(step, dict):
            raise self._refusal(at, "a step is no mapping; expected at least `method` and `path`")
        for name, value in step.items():
            kind = _MEMBERS.get(name)
            if name not in _ALL:
                raise self._refusal(f"{at}/{escaped(name)}", f"{name!r} is not known here; known are {', '.join(_ALL)}")
            if kind is not None and not isinstance(value, kind):
                raise self._refusal(f"{at}/{name}", f"`{name}` is {value!r}; expected {_KINDS[kind]}")
        for name in ("method", "path"):
            if not step.get(name):
                raise self._refusal(at, f"a step has no `{name}`")
        if not step["path"].startswith("/"):
            raise self._refusal(f"{at}/path", f"the path {step['path']!r} does not begin with a slash")
        if step["method"].upper() not in self._methods:
            methods = ", ".join(self._methods)
            raise self._refusal(f"{at}/method", f"the method {step['method']!r} is unknown; known are {methods}")
        known = {name: self._value(step.get(name, {}), f"{at}/{name}") for name in ("path_values", "query", "headers")}
        for name in EXPRESSION.findall(step["path"]):
            if not isinstance(known["path_values"], dict) or name not in known["path_values"]:
                raise self._refusal(f"{at}/path", f"`path_values` has no value for {{{name}}} of the path")
        body = self._value(step["body"], f"{at}/body") if "body" in step else NO_BODY
        if step.get("name", "") in self._earlier and step.get("name"):
            raise self._refusal(f"{at}/name", f"an earlier step is called {step['name']!r} too")
        self._earlier.append(step.get("name", ""))
        texts = {name: step.get(name, "") for name in ("name", "operation", "does")}
        return PlannedRequest(
            step["method"].upper(), step["path"], **texts, **known, body=body,
            media_type=step.get("media_type", JSON_MEDIA), is_authenticated=step.get("credentials", True),
        )  # fmt: skip

    def _value(self, value: Json, at: str) -> PlannedValue:
        if isinstance(value, list):
            return [self._value(item, f"{at}/{number}") for number, item in enumerate(value)]
        if not isinstance(value, dict):
            return value
        if "$known" in value:
            if len(value) > 1 or not isinstance(value["$known"], str):
                raise self._refusal(at, "expected {$known: NAME} and nothing beside it")
            return KnownValue(value["$known"])
        if "$unique" in value:
            if len(value) > 1 or not isinstance(value["$unique"], str):
                raise self._refusal(at, "expected {$unique: TEXT} and nothing beside it; {} in it stands for the run")
            return UniqueText(value["$unique"])
        if "$literal" in value:
            return value["$literal"]
        if "$from" in value:
            return self._reference(value, at)
        return {name: self._value(member, f"{at}/{escaped(name)}") for name, member in value.items()}

    def _reference(self, value: dict[str, Json], at: str) -> AnswerReference:
        step, pointer, header = value["$from"], value.get("$at", ""), value.get("$header", "")
        texts = isinstance(pointer, str) and isinstance(header, str) and value.get("$capitals", True) is True
        if not texts or not value.keys() <= _REFERENCE:
            forms = "{$from: STEP, $at: POINTER} or {$from: STEP, $header: NAME}"
            raise self._refusal(at, f"expected {forms}, with `$capitals: true` or not")
        if pointer and not pointer.startswith("/"):
            raise self._refusal(at, f"$at is {pointer!r}; expected a JSON pointer such as /data/id")
        earlier = step in self._earlier if isinstance(step, str) else step in range(1, len(self._earlier) + 1)
        if isinstance(step, bool) or not step or not earlier:
            raise self._refusal(at, f"$from is {step!r}, which is the number or the name of no earlier step")
        return AnswerReference(step, pointer, header, "$capitals" in value)

    def _refusal(self, pointer: str, message: str) -> Unusable:
        return Unusable(message, where=f"{self._source.name}:{self._source.line(pointer)}")


_REFERENCE: Final = frozenset({"$from", "$at", "$header", "$capitals"})
_KINDS: Final = {str: "a text", dict: "a mapping", bool: "true or false"}
