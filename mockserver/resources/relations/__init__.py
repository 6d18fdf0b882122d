"""References between records: foreign keys, ownership, membership, links and sums."""
