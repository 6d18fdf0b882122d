"""Caches the latest answer of a list, which is given again as long as nothing was written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from mockserver.engine.call import Call, ValidatedBody
from mockserver.json_text import Json
from mockserver.messages import Response
from mockserver.state.world import ApiState


class LatestList(NamedTuple):
    """An answer, with all that it depends on: the content of a world, the address that was asked for, and the values of
    the path and the query.
    """

    version: int
    asked: str
    text: str
    site: str
    path: Mapping[str, Json]
    query: Mapping[str, Json]
    response: Response
    proven: ValidatedBody | None

    def is_of(self, call: Call, state: ApiState) -> bool:
        """Returns whether the call gets the same answer."""
        request = call.request
        return (
            self.version == state.world.log.version
            and self.text == request.query
            and self.asked == request.asked
            and self.path == call.path
            and self.query == call.query
            and not request.body
            and self.site == request.site
        )


def latest_list(call: Call, state: ApiState, response: Response) -> LatestList:
    """Returns the answer of a call that has no body and notes nothing."""
    request = call.request
    where = (request.asked, request.query, request.site)
    return LatestList(state.world.log.version, *where, {**call.path}, {**call.query}, response, call.proven)
