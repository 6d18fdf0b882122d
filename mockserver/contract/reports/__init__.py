"""Reports of a check: what the run wrote down, as lines, files and tables."""
