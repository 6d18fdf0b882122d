"""Checks of our own, beside those of Schemathesis: what operations of one collection say about each other."""
