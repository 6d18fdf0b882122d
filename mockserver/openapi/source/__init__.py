"""Reads a document and the files that it refers to, within limits."""
