"""What writes a map into a file."""
