"""A request as a commit: what it changed in a world is logged, taken back, handed out and received."""
