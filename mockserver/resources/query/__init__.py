"""Answers about many records: filters, search, order, pages, counts and maps."""
