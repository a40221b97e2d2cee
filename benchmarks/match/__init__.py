"""The engine against its peers, on made-up worlds: ``python -m benchmarks.match``."""
