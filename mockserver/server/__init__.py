"""Serves a mock on a port: loads the APIs, assembles the mock and runs granian in front of it."""

from mockserver.engine.shipped import shipped
from mockserver.server.in_process import RunningMock, create_app, running
from mockserver.server.mock import Mock, create_mock, warmed, watched
from mockserver.server.port import MAX_HEAD, THREADS, free_port, live_port, serve
from mockserver.server.serve_options import Options
from mockserver.server.services import load_services

__all__ = [
    "MAX_HEAD",
    "THREADS",
    "Mock",
    "Options",
    "RunningMock",
    "create_app",
    "create_mock",
    "free_port",
    "live_port",
    "load_services",
    "running",
    "serve",
    "shipped",
    "warmed",
    "watched",
]
