"""Builds the sequences of a comparison from a document: what is asked, with which values, in which order."""
