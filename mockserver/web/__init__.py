"""The WSGI application. It stands in front of Flask, which serves only the control API."""
