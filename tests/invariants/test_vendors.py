"""Every bundled API is furnished alike: whoever knows one vendor's package finds anything in the others."""

from importlib import import_module
from pathlib import Path

import pytest

import mockserver.vendors
from mockserver.engine.api import Api
from mockserver.engine.assumptions import Assumptions
from mockserver.engine.owned_records import CallerRecords
from mockserver.engine.shipped import shipped
from mockserver.engine.steps.authenticate import Guard
from mockserver.engine.steps.rate_limit import Limit
from mockserver.engine.webhooks.rules import Webhooks
from mockserver.vendors import APIS

VENDORS = Path(mockserver.vendors.__file__).parent
ROOMS = {"__init__", "api", "envelope", "access", "webhooks"}


def test_every_folder_is_a_bundled_api():
    """And every bundled API is a folder of its own."""
    folders = {path.parent.name for path in VENDORS.glob("*/__init__.py")}

    assert folders == APIS.keys()


@pytest.mark.parametrize("name", APIS)
def test_every_vendor_has_the_same_rooms(name):
    """One level of modules, of which these are named alike everywhere, and an assumptions file beside the document."""
    folder = VENDORS / name

    assert {path.stem for path in folder.glob("*.py")} >= ROOMS
    assert [path for path in folder.rglob("*.py") if path.parent != folder] == []
    assert shipped("specs", name).is_file()
    assert shipped("specs", f"{name}.assumptions").is_file()


@pytest.mark.parametrize("name", APIS)
def test_every_room_holds_what_its_name_says(name):
    """The API, its envelope, its guard and limits, and the webhooks that it sends."""
    api, envelope, access, webhooks = (
        import_module(f"mockserver.vendors.{name}.{room}") for room in ("api", "envelope", "access", "webhooks")
    )

    assert isinstance(api.API, Api)
    assert APIS[name] is api.API
    assert (api.API.render, api.API.assumptions) == (envelope.render, envelope.ASSUMPTIONS)
    assert isinstance(envelope.ASSUMPTIONS, Assumptions)
    assert isinstance(envelope.OWN, CallerRecords)
    assert isinstance(envelope.ERRORS, dict)
    assert isinstance(access.GUARD, Guard)
    assert (api.API.guard, api.API.limits) == (access.GUARD, access.LIMITS)
    assert all(isinstance(limit, Limit) for limit in access.LIMITS)
    assert isinstance(webhooks.OUTBOUND, Webhooks)
    assert api.API.webhooks is webhooks.OUTBOUND


@pytest.mark.parametrize("name", APIS)
def test_every_operation_stands_in_the_table_of_one_noun(name):
    """The tables HANDLERS at the ends of the modules are, put together, the handlers of the API."""
    modules = [path.stem for path in (VENDORS / name).glob("*.py") if path.stem not in {"__init__", "api"}]
    tables = [getattr(import_module(f"mockserver.vendors.{name}.{module}"), "HANDLERS", {}) for module in modules]

    operations = [operation for table in tables for operation in table]

    assert sorted(operations) == sorted(APIS[name].handlers)
    assert len(operations) == len(set(operations))
