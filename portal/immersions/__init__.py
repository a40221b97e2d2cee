"""Immersions in a firm (PMSMP): prepared, checked against the law, signed, followed, assessed."""
