"""An OpenAPI document becomes a fake backend that validates, remembers, answers and fails on demand.

The names below are what users build on; each is imported when it is first asked for. `docs/reference.md` has them all.
"""

__version__ = "0.1.0"

_PUBLIC = {
    "Api": "engine.api",
    "ApiOutbox": "state.outbox",
    "ApiState": "state.world",
    "Assumption": "engine.assumptions",
    "Call": "engine.call",
    "Clock": "state.clock",
    "Collection": "state.records.collection",
    "CollectionSpec": "engine.api",
    "Delay": "engine.interventions.fault",
    "DeliveryOutcome": "engine.webhooks.rules",
    "Exchange": "messages",
    "Fault": "engine.interventions.fault",
    "Guard": "engine.steps.authenticate",
    "Handler": "engine.api",
    "Headers": "messages",
    "Idempotency": "engine.steps.idempotency",
    "Json": "json_text",
    "Limit": "engine.steps.rate_limit",
    "LimitReading": "engine.call",
    "MockApi": "testing.mock_api",
    "MockApiFactory": "testing.mock_servers",
    "Month": "engine.steps.rate_limit",
    "NextAnswer": "engine.interventions.next_answer",
    "Options": "server",
    "Problem": "problem",
    "Random": "state.random_source",
    "Record": "state.records.record",
    "Request": "messages",
    "Response": "messages",
    "SlidingWindow": "engine.steps.rate_limit",
    "Stub": "engine.interventions.stub",
    "TokenBucket": "engine.steps.rate_limit",
    "Unusable": "problem",
    "Violation": "problem",
    "Webhooks": "engine.webhooks.rules",
    "Window": "engine.steps.rate_limit",
    "create_app": "server.in_process",
    "digest": "engine.webhooks.rules",
    "running": "testing.mock_api",
}

__all__ = [*_PUBLIC, "__version__"]  # noqa: PLE0604 - the names are texts


def __getattr__(name: str) -> object:
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = globals()[name] = getattr(import_module(f"{__name__}.{_PUBLIC[name]}"), name)
    return value


def __dir__() -> list[str]:
    return [*globals(), *_PUBLIC]
