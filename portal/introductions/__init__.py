"""Presenting people for an offer, with their agreement, to a known outcome."""
