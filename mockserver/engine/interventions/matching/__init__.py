"""Decides which requests a fault, a stub or a next answer is for: request patterns, and matchers of single values."""
