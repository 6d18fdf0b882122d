"""Detects in a document's structure which collections it has and what each operation does to them."""
