"""Hires: the contract, the dated follow-ups on both sides, and what comes before its end."""
