"""Interventions of a test in the mock's answers: faults, stubs and next answers."""
