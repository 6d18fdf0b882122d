"""Requests that an API sends: built, put into the outbox and delivered."""
