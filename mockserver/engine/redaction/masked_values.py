"""Values whose secrets are masked, as examples of a recorded session have them."""

from __future__ import annotations

from mockserver.engine.redaction.secret_text import MASK
from mockserver.generate.plans.value_plan import same
from mockserver.json_text import Json


def same_but_masked(value: Json, example: Json) -> bool:
    """Whether a value is that of the example, in which any text may stand where a secret is masked."""
    if isinstance(example, str) and MASK in example:
        return isinstance(value, str)
    if isinstance(value, dict) and isinstance(example, dict):
        return value.keys() == example.keys() and all(same_but_masked(value[name], example[name]) for name in value)
    if isinstance(value, list) and isinstance(example, list):
        return len(value) == len(example) and all(map(same_but_masked, value, example))
    return same(value, example)
