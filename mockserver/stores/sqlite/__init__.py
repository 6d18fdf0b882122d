"""The store in a SQLite file: the file itself, its write-ahead log, and the commits in it."""
