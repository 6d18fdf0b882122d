"""Settles assumptions: plays the same requests on a real server and on a mock of every option, and compares."""
