"""Plans: the combined requirements of schemas for one value, from which it is generated."""
