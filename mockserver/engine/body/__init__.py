"""Bodies of requests and responses in every media type."""
