"""Handlers for the operations that keep state."""
