"""Rules that tell near texts apart: each reads two clauses and says what separates them, or nothing."""
