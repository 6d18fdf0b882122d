"""What schemas ask of one value, combined: plans, from which values are generated."""
