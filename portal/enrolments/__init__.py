"""Seats of training sessions: positioning, admission, presence, exits and what was obtained."""
