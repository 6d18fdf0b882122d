"""A link's short URL as a QR code."""

from __future__ import annotations

from io import BytesIO

from mockserver.engine.call import Call
from mockserver.messages import Response
from mockserver.state.world import ApiState
from mockserver.vendors.xqr.envelope import OWN
from mockserver.vendors.xqr.links import own_link

MEDIA_TYPES = {"svg": "image/svg+xml", "png": "image/png"}


def get_link_qr(call: Call, state: ApiState) -> Response:
    """The image, each module of the code `size` pixels wide."""
    import segno

    query, link = call.query, own_link(call, state)
    if "template_id" in query and call.assume("unknown-template") == "missing":
        raise OWN.missing("Template", query["template_id"])
    code = segno.make(link["short_url"], micro=False, error=call.assume("qr-correction"), boost_error=False)
    image, kind = BytesIO(), query["format"]
    code.save(image, kind=kind, scale=query["size"])
    name = f'inline; filename="{link["id"][:8]}-qr.{kind}"'
    return Response(200, image.getvalue(), (("Content-Type", MEDIA_TYPES[kind]), ("Content-Disposition", name)))


HANDLERS = {"getLinkQr": get_link_qr}
