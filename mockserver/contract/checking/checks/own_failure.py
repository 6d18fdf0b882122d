"""The failures that the checks of our own report: a class each, whose code is its name in reports."""

from __future__ import annotations

from typing import ClassVar, Final

from schemathesis.core.failures import Failure, Severity


class OwnFailure(Failure):
    """A contradiction between answers. `aspect` tells failures of one check and operation apart, and `steps` are the
    ids of the requests that show it, in order, the last of which is the case's own `case_id`. `unneeded` is the id of
    the request that the check looked at, where the others show it without that one.
    """

    check: ClassVar[str] = ""
    __slots__ = ("aspect", "steps", "unneeded")

    def __init__(
        self,
        *,
        operation: str,
        message: str,
        aspect: str,
        steps: tuple[str, ...],
        title: str | None = None,
        unneeded: str = "",
    ) -> None:
        case_id = steps[-1] if steps else None
        super().__init__(operation=operation, title=title, message=message, case_id=case_id, severity=Severity.HIGH)
        self.aspect = aspect
        self.steps = steps
        self.unneeded = unneeded

    @property
    def _unique_key(self) -> str:
        return self.aspect

    def related_case_ids(self) -> tuple[str, ...]:
        """The requests before the last."""
        return self.steps[:-1]


class LostWrite(OwnFailure):
    """A record does not read as it was written."""

    code = "MS301"
    checks = ("read_your_writes",)
    kind_title = "Write is not read back"


class ListDisagrees(OwnFailure):
    """A list shows a record otherwise than the record itself."""

    code = "MS302"
    checks = ("list_and_item_agree",)
    kind_title = "List and item disagree"


class NotRepeatable(OwnFailure):
    """The same PUT or DELETE does something else the second time."""

    code = "MS303"
    checks = ("repeatable_put_and_delete",)
    kind_title = "Repeated request has another effect"


class NotReplayed(OwnFailure):
    """A request is done twice although it repeats its idempotency key."""

    code = "MS304"
    checks = ("idempotency_key_replay",)
    kind_title = "Idempotency key is not heeded"


class PartialChange(OwnFailure):
    """A refused request changed something."""

    code = "MS305"
    checks = ("no_partial_change_after_refusal",)
    kind_title = "Refused request changed something"


class PagesOverlap(OwnFailure):
    """Pages of a list repeat an item, or leave one out."""

    code = "MS306"
    checks = ("paging_covers_each_item_once",)
    kind_title = "Pages do not have each item once"


class FilterIgnored(OwnFailure):
    """A filtered list has items that do not match."""

    code = "MS307"
    checks = ("filters_return_only_matches",)
    kind_title = "Filter returns what does not match"


class ExampleDiffers(OwnFailure):
    """A documented request is not answered as the document prints."""

    code = "MS308"
    checks = ("seed_examples_answered_as_printed",)
    kind_title = "Documented example is answered otherwise"


class ConditionIgnored(OwnFailure):
    """A conditional request is answered as if it had no condition."""

    code = "MS309"
    checks = ("conditional_requests",)
    kind_title = "Condition of a request is ignored"


class ReusedId(OwnFailure):
    """A new record has the id of one that was deleted."""

    code = "MS310"
    checks = ("ids_are_not_reused",)
    kind_title = "Id of a deleted record is given again"


class MislabelledJson(OwnFailure):
    """JSON that is sent as another media type breaks the schema of the declared one."""

    code = "MS311"
    checks = ("mislabelled_json_fits_schema",)
    kind_title = "Answer of another media type violates schema"


FAILURES: Final = (
    LostWrite, ListDisagrees, NotRepeatable, NotReplayed, PartialChange, PagesOverlap, FilterIgnored, ExampleDiffers,
    ConditionIgnored, ReusedId, MislabelledJson,
)  # fmt: skip
"""Every class, by code."""
