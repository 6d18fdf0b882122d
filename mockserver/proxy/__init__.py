"""A proxy in front of one server: forwards every request to it, and holds both sides to a document."""
