"""Reads one OpenAPI document safely, resolves its references once and compiles each operation."""
