"""Commits and contents of worlds as bytes, as they are kept outside of the process."""
