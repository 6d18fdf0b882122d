"""The pipeline that each request goes through; it speaks HTTP, and knows no framework and no vendor."""
