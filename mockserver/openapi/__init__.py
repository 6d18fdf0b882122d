"""What is promised: one OpenAPI document, read safely, resolved once, compiled per operation."""
