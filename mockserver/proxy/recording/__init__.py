"""Records what goes through a proxy, so that a mock replays it: a document with examples, and records."""
