"""Selects, verifies and shows the exchanges of a world's journal."""
