"""Schemathesis in the pytest suite of a user."""
