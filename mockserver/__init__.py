"""An OpenAPI document becomes a fake backend that validates, remembers, answers and fails on demand."""

__version__ = "0.1.0"
