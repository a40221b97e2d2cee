"""The space of the person who is accompanied: one thing at a time."""
