"""Reads a document: detects its collections and the role of each operation, without serving anything."""
