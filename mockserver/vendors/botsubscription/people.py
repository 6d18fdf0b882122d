"""The users of a project's bot, their memberships, and its administrators."""

from __future__ import annotations

from mockserver.engine.call import Call
from mockserver.engine.owned_records import public
from mockserver.json_text import Json
from mockserver.messages import Response
from mockserver.problem import ALREADY_EXISTS, Problem
from mockserver.state.records.record import Record
from mockserver.state.world import ApiState
from mockserver.vendors.botsubscription.envelope import OWN, page_of, succeed
from mockserver.vendors.botsubscription.permissions import PERMISSIONS

USERS_LIMIT, MEMBERSHIPS_LIMIT, ADMINS_LIMIT = 10, 20, 50

# Users


def list_users(call: Call, state: ApiState) -> Json:
    """One page of the project's users, with its limit and offset."""
    page = page_of(call, OWN.all(call, state, "users"), sort_name, USERS_LIMIT)
    where = {"limit": page.limit, "offset": page.offset}
    message = "Users retrieved successfully"
    return succeed(call, [*map(public, page.entries)], total=page.total, **where, message=message)


def search_users(call: Call, state: ApiState) -> Json:
    """One page of the users whose id or name has the text in it, in any case."""
    sought = call.query["search"].casefold()
    users = [
        user
        for user in OWN.all(call, state, "users")
        if sought in user["user_id"] or any(sought in name.casefold() for name in user["user_name"].values())
    ]
    page = page_of(call, users, sort_name, USERS_LIMIT)
    where = {"limit": page.limit, "offset": page.offset}
    message = "Users retrieved successfully"
    return succeed(call, [*map(public, page.entries)], total=page.total, **where, message=message)


def get_user(call: Call, state: ApiState) -> Json:
    """The user as an object."""
    user = OWN.one(call, state, "users", call.path["user_id"], "User")
    return succeed(call, public(user), message="User retrieved successfully")


def sort_name(person: Record) -> str:
    """The name by which a person is sorted."""
    name: str = person["user_name"].get("first_name") or person["user_id"]
    return name.casefold()


# Memberships


def list_memberships(call: Call, state: ApiState) -> Json:
    """One page of the project's memberships, or of one user's."""
    user_id = call.query.get("user_id")
    held = [
        membership for membership in OWN.all(call, state, "memberships") if user_id in (None, membership["user_id"])
    ]
    page = page_of(call, held, sort_name, MEMBERSHIPS_LIMIT)
    message = "All memberships retrieved successfully"
    return succeed(call, [*map(public, page.entries)], total=page.total, message=message)


# Admins


def list_admins(call: Call, state: ApiState) -> Json:
    """One page of the project's administrators with their permissions."""
    page = page_of(call, OWN.all(call, state, "admins"), sort_name, ADMINS_LIMIT)
    return succeed(call, [*map(public, page.entries)], total=page.total, message="Admins fetched successfully")


def list_permissions(call: Call, _state: ApiState) -> Json:
    """The names of all permissions."""
    return succeed(call, [*PERMISSIONS], total=len(PERMISSIONS), message="Permissions fetched successfully")


def get_admin(call: Call, state: ApiState) -> Json:
    """The administrator as an object."""
    admin = OWN.one(call, state, "admins", call.path["user_id"], "Admin")
    return succeed(call, public(admin), message="Admin fetched successfully")


def add_admin(call: Call, state: ApiState) -> Response:
    """Makes a user of the project an administrator with the permissions that were sent."""
    user = OWN.one(call, state, "users", call.body["user_id"], "User")
    user_id = user["user_id"]
    if user_id in state["admins"]:
        if call.assume("admin-twice") == "refuse":
            raise Problem(422, "This user is an admin already.", code=ALREADY_EXISTS)
        admin = grant(state, user_id, distinct_permissions(call))
    else:
        state["users"].update(user_id, {"is_admin": True})
        admin = state["admins"].insert(
            {
                "user_id": user_id,
                "user_name": user["user_name"],
                "permissions": distinct_permissions(call),
                "_project": call.owner_id,
            }
        )
    code = int(call.assume("added-admin"))
    return Response(code, succeed(call, public(admin), code, message="Admin added successfully"))


def update_admin(call: Call, state: ApiState) -> Json:
    """Replaces the permissions of the administrator and of the user's tokens."""
    admin = OWN.one(call, state, "admins", call.path["user_id"], "Admin")
    changed = grant(state, admin["user_id"], distinct_permissions(call))
    return succeed(call, public(changed), message="Admin updated successfully")


def grant(state: ApiState, user_id: str, permissions: list[str]) -> Record:
    """Replaces the permissions of the administrator and of every token of the user."""
    held = {"permissions": permissions}
    state["keys"].update_all([key["token"] for key in state["keys"].find("user_id", user_id)], held)
    return state["admins"].update(user_id, held)


def distinct_permissions(call: Call) -> list[str]:
    """The permissions that were sent, each of them once."""
    permissions: list[str] = call.body["permissions"]
    if not {*PERMISSIONS}.issuperset(permissions):
        call.assume("unknown-permissions")
    return [*dict.fromkeys(permissions)]


HANDLERS = {
    "listUsers": list_users,
    "searchUsers": search_users,
    "getUser": get_user,
    "listMemberships": list_memberships,
    "listAdmins": list_admins,
    "addAdmin": add_admin,
    "listPermissions": list_permissions,
    "getAdmin": get_admin,
    "updateAdmin": update_admin,
}
