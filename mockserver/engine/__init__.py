"""Serves APIs: the pipeline of steps that each request goes through. It knows no web framework and no vendor."""
