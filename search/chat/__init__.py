"""Answers questions from the notes: what is searched, what is said, what it rests on, and when to say nothing."""
