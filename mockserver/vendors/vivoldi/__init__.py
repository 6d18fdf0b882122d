"""Vivoldi: short links, the groups whose settings hold for all of their links at once, and the pages of visitors."""
