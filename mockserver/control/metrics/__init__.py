"""Numbers of a running server in Prometheus' text form: counted, collected when they are asked for, and written."""
