"""Records a run of Schemathesis: its findings without secrets, its exchanges, and what it covered."""
