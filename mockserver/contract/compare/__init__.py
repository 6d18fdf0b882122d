"""Compares the mock with another server: generated sequences are played on both, and what differs is shrunk."""
