"""The demonstration territory (Arras, Cambrai, Lens, Marquion), with invented people and firms."""
