"""The operations by which a test arranges the answers of a world: faults, stubs, scenarios, next answers, delays."""
