"""The door: WSGI in, WSGI out. It stands in front of Flask, which only serves the control API."""
