"""The operations of the control API, a module for each of its nouns."""
