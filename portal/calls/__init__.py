"""Who is to be called, by when, and what came of the call."""
