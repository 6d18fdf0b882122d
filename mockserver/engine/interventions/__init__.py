"""What a test asks for in front of the mock: faults, answers of its own, and which requests they are for."""
