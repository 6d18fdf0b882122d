"""The state of the mock: worlds with their collections of records, clock, random numbers and journal."""
