"""STUB: replaced by the real control API."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockserver.engine.service import Service
from mockserver.state.world import Worlds


def create_control(services: Mapping[str, Service], worlds: Worlds, admin_token: str) -> Any:
    from flask import Flask, request
    app = Flask("mockserver")

    @app.get("/__admin/health")
    def health():
        return {"status": "ok"}

    @app.get("/__admin/requests")
    def requests():
        world = worlds[request.environ["mockserver.world"]]
        return {"requests": [{"operation": e.operation, "status": e.status, "broken": [str(v) for v in e.broken]} for e in world.journal if e.broken or request.args.get("broken") != "true"]}

    @app.get("/__admin/state/<api>/<collection>/<path:id>")
    def get(api, collection, id):
        c = worlds[request.environ["mockserver.world"]].of(api)[collection]
        return c.get(id) or c.get(int(id) if id.isdigit() else id) or ({}, 404)

    @app.put("/__admin/state/<api>/<collection>/<path:id>")
    def put(api, collection, id):
        c = worlds[request.environ["mockserver.world"]].of(api)[collection]
        return c.replace(request.get_json())
    return app
