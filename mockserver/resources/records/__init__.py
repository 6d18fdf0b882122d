"""Records: their ids, first records, merging of writes, storage, deletion, and projection into responses."""
