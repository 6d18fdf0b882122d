"""What a document's structure says about state: a plan, and the handlers that keep it."""
