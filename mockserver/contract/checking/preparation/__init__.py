"""The document that Schemathesis reads, made of the one that is served: flat, with known ids, examples and links."""
