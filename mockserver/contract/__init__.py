"""The same document checks the mock and the real server. This room alone knows Schemathesis."""
