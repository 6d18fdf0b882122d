"""The HTTP/1.1 server: connections on an event loop, requests in its thread or, where they may take long, beside it."""
