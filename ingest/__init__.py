"""Reads files, cuts them into passages, and brings collections level with them."""
