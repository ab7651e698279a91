"""What draws vectors as a map."""
