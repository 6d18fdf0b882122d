"""The row of rooms that a request walks; it speaks HTTP, and knows no framework and no vendor."""
