"""Runs Schemathesis on a mock or a server, with checks of our own. Only this package uses Schemathesis."""
