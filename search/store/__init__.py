"""What keeps passages and vectors: one owner, one truth, one index."""
