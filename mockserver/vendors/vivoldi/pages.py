"""The pages that visitors of a link see: small, whole HTML documents; what comes from a record is escaped."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from mockserver.messages import Response

HTML = (("Content-Type", "text/html; charset=utf-8"),)


def notice(status: int, reason: str) -> Response:
    """The link leads nowhere, and why."""
    title, text = NOTICES[reason]
    return page(status, title, f"<h1>{title}</h1>\n<p>{text}</p>")


NOTICES: Mapping[str, tuple[str, str]] = {
    "missing": ("There is no such link", "It was deleted, or its address was mistyped: capital letters matter."),
    "early": ("This link is not open yet", "Please come back later."),
    "late": ("This link has expired", "Its owner has set an end to it, which is past."),
    "full": ("This link is used up", "It was clicked as often as its owner allows."),
}


def stopped(status: int) -> Response:
    """The request could not be understood (400), is too long (413), or the service failed (500)."""
    status = status if status in (413, 500) else 400
    title = "This did not work"
    return page(status, title, f"<h1>{title}</h1>\n<p>The request was stopped with the status {status}.</p>")


def password_form(status: int, *, wrong: bool) -> Response:
    """The link asks for its password; after a wrong one it says so."""
    hint = '<p id="hint" role="alert">This is not the password. Please try again.</p>\n' if wrong else ""
    described = ' aria-describedby="hint" aria-invalid="true"' if wrong else ""
    body = (
        f"<h1>This link has a password</h1>\n{hint}"
        '<form method="post" enctype="application/x-www-form-urlencoded">\n'
        '<label for="pwd">Password</label>\n'
        f'<input id="pwd" name="pwd" type="password" autocomplete="off" required autofocus{described}>\n'
        '<button type="submit">Continue</button>\n'
        "</form>"
    )
    return page(status, "Password", body)


def landing(url: str) -> Response:
    """The visitor is asked to allow messages by web push; either answer leads on to the original URL."""
    target = escape(url)
    body = (
        "<h1>May this site send you messages?</h1>\n"
        "<p>Your browser will ask whether to show notifications. You go on either way.</p>\n"
        '<p><button type="button" id="allow">Allow messages</button></p>\n'
        f'<p><a id="continue" href="{target}" rel="noreferrer">Continue without messages</a></p>\n'
        "<script>\n"
        'document.getElementById("allow").addEventListener("click", function () {\n'
        '  var go = function () { location.href = document.getElementById("continue").href; };\n'
        '  if (!("Notification" in window)) { go(); } else { Notification.requestPermission().then(go, go); }\n'
        "});\n"
        "</script>"
    )
    return page(200, "Messages", body)


def preview(url: str, title: str, description: str | None, image: str | None) -> Response:
    """A page of the link's own, with what messengers show of it; browsers go on to the original URL at once."""
    target = escape(url)
    properties = {"og:title": title, "og:description": description, "og:image": image, "og:url": url}
    tags = "".join(
        f'<meta property="{name}" content="{escape(value)}">\n' for name, value in properties.items() if value
    )
    if description:
        tags += f'<meta name="description" content="{escape(description)}">\n'
    jump = f'<meta http-equiv="refresh" content="0; url={target}">\n'
    body = f'<h1>{escape(title)}</h1>\n<p><a href="{target}">Continue</a></p>'
    return page(200, escape(title), body, tags + jump)


def page(status: int, title: str, body: str, head: str = "") -> Response:
    """A whole document of these parts, which are HTML already."""
    document = (
        "<!DOCTYPE html>\n"
        '<html lang="en">\n'
        "<head>\n"
        '<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n"
        f"{head}"
        "</head>\n"
        f"<body>\n<main>\n{body}\n</main>\n</body>\n"
        "</html>\n"
    )
    return Response(status, document.encode(), HTML)
