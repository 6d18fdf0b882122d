"""Loads what is served: selections, files, users' code."""
