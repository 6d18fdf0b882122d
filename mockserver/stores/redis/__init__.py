"""The store in Redis: its address, the way to it, its connections, its scripts, and the news of other replicas."""
