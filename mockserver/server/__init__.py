"""Serves a mock on a port: loads the APIs, assembles the mock and runs an HTTP server in front of it."""

from mockserver.engine.shipped import shipped
from mockserver.server.in_process import RunningMock, create_app, running
from mockserver.server.loading.services import load_services
from mockserver.server.mock import Mock, create_mock, resumed, warmed, watched
from mockserver.server.port import Beside, Drain, free_port, listen, listen_together, live_port, port_of, serve
from mockserver.server.serve_options import Options
from mockserver.server.worker_processes import WorkerProcesses, WorkerTask

__all__ = [
    "Beside",
    "Drain",
    "Mock",
    "Options",
    "RunningMock",
    "WorkerProcesses",
    "WorkerTask",
    "create_app",
    "create_mock",
    "free_port",
    "listen",
    "listen_together",
    "live_port",
    "load_services",
    "port_of",
    "resumed",
    "running",
    "serve",
    "shipped",
    "warmed",
    "watched",
]
