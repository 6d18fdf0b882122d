"""The tools by name, each with the operation of the control API that it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class ToolOfOperation(NamedTuple):
    """The operation behind a tool. One that only `reads` changes nothing, whatever its method."""

    operation: str
    reads: bool = False


TOOLS: Mapping[str, ToolOfOperation] = {
    "list_apis": ToolOfOperation("listApis", reads=True),
    "list_operations": ToolOfOperation("listOperations", reads=True),
    "list_assumptions": ToolOfOperation("listAssumptions", reads=True),
    "list_collections": ToolOfOperation("listCollections", reads=True),
    "list_records": ToolOfOperation("listRecords", reads=True),
    "get_record": ToolOfOperation("getRecord", reads=True),
    "insert_record": ToolOfOperation("insertRecord"),
    "put_record": ToolOfOperation("putRecord"),
    "patch_record": ToolOfOperation("patchRecord"),
    "delete_record": ToolOfOperation("deleteRecord"),
    "list_worlds": ToolOfOperation("listWorlds", reads=True),
    "create_world": ToolOfOperation("createWorld"),
    "fork_world": ToolOfOperation("forkWorld"),
    "reset_world": ToolOfOperation("resetWorld"),
    "delete_world": ToolOfOperation("deleteWorld"),
    "take_snapshot": ToolOfOperation("takeSnapshot"),
    "restore_world": ToolOfOperation("restoreWorld"),
    "compare_world": ToolOfOperation("compareWorld", reads=True),
    "get_clock": ToolOfOperation("getClock", reads=True),
    "freeze_clock": ToolOfOperation("freezeClock"),
    "advance_clock": ToolOfOperation("advanceClock"),
    "reset_clock": ToolOfOperation("resetClock"),
    "list_faults": ToolOfOperation("listFaults", reads=True),
    "add_fault": ToolOfOperation("addFault"),
    "delete_faults": ToolOfOperation("deleteFaults"),
    "list_stubs": ToolOfOperation("listMappings", reads=True),
    "add_stub": ToolOfOperation("addMapping"),
    "delete_stubs": ToolOfOperation("deleteMappings"),
    "add_next_answer": ToolOfOperation("addNextAnswer"),
    "delete_next_answers": ToolOfOperation("deleteNextAnswers"),
    "list_requests": ToolOfOperation("listRequests", reads=True),
    "get_request": ToolOfOperation("getRequest", reads=True),
    "find_requests": ToolOfOperation("findRequests", reads=True),
    "count_requests": ToolOfOperation("countRequests", reads=True),
    "verify_requests": ToolOfOperation("verifyRequests", reads=True),
    "near_misses_of_request": ToolOfOperation("nearMissesOfRequest", reads=True),
    "near_misses_of_unmatched": ToolOfOperation("nearMissesOfUnmatched", reads=True),
    "replay_request": ToolOfOperation("replayRequest"),
    "list_deliveries": ToolOfOperation("listDeliveries", reads=True),
    "settle_outbox": ToolOfOperation("settleOutbox"),
}
"""Few enough for clients that take forty: what has no tool is asked for at its address below `/__admin`."""
