"""Reads and writes about people, each scoped by the acting professional."""
