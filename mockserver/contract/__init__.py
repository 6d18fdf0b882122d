"""Checks the mock and the real server against the same document. Only this package uses Schemathesis."""
