"""Answers made of a document: examples, errors, negotiation, and the check of each response."""
