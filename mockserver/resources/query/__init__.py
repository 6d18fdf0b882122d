"""Lists of records: filters, search, order, pages and counts."""
