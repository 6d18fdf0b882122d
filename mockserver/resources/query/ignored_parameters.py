"""Notes on answers the query parameters that select no records although a client may expect it."""

from __future__ import annotations

from typing import Final
from urllib.parse import parse_qsl

from mockserver.engine.call import Call
from mockserver.engine.steps.parameters import LONGEST_KNOWN, MOST_KNOWN
from mockserver.resources.detect.names import named
from mockserver.resources.operations.reply import Reply
from mockserver.resources.query.list_query import ListQuery
from mockserver.resources.records.trash import asks_for_trash
from mockserver.spelling import plain, words_of

_NOTE: Final = "ignored-parameters"
_OF_ANSWERS: Final = named(
    "accept alt api apikey async callback charset client count debug depth detail details direction dry embed envelope "
    "exclude expand extend extended fields force format full idempotency include includes indent key lang language "
    "level limit locale minimal mode omit only page paging partial preview pretty projection properties quota "
    "representation request select show signature size sort style timeout timestamp timezone token total trace "
    "transactional tz user validate version view wait with"
)
"""Words of parameters that concern the answer, the caller or the processing, and select no records."""


class IgnoredParameters:
    """The parameters of one operation that select none of its records."""

    def __init__(self, reply: Reply, list_query: ListQuery, ids: str = "") -> None:
        meant = {*list_query.meanings(), ids}
        query = reply.view.query
        self.meaningless = frozenset(
            name for name in query if name not in meant and not _is_of_the_answer(name) and not asks_for_trash(name)
        )
        schemes = reply.context.spec.document.get("components", {}).get("securitySchemes", {}).values()
        self._keys = {scheme.get("name") for scheme in schemes if scheme.get("in") == "query"}
        self._declared = {name.partition("[")[0] for name in query} | self._keys
        self._name = reply.store.name
        self._good: set[str] = set()
        """Queries in which nothing is ignored."""

    def note(self, call: Call) -> None:
        """Notes the parameters that were sent and selected nothing, since nothing tells what they ask for or they are
        not declared.
        """
        if call.request.query and call.request.query not in self._good:
            sent = _sent(call)
            undeclared = [name for name in sent if name.partition("[")[0] not in self._declared]
            if undeclared:
                call.note(_NOTE, f"not declared: {' '.join(undeclared)}")
            meaningless = [name for name in sent if name in self.meaningless]
            self._say(call, meaningless)
            if not (undeclared or meaningless) and len(call.request.query) <= LONGEST_KNOWN:
                if len(self._good) >= MOST_KNOWN:
                    self._good.clear()
                self._good.add(call.request.query)

    def note_all(self, call: Call, done: str) -> None:
        """Notes the undeclared ones too, where records were changed for good."""
        sent = _sent(call)
        ignored = [name for name in sent if name.partition("[")[0] not in self._declared]
        if ignored:
            call.note(_NOTE, f"not declared and so no filter of what was {done}: {' '.join(ignored)}")
        self._say(call, [name for name in sent if name in self.meaningless])

    def _say(self, call: Call, ignored: list[str]) -> None:
        if ignored:
            call.note(_NOTE, f"nothing tells what of {self._name} is asked for by: {' '.join(ignored)}")


def _is_of_the_answer(name: str) -> bool:
    return not _OF_ANSWERS.isdisjoint((plain(name), *words_of(name)))


def _sent(call: Call) -> list[str]:
    return [*dict.fromkeys(name for name, _ in parse_qsl(call.request.query, keep_blank_values=True))]
