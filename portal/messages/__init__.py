"""One outbox for every message, and what comes back."""
