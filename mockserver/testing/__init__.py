"""A mock inside a test: its records, clock, journal and faults, without HTTP."""
