"""Plays sequences of requests against addresses, and compares what two servers answered."""
