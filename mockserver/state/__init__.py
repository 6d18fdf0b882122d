"""What is remembered: worlds, their collections of records, their clock, their chance, their journal."""
