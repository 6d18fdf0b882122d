"""What ends a benchmark: a figure that would not mean what it says."""


class Failed(Exception):
    """A server did not start, or did not answer as it must; the text says which and with what."""
