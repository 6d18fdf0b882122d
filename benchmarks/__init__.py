"""How fast the mock is, beside what it could be compared with: `python -m benchmarks`."""
