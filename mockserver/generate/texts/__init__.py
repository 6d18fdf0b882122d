"""Texts: realistic ones by the name of their field, and those of a format, a length or a pattern."""
