"""What ranks passages for a query."""
