"""Journeys through the collections of a document, as a client goes: create, read, find, change, act, delete, gone."""
