"""Runs the worlds of this process on a store: each request is one commit, and what others committed comes first."""
