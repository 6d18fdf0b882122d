"""Collections of records, found by id and by index, in the order they were inserted."""
