"""Suggestions for everyone: how their computation goes, started and stopped by hand."""
