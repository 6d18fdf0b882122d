"""What a probed server has beside its HTTP operations: live channels, and the control API where it is a mock."""
