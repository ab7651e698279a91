"""What turns texts into unit vectors."""
