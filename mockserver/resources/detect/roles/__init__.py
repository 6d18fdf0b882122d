"""Detects the role of each operation, given the collections: one module for each kind of operation."""
