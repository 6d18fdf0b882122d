"""References between records: seeding and refusing them, nested records and lists, links, and sums."""
