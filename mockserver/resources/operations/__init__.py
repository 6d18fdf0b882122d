"""Handlers that answer operations from records: read, write, bulk, actions, entries, files, logins."""
