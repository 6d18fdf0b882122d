"""The steps of the pipeline: each takes a call and the state of its API, and refuses with a Problem."""
