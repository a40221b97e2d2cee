"""Seats, waiting lists, presence and what was obtained."""
