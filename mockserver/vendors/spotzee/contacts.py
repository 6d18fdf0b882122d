"""Contacts: the people whom a project can reach."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from mockserver.engine.call import Call
from mockserver.engine.owned_records import public
from mockserver.json_text import Json
from mockserver.messages import Response
from mockserver.problem import NOT_FOUND, Problem
from mockserver.state.records.record import Record
from mockserver.state.world import ApiState
from mockserver.vendors.spotzee.access import ROLES
from mockserver.vendors.spotzee.envelope import ARCHIVED, OWN
from mockserver.vendors.spotzee.pages import list_page
from mockserver.vendors.spotzee.queue import Work, enqueue

SEARCHED = ("external_id", "email", "phone", "anonymous_id")


def list_contacts(call: Call, state: ApiState) -> Response:
    """One page of the project's contacts."""
    contacts = OWN.all(call, state, "users")
    if any(contact.get("_archived") for contact in contacts) and call.assume("archived-reads") == "missing":
        contacts = [contact for contact in contacts if not contact.get("_archived")]
    return list_page(call, [contact_view(call, contact) for contact in contacts], "id", SEARCHED)


def get_contact(call: Call, state: ApiState) -> Json:
    """The contact with this external id; another project's is as missing as one that never was."""
    return contact_view(call, find_contact(call, state))


def delete_contact(call: Call, state: ApiState) -> Response:
    """Deletes the contact with its states. A Problem 404 where the project has none of that name."""
    remove(call, state, [find_contact(call, state)])
    return Response(204)


def delete_contacts(call: Call, state: ApiState) -> Response:
    """Deletes each contact that is named; names that the project does not have are skipped."""
    external_ids = dict.fromkeys(call.query["user_id"])
    found = [contact for name in external_ids if (contact := contact_by(call, state, "external_id", name)) is not None]
    if len(found) < len(external_ids) and call.assume("unknown-deletions") == "missing":
        raise Problem(404, "This project does not have all of these contacts.", code=NOT_FOUND, about="user_id")
    remove(call, state, found)
    return Response(204)


def remove(call: Call, state: ApiState, contacts: Sequence[Record]) -> None:
    """Deletes all contacts, now or from the queue. A Problem 409 where one is archived and that is refused."""
    is_archived = any(contact.get("_archived") for contact in contacts)
    if is_archived and call.assume("archived-deletions") == "refuse":
        raise Problem(409, "The contact is archived.", code=ARCHIVED)
    if contacts:
        enqueue(call, state, WORKS, [contact["id"] for contact in contacts])


def delete_now(_call: Call, state: ApiState, contact_ids: list[int]) -> None:
    """Deletes those of the contacts that are still there."""
    delete_with_choices(state, state["users"].pick(contact_ids))


WORKS: Mapping[str, Work] = {"delete": delete_now}


def delete_with_choices(state: ApiState, contacts: Iterable[Record]) -> None:
    """Deletes the contacts with their states."""
    for contact in contacts:
        for chosen in state["states"].find("user_id", contact["id"]):
            state["states"].delete(chosen["_id"])
        state["users"].delete(contact["id"])


def contact_by(call: Call, state: ApiState, member: str, identity: str | None) -> Record | None:
    """The project's contact of this `external_id` or `anonymous_id`."""
    if not identity:
        return None
    project = call.owner_id
    found = (contact for contact in state["users"].find(member, identity) if contact["project_id"] == project)
    return next(found, None)


def find_contact(call: Call, state: ApiState) -> Record:
    """The contact that the path names. A Problem 404 where the project has none of that name."""
    name = call.path["userId"]
    contact = contact_by(call, state, "external_id", name)
    if contact is None or (contact.get("_archived") and call.assume("archived-reads") == "missing"):
        raise Problem(404, f"This project has no contact {name}.", code=NOT_FOUND, about="id")
    return contact


def is_unnamed(contact: Record) -> bool:
    """Whether the contact has no external id of its own: it repeats its anonymous id."""
    return bool(contact["external_id"] == contact.get("anonymous_id"))


def contact_view(call: Call, contact: Record) -> dict[str, Json]:
    """The contact as clients are shown it."""
    public_members = public(contact)
    if is_unnamed(contact) and call.assume("unnamed-contacts") == "null":
        public_members["external_id"] = None
    data = public_members.get("data", {})
    hidden = data.keys() & classified(call)
    if hidden and call.assume("classified-attributes") == "by-role":
        public_members["data"] = {name: value for name, value in data.items() if name not in hidden}
    return public_members


def classified(call: Call) -> set[str]:
    """The attributes that the project approved for higher roles than the caller's alone."""
    rank = ROLES.index(call.caller["role"])
    return {name for name, role in call.owner.get("_classified", {}).items() if ROLES.index(role) > rank}


HANDLERS = {
    "listContacts": list_contacts,
    "getContact": get_contact,
    "deleteContact": delete_contact,
    "deleteContacts": delete_contacts,
}
