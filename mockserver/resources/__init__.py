"""Infers an API that remembers from an OpenAPI document: detects collections and roles, and answers from records."""
