"""Validates values against the schemas of a document, and explains what does not fit."""
