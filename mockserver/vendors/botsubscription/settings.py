"""The settings of a project: language, formats, currency, policies."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from mockserver.engine.call import Call
from mockserver.engine.owned_records import public
from mockserver.json_text import Json
from mockserver.messages import Response
from mockserver.problem import NOT_FOUND, Problem
from mockserver.state.records.record import Record
from mockserver.state.world import ApiState
from mockserver.vendors.botsubscription.envelope import UNSETTABLE, succeed

SettingCheck = Callable[[Json], bool]


def list_settings(call: Call, state: ApiState) -> Json:
    """Every setting of the project."""
    return succeed(call, public(settings_of(call, state)), message="Settings retrieved successfully")


def get_setting(call: Call, state: ApiState) -> Json:
    """One setting, as an object with this one member."""
    key, settings = call.path["key"], settings_of(call, state)
    refuse_unknown(key)
    return succeed(call, {key: settings[key]}, message="Setting retrieved successfully")


def update_setting(call: Call, state: ApiState) -> Response:
    """Stores the value of one setting."""
    key, value = call.path["key"], call.body["value"]
    refuse_unknown(key)
    if not CHECKS[key](value):
        raise Problem(422, f"Invalid value for setting: {camel(key)}", code=UNSETTABLE)
    state["settings"].update(settings_of(call, state)["_project"], {key: value})
    return Response(204)


def update_settings(call: Call, state: ApiState) -> Response:
    """Stores the settings that were sent; unknown ones are ignored, or were refused before."""
    if call.body.keys() - CHECKS.keys():
        call.assume("unknown-settings")
    known = {key: value for key, value in call.body.items() if key in CHECKS}
    state["settings"].update(settings_of(call, state)["_project"], known)
    return Response(204)


def settings_of(call: Call, state: ApiState) -> Record:
    """The project's settings; a project without has the defaults."""
    found = state["settings"].get(call.owner_id)
    return state["settings"].insert({**DEFAULTS, "_project": call.owner_id}) if found is None else found


def refuse_unknown(key: str) -> None:
    """Raises a Problem 404 where there is no such setting; the message has its name in camel case."""
    if key not in CHECKS:
        raise Problem(404, f"Setting not found: {camel(key)}", code=NOT_FOUND)


def camel(key: str) -> str:
    """`invalid_key` as `invalidKey`."""
    first, *rest = key.split("_")
    return first + "".join(word.capitalize() for word in rest)


def matching(pattern: str) -> SettingCheck:
    """The check of a text that matches the whole pattern."""
    found = re.compile(pattern)
    return lambda value: isinstance(value, str) and found.fullmatch(value) is not None


def is_switch(value: Json) -> bool:
    """Whether the value is a boolean."""
    return isinstance(value, bool)


def is_policies(value: Json) -> bool:
    """Whether the members are `terms` and `privacy`, a text or an address each, and `minimum_age`, 0 to 120."""
    if not isinstance(value, dict) or value.keys() - {"terms", "privacy", "minimum_age"}:
        return False
    documents = [value[name] for name in ("terms", "privacy") if name in value]
    age = value.get("minimum_age", 0)
    is_age = isinstance(age, int) and not isinstance(age, bool) and 0 <= age <= 120
    return is_age and all(
        isinstance(document, dict)
        and document.keys() == {"type", "value"}
        and document["type"] in ("url", "text")
        and isinstance(document["value"], str)
        for document in documents
    )


CHECKS: Mapping[str, SettingCheck] = {
    "default_language": matching(r"[a-z]{2}(-[A-Z]{2})?"),
    "timezone_preference": matching(r"[A-Za-z]+(/[A-Za-z0-9_+-]+){0,2}"),
    "date_format_preference": matching(r"[^\x00-\x1f]{1,64}"),
    "time_format_preference": matching("12h|24h"),
    "collect_email_on_subscribe": is_switch,
    "default_currency": matching("[A-Z]{3}"),
    "support_enabled": is_switch,
    "ai_enabled": is_switch,
    "policies": is_policies,
}
"""The check of each setting's value, as in SettingsUpdate; the schema cannot say it of a setting in a path."""

DEFAULTS: Mapping[str, Json] = {
    "default_language": "en",
    "timezone_preference": "UTC",
    "date_format_preference": "d MMM 'yy, HH:mm",
    "time_format_preference": "24h",
    "collect_email_on_subscribe": False,
    "default_currency": "USD",
    "support_enabled": True,
    "ai_enabled": False,
    "policies": {},
}

HANDLERS = {
    "listSettings": list_settings,
    "getSetting": get_setting,
    "updateSetting": update_setting,
    "updateSettings": update_settings,
}
