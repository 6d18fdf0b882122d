"""Records as they are kept, changed and shown."""
