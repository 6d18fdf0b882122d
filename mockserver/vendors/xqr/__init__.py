"""xQR: short links that can be paused, one by one or two hundred at a time, and the visits to them."""
