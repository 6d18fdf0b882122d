"""Brings a document of any version to OpenAPI 3.1 and JSON Schema 2020-12."""
